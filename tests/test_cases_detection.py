"""What feeds the cases: the roll call, the registers and the registry; proofs settle a clue, people open a case."""

from __future__ import annotations

import pandas as pd
import pytest

from baoxue.cases.detection import Outcome, suspicions
from given import given

SCHOOL = """
    school_code | school_name | school_type | township_code | zone
    3133990001  | 甲初中      | 初级中学    | 330382001     | 乐成学区
"""
TERMS = """
    term              | starts_on  | ends_on
    2024学年第一学期 | 2024-09-01 | 2025-01-17
"""
WEEK = ("2024-11-04", "2024-11-05", "2024-11-06", "2024-11-07", "2024-11-08")
DAY = "2024-11-11"
LAST_THREE = [(day, "旷课", "全天") for day in WEEK[2:]]

ABSENCES: dict[str, list[tuple[str, str, str]]] = {
    "three days": LAST_THREE,
    "halves": [(day, "旷课", session) for day in WEEK[2:] for session in ("上午", "下午")],
    "two days": LAST_THREE[1:],
    "back again": [(day, "旷课", "全天") for day in WEEK[:3]],
    "sick between": [
        *((day, "旷课", "全天") for day in WEEK[1:3]),
        (WEEK[3], "病假", "全天"),
        (WEEK[4], "旷课", "全天"),
    ],
    "mornings": [(day, "旷课", "上午") for day in WEEK],
    "with leave": [(day, "事假", "全天") for day in WEEK],
    "no roll between": [(WEEK[0], "旷课", "全天"), (WEEK[2], "旷课", "全天"), (WEEK[4], "旷课", "全天")],
    **dict.fromkeys(
        [
            "dead",
            "on leave",
            "transferred",
            "leave pending",
            "transfer pending",
            "long back",
            "open",
            "settled",
            "before",
        ],
        LAST_THREE,
    ),
    "left": [],
    "roster only": [],
}  # fmt: skip
"""Each child, named by what is the matter, and its absences; `no roll between` sits in a class of its own."""

CHANGES = """
    pupil            | change | changed_on | accepted_on | review | reviewed_on | confirmed_on | proof
    dead             | 死亡   | 2024-11-06 | 2024-11-08  | -      | -           | -            | 死亡证明
    on leave         | 休学   | 2024-11-05 | 2024-11-06  | 通过   | 2024-11-10  | -            | 诊断证明
    transferred      | 转出   | 2024-10-20 | 2024-10-21  | -      | -           | 2024-11-11   | 转学联系函
    leave pending    | 休学   | 2024-11-05 | 2024-11-06  | 审核中 | 2024-11-10  | -            | -
    transfer pending | 转出   | 2024-10-20 | 2024-10-21  | -      | -           | 2024-11-12   | -
    long back        | 休学   | 2024-09-20 | 2024-09-21  | 通过   | 2024-09-25  | -            | -
    long back        | 复学   | 2024-10-20 | 2024-10-21  | 通过   | 2024-10-21  | -            | -
    left             | 辍学   | 2024-10-15 | 2024-10-20  | -      | -           | -            | -
"""
CASES = """
    case | pupil   | clue | opened_on  | conclusion | concluded_on
    a    | open    | 考勤 | 2024-11-08 | -          | -
    b    | settled | 考勤 | 2024-11-08 | 请假       | 2024-11-10
    c    | before  | 考勤 | 2024-10-08 | 返校       | 2024-10-18
"""


def _enrolments() -> str:
    rows = [
        f"{name} | 2024-11-01 | 3133990001 | 8 | {2 if name == 'no roll between' else 1} | 在读"
        for name in ABSENCES
        if name != "roster only"
    ]
    return "\n".join(["pupil | snapshot_on | school_code | grade | class | status", *rows])


def _rolls() -> str:
    rows = [
        f"3133990001 | 8 | {room} | {day} | 2 | 1 | {'no' if room == 2 and day in (WEEK[1], WEEK[3]) else 'yes'}"
        for room in (1, 2)
        for day in WEEK
    ]
    return "\n".join(["school_code | grade | class | date | expected | present | is_taken", *rows])


@pytest.fixture(scope="module")
def clues(tmp_path_factory) -> pd.DataFrame:
    """The suspicions of the county above."""
    absences = [f"{name} | {' | '.join(row)}" for name, rows in ABSENCES.items() for row in rows]
    store = given(
        tmp_path_factory.mktemp("clues"),
        schools=SCHOOL,
        terms=TERMS,
        enrolments=_enrolments(),
        rolls=_rolls(),
        absences="\n".join(["pupil | date | absence | session", *absences]),
        changes=CHANGES,
        cases=CASES,
        rosters="pupil | snapshot_on | school_code | grade | class\nroster only | 2024-10-01 | 3133990001 | 8 | 1",
    )
    return suspicions(store.known_by(DAY)).to_pandas().set_index("pupil")


def absence(clues: pd.DataFrame, name: str) -> pd.Series:
    rows = clues[clues["finding"] == "long_absence"]
    return rows.loc[[name]].iloc[0]


def test_three_days_of_unexcused_absence_in_a_row_are_a_clue(clues):
    clue = absence(clues, "three days")
    assert (clue["clue"], clue["outcome"], str(clue["since"].date())) == ("考勤", Outcome.TO_CONFIRM, "2024-11-06")
    assert clue["evidence"] == "凡点名的上课日已连续3天全天旷课。"
    assert str(clue["register_due_on"].date()) == "2024-11-11"
    assert (clue["school_code"], clue["grade"], clue["township_code"]) == ("3133990001", 8, "330382001")


def test_morning_and_afternoon_together_are_a_day(clues):
    assert absence(clues, "halves")["outcome"] == Outcome.TO_CONFIRM


@pytest.mark.parametrize("name", ["two days", "back again", "sick between", "mornings", "with leave"])
def test_what_is_no_clue(clues, name):
    assert name not in clues.index


def test_a_day_without_a_roll_neither_counts_nor_breaks_the_row(clues):
    assert absence(clues, "no roll between")["evidence"] == "凡点名的上课日已连续3天全天旷课。"


@pytest.mark.parametrize("name, proof", [("dead", "死亡"), ("on leave", "休学"), ("transferred", "转出")])
def test_a_clue_is_settled_by_a_proof_and_the_proof_is_named(clues, name, proof):
    clue = absence(clues, name)
    assert (clue["outcome"], clue["proof"]) == (Outcome.PROVEN, proof)
    assert isinstance(clue["document"], str) and str(clue["proven_on"].date()) <= DAY


@pytest.mark.parametrize("name", ["leave pending", "transfer pending", "long back"])
def test_what_is_not_approved_or_confirmed_or_long_over_settles_nothing(clues, name):
    assert absence(clues, name)["outcome"] == Outcome.TO_CONFIRM


@pytest.mark.parametrize(
    "name, outcome",
    [("open", Outcome.HAS_CASE), ("settled", Outcome.LOOKED_AT), ("before", Outcome.TO_CONFIRM)],
)
def test_a_clue_respects_the_case_that_there_is(clues, name, outcome):
    assert absence(clues, name)["outcome"] == outcome


def test_a_dropout_that_only_the_registry_states_is_a_clue(clues):
    rows = clues[clues["finding"] == "left_without_case"]
    assert (rows.index.tolist(), rows["outcome"].tolist()) == (["left"], [Outcome.TO_CONFIRM])


def test_a_child_in_class_without_registry_is_a_finding_and_no_clue(clues):
    assert "roster only" not in clues.index
