"""Who has left, since when it is known, and when a child is back: counted by eye."""

from pathlib import Path

import pandas as pd
import pytest

from baoxue.cases.leavings import leavings, suspicions
from baoxue.store import Store
from given import given

REGISTRY = """
    pupil | snapshot_on | school_code | grade | registration | status
    p1    | 2023-09-01  | 3133000001  | 7     | r1           | 在读
    p2    | 2023-09-01  | 2133000001  | 6     | r2           | 在读
    p3    | 2023-09-01  | 2133000001  | 5     | r3           | 在读
    p1    | 2024-09-01  | 3133000001  | 8     | r1           | 在读
    p2    | 2024-09-01  | 3133000001  | 7     | r2           | 在读
    p3    | 2024-09-01  | 2133000001  | 6     | r3           | 在读
"""


def left(store: Store, as_of: str = "2025-01-17") -> pd.DataFrame:
    frame = leavings(store.known_by(as_of)).to_pandas()
    return frame.assign(**{c: frame[c].astype("string") for c in ("left_on", "known_on", "ended_on", "returned_on")})


def test_a_case_concluded_as_dropout_is_a_leaving_from_its_first_absence(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, cases="""
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | dropout_reason
        c1   | p1    | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29   | 外出务工
    """)  # fmt: skip
    row = left(store).iloc[0]
    assert (row["left_on"], row["known_on"], row["case"], row["reason"]) == (
        "2024-02-26",
        "2024-03-29",
        "c1",
        "外出务工",
    )
    assert (row["school_code"], row["grade"], row["stage"]) == ("3133000001", 7, "初中")


def test_before_the_conclusion_is_known_nobody_has_left(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, cases="""
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on
        c1   | p1    | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29
    """)  # fmt: skip
    assert len(left(store, "2024-03-28")) == 0
    assert len(left(store, "2024-03-29")) == 1


@pytest.mark.parametrize("conclusion", ["返校", "请假", "休学", "转学", "失联"])
def test_any_other_conclusion_is_no_leaving(tmp_path: Path, conclusion: str) -> None:
    store = given(tmp_path, enrolments=REGISTRY, cases=f"""
        case | pupil | clue | opened_on  | first_absent_on | conclusion   | concluded_on
        c1   | p1    | 考勤 | 2024-03-05 | 2024-02-26      | {conclusion} | 2024-03-29
    """)  # fmt: skip
    assert left(store).empty


def test_transfers_deaths_emigration_and_leave_are_no_leavings(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, changes="""
        pupil | change   | changed_on | accepted_on | review
        p1    | 转出     | 2024-03-01 | 2024-03-05  | 通过
        p2    | 死亡     | 2024-03-01 | 2024-03-05  | 通过
        p3    | 出国(境) | 2024-03-01 | 2024-03-05  | 通过
        p3    | 休学     | 2024-05-01 | 2024-05-05  | 通过
    """)  # fmt: skip
    assert left(store).empty


def test_a_change_says_it_alone_unless_it_was_sent_back(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, changes="""
        pupil | change | changed_on | accepted_on | reviewed_on | review
        p1    | 辍学   | 2024-03-01 | 2024-03-05  | 2024-03-08  | 通过
        p2    | 辍学   | 2024-03-01 | 2024-03-05  | 2024-03-08  | 退回
    """)  # fmt: skip
    assert left(store)[["pupil", "left_on", "known_on"]].values.tolist() == [["p1", "2024-03-01", "2024-03-05"]]


def test_a_case_and_a_change_about_the_same_absence_are_one_leaving(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY,
        cases="""
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on
        c1   | p1    | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29
        """,
        changes="""
        pupil | change | changed_on | accepted_on
        p1    | 辍学   | 2024-03-20 | 2024-03-22
        """)  # fmt: skip
    assert left(store)[["left_on", "known_on", "case"]].values.tolist() == [["2024-02-26", "2024-03-22", "c1"]]


def test_a_child_who_left_came_back_and_left_again_has_two_leavings(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, cases="""
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
        c1   | p1    | 考勤 | 2023-10-10 | 2023-10-08      | 辍学       | 2023-11-06   | 2023-11-20 | 返校复学
        c2   | p1    | 考勤 | 2024-09-10 | 2024-09-02      | 辍学       | 2024-10-08   | -          | -
    """)  # fmt: skip
    rows = left(store)
    assert rows["left_on"].tolist() == ["2023-10-08", "2024-09-02"]
    assert rows["returned_on"].fillna("-").tolist() == ["2023-11-20", "-"]
    assert rows["grade"].tolist() == [7, 8]


def test_a_closing_that_is_no_return_ends_the_leaving_without_a_return(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, cases="""
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
        c1   | p1    | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29   | 2024-05-06 | 迁出移交户籍地
        c2   | p2    | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29   | 2024-05-06 | 送教上门
    """)  # fmt: skip
    rows = left(store).set_index("pupil")
    assert rows["ended_on"].tolist() == ["2024-05-06", "2024-05-06"]
    assert rows["returned_on"].fillna("-").to_dict() == {"p1": "-", "p2": "2024-05-06"}


