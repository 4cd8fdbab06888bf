"""Whether a return lasts: the days of watch after a child is back, and attendance up to each (复辍观察)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from baoxue import registers
from baoxue.cases import deadlines
from baoxue.cases.facts import KEY, back_in_school, facts
from baoxue.cases.homes import homes
from baoxue.cases.leavings import leavings
from baoxue.codes import Absence, Session
from baoxue.registers.classroom import roll_days
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known


def watch(known: Known) -> ibis.Table:
    """A row per case back in school and day of watch: `case, pupil, closed_on, closing, watch_day, watch_on, reached,
    roll_days, present_days, attendance_pct, left_again`.

    `roll_days` are the days since the closing, up to the day of watch or today, on which the roll of the child's class
    was taken (a day without a roll is missing, not present); `present_days` those without an absence of the whole
    day, excused or not. `left_again`: the child has left again by that day. Attendance is empty while no roll was
    taken, as for a child placed where no roll is handed in.
    """
    return kept(known, "_watch", lambda: _watch(known))


def _watch(known: Known) -> ibis.Table:
    points = _points(known)
    attended = _attended(points, known)
    rows = points.left_join(attended, [*KEY, "watch_day"]).drop("case_right", "pupil_right", "watch_day_right")
    return rows.select(
        *KEY,
        "closed_on",
        "closing",
        "watch_day",
        "watch_on",
        reached=rows.watch_on <= ibis.literal(known.as_of),
        roll_days=rows.roll_days.fill_null(0),
        present_days=rows.present_days.fill_null(0),
        attendance_pct=(100 * rows.present_days / rows.roll_days.nullif(0)).round(1),
        left_again=(rows.again_on <= rows.watch_on).fill_null(False),
    ).order_by(*KEY, "watch_day")


def returns(known: Known) -> ibis.Table:
    """Cases closed with the child back in school: `case, pupil, closed_on, closing, again_on` (the next leaving).

    A suspicion that was settled otherwise (a transfer, a leave, a truant back at once) is no return.
    """
    rows = back_in_school(facts(known)).select(*KEY, "closed_on", "closing")
    again = leavings(known).select("pupil", "left_on")
    pairs = rows.left_join(again, ["pupil", again.left_on > rows.closed_on])
    return pairs.group_by(*KEY, "closed_on", "closing").aggregate(again_on=pairs.left_on.min())


def _points(known: Known) -> ibis.Table:
    rows = returns(known)
    days = deadlines.rules().watch_days
    ends = [(rows.closed_on + ibis.interval(days=day)).cast("date") for day in days]
    points = zip(days, ends, strict=True)
    return ibis.union(*(rows.mutate(watch_day=ibis.literal(day, type="int32"), watch_on=end) for day, end in points))


def _attended(points: ibis.Table, known: Known) -> ibis.Table:
    schools = homes(known).select("pupil", "school_code")
    at = registers.Sides(known)
    people = points.select("pupil").distinct().inner_join(schools, "pupil")
    days = roll_days(at, people).select("pupil", "date").distinct()
    absent = absent_days(known)
    days = days.left_join(absent, ["pupil", "date"]).select("pupil", "date", is_absent=absent.date.notnull())
    pairs = points.inner_join(days, "pupil")
    pairs = pairs.filter((pairs.date > pairs.closed_on) & (pairs.date <= pairs.watch_on))
    return pairs.group_by(*KEY, "watch_day").aggregate(
        roll_days=pairs.count(), present_days=(~pairs.is_absent).cast("int64").sum()
    )


def absent_days(known: Known) -> ibis.Table:
    """Days missed whole, excused or not: `pupil, date`. Late and left early are not missed."""
    rows = known.table("absences").filter(ibis._.absence.notin([Absence.LATE, Absence.EARLY]))
    days = rows.group_by("pupil", "date").aggregate(
        whole=(rows.session == Session.DAY).any(),
        morning=(rows.session == Session.MORNING).any(),
        afternoon=(rows.session == Session.AFTERNOON).any(),
    )
    return days.filter(days.whole | (days.morning & days.afternoon)).select("pupil", "date")
