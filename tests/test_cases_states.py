"""The life of a case: the table of states, single paths one can follow by eye, and properties of every path."""

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import given as for_every
from hypothesis import strategies as st

from baoxue import words
from baoxue.cases import deadlines
from baoxue.cases.states import ESCALATION, OPEN, RULE_OF, STATES, WATCHED, State, history, states
from baoxue.cases.steps import LADDER, NEXT, WENT_PAST, Step, due, skipped, steps
from cases_drawn import across
from given import given

S = State

TERMS = """
    term              | starts_on  | ends_on
    2023学年第二学期 | 2024-02-26 | 2024-07-05
    2024学年第一学期 | 2024-09-01 | 2025-01-17
    2024学年第二学期 | 2025-02-10 | 2025-07-04
    2025学年第一学期 | 2025-09-01 | 2026-01-23
"""


def path(known) -> list[tuple[str, str, str]]:
    rows = history(known).to_pandas().sort_values(["case", "since"])
    return [(row.case, row.state, str(row.since.date())) for row in rows.itertuples()]


def state_of(known) -> dict[str, str]:
    return states(known).to_pandas().set_index("case")["state"].to_dict()


# ---------------------------------------------------------------------------------------------- the table


def test_every_state_stands_in_the_table_once():
    assert [rule.state for rule in STATES] == sorted(State, key=[rule.state for rule in STATES].index)
    assert len({rule.state for rule in STATES}) == len(State)


@pytest.mark.parametrize("rule", STATES, ids=lambda rule: rule.key)
def test_every_state_has_an_owner_and_unless_it_rests_a_limit_a_person_and_a_way_out(rule):
    known_limits = {*deadlines.rules().limits, "watch"}
    assert rule.owner
    assert set(rule.limits) <= known_limits
    if not rule.rests:
        assert rule.limits and rule.duty and rule.ways_out
    assert rule.state in OPEN or rule.state in WATCHED or rule.rests


def test_every_state_that_does_not_rest_waits_for_a_step_or_a_day_of_watch():
    assert set(NEXT) | set(WATCHED) == {rule.state for rule in STATES if not rule.rests}


@pytest.mark.parametrize("rule", STATES, ids=lambda rule: rule.key)
def test_from_every_state_a_case_can_come_to_rest(rule):
    reached, edge = {rule.state}, {rule.state}
    while edge:
        edge = {way for state in edge for way in RULE_OF[state].ways_out} - reached
        reached |= edge
    assert any(RULE_OF[state].rests for state in reached)


@pytest.mark.parametrize("rule", STATES, ids=lambda rule: rule.key)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_state_says_its_evidence_and_its_law_in_both_languages(rule, lang):
    assert words.say(f"cases.evidence_{rule.key}", lang)
    assert words.say(f"cases.law_{rule.key}", lang)


# ---------------------------------------------------------------------------------------------- single paths


@pytest.fixture
def followed(tmp_path):
    """a: everything done, back in October. b: an order out of nowhere. c: transferred. d: back, then gone. e: leave."""
    return given(
        tmp_path,
        terms=TERMS,
        cases=across("""
            case                 | a          | b          | c          | d          | e
            pupil                | p1         | p2         | p3         | p4         | p5
            clue                 | 考勤       | 考勤       | 考勤       | 入户       | 考勤
            opened_on            | 2024-09-05 | 2024-09-05 | 2024-09-05 | 2024-09-05 | 2024-09-05
            first_absent_on      | 2024-09-02 | 2024-09-02 | 2024-09-02 | 2024-09-02 | 2024-09-02
            conclusion           | 辍学       | 辍学       | -          | 失联       | 请假
            concluded_on         | 2024-09-10 | 2024-09-10 | -          | 2024-09-10 | 2024-09-10
            reported_township_on | 2024-09-20 | -          | -          | -          | -
            reported_bureau_on   | 2024-09-23 | -          | -          | -          | -
            criticised_on        | 2024-09-24 | -          | -          | -          | -
            ordered_on           | 2024-09-29 | 2024-09-29 | -          | -          | -
            order_due_on         | 2024-10-09 | -          | -          | -          | -
            closed_on            | 2024-10-20 | -          | -          | -          | -
            closing              | 返校复学   | -          | -          | -          | -
        """),
        visits="""
            case | pupil | attempt | visited_on | way  | result
            a    | p1    | 1       | 2024-09-06 | 电话 | 监护人拒绝
            a    | p1    | 2       | 2024-09-11 | 家访 | 学生拒绝
            a    | p1    | 3       | 2024-10-18 | 家访 | 已返校
            d    | p4    | 1       | 2024-09-12 | 家访 | 已返校
            d    | p4    | 2       | 2024-09-19 | 家访 | 未见到人
        """,
        changes="""
            pupil | change | changed_on | accepted_on | confirmed_on | proof
            p3    | 转出   | 2024-09-01 | 2024-09-03  | 2024-09-12   | 转学联系函
        """,
    )


