"""The chain of duty: who answers today for what, however the county writes it, and every gap named."""

from __future__ import annotations

from typing import Any

import pytest

from baoxue.cases import duties
from baoxue.cases.homes import homes
from baoxue.codes import DutyLevel
from given import given

PLACES: dict[str, Any] = {
    "schools": """
        school_code | school_name | zone     | township_code
        2133990001  | 甲小        | 乐成学区 | 330382001
    """,
    "enrolments": """
        pupil | snapshot_on | school_code | grade | class | status
        p1    | 2024-09-01  | 2133990001  | 3     | 01    | 在读
        p2    | 2024-09-01  | 2133990001  | 3     | 02    | 在读
        p9    | 2023-09-01  | 2133990001  | 6     | 01    | 在读
    """,
    "households": """
        pupil | snapshot_on | township_code | village | residence
        p1    | 2024-09-01  | 330382001     | 甲村    | 本籍在本
        p3    | 2024-09-01  | 330382001     | 乙村    | 本籍在本
    """,
}
WHOLE = """
    line   | level    | unit           | holder | starts_on  | ends_on
    行政线 | 市领导   | 330382001000   | h1     | 2024-01-01 | -
    行政线 | 乡镇街道 | 330382001      | h2     | 2024-01-01 | -
    行政线 | 村居     | 甲村           | h3     | 2024-01-01 | -
    行政线 | 村居     | 乙村           | h4     | 2024-01-01 | -
    教育线 | 教育局   | 乐成学区       | h5     | 2024-01-01 | -
    教育线 | 教育学区 | 2133990001     | h6     | 2024-01-01 | -
    教育线 | 学校     | 2133990001     | h7     | 2024-01-01 | -
    教育线 | 年级     | 2133990001-3   | h8     | 2024-01-01 | -
    教育线 | 班级     | 2133990001-3-1 | h9     | 2024-01-01 | -
    教育线 | 班级     | 2133990001+3+2 | h10    | 2024-01-01 | -
    教育线 | 科任     | 2133990001301  | h11    | 2024-01-01 | -
    教育线 | 科任     | 2133990001-3-2 | h12    | 2024-01-01 | -
"""


def gaps(tmp_path, chain: str, as_of: str = "2024-11-30") -> list[tuple[str, str]]:
    known = given(tmp_path, duty_holders=chain, **PLACES).known_by(as_of)
    return [(row.level, row.unit_key) for row in duties.gaps(known).to_pandas().itertuples()]


def test_a_whole_chain_has_no_gap_and_classes_of_last_year_are_not_asked_for(tmp_path):
    assert gaps(tmp_path, WHOLE) == []


@pytest.mark.parametrize(
    "holder, missing",
    [
        ("h1", [("市领导", "330382001")]),
        ("h2", [("乡镇街道", "330382001/乙村"), ("乡镇街道", "330382001/甲村")]),
        ("h3", [("村居", "330382001/甲村")]),
        ("h5", [("教育局", "乐成学区")]),
        ("h6", [("教育学区", "2133990001")]),
        ("h7", [("学校", "2133990001-3")]),
        ("h8", [("年级", "2133990001-3")]),
        ("h9", [("班级", "2133990001-3-1")]),
        ("h11", [("科任", "2133990001-3-1")]),
    ],
)
def test_a_missing_person_is_a_gap_at_that_level_and_no_other(tmp_path, holder, missing):
    chain = "\n".join(line for line in WHOLE.strip().splitlines() if f"| {holder} " not in line)
    assert sorted(gaps(tmp_path, chain)) == sorted(missing)


def test_a_duty_holds_to_its_last_day_and_not_after(tmp_path):
    chain = WHOLE.replace("h3     | 2024-01-01 | -", "h3     | 2024-01-01 | 2024-11-29")
    assert gaps(tmp_path / "on", chain, "2024-11-29") == []
    assert gaps(tmp_path / "after", chain, "2024-11-30") == [("村居", "330382001/甲村")]


def test_a_duty_does_not_hold_before_it_begins(tmp_path):
    chain = WHOLE.replace("h9     | 2024-01-01", "h9     | 2024-12-01")
    assert gaps(tmp_path, chain) == [("班级", "2133990001-3-1")]


def test_the_person_named_for_the_unit_itself_comes_before_the_wider_one(tmp_path):
    chain = WHOLE + "    行政线 | 乡镇街道 | 乙村 | h20 | 2024-01-01 | -\n"
    known = given(tmp_path, duty_holders=chain, **PLACES).known_by("2024-11-30")
    rows = duties.coverage(known).filter(lambda t: t.level == DutyLevel.TOWNSHIP.value).to_pandas()
    assert rows.set_index("village")["holder"].to_dict() == {"甲村": "h2", "乙村": "h20"}


def test_of_two_named_for_a_unit_the_later_counts_and_both_are_listed(tmp_path):
    chain = WHOLE + "    教育线 | 班级 | 2133990001-3-1 | h21 | 2024-09-01 | -\n"
    known = given(tmp_path, duty_holders=chain, **PLACES).known_by("2024-11-30")
    covered = duties.coverage(known).to_pandas().set_index(["level", "unit_key"])["holder"]
    assert covered["班级", "2133990001-3-1"] == "h21"
    everyone = duties.everyone(known).to_pandas()
    named = everyone[(everyone["level"] == "班级") & (everyone["unit_key"] == "2133990001-3-1")]
    assert sorted(named["holder"]) == ["h21", "h9"]


def test_a_child_is_answered_for_at_every_level_and_one_without_a_village_by_the_township(tmp_path):
    known = given(tmp_path, duty_holders=WHOLE, **PLACES).known_by("2024-11-30")
    people = homes(known).select("pupil", *duties.PLACE)
    rows = duties.chain(known, people).to_pandas().set_index("pupil").filter(like="holder_")
    assert rows.loc["p1"].tolist() == ["h1", "h2", "h3", "h5", "h6", "h7", "h8", "h9", "h11"]
    assert rows.loc["p2", "holder_township"] == "h2"
    assert rows.loc["p3"].dropna().tolist() == ["h1", "h2", "h4"]


def test_a_gap_is_listed_among_everyone_without_a_name(tmp_path):
    chain = "\n".join(line for line in WHOLE.strip().splitlines() if "| h9 " not in line)
    known = given(tmp_path, duty_holders=chain, **PLACES).known_by("2024-11-30")
    rows = duties.everyone(known).to_pandas()
    assert rows.loc[rows["holder"].isna(), ["level", "unit_key"]].values.tolist() == [["班级", "2133990001-3-1"]]


def test_the_planted_gaps_of_the_demo_county_are_found_and_no_other(county):
    """The demo leaves out one village and one class; a class without a form teacher has no subject teacher either."""
    known = county.store.known_by("2024-11-30")
    rows = duties.gaps(known).to_pandas()
    assert sorted(rows["level"]) == sorted(["村居", "班级", "科任"])
