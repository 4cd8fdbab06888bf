"""What the reader of the trends sees: heads and words in both languages, computed sentences, checks, files."""

from pathlib import Path

import pandas as pd
import pytest

from baoxue import rates
from baoxue.briefs import trends
from baoxue.store import Known
from given import given
from rates_drawn import registry, told_from_one

__all__ = ["told_from_one"]

pytestmark = pytest.mark.usefixtures("told_from_one")

CASES = """
    case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
    c1   | a     | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29   | 2024-04-15 | 返校复学
    c2   | c     | 考勤 | 2024-09-12 | 2024-09-09      | 辍学       | 2024-10-12   | -          | -
    c3   | b     | 考勤 | 2024-11-20 | 2024-11-18      | -          | -            | -          | -
"""


@pytest.fixture
def known(tmp_path: Path) -> Known:
    snapshots = registry(("2023-09-01", "a7 b7 c6 d6 e5"), ("2024-09-01", "a8 b8 c7 d7 e6"))
    return given(tmp_path / "store", enrolments=snapshots, cases=CASES).known_by("2024-11-30")


def test_an_interval_is_one_column_and_what_cannot_be_told_is_said() -> None:
    frame = pd.DataFrame(
        {
            "school_year": [2023, 2024],
            "stage": ["小学", "初中"],
            "rate_pct": [0.1, None],
            "low_pct": [0.026, None],
            "high_pct": [0.254, None],
        }
    )
    told = trends.shown(frame)
    assert told.reset_index().values.tolist() == [
        ["2023学年", "小学", "0.10", "0.03~0.25"],
        ["2024学年", "初中", "—", "无法判断"],
    ]
    assert list(told.columns) == ["学段", "比率%", "95%区间"]
    assert trends.shown(frame, "en").reset_index().values.tolist()[1] == [
        "2024/25",
        "junior secondary",
        "—",
        "cannot tell",
    ]


def test_a_year_that_is_not_over_bears_a_star() -> None:
    frame = pd.DataFrame({"school_year": [2023, 2024], "dropouts": [9, 2], "is_complete": [True, False]})
    assert trends.shown(frame).index.tolist() == ["2023学年", "2024学年*"]
    assert list(trends.shown(frame).columns) == ["认定辍学"]


def test_a_rate_for_which_no_interval_is_claimed_has_a_dash() -> None:
    frame = pd.DataFrame({"stage": ["初中"], "rate_pct": [104.0], "low_pct": [None], "high_pct": [None]})
    assert trends.shown(frame)["95%区间"].tolist() == ["—"]


@pytest.mark.parametrize(
    ("period", "zh", "en"),
    [
        ("2024-11", "2024-11", "2024-11"),
        ("2024学年", "2024学年", "2024/25"),
        ("2024学年第二学期", "2024学年第二学期", "2024/25, spring term"),
    ],
)
def test_periods_are_said_in_the_readers_language(period: str, zh: str, en: str) -> None:
    frame = pd.DataFrame({"period": [period], "balance": [3]})
    assert trends.shown(frame).index.tolist() == [zh]
    assert trends.shown(frame, "en").index.tolist() == [en]


def test_the_headlines_count_and_do_not_call_one_more_a_rise(known: Known) -> None:
    flows = rates.cases_by_period(known, "year")
    same_period = rates.dropout_rate_on_registry(known, same_period=True)
    assert trends.headlines(known, flows, same_period).splitlines() == [
        "1. 截至2024年11月30日，2024学年新认定辍学1人次，劝返复学0人次（含以前学年辍学的），尚有1人未复学。",
        "2. 与上学年同期相比：1人对0人，人数少，升降无法判断。",
        "3. 疑似辍学尚未认定的有1人，须逐一核实。",
    ]


def test_a_clear_difference_is_said_with_its_interval(known: Known) -> None:
    flows = rates.cases_by_period(known, "year")
    many = pd.DataFrame({"school_year": [2023, 2024], "stage": "合计", "dropouts": [3, 14], "population": 10_000})
    assert "14人对3人，偏高，为上年同期的4.7倍" in trends.headlines(known, flows, many)


def test_the_checks_hold_on_a_drawn_county_and_name_what_does_not(known: Known) -> None:
    months, yearly = rates.cases_by_period(known), rates.dropout_rate_on_registry(known)
    retention = rates.year_retention_on_registry(known)
    assert trends.checked(months, yearly, retention).count("通过") == 5
    with pytest.raises(trends.ChecksFailed, match="期初"):
        trends.checked(months.assign(balance=months["balance"] + 1), yearly, retention)


def test_the_public_table_hides_small_counts_with_their_rate_and_base(known: Known, tmp_path: Path) -> None:
    months, yearly = rates.cases_by_period(known), rates.dropout_rate_on_registry(known)
    assert trends.write(str(tmp_path / "run"), months, yearly) == [
        "tables/trends_rates.csv",
        "tables/trends_months_T3.csv",
    ]
    public = pd.read_csv(tmp_path / "run" / "tables" / "trends_rates.csv", dtype=str)
    hidden = public[(public["学年"] == "2024") & (public["学段"] == "合计")]
    assert hidden[["基数", "认定辍学", "比率%"]].values.tolist() == [["*", "*", "*"]]


def test_without_a_folder_nothing_is_written(known: Known) -> None:
    months, yearly = rates.cases_by_period(known), rates.dropout_rate_on_registry(known)
    assert trends.write("", months, yearly) == []


def test_coverage_of_a_county_without_a_household_register_cannot_be_told(known: Known) -> None:
    told = trends.coverage(known)
    assert set(told["indicator"]) == {"completion"}
    assert told["rate_pct"].isna().all()
