"""The tables of the trends beyond the stages: by unit, by group, month against month, what went where; and their
files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from baoxue import disclosure, policy, rates
from baoxue.briefs.trends import BACK_WITHIN, heads, shown
from baoxue.rates.attendance import UNITS
from baoxue.rates.cube import TOTAL, in_order
from baoxue.rates.groups import PARENT_IN_PRISON
from baoxue.store import Known
from baoxue.words import label, say

SHOWN_UNITS = tuple(unit for unit in UNITS if unit not in {"stage", "school_code"})
"""What the report tells rates by; single schools are told of nowhere, so that nobody reads them as a ranking."""

PUBLIC_UNITS = tuple(unit for unit in SHOWN_UNITS if unit not in {"zone", "township_code"})
"""What the public tables are by, a file each; places have one table of their own (`_places`)."""

_RATES = ["population", "dropouts", "returned", "rate_pct", "low_pct", "high_pct"]


def by_units(known: Known, year: int, units: tuple[str, ...] = SHOWN_UNITS) -> pd.DataFrame:
    """The dropout rate of one school year by every unit, one kind below the other: `unit_kind, unit` and the rate.

    合计 of each kind is left out: it is the same everywhere, but for children whose unit nobody entered.
    """
    parts = []
    for unit in units:
        rows = rates.dropout_rate_on_registry(known, by=(unit,))
        rows = rows[(rows["school_year"] == year) & (rows[unit] != TOTAL)]
        parts.append(rows.rename(columns={unit: "unit"}).assign(unit_kind=unit)[["unit_kind", "unit", *_RATES]])
    return pd.concat(parts, ignore_index=True).rename(columns=BACK_WITHIN)


def units_shown(rows: pd.DataFrame, names: Mapping[str, str], lang: str = "zh") -> pd.DataFrame:
    """`by_units` for its reader; `names`: township code -> name."""
    kinds = [say(f"trends.unit_{kind}", lang) for kind in rows["unit_kind"]]
    told = [unit_name(unit, kind, names, lang) for unit, kind in zip(rows["unit"], rows["unit_kind"], strict=True)]
    return shown(rows.assign(unit_kind=kinds, unit=told), lang)


def unit_name(unit: str, kind: str, names: Mapping[str, str], lang: str = "zh") -> str:
    """A unit in the reader's words: a township by name, a grade as 7年级, an official word by its term."""
    if kind == "grade" and unit != TOTAL:
        return say("charts.grade", lang, grade=unit)
    return names.get(unit, label(unit, lang))


def months_shown(flows: pd.DataFrame, lang: str = "zh", last: int = 12) -> pd.DataFrame:
    """Newly confirmed dropouts of the last months, all stages together, against the month and the year before.

    `flows`: `rates.cases_by_period(known, "month")`.
    """
    total = flows[flows["stage"] == TOTAL]
    changes = rates.month_changes(total).rename(columns={"count": "confirmed"})
    columns = ["period", "confirmed", "before", "before_verdict", "year_ago", "year_verdict"]
    beside = total.set_index("period")[["suspected", "suspected_open", "returned", "balance"]]
    told = changes[columns].join(beside, on="period")
    order = ["period", "suspected", "suspected_open", *columns[1:], "returned", "balance"]
    return shown(told[order].tail(last), lang)


def groups_of(known: Known, year: int) -> pd.DataFrame:
    """`rates.dropout_rate_in_groups` of one school year; 服刑人员未成年子女 are for the case office alone."""
    rows = rates.dropout_rate_in_groups(known)
    return rows[(rows["school_year"] == year) & (rows["group"] != PARENT_IN_PRISON)].reset_index(drop=True)


def overlaps_shown(known: Known, year: int, lang: str = "zh") -> pd.DataFrame:
    """Pairs of the groups of `groups_of` that share at least one pupil in a school year: pupils in both, who left."""
    rows = rates.overlaps(known)
    told = (rows[["group", "with_group"]] != PARENT_IN_PRISON).all(axis=1)
    rows = rows[told & (rows["school_year"] == year) & (rows["population"] > 0)]
    return shown(rows[["group", "with_group", "population", "dropouts", "returned"]].rename(columns=BACK_WITHIN), lang)


def write_units(out: str, known: Known, lang: str = "zh") -> list[str]:
    """Public tables of the dropout rate by each of `PUBLIC_UNITS` and by place (T0), and by school for the bureau (T3).

    Small counts are hidden in each table; at the end of a run in all public tables together. Zones and townships are
    one table, because everybody knows which township is of which zone. Gives the names of the files under `out`; an
    empty `out` writes nothing.
    """
    if not out:
        return []
    folder = policy.path(out) / "tables"
    names = [_write_unit(folder, rates.dropout_rate_on_registry(known, by=(u,)), (u,), lang) for u in PUBLIC_UNITS]
    names.append(_write_unit(folder, _places(known), ("zone", "township_code"), lang))
    schools = rates.dropout_rate_on_registry(known, by=("school_code",))
    schools = schools[["school_year", "school_code", "population", "dropouts", "returned"]].rename(columns=BACK_WITHIN)
    disclosure.write_table(
        schools, folder / "trends_by_school_T3.csv", tier="T3", headings=heads(schools, lang),
        title=say("trends.title_units", lang, unit=say("trends.unit_school_code", lang)),
    )  # fmt: skip
    return [*names, "tables/trends_by_school_T3.csv"]


def _places(known: Known) -> pd.DataFrame:
    """The rate of the county, of each zone (its townships 合计) and of each township within its zone."""
    townships = rates.dropout_rate_on_registry(known, by=("zone", "township_code"))
    zones = rates.dropout_rate_on_registry(known, by=("zone",)).assign(township_code=TOTAL)
    return pd.concat([zones, townships[townships["zone"] != TOTAL]], ignore_index=True)


def _write_unit(folder: Path, rows: pd.DataFrame, units: tuple[str, ...], lang: str) -> str:
    rows = in_order(rows[["school_year", *units, "population", "dropouts", "rate_pct"]], ["school_year", *units])
    short = units[0].removesuffix("_band")
    name = f"trends_by_{'place' if len(units) > 1 else short}.csv"
    told = say("charts.and_between", lang).join(say(f"trends.unit_{unit}", lang) for unit in units)
    disclosure.write_table(
        rows.round({"rate_pct": 4}), folder / name, tier="T0", counts={"dropouts": ["rate_pct", "population"]},
        plain=["school_year"], totals=dict.fromkeys(units, TOTAL),
        headings=heads(rows, lang) | {unit: say(f"trends.unit_{unit}", lang) for unit in units},
        title=say("trends.title_units", lang, unit=told),
    )  # fmt: skip
    return f"tables/{name}"
