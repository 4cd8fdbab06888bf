"""From contract names to the headers and the handwriting of a county's files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from baoxue import codes
from baoxue.contracts import SOURCE_OF
from baoxue.demo.template import YES_NO

ISO, SLASH, DOT = "{y}-{m:02}-{d:02}", "{y}/{m}/{d}", "{y}.{m}.{d}"
COMPACT, CHINESE = "{y}{m:02}{d:02}", "{y}年{m}月{d}日"
EVERY_STYLE = (ISO, SLASH, DOT, COMPACT, CHINESE)

REAL_DATES = ""
"""Leave dates as dates: real Excel dates in a workbook."""


def headed(table: str, rows: pd.DataFrame, dates: str = ISO) -> pd.DataFrame:
    """The columns of `rows` that the contract of `table` has, in its order, under the county's headers.

    Dates are written in that style, yes and no as 是 and 否, a missing value as an empty cell.
    """
    columns = [column for column in SOURCE_OF[table].columns if column.name in rows]
    return pd.DataFrame({column.header: written(rows[column.name], dates) for column in columns})


def written(values: pd.Series, dates: str = ISO) -> pd.Series:
    """A column as text (or numbers, or real dates)."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values if dates == REAL_DATES else dated(values, dates)
    if pd.api.types.is_bool_dtype(values):
        return pd.Series(YES_NO[values.to_numpy().astype(int)], index=values.index, dtype=object)
    if pd.api.types.is_numeric_dtype(values):
        return values
    return values.astype(object).where(values.notna(), "")


def dated(values: pd.Series, style: str) -> pd.Series:
    """Dates as text, each distinct day formatted once; missing ones empty."""
    unique = values.dropna().unique()
    text = {day: day_as_text(pd.Timestamp(day), style) for day in unique}
    return values.map(text).astype(object).where(values.notna(), "")


def day_as_text(day: pd.Timestamp, style: str) -> str:
    """A day in a style.

    >>> day_as_text(pd.Timestamp("2024-09-01"), CHINESE)
    '2024年9月1日'
    """
    return style.format(y=day.year, m=day.month, d=day.day)


def mixed_dates(values: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Each date in one of the styles that people use, or as an Excel serial number."""
    style = rng.integers(0, len(EVERY_STYLE) + 1, len(values))
    serial = ((values - pd.Timestamp("1899-12-30")).dt.days).astype("Int64").astype(str).where(values.notna(), "")
    result = serial.astype(object)
    for number, each in enumerate(EVERY_STYLE):
        result = result.where(style != number, dated(values, each))
    return result


def coded(values: pd.Series, words: type[codes.Coded], style: str) -> pd.Series:
    """Words of a code list as `code` or as `code-name`."""
    number = {word.value: next(s for s in word.spellings if s.isdigit()) for word in words}
    made = {word: code if style == "code" else f"{code}-{word}" for word, code in number.items()}
    return values.map(made)


def yes_no_coded(values: pd.Series, style: str) -> pd.Series:
    """是 and 否 as 1 and 0, or as 1-是 and 0-否."""
    return values.map({"是": "1", "否": "0"} if style == "code" else {"是": "1-是", "否": "0-否"})


def arrow(table: str, columns: dict[str, pa.Array]) -> pa.Table:
    """A large table for `write_csv`: Arrow columns by contract name, put under the county's headers."""
    headers = [(column.header, columns[column.name]) for column in SOURCE_OF[table].columns if column.name in columns]
    return pa.table(dict(headers))


def words(names: tuple[str, ...], positions: np.ndarray) -> pa.Array:
    """The words at those positions of a short list."""
    return pa.array([str(name) for name in names]).take(pa.array(positions))


def days_as_text(days: np.ndarray, style: str = ISO) -> pa.Array:
    """Days as text, each distinct day formatted once."""
    unique, position = np.unique(days, return_inverse=True)
    texts = ["" if np.isnat(day) else day_as_text(pd.Timestamp(day), style) for day in unique]
    return pa.array(texts, pa.string()).take(pa.array(position))
