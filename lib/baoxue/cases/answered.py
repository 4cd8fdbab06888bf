"""What schools answered on the lists they were handed, as the cases need it: who was visited, and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from baoxue.codes import AnswerResult, Measure, VisitResult, VisitWay

if TYPE_CHECKING:
    from baoxue.store import Known

AS_VISIT: dict[AnswerResult, VisitResult] = {
    AnswerResult.FINE: VisitResult.BACK,
    AnswerResult.UNWILLING: VisitResult.PUPIL_REFUSED,
    AnswerResult.NOT_MET: VisitResult.NOT_MET,
    AnswerResult.LOST: VisitResult.LOST,
    AnswerResult.TRANSFERRED: VisitResult.ELSEWHERE,
}
"""What an answer says of a child who has a case by then; the other answers do not move a case."""


def answers(known: Known) -> ibis.Table:
    """The answers given by then: the columns of `answers`, and `replied_on, reply` of the bureau to an objection."""
    replies = known.table("objection_replies").select("list_as_of", "reference", "replied_on", "reply")
    given = known.table("answers").filter(ibis._.visited_on.notnull())
    return given.left_join(replies, ["list_as_of", "reference"]).drop("list_as_of_right", "reference_right")


def open_objections(known: Known) -> ibis.Table:
    """The objections that nobody has answered yet: the columns of `answers`."""
    return answers(known).filter(ibis._.objection.notnull() & ibis._.replied_on.isnull())


def last_answers(known: Known) -> ibis.Table:
    """Of each pupil the answer given last: `pupil, visited_on, result, school_code`."""
    rows = answers(known)
    order = ibis.window(group_by="pupil", order_by=[rows.visited_on.desc(), rows.list_as_of.desc()])
    last = rows.mutate(_nth=ibis.row_number().over(order)).filter(ibis._["_nth"] == 0)
    return last.select("pupil", "visited_on", "result", "school_code")


def visits(known: Known) -> ibis.Table:
    """Persuasion visits, and visits that a list asked for of children with an open case: `case, pupil, attempt,
    visited_on, way, measure, result`.

    An answer counts from the day the case was opened until it was closed; it is numbered after the visits recorded.
    """
    recorded = known.table("visits")
    columns = ("case", "pupil", "attempt", "visited_on", "way", "measure", "result")
    said = {result.value: as_visit.value for result, as_visit in AS_VISIT.items()}
    told = answers(known).filter(ibis._.result.isin(list(said)))
    cases = known.table("cases").select("case", "pupil", "opened_on", "closed_on")
    told = told.inner_join(cases, "pupil")
    is_open = told.closed_on.isnull() | (told.closed_on > told.visited_on)
    told = told.filter((told.opened_on <= told.visited_on) & is_open)
    highest = recorded.group_by("case", "pupil").aggregate(highest=ibis._.attempt.max())
    told = told.left_join(highest, ["case", "pupil"]).drop("case_right", "pupil_right")
    in_order = ibis.window(group_by=[told["case"], told.pupil], order_by=[told.visited_on, told.list_as_of])
    nth = ibis.row_number().over(in_order)
    told = told.mutate(
        attempt=(told.highest.fill_null(0) + nth + 1).cast("int32"),
        way=ibis.literal(VisitWay.HOME.value),
        measure=ibis.literal(Measure.PERSONAL.value),
        result=told.result.substitute(said),
    )
    return recorded.select(*columns).union(told.select(*columns))
