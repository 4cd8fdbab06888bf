"""Long unexcused absences that ended without anybody having opened a case (缺勤未立案): what the work has missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from baoxue import registers
from baoxue.cases import deadlines
from baoxue.cases.facts import facts
from baoxue.codes import Change
from baoxue.registers.classroom import roll_days
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.registers import Sides
    from baoxue.store import Known

MOVES = (Change.TRANSFER_OUT, Change.TRANSFER_IN, Change.SUSPENDED, Change.EMIGRATED, Change.DROPPED_OUT)
"""Changes that explain why a child was not in the class where the registry had it."""


def overlooked(known: Known) -> ibis.Table:
    """A row per such absence: `pupil, school_code, absent_since, absent_until, absent_days`, the oldest first.

    旷课 all day on as many school days in a row as count as having left (`regard` in params/policy/deadlines.yaml), the
    roll taken on each, the child present again since, no case opened between the first missed day and a month after the
    last or open before, and no change of registry by which the child moved or left in that time. An absence that still
    goes on is a suspicion (`detection`), not this. Looked for in the last `overlooked_window_days`.
    """
    return kept(known, "_overlooked", lambda: _overlooked(known))


def _overlooked(known: Known) -> ibis.Table:
    rules, at = deadlines.rules(), registers.Sides(known)
    runs = _runs(at, rules.overlooked_window_days, rules.regard.days)
    files = facts(known).select("pupil", "opened_on", "closed_on")
    covered = runs.inner_join(files, "pupil")
    still = covered.closed_on.isnull() | (covered.closed_on >= covered.absent_since)
    covered = covered.filter((covered.opened_on <= _after(covered.absent_until)) & still)
    moves = known.table("changes").filter(ibis._.change.isin(MOVES)).select("pupil", "changed_on")
    moved = runs.inner_join(moves, "pupil")
    begun = (moved.absent_since - ibis.interval(days=rules.proof_window_days)).cast("date")
    moved = moved.filter(moved.changed_on.between(begun, _after(moved.absent_until)))
    run = ["pupil", "absent_since"]
    return runs.anti_join(covered, run).anti_join(moved, run).order_by("absent_since", "pupil")


def _after(day: ibis.Value) -> ibis.Value:
    """A month later: by then what explains an absence has been filed."""
    return (day + ibis.interval(months=1)).cast("date")


def _runs(at: Sides, window_days: int, least: int) -> ibis.Table:
    """Runs of so many days of 旷课 on which the roll was taken, after which the child was present again."""
    first = ibis.literal(at.as_of) - ibis.interval(days=window_days)
    cut = at.unexcused.filter(at.unexcused.is_all_day & (at.unexcused.date >= first))
    often = cut.group_by("pupil").aggregate(days=cut.count()).filter(ibis._.days >= least)
    seats = at.history.semi_join(often, "pupil").select("pupil", "school_code").distinct()
    taken = roll_days(at, seats).filter(ibis._.date >= first)
    taken = taken.group_by("pupil", "date").aggregate(school_code=ibis._.school_code.min())
    days = taken.left_join(at.unexcused, ["pupil", "date"])
    days = days.select("pupil", "school_code", "date", is_cut=days.is_all_day.fill_null(False))
    by_child = ibis.cumulative_window(group_by="pupil", order_by="date")
    days = days.mutate(stretch=(~days.is_cut).cast("int64").sum().over(by_child))
    last = days.group_by("pupil").aggregate(last_there=days.date.max(where=~days.is_cut))
    missed = days.filter(days.is_cut).inner_join(last, "pupil")
    runs = missed.group_by("pupil", "stretch", "last_there").aggregate(
        school_code=missed.school_code.argmax(missed.date),
        absent_since=missed.date.min(),
        absent_until=missed.date.max(),
        absent_days=missed.count(),
    )
    ended = runs.filter((runs.absent_days >= least) & (runs.absent_until < runs.last_there))
    return ended.select("pupil", "school_code", "absent_since", "absent_until", "absent_days")
