"""The registry month by month: one row per pupil and month, with attendance and whether the pupil is away."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pandas as pd

from baoxue import calendar
from baoxue.calendar import SchoolYear
from baoxue.cases.leavings import leavings, stage_of_grade, suspicions
from baoxue.codes import Absence, Change, Review, Session, Status
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known

GONE = (Change.TRANSFER_OUT, Change.EMIGRATED, Change.DEAD, Change.GRADUATED, Change.COMPLETED)
"""Changes after which a pupil is no longer on the county's registry, whatever the last snapshot said."""

_MONTHS = {"month": "date", "ends_on": "date", "school_year": "int32", "snapshot_on": "date"}
CLASS = ["school_code", "grade", "class"]
"""The columns that name a class."""
_LISTING = ["pupil", "snapshot_on", "school_code", "registration"]
"""What tells one entry of the registry from another, in the order in which a pupil's first is found."""

FACTS = ("sex", "boarding", "left_behind", "is_migrant_child", "disability", "needs_aid", "distance_km", "cohort")
"""What a snapshot says of a pupil that rates are told by."""


def pupil_months(known: Known) -> ibis.Table:
    """One row per pupil and month in which the pupil was on the registry, from the first snapshot to `known.as_of`.

    Columns: `pupil, month` (its first day), `school_year` (2024 = 2024学年), `snapshot_on, school_code, grade, class,
    stage`; `school_days` held in the month, `rolled_days` of them on which the class's roll was taken (a day without
    a roll is missing, not attended); `unexcused_days, sick_days, leave_days` (half days count 0.5), `late_times,
    early_times`; `is_suspected, is_away`: whether, at the month's end, a case was open or the child had left.

    A month takes the last snapshot on or before its end; a pupil whom a change has since moved out (转出, 出国(境),
    死亡, 毕业, 结业) is there up to the month of the change. A newcomer appears with the next snapshot; a child whom
    the registry has since put down as 流失 is no longer on it, so who is out of school altogether is told by
    `leavings`. All of it as known on `known.as_of`: what a month looked like at the time needs a `Known` of that
    time. The last month may be incomplete.
    """
    listed = registry_months(known).inner_join(places(known), "snapshot_on")
    listed = listed.select("pupil", *_MONTHS, "school_days", *CLASS, "stage")
    gone = moved_out(known)
    there = listed.anti_join(
        gone, [listed.pupil == gone.pupil, listed.snapshot_on < gone.gone_on, listed.month > gone.gone_on]
    )
    return _with_standing(_with_attendance(there, known), known).drop("ends_on").order_by("month", "pupil")


def on_registry(known: Known) -> ibis.Table:
    """One row per pupil and registry snapshot with 学籍状态 在读 (or empty): the snapshot's columns and `stage`.

    A child listed twice in a snapshot (一人多籍) counts once: the row with the smaller school code, then registration.
    """
    rows = _enrolled(known)
    again = kept(known, "_listed_again", lambda: _listed_again(known))
    is_again = [*_LISTING[:-1], rows.registration.identical_to(again.registration)]
    return rows.mutate(stage=stage_of_grade(rows.grade)).anti_join(again, is_again)


def _enrolled(known: Known) -> ibis.Table:
    enrolments = known.table("enrolments")
    return enrolments.filter(enrolments.status.fill_null(Status.ENROLLED.value) == Status.ENROLLED)


def _listed_again(known: Known) -> ibis.Table:
    """The few entries of a pupil's beyond the one that counts; to rank these alone is quicker than to rank everyone."""
    rows = _enrolled(known).select(*_LISTING)
    listed = rows.group_by(*_LISTING[:2]).aggregate(_times=rows.count())
    several = rows.semi_join(listed.filter(listed["_times"] > 1), _LISTING[:2])
    window = ibis.window(group_by=_LISTING[:2], order_by=_LISTING[2:])
    return several.mutate(_rank=ibis.row_number().over(window)).filter(ibis._["_rank"] > 0).drop("_rank")


def places(known: Known) -> ibis.Table:
    """Where each pupil on the registry was on each snapshot, worked out once: of `on_registry` the columns `pupil,
    snapshot_on, registration, school_code, grade, class, stage` and `FACTS`."""
    columns = ["pupil", "snapshot_on", "registration", *CLASS, "stage", *FACTS]
    return kept(known, "_places_on_registry", lambda: on_registry(known).select(*columns))


def snapshots(known: Known) -> pd.DatetimeIndex:
    """The days of the registry snapshots known, in order."""
    taken = kept(known, "_snapshots", lambda: known.table("enrolments").select("snapshot_on").distinct())
    return pd.DatetimeIndex(sorted(pd.to_datetime(taken.to_pandas()["snapshot_on"])))