def test_a_case_goes_step_by_step_and_is_watched_after_the_return(followed):
    assert [row for row in path(followed.known_by("2025-01-31")) if row[0] == "a"] == [
        ("a", S.SUSPECTED, "2024-09-05"),
        ("a", S.PERSUADING, "2024-09-10"),
        ("a", S.REPORTED, "2024-09-23"),  # the township knew on the 20th; both must be told
        ("a", S.CRITICISED, "2024-09-24"),
        ("a", S.ORDERED, "2024-09-29"),
        ("a", S.TO_CLOSE, "2024-10-18"),
        ("a", S.RETURNED, "2024-10-20"),
        ("a", S.SETTLED, "2025-01-18"),  # 90 days after the closing
    ]


def test_a_skipped_step_is_named(followed):
    known = followed.known_by("2024-10-15")
    assert state_of(known)["b"] == S.ORDERED
    named = skipped(known).to_pandas().set_index("case")["skipped"].to_dict()
    assert named == {"b": "首次劝返、书面报告乡镇街道、书面报告教育局、批评教育"}


def test_a_confirmed_transfer_lifts_the_suspicion_on_the_day_it_is_confirmed(followed):
    assert [row[1:] for row in path(followed.known_by("2024-10-15")) if row[0] == "c"] == [
        (S.SUSPECTED, "2024-09-05"),
        (S.LIFTED, "2024-09-12"),
    ]
    assert state_of(followed.known_by("2024-09-11"))["c"] == S.SUSPECTED


def test_a_child_said_to_be_back_and_not_met_again_is_persuaded_again(followed):
    assert [row[1:] for row in path(followed.known_by("2024-10-15")) if row[0] == "d"] == [
        (S.SUSPECTED, "2024-09-05"),
        (S.CONFIRMED, "2024-09-10"),
        (S.TO_CLOSE, "2024-09-12"),
        (S.PERSUADING, "2024-09-19"),
    ]


def test_a_suspicion_concluded_as_leave_is_lifted(followed):
    assert state_of(followed.known_by("2024-10-15"))["e"] == S.LIFTED


def closed_case(tmp_path, *more: str, changes: str | None = None):
    """Case a, concluded on 30 September and closed on 10 October with the child back, and the rows given."""
    more_tables: dict[str, Any] = {"changes": changes} if changes else {}
    rows = [
        "case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing",
        "a    | p1    | 考勤 | 2024-09-05 | 2024-09-02      | 辍学       | 2024-09-30   | 2024-10-10 | 返校复学",
        *more,
    ]
    return given(tmp_path, terms=TERMS, cases="\n".join(rows), **more_tables)


def test_a_closing_leads_to_its_state(tmp_path):
    closings = {
        "返校复学": S.RETURNED, "送教上门": S.PLACED, "职教安置": S.PLACED, "专门学校": S.PLACED, "转入他校": S.PLACED,
        "出国境": S.CLOSED, "死亡": S.CLOSED, "年满且完成": S.CLOSED, "迁出移交户籍地": S.CLOSED,
    }  # fmt: skip
    rows = [
        f"{closing} | q{n} | 考勤 | 2024-09-05 | 2024-09-02 | 辍学 | 2024-09-30 | 2024-10-10 | {closing}"
        for n, closing in enumerate(closings)
    ]
    assert state_of(closed_case(tmp_path, *rows).known_by("2024-10-31")) == {"a": S.RETURNED, **closings}


def test_a_suspicion_settled_otherwise_is_no_return_and_is_not_watched(tmp_path):
    row = "b | p2 | 考勤 | 2024-09-05 | 2024-09-02 | 转学 | 2024-09-30 | 2024-10-10 | 转入他校"
    assert state_of(closed_case(tmp_path, row).known_by("2024-10-31"))["b"] == S.LIFTED


def test_a_new_case_within_the_watch_takes_over(tmp_path):
    again = "b | p1 | 考勤 | 2024-12-02 | 2024-11-20 | - | - | - | -"
    assert state_of(closed_case(tmp_path, again).known_by("2024-12-31")) == {"a": S.REOPENED, "b": S.SUSPECTED}


def test_a_child_the_registry_says_left_again_needs_a_new_case(tmp_path):
    changes = """
        pupil | change | changed_on | accepted_on
        p1    | 辍学   | 2024-11-20 | 2024-11-25
    """
    store = closed_case(tmp_path, changes=changes)
    assert state_of(store.known_by("2024-11-24")) == {"a": S.RETURNED}
    known = store.known_by("2024-11-30")
    told = due(known).to_pandas().iloc[0]
    assert (told["state"], told["due_on"].date(), told["overdue_days"]) == (S.RELAPSED, dt.date(2024, 11, 26), 4)


