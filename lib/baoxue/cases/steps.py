"""The steps of a case against their deadlines: in time, late, overdue, skipped (办理时限)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from baoxue.cases import deadlines
from baoxue.cases.clocks import Clock, Step, clocks, followed, when
from baoxue.cases.facts import KEY, facts
from baoxue.cases.states import WATCHED, State, states
from baoxue.codes import Coded
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known


class Status(Coded):
    """办理情况 of a step."""

    IN_TIME = "按期"
    LATE = "超期"
    OUT_OF_ORDER = "次序颠倒"
    SKIPPED = "越过未办"
    MISSED = "到期未办"
    OVERDUE = "逾期待办"
    WAITING = "待办"
    NOT_DUE = "未到环节"
    NOT_NEEDED = "无需办理"


WENT_PAST = (Status.SKIPPED, Status.OUT_OF_ORDER)
"""Where a case went on without a step it needs, or took it only afterwards or too early."""

LADDER = (
    Step.CONCLUDE, Step.PERSUADE, Step.REPORT_TOWNSHIP, Step.REPORT_BUREAU, Step.CRITICISE, Step.ORDER, Step.JUDICIAL,
)  # fmt: skip
"""Required in this order once a child has left, as long as it is not back."""

NOT_BEFORE: dict[Step, tuple[Step, ...]] = {
    Step.CONCLUDE: LADDER[2:],
    Step.PERSUADE: LADDER[2:],
    Step.REPORT_TOWNSHIP: LADDER[4:],
    Step.REPORT_BUREAU: LADDER[4:],
    Step.CRITICISE: LADDER[5:],
    Step.ORDER: LADDER[6:],
}
"""Steps that must not come before it; a visit may precede the conclusion, and the two reports come in either order."""

NEXT: dict[State, tuple[Step, ...]] = {
    State.SUSPECTED: (Step.CONCLUDE,),
    State.CONFIRMED: (Step.PERSUADE,),
    State.PERSUADING: (Step.REPORT_TOWNSHIP, Step.REPORT_BUREAU),
    State.REPORTED: (Step.CRITICISE,),
    State.CRITICISED: (Step.ORDER,),
    State.ORDERED: (Step.JUDICIAL,),
    State.JUDICIAL: (Step.BRING_BACK,),
    State.TO_CLOSE: (Step.CLOSE,),
    State.RELAPSED: (Step.REOPEN,),
}
"""The steps each open state waits for; a state under watch waits for the next day of watch."""


def steps(known: Known) -> ibis.Table:
    """Every step of every case: `case, pupil, step, starts_on, due_on, done_on, status, late_days`.

    A conclusion is due when both its limits have run out. `late_days` are natural days past the due day: at the doing,
    at the end of the case where the step was never done, or until today. A step whose clock has not begun is 未到环节,
    or 无需办理 once nothing more is due; one whose school days run past the last term announced has no `due_on` yet.
    """
    return kept(known, "_case_steps", lambda: _steps(known))


def skipped(known: Known) -> ibis.Table:
    """The steps that cases went past: `case, pupil, skipped` (names of the steps, in order, joined by 、)."""
    rows = steps(known).filter(ibis._.status.isin(WENT_PAST))
    order = ibis.cases(*((rows.step == step, number) for number, step in enumerate(LADDER)), else_=len(LADDER))
    return rows.group_by(*KEY).aggregate(skipped=rows.step.group_concat(sep="、", order_by=order))


def due(known: Known) -> ibis.Table:
    """What each case waits for today: `case, pupil, state, state_since, due_on, overdue_days`.

    `due_on` is the earliest due day of the steps the state waits for; the next day of watch for a child back in
    school; empty for a case at rest, or while the next term is not announced. `overdue_days` are natural days, 0 if
    not overdue.
    """
    now = states(known)
    # a step that was skipped is still to be done, if it is the one that the state waits for
    is_open = ibis._.status.isin([Status.WAITING, Status.OVERDUE, Status.SKIPPED])
    todo = steps(known).filter(is_open).select(*KEY, "step", "due_on")
    waits = ibis.or_(*((now.state == state) & todo.step.isin(waited) for state, waited in NEXT.items()))
    pairs = now.left_join(todo, [now["case"] == todo["case"], now.pupil == todo.pupil, waits])
    first = pairs.group_by(*KEY, "state", "state_since").aggregate(step_due_on=pairs.due_on.min())
    both = first.left_join(_watch_points(known), list(KEY)).drop("case_right", "pupil_right")
    both = both.mutate(due_on=ibis.ifelse(both.state.isin(WATCHED), both.watch_on, both.step_due_on))
    late = ibis.greatest(ibis.literal(known.as_of).delta(both.due_on, unit="day"), 0)
    late = ibis.ifelse(both.due_on.notnull(), late, 0)
    return both.select(*KEY, "state", "state_since", "due_on", overdue_days=late)


def _watch_points(known: Known) -> ibis.Table:
    """The next day of watch of each closed case: `case, pupil, watch_on`."""
    rows = facts(known).filter(ibis._.closed_on.notnull())
    points = [(rows.closed_on + ibis.interval(days=days)).cast("date") for days in deadlines.rules().watch_days]
    ahead = [ibis.ifelse(point > ibis.literal(known.as_of), point, ibis.null("date")) for point in points]
    return rows.select(*KEY, watch_on=ibis.coalesce(*ahead))


def _steps(known: Known) -> ibis.Table:
    rows = followed(known)
    every = clocks(rows)
    parts = ibis.union(*(_part(rows, clock, every) for clock in every))
    dated = deadlines.with_due(parts, parts["limit"], "counts_from", known)
    keys = [*KEY, "step", "starts_on", "done_on", "next_done_on", "resolved_on", "rests"]
    untold = dated.counts_from.notnull() & dated.due_on.isnull()
    first = dated.group_by(keys).aggregate(due_on=when(~untold.any(), dated.due_on.max()))
    told = first.mutate(status=_status(first, known))
    until = ibis.coalesce(told.done_on, told.resolved_on, ibis.literal(known.as_of))
    counts = told.status.isin([Status.LATE, Status.MISSED, Status.OVERDUE, Status.OUT_OF_ORDER])
    late = ibis.ifelse(counts & told.due_on.notnull(), ibis.greatest(until.delta(told.due_on, unit="day"), 0), 0)
    return told.select(*KEY, "step", "starts_on", "due_on", "done_on", "status", late_days=late)


def _part(rows: ibis.Table, clock: Clock, every: list[Clock]) -> ibis.Table:
    """One step of every case; the clock of a step does not begin once the case needs it no more."""
    ends_itself = clock.step in (Step.CLOSE, Step.REOPEN)
    resolved = ibis.null("date") if ends_itself else rows.resolved_on
    needed = ibis.literal(True) if ends_itself else (clock.starts <= rows.resolved_on).fill_null(True)
    begins = when(needed, clock.starts)
    later = [other.done for other in every if other.step in NOT_BEFORE.get(clock.step, ())]
    return rows.select(
        *KEY,
        step=ibis.literal(clock.step.value),
        limit=ibis.literal(clock.limit),
        starts_on=begins,
        counts_from=begins if clock.counts_from is None else clock.counts_from,
        done_on=clock.done,
        next_done_on=ibis.least(*later) if later else ibis.null("date"),
        resolved_on=resolved,
        rests=rows.rests,
    )


def _status(rows: ibis.Table, known: Known) -> ibis.Value:
    done, due_on = rows.done_on.notnull(), rows.due_on
    too_early = (rows.step == Step.JUDICIAL) & (rows.done_on <= rows.starts_on)
    return ibis.cases(
        (done & ((rows.done_on > rows.next_done_on) | too_early).fill_null(False), Status.OUT_OF_ORDER.value),
        (done & (rows.done_on > due_on).fill_null(False), Status.LATE.value),
        (done, Status.IN_TIME.value),
        (rows.next_done_on.notnull(), Status.SKIPPED.value),
        ((rows.step == Step.CONCLUDE) & rows.resolved_on.notnull(), Status.SKIPPED.value),
        (rows.starts_on.isnull() & (rows.rests | rows.resolved_on.notnull()), Status.NOT_NEEDED.value),
        (rows.starts_on.isnull(), Status.NOT_DUE.value),
        ((rows.resolved_on > due_on).fill_null(False), Status.MISSED.value),
        (rows.resolved_on.notnull(), Status.NOT_NEEDED.value),
        ((due_on < ibis.literal(known.as_of)).fill_null(False), Status.OVERDUE.value),
        else_=Status.WAITING.value,
    )
