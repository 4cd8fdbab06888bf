"""The day on which the latest row behind each feature became known, so that a look into the future can be caught."""

from __future__ import annotations

import datetime as dt
from itertools import chain
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.features.table import BY_NAME

if TYPE_CHECKING:
    from baoxue.store import Known

_ROLLS = ("enrolments", "rolls", "absences")
_LEAVINGS = ("enrolments", "cases", "changes")
READ = {
    "mark_place_pct": ("enrolments", "marks"),
    "mark_change_points": ("enrolments", "marks"),
    "missed_exams_pct": ("enrolments", "marks"),
    "moves": ("enrolments", "changes"),
    "suspensions": ("changes",),
    "left_before": _LEAVINGS,
    "school_leaving_ratio": _LEAVINGS,
    "aid_unpaid": ("enrolments", "aid", "low_income"),
} | dict.fromkeys(
    ("over_age_years", "age_years", "daily_way_km", "is_boarding", "contact_missing", "grade"), ("enrolments",)
)
"""The tables about children that a feature is read from; attendance (`_ROLLS`) where nothing else is said."""


def clock(known: Known) -> dict[str, dt.date]:
    """For each feature of `TABLE` the latest day on which a row it is read from became known, as `known` has it.

    A feature whose tables are all empty is left out. `risk.leaks.check_clock` refuses a day after the as-of date.
    """
    days = _latest(known, sorted({*_ROLLS, *chain(*READ.values())}))
    read = {name: [days[table] for table in READ.get(name, _ROLLS) if table in days] for name in BY_NAME}
    return {name: max(found) for name, found in read.items() if found}


def _latest(known: Known, tables: list[str]) -> dict[str, dt.date]:
    parts = [known.table(name).aggregate(day=ibis._.known_on.max()).mutate(table=ibis.literal(name)) for name in tables]
    found = ibis.union(*parts).to_pandas().dropna(subset=["day"])
    return {str(row.table): pd.Timestamp(row.day).date() for row in found.itertuples()}
