"""How a day, a month, a year and a term are read, in every form that people and Excel give them."""

from __future__ import annotations

import datetime as dt
import re

from baoxue.calendar import Term
from baoxue.intake.numbers import Problem, fold, value_class

_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_EXCEL_EPOCH = dt.date(1899, 12, 30)


def read_date(text: str) -> dt.date | Problem:
    """A day in any of the forms people use, an ISO time stamp, or an Excel serial number."""
    bare = re.sub(r"\.0+$", "", fold(text).lstrip("'"))
    found = _EIGHT_DIGITS.fullmatch(bare) or _DAY.fullmatch(bare)
    if found:
        return _date(int(found[1]), int(found[2]), int(found[3]), text)
    if re.fullmatch(r"[1-7]\d{4}(\.\d+)?", bare):
        return _EXCEL_EPOCH + dt.timedelta(days=int(float(bare)))
    return Problem("date_form", value_class(text))


def read_month(text: str) -> dt.date | Problem:
    """A month as its first day: `YYYYMM`, `2014-09`, `2014年9月`, or a day in it."""
    bare = re.sub(r"\.0+$", "", fold(text).lstrip("'"))
    found = re.fullmatch(r"(\d{4})(\d{2})", bare) or re.fullmatch(r"(\d{4})[-/.年](\d{1,2})月?", bare)
    if found:
        return _date(int(found[1]), int(found[2]), 1, text)
    day = read_date(text)
    return day.replace(day=1) if isinstance(day, dt.date) else Problem("month_form", value_class(text))


def _date(year: int, month: int, day: int, text: str) -> dt.date | Problem:
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return Problem("date_impossible", value_class(text))
    return found if 1900 <= year <= 2100 else Problem("date_impossible", value_class(text))


def read_term(text: str) -> str | Problem:
    """A term, as officials write it."""
    term = Term.read(fold(text))
    return term.label if term else Problem("term_form", value_class(text))


def read_year(text: str) -> int | Problem:
    """A calendar year."""
    found = re.fullmatch(r"((?:19|20)\d{2})(?:\.0+)?(?:年|学年|学年度|年度)?", fold(text).lstrip("'"))
    return int(found[1]) if found else Problem("year_form", value_class(text))
