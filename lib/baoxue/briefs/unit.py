"""One page for one place: a township, a zone or a school, beside its county."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from baoxue import rates
from baoxue.briefs.trends import BACK_WITHIN, ChecksFailed, shown
from baoxue.charts import dates
from baoxue.rates.cube import TOTAL
from baoxue.rates.intervals import CANNOT_TELL, compare
from baoxue.rates.policy import indicators
from baoxue.store import Known
from baoxue.words import label, say

Kind = Literal["township", "zone", "school"]
COLUMNS: dict[str, str] = {"township": "township_code", "zone": "zone", "school": "school_code"}


class UnknownUnit(ValueError):
    """A kind or a code of a place that the county does not have, with the nearest one it has."""


@dataclass(frozen=True)
class Unit:
    """A place as of a day: its kind, code and name."""

    known: Known
    kind: str
    code: str
    name: str
    lang: str = "zh"

    @property
    def column(self) -> str:
        """The column of `openings` that says who belongs to it."""
        return COLUMNS[self.kind]


def opened(known: Known, kind: str, code: str, places: Mapping[str, str], lang: str = "zh") -> Unit:
    """The place of that kind and code. Raises UnknownUnit, naming the nearest, if the list of schools has none.

    `places`: township code or zone -> name; a school's name is on the list of schools.
    """
    if kind not in COLUMNS:
        raise UnknownUnit(f"kind is one of {', '.join(COLUMNS)}, not {kind!r}")
    schools = known.table("schools").select("school_code", "school_name", "township_code", "zone").to_pandas()
    names = dict(zip(schools["school_code"], schools["school_name"], strict=True)) if kind == "school" else places
    codes = sorted(schools[COLUMNS[kind]].dropna().unique())
    if code not in codes:
        near = difflib.get_close_matches(code, codes, 1)
        raise UnknownUnit(f"no {kind} {code!r} in the list of schools" + (f"; do you mean {near[0]}?" if near else ""))
    return Unit(known, kind, code, names.get(code, code), lang)


def headline(unit: Unit) -> str:
    """How the place stands this school year, in one or two sentences."""
    flows = _own(rates.cases_by_period(unit.known, "year", (unit.column,)), unit)
    year = rates_by_year(unit).iloc[-1]
    named = {"name": unit.name, "date": dates.day(unit.known.as_of, unit.lang)}
    counts = {"population": int(year["population"]), "year": dates.school_year(year["school_year"], unit.lang)}
    last = flows.iloc[-1] if len(flows) else {"confirmed": 0, "returned": 0, "balance": 0, "suspected_open": 0}
    told = {name: int(last[name]) for name in ("confirmed", "returned", "balance", "suspected_open")}
    return say("unit.headline", unit.lang, **named, **counts, **told)


def months(unit: Unit) -> pd.DataFrame:
    """The place's flows month by month, as `charts.monthly_strip` draws them (its one unit is 合计)."""
    flows = rates.cases_by_period(unit.known, "month", (unit.column,))
    own = _own(flows, unit).drop(columns=[unit.column])
    every = flows[flows[unit.column] == TOTAL].drop(columns=[unit.column])
    numbers = [str(name) for name in every.columns if name not in {"period", "until", "is_complete"}]
    # a month in which the place had nothing is a zero, also where it never had anything
    laid = own if len(own) else every.assign(**dict.fromkeys(numbers, 0))
    return laid.assign(stage=TOTAL).reset_index(drop=True)


def rates_by_year(unit: Unit) -> pd.DataFrame:
    """The dropout rate of the place per school year beside the rest of the county, with the verdict of `compare`.

    `county_rate_pct` is the county's; `verdict` sets the place against the pupils outside it, exactly.
    """
    rows = rates.dropout_rate_on_registry(unit.known, by=(unit.column,))
    own = _own(rows, unit)
    county = rows[rows[unit.column] == TOTAL].set_index("school_year")
    beside = own.join(county[["population", "dropouts", "rate_pct"]].add_suffix("_county"), on="school_year")
    rest = beside["dropouts_county"] - beside["dropouts"], beside["population_county"] - beside["population"]
    pairs = zip(beside["dropouts"], beside["population"], *rest, strict=True)
    verdict = [compare(*pair).verdict for pair in pairs]
    columns = ["school_year", "population", "dropouts", "returned", "rate_pct", "low_pct", "high_pct"]
    told = beside[columns].assign(county_rate_pct=beside["rate_pct_county"], verdict=verdict)
    return told.assign(is_complete=beside["is_complete"]).rename(columns=BACK_WITHIN).reset_index(drop=True)


