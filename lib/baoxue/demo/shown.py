"""The measured county in a reader's words: tables and sentences for the notebook that holds it against the world."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from baoxue.words import say


def table(rows: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """A table of this package in words, numbers to two digits, its first column as the index."""
    shown = rows.copy()
    for column in shown.select_dtypes("number"):
        shown[column] = [f"{value:,.2f}".rstrip("0").rstrip(".") for value in shown[column]]
    for column in {"figure", "verdict"} & set(shown):
        shown[column] = [say(f"county.{column}_{value}", lang) for value in shown[column]]
    if "whose" in shown:
        shown["whose"] = [_whose(value, lang) for value in shown["whose"]]
    heads = {column: _head(str(column), lang) for column in shown}
    first = heads[rows.columns[0]]
    return shown.rename(columns=heads).set_index(first).rename_axis(index=None, columns=first)


def differing(held: pd.DataFrame, lang: str = "zh") -> str:
    """Every published figure that the county does not meet, a line each."""
    lines = []
    for row in held[held["verdict"] != "within"].to_dict("records"):
        words = {name: say(f"county.{name}_{row[name]}", lang) for name in ("figure", "verdict")}
        numbers = {name: f"{row[name]:,.2f}".rstrip("0").rstrip(".") for name in ("measured", "low", "high")}
        lines.append("- " + say("county.differs", lang, whose=_whose(row["whose"], lang), **words, **numbers))
    return "\n".join(lines)


def by_rate(measured: Iterable[tuple[float, dict[str, float]]]) -> pd.DataFrame:
    """One row a yearly rate asked for (`rate`, per cent) with the figures measured at it."""
    return pd.DataFrame([{"rate": 100 * rate} | figures for rate, figures in measured])


def _whose(value: str, lang: str) -> str:
    place, _, year = value.partition(" ")
    return say(f"county.whose_{place}", lang, year=year)


def _head(column: str, lang: str) -> str:
    kind = "figure" if column.endswith(("_pct", "_primary", "_against_7")) else "column"
    return say(f"county.{kind}_{column}", lang)
