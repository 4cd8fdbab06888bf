"""The monitored groups, counted by eye: who is in them, who left, where they overlap, what is never told of a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from baoxue import rates
from baoxue.rates.groups import COUNTY_ONLY, LEFT_BEHIND_CIVIL, LEFT_BEHIND_REGISTRY
from baoxue.store import Known
from given import given
from rates_drawn import SCHOOLS, row, told_from_one

__all__ = ["told_from_one"]

pytestmark = pytest.mark.usefixtures("told_from_one")

ENROLMENTS = """
    pupil | snapshot_on | school_code | grade | class | registration | status | sex | is_migrant_child | left_behind
    a     | 2023-09-01  | 3133000001  | 7     | 01    | r-a          | 在读   | 男  | yes              | 非留守儿童
    b     | 2023-09-01  | 3133000001  | 7     | 01    | r-b          | 在读   | 女  | no               | 单亲留守儿童
    c     | 2023-09-01  | 2133000001  | 6     | 01    | r-c          | 在读   | 女  | yes              | 非留守儿童
    d     | 2023-09-01  | 2133000001  | 6     | 01    | r-d          | 在读   | 男  | no               | 非留守儿童
    e     | 2023-09-01  | 2133000001  | 6     | 01    | r-e          | 在读   | 男  | no               | 非留守儿童
"""
LOW_INCOME = """
    pupil | hardship | listed_on  | delisted_on
    a     | 低保     | 2022-03-01 | -
    d     | 低保     | 2022-03-01 | 2023-06-01
"""
CARE = """
    pupil | care             | listed_on
    b     | 留守儿童         | 2023-10-01
    c     | 留守儿童         | 2022-10-01
    e     | 服刑人员未成年子女 | 2022-10-01
"""
CASES = """
    case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on
    c1   | a     | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29
"""


@pytest.fixture
def known(tmp_path: Path) -> Known:
    store = given(tmp_path, schools=SCHOOLS, enrolments=ENROLMENTS, low_income=LOW_INCOME, care=CARE, cases=CASES)
    return store.known_by("2024-06-30")


def test_membership_is_that_of_the_beginning_of_the_year(known: Known) -> None:
    """d was taken off the low-income list before it, b was put on civil affairs' list after it."""
    told = rates.dropout_rate_in_groups(known).set_index("group")
    assert told["population"].to_dict() == {
        "合计": 5, "流动": 2, LEFT_BEHIND_REGISTRY: 1, LEFT_BEHIND_CIVIL: 1, "残疾": 0, "家庭经济困难": 1,
        "服刑人员未成年子女": 1, "以上都不属于": 1,
    }  # fmt: skip
    assert told.index[told["dropouts"] == 1].tolist() == ["合计", "流动", "家庭经济困难"]


def test_the_child_of_a_prisoner_is_told_of_the_county_and_of_no_place_in_it(known: Known) -> None:
    placed = rates.dropout_rate_in_groups(known, ("township_code",))
    assert not set(COUNTY_ONLY) & set(placed["group"])
    assert set(COUNTY_ONLY) <= set(rates.dropout_rate_in_groups(known)["group"])
    assert row(placed, township_code="330382101", group="流动")["dropouts"] == 1


def test_a_group_is_compared_with_the_pupils_who_are_not_in_it(known: Known) -> None:
    told = row(rates.dropout_rate_in_groups(known), group="流动")
    assert (told["dropouts"], told["population"], told["verdict"]) == (1, 2, "无法判断")


def test_pairs_overlap_once_and_the_two_definitions_never(known: Known) -> None:
    told = rates.overlaps(known)
    assert row(told, group="流动", with_group="家庭经济困难")["population"] == 1
    assert row(told, group="流动", with_group=LEFT_BEHIND_CIVIL)["population"] == 1
    assert not ((told["group"] == LEFT_BEHIND_REGISTRY) & (told["with_group"] == LEFT_BEHIND_CIVIL)).any()
    assert len(told) == 14


def test_pupils_are_counted_by_the_number_of_their_groups(known: Known) -> None:
    told = rates.several_groups(known).set_index("groups")["population"]
    assert told.to_dict() == {"合计": 5, "0": 1, "1": 3, "2": 1}
    civil = rates.several_groups(known, LEFT_BEHIND_CIVIL).set_index("groups")["population"]
    assert civil.to_dict() == {"合计": 5, "0": 2, "1": 1, "2": 2}
