"""Who stayed: year, stage and nine-year retention, and the table version of the dropout rate, counted by eye."""

from pathlib import Path

import numpy as np
import pytest

from baoxue import rates
from baoxue.store import Known
from given import given
from rates_drawn import registry, row, told_from_one

__all__ = ["told_from_one"]

pytestmark = pytest.mark.usefixtures("told_from_one")

JUNIORS = registry(
    ("2021-09-01", "a7 b7 c7 d7 e7"),
    ("2022-09-01", "a8 b8 c8 d8 f8"),
    ("2023-09-01", "a9 b9 c9 d9 f9"),
    ("2024-09-01", "x7"),
)
MOVES = """
    pupil | change | changed_on | accepted_on | confirmed_on
    e     | 转出   | 2022-03-01 | 2022-03-02  | 2022-03-10
    f     | 转入   | 2022-06-01 | 2022-06-02  | -
"""


def fates_of(known: Known, year: int) -> dict[str, str]:
    frame = rates.fates(known).to_pandas()
    return frame[frame["school_year"] == year].set_index("pupil")["fate"].to_dict()


def test_each_pupil_of_a_year_has_one_fate(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=registry(("2023-09-01", "a7 b7 c7 d7 e7 f7 g7 h9"), ("2024-09-01", "a8")),
        cases="""
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on
        c1   | b     | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29
        """,
        changes="""
        pupil | change   | changed_on | accepted_on | confirmed_on
        c     | 转出     | 2024-03-01 | 2024-03-02  | 2024-03-10
        d     | 转出     | 2024-03-01 | 2024-03-02  | -
        e     | 死亡     | 2024-03-01 | 2024-03-02  | -
        f     | 休学     | 2024-03-01 | 2024-03-02  | -
        """)  # fmt: skip
    assert fates_of(store.known_by("2024-11-30"), 2023) == {
        "a": "在校", "b": "辍学", "c": "转出", "d": "转出未确认",
        "e": "死亡", "f": "休学", "g": "去向不明", "h": "在校",
    }  # fmt: skip


def test_a_transfer_inside_the_county_or_taken_back_leaves_the_pupil_in_school(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=registry(("2023-09-01", "a7 b7 c7"), ("2024-09-01", "a8 b8 c8")), changes="""
        pupil | change | changed_on | accepted_on | transfer_scope
        a     | 转出   | 2024-03-01 | 2024-03-02  | 县区内
        b     | 转出   | 2024-03-01 | 2024-03-02  | 省外
        c     | 休学   | 2024-03-01 | 2024-03-02  | -
        c     | 复学   | 2024-05-01 | 2024-05-02  | -
    """)  # fmt: skip
    assert set(fates_of(store.known_by("2024-11-30"), 2023).values()) == {"在校"}


def test_a_transfer_in_summer_belongs_to_the_year_that_last_had_the_pupil(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=registry(("2023-09-25", "a7 b7 c7 s7"), ("2024-09-25", "c8 s8*")), changes="""
        pupil | change | changed_on | accepted_on | confirmed_on
        a     | 转出   | 2024-09-01 | 2024-09-03  | 2024-09-10
        b     | 转出   | 2023-09-20 | 2023-10-08  | 2023-10-10
        s     | 休学   | 2024-09-10 | 2024-09-11  | -
    """)  # fmt: skip
    assert fates_of(store.known_by("2024-11-30"), 2023) == {"a": "转出", "b": "转出", "c": "在校", "s": "在校"}


def test_a_dropout_who_is_back_by_the_end_of_the_year_is_in_school(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=registry(("2023-09-01", "a7"), ("2024-09-01", "a8")), cases="""
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
        c1   | a     | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29   | 2024-05-06 | 返校复学
    """)  # fmt: skip
    assert fates_of(store.known_by("2024-11-30"), 2023) == {"a": "在校"}
    assert fates_of(store.known_by("2024-04-30"), 2023) == {"a": "辍学"}


def test_how_a_newcomer_came_is_told(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=registry(("2024-09-01", "a7 b8*"), ("2024-11-01", "a7 b8 c8 d7 e8")), changes="""
        pupil | change | changed_on | accepted_on
        c     | 转入   | 2024-10-08 | 2024-10-09
    """)  # fmt: skip
    frame = rates.fates(store.known_by("2024-11-30")).to_pandas()
    assert frame.set_index("pupil")["joined"].to_dict() == {
        "a": "学年初",
        "b": "复学",
        "c": "转入",
        "d": "招生",
        "e": "其他",
    }


