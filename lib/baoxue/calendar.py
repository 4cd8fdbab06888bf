"""School years, terms, school days, stages and ages: the clock that everything else is read by."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import warnings
from dataclasses import dataclass
from functools import cache

import pandas as pd

from baoxue.codes import DayKind, Stage

WEEKDAYS = 5


class CalendarWarning(UserWarning):
    """A day lies beyond the published holidays, so only the county's calendar and the week are used."""


@dataclass(frozen=True, order=True)
class SchoolYear:
    """学年, named by its first calendar year: 2024 runs from 1 September 2024 to 31 August 2025."""

    first: int

    @classmethod
    def of(cls, day: dt.date) -> SchoolYear:
        """The school year in which a day lies.

        >>> SchoolYear.of(dt.date(2025, 2, 1))
        SchoolYear(first=2024)
        """
        return cls(day.year if day.month >= 9 else day.year - 1)

    @property
    def starts_on(self) -> dt.date:
        """1 September: the statistical day (统计时点)."""
        return dt.date(self.first, 9, 1)

    @property
    def ends_on(self) -> dt.date:
        """31 August."""
        return dt.date(self.first + 1, 8, 31)

    @property
    def label(self) -> str:
        """As officials write it: 2024学年."""
        return f"{self.first}学年"


@dataclass(frozen=True, order=True)
class Term:
    """学期 of a school year: 1 in autumn, 2 in spring."""

    year: int
    number: int

    @classmethod
    def read(cls, text: str) -> Term | None:
        """A term as counties write it (`2024学年第一学期`, `2024-2025学年第2学期`), None if it is none.

        >>> Term.read("2024学年第一学期").label
        '2024学年第一学期'
        """
        folded = unicodedata.normalize("NFKC", text).replace(" ", "")
        found = re.fullmatch(r"(\d{4})(?:[-—~]+\d{4})?学?年度?第?([一二12上下])学期", folded)
        if not found:
            return None
        return cls(int(found[1]), 1 if found[2] in "一1上" else 2)

    @property
    def label(self) -> str:
        """As officials write it: 2024学年第一学期."""
        return f"{self.year}学年第{'一二'[self.number - 1]}学期"


def stage_of(grade: int) -> Stage:
    """The stage of a grade 1-9; ValueError outside."""
    if not 1 <= grade <= 9:
        raise ValueError(f"grade {grade}: compulsory school has grades 1-9")
    return Stage.PRIMARY if grade <= 6 else Stage.JUNIOR


def age_on(birth: dt.date, day: dt.date) -> int:
    """Full years of age on a day."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def entry_year(grade: int, year: SchoolYear) -> int:
    """The calendar year in which the pupils of a grade entered their stage."""
    return year.first - (grade - 1 if grade <= 6 else grade - 7)


def spring_festival_month(year: int) -> int | None:
    """The month in which the Spring Festival of a calendar year begins: 1 or 2; None beyond the published holidays.

    >>> spring_festival_month(2023), spring_festival_month(2024)
    (1, 2)
    """
    import chinese_calendar

    for day in pd.date_range(f"{year}-01-15", f"{year}-02-25"):
        try:
            name = chinese_calendar.get_holiday_detail(day.date())[1]
        except NotImplementedError:
            return None
        if name == chinese_calendar.Holiday.spring_festival.value:
            return day.month
    return None


def is_workday(day: dt.date) -> bool:
    """A statutory working day in China; beyond the published holidays, Monday to Friday, with a CalendarWarning."""
    published = _published(day)
    if published is None:
        warnings.warn(f"{day}: no published holidays; Monday to Friday is used", CalendarWarning, stacklevel=2)
        return day.weekday() < WEEKDAYS
    return published


@cache
def _published(day: dt.date) -> bool | None:
    """Whether a day is a working day by the published holidays; None beyond them."""
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def school_days(terms: pd.DataFrame, adjustments: pd.DataFrame) -> pd.DatetimeIndex:
    """The days on which school is held, in order.

    `terms` has `starts_on, ends_on`; `adjustments` has `date, day_kind` (停课 / 上课) and wins over the statutory
    calendar, which wins over the week. A make-up workday on a weekend is a school day. Empty terms give no days.
    """
    days = sorted(
        {
            day.date()
            for starts, ends in zip(terms["starts_on"], terms["ends_on"], strict=True)
            for day in pd.date_range(starts, ends)
        }
    )
    kinds = dict(zip(pd.to_datetime(adjustments["date"]).dt.date, adjustments["day_kind"], strict=True))
    held = [day for day in days if kinds.get(day) == DayKind.OPEN or (day not in kinds and is_workday(day))]
    return pd.DatetimeIndex(held)
