"""The steps of a case against their deadlines, each on a case one can count by eye."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest

from baoxue.cases.steps import Status, Step, due, steps
from baoxue.store import Known
from given import given

TERMS = """
    term              | starts_on  | ends_on
    2024学年第一学期 | 2024-09-01 | 2025-01-17
    2024学年第二学期 | 2025-02-10 | 2025-07-04
"""


DAY = "2024-10-31"
LEFT = {"conclusion": "辍学", "concluded_on": "2024-09-23"}
ORDERED = {
    **LEFT,
    "reported_township_on": "2024-09-24",
    "reported_bureau_on": "2024-09-24",
    "criticised_on": "2024-09-27",
}
BACK = {**LEFT, "closing": "返校复学"}

CASES: dict[str, dict[str, str]] = {
    "suspected": {"opened_on": "2024-10-25", "first_absent_on": "2024-10-22"},
    "opened late": {"opened_on": "2024-10-14", "conclusion": "辍学", "concluded_on": "2024-10-23"},
    "tried in vain": {**LEFT, "concluded_on": "2024-10-28"},
    "promised": LEFT,
    "back soon": LEFT,
    "back late": LEFT,
    "ordered": {**ORDERED, "ordered_on": "2024-09-27"},
    "parents away": {**ORDERED, "ordered_on": "2024-10-08"},
    "day named": {**ORDERED, "ordered_on": "2024-10-08", "order_due_on": "2024-10-25"},
    "document early": {
        **ORDERED, "ordered_on": "2024-10-08", "order_due_on": "2024-10-25", "judicial_on": "2024-10-21",
    },
    "order first": {**ORDERED, "criticised_on": "2024-10-10", "ordered_on": "2024-10-08"},
    "report first": {"reported_township_on": "2024-09-24"},
    "watch 30": {**BACK, "closed_on": "2024-10-10"},
    "watch 60": {**BACK, "closed_on": "2024-09-25"},
    "watch 90": {**BACK, "opened_on": "2024-06-05", "concluded_on": "2024-07-01", "closed_on": "2024-08-20"},
}  # fmt: skip
"""Unless a case says otherwise its child has been absent since Monday 2 September and it was opened on the 5th."""

VISITS = """
    case          | pupil         | attempt | visited_on | way  | result
    tried in vain | tried in vain | 1       | 2024-10-28 | 电话 | 监护人拒绝
    tried in vain | tried in vain | 2       | 2024-10-29 | 家访 | 承诺返校
    tried in vain | tried in vain | 3       | 2024-10-30 | 家访 | 学生拒绝
    tried in vain | tried in vain | 4       | 2024-10-31 | 家访 | 未见到人
    promised      | promised      | 1       | 2024-09-24 | 家访 | 承诺返校
    back soon     | back soon     | 1       | 2024-09-24 | 家访 | 承诺返校
    back soon     | back soon     | 2       | 2024-09-27 | 电话 | 已返校
    back late     | back late     | 1       | 2024-09-24 | 家访 | 承诺返校
    back late     | back late     | 2       | 2024-10-18 | 电话 | 已返校
"""
ENROLMENTS = """
    pupil        | snapshot_on | school_code | grade | left_behind
    parents away | 2024-09-01  | 3133990001  | 8     | 双亲留守儿童
"""


def drawn(cases: dict[str, dict[str, str]]) -> str:
    """The table of cases; a child has its case's name."""
    names = ["clue", "opened_on", "first_absent_on", *dict.fromkeys(name for row in cases.values() for name in row)]
    names = list(dict.fromkeys(names))
    usual = {"clue": "考勤", "opened_on": "2024-09-05", "first_absent_on": "2024-09-02"}
    rows = ["|".join([name, name, *((usual | row).get(head, "-") for head in names)]) for name, row in cases.items()]
    return "\n".join(["|".join(["case", "pupil", *names]), *rows])


@pytest.fixture(scope="module")
def known(tmp_path_factory) -> Known:
    """All the cases above as known on Thursday 31 October."""
    place = tmp_path_factory.mktemp("steps")
    return given(place, terms=TERMS, cases=drawn(CASES), visits=VISITS, enrolments=ENROLMENTS).known_by(DAY)


