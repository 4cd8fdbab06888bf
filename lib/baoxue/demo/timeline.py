"""The simulated county's clock: terms, school days, months, and the days on which its lists are drawn up."""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from baoxue import calendar, codes
from baoxue.calendar import Term

Days = np.ndarray
"""An array of `datetime64[D]`; NaT where a thing never happens."""

NEVER = np.datetime64("NaT", "D")

FIRST_DAY = dt.date(2021, 9, 1)
LAST_DAY = dt.date(2025, 1, 17)
"""The drop's history; lives go on to the end of the school year, so that a forecast can be compared with what came."""

LAST = np.datetime64(LAST_DAY, "D")

AS_OF = dt.date(2024, 11, 30)
"""The day as of which `truth/findings.parquet` holds."""

YEARS = (2021, 2022, 2023, 2024)

TERM_DATES: dict[Term, tuple[str, str]] = {
    Term(2021, 1): ("2021-09-01", "2022-01-21"),
    Term(2021, 2): ("2022-02-14", "2022-07-01"),
    Term(2022, 1): ("2022-09-01", "2023-01-13"),
    Term(2022, 2): ("2023-02-06", "2023-06-30"),
    Term(2023, 1): ("2023-09-01", "2024-01-26"),
    Term(2023, 2): ("2024-02-26", "2024-07-05"),
    Term(2024, 1): ("2024-09-02", "2025-01-17"),
    Term(2024, 2): ("2025-02-13", "2025-07-03"),
}
"""First and last day. Spring terms begin about the Lantern Festival, as in Zhejiang; the last lies after the drop."""

CHECKED_TERM = Term(2023, 2)
"""The last term completed as of `AS_OF`, on which the findings about aid stand."""

ADJUSTMENTS: tuple[tuple[str, codes.DayKind, str], ...] = (
    ("2022-09-14", codes.DayKind.CLOSED, "台风停课（模拟）"),
    ("2022-09-17", codes.DayKind.OPEN, "补台风停课（模拟）"),
    ("2024-11-01", codes.DayKind.CLOSED, "台风停课（模拟）"),
    ("2024-11-09", codes.DayKind.OPEN, "补台风停课（模拟）"),
)

REGISTRY_DAYS = tuple(
    np.datetime64(day, "D")
    for day in (
        "2021-09-30", "2022-03-31", "2022-09-30", "2023-03-31", "2023-09-28",
        "2024-03-29", "2024-09-30", "2024-10-31", "2024-11-29", "2024-12-31",
    )
)  # fmt: skip
"""Registry snapshots, and class rosters on the same school days."""

HOUSEHOLD_DAYS = tuple(
    np.datetime64(day, "D") for day in ("2021-09-20", "2022-09-20", "2023-09-20", "2024-03-20", "2024-09-20")
)

LATEST_REGISTRY = REGISTRY_DAYS[-2]
"""The registry snapshot that is the latest as of `AS_OF`."""

LATEST_HOUSEHOLDS = HOUSEHOLD_DAYS[-1]


def stream(seed: int, topic: str) -> np.random.Generator:
    """An independent random stream for a topic; the same seed and topic always give the same draws."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(topic.encode())]))


@dataclass(frozen=True)
class Clock:
    """School days and working days as sorted arrays, with the arithmetic that lives need."""

    school_days: Days
    workdays: Days
    term_of_day: np.ndarray
    """For each school day the position of its term in `TERM_DATES`."""
    month_of_day: np.ndarray
    """For each school day the position of its month in `months`."""
    months: pd.PeriodIndex

    def at(self, days: Days | np.datetime64) -> np.ndarray:
        """The position of the first school day on or after each day (past the end: the number of school days)."""
        return np.searchsorted(self.school_days, days)

    def shift(self, days: Days, steps: np.ndarray | int) -> Days:
        """The school day that many school days after each day; NaT stays NaT, past the end gives NaT."""
        place = self.at(days) + steps
        inside = ~np.isnat(days) & (place < len(self.school_days))
        return np.where(inside, self.school_days[np.clip(place, 0, len(self.school_days) - 1)], NEVER)

    def workday(self, days: Days) -> Days:
        """The first working day on or after each day; NaT stays NaT."""
        place = np.searchsorted(self.workdays, days)
        found = self.workdays[np.clip(place, 0, len(self.workdays) - 1)]
        return np.where(np.isnat(days), NEVER, found)

    def days_of_month(self, month: int) -> np.ndarray:
        """Positions of the school days of a month."""
        return np.flatnonzero(self.month_of_day == month)


@cache
def clock() -> Clock:
    """The county's clock, 1 September 2021 to the summer of 2025."""
    days = calendar.school_days(terms(), adjustments()).to_numpy().astype("datetime64[D]")
    ends = np.array([end for _, end in TERM_DATES.values()], dtype="datetime64[D]")
    months = pd.period_range("2021-09", "2025-07", freq="M")
    every = pd.date_range(FIRST_DAY, "2025-12-31")
    workdays = np.array([day for day in every if calendar.is_workday(day.date())], dtype="datetime64[D]")
    return Clock(
        days,
        workdays,
        np.searchsorted(ends, days),
        (days.astype("datetime64[M]") - np.datetime64("2021-09", "M")).astype(int),
        months,
    )


def terms() -> pd.DataFrame:
    """The terms: `term, starts_on, ends_on`."""
    rows = [(term.label, pd.Timestamp(first), pd.Timestamp(last)) for term, (first, last) in TERM_DATES.items()]
    return pd.DataFrame(rows, columns=["term", "starts_on", "ends_on"])


def adjustments() -> pd.DataFrame:
    """Days that depart from the statutory calendar: `date, day_kind, note`."""
    rows = [(pd.Timestamp(day), kind.value, note) for day, kind, note in ADJUSTMENTS]
    return pd.DataFrame(rows, columns=["date", "day_kind", "note"])


def september(year: int) -> np.datetime64:
    """1 September, when a school year begins."""
    return np.datetime64(f"{year}-09-01", "D")


def term_start(year: int, number: int) -> np.datetime64:
    """The first day of a term."""
    return np.datetime64(TERM_DATES[Term(year, number)][0], "D")


def term_end(year: int, number: int) -> np.datetime64:
    """The last day of a term."""
    return np.datetime64(TERM_DATES[Term(year, number)][1], "D")
