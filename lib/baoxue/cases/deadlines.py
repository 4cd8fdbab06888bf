"""Deadlines of a case: every limit a parameter, counted in school days, natural days or working days (办理时限)."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import ibis
import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from baoxue import calendar, policy
from baoxue.codes import VisitWay
from baoxue.registers.rules import Finding
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known

YEARS_BACK, DAYS_AHEAD = 10, 150
"""How far around the day of the report working days are laid out: no clock begins earlier, and one that
begins later than half a year from now is not needed."""


class Unit(StrEnum):
    """What a limit counts: 教学日, 自然日, 工作日."""

    SCHOOL = "school"
    NATURAL = "natural"
    WORKING = "working"


class Limit(policy.Policy):
    """How long a step may take, and who says so."""

    days: int = Field(ge=0)
    unit: Unit
    source: str = Field(min_length=1)
    counts_first_day: bool = False
    ends_on_workday: bool = False


class Deadlines(policy.Policy):
    """The content of `params/policy/deadlines.yaml`."""

    contact: Limit
    home_visit: Limit
    register_: Limit = Field(alias="register")
    conclude: Limit
    regard: Limit
    persuade: Limit
    persuasion: Limit
    report: Limit
    criticise: Limit
    order: Limit
    correct: Limit
    correct_away: Limit
    hand_over: Limit
    judicial: Limit
    close: Limit
    reopen: Limit
    registry_change: Limit
    persuasion_attempts: int = Field(ge=1)
    visit_minutes: dict[VisitWay, int]
    watch_days: tuple[int, ...] = Field(min_length=1)
    absence_days: int = Field(ge=1)
    absence_window_days: int = Field(ge=1)
    overlooked_window_days: int = Field(ge=1)
    proof_window_days: int = Field(ge=0)
    findings: tuple[Finding, ...]

    @field_validator("visit_minutes")
    @classmethod
    def _every_way(cls, minutes: dict[VisitWay, int]) -> dict[VisitWay, int]:
        if set(minutes) != set(VisitWay) or min(minutes.values()) < 0:
            raise ValueError(f"must give the minutes of {', '.join(VisitWay)}")
        return minutes

    @field_validator("watch_days")
    @classmethod
    def _rising(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if list(days) != sorted(set(days)) or days[0] < 1:
            raise ValueError("must rise, each day once, from 1 on")
        return days

    @property
    def limits(self) -> dict[str, Limit]:
        """Every limit by its name in the file."""
        fields = type(self).model_fields
        named = {field.alias or name: getattr(self, name) for name, field in fields.items()}
        return {name: value for name, value in named.items() if isinstance(value, Limit)}


def rules() -> Deadlines:
    """The county's deadlines; PolicyError if the file does not fit."""
    return policy.load("deadlines", Deadlines)


@dataclass(frozen=True)
class CountedDays:
    """The days that count: those on which school is held, and statutory working days, each in order."""

    school: pd.DatetimeIndex
    working: pd.DatetimeIndex
    school_from: pd.Timestamp
    working_from: pd.Timestamp
    """Before these days nothing can be counted: the first day of the first term, the first day laid out."""

    @classmethod
    def between(cls, terms: pd.DataFrame, adjustments: pd.DataFrame, first: dt.date, last: dt.date) -> CountedDays:
        """School days of the terms, and working days from `first` to `last`."""
        working = [day for day in pd.date_range(first, last) if calendar.is_workday(day.date())]
        begins = pd.to_datetime(terms["starts_on"]).min() if len(terms) else pd.Timestamp.max
        return cls(calendar.school_days(terms, adjustments), pd.DatetimeIndex(working), begins, pd.Timestamp(first))


def counted_days(known: Known) -> CountedDays:
    """The county's days as known: its terms, its adjustments, and working days around them."""
    terms = known.table("terms").order_by("starts_on").to_pandas()
    adjustments = known.table("calendar_days").order_by("date").to_pandas()
    spans = zip(_dates(terms["starts_on"]), _dates(terms["ends_on"]), strict=True)
    kinds = zip(_dates(adjustments["date"]), adjustments["day_kind"], strict=True)
    first = dt.date(known.as_of.year - YEARS_BACK, 1, 1)
    return _between(tuple(spans), tuple(kinds), first, known.as_of + dt.timedelta(days=DAYS_AHEAD))


