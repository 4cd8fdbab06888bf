"""Published series nobody here wrote, in the shape of our own tables, so that the same functions can be tried on
them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from baoxue import rates
from baoxue.briefs.trends import ChecksFailed
from baoxue.codes import Stage
from baoxue.rates.cube import TOTAL
from baoxue.rates.intervals import HIGHER, LOWER, with_rate
from baoxue.rates.outlook import FEWEST
from baoxue.rates.patterns import standing_out
from baoxue.rates.policy import indicators
from baoxue.store import Known
from baoxue.words import say

COLOMBIA = "colombia_men/MEN_estadisticas.csv"
DOMINICAN = "dominican_rd/indicadores_educativos_ancho.csv"
SOGAMOSO = "sogamoso_published/aggregates.csv"
CHINA = "china_stats/china_stats.csv"
FILES = (COLOMBIA, DOMINICAN, SOGAMOSO, CHINA)

SOGAMOSO_PUPILS = 30_000
"""Pupils a year in the published county: "about 30,000" is all that its source says."""

LEVELS = {"abandono_primario": Stage.PRIMARY.value, "abandono_secundario": Stage.JUNIOR.value}


@dataclass(frozen=True)
class Elsewhere:
    """A folder of published series, and the county shown instead where one of them is not there."""

    folder: Path
    known: Known

    def has(self, file: str) -> bool:
        """Whether a series is there."""
        return (self.folder / file).is_file()


def sources(elsewhere: Elsewhere, lang: str = "zh") -> str:
    """Which series are read and which are not there, as markdown; what is shown instead is said."""
    lines = []
    for file in FILES:
        key = "elsewhere.read" if elsewhere.has(file) else "elsewhere.missing"
        lines.append("- " + say(key, lang, name=say(f"elsewhere.source_{Path(file).parent.name}", lang)))
    return "\n".join(lines)


def areas(elsewhere: Elsewhere) -> pd.DataFrame:
    """Areas by year: `school_year, unit, population, dropouts`; Colombia's departments, else our townships.

    Colombia publishes rates: pupils are the population of 5 to 16 times its enrolment rate, dropouts the dropout rate
    of those, rounded. They are near counts, not counts.
    """
    if not elsewhere.has(COLOMBIA):
        rows = rates.dropout_rate_on_registry(elsewhere.known, by=("township_code",))
        rows = rows[(rows["township_code"] != TOTAL) & rows["is_complete"]].rename(columns={"township_code": "unit"})
        return rows[["school_year", "unit", "population", "dropouts"]].reset_index(drop=True)
    table = pd.read_csv(elsewhere.folder / COLOMBIA, dtype=str)
    pupils = _number(table["POBLACIÓN_5_16"]) * _number(table["TASA_MATRICULACIÓN_5_16"]) / 100
    dropouts = pupils * _number(table["DESERCIÓN"]) / 100
    frame = pd.DataFrame(
        {
            "school_year": table["AÑO"].astype(int),
            "unit": table["CÓDIGO_DEPARTAMENTO"].str.zfill(2),
            "population": pupils,
            "dropouts": dropouts,
        }
    )
    whole = frame.dropna().assign(**{name: lambda f, n=name: f[n].round().astype(int) for name in _COUNTS})
    return whole.sort_values(["unit", "school_year"], ignore_index=True)


def against_the_whole(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """`areas` of one year in the shape of `rates.places_standing_out`: expected at the rate of all areas together."""
    rows = table[table["school_year"] == year]
    rate = rows["dropouts"].sum() / rows["population"].sum()
    return standing_out(rows.assign(expected=rows["population"] * rate), "unit")


def taken_apart(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """The change of the whole rate from the year before, as composition of areas plus their rates: the row 合计."""
    now, before = (table[table["school_year"] == when].set_index("unit") for when in (year, year - 1))
    counts = now[["population", "dropouts"]].join(before[["population", "dropouts"]].add_suffix("_before"), how="inner")
    whole = rates.decomposed(counts).loc[[TOTAL]].assign(school_year=year)
    return whole[["school_year", "change_points", "composition_points", "rate_points", "verdict"]]


def back_tested(table: pd.DataFrame) -> pd.DataFrame:
    """Every area's next year predicted from its earlier years only (`rates.back_test`)."""
    series = table.rename(columns={"school_year": "period", "dropouts": "count", "population": "exposure"})
    return rates.back_test(series.assign(season=1).sort_values("period", kind="stable"))


def one_county(elsewhere: Elsewhere) -> pd.DataFrame:
    """One county by year with its rate and interval: Sogamoso's official rate of about 30,000 pupils, else ours."""
    if elsewhere.has(SOGAMOSO):
        table = pd.read_csv(elsewhere.folder / SOGAMOSO)
        dropouts = table["official_dropout_pct_ESTADO_SIMPLE"] * SOGAMOSO_PUPILS / 100
        frame = pd.DataFrame({"school_year": table["year"], "stage": TOTAL, "population": SOGAMOSO_PUPILS})
        return with_rate(frame.assign(dropouts=dropouts.round().astype(int)), "dropouts", "population")
    rows = rates.dropout_rate_on_registry(elsewhere.known)
    rows = rows[(rows["stage"] == TOTAL) & rows["is_complete"]]
    columns = ["school_year", "stage", "population", "dropouts", "rate_pct", "low_pct", "high_pct"]
    return rows[columns].reset_index(drop=True)


