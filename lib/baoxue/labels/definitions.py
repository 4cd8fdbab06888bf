"""What counts as having left: three definitions, each a table of episodes with a first day and a day of return.

`confirmed`: a leaving concluded as 辍学. `long_absence`: so many unexcused school days in a row. `not_back`: not in
class in the term that starts next. A model learns from the first; the others show how much hangs on the definition.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pandas as pd

from baoxue import features
from baoxue.cases.leavings import leavings
from baoxue.codes import Absence
from baoxue.features.attendance import dated, pupil_days, runs
from baoxue.panel import school_days

if TYPE_CHECKING:
    from baoxue.store import Known

EPISODES = ibis.schema({"pupil": "string", "left_on": "date", "returned_on": "date"})
LOOK_BACK_DAYS = 90
"""A run that was under way on the as-of date is looked for so many days before it."""


def confirmed(then: Known, later: Known, end: dt.date) -> ir.Table:
    """Leavings concluded as 辍学, known to `later`: `pupil, left_on, returned_on`."""
    return leavings(later).select("pupil", "left_on", "returned_on")


def long_absences(then: Known, later: Known, end: dt.date) -> ir.Table:
    """Runs of `long_absence_school_days` or more whole unexcused days: the first day and the day after the last.

    None while no school day lies in the horizon.
    """
    days = school_days(later)
    days = days[days >= pd.Timestamp(then.as_of) - pd.Timedelta(days=LOOK_BACK_DAYS)]
    if days.empty:
        return _nobody()
    least = features.visits().long_absence_school_days
    found = runs(pupil_days(later, dated(later, days), _often_absent(later, days[0], least)), "unexcused")
    long = found.filter(found.days >= least)
    back = ibis.ifelse(long.is_open, ibis.null("date"), long.ends_on + ibis.interval(days=1))
    return long.select("pupil", left_on="starts_on", returned_on=back)


def not_back(then: Known, later: Known, end: dt.date) -> ir.Table:
    """Pupils of the registry on no class roster of the term that starts next within the horizon; gone on its first day.

    Where no roster was handed in since, the registry snapshots since take their place; where there is none either, or
    no term starts within the horizon, nobody can be told and the table is empty. A lawful way out takes precedence
    (`labels.left_within`).
    """
    terms = later.table("terms").filter((ibis._.starts_on > then.as_of) & (ibis._.starts_on <= end))
    starts_on = terms.starts_on.min().execute()
    if pd.isna(starts_on):
        return _nobody()
    start = pd.Timestamp(starts_on).date()
    seen = _since(later, "rosters", start, end)
    seen = seen if len(seen) else _since(later, "enrolments", start, end)
    if not len(seen):
        return _nobody()
    pupils = features.registry(then).select("pupil").to_pandas()["pupil"]
    missing = pupils[~pupils.isin(seen)]
    return ibis.memtable(pd.DataFrame({"pupil": missing, "left_on": start, "returned_on": None}), schema=EPISODES)


def _often_absent(later: Known, first: pd.Timestamp, least: int) -> ir.Table:
    """Pupils with unexcused absence on so many days since `first`: only they can have so long a run."""
    absences = later.table("absences")
    rows = absences.filter((absences.date >= first.date()) & (absences.absence == Absence.UNEXCUSED))
    counted = rows.group_by("pupil").aggregate(days=rows.date.nunique())
    return counted.filter(counted.days >= least).select("pupil")


def _since(later: Known, table: str, start: dt.date, end: dt.date) -> pd.Series:
    rows = later.table(table)
    within = rows.filter((rows.snapshot_on >= start) & (rows.snapshot_on <= end))
    return within.select("pupil").distinct().to_pandas()["pupil"]


def _nobody() -> ir.Table:
    return ibis.memtable(pd.DataFrame(columns=list(EPISODES)), schema=EPISODES)


CONCLUDED = ("confirmed",)
"""Definitions by which somebody has looked and concluded; the others are what the records look like."""

DEFINITIONS: dict[str, Callable[[Known, Known, dt.date], ir.Table]] = {
    "confirmed": confirmed,
    "long_absence": long_absences,
    "not_back": not_back,
}
