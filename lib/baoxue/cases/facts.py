"""The dated facts of every case: one row a case, gathered from the case, its visits, the changes and later leavings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from baoxue.cases import answered, deadlines
from baoxue.cases.leavings import BACK_IN_SCHOOL
from baoxue.cases.proofs import in_reach, proofs
from baoxue.codes import Change, Conclusion, Review, VisitResult, VisitWay
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.cases.deadlines import Deadlines
    from baoxue.store import Known

KEY = ("case", "pupil")

LEFT = (Conclusion.DROPPED_OUT, Conclusion.LOST)
"""Conclusions after which a child is persuaded to come back; the others lift the suspicion."""

UNSUCCESSFUL = (
    VisitResult.GUARDIAN_REFUSED,
    VisitResult.PUPIL_REFUSED,
    VisitResult.NOT_MET,
    VisitResult.LOST,
    VisitResult.UNABLE,
)
"""Results of an attempt that brought nothing; a promise, and a school elsewhere yet to be proven, are waited for."""


def facts(known: Known) -> ibis.Table:
    """One row per case known by then, with every date its state and its deadlines follow from.

    The columns of `cases`, and: `absent_on` (first absence, else the opening); `visits, first_visit_on,
    first_home_visit_on, failed_on` (the attempt after which persuasion counts as failed); `excused_on` (first proof)
    and `proven_on` (first proof since the conclusion), with `proof` and `document` of the first; `relapsed_on` (when
    the registry's word that the child left again within the watch became known) and `successor_on` (the case opened
    for that).
    A change that was sent back later (退回) is as if it had never been.
    """
    return kept(known, "_case_facts", lambda: _facts(known))


def _facts(known: Known) -> ibis.Table:
    rules = deadlines.rules()
    cases = known.table("cases")
    rows = cases.mutate(absent_on=ibis.coalesce(cases.first_absent_on, cases.opened_on))
    rows = _beside(rows, _visited(known, rules))
    rows = _beside(rows, _proven(rows, known, rules))
    return _beside(_beside(rows, _relapses(rows, known, rules)), _successors(rows, rules))


def back_spells(known: Known) -> ibis.Table:
    """Spells in which the last visit said the child is back (已返校): `case, pupil, back_from, back_until`, empty while
    it still does."""
    visits = answered.visits(known)
    order = ibis.window(group_by=list(KEY), order_by=["visited_on", "attempt"])
    spells = visits.mutate(back_from=visits.visited_on, back_until=visits.visited_on.lead().over(order))
    return spells.filter(spells.result == VisitResult.BACK).select(*KEY, "back_from", "back_until")


def was_out(rows: ibis.Table) -> ibis.Value:
    """Whether a closed case was of a child out of school: not concluded otherwise (请假, 转学, …) by the closing."""
    otherwise = rows.conclusion.notin(LEFT) & (rows.concluded_on <= ibis.coalesce(rows.closed_on, rows.concluded_on))
    return ~otherwise.fill_null(False)


def back_in_school(rows: ibis.Table) -> ibis.Table:
    """The rows of cases closed with a child who had been out of school back in one."""
    return rows.filter(rows.closed_on.notnull() & rows.closing.isin(BACK_IN_SCHOOL) & was_out(rows))


def _beside(rows: ibis.Table, more: ibis.Table) -> ibis.Table:
    return rows.left_join(more, list(KEY)).drop(*[f"{name}_right" for name in KEY])


def _visited(known: Known, rules: Deadlines) -> ibis.Table:
    visits = answered.visits(known)
    order = ibis.window(group_by=[*KEY, "in_vain"], order_by=["visited_on", "attempt"])
    visits = visits.mutate(in_vain=visits.result.isin(UNSUCCESSFUL))
    visits = visits.mutate(nth=ibis.row_number().over(order) + 1)
    last_straw = visits.in_vain & (visits.nth == rules.persuasion_attempts)
    return visits.group_by(*KEY).aggregate(
        visits=visits.count(),
        first_visit_on=visits.visited_on.min(),
        first_home_visit_on=visits.visited_on.min(where=visits.way == VisitWay.HOME),
        failed_on=visits.visited_on.min(where=last_straw),
    )


def _proven(rows: ibis.Table, known: Known, rules: Deadlines) -> ibis.Table:
    proof = proofs(known)
    pairs = rows.select(*KEY, "absent_on", "concluded_on").inner_join(proof, "pupil")
    pairs = pairs.filter(in_reach(pairs, pairs.absent_on, rules.proof_window_days))
    since = pairs.proven_on >= pairs.concluded_on
    return pairs.group_by(*KEY).aggregate(
        excused_on=pairs.proven_on.min(),
        proven_on=pairs.proven_on.min(where=since),
        proof=_first(pairs, "proof", since),
        document=_first(pairs, "document", since),
    )


def _first(pairs: ibis.Table, name: str, since: ibis.Value) -> ibis.Value:
    """Of the proofs since the conclusion the first one's column; of all proofs where there is no conclusion yet."""
    counts = since | pairs.concluded_on.isnull()
    return pairs[name].argmin(ibis.struct({"on": pairs.proven_on, "proof": pairs.proof}), where=counts)


def _watched(rows: ibis.Table, rules: Deadlines) -> ibis.Table:
    back = back_in_school(rows)
    until = (back.closed_on + ibis.interval(days=rules.watch_days[-1])).cast("date")
    return back.select(*KEY, "closed_on", watched_until=until)


def _relapses(rows: ibis.Table, known: Known, rules: Deadlines) -> ibis.Table:
    changes = known.table("changes").filter(ibis._.review.fill_null("") != Review.RETURNED)
    again = changes.filter(changes.change == Change.DROPPED_OUT)
    again = again.select("pupil", "changed_on", again_known_on="known_on")
    pairs = _watched(rows, rules).inner_join(again, "pupil")
    pairs = pairs.filter((pairs.changed_on > pairs.closed_on) & (pairs.changed_on <= pairs.watched_until))
    return pairs.group_by(*KEY).aggregate(relapsed_on=pairs.again_known_on.min())


def _successors(rows: ibis.Table, rules: Deadlines) -> ibis.Table:
    later = rows.select("pupil", later_case="case", later_on="opened_on", later_absent_on="absent_on")
    pairs = _watched(rows, rules).inner_join(later, "pupil")
    pairs = pairs.filter(pairs.later_case != pairs["case"])
    pairs = pairs.filter((pairs.later_on > pairs.closed_on) & (pairs.later_absent_on <= pairs.watched_until))
    return pairs.group_by(*KEY).aggregate(successor_on=pairs.later_on.min())
