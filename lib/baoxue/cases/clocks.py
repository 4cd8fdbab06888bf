"""The clocks of a case: when each step of the procedure begins to be due, by which limit, and when it was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from baoxue.cases import deadlines
from baoxue.cases.facts import KEY, LEFT, back_spells, facts
from baoxue.cases.homes import homes
from baoxue.cases.states import RULE_OF, states
from baoxue.codes import Coded, LeftBehind
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known


class Step(Coded):
    """办理事项: what has to be done, in the order of the procedure (DOMAIN 3.4, 3.5)."""

    REGISTER = "登记疑似辍学"
    CONTACT = "电话核查"
    HOME_VISIT = "上门家访"
    CONCLUDE = "认定"
    PERSUADE = "首次劝返"
    REPORT_TOWNSHIP = "书面报告乡镇街道"
    REPORT_BUREAU = "书面报告教育局"
    CRITICISE = "批评教育"
    ORDER = "责令限期改正"
    JUDICIAL = "送达司法文书"
    BRING_BACK = "敦促复学到位"
    CLOSE = "销案"
    REOPEN = "复辍立案"


@dataclass(frozen=True)
class Clock:
    """A step, its limit, the day shown as its start, the day the limit counts from, and when it was done."""

    step: Step
    limit: str
    starts: ibis.Value
    done: ibis.Value
    counts_from: ibis.Value | None = None


def followed(known: Known) -> ibis.Table:
    """The facts of each case, with the days from which its clocks run and those on which they stop.

    `left_on`: concluded that the child has left; `gave_up_on`: persuasion has failed; `ran_out_on`: the order has run
    out; `back_on`: first proof or word of the return; `resolved_on`: nothing more was due; `rests`: whether it rests.
    """
    return kept(known, "_followed_cases", lambda: _followed(known))


def clocks(rows: ibis.Table) -> list[Clock]:
    """The clock of every step over the rows of `followed`; a conclusion has two, both of which must have run out."""
    concluded = ibis.coalesce(rows.concluded_on, rows.excused_on)
    returned = ibis.least(rows.back_on, rows.closed_on)
    return [
        Clock(Step.REGISTER, "register", rows.first_absent_on, rows.opened_on),
        Clock(Step.CONTACT, "contact", rows.opened_on, rows.first_visit_on),
        Clock(Step.HOME_VISIT, "home_visit", rows.opened_on, rows.first_home_visit_on),
        Clock(Step.CONCLUDE, "conclude", rows.opened_on, concluded),
        Clock(Step.CONCLUDE, "regard", rows.opened_on, concluded, counts_from=rows.first_absent_on),
        Clock(Step.PERSUADE, "persuade", rows.left_on, rows.first_visit_on),
        Clock(Step.REPORT_TOWNSHIP, "report", rows.gave_up_on, rows.reported_township_on),
        Clock(Step.REPORT_BUREAU, "report", rows.gave_up_on, rows.reported_bureau_on),
        Clock(Step.CRITICISE, "criticise", rows.reported_township_on, rows.criticised_on),
        Clock(Step.ORDER, "order", rows.criticised_on, rows.ordered_on),
        Clock(Step.JUDICIAL, "hand_over", rows.ran_out_on, rows.judicial_on),
        Clock(Step.BRING_BACK, "judicial", rows.judicial_on, when(rows.judicial_on.notnull(), returned)),
        Clock(Step.CLOSE, "close", rows.back_on, rows.closed_on),
        Clock(Step.REOPEN, "reopen", rows.relapsed_on, rows.successor_on),
    ]


def when(condition: ibis.Value, day: ibis.Value) -> ibis.Value:
    """A date where the condition holds, else empty."""
    return ibis.ifelse(condition, day, ibis.null("date"))


def _followed(known: Known) -> ibis.Table:
    rows = _resolved(known)
    left = rows.left_on.notnull()
    rows = rows.mutate(persuading_from=when(left, ibis.greatest(rows.left_on, rows.first_visit_on)))
    rows = deadlines.with_due(rows, "persuasion", "persuading_from", known, "persuasion_ends_on")
    away = (rows.left_behind == LeftBehind.BOTH_PARENTS).fill_null(False)
    limit = ibis.ifelse(away, "correct_away", "correct")
    rows = deadlines.with_due(rows, limit, "ordered_on", known, "correction_ends_on")
    in_vain_on = when(rows.failed_on.notnull(), ibis.greatest(rows.failed_on, rows.left_on))
    return rows.mutate(
        gave_up_on=when(rows.left_on.notnull(), ibis.least(in_vain_on, rows.persuasion_ends_on)),
        ran_out_on=when(rows.ordered_on.notnull(), ibis.coalesce(rows.order_due_on, rows.correction_ends_on)),
    )


def _resolved(known: Known) -> ibis.Table:
    """The facts, with `left_on` (concluded that the child has left), `back_on` (first proof or word of the return),
    `resolved_on` (nothing more was due) and whether the case rests."""
    rows = facts(known)
    spells = back_spells(known).filter(ibis._.back_until.isnull()).select(*KEY, said_back_on="back_from")
    rows = rows.left_join(spells, list(KEY)).drop("case_right", "pupil_right")
    rows = rows.left_join(homes(known).select("pupil", "left_behind"), "pupil").drop("pupil_right")
    resting = [state for state, rule in RULE_OF.items() if rule.rests]
    now = states(known).select(*KEY, rests=ibis._.state.isin(resting))
    rows = rows.left_join(now, list(KEY)).drop("case_right", "pupil_right")
    left = rows.conclusion.isin(LEFT).fill_null(False)
    lifted_on = ibis.coalesce(rows.concluded_on, rows.excused_on)
    back_on = when(left, ibis.least(rows.proven_on, rows.said_back_on))
    return rows.mutate(
        left_on=when(left, rows.concluded_on),
        back_on=back_on,
        resolved_on=ibis.least(rows.closed_on, when(~left, lifted_on), back_on),
    )
