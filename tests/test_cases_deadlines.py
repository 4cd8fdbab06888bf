"""Deadlines against a table made by hand: National Day, make-up workdays, term ends, Spring Festival."""

import datetime as dt

import pandas as pd
import pytest
from pydantic import ValidationError

from baoxue.cases import deadlines
from baoxue.cases.deadlines import CountedDays, Deadlines, Limit, Unit, due_on
from given import given

TERMS = """
    term              | starts_on  | ends_on
    2023学年第一学期 | 2023-09-01 | 2024-01-26
    2023学年第二学期 | 2024-02-26 | 2024-07-05
    2024学年第一学期 | 2024-09-01 | 2025-01-17
    2024学年第二学期 | 2025-02-10 | 2025-07-04
"""

# a typhoon: Thursday 31 October and Friday 1 November closed, made up on Saturday 9 November
CALENDAR_DAYS = """
    date       | day_kind
    2024-10-31 | 停课
    2024-11-01 | 停课
    2024-11-09 | 上课
"""

# + counts the first day, ! a rest day at the end moves to the next working day
BY_HAND = """
    begins     | days | unit    | mark | due        | because
    2024-09-03 | 0    | school  |      | 2024-09-03 | Tuesday of school: the same day
    2024-09-01 | 0    | school  |      | 2024-09-02 | Sunday, first day of term: the Monday after
    2024-09-03 | 1    | school  |      | 2024-09-04 | the day of the event does not count
    2024-09-06 | 1    | school  |      | 2024-09-09 | Friday: the Monday after
    2024-09-03 | 3    | school  | +    | 2024-09-05 | the first absence is day 1: Tuesday, Wednesday, Thursday
    2024-09-07 | 3    | school  | +    | 2024-09-11 | Saturday does not count: Monday is day 1
    2024-09-12 | 2    | school  |      | 2024-09-14 | Saturday made up for Mid-Autumn is a school day
    2024-09-13 | 2    | school  |      | 2024-09-18 | Saturday 14 counts, then Mid-Autumn to Tuesday 17
    2024-09-27 | 1    | school  |      | 2024-09-29 | Sunday made up for National Day
    2024-09-27 | 3    | school  |      | 2024-10-08 | Sunday 29, Monday 30, then the holiday
    2024-09-30 | 1    | school  |      | 2024-10-08 | the day before National Day
    2024-10-03 | 0    | school  |      | 2024-10-08 | within the holiday: the first school day after
    2024-10-10 | 2    | school  |      | 2024-10-12 | Friday 11, Saturday 12 made up
    2024-10-11 | 2    | school  |      | 2024-10-14 | Saturday 12 made up, then Monday
    2024-10-30 | 1    | school  |      | 2024-11-04 | typhoon on Thursday and Friday
    2024-10-30 | 3    | school  | +    | 2024-11-05 | day 1 before the typhoon, day 2 Monday, day 3 Tuesday
    2024-11-08 | 1    | school  |      | 2024-11-09 | the county opens on this Saturday
    2024-09-02 | 20   | school  | +    | 2024-09-29 | 19 days to Friday 27, the 20th is the Sunday made up
    2025-01-16 | 1    | school  |      | 2025-01-17 | the last day of term
    2025-01-17 | 1    | school  |      | 2025-02-10 | term over: the first day of the next
    2025-01-13 | 5    | school  |      | 2025-02-10 | four days to the end of term, the fifth after Spring Festival
    2025-01-26 | 0    | school  |      | 2025-02-10 | Sunday made up by offices, but school holidays
    2025-07-03 | 1    | school  |      | 2025-07-04 | the last day of the last term announced
    2025-07-03 | 2    | school  |      |            | the next term is not announced
    2023-08-31 | 1    | school  |      |            | before the first term known nothing can be counted
    2024-07-06 | 1    | school  |      | 2024-09-02 | over the summer
    2024-09-27 | 1    | working |      | 2024-09-29 | offices work on the Sunday made up
    2024-09-30 | 1    | working |      | 2024-10-08 | after National Day
    2024-10-11 | 1    | working |      | 2024-10-12 | Saturday made up
    2024-10-12 | 1    | working |      | 2024-10-14 | from a Saturday made up to Monday
    2024-10-30 | 1    | working |      | 2024-10-31 | school is closed for the typhoon, offices are not
    2025-01-26 | 2    | working |      | 2025-02-05 | Monday 27, then Spring Festival to 4 February
    2025-02-07 | 1    | working |      | 2025-02-08 | Saturday made up after Spring Festival
    2024-09-25 | 10   | working |      | 2024-10-14 | 26, 27, 29, 30 September, 8 to 12 October are nine, then Monday
    2024-09-23 | 7    | natural |      | 2024-09-30 | a week
    2024-09-25 | 7    | natural |      | 2024-10-02 | natural days run through a holiday
    2024-09-25 | 7    | natural | !    | 2024-10-08 | a legal term does not end within it
    2025-01-21 | 7    | natural | !    | 2025-02-05 | Spring Festival to 4 February
    2024-09-27 | 2    | natural | !    | 2024-09-29 | a Sunday made up is a working day
    2024-11-01 | 7    | natural | +    | 2024-11-07 | the first day counts
"""


