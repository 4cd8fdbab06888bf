"""The day on which the latest row behind each feature became known, so that a look into the future can be caught."""

from __future__ import annotations

import datetime as dt
from itertools import chain
from typing import TYPE_CHECKING

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
    days = {table: _latest(known, table) for table in sorted({*_ROLLS, *chain(*READ.values())})}
    read = {name: [day for table in READ.get(name, _ROLLS) if (day := days[table])] for name in BY_NAME}
    return {name: max(found) for name, found in read.items() if found}


def _latest(known: Known, table: str) -> dt.date | None:
    day = known.table(table).known_on.max().execute()
    return None if pd.isna(day) else pd.Timestamp(day).date()