def due_on(starts: pd.Series, limit: Limit, days: CountedDays) -> pd.Series:
    """The last day of a limit that begins on each day of `starts` (dates); empty where it cannot be told.

    The day of the event is not counted, unless `counts_first_day`. A limit of 0 days ends the same day, or on the
    first day that counts after it. It cannot be told where no start is given, or where the school days counted run
    past the last term announced: such a limit is set once the next term is (开学后定).

    >>> starts = pd.Series(pd.to_datetime(["2024-09-30"]))          # the Monday before National Day
    >>> terms = pd.DataFrame({"starts_on": [dt.date(2024, 9, 1)], "ends_on": [dt.date(2025, 1, 17)]})
    >>> none = pd.DataFrame({"date": [], "day_kind": []})
    >>> days = CountedDays.between(terms, none, dt.date(2024, 9, 1), dt.date(2025, 1, 31))
    >>> due_on(starts, Limit(days=1, unit=Unit.SCHOOL, source="example"), days).dt.date.tolist()
    [datetime.date(2024, 10, 8)]
    """
    begins = pd.to_datetime(starts)
    if limit.unit is Unit.NATURAL:
        end = begins + pd.to_timedelta(limit.days - limit.counts_first_day, unit="D")
        return _nth(end, 0, days.working).where(end >= days.working_from) if limit.ends_on_workday else end
    counted = days.school if limit.unit is Unit.SCHOOL else days.working
    earliest = days.school_from if limit.unit is Unit.SCHOOL else days.working_from
    return _nth(begins, limit.days, counted, includes_start=limit.counts_first_day).where(begins >= earliest)


def due_table(first: dt.date, last: dt.date, limits: Mapping[str, Limit], days: CountedDays) -> pd.DataFrame:
    """Every limit begun on every day from `first` to `last`: `limit, starts_on, due_on`, to be joined to starts."""
    starts = pd.Series(pd.date_range(first, last))
    parts = [
        pd.DataFrame({"limit": name, "starts_on": starts, "due_on": due_on(starts, limit, days)})
        for name, limit in limits.items()
    ]
    return pd.concat(parts, ignore_index=True)


def with_due(rows: ibis.Table, limit: ibis.Value | str, starts: str, known: Known, name: str = "due_on") -> ibis.Table:
    """`rows` with the day (`name`) on which a limit begun on the date column `starts` ends.

    `limit` is the name of one limit, or a column of such names. Empty where `due_on` is, see there.
    """
    ends = kept(known, "_due_days", lambda: _due_days(known))
    ends = ends.select(_limit="limit", _starts="starts_on", **{name: "due_on"})
    same_limit = ends._limit == (ibis.literal(limit) if isinstance(limit, str) else limit)
    return rows.left_join(ends, [same_limit, ends._starts == rows[starts]]).drop("_limit", "_starts")


def _due_days(known: Known) -> ibis.Table:
    first = dt.date(known.as_of.year - YEARS_BACK, 1, 1)
    last = known.as_of + dt.timedelta(days=DAYS_AHEAD)
    table = ibis.memtable(due_table(first, last, rules().limits, counted_days(known)))
    return table.mutate(starts_on=table.starts_on.cast("date"), due_on=table.due_on.cast("date"))


def _nth(starts: pd.Series, number: int, counted: pd.DatetimeIndex, *, includes_start: bool = False) -> pd.Series:
    """The n-th counted day after each start (n = 0: the start itself or the next counted day)."""
    side: Literal["left", "right"] = "left" if number == 0 or includes_start else "right"
    held = counted.to_numpy()
    place = np.searchsorted(held, starts.to_numpy(), side=side) + max(number - 1, 0)
    told = starts.notna().to_numpy() & (place < len(held))
    values = np.full(len(starts), np.datetime64("NaT"), dtype="datetime64[ns]")
    values[told] = held[place[told]]
    return pd.Series(values, index=starts.index)


def _dates(column: pd.Series) -> list[dt.date]:
    return pd.to_datetime(column).dt.date.tolist()


@functools.lru_cache(maxsize=32)
def _between(
    terms: tuple[tuple[dt.date, dt.date], ...], kinds: tuple[tuple[dt.date, str], ...], first: dt.date, last: dt.date
) -> CountedDays:
    spans = pd.DataFrame(terms, columns=["starts_on", "ends_on"])
    adjustments = pd.DataFrame(kinds, columns=["date", "day_kind"])
    return CountedDays.between(spans, adjustments, first, last)
