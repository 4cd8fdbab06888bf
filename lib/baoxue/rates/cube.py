"""Counts per school year and unit, laid out as official tables are: 合计 first, every unit in every year, zero is 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from baoxue.codes import Boarding, Sex, Stage, UrbanRural
from baoxue.rates.populations import DISTANCE_BANDS, FARTHER

TOTAL = "合计"
_DISTANCES = [word for _, word in DISTANCE_BANDS] + [FARTHER]
_WORDS = [*(word.value for kind in (Stage, UrbanRural, Sex, Boarding) for word in kind), *_DISTANCES]
_ORDER = {TOTAL: 0} | {word: place for place, word in enumerate(_WORDS, start=1)}


def counted(rows: ibis.Table, by: Sequence[str], measures: Mapping[str, ibis.Value]) -> pd.DataFrame:
    """The measures per `school_year` and unit (the columns `by`, as text), and per school year alone as 合计.

    Rows without a unit are in 合计 only. 合计 is the sum over the units, so a measure must be a count or a sum.
    """
    as_text = {name: rows[name].cast("string") for name in by}
    return with_total(rows.group_by("school_year", **as_text).aggregate(**measures).to_pandas(), "school_year", by)


def with_total(counts: pd.DataFrame, when: str, by: Sequence[str]) -> pd.DataFrame:
    """Counts per period (the column `when`) and unit, after their sums per period as 合计.

    Rows without a unit are in the sums only.
    """
    measures = [str(name) for name in counts if name not in (when, *by)]
    total = counts.groupby(when, as_index=False)[measures].sum().assign(**dict.fromkeys(by, TOTAL))
    parts = [total, counts.dropna(subset=list(by))] if by else [total]
    return pd.concat(parts, ignore_index=True)[[when, *by, *measures]]


def as_text(column: pd.Series) -> pd.Series:
    """Units as text, as the database casts them: whole numbers without a fraction, yes and no in small letters.

    >>> as_text(pd.Series([7.0, None])).tolist(), as_text(pd.Series([True, None], dtype="object")).tolist()
    (['7', <NA>], ['true', <NA>])
    """
    told = column.convert_dtypes()
    text = told.astype("string")
    return text.str.lower() if told.dtype == "boolean" else text


def joined(people: pd.DataFrame, events: pd.DataFrame, by: Sequence[str], zeros: Sequence[str]) -> pd.DataFrame:
    """Populations and events side by side: every unit ever seen in every school year that has a population.

    Events that did not happen are 0 (零报告), and so is a unit without pupils. Years without a population snapshot are
    left out: no rate can be told of them.
    """
    units = pd.concat([people[list(by)], events[list(by)]]).drop_duplicates() if by else None
    years = people[["school_year"]].drop_duplicates()
    rows = years.merge(units, how="cross") if units is not None else years
    keys = ["school_year", *by]
    frame = rows.merge(people, on=keys, how="left").merge(events, on=keys, how="left")
    measures = [str(name) for name in people if name not in keys] + list(zeros)
    frame = frame.assign(**{name: frame[name].fillna(0).astype(int) for name in measures})
    return in_order(frame, keys)


def in_order(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Rows in the order officials expect: 合计, 小学, 初中, 城区, 镇区, 乡村, 男, 女, 走读, 住校, near before far, then
    by code; index from 0."""

    def place(column: pd.Series) -> pd.Series:
        if column.dtype.kind in "iufM":
            return column
        known_place = column.map(_ORDER).fillna(len(_ORDER)).astype(int)
        return known_place.astype(str).str.zfill(3) + column.astype(str)

    return frame.sort_values(list(by), key=place, kind="stable").reset_index(drop=True)