def what_can_be_told(unit: Unit) -> str:
    """What a place of its size can show: the number expected at the county's rates, the power, the verdict."""
    places = rates.places_standing_out(unit.known, unit.column)
    row = places[places[unit.column] == unit.code]
    if row.empty:
        return say("unit.nothing_expected", unit.lang, name=unit.name)
    told = row.iloc[0]
    numbers = {name: float(told[name]) for name in ("expected", "low", "high", "power_pct")}
    key = "unit.cannot_tell" if told["verdict"] == CANNOT_TELL else "unit.can_tell"
    return say(
        key, unit.lang, name=unit.name, dropouts=int(told["dropouts"]), verdict=label(told["verdict"], unit.lang),
        ratio=indicators().ratio_to_detect, **numbers,
    )  # fmt: skip


def attendance(unit: Unit, last: int = 12) -> pd.DataFrame:
    """Unexcused days per 1000 pupil-days in the last months, of the place and of the county."""
    rows = rates.attendance_by_month(unit.known, unit.column)
    county = rows[rows[unit.column] == TOTAL].set_index("month")["unexcused_per_1000"]
    own = _own(rows, unit).assign(county_per_1000=lambda table: table["month"].map(county))
    columns = ["month", "pupils", "pupil_days", "unexcused_days", "unexcused_per_1000", "county_per_1000"]
    return own[columns].tail(last).rename(columns={"month": "period"}).reset_index(drop=True)


def groups(unit: Unit) -> pd.DataFrame:
    """The monitored groups of the place in the last school year: pupils, dropouts, of them back within it. No rate, no
    comparison: the numbers are too small. 服刑人员未成年子女 is told of no place."""
    rows = _own(rates.dropout_rate_in_groups(unit.known, (unit.column,)), unit)
    rows = rows[rows["school_year"] == rows["school_year"].max()]
    return rows[["group", "population", "dropouts", "returned"]].rename(columns=BACK_WITHIN).reset_index(drop=True)


def retention(unit: Unit) -> pd.DataFrame:
    """年巩固率 of the place (`rates.year_retention_on_registry`)."""
    rows = _own(rates.year_retention_on_registry(unit.known, (unit.column,)), unit)
    return rows.drop(columns=[unit.column, "base", "raw_pct"]).reset_index(drop=True)


def checked(unit: Unit) -> str:
    """One line a check with its result. Raises ChecksFailed naming those that do not hold."""
    flows, yearly, kept = months(unit), rates_by_year(unit), retention(unit)
    ended = flows["opening"] + flows["confirmed"] - flows["returned"] - flows["closed_otherwise"]
    county = rates.dropout_rate_on_registry(unit.known, by=())
    inside = yearly.merge(county, on="school_year", suffixes=("", "_county"))
    lost = kept[["suspended", "dropped_out", "unconfirmed", "unexplained"]].sum(axis=1)
    results = {
        "trends.check_balance": bool((ended == flows["balance"]).all()),
        "unit.check_inside": bool((inside["dropouts"] <= inside["dropouts_county"]).all()),
        "trends.check_retention": bool(
            (kept["start"] + kept["joined"] - kept["moved_out"] - lost == kept["end"]).all()
        ),
    }  # fmt: skip
    failed = [say(key, unit.lang) for key, holds in results.items() if not holds]
    if failed:
        raise ChecksFailed("; ".join(failed))
    return "\n".join(say("trends.check_holds", unit.lang, check=say(key, unit.lang)) for key in results)


def table(frame: pd.DataFrame, unit: Unit) -> pd.DataFrame:
    """A table of this page with official heads (`trends.shown`)."""
    return shown(frame, unit.lang)


def _own(rows: pd.DataFrame, unit: Unit) -> pd.DataFrame:
    return rows[rows[unit.column] == unit.code].reset_index(drop=True)
