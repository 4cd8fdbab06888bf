"""How a report says a day, a school year, its own period, a number."""

from __future__ import annotations

import pandas as pd

from baoxue.briefs.period import Period
from baoxue.calendar import Term
from baoxue.words import say

_SPOKEN = ("this", "end", "last", "last_year", "before")


def day(value: object, lang: str) -> str:
    """A date in the language's form; — for none."""
    date = pd.Timestamp(value)  # type: ignore[arg-type]
    return "—" if pd.isna(date) else say("report.date", lang, year=date.year, month=date.month, day=date.day)


def school_year(first: int, lang: str) -> str:
    """A school year by its two calendar years."""
    return say("report.school_year", lang, first=first, second=first + 1)


def name_of(period: Period, lang: str = "") -> str:
    """The period by its name, in its language or another: 2024年11月, 2024年第四季度, 2024—2025学年第一学期."""
    month, lang = period.starts_on.month, lang or period.lang
    if period.kind == "year":
        return school_year(period.year.first, lang)
    if period.kind == "term":
        term = Term.read(period.name)
        number = term.number if term else 1
        return say(f"report.term_{number}", lang, year=school_year(period.year.first, lang))
    if period.kind == "quarter":
        return say(f"report.quarter_{(month + 2) // 3}", lang, year=period.starts_on.year)
    return say("report.year_month", lang, year=period.starts_on.year, month=month)


def words_of(period: Period) -> dict[str, str]:
    """What the kind of period is called in running text: `this_, end_, last_, last_year_, before_` and its words."""
    words = {f"{name}_": say(f"report.{name}_{period.kind}", period.lang) for name in _SPOKEN}
    return words if period.is_complete else words | {"end_": say("report.end_now", period.lang)}


def decimals(row: pd.Series, *names: str, places: int = 2) -> dict[str, str]:
    """Numbers of a row as text with so many decimals; — for one that cannot be told."""
    return {name: "—" if pd.isna(row[name]) else f"{row[name]:.{places}f}" for name in names}
