"""What the registers and the roll call suspect, for a person to confirm; a model never opens a case (疑似辍学线索)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from baoxue import registers
from baoxue.cases import deadlines
from baoxue.cases.answered import last_answers
from baoxue.cases.facts import facts
from baoxue.cases.homes import homes
from baoxue.cases.leavings import leavings
from baoxue.cases.proofs import COMES_BACK, LEAVES, in_reach, proofs
from baoxue.cases.states import OPEN, states
from baoxue.codes import AnswerResult, Change, Coded
from baoxue.intake.answered import feedback
from baoxue.registers.classroom import absence_runs
from baoxue.registers.evidence import shown
from baoxue.remembered import kept
from baoxue.words import label, say

if TYPE_CHECKING:
    from baoxue.registers import Finding, Sides
    from baoxue.store import Known


class Clue(Coded):
    """线索来源 of a suspicion."""

    ROLL_CALL = "考勤"
    CLASSROOM = "人籍比对"
    HOUSEHOLDS = "户籍比对"
    CHANGES = "学籍变动比对"
    ADMISSIONS = "招生比对"
    VISIT = "走访反馈"


class Outcome(Coded):
    """What has become of a suspicion."""

    TO_CONFIRM = "待核实"
    HAS_CASE = "已立案"
    LOOKED_AT = "已核实"
    PROVEN = "有据排除"


CLUE_OF: dict[str, Clue] = {
    "never_enrolled": Clue.HOUSEHOLDS,
    "on_roll_not_in_class": Clue.CLASSROOM,
    "transfer_unconfirmed": Clue.CHANGES,
    "suspension_expired": Clue.CHANGES,
    "suspension_unapproved": Clue.CHANGES,
    "not_arrived": Clue.ADMISSIONS,
    "long_absence": Clue.ROLL_CALL,
    "left_without_case": Clue.CHANGES,
    "visit_answer": Clue.VISIT,
}
"""The six findings that point at a child out of school, long unexcused absence, a leaving the registry states, and a
school's answer that a child on its list does not want to come or cannot be found."""

_COLUMNS = ("pupil", "finding", "since", "school_code", "grade", "class", "township_code", "evidence")


def suspicions(known: Known, lang: str = "zh") -> ibis.Table:
    """A row per child and clue: `pupil, clue, finding, since, school_code, grade, class, township_code, evidence,
    register_due_on, outcome, case, proof, proven_on, document`.

    The findings of the registers that `params/policy/deadlines.yaml` names, 旷课 on so many school days in a row,
    a registry change 辍学 nobody opened a case for, and what a school answered on its list. `outcome`: 已立案 (a case
    is open), 已核实 (a case has settled it since it began), 有据排除 (a confirmed transfer, a death, an approved leave
    or emigration, named by `proof`), else 待核实: a person looks and decides. `register_due_on` is set where the first
    missed day is known.
    """
    return kept(known, f"_suspicions_{lang}", lambda: _suspicions(known, lang))


def to_confirm(known: Known, lang: str = "zh") -> ibis.Table:
    """The suspicions nobody has looked at yet, the oldest first."""
    rows = suspicions(known, lang).filter(ibis._.outcome == Outcome.TO_CONFIRM)
    return rows.order_by("since", "pupil", "finding")


def _suspicions(known: Known, lang: str) -> ibis.Table:
    rows = kept(known, f"_clues_{lang}", lambda: _clues(known, lang))
    rows = rows.left_join(_standing_proofs(rows, known), ["pupil", "finding"]).drop("pupil_right", "finding_right")
    rows = rows.left_join(_last_cases(known), "pupil").drop("pupil_right")
    is_open = rows.case_state.isin(OPEN)
    outcome = ibis.cases(
        (is_open.fill_null(False), Outcome.HAS_CASE.value),
        ((rows.case_since >= rows.since).fill_null(False), Outcome.LOOKED_AT.value),
        (rows.proven_on.notnull(), Outcome.PROVEN.value),
        else_=Outcome.TO_CONFIRM.value,
    )
    clue = rows.finding.substitute({name: word.value for name, word in CLUE_OF.items()})
    rows = rows.mutate(outcome=outcome, clue=clue, missed_from=_first_missed(rows))
    rows = deadlines.with_due(rows, "register", "missed_from", known, "register_due_on")
    order = ["pupil", "clue", "finding", "since", "school_code", "grade", "class", "township_code", "evidence"]
    return rows.select(*order, "register_due_on", "outcome", "case", "proof", "proven_on", "document")


def _clues(known: Known, lang: str) -> ibis.Table:
    at = registers.Sides(known, lang)
    found = [_finding(at, name) for name in deadlines.rules().findings]
    seen = (_long_absence(at, known, lang), _left_without_case(known, lang), _answered(known, lang))
    return ibis.union(*seen, *found)