def districts(elsewhere: Elsewhere) -> pd.DataFrame:
    """Published rates without counts: by year and level the spread over districts, and how far one year tells the
    next.

    `school_year, stage, units, low_quarter_pct, median_pct, high_quarter_pct, rank_correlation` (Spearman, with the
    year before). Rates without their pupils have no interval, so none is claimed. Dominican districts, else our
    townships of both stages.
    """
    table = _dominican(elsewhere) if elsewhere.has(DOMINICAN) else _townships(elsewhere.known)
    wide = table.pivot_table(index=["stage", "unit"], columns="school_year", values="rate_pct")
    rows = []
    for stage in [stage.value for stage in Stage]:
        part = wide.loc[stage]
        for year in map(int, part.columns):
            quarters = np.nanquantile(part[year].to_numpy(), [0.25, 0.5, 0.75])
            before = part[year].corr(part[year - 1], method="spearman") if year - 1 in part else np.nan
            rows.append((year, stage, int(part[year].notna().sum()), *quarters, before))
    columns = ["school_year", "stage", "units", "low_quarter_pct", "median_pct", "high_quarter_pct"]
    return pd.DataFrame(rows, columns=[*columns, "rank_correlation"])


def standing_told(places: pd.DataFrame, lang: str = "zh") -> str:
    """How many areas stand out, and how far half of them lie from the whole."""
    low, high = places["ratio"].quantile([0.25, 0.75])
    out = int(places["verdict"].isin([HIGHER, LOWER]).sum())
    return say("elsewhere.standing_out", lang, places=len(places), out=out, low=low, high=high)


def back_test_told(tested: pd.DataFrame, lang: str = "zh") -> str:
    """How often the prediction intervals held, with the interval of that share."""
    return say("elsewhere.back_test", lang, level=indicators().confidence_pct, **rates.coverage(tested))


def checked(places: pd.DataFrame, parts: pd.DataFrame, county: pd.DataFrame, tested: pd.DataFrame, lang: str) -> str:
    """One line a check with its result. Raises ChecksFailed naming those that do not hold."""
    gap = parts["composition_points"] + parts["rate_points"] - parts["change_points"]
    results = {
        "check_parts": bool((gap.abs() < 1e-9).all()),
        "check_expected": bool(np.isclose(places["expected"].sum(), places["dropouts"].sum())),
        "check_interval": bool(county["rate_pct"].between(county["low_pct"], county["high_pct"]).all()),
        "check_forward": bool((tested["terms"] >= FEWEST).all()),
    }
    failed = [say(f"elsewhere.{name}", lang) for name, holds in results.items() if not holds]
    if failed:
        raise ChecksFailed("; ".join(failed))
    return "\n".join(say("trends.check_holds", lang, check=say(f"elsewhere.{name}", lang)) for name in results)


def nation(elsewhere: Elsewhere) -> pd.DataFrame:
    """Sourced national figures of retention and of the two groups: `indicator, year, value, unit, grade`.

    The two definitions of 留守 are two indicators and stay so. Graded A (official original) to D. No rows without the
    file: the demo county has no nation.
    """
    columns = ["indicator", "year", "value", "unit", "grade"]
    if not elsewhere.has(CHINA):
        return pd.DataFrame(columns=columns)
    table = pd.read_csv(elsewhere.folder / CHINA)
    rows = table[table["indicator"].isin(list(NATIONAL)) & (table["geography"] == "China")]
    order = {name: place for place, name in enumerate(NATIONAL)}
    rows = rows.sort_values(["indicator", "year"], key=lambda c: c.map(order) if c.name == "indicator" else c)
    return rows[columns].reset_index(drop=True)


NATIONAL = (
    "consolidation_rate_9yr", "migrant_children_compulsory", "left_behind_compulsory_MOE_definition",
    "left_behind_MCA_definition",
)  # fmt: skip
_COUNTS = ("population", "dropouts")


def _dominican(elsewhere: Elsewhere) -> pd.DataFrame:
    table = pd.read_csv(elsewhere.folder / DOMINICAN)
    table = table[table["tipo"] == "distrito"].rename(columns=LEVELS)
    long = table.melt(
        id_vars=["regional_distrito", "año_lectivo"], value_vars=list(LEVELS.values()), var_name="stage",
        value_name="rate_pct",
    )  # fmt: skip
    year = long["año_lectivo"].str[:4].astype(int)
    return long.assign(school_year=year, unit=long["regional_distrito"])


def _townships(known: Known) -> pd.DataFrame:
    rows = rates.dropout_rate_on_registry(known, by=("township_code", "stage"))
    return rows[rows["township_code"] != TOTAL].rename(columns={"township_code": "unit"})


def _number(column: pd.Series) -> pd.Series:
    """Numbers written with a per cent sign or commas between thousands."""
    return pd.to_numeric(column.str.replace(r"[%,\s]", "", regex=True), errors="coerce")
