"""A table of the brief as its reader sees it: official heads, official words, places by name."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from baoxue.registers.tables import worded
from baoxue.words import catalogue, label, say


def shown(frame: pd.DataFrame, lang: str = "zh", names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The frame with heads `report.column_<name>`, codes in words, its first column as the index; an empty cell is —.

    A value with words of its own (`report.` or `registers.<column>_<value>`) shows those, an official word its term, a
    place code its name in `names`. Per cents have two decimals, other numbers at most one. Raises KeyError for a
    column without a head.
    """
    return worded(
        frame,
        lambda name: say(f"report.column_{name}", lang),
        lambda name, column: _worded(column, name, lang, names or {}),
    )


def _worded(column: pd.Series, name: str, lang: str, names: Mapping[str, str]) -> pd.Series:
    said = [
        _said(name, value, lang, names) if told else "—" for value, told in zip(column, column.notna(), strict=True)
    ]
    return pd.Series(said, index=column.index, dtype="object")


def _said(column: str, value: str | float, lang: str, names: Mapping[str, str]) -> str | int:
    if column == "school_year":
        return say("report.school_year", lang, first=int(value), second=int(value) + 1)
    if not isinstance(value, str):
        if column.endswith("_pct"):
            return f"{value:.2f}"
        return int(value) if value == int(value) else f"{value:.1f}"
    keys = (f"{topic}.{column}_{value}" for topic in ("report", "registers"))
    key = next((key for key in keys if key in catalogue()), None)
    return say(key, lang) if key else names.get(value, label(value, lang))