def test_year_retention_raw_and_corrected_differ_by_the_flows(tmp_path: Path) -> None:
    enrolments = registry(("2023-09-01", "a7 b7 c7 d7"), ("2024-03-01", "a7 b7 d7 n7"), ("2024-09-01", "a8 n8"))
    store = given(tmp_path, enrolments=enrolments, changes="""
        pupil | change | changed_on | accepted_on | confirmed_on
        c     | 转出   | 2024-02-20 | 2024-02-21  | 2024-03-01
        n     | 转入   | 2024-02-26 | 2024-02-27  | -
        d     | 休学   | 2024-05-01 | 2024-05-02  | -
        """)  # fmt: skip
    found = row(rates.year_retention_on_registry(store.known_by("2024-11-30")), school_year=2023, stage="初中")
    assert (
        found["start"],
        found["joined"],
        found["moved_out"],
        found["suspended"],
        found["unexplained"],
        found["end"],
    ) == (4, 1, 1, 1, 1, 2)
    assert (found["raw_pct"], found["base"], found["rate_pct"]) == (50.0, 4, 50.0)


def test_what_is_between_the_beginning_and_the_end_of_a_year_is_named_to_the_last_pupil(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=JUNIORS, changes=MOVES).known_by("2024-11-30")
    found = rates.year_retention_on_registry(known)
    lost = found[["suspended", "dropped_out", "unconfirmed", "unexplained"]].sum(axis=1)
    assert (found["start"] + found["joined"] - found["moved_out"] - lost == found["end"]).all()


def test_three_year_retention_raw_and_corrected(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=JUNIORS, changes=MOVES).known_by("2024-11-30")
    found = row(rates.stage_retention_on_registry(known), span="三年巩固率", school_year=2023)
    assert (found["entrants"], found["joined"], found["moved_out"], found["graduates"]) == (5, 1, 1, 5)
    assert (found["raw_pct"], found["rate_pct"], found["can_tell"]) == (100.0, 100.0, True)


def test_more_graduates_than_entrants_is_capped_in_the_official_column_only(tmp_path: Path) -> None:
    stays = MOVES.splitlines()[1] + "\n" + MOVES.splitlines()[3]
    six = JUNIORS.replace("f | 2022", "e | 2022-09-01 | 3133000001 | 8 | 01 | r-e | 在读 | 男\nf | 2022")
    six = six.replace("f | 2023", "e | 2023-09-01 | 3133000001 | 9 | 01 | r-e | 在读 | 男\nf | 2023")
    found = row(
        rates.stage_retention_on_registry(given(tmp_path, enrolments=six, changes=stays).known_by("2024-11-30")),
        span="三年巩固率",
    )
    assert (found["graduates"], found["raw_pct"], found["capped_pct"], found["rate_pct"]) == (6, 120.0, 100.0, 100.0)


def test_a_cohort_that_began_before_the_registry_cannot_be_told(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=JUNIORS, changes=MOVES).known_by("2024-11-30")
    found = row(rates.stage_retention_on_registry(known), span="九年巩固率", school_year=2023)
    assert not found["can_tell"]
    assert np.isnan(found["rate_pct"])
    assert found["graduates"] == 5


def test_a_cohort_whose_last_year_is_not_over_is_not_listed(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=JUNIORS, changes=MOVES).known_by("2024-06-30")
    assert rates.stage_retention_on_registry(known).empty


def test_the_table_version_counts_changes_and_turns_negative_when_more_come_than_go(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=registry(("2023-09-01", "a7 b7 c7 d7 e6"), ("2024-09-01", "a8 b8")), changes="""
        pupil | change | changed_on | accepted_on | from_grade | reviewed_on | review
        a     | 休学   | 2023-10-09 | 2023-10-10  | 7          | 2023-10-12  | 通过
        b     | 转出   | 2023-10-09 | 2023-10-10  | 7          | 2023-10-12  | 退回
        c     | 转出   | 2023-10-09 | 2023-10-10  | 7          | 2023-10-12  | 通过
        n     | 转入   | 2023-11-09 | 2023-11-10  | 6          | 2023-11-12  | 通过
        m     | 转入   | 2023-11-09 | 2023-11-10  | 6          | 2023-11-12  | 通过
    """)  # fmt: skip
    found = rates.dropout_rate_in_tables(store.known_by("2024-11-30"))
    junior, primary, total = (row(found, school_year=2023, stage=stage) for stage in ("初中", "小学", "合计"))
    assert (junior["suspended"], junior["moved_out"], junior["table_dropouts"], junior["rate_pct"]) == (1, 1, 2, 50.0)
    assert (primary["moved_in"], primary["table_dropouts"], primary["rate_pct"]) == (2, -2, -200.0)
    assert total["table_dropouts"] == 0
