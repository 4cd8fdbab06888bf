"""Attendance before a day: absence by kind over two windows of school days, its change and its runs.

A day is *seen* for a pupil if the class's roll was taken or an absence of the pupil is written down. A day without a
roll is neither attended nor missed. Attendance is read up to the day before the as-of date, because an absence becomes
known on the day after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pandas as pd

from baoxue.codes import Absence, Session
from baoxue.features.pupils import on_snapshots
from baoxue.features.settings import visits
from baoxue.panel import school_days, snapshots
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known

_CLASS = ["school_code", "grade", "class"]
_DAYS = ibis.schema({"date": "date", "back": "int64", "snapshot_on": "date"})


def attendance(known: Known) -> ir.Table:
    """A row per pupil with a class in the far window: `pupil` and the attendance features of `TABLE`.

    Shares are of 100 days seen, empty where none was seen. Late and early are times per 100 days seen. The change is
    the near window's share of days absent (any kind) minus that of the rest of the far window, in points. Runs count
    whole days in a row among the days seen: the longest unexcused one, and the one of any kind that still goes on.
    """
    far = visits().long_school_days
    days = kept(known, "features_pupil_days", lambda: pupil_days(known, window(known, far)))
    unexcused = runs(days, "unexcused").group_by("pupil").aggregate(longest=ibis._.days.max())
    open_now = runs(days, "absent").filter(ibis._.is_open).select("pupil", current="days")
    rows = _counted(days).left_join(unexcused, "pupil").drop("pupil_right")
    return _shares(rows.left_join(open_now, "pupil").drop("pupil_right"))


def window(known: Known, length: int) -> ir.Table:
    """The last school days before the as-of date, as `dated` gives them."""
    days = school_days(known)
    return dated(known, days[days < pd.Timestamp(known.as_of)][-length:])


def dated(known: Known, days: pd.DatetimeIndex) -> ir.Table:
    """School days: `date`, `back` (0 is the last), `snapshot_on` (the registry snapshot that holds on the day).

    A day before the first snapshot is left out: nobody's class is known on it.
    """
    held = snapshots(known)
    place = held.searchsorted(days, side="right") - 1
    frame = pd.DataFrame({"date": days, "back": range(len(days) - 1, -1, -1)})[place >= 0]
    return ibis.memtable(frame.assign(snapshot_on=held[place[place >= 0]]), schema=_DAYS)


def pupil_days(known: Known, days: ir.Table, pupils: ir.Table | None = None) -> ir.Table:
    """One row per pupil and school day of `days` on which the pupil had a class.

    Columns: `pupil, date, back`; `is_seen`; `unexcused, sick, leave` (1 a whole day, 0.5 half a day), `absent` (their
    sum, at most 1), `late` (late arrivals and early leavings, times). With `pupils` (a column `pupil`), only theirs.
    """
    held = pd.DatetimeIndex(days.select("snapshot_on").distinct().to_pandas()["snapshot_on"])
    listed = on_snapshots(known, held).select("pupil", "snapshot_on", *_CLASS).inner_join(days, "snapshot_on")
    listed = listed if pupils is None else listed.semi_join(pupils, "pupil")
    rolls = known.table("rolls").filter(ibis._.is_taken).select(*_CLASS, "date").distinct().mutate(is_taken=True)
    rows = listed.left_join(rolls, [*_CLASS, "date"]).drop(*(f"{name}_right" for name in [*_CLASS, "date"]))
    rows = rows.left_join(_absences(known, days), ["pupil", "date"]).drop("pupil_right", "date_right")
    amounts = {name: rows[name].fill_null(0) for name in ("unexcused", "sick", "leave", "late")}
    absent = ibis.least(1, amounts["unexcused"] + amounts["sick"] + amounts["leave"])
    is_seen = rows.is_taken.notnull() | rows.is_noted.notnull()
    return rows.select("pupil", "date", "back", **amounts, absent=absent, is_seen=is_seen)


def runs(days: ir.Table, kind: str) -> ir.Table:
    """Whole days of a kind of absence in a row among the days seen: `pupil, starts_on, ends_on, days, is_open`.

    Open means that no day was seen since.
    """
    seen = days.filter(days.is_seen & days.pupil.isin(days.filter(days[kind] >= 1).pupil))
    rows = seen.mutate(is_missed=seen[kind] >= 1)
    number = ibis.row_number().over(ibis.window(group_by="pupil", order_by="date"))
    number_of_kind = ibis.row_number().over(ibis.window(group_by=["pupil", "is_missed"], order_by="date"))
    last = rows.date.max().over(ibis.window(group_by="pupil"))
    numbered = rows.mutate(run=number - number_of_kind, last_seen_on=last).filter(ibis._.is_missed)
    found = numbered.group_by("pupil", "run").aggregate(
        starts_on=numbered.date.min(),
        ends_on=numbered.date.max(),
        days=numbered.count(),
        is_open=numbered.date.max() == numbered.last_seen_on.max(),
    )
    return found.drop("run")


def _absences(known: Known, days: ir.Table) -> ir.Table:
    """What is written down per pupil and day of the window."""
    rows = known.table("absences").filter(ibis._.date >= days.date.min().as_scalar())
    part = ibis.ifelse(rows.session == Session.DAY, 1.0, 0.5)
    kinds = {"unexcused": Absence.UNEXCUSED, "sick": Absence.SICK, "leave": Absence.LEAVE}
    amounts = {name: part.sum(where=rows.absence == kind) for name, kind in kinds.items()}
    late = rows.absence.isin((Absence.LATE, Absence.EARLY)).cast("int64").sum()
    return rows.group_by("pupil", "date").aggregate(**amounts, late=late, is_noted=ibis.literal(True))


def _counted(days: ir.Table) -> ir.Table:
    near = days.is_seen & (days.back < visits().recent_school_days)
    far = days.is_seen
    return days.group_by("pupil").aggregate(
        seen_recent_days=near.cast("int64").sum(),
        seen_long_days=far.cast("int64").sum(),
        unexcused_recent=days.unexcused.sum(where=near),
        absent_recent=days.absent.sum(where=near),
        unexcused_long=days.unexcused.sum(where=far),
        sick_long=days.sick.sum(where=far),
        leave_long=days.leave.sum(where=far),
        late_long=days.late.sum(where=far),
        absent_long=days.absent.sum(where=far),
    )


def _shares(rows: ir.Table) -> ir.Table:
    recent, long = rows.seen_recent_days.nullif(0), rows.seen_long_days.nullif(0)
    earlier = (rows.seen_long_days - rows.seen_recent_days).nullif(0)
    absent_recent, absent_long = rows.absent_recent.fill_null(0), rows.absent_long
    was_seen = rows.seen_long_days > 0
    return rows.select(
        "pupil",
        "seen_recent_days",
        "seen_long_days",
        unexcused_recent_pct=100 * rows.unexcused_recent / recent,
        unexcused_long_pct=100 * rows.unexcused_long / long,
        sick_long_pct=100 * rows.sick_long / long,
        leave_long_pct=100 * rows.leave_long / long,
        late_long_pct=100 * rows.late_long / long,
        absent_recent_pct=100 * absent_recent / recent,
        absence_change_points=100 * (absent_recent / recent - (absent_long - absent_recent) / earlier),
        longest_run_days=ibis.ifelse(was_seen, rows.longest.fill_null(0), ibis.null("int64")),
        current_run_days=ibis.ifelse(was_seen, rows.current.fill_null(0), ibis.null("int64")),
    )
