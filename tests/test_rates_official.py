"""What the county's own forms count: 巩固率统计表 by school, the three ledgers in numbers, 季度复核表."""

import datetime as dt
from pathlib import Path

import pytest

from baoxue import rates
from baoxue.registers import Sides, finding_rows
from conftest import County
from given import given
from rates_drawn import SCHOOLS, registry, row, told_from_one

__all__ = ["told_from_one"]

pytestmark = pytest.mark.usefixtures("told_from_one")

QUARTER = dt.date(2024, 10, 1)
TWO_SCHOOLS = registry(
    ("2021-09-01", "a7 b7 c7 d7"), ("2022-09-01", "a8 b8 c8 e8"), ("2023-09-01", "a9 b9 c9 e9"), ("2024-09-01", "x7"),
)  # fmt: skip
MOVED = TWO_SCHOOLS.replace("c | 2023-09-01 | 3133000001", "c | 2023-09-01 | 3133000002")


def test_a_school_is_credited_with_its_own_pupils_and_the_total_is_the_sum(tmp_path: Path) -> None:
    changes = """
        pupil | change | changed_on | accepted_on | confirmed_on | transfer_scope
        d     | 转出   | 2022-03-01 | 2022-03-02  | 2022-03-10   | 省外
    """
    found = rates.stage_retention_by_school(given(tmp_path, enrolments=MOVED, changes=changes).known_by("2024-11-30"))
    three = found[(found["span"] == "三年巩固率") & (found["school_year"] == 2023)].set_index("school_code")
    counts = three[["entrants", "joined", "moved_out", "graduates"]]
    assert counts.loc["3133000001"].tolist() == [4, 1, 2, 3]  # e came; d left the county, c went to the other school
    assert counts.loc["3133000002"].tolist() == [0, 1, 0, 1]
    assert counts.loc["合计"].tolist() == [4, 2, 2, 4]
    assert three["rate_pct"].tolist() == [100, 100, 100] and three["raw_pct"].iloc[:2].tolist() == [100, 75]


def test_six_years_of_a_registry_of_four_cannot_be_told(tmp_path: Path) -> None:
    enrolments = registry(("2021-09-01", "a6"), ("2022-09-01", "a7"), ("2023-09-01", "a8"))
    found = rates.stage_retention_by_school(given(tmp_path, enrolments=enrolments).known_by("2024-06-30"))
    six = row(found, span="六年巩固率", school_year=2021, school_code="合计")
    assert not six["can_tell"] and six["graduates"] == 1


REVIEWED = {
    "schools": SCHOOLS,
    "enrolments": registry(("2024-11-01", "a3 b3 c3 d3* e8 f8")),
    "rosters": """
        pupil | school_code | grade | class | snapshot_on
        a     | 2133000001  | 3     | 01    | 2024-11-01
        d     | 2133000001  | 3     | 01    | 2024-11-01
        n     | 2133000001  | 3     | 01    | 2024-11-01
        -     | 2133000001  | 3     | 01    | 2024-11-01
        c     | 3133000001  | 7     | 01    | 2024-11-01
        e     | 3133000001  | 8     | 01    | 2024-11-01
        f     | 3133000001  | 8     | 01    | 2024-11-01
    """,
    "changes": """
        pupil | change | changed_on | accepted_on | confirmed_on | from_school_code | transfer_scope
        c     | 转出   | 2024-10-28 | 2024-10-29  | 2024-10-30   | 2133000001       | 省外
        f     | 辍学   | 2024-10-28 | 2024-10-29  | -            | 3133000001       | -
    """,
    "cases": """
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on
        c1   | e     | 考勤 | 2024-10-05 | 2024-09-26      | 辍学       | 2024-10-29
    """,
}


def test_every_head_by_which_check_and_report_differ_has_a_cause(tmp_path: Path) -> None:
    found = rates.quarter_review(given(tmp_path, **REVIEWED).known_by("2024-11-30"), QUARTER)
    primary, junior = (row(found, school_code=code) for code in ("2133000001", "3133000001"))
    assert (primary["in_school_reported"], primary["in_school_checked"], primary["in_school_difference"]) == (3, 4, 1)
    causes = {name: primary[name] for names in rates.CAUSES.values() for name in names if primary[name]}
    # b sits nowhere, c has moved out; d is on leave and sits, n is on no registry, one has no number
    assert {k: v for k, v in causes.items() if k != "no_case"} == {
        "not_in_class": -1, "change_pending": -1, "no_registry": 1, "other_status": 1, "no_number": 1,
    }  # fmt: skip
    assert (junior["in_school_difference"], junior["other_registry"]) == (1, 1)
    assert (junior["left_reported"], junior["left_without_case"], junior["left_checked"]) == (1, 1, 2)
    assert junior["suspected_reported"] == 1


def test_a_school_without_a_roster_has_nothing_to_differ(tmp_path: Path) -> None:
    tables = {name: text for name, text in REVIEWED.items() if name != "rosters"}
    found = rates.quarter_review(given(tmp_path, **tables).known_by("2024-11-30"), QUARTER)
    assert (found["in_school_difference"] == 0).all()


def test_in_a_whole_county_the_review_is_a_second_count_of_heads(county: County) -> None:
    known = county.store.known_by("2024-11-30")
    found = rates.quarter_review(known, QUARTER).set_index("school_code")
    at = Sides(known)
    cutting = finding_rows(at, "on_roll_not_in_class").select("pupil", "school_code")
    heads = at.rosters.anti_join(cutting, ["pupil", "school_code"]).to_pandas()
    distinct = heads.drop_duplicates(["pupil", "school_code"])["school_code"].value_counts()
    assert found.loc[distinct.index, "in_school_checked"].to_dict() == distinct.to_dict()
    for item, causes in rates.CAUSES.items():
        assert (found[f"{item}_checked"] - found[f"{item}_reported"] == found[list(causes)].sum(axis=1)).all()
    assert (found.loc["合计"] == found.drop(index="合计").sum()).all()


def test_the_three_ledgers_add_up_and_never_enrolled_stands_apart(county: County) -> None:
    found = rates.ledger_counts(county.store.known_by("2024-11-30")).set_index("township_code")
    assert (found["children"] == found[list(rates.LEDGER_STATES)].sum(axis=1)).all()
    assert (found["suspected"] == found["suspected_settled"] + found["suspected_open"]).all()
    assert (found["dropouts"] == found["dropouts_closed"] + found["dropouts_open"]).all()
    assert (found.loc["合计"] == found.drop(index="合计").sum()).all()
    assert found.loc["合计", "never_enrolled"] > 0


def test_a_township_in_which_nothing_happened_has_a_row_of_zeros(tmp_path: Path) -> None:
    found = rates.ledger_counts(given(tmp_path, schools=SCHOOLS).known_by("2024-11-30"))
    assert found["township_code"].tolist() == ["合计", "330382001", "330382101"]
    assert not found.drop(columns="township_code").to_numpy().any()