def test_a_leaving_long_after_the_watch_is_a_new_matter(tmp_path):
    again = "b | p1 | 考勤 | 2025-03-10 | 2025-03-01 | - | - | - | -"
    assert state_of(closed_case(tmp_path, again).known_by("2025-03-31"))["a"] == S.SETTLED


def test_only_what_is_approved_or_confirmed_and_speaks_to_this_absence_proves_anything(tmp_path):
    drawn = {
        "死亡 | 2024-09-20 | 2024-10-08 | - | - | -": S.TO_CLOSE,
        "转出 | 2024-08-25 | 2024-08-26 | - | - | 2024-10-08": S.TO_CLOSE,
        "转出 | 2024-08-25 | 2024-08-26 | - | - | -": S.CONFIRMED,
        "转出 | 2023-02-25 | 2023-02-26 | - | - | 2023-03-08": S.CONFIRMED,
        "休学 | 2024-09-02 | 2024-09-25 | 通过 | 2024-10-08 | -": S.TO_CLOSE,
        "休学 | 2024-09-02 | 2024-09-25 | 退回 | 2024-10-08 | -": S.CONFIRMED,
        "出国(境) | 2024-09-02 | 2024-09-25 | 审核中 | 2024-10-08 | -": S.CONFIRMED,
        "劝返复学 | 2024-10-08 | 2024-10-09 | - | - | -": S.TO_CLOSE,
        "劝返复学 | 2024-08-08 | 2024-10-09 | - | - | -": S.CONFIRMED,
    }
    cases = ["case | pupil | clue | opened_on | first_absent_on | conclusion | concluded_on"]
    changes = ["pupil | change | changed_on | accepted_on | review | reviewed_on | confirmed_on"]
    for number, change in enumerate(drawn):
        cases.append(f"{number} | p{number} | 考勤 | 2024-09-05 | 2024-09-02 | 辍学 | 2024-09-30")
        changes.append(f"p{number} | {change}")
    store = given(tmp_path, terms=TERMS, cases="\n".join(cases), changes="\n".join(changes))
    found = state_of(store.known_by("2024-10-31"))
    assert {change: found[str(number)] for number, change in enumerate(drawn)} == drawn


# ---------------------------------------------------------------------------------------------- every path

FIRST, LAST = dt.date(2024, 9, 2), dt.date(2025, 5, 30)
DATES = (
    "concluded_on", "reported_township_on", "reported_bureau_on", "criticised_on", "ordered_on", "judicial_on",
    "closed_on",
)  # fmt: skip

some_day = st.integers(0, (LAST - FIRST).days).map(lambda days: FIRST + dt.timedelta(days=days))
a_while = st.integers(0, 60).map(dt.timedelta)
maybe = st.none() | some_day

conclusions = st.sampled_from(["辍学", "辍学", "辍学", "失联", "请假", "转学"])
closings = st.sampled_from(["返校复学", "返校复学", "送教上门", "死亡", "迁出移交户籍地"])
results = st.sampled_from(["已返校", "承诺返校", "学生拒绝", "未见到人"])
change_kinds = st.sampled_from(["转出", "休学", "劝返复学", "死亡", "辍学", "转入"])


@st.composite
def lives(draw):
    """A child with one or two cases in any order of dates, up to four visits, up to two registry changes."""
    cases = []
    for _ in range(draw(st.integers(1, 2))):
        opened_on = draw(some_day)
        dates = {name: draw(maybe) for name in DATES}
        is_orderly = draw(st.booleans())
        if is_orderly:
            given_dates = sorted(day for day in dates.values() if day)
            dates = dict(zip([n for n in DATES if dates[n]], given_dates, strict=True))
        cases.append({"opened_on": opened_on, "first_absent_on": opened_on - draw(a_while), **dates})
    visits = [
        {"case": draw(st.integers(0, len(cases) - 1)), "visited_on": draw(some_day), "result": draw(results)}
        for _ in range(draw(st.integers(0, 4)))
    ]
    changes = [
        {"change": draw(change_kinds), "changed_on": draw(some_day), "later": draw(a_while)}
        for _ in range(draw(st.integers(0, 2)))
    ]
    words_of = [(draw(conclusions), draw(closings)) for _ in cases]
    return cases, visits, changes, words_of


