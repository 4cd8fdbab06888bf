"""The board: one row a case with who answers for it, whose move it is, and whether low-income children are back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from hypothesis import given as for_every
from hypothesis import strategies as st

from baoxue.cases import board
from cases_drawn import across
from given import given

CONTRACT = ["case", "pupil", "state", "state_since", "due_on", "overdue_days", "responsible"]

TABLES: dict[str, Any] = {
    "terms": """
        term              | starts_on  | ends_on
        2024学年第一学期 | 2024-09-01 | 2025-01-17
    """,
    "schools": """
        school_code | school_name | zone     | township_code
        3133990001  | 甲初中      | 乐成学区 | 330382001
    """,
    "enrolments": """
        pupil | snapshot_on | school_code | grade | class | status | cohort
        p1    | 2024-09-01  | 3133990001  | 8     | 01    | 在读   | 2017
        p2    | 2024-09-01  | 3133990001  | 8     | 01    | 在读   | 2017
        p3    | 2024-09-01  | 3133990001  | 9     | 02    | 在读   | 2014
    """,
    "households": """
        pupil | snapshot_on | township_code | village | residence | cohort
        p1    | 2024-09-01  | 330382001     | 甲村    | 本籍在本  | 2017
        p4    | 2024-09-01  | 330382002     | 乙村    | 本籍在本  | 2018
    """,
    "low_income": """
        pupil | hardship | listed_on  | delisted_on
        p1    | 低保     | 2023-01-01 | -
        p2    | 低保     | 2023-01-01 | 2024-03-01
    """,
    "duty_holders": """
        line   | level    | unit           | holder  | starts_on
        行政线 | 乡镇街道 | 330382001      | cadre   | 2024-01-01
        行政线 | 村居     | 乙村           | village | 2024-01-01
        教育线 | 学校     | 3133990001-8   | leader  | 2024-01-01
        教育线 | 班级     | 3133990001-8-1 | teacher | 2024-09-01
    """,
    "cases": across("""
        case                 | a          | b          | c          | d          | e
        pupil                | p1         | p2         | p3         | p4         | p1
        clue                 | 考勤       | 考勤       | 考勤       | 入户       | 考勤
        opened_on            | 2024-11-20 | 2024-09-05 | 2024-09-05 | 2024-11-20 | 2024-03-05
        first_absent_on      | 2024-11-18 | 2024-09-02 | 2024-09-02 | -          | 2024-03-01
        conclusion           | -          | 辍学       | 辍学       | -          | 辍学
        concluded_on         | -          | 2024-09-29 | 2024-09-29 | -          | 2024-03-29
        reported_township_on | -          | 2024-10-08 | -          | -          | -
        reported_bureau_on   | -          | 2024-10-08 | -          | -          | -
        closed_on            | -          | -          | -          | -          | 2024-04-20
        closing              | -          | -          | -          | -          | 返校复学
    """),
}  # fmt: skip


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    return given(tmp_path_factory.mktemp("board"), **TABLES).known_by("2024-11-30")


@pytest.fixture(scope="module")
def table(known) -> pd.DataFrame:
    return board.case_table(known)


def test_the_table_has_the_columns_others_rely_on_and_a_row_a_case(table):
    assert list(table.columns[:7]) == CONTRACT
    assert table["case"].tolist() == ["a", "b", "c", "d", "e"]


def test_the_person_who_answers_is_that_of_the_level_whose_move_it_is(table):
    who = table.set_index("case")["responsible"]
    assert (who["a"], who["b"]) == ("teacher", "cadre")
    assert pd.isna(who["c"])  # nobody is named for grade 9


def test_a_child_without_a_school_is_answered_for_by_the_village(table):
    row = table.set_index("case").loc["d"]
    assert (row["owner"], row["duty_level"], row["responsible"]) == ("乡镇街道", "村居", "village")


def test_low_income_means_on_the_list_on_a_day_of_the_case(table):
    assert table.set_index("case")["is_low_income"].to_dict() == {
        "a": True, "b": False, "c": False, "d": False, "e": True,
    }  # fmt: skip


def test_a_child_of_sixteen_is_named_as_such(table):
    assert table.set_index("case")["is_of_age"].to_dict()["c"]
    assert not table.set_index("case")["is_of_age"].drop("c").any()


def test_whose_move_counts_open_cases_once_and_says_where_nobody_is_named(table):
    moves = board.whose_move(table)
    assert moves[["owner", "state", "cases", "overdue", "unanswered"]].values.tolist() == [
        ["乡镇街道", "疑似辍学待认定", 1, 1, 0],  # no day of absence: five school days
        ["学校", "疑似辍学待认定", 1, 0, 0],
        ["学校", "已认定待劝返", 1, 1, 1],
        ["乡镇街道", "已书面报告", 1, 1, 0],
    ]
    assert moves["cases"].sum() == table["is_open"].sum()


def test_the_board_of_clearance_by_eye(known, table):
    rows = board.clearance(known, dt.date(2024, 3, 1), table)
    poor = rows[rows["group"] == "low_income"].set_index("month")
    assert list(poor.loc["2024-03-01", ["stock", "new", "closed", "left"]]) == [0, 1, 0, 1]
    assert list(poor.loc["2024-04-01", ["stock", "new", "closed", "left"]]) == [1, 0, 1, 0]
    assert poor["left"].iloc[-1] == 0
    everyone = rows[rows["group"] == "all"].set_index("month")
    assert list(everyone.loc["2024-09-01", ["stock", "new", "closed", "left"]]) == [0, 2, 0, 2]


def test_open_cases_by_township_in_the_order_of_codes(table):
    rows = board.by_place(table, "township_code")
    assert rows[["township_code", "cases", "left_school"]].values.tolist() == [["330382001", 3, 2], ["330382002", 1, 0]]


days = st.dates(dt.date(2023, 1, 1), dt.date(2024, 11, 30))
lives = st.lists(
    st.tuples(days, st.none() | days, st.booleans(), st.sampled_from(["辍学", "失联", "返校"])), max_size=40
)


@for_every(lives, st.dates(dt.date(2022, 6, 1), dt.date(2024, 11, 1)))
def test_stock_and_new_less_closed_is_left_for_every_county(known, cases, first):
    rows = pd.DataFrame(cases, columns=["concluded_on", "closed_on", "is_low_income", "conclusion"])
    rows = rows.assign(**{name: pd.to_datetime(rows[name]) for name in ("concluded_on", "closed_on")})
    rows["is_low_income"] = rows["is_low_income"].astype(bool)
    table = board.clearance(known, first, rows)
    assert (table["stock"] + table["new"] - table["closed"] == table["left"]).all()
    for _, months in table.groupby("group"):
        assert (months["stock"].iloc[1:].to_numpy() == months["left"].iloc[:-1].to_numpy()).all()
        assert (months[["stock", "new", "closed", "left"]] >= 0).all(axis=None)
    out = rows[rows["conclusion"].isin(["辍学", "失联"]) & rows["closed_on"].isna()]
    assert table[table["group"] == "all"]["left"].iloc[-1] == len(out)
