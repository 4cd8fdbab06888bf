"""The periods that reports are made for: months, quarters, terms, school years, as far as they have been lived."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal

import ibis
import pandas as pd

from baoxue.calendar import SchoolYear, Term
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known

Every = Literal["month", "quarter", "term", "year"]
_COLUMNS = {"period": "string", "starts_on": "date", "ends_on": "date", "is_complete": "boolean"}


def periods(known: Known, every: Every) -> ibis.Table:
    """One row per period from the first registry snapshot or case to `as_of`: `period, starts_on, ends_on,
    is_complete`.

    `period` reads 2024-11 (month), 2024年第四季度 (quarter), 2024学年第二学期 (term), 2024学年 (year). A term
    lasts until the next one begins, so that holidays belong to the term before them and every day to one period; the
    first begins on its 1 September. The last period ends on `as_of` and is complete only if nothing of it is left.
    Terms need the county's 校历.
    """
    return kept(known, f"_periods_{every}", lambda: _periods(known, every))


def _periods(known: Known, every: Every) -> ibis.Table:
    first = _first_day(known)
    bounds = _bounds(known, every, first) if first else []
    rows = [
        (name, starts, min(ends, known.as_of), ends <= known.as_of)
        for name, starts, ends in bounds
        if starts <= known.as_of and ends >= (first or starts)
    ]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS), dtype="object")
    return ibis.memtable(frame, schema=ibis.schema(_COLUMNS))


def quarter_name(year: int, quarter: int) -> str:
    """A quarter of a calendar year as officials write it.

    >>> quarter_name(2024, 4)
    '2024年第四季度'
    """
    return f"{year}年第{'一二三四'[quarter - 1]}季度"


def _first_day(known: Known) -> dt.date | None:
    enrolments, cases = known.table("enrolments"), known.table("cases")
    days = [enrolments.snapshot_on.min().execute(), cases.opened_on.min().execute()]
    told = [pd.Timestamp(day).date() for day in days if not pd.isna(day)]
    return min(told, default=None)


def _bounds(known: Known, every: Every, first: dt.date) -> list[tuple[str, dt.date, dt.date]]:
    if every == "month":
        months = pd.period_range(first, known.as_of, freq="M")
        return [(str(month), month.start_time.date(), month.end_time.date()) for month in months]
    if every == "quarter":
        quarters = pd.period_range(first, known.as_of, freq="Q")
        return [(quarter_name(q.year, q.quarter), q.start_time.date(), q.end_time.date()) for q in quarters]
    years = [SchoolYear(year) for year in range(SchoolYear.of(first).first, SchoolYear.of(known.as_of).first + 1)]
    if every == "year":
        return [(year.label, year.starts_on, year.ends_on) for year in years]
    return [bounds for year in years for bounds in _terms(known, year)]


def _terms(known: Known, year: SchoolYear) -> list[tuple[str, dt.date, dt.date]]:
    rows = known.table("terms").select("term", "starts_on").order_by("starts_on").to_pandas()
    spring = Term(year.first, 2).label
    begins = [
        pd.Timestamp(day).date() for day, term in zip(rows["starts_on"], rows["term"], strict=True) if term == spring
    ]
    autumn = Term(year.first, 1).label
    if not begins:
        return [(autumn, year.starts_on, year.ends_on)] if autumn in set(rows["term"]) else []
    return [(autumn, year.starts_on, begins[0] - dt.timedelta(days=1)), (spring, begins[0], year.ends_on)]