def school_days(known: Known) -> pd.DatetimeIndex:
    """The county's school days up to `known.as_of`, in order (`calendar.school_days`)."""
    terms = known.table("terms").select("starts_on", "ends_on").to_pandas()
    adjustments = known.table("calendar_days").select("date", "day_kind").to_pandas()
    days = calendar.school_days(terms, adjustments)
    return days[days <= pd.Timestamp(known.as_of)]


def registry_months(known: Known) -> ibis.Table:
    """The months covered (`snapshot_months`), with the `school_days` held in each."""
    months = snapshot_months(known)
    held = school_days(known).to_period("M").to_timestamp().value_counts()
    frame = pd.DataFrame({"_month": held.index, "_held": held.to_numpy()})
    counted = ibis.memtable(frame, schema=ibis.schema({"_month": "date", "_held": "int32"}))
    joined = months.left_join(counted, months.month == counted["_month"])
    return joined.mutate(school_days=joined["_held"].fill_null(0)).drop("_month", "_held")


def snapshot_months(known: Known) -> ibis.Table:
    """The months covered: `month, ends_on` (at most `as_of`), `school_year`, the `snapshot_on` it takes."""
    days, schema = snapshots(known), ibis.schema(_MONTHS)
    if days.empty:
        return ibis.memtable(pd.DataFrame(columns=list(_MONTHS)), schema=schema)
    months = pd.period_range(days[0], known.as_of, freq="M")
    ends = np.minimum(months.to_timestamp(how="end").normalize().to_numpy(), np.datetime64(known.as_of))
    frame = pd.DataFrame(
        {
            "month": months.to_timestamp(),
            "ends_on": ends,
            "school_year": [SchoolYear.of(dt.date(month.year, month.month, 1)).first for month in months],
            "snapshot_on": days[days.searchsorted(ends, side="right") - 1],
        }
    )
    return ibis.memtable(frame, schema=schema)


def moved_out(known: Known) -> ibis.Table:
    """`pupil, gone_on` of every change after which a pupil is no longer on the county's registry (`GONE`)."""
    changes = known.table("changes")
    moved = changes.filter(changes.change.isin(GONE) & (changes.review.fill_null("") != Review.RETURNED))
    return moved.select("pupil", gone_on=moved.changed_on).distinct()


def _with_attendance(listed: ibis.Table, known: Known) -> ibis.Table:
    absences = known.table("absences")
    part = ibis.ifelse(absences.session == Session.DAY, 1.0, 0.5)
    kind = absences.absence
    absent = absences.group_by("pupil", month=absences.date.truncate("M")).aggregate(
        unexcused_days=part.sum(where=kind == Absence.UNEXCUSED),
        sick_days=part.sum(where=kind == Absence.SICK),
        leave_days=part.sum(where=kind == Absence.LEAVE),
        late_times=(kind == Absence.LATE).sum(),
        early_times=(kind == Absence.EARLY).sum(),
    )
    rolls = known.table("rolls").filter(ibis._.is_taken)
    rolled = rolls.group_by(*CLASS, month=rolls.date.truncate("M")).aggregate(rolled_days=rolls.date.count())
    joined = listed.left_join(rolled, [*CLASS, "month"]).drop(*(f"{c}_right" for c in [*CLASS, "month"]))
    joined = joined.left_join(absent, ["pupil", "month"]).drop("pupil_right", "month_right")
    counted = ["rolled_days", "unexcused_days", "sick_days", "leave_days", "late_times", "early_times"]
    return joined.fill_null(dict.fromkeys(counted, 0))


def _with_standing(months: ibis.Table, known: Known) -> ibis.Table:
    left = leavings(known).select("pupil", since="left_on", until="ended_on")
    suspected = suspicions(known).select("pupil", since="opened_on", until="settled_on")
    months = _marked(months, left, "is_away")
    return _marked(months, suspected, "is_suspected")


def _marked(months: ibis.Table, spells: ibis.Table, name: str) -> ibis.Table:
    """`months` with a yes/no column: whether a spell of the pupil covers the month's last day."""
    covers = [
        months.pupil == spells.pupil,
        spells.since <= months.ends_on,
        spells.until.isnull() | (spells.until > months.ends_on),
    ]
    marked = months.inner_join(spells, covers).select("pupil", "month").distinct().mutate(_covered=True)
    joined = months.left_join(marked, ["pupil", "month"]).drop("pupil_right", "month_right")
    return joined.mutate(**{name: joined._covered.fill_null(False)}).drop("_covered")
