"""The season and the places, counted by eye, and silent where the counts say nothing."""

from pathlib import Path

import pandas as pd
import pytest

from baoxue import rates
from baoxue.rates.patterns import AS_USUAL, funnel_limits
from given import given
from rates_drawn import registry, row, told_from_one

__all__ = ["told_from_one"]

TERMS = """
    term             | starts_on  | ends_on
    2023学年第一学期 | 2023-09-01 | 2024-01-26
    2023学年第二学期 | 2024-02-26 | 2024-07-05
    2024学年第一学期 | 2024-09-02 | 2025-01-17
"""


def left_on(*days: str) -> str:
    rows = ["case | pupil | clue | opened_on | first_absent_on | conclusion | concluded_on"]
    return "\n".join(rows + [f"c{n} | p{n} | 考勤 | {day} | {day} | 辍学 | {day}" for n, day in enumerate(days)])


def test_the_season_counts_leavings_by_the_month_of_the_first_absence(tmp_path: Path) -> None:
    cases = left_on("2024-03-04", "2024-03-05", "2023-10-09")
    store = given(tmp_path, enrolments=registry(("2023-09-01", "a7")), cases=cases, terms=TERMS)
    found = rates.season_on_cases(store.known_by("2024-11-30"))
    assert found["month"].tolist() == [9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8]
    march, september = row(found, month=3), row(found, month=9)
    assert (march["leavings"], march["months_seen"], march["per_month"]) == (2, 1, 2.0)
    assert (september["leavings"], september["months_seen"]) == (0, 2)
    assert row(found, month=10)["months_seen"] == 1


def test_a_month_enters_the_season_only_when_late_confirmations_have_come_in(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=registry(("2023-09-01", "a7")), cases=left_on("2024-10-09"), terms=TERMS)
    assert row(rates.season_on_cases(store.known_by("2024-11-30")), month=10)["leavings"] == 0
    assert row(rates.season_on_cases(store.known_by("2024-12-30")), month=10)["leavings"] == 1


def test_three_leavings_in_march_say_nothing_but_fifteen_do(tmp_path: Path) -> None:
    few, many = (given(tmp_path / str(n), enrolments=registry(("2023-09-01", "a7")), terms=TERMS,
        cases=left_on(*["2024-03-04"] * n, "2023-10-09", "2023-11-06", "2024-05-06")) for n in (3, 15))  # fmt: skip
    assert set(rates.season_on_cases(few.known_by("2024-11-30"))["verdict"]) == {"无法判断"}
    assert row(rates.season_on_cases(many.known_by("2024-11-30")), month=3)["verdict"] == "偏高"


def county(left_at_first: int, left_elsewhere: int, pupils: int = 400) -> tuple[str, str]:
    """Three junior schools of equal size; so many leave the first, so many each of the others."""
    rows = ["pupil | snapshot_on | school_code | grade | registration | status"]
    cases = ["case | pupil | clue | opened_on | first_absent_on | conclusion | concluded_on"]
    for school in range(3):
        leaving = left_at_first if school == 0 else left_elsewhere
        for n in range(pupils):
            pupil = f"s{school}n{n}"
            rows.append(f"{pupil} | 2023-09-01 | 313300000{school} | 7 | r{pupil} | 在读")
            if n < leaving:
                cases.append(f"c{pupil} | {pupil} | 考勤 | 2024-03-04 | 2024-03-04 | 辍学 | 2024-03-29")
    return "\n".join(rows), "\n".join(cases)


@pytest.mark.parametrize(("first", "others", "verdict"), [(2, 1, "无法判断"), (14, 1, "偏高"), (20, 20, AS_USUAL)])
def test_a_school_stands_out_only_when_chance_does_not_explain_it(
    tmp_path: Path, first: int, others: int, verdict: str
) -> None:
    registry_rows, cases = county(first, others)
    found = rates.places_standing_out(given(tmp_path, enrolments=registry_rows, cases=cases).known_by("2024-11-30"))
    school = row(found, school_code="3133000000")
    assert school["verdict"] == verdict
    assert school["expected"] == pytest.approx((first + 2 * others) / 3, abs=0.01)
    assert school["low"] <= school["ratio"] <= school["high"]


@pytest.mark.usefixtures("told_from_one")
def test_expected_numbers_go_by_stage_so_that_a_junior_school_is_not_one_for_being_junior(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=registry(("2023-09-01", "a7 b7 c6 d6 e6")), cases="""
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on
        c1   | a     | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29
    """)  # fmt: skip
    found = rates.places_standing_out(store.known_by("2024-11-30")).set_index("school_code")["expected"]
    assert found.to_dict() == {"2133000001": 0.0, "3133000001": 1.0}


def test_without_dropouts_nothing_stands_out(tmp_path: Path) -> None:
    found = rates.places_standing_out(given(tmp_path, enrolments=county(0, 0, 3)[0]).known_by("2024-11-30"))
    assert set(found["verdict"]) == {"无法判断"}


def test_the_funnel_holds_what_chance_allows() -> None:
    low, high = funnel_limits(pd.Series([0.5, 3.0]).to_numpy())
    assert (low.tolist(), high.tolist()) == ([0, 0], [2, 7])
