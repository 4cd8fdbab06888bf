"""The life of a case (一生一案) as a table of states, and the state of every case on every day.

`STATES` says who moves a case on, within which limit, and where it may go; the evidence and the law that go with each
state stand in the catalogue (`cases.evidence_<key>`, `cases.law_<key>`). Nothing here is stored: a state follows from
the dates of the case, its visits and the registry changes, so that replaying them gives the state on any past day.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from baoxue.cases import deadlines
from baoxue.cases.facts import KEY, LEFT, back_spells, facts, was_out
from baoxue.cases.leavings import BACK_IN_SCHOOL
from baoxue.codes import Closing, Coded, DutyLevel
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known


class State(Coded):
    """办理环节 of a case."""

    SUSPECTED = "疑似辍学待认定"
    CONFIRMED = "已认定待劝返"
    PERSUADING = "劝返中"
    REPORTED = "已书面报告"
    CRITICISED = "已批评教育"
    ORDERED = "已责令限期改正"
    JUDICIAL = "已送达司法文书"
    TO_CLOSE = "有据待销案"
    RELAPSED = "复辍待立案"
    RETURNED = "已复学观察中"
    PLACED = "已安置观察中"
    LIFTED = "疑似已排除"
    CLOSED = "已销案"
    SETTLED = "观察期满"
    REOPENED = "复辍已另立案"


class Owner(Coded):
    """Whose move it is (办理责任单位)."""

    SCHOOL = "学校"
    TOWNSHIP = "乡镇街道"
    JUSTICE = "市司法局"
    BUREAU = "教育局"


@dataclass(frozen=True)
class Rule:
    """One row of the table: a state, who moves the case on, the limits in which, and where it may go.

    `duty` is the level of the duty chain whose person answers for the move. `rests` is true where nothing is due: the
    case has ended, though a later fact may still take it up again.
    """

    state: State
    owner: Owner
    duty: DutyLevel | None
    limits: tuple[str, ...]
    ways_out: tuple[State, ...]
    rests: bool = False

    @property
    def key(self) -> str:
        """The state's name in the catalogue."""
        return self.state.name.lower()


S, L = State, DutyLevel
ESCALATION = (S.CONFIRMED, S.PERSUADING, S.REPORTED, S.CRITICISED, S.ORDERED, S.JUDICIAL)
"""The required order: a case that has gone further has passed every state before, or a step was skipped."""

ENDS = (S.TO_CLOSE, S.RETURNED, S.PLACED, S.CLOSED, S.LIFTED)
AGAIN = (S.RELAPSED, S.REOPENED)

STATES: tuple[Rule, ...] = (
    Rule(S.SUSPECTED, Owner.SCHOOL, L.CLASS, ("conclude", "regard"), (S.CONFIRMED, S.PERSUADING, *ENDS)),
    Rule(S.CONFIRMED, Owner.SCHOOL, L.SCHOOL, ("persuade",), (S.PERSUADING, *ENDS)),
    Rule(S.PERSUADING, Owner.SCHOOL, L.SCHOOL, ("persuasion", "report"), (S.REPORTED, *ENDS)),
    Rule(S.REPORTED, Owner.TOWNSHIP, L.TOWNSHIP, ("criticise",), (S.CRITICISED, *ENDS)),
    Rule(S.CRITICISED, Owner.TOWNSHIP, L.TOWNSHIP, ("order",), (S.ORDERED, *ENDS)),
    Rule(S.ORDERED, Owner.TOWNSHIP, L.TOWNSHIP, ("correct", "correct_away", "hand_over"), (S.JUDICIAL, *ENDS)),
    Rule(S.JUDICIAL, Owner.JUSTICE, L.CITY, ("judicial",), ENDS),
    Rule(S.TO_CLOSE, Owner.SCHOOL, L.SCHOOL, ("close",), (S.RETURNED, S.PLACED, S.CLOSED, *ESCALATION)),
    Rule(S.RETURNED, Owner.SCHOOL, L.CLASS, ("watch",), (S.SETTLED, *AGAIN)),
    Rule(S.PLACED, Owner.SCHOOL, L.SCHOOL, ("watch",), (S.SETTLED, *AGAIN)),
    Rule(S.RELAPSED, Owner.SCHOOL, L.SCHOOL, ("reopen",), (S.REOPENED,)),
    Rule(S.LIFTED, Owner.BUREAU, None, (), (S.CONFIRMED, S.PERSUADING, *ENDS[:-1]), rests=True),
    Rule(S.SETTLED, Owner.BUREAU, None, (), AGAIN, rests=True),
    Rule(S.CLOSED, Owner.BUREAU, None, (), (), rests=True),
    Rule(S.REOPENED, Owner.BUREAU, None, (), (), rests=True),
)

