"""Attendance before a day: absence by kind over two windows of school days, its change and its runs.

A day is *seen* for a pupil if the class's roll was taken or an absence of the pupil is written down. A day without a
roll is neither attended nor missed. Attendance is read up to the day before the as-of date, because an absence becomes
known on the day after.
"""

from __future__ import annotations

import datetime as dt
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
    days = window(known, visits().long_school_days)
    listed = kept(known, "features_listed", lambda: _listed(known, days))
    rolls = kept(known, "features_rolls", lambda: _rolls(known, days))
    absences = kept(known, "features_absences", lambda: _absences(known, days))
    noted = kept(known, "features_noted_days", lambda: _noted_days(listed, rolls, absences))
    rolled = kept(known, "features_rolled_days", lambda: _rolled_days(listed, rolls))
    concerned = listed.semi_join(_with_runs(noted, rolled), "pupil")
    in_a_row = kept(known, "features_pupil_days", lambda: _pupil_days(concerned, rolls, absences, days))
    unexcused = runs(in_a_row, "unexcused").group_by("pupil").aggregate(longest=ibis._.days.max())
    open_now = runs(in_a_row, "absent").filter(ibis._.is_open).select("pupil", current="days")
    rows = _counted(noted, rolled).left_join(unexcused, "pupil").drop("pupil_right")
    return _shares(rows.left_join(open_now, "pupil").drop("pupil_right"))


def unexcused_days(known: Known, until: dt.date, length: int) -> ir.Table:
    """Unexcused days, in halves, of each pupil who has any within the last school days before one: `pupil, days`."""
    days = [day.date() for day in _last_school_days(known, until, length)]
    rows = known.table("absences").filter(ibis._.absence == Absence.UNEXCUSED)
    rows = rows.filter(rows.date.isin(days))
    return rows.group_by("pupil").aggregate(days=_part_of_day(rows).sum())


def window(known: Known, length: int) -> ir.Table:
    """The last school days before the as-of date, as `dated` gives them."""
    return dated(known, _last_school_days(known, known.as_of, length))


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
    listed = _listed(known, days)
    listed = listed if pupils is None else listed.semi_join(pupils, "pupil")
    return _pupil_days(listed, _rolls(known, days), _absences(known, days), days)


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


def _last_school_days(known: Known, before: dt.date, length: int) -> pd.DatetimeIndex:
    days = school_days(known)
    return days[days < pd.Timestamp(before)][-length:]


def _part_of_day(absences: ir.Table) -> ir.Value:
    return ibis.ifelse(absences.session == Session.DAY, 1.0, 0.5)


def _listed(known: Known, days: ir.Table) -> ir.Table:
    """The class of each pupil on each snapshot that holds on one of these days: `pupil, snapshot_on` and the class."""
    held = pd.DatetimeIndex(days.select("snapshot_on").distinct().to_pandas()["snapshot_on"])
    return on_snapshots(known, held).select("pupil", "snapshot_on", *_CLASS)


def _rolls(known: Known, days: ir.Table) -> ir.Table:
    """A row per class and day on which its roll was taken, with the day's `back` and `snapshot_on`."""
    rolls = known.table("rolls").filter(ibis._.is_taken).select(*_CLASS, "date")
    return rolls.inner_join(days, "date").distinct()


def _absences(known: Known, days: ir.Table) -> ir.Table:
    """What is written down per pupil and day, with the day's `back` and `snapshot_on`."""
    rows = known.table("absences").inner_join(days, "date")
    part = _part_of_day(rows)
    kinds = {"unexcused": Absence.UNEXCUSED, "sick": Absence.SICK, "leave": Absence.LEAVE}
    amounts = {name: part.sum(where=rows.absence == kind) for name, kind in kinds.items()}
    late = rows.absence.isin((Absence.LATE, Absence.EARLY)).cast("int64").sum()
    return rows.group_by("pupil", *_DAYS).aggregate(**amounts, late=late)