def by_hand() -> list[tuple[str, ...]]:
    lines = [tuple(cell.strip() for cell in line.split("|")) for line in BY_HAND.strip().splitlines()[1:]]
    return lines


@pytest.fixture(scope="module")
def days(tmp_path_factory) -> CountedDays:
    store = given(tmp_path_factory.mktemp("deadlines"), terms=TERMS, calendar_days=CALENDAR_DAYS)
    return deadlines.counted_days(store.known_by("2025-06-01"))


def test_there_are_forty_cases_by_hand():
    assert len(by_hand()) == 40


@pytest.mark.parametrize("begins, number, unit, mark, due, because", by_hand())
def test_a_deadline_by_hand(days, begins, number, unit, mark, due, because):
    limit = Limit(
        days=int(number), unit=Unit(unit), source="by hand", counts_first_day=mark == "+", ends_on_workday=mark == "!"
    )
    told = due_on(pd.Series([pd.Timestamp(begins)]), limit, days)[0]
    assert (str(told.date()) if pd.notna(told) else "") == due, because


def test_a_start_that_nobody_knows_has_no_deadline(days):
    limit = Limit(days=3, unit=Unit.WORKING, source="example")
    assert due_on(pd.Series([pd.NaT], dtype="datetime64[ns]"), limit, days).isna().all()


def test_a_column_of_dates_is_joined_to_its_limits(tmp_path):
    store = given(
        tmp_path,
        terms=TERMS,
        cases="""
            case | pupil | clue | opened_on
            a    | p1    | 考勤 | 2024-09-30
            b    | p2    | 考勤 | 2024-10-09
        """,
    )
    known = store.known_by("2024-11-30")
    dated = deadlines.with_due(known.cases, "home_visit", "opened_on", known).order_by("case").to_pandas()
    assert dated["due_on"].dt.date.tolist() == [dt.date(2024, 10, 8), dt.date(2024, 10, 10)]


def test_the_file_names_a_source_for_every_limit():
    rules = deadlines.rules()
    assert len(rules.limits) == 17
    assert all(len(limit.source) > 10 for limit in rules.limits.values())


@pytest.mark.parametrize(
    "wrong",
    [{"watch_days": [60, 30]}, {"watch_days": []}, {"persuasion_attempts": 0}, {"findings": ["aid"]}, {"typo": 1}],
    ids=str,
)
def test_a_wrong_setting_is_refused(wrong):
    given_now = deadlines.rules().model_dump(by_alias=True)
    with pytest.raises(ValidationError):
        Deadlines.model_validate(given_now | wrong)
