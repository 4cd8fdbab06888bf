"""Who left compulsory school, when, since when it is known, and when each came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from baoxue.codes import Change, Closing, Conclusion, Review, Stage, Status
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known

BACK_IN_SCHOOL = (
    Closing.BACK,
    Closing.OTHER_SCHOOL,
    Closing.HOME_TEACHING,
    Closing.VOCATIONAL,
    Closing.CORRECTIONAL,
)
"""Closings after which a child counts as in school again (GLOSSARY: 复学安置); the others close a case, no more."""

CHANGE_ENDS = {
    Change.RETURNED: Closing.BACK,
    Change.RESUMED: Closing.BACK,
    Change.TRANSFER_IN: Closing.OTHER_SCHOOL,
    Change.TRANSFER_OUT: Closing.OTHER_SCHOOL,
    Change.EMIGRATED: Closing.ABROAD,
    Change.DEAD: Closing.DEAD,
    Change.GRADUATED: Closing.OF_AGE,
}
"""Registry changes that end a leaving where no case says so. 复学 has one code for a return from leave and a return
after dropping out, so both end it; a transfer out ends it on the day the receiving school confirms."""


def leavings(known: Known) -> ibis.Table:
    """One row per leaving (辍学) known by then, with its end.

    A child has left when a case is concluded 辍学 or a registry change says so and was not sent back (退回).
    Columns: `pupil`; `case` (empty if only a change says so); `left_on`: the first absence, else the day of the
    change, else the day the case was opened; `known_on`: the conclusion, else the change's acceptance, the earlier
    of the two; `reason`; `ended_on` and `ending` (销案类型); `returned_on`: the end if the child is back in school
    by it, else empty; `school_code, grade, stage, seen_on, registration`: where the child was last seen (`placed`).

    A case and a change with no return between them are one leaving; a child who left, came back and left again has
    two. A transfer, death, emigration or approved leave is never a leaving.
    """
    return kept(known, "_leavings", lambda: _leavings(known)).order_by("left_on", "pupil")


def suspicions(known: Known) -> ibis.Table:
    """One row per case (疑似辍学) opened by then: `case, pupil, opened_on, settled_on, conclusion` and `placed`.

    `settled_on` is the conclusion or, where that is missing, the closing; while both are empty the child is suspected
    of having left and nothing more. A case without a child's number has `pupil` empty and no stage.
    """
    return kept(known, "_suspicions", lambda: _suspicions(known)).order_by("opened_on", "case")


def placed(people: ibis.Table, day: str, known: Known) -> ibis.Table:
    """`people` with `school_code, grade, stage` of each as last seen on the registry by the date column `day`.

    Of the registry's rows of a pupil the one counts that lies in the same school year, then on or before the day,
    then nearest to it; `seen_on` and `registration` say which row that is. All empty for a child the registry never
    had. `people` must not have these columns.
    """
    number = ibis.row_number().over(ibis.window(order_by=[day, "pupil"]))
    asked = people.mutate(_row=number)
    enrolments = known.table("enrolments")
    seen = enrolments.select("pupil", "school_code", "grade", "status", "registration", seen_on=enrolments.snapshot_on)
    pairs = asked.select("_row", "pupil", _day=asked[day]).inner_join(seen, "pupil")
    same_year = school_year_of(pairs.seen_on) == school_year_of(pairs._day)
    before = pairs.seen_on <= pairs._day
    distance = ibis.greatest(pairs.seen_on, pairs._day).delta(ibis.least(pairs.seen_on, pairs._day), unit="day")
    order = [same_year.desc(), before.desc(), distance, _not_enrolled(pairs), pairs.school_code, pairs.registration]
    rank = ibis.row_number().over(ibis.window(group_by="_row", order_by=order))
    nearest = pairs.mutate(_rank=rank).filter(ibis._._rank == 0)
    found = nearest.select(
        "_row", "seen_on", "registration", "school_code", "grade", stage=stage_of_grade(nearest.grade)
    )
    return asked.left_join(found, "_row").drop("_row", "_row_right")


def stage_of_grade(grade: ibis.Value) -> ibis.Value:
    """The stage of a grade column: 小学 for 1-6, 初中 for 7-9, empty where the grade is."""
    return ibis.cases((grade <= 6, Stage.PRIMARY.value), (grade <= 9, Stage.JUNIOR.value))


def school_year_of(day: ibis.Value) -> ibis.Value:
    """The first calendar year of the school year (学年) of a date column: 2024 for 2025-02-01."""
    return (day.year() - (day.month() < 9).cast("int32")).cast("int32")


def _not_enrolled(rows: ibis.Table) -> ibis.Value:
    return (rows.status.fill_null(Status.ENROLLED.value) != Status.ENROLLED).cast("int")


def _leavings(known: Known) -> ibis.Table:
    statements = _numbered(_statements(known), _ends(known))
    episodes = statements.group_by("pupil", "episode").aggregate(
        case=statements["case"].min(),
        left_on=ibis.coalesce(statements.absent_on.min(), statements.changed_on.min(), statements.opened_on.min()),
        known_on=statements.known_on.min(),
        reason=statements.reason.min(),
    )
    return placed(_ended(episodes, statements, _ends(known)), "left_on", known)


def _suspicions(known: Known) -> ibis.Table:
    cases = known.table("cases")
    settled = ibis.least(cases.concluded_on, cases.closed_on)
    rows = cases.select("case", "pupil", "opened_on", "conclusion", settled_on=settled)
    return placed(rows, "opened_on", known)


def _statements(known: Known) -> ibis.Table:
    cases = known.table("cases").filter(ibis._.conclusion == Conclusion.DROPPED_OUT)
    no_day, no_text = ibis.null("date"), ibis.null("string")
    by_case = cases.select(
        "pupil",
        "case",
        on=ibis.coalesce(cases.first_absent_on, cases.opened_on),
        absent_on=cases.first_absent_on,
        changed_on=no_day,
        opened_on=cases.opened_on,
        known_on=ibis.coalesce(cases.concluded_on, cases.opened_on),
        reason=cases.dropout_reason,
    )
    changes = _standing(known).filter(ibis._.change == Change.DROPPED_OUT)
    by_change = changes.select(
        "pupil",
        case=no_text,
        on=changes.changed_on,
        absent_on=no_day,
        changed_on=changes.changed_on,
        opened_on=no_day,
        known_on=changes.known_on,
        reason=no_text,
    )
    return by_case.union(by_change).filter(ibis._.pupil.notnull())


def _ends(known: Known) -> ibis.Table:
    """What may end a leaving: the closing of a case (`of_case`: of one concluded 辍学), a change of the registry."""
    cases = known.table("cases").filter(ibis._.closed_on.notnull())
    of_case = ibis.ifelse(cases.conclusion == Conclusion.DROPPED_OUT, cases["case"], ibis.null("string"))
    closed = cases.select("pupil", of_case=of_case, ended_on=cases.closed_on, ending=cases.closing)
    changes = _standing(known)
    moved_on = ibis.ifelse(changes.change == Change.TRANSFER_OUT, changes.confirmed_on, changes.changed_on)
    word = ibis.cases(*((changes.change == change, end.value) for change, end in CHANGE_ENDS.items()))
    changed = changes.select("pupil", of_case=ibis.null("string"), ended_on=moved_on, ending=word)
    changed = changed.filter(changed.ending.notnull() & changed.ended_on.notnull())
    return closed.union(changed).filter(ibis._.pupil.notnull())


def _standing(known: Known) -> ibis.Table:
    return known.table("changes").filter(ibis._.review.fill_null("") != Review.RETURNED)


def _numbered(statements: ibis.Table, ends: ibis.Table) -> ibis.Table:
    """Statements with the number of their leaving: two about a pupil with no end between them are about one."""
    pairs = statements.left_join(ends.select("pupil", "ended_on"), "pupil").drop("pupil_right")
    ended_before = pairs.ended_on.count(where=pairs.ended_on <= pairs.on)
    return pairs.group_by(statements.columns).aggregate(episode=ended_before)


def _ended(episodes: ibis.Table, statements: ibis.Table, ends: ibis.Table) -> ibis.Table:
    """Episodes with the first end after each; of two on one day a return wins.

    The closing of a case ends the leaving that case is about, and no later one: a case is often closed days after the
    child was back, when it may already be gone again.
    """
    about = statements.select("pupil", "episode", of_case=statements["case"]).distinct()
    own = ends.inner_join(about, ["pupil", "of_case"])
    anyones = ends.filter(ends.of_case.isnull()).inner_join(about.select("pupil", "episode").distinct(), "pupil")
    columns = ["pupil", "episode", "ended_on", "ending"]
    candidates = own.select(*columns).union(anyones.select(*columns))
    pairs = episodes.left_join(candidates, ["pupil", "episode", candidates.ended_on > episodes.left_on])
    is_return = pairs.ending.isin(BACK_IN_SCHOOL).fill_null(False)
    order = [pairs.ended_on, is_return.desc(), pairs.ending]
    rank = ibis.row_number().over(ibis.window(group_by=["pupil", "episode"], order_by=order))
    first = pairs.mutate(_rank=rank, _back=is_return).filter(ibis._._rank == 0)
    returned = ibis.ifelse(first._back, first.ended_on, ibis.null("date"))
    return first.select("pupil", "case", "left_on", "known_on", "reason", "ended_on", "ending", returned_on=returned)