def _amounts(rows: ir.Table) -> dict[str, ir.Value]:
    """The amounts of a pupil's day and `absent`, their sum, 0 where nothing is written down."""
    amounts = {name: rows[name].fill_null(0) for name in ("unexcused", "sick", "leave", "late")}
    return amounts | {"absent": ibis.least(1, amounts["unexcused"] + amounts["sick"] + amounts["leave"])}


def _pupil_days(listed: ir.Table, rolls: ir.Table, absences: ir.Table, days: ir.Table) -> ir.Table:
    rows = _with_rolls(listed.inner_join(days, "snapshot_on"), rolls)
    noted = absences.drop("back", "snapshot_on").mutate(is_noted=True)
    rows = rows.left_join(noted, ["pupil", "date"]).drop("pupil_right", "date_right")
    is_seen = rows.is_taken.notnull() | rows.is_noted.notnull()
    return rows.select("pupil", "date", "back", **_amounts(rows), is_seen=is_seen)


def _noted_days(listed: ir.Table, rolls: ir.Table, absences: ir.Table) -> ir.Table:
    """The few rows of `pupil_days` on which something is written down; `is_taken` is empty where no roll was."""
    rows = _with_rolls(absences.inner_join(listed, ["pupil", "snapshot_on"]), rolls)
    return rows.select("pupil", "date", "back", "is_taken", **_amounts(rows))


def _with_rolls(rows: ir.Table, rolls: ir.Table) -> ir.Table:
    """Rows of a class and a `date` with `is_taken`, empty where the class has no roll of the day."""
    taken, at = rolls.select(*_CLASS, "date").mutate(is_taken=True), [*_CLASS, "date"]
    return rows.left_join(taken, at).drop(*(f"{name}_right" for name in at))


def _rolled_days(listed: ir.Table, rolls: ir.Table) -> ir.Table:
    """Per pupil with a class on one of the days: on how many the roll was taken (`near`, `far`), the last `rolled_on`.

    Counted by class and then given to its pupils: a row per pupil and day would be a hundred times as many.
    """
    near = (rolls.back < visits().recent_school_days).cast("int64").sum()
    by_class = [*_CLASS, "snapshot_on"]
    counts = rolls.group_by(*by_class).aggregate(near=near, far=rolls.count(), rolled_on=rolls.date.max())
    rows = listed.left_join(counts, by_class)
    return rows.group_by("pupil").aggregate(
        near=rows.near.sum().fill_null(0), far=rows.far.sum().fill_null(0), rolled_on=rows.rolled_on.max()
    )


def _with_runs(noted: ir.Table, rolled: ir.Table) -> ir.Table:
    """`pupil` of those who may have a run to tell: a whole day unexcused, or absent when last a roll was taken."""
    rows = noted.filter(noted.absent >= 1).left_join(rolled, "pupil")
    is_last = (rows.date >= rows.rolled_on).fill_null(True)
    return rows.filter((rows.unexcused >= 1) | is_last).select("pupil").distinct()


def _counted(noted: ir.Table, rolled: ir.Table) -> ir.Table:
    near = noted.back < visits().recent_school_days
    unrolled = noted.is_taken.isnull()
    amounts = {name: noted[name].sum() for name in ("unexcused", "sick", "leave", "late", "absent")}
    written = noted.group_by("pupil").aggregate(
        near_unrolled=(near & unrolled).cast("int64").sum(),
        far_unrolled=unrolled.cast("int64").sum(),
        unexcused_recent=noted.unexcused.sum(where=near),
        absent_recent=noted.absent.sum(where=near),
        **{f"{name}_long": amount for name, amount in amounts.items()},
    )
    rows = rolled.left_join(written, "pupil").drop("pupil_right")
    rows = rows.fill_null({name: 0 for name in written.columns if name != "pupil"})
    return rows.mutate(seen_recent_days=rows.near + rows.near_unrolled, seen_long_days=rows.far + rows.far_unrolled)


def _shares(rows: ir.Table) -> ir.Table:
    recent, long = rows.seen_recent_days.nullif(0), rows.seen_long_days.nullif(0)
    earlier = (rows.seen_long_days - rows.seen_recent_days).nullif(0)
    absent_recent, absent_long = rows.absent_recent, rows.absent_long
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