RULE_OF: dict[State, Rule] = {rule.state: rule for rule in STATES}
WATCHED = (S.RETURNED, S.PLACED)
OPEN = tuple(rule.state for rule in STATES if not rule.rests and rule.state not in WATCHED)
"""States in which somebody still has to act for the child to be back (在办)."""


def states(known: Known) -> ibis.Table:
    """The state of every case known: `case, pupil, state, state_since`, on the day of `known`."""
    path = history(known)
    return path.filter(path.until.isnull()).select(*KEY, "state", state_since=path.since)


def history(known: Known) -> ibis.Table:
    """The path of every case: `case, pupil, state, since, until`, a row a stay; `until` is empty for the last.

    Between them the rows cover every day from the opening to the day of `known`: the row with the last `since` on or
    before a day is the state on that day. Only facts known by then move a case.
    """
    return kept(known, "_case_history", lambda: _history(known))


def _history(known: Known) -> ibis.Table:
    told = _told(known)
    order = ibis.window(group_by=list(KEY), order_by="on")
    moved = told.mutate(before=told.state.lag().over(order))
    moved = moved.filter(moved.before.isnull() | (moved.before != moved.state))
    path = moved.select(*KEY, "state", since="on", until=moved.on.lead().over(order))
    return path.order_by(*KEY, "since")


def _told(known: Known) -> ibis.Table:
    """The state of each case on each day on which something happened to it: `case, pupil, on, state`."""
    rows, spells = facts(known), back_spells(known)
    moments = _moments(rows, spells, known.as_of)
    at = moments.inner_join(rows, list(KEY))
    here = [at["case"] == spells["case"], at.pupil == spells.pupil, spells.back_from <= at.on]
    still = spells.back_until.isnull() | (spells.back_until > at.on)
    at = at.left_join(spells, [*here, still])
    return at.select(*KEY, "on", state=_state(at))


def _moments(rows: ibis.Table, spells: ibis.Table, as_of: dt.date) -> ibis.Table:
    ends = (rows.closed_on + ibis.interval(days=deadlines.rules().watch_days[-1])).cast("date")
    dates = [
        rows.opened_on, rows.concluded_on, rows.first_visit_on, rows.reported_township_on, rows.reported_bureau_on,
        rows.criticised_on, rows.ordered_on, rows.judicial_on, rows.excused_on, rows.proven_on, rows.closed_on,
        rows.relapsed_on, rows.successor_on, ends,
    ]  # fmt: skip
    days = ibis.union(*[rows.select(*KEY, "opened_on", on=date) for date in dates])
    visited = [spells.select(*KEY, on=date) for date in (spells.back_from, spells.back_until)]
    opened = rows.select(*KEY, "opened_on")
    days = ibis.union(days, *[part.inner_join(opened, list(KEY)).select(*KEY, "opened_on", "on") for part in visited])
    days = days.filter(days.on.notnull() & (days.on >= days.opened_on) & (days.on <= ibis.literal(as_of)))
    return days.select(*KEY, "on").distinct()


def _state(at: ibis.Table) -> ibis.Value:
    """The state on the day `on` of each row of facts."""

    def reached(*dates: ibis.Value) -> ibis.Value:
        return ibis.and_(*[date.fill_null(dt.date.max) <= at.on for date in dates])

    closed, concluded = reached(at.closed_on) & was_out(at), reached(at.concluded_on)
    back = closed & at.closing.isin(BACK_IN_SCHOOL).fill_null(False)
    watch_over = (at.closed_on + ibis.interval(days=deadlines.rules().watch_days[-1])).cast("date")
    left = concluded & at.conclusion.isin(LEFT).fill_null(False)
    return ibis.cases(
        (back & reached(at.successor_on), S.REOPENED.value),
        (back & reached(at.relapsed_on), S.RELAPSED.value),
        (back & reached(watch_over), S.SETTLED.value),
        (back & (at.closing == Closing.BACK), S.RETURNED.value),
        (back, S.PLACED.value),
        (closed, S.CLOSED.value),
        (concluded & ~left, S.LIFTED.value),
        (~concluded & reached(at.excused_on), S.LIFTED.value),
        (left & (reached(at.proven_on) | at.back_from.notnull()), S.TO_CLOSE.value),
        (reached(at.judicial_on), S.JUDICIAL.value),
        (reached(at.ordered_on), S.ORDERED.value),
        (reached(at.criticised_on), S.CRITICISED.value),
        (reached(at.reported_township_on, at.reported_bureau_on), S.REPORTED.value),
        (left & reached(at.first_visit_on), S.PERSUADING.value),
        (left, S.CONFIRMED.value),
        else_=S.SUSPECTED.value,
    )
