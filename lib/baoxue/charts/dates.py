"""Days, months and school years in the reader's words."""

from __future__ import annotations

import datetime as dt

from baoxue import words


def day(value: dt.date, lang: str) -> str:
    """2024年11月30日, 2024-11-30."""
    return words.say("charts.date", lang, year=value.year, month=value.month, day=value.day)


def month(value: dt.date, lang: str) -> str:
    """2024年11月, 2024-11."""
    return words.say("charts.year_month", lang, year=value.year, month=value.month)


def school_year(first: int, lang: str) -> str:
    """2024学年, 2024/25: named by the year it begins in, in English by both."""
    years = f"{first}" if lang == "zh" else f"{first}/{(first + 1) % 100:02d}"
    return words.say("charts.school_year", lang, years=years)