@pytest.fixture(scope="module")
def told(known: Known) -> Callable[[str, Step], tuple[str | None, str, int]]:
    """Due day, status and days late of a step of a case."""
    frame = steps(known).to_pandas().set_index(["case", "step"])

    def look(case: str, step: Step) -> tuple[str | None, str, int]:
        row = frame.loc[(case, step.value)]
        return (str(row["due_on"].date()) if pd.notna(row["due_on"]) else None, row["status"], int(row["late_days"]))

    return look


@pytest.fixture(scope="module")
def waiting(known: Known) -> pd.DataFrame:
    """What each case waits for."""
    return due(known).to_pandas().set_index("case")


def test_three_school_days_missed_are_registered_on_the_next(told):
    assert told("suspected", Step.REGISTER) == ("2024-10-25", Status.IN_TIME, 0)  # 22, 23, 24 missed


def test_a_suspicion_is_concluded_by_the_twentieth_day_of_absence(told):
    assert told("suspected", Step.CONCLUDE) == ("2024-11-18", Status.WAITING, 0)
    assert told("report first", Step.CONCLUDE)[0] == "2024-09-29"  # the Sunday made up for National Day


def test_a_suspicion_opened_late_has_its_own_five_days(told):
    assert told("opened late", Step.CONCLUDE) == ("2024-10-21", Status.LATE, 2)


def test_persuasion_has_failed_after_three_attempts_in_vain_and_a_promise_is_none(told):
    assert told("tried in vain", Step.REPORT_TOWNSHIP) == ("2024-11-01", Status.WAITING, 0)
    assert told("tried in vain", Step.REPORT_BUREAU) == ("2024-11-01", Status.WAITING, 0)


def test_persuasion_has_failed_after_seven_days_however_few_the_attempts(told):
    # 24 September and seven days are 1 October; the next working day is the 8th
    assert told("promised", Step.REPORT_TOWNSHIP) == ("2024-10-08", Status.OVERDUE, 23)


def test_a_child_back_before_the_limit_needs_no_report(told):
    assert told("back soon", Step.REPORT_TOWNSHIP)[1] == Status.NOT_NEEDED
    # 29, 30 September, 8, 9, 10 October
    assert told("back soon", Step.CLOSE) == ("2024-10-10", Status.OVERDUE, 21)


def test_a_report_never_written_is_not_forgotten_when_the_child_comes_back_late(told):
    assert told("back late", Step.REPORT_BUREAU) == ("2024-10-08", Status.MISSED, 10)


def test_an_order_that_names_no_day_runs_seven_days_and_not_into_a_holiday(told):
    # it ends on 8 October; three working days to hand over
    assert told("ordered", Step.JUDICIAL) == ("2024-10-11", Status.OVERDUE, 20)


def test_parents_who_work_away_have_ten_days(told):
    # it ends on Friday 18 October
    assert told("parents away", Step.JUDICIAL) == ("2024-10-23", Status.OVERDUE, 8)


def test_the_day_that_an_order_names_counts(told):
    assert told("day named", Step.JUDICIAL) == ("2024-10-30", Status.OVERDUE, 1)


def test_a_judicial_document_before_the_order_has_run_out_is_out_of_order(told):
    assert told("document early", Step.JUDICIAL)[1] == Status.OUT_OF_ORDER


def test_an_order_written_before_the_admonition_is_out_of_order(told):
    assert told("order first", Step.CRITICISE)[1] == Status.OUT_OF_ORDER


def test_a_step_gone_past_is_still_what_the_case_waits_for(told, waiting):
    assert told("report first", Step.CONCLUDE)[1] == Status.SKIPPED
    row = waiting.loc["report first"]
    assert (row["due_on"].date(), row["overdue_days"]) == (dt.date(2024, 9, 29), 32)


@pytest.mark.parametrize("point", [30, 60, 90])
def test_a_child_back_in_school_is_due_on_the_next_day_of_watch(waiting, point):
    row = waiting.loc[f"watch {point}"]
    closed = dt.date.fromisoformat(CASES[f"watch {point}"]["closed_on"])
    assert (row["due_on"].date(), row["overdue_days"]) == (closed + dt.timedelta(days=point), 0)


def test_a_limit_past_the_last_term_announced_has_no_day_yet(tmp_path):
    summer = {"summer": {"first_absent_on": "2025-07-01", "opened_on": "2025-07-04"}}
    known = given(tmp_path, terms=TERMS, cases=drawn(summer)).known_by("2025-07-10")
    row = due(known).to_pandas().iloc[0]
    assert pd.isna(row["due_on"]) and row["overdue_days"] == 0