def test_a_return_registered_as_a_change_ends_the_leaving(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, changes="""
        pupil | change   | changed_on | accepted_on
        p1    | 辍学     | 2024-03-01 | 2024-03-05
        p1    | 劝返复学 | 2024-04-01 | 2024-04-02
    """)  # fmt: skip
    assert left(store)["returned_on"].tolist() == ["2024-04-01"]
    assert left(store, "2024-04-01")["returned_on"].isna().all()


def test_a_transfer_ends_a_leaving_only_when_the_receiving_school_confirms(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, changes="""
        pupil | change | changed_on | accepted_on | confirmed_on
        p1    | 辍学   | 2024-03-01 | 2024-03-05  | -
        p1    | 转出   | 2024-03-15 | 2024-03-16  | -
        p2    | 辍学   | 2024-03-01 | 2024-03-05  | -
        p2    | 转出   | 2024-03-15 | 2024-03-16  | 2024-04-10
    """)  # fmt: skip
    assert left(store).set_index("pupil")["returned_on"].fillna("-").to_dict() == {"p1": "-", "p2": "2024-04-10"}


def test_a_case_closed_after_the_child_left_again_does_not_end_the_second_leaving(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY,
        cases="""
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
        c1   | p1    | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29   | 2024-04-20 | 返校复学
        c2   | p1    | 考勤 | 2024-04-18 | 2024-04-15      | 辍学       | 2024-05-16   | -          | -
        """,
        changes="""
        pupil | change   | changed_on | accepted_on
        p1    | 劝返复学 | 2024-04-08 | 2024-04-09
        """)  # fmt: skip
    assert left(store)[["left_on", "returned_on"]].fillna("-").values.tolist() == [
        ["2024-02-26", "2024-04-08"],
        ["2024-04-15", "-"],
    ]


def test_a_case_that_lost_sight_of_the_child_ends_the_leaving_a_change_reported(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY,
        cases="""
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
        c1   | p1    | 考勤 | 2024-03-05 | 2024-02-26      | 失联       | 2024-03-29   | 2024-04-20 | 返校复学
        """,
        changes="""
        pupil | change | changed_on | accepted_on
        p1    | 辍学   | 2024-02-26 | 2024-04-08
        """)  # fmt: skip
    assert left(store)["returned_on"].tolist() == ["2024-04-20"]


def test_without_a_first_absence_the_change_dates_the_leaving_else_the_opening(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY,
        cases="""
        case | pupil | clue | opened_on  | conclusion | concluded_on
        c1   | p1    | 入户 | 2024-03-05 | 辍学       | 2024-03-29
        c2   | p2    | 入户 | 2024-03-06 | 辍学       | 2024-03-29
        """,
        changes="""
        pupil | change | changed_on | accepted_on
        p1    | 辍学   | 2024-03-01 | 2024-04-02
        """)  # fmt: skip
    assert left(store).set_index("pupil")["left_on"].to_dict() == {"p1": "2024-03-01", "p2": "2024-03-06"}


def test_a_child_is_placed_in_the_grade_of_the_school_year_in_which_it_left(tmp_path: Path) -> None:
    late_snapshot = REGISTRY.replace("2024-09-01", "2024-09-20")
    store = given(tmp_path, enrolments=late_snapshot, cases="""
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on
        c1   | p2    | 考勤 | 2024-09-05 | 2024-09-02      | 辍学       | 2024-09-29
        c2   | p9    | 入户 | 2024-09-05 | 2024-09-02      | 辍学       | 2024-09-29
    """)  # fmt: skip
    rows = left(store).set_index("pupil")
    assert (rows.loc["p2", "grade"], rows.loc["p2", "stage"]) == (7, "初中")
    assert rows.loc["p9", ["school_code", "grade", "stage"]].isna().all()


def test_a_case_is_a_suspicion_until_it_is_concluded_or_closed(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, cases="""
        case | pupil | clue | opened_on  | conclusion | concluded_on | closed_on
        c1   | p1    | 考勤 | 2024-03-05 | 返校       | 2024-03-08   | -
        c2   | p2    | 考勤 | 2024-03-06 | -          | -            | 2024-04-01
        c3   | p3    | 考勤 | 2024-03-07 | -          | -            | -
    """)  # fmt: skip
    frame = suspicions(store.known_by("2024-12-31")).to_pandas()
    assert frame["settled_on"].astype("string").fillna("-").tolist() == ["2024-03-08", "2024-04-01", "-"]
    assert frame["stage"].tolist() == ["初中", "小学", "小学"]


def test_no_cases_and_no_changes_give_an_empty_table_with_all_columns(tmp_path: Path) -> None:
    frame = left(given(tmp_path, enrolments=REGISTRY))
    assert frame.empty
    assert {"pupil", "left_on", "known_on", "returned_on", "school_code", "grade", "stage"} <= set(frame.columns)