def drawn(children) -> dict[str, Any]:
    """The text tables of the store."""
    cases = ["case|pupil|clue|opened_on|first_absent_on|conclusion|closing|" + "|".join(DATES)]
    visits = ["case|pupil|attempt|visited_on|way|result"]
    changes = ["pupil|change|changed_on|accepted_on|review|reviewed_on|confirmed_on"]
    for child, (files, seen, moved, told) in enumerate(children):
        for number, (file, (conclusion, closing)) in enumerate(zip(files, told, strict=True)):
            said = [conclusion if file.get("concluded_on") else "-", closing if file.get("closed_on") else "-"]
            when = [str(file.get(name) or "-") for name in DATES]
            start = [f"c{child}-{number}", f"p{child}", "考勤", str(file["opened_on"]), str(file["first_absent_on"])]
            cases.append("|".join([*start, *said, *when]))
        for number, visit in enumerate(seen):
            row = [
                f"c{child}-{visit['case']}",
                f"p{child}",
                str(number),
                str(visit["visited_on"]),
                "家访",
                visit["result"],
            ]
            visits.append("|".join(row))
        for number, change in enumerate(moved):
            on = change["changed_on"] + dt.timedelta(days=number)
            later = str(on + change["later"])
            passed = ["通过", later] if change["change"] == "休学" else ["-", "-"]
            confirmed = later if change["change"] == "转出" else "-"
            changes.append("|".join([f"p{child}", change["change"], str(on), str(on), *passed, confirmed]))
    tables = {"cases": cases, "visits": visits, "changes": changes}
    return {name: "\n".join(rows) for name, rows in tables.items() if len(rows) > 1}


def on_day(path: pd.DataFrame, day: dt.date) -> dict[str, tuple[str, str]]:
    then = path[path["since"] <= pd.Timestamp(day)].groupby("case").last()
    return {str(case): (row["state"], str(row["since"].date())) for case, row in then.iterrows()}


# a batch of children is one store; shrinking a batch would take longer than reading it
in_batches = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


@in_batches
@for_every(st.lists(lives(), min_size=12, max_size=25), st.lists(some_day, min_size=2, max_size=3))
def test_replaying_a_case_gives_its_state_on_any_past_day(children, days):
    with tempfile.TemporaryDirectory() as place:
        store = given(Path(place), terms=TERMS, **drawn(children))
        replayed = history(store.known_by(LAST)).to_pandas().sort_values(["case", "since"])
        for day in days:
            then = states(store.known_by(day)).to_pandas()
            known_then = {row.case: (row.state, str(row.state_since.date())) for row in then.itertuples()}
            assert known_then == on_day(replayed, day)


@in_batches
@for_every(st.lists(lives(), min_size=12, max_size=25))
def test_no_path_skips_a_required_step_silently_and_every_open_state_is_due(children):
    with tempfile.TemporaryDirectory() as place:
        known = given(Path(place), terms=TERMS, **drawn(children)).known_by(LAST)
        moves = history(known).to_pandas().sort_values(["case", "since"])
        did = steps(known).to_pandas()
        waiting = due(known).to_pandas()
    moves["before"] = moves.groupby("case")["state"].shift()
    for move in moves.dropna(subset="before").itertuples():
        if move.state not in RULE_OF[State(move.before)].ways_out:
            assert_passed_or_reported(move, did[did["case"] == move.case])
    rests = [state.value for state, rule in RULE_OF.items() if rule.rests]
    assert waiting.loc[~waiting["state"].isin(rests), "due_on"].notna().all()
    assert (waiting["overdue_days"] >= 0).all()


def assert_passed_or_reported(move, did: pd.DataFrame) -> None:
    """A move the table does not name goes forward over steps that were all taken by then, or are reported."""
    step_of = {
        S.CONFIRMED: (Step.CONCLUDE,), S.PERSUADING: (Step.PERSUADE,), S.CRITICISED: (Step.CRITICISE,),
        S.REPORTED: (Step.REPORT_TOWNSHIP, Step.REPORT_BUREAU), S.ORDERED: (Step.ORDER,),
    }  # fmt: skip
    assert move.state in ESCALATION, (move.before, move.state)
    start = ESCALATION.index(State(move.before)) + 1 if move.before in ESCALATION else 0
    passed = [step for state in ESCALATION[start : ESCALATION.index(State(move.state))] for step in step_of[state]]
    rows = did[did["step"].isin(passed)]
    assert len(rows) == len(passed)
    assert ((rows["done_on"] <= move.since) | rows["status"].isin(WENT_PAST)).all(), (move, rows)


def test_the_ladder_is_the_order_of_the_notice():
    assert [step.value for step in LADDER] == [
        "认定", "首次劝返", "书面报告乡镇街道", "书面报告教育局", "批评教育", "责令限期改正", "送达司法文书",
    ]  # fmt: skip
