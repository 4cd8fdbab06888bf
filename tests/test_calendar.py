"""The clock: school years, terms, school days."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baoxue import calendar
from baoxue.calendar import SchoolYear, Term

NO_ADJUSTMENTS = pd.DataFrame({"date": pd.Series(dtype="datetime64[s]"), "day_kind": pd.Series(dtype=str)})


def terms(*spans: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [{"starts_on": dt.date.fromisoformat(a), "ends_on": dt.date.fromisoformat(b)} for a, b in spans]
    )


def test_a_school_year_turns_on_the_first_of_september():
    assert SchoolYear.of(dt.date(2024, 8, 31)) == SchoolYear(2023)
    assert SchoolYear.of(dt.date(2024, 9, 1)) == SchoolYear(2024)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2060, 1, 1)))
def test_every_day_lies_in_its_school_year(day):
    year = SchoolYear.of(day)
    assert year.starts_on <= day <= year.ends_on


@pytest.mark.parametrize(
    "text",
    ["2024学年第一学期", "2024-2025学年第1学期", "2024 学年 第一学期", "2024—2025学年度第一学期", "2024学年上学期"],
)
def test_a_term_is_read_in_every_common_spelling(text):
    assert Term.read(text) == Term(2024, 1)


def test_what_is_no_term_reads_as_none():
    assert Term.read("2024年春") is None


@given(st.integers(2000, 2060), st.sampled_from([1, 2]))
def test_a_term_reads_back_its_own_label(year, number):
    assert Term.read(Term(year, number).label) == Term(year, number)


def test_national_day_is_no_school_and_its_make_up_saturday_is():
    days = calendar.school_days(terms(("2024-09-27", "2024-10-13")), NO_ADJUSTMENTS)
    assert [day.strftime("%m-%d") for day in days] == [
        "09-27",
        "09-29",
        "09-30",
        "10-08",
        "10-09",
        "10-10",
        "10-11",
        "10-12",
    ]


def test_the_county_calendar_wins_over_the_statutory_one():
    county = pd.DataFrame({"date": [dt.date(2024, 9, 2), dt.date(2024, 9, 7)], "day_kind": ["停课", "上课"]})
    days = calendar.school_days(terms(("2024-09-02", "2024-09-08")), county)
    assert [day.day for day in days] == [3, 4, 5, 6, 7]


def test_no_terms_give_no_school_days():
    assert len(calendar.school_days(terms().reindex(columns=["starts_on", "ends_on"]), NO_ADJUSTMENTS)) == 0


def test_beyond_the_published_holidays_the_week_is_used_and_said():
    with pytest.warns(calendar.CalendarWarning):
        assert calendar.is_workday(dt.date(2040, 1, 4)) is True


def test_age_counts_the_birthday_itself():
    assert calendar.age_on(dt.date(2018, 9, 1), dt.date(2024, 9, 1)) == 6
    assert calendar.age_on(dt.date(2018, 9, 2), dt.date(2024, 9, 1)) == 5


def test_a_grade_knows_its_stage_and_the_year_it_entered():
    assert [calendar.stage_of(grade) for grade in (1, 6, 7, 9)] == ["小学", "小学", "初中", "初中"]
    assert [calendar.entry_year(grade, SchoolYear(2024)) for grade in (1, 6, 7, 9)] == [2024, 2019, 2024, 2022]


def test_grade_ten_is_refused():
    with pytest.raises(ValueError, match="grades 1-9"):
        calendar.stage_of(10)