def _first_missed(rows: ibis.Table) -> ibis.Value:
    by_class = rows.finding.isin(["long_absence", "on_roll_not_in_class"])
    return ibis.ifelse(by_class, rows.since, ibis.null("date"))


def _finding(at: Sides, name: Finding) -> ibis.Table:
    rows = registers.finding_rows(at, name)
    return rows.mutate(since=rows.since.cast("date"), grade=rows.grade.cast("int32")).select(*_COLUMNS)


def _long_absence(at: Sides, known: Known, lang: str) -> ibis.Table:
    """旷课 all day on each of the last school days on which the class took the roll, so many as the county has set."""
    rules = deadlines.rules()
    cut = at.unexcused.filter(at.unexcused.is_all_day)
    recent = cut.filter(cut.date >= ibis.literal(known.as_of) - ibis.interval(days=rules.absence_window_days))
    often = recent.group_by("pupil").aggregate(days=recent.count()).filter(ibis._.days >= rules.absence_days)
    runs = absence_runs(at, at.on_registry.semi_join(often, "pupil"))
    runs = runs.filter(runs.absent_days >= rules.absence_days)
    rows = runs.group_by("pupil").aggregate(since=runs.absent_since.min(), days=runs.absent_days.max())
    rows = rows.left_join(homes(known), "pupil").drop("pupil_right")
    words = say("cases.long_absence", lang).split("{days}")
    evidence = ibis.literal(words[0]) + rows.days.cast("string") + ibis.literal(words[1])
    since = rows.since.cast("date")
    return rows.mutate(finding=ibis.literal("long_absence"), since=since, evidence=evidence).select(*_COLUMNS)


def _left_without_case(known: Known, lang: str) -> ibis.Table:
    """Leavings that only a registry change states, not ended: nobody has opened a case."""
    rows = leavings(known).filter(ibis._["case"].isnull() & ibis._.ended_on.isnull())
    rows = rows.select("pupil", since="left_on").left_join(homes(known), "pupil").drop("pupil_right")
    before, after = say("cases.left_without_case", lang).split("{since}")
    evidence = ibis.literal(before) + shown(rows.since, lang) + ibis.literal(after)
    return rows.mutate(finding=ibis.literal("left_without_case"), evidence=evidence).select(*_COLUMNS)


def _answered(known: Known, lang: str) -> ibis.Table:
    """Children whose school answered last that they do not want to come, or are lost from sight."""
    rows = last_answers(known).filter(ibis._.result.isin([result.value for result in feedback().opens]))
    rows = rows.select("pupil", "result", since="visited_on").left_join(homes(known), "pupil").drop("pupil_right")
    words = say("cases.visit_answer", lang).split("{result}")
    told = (
        rows.result if lang == "zh" else rows.result.substitute({r.value: label(r.value, lang) for r in AnswerResult})
    )
    evidence = ibis.literal(words[0]) + told + ibis.literal(words[1])
    return rows.mutate(finding=ibis.literal("visit_answer"), evidence=evidence).select(*_COLUMNS)


def _standing_proofs(rows: ibis.Table, known: Known) -> ibis.Table:
    """The last proof that speaks to a suspicion and was not followed by a change back: `pupil, finding, proof, …`."""
    proof = proofs(known)
    back = proof.filter(proof.proof.isin(COMES_BACK)).group_by("pupil").aggregate(back_on=ibis._.changed_on.max())
    away = proof.filter(proof.proof.isin([*LEAVES, Change.DEAD])).left_join(back, "pupil").drop("pupil_right")
    away = away.filter(away.back_on.isnull() | (away.back_on < away.changed_on))
    pairs = rows.select("pupil", "finding", "since").inner_join(away, "pupil")
    pairs = pairs.filter(in_reach(pairs, pairs.since, deadlines.rules().proof_window_days))
    last = ibis.struct({"on": pairs.proven_on, "proof": pairs.proof})
    return pairs.group_by("pupil", "finding").aggregate(
        proof=pairs.proof.argmax(last), document=pairs.document.argmax(last), proven_on=pairs.proven_on.max()
    )


def _last_cases(known: Known) -> ibis.Table:
    """The case opened last for each child: `pupil, case, case_state, case_since`."""
    now = states(known).left_join(facts(known).select("case", "pupil", "opened_on"), ["case", "pupil"])
    order = ibis.window(group_by="pupil", order_by=[now.opened_on.desc(), now["case"].desc()])
    last = now.mutate(_rank=ibis.row_number().over(order)).filter(ibis._._rank == 0)
    return last.select("pupil", "case", case_state="state", case_since="state_since")
