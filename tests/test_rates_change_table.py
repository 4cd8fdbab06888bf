"""学生变动情况表 and its check two ways: counted by eye, and adding up in three simulated counties over three years."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from baoxue import rates
from baoxue.store import Known
from conftest import County
from given import given
from rates_drawn import SCHOOLS, registry, row, told_from_one

__all__ = ["told_from_one"]

AS_OF = "2024-11-30"
MOVES = """
    pupil | change   | changed_on | accepted_on | confirmed_on | transfer_scope
    c     | 转出     | 2024-03-01 | 2024-03-02  | 2024-03-10   | 省外
    d     | 休学     | 2024-03-01 | 2024-03-02  | -            | -
    e     | 死亡     | 2024-03-01 | 2024-03-02  | -            | -
    n     | 转入     | 2024-03-01 | 2024-03-02  | -            | 省内
    s     | 复学     | 2024-02-26 | 2024-02-27  | -            | -
"""


def drawn(tmp_path: Path, *snapshots: tuple[str, str], changes: str = MOVES, **more: str) -> Known:
    tables = {"schools": SCHOOLS, "enrolments": registry(*snapshots), "changes": changes} | more
    return given(tmp_path, **tables).known_by(AS_OF)


def test_every_movement_of_a_year_stands_in_its_column(tmp_path: Path) -> None:
    opening, closing = "a7 b9 c7 d8 e8 f6 g7 s8* k8", "a8 f7 n7 s9 x7 d8* y8"
    table = rates.change_table(drawn(tmp_path, ("2023-09-01", opening), ("2024-09-01", closing)))
    junior, primary = (row(table, school_year=2023, stage=stage) for stage in ("初中", "小学"))
    assert {name: junior[name] for name in ("admitted", "resumed", "moved_in", "other_in")} == {
        "admitted": 2, "resumed": 1, "moved_in": 1, "other_in": 1,
    }  # fmt: skip
    assert {name: junior[name] for name in ("graduated", "suspended", "dead", "moved_out", "other_out")} == {
        "graduated": 1, "suspended": 1, "dead": 1, "moved_out": 1, "other_out": 2,
    }  # fmt: skip
    assert (junior["opening"], junior["increase"], junior["decrease"], junior["closing"]) == (7, 5, 6, 6)
    assert (primary["opening"], primary["graduated"], primary["closing"]) == (1, 1, 0)
    assert junior["unexplained"] == 2  # g and k are gone and nothing says why


def test_grades_are_gone_up_in_the_rows_of_grades_and_cancel_above_them(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=registry(("2023-09-01", "a7 b7 c8"), ("2024-09-01", "a8 b7 c9")))
    table = rates.change_table_by_grade(store.known_by(AS_OF))
    ups = table.set_index("unit")[["up_in", "up_out"]]
    assert ups.loc["7"].tolist() == [0, 1] and ups.loc["8"].tolist() == [1, 1] and ups.loc["9"].tolist() == [1, 0]
    assert ups.loc[["合计", "初中"]].to_numpy().sum() == 0
    assert rates.balances(table).all()


def test_a_move_between_schools_of_the_county_is_out_of_one_and_into_the_other(tmp_path: Path) -> None:
    moved = registry(("2023-09-01", "a3"), ("2024-09-01", "a4")).replace("2133000001 | 4", "2133000002 | 4")
    known = given(tmp_path, schools=SCHOOLS, enrolments=moved).known_by(AS_OF)
    total = row(rates.change_table(known), stage="合计")
    assert (total["moved_in"], total["moved_in_county"], total["moved_out"], total["moved_out_county"]) == (1, 1, 1, 1)
    schools = rates.change_table(known, ("school_code",)).set_index("school_code")
    assert schools.loc["2133000001", ["opening", "moved_out", "closing"]].tolist() == [1, 1, 0]
    assert schools.loc["2133000002", ["opening", "moved_in", "closing"]].tolist() == [0, 1, 1]


def test_a_year_whose_next_opening_is_not_there_yet_has_no_table(tmp_path: Path) -> None:
    assert rates.change_table(drawn(tmp_path, ("2024-09-01", "a7"))).empty


def test_a_change_sent_back_has_moved_nobody_but_is_named(tmp_path: Path) -> None:
    refused = """
        pupil | change | changed_on | accepted_on | reviewed_on | review
        a     | 休学   | 2024-03-01 | 2024-03-02  | 2024-03-10  | 退回
    """
    known = drawn(tmp_path, ("2023-09-01", "a7"), ("2024-09-01", "a7*"), changes=refused)
    assert row(rates.change_table(known), stage="初中")["suspended"] == 1
    assert row(rates.two_ways(known), kind="休学")["变动被退回"] == -1


def test_each_difference_between_the_two_ways_has_its_reason(tmp_path: Path) -> None:
    changes = """
        pupil | change   | changed_on | accepted_on | confirmed_on
        a     | 休学     | 2023-10-09 | 2023-10-10  | -
        a     | 复学     | 2024-03-01 | 2024-03-02  | -
        b     | 转出     | 2024-03-01 | 2024-03-02  | 2024-03-10
        c     | 休学     | 2023-12-01 | 2023-12-02  | -
        c     | 转出     | 2024-03-01 | 2024-03-02  | 2024-03-10
        z     | 转出     | 2024-03-01 | 2024-03-02  | 2024-03-10
        e     | 出国(境) | 2024-03-01 | 2024-03-02  | -
        e     | 出国(境) | 2024-03-04 | 2024-03-05  | -
    """
    cases = """
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on
        c1   | d     | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29
    """
    known = drawn(tmp_path, ("2023-09-01", "a7 b7 c7 d7 e7"), ("2024-09-01", "a8 b8 n7"), changes=changes, cases=cases)
    found = rates.unreconciled(known)
    told = dict(zip(zip(found["pupil"], found["kind"], strict=True), found["reason"], strict=True))
    assert told == {
        ("a", "休学"): "当年离校又返校", ("a", "复学"): "当年离校又返校", ("b", "转出"): "变动已登记而学籍仍在读",
        ("c", "休学"): "同年另有变动，按最后去向计", ("d", "辍学"): "案件认定而未登记学籍变动",
        ("e", "出国(境)"): "同一变动登记多次", ("z", "转出"): "两次学年初均不在校",
    }  # fmt: skip


@pytest.fixture(scope="module", params=[1, 2, 3])
def tables(request: pytest.FixtureRequest, counties: Callable[[int], County]) -> Known:
    """Three tiny counties."""
    return counties(request.param).store.known_by(AS_OF)


def test_opening_plus_increase_less_decrease_is_closing_on_every_row_of_three_counties(tables: Known) -> None:
    for by in (("stage",), ("grade",), ("school_code",), ("school_code", "grade")):
        table = rates.change_table(tables, by)
        assert table["school_year"].nunique() == 3
        assert rates.balances(table).all()


def test_grades_sum_to_stages_and_stages_to_the_total(tables: Known) -> None:
    table = rates.change_table_by_grade(tables).drop(columns=["opened_on", "closed_on"])
    for _, year in table.groupby("school_year"):
        units = year.set_index("unit").drop(columns=["school_year", "up_in", "up_out"])
        pd.testing.assert_series_equal(units.loc["合计"], units.loc[["小学", "初中"]].sum(), check_names=False)
        pd.testing.assert_series_equal(units.loc["小学"], units.loc[list("123456")].sum(), check_names=False)
        pd.testing.assert_series_equal(units.loc["初中"], units.loc[list("789")].sum(), check_names=False)


def test_the_table_begins_and_ends_with_the_pupils_of_the_registry(tables: Known) -> None:
    people = rates.openings(tables).to_pandas().groupby("school_year").size()
    totals = rates.change_table(tables).query("stage == '合计'").set_index("school_year")
    assert totals["opening"].to_dict() == people.loc[[2021, 2022, 2023]].to_dict()
    assert totals["closing"].tolist() == people.loc[[2022, 2023, 2024]].tolist()


def test_the_two_ways_reconcile_to_zero_with_every_difference_named(tables: Known) -> None:
    found = rates.two_ways(tables)
    named = found[list(rates.REASONS)].sum(axis=1)
    assert (found["by_records"] - found["by_status"] - named == 0).all()
    assert (rates.unreconciled(tables)["reason"] != "").all()
    assert not found["学籍有变化而无变动记录"].any()  # the simulated county writes every change down
