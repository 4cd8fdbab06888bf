"""Findings as a reader sees them: official words for codes, names for places, heads in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Protocol

import pandas as pd

from baoxue.registers.sides import Sides
from baoxue.store import Known
from baoxue.words import catalogue, label, say

_WORDED = {
    "finding": "registers.finding_", "comparison": "registers.comparison_", "checked_by": "registers.checked_by_",
    "move": "registers.move_", "source": "registers.source_", "reason": "intake.reason_",
}  # fmt: skip
"""Columns whose values have words of their own, and where these stand in the catalogue."""

_PLACES = ("school_code", "township_code")


def table(frame: pd.DataFrame, lang: str = "zh", names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The frame with words for codes and heads, its first column as the index, whose head names the columns.

    `names` gives schools and townships by code; a code without a name stays, an empty one shows as unknown. Dates are
    written in the language's form, empty cells as —. A column called as a comparison is headed by it. Raises KeyError
    for a column that the catalogue has no head for.
    """
    return worded(frame, lambda name: _head(name, lang), lambda name, column: _shown(column, name, lang, names or {}))


def worded(
    frame: pd.DataFrame, head: Callable[[str], str], said: Callable[[str, pd.Series], pd.Series]
) -> pd.DataFrame:
    """The frame with each column as `said(name, column)` has it under `head(name)`; its first column is the index, and
    that column's head names the columns."""
    columns = {str(name): said(str(name), frame[name]) for name in frame.columns}
    heads = {name: head(name) for name in columns}
    renamed = pd.DataFrame(columns, index=frame.index).rename(columns=heads)
    first = next(iter(heads.values()))
    return renamed.set_index(first).rename_axis(index=None, columns=first)


class Named(Protocol):
    """A place with a Chinese and an English name."""

    name: str
    name_en: str


def place_names(known: Known, townships: Mapping[str, Named], lang: str = "zh") -> dict[str, str]:
    """Names of schools and townships by code; a school has its Chinese name in either language."""
    rows = known.table("schools").select("school_code", "school_name").to_pandas()
    towns = {code: town.name if lang == "zh" else town.name_en for code, town in townships.items()}
    return dict(zip(rows["school_code"], rows["school_name"], strict=True)) | towns


def basis(known: Known, found: pd.DataFrame, lang: str = "zh") -> str:
    """As of when, by which snapshots, how many findings about how many children; which schools handed in too little."""
    at = Sides(known)
    rosters = at.roster_days.to_pandas()["roster_on"].max()
    days = {
        "as_of": known.as_of,
        "registry_on": at.registry_day,
        "household_on": max(at.household_days, default=None),
        "roster_on": None if pd.isna(rosters) else pd.Timestamp(rosters).date(),
    }
    told = {name: _day(day, lang) if day else "—" for name, day in days.items()}
    sentence = say("registers.told_basis", lang, now=len(found), children=found["pupil"].nunique(), **told)
    return sentence + _missing(silent_schools(known), lang)


def silent_schools(known: Known) -> pd.DataFrame:
    """Schools of the list without a row in the latest registry snapshot, or without a roster since, by code.

    Columns `school_code, school_name, has_registry, has_roster`. A school without pupils is among them.
    """
    at = Sides(known)
    schools = known.table("schools").select("school_code", "school_name").to_pandas()
    rosters = at.roster_days.to_pandas()
    timely = rosters[pd.to_datetime(rosters["roster_on"]) >= pd.Timestamp(at.registry_day or dt.date.max)]
    schools["has_registry"] = schools["school_code"].isin(
        at.registry.select("school_code").distinct().to_pandas()["school_code"]
    )
    schools["has_roster"] = schools["school_code"].isin(timely["school_code"])
    silent = schools[~(schools["has_registry"] & schools["has_roster"])]
    return silent.sort_values("school_code", ignore_index=True)


def _missing(silent: pd.DataFrame, lang: str) -> str:
    if silent.empty:
        return ""
    names = say("registers.and_between", lang).join(silent["school_name"].fillna(silent["school_code"]))
    counts = {"registries": int((~silent["has_registry"]).sum()), "rosters": int((~silent["has_roster"]).sum())}
    return say("registers.told_missing", lang, names=names, **counts)


def _day(day: dt.date, lang: str) -> str:
    return catalogue()["registers.date_form"][lang].format(year=day.year, month=day.month, day=day.day)


def _head(name: str, lang: str) -> str:
    comparison = f"registers.comparison_{name}"
    return say(comparison if comparison in catalogue() else f"registers.column_{name}", lang)


def _shown(column: pd.Series, name: str, lang: str, names: Mapping[str, str]) -> pd.Series:
    if name in _WORDED:
        return column.map(lambda value: _said(f"{_WORDED[name]}{value}", value, lang))
    if name in _PLACES:
        told = column.map(lambda code: names.get(code, label(code, lang)), na_action="ignore")
        return told.fillna(say("registers.unknown", lang))
    if name == "since":
        return column.map(lambda day: _day(day, lang))
    return column if pd.api.types.is_numeric_dtype(column) and not column.hasnans else column.astype(object).fillna("—")


def _said(key: str, value: str, lang: str) -> str:
    return say(key, lang) if key in catalogue() else label(value, lang)
