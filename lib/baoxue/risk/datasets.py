"""Any table, mapped: `load("hsls09", path)` gives features, outcome, groups and periods ready for the risk module."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from baoxue import policy
from baoxue.risk import leaks, simulate, splits
from baoxue.risk.mapping import Mapping, MappingError, read_mapping
from baoxue.risk.tables import read_tables


@dataclass(frozen=True)
class Dataset:
    """A mapped table; `X`, `y`, `groups`, `periods` and `context` (what only rules and audits see) share an index."""

    name: str
    mapping: Mapping
    X: pd.DataFrame
    y: pd.Series
    groups: pd.Series | None
    periods: pd.Series | None
    context: pd.DataFrame
    account: dict[str, int]
    """Rows: read, without a known outcome, excluded by outcome, used; and events among those used."""
    signs: pd.DataFrame
    """What the leak detector saw and did not stop for (`leaks.findings`)."""

    @property
    def events(self) -> int:
        """Number of rows whose outcome is the event."""
        return int(self.y.sum())

    def splits(self, seed: int = 0) -> list[splits.Split]:
        """The split of the mapping: forward in time, whole groups, or random folds."""
        scheme = self.mapping.split
        if scheme.scheme == "forward":
            return splits.forward(_given(self.periods, "period"), gap=scheme.gap)
        if scheme.scheme == "grouped":
            return splits.grouped(_given(self.groups, "groups"), folds=scheme.folds)
        return splits.folds(self.y, folds=scheme.folds, seed=seed)


def load(
    name_or_path: str | Path, data: str | Path = "", features: str | list[str] = "", add_features: str | list[str] = ""
) -> Dataset:
    """The table mapped by `params/datasets/<name>.yaml` (or a mapping file), read from `data` (file or folder).

    `features` replaces and `add_features` extends the features of the mapping: names or patterns, a list or a text
    with commas. Raises MappingError for what does not fit, before the table is read where that is possible, and for a
    column of the outcome's own time named as feature; `leaks.LeakError` if a feature gives the outcome away.
    """
    mapping = read_mapping(name_or_path)
    only, add = _names(features), _names(add_features)
    _refuse_early(mapping, (*only, *add))
    table = _table(mapping, data)
    columns = mapping.features_of(list(table.columns), only, add)
    kept, y, account = _outcome(table, mapping)
    X = _typed(kept[columns], mapping)
    signs = leaks.check(X, y)
    return Dataset(
        Path(name_or_path).stem, mapping, X, y, _column(kept, mapping.groups), _column(kept, mapping.period),
        _context(kept, mapping), account, signs,
    )  # fmt: skip


def _table(mapping: Mapping, data: str | Path) -> pd.DataFrame:
    if mapping.simulated:
        table = simulate.pupil_years(mapping.simulated.pupils, mapping.simulated.seed)
    elif not str(data):
        raise MappingError("data: this dataset is read from a file; give its path as `data`")
    else:
        table = read_tables(mapping, policy.path(data))
    named = (mapping.outcome.column, mapping.id, mapping.groups, mapping.period)
    wanted = {*named, *mapping.rules.columns, *mapping.monitored, *mapping.months, *mapping.categories} - {""}
    absent = sorted(wanted - set(table.columns))
    if absent:
        raise MappingError(
            f"the table has no column {', '.join(absent)}; it has {', '.join(map(str, table.columns[:40]))}"
        )
    return table.sort_values(mapping.id, kind="stable", ignore_index=True) if mapping.id else table


def _refuse_early(mapping: Mapping, names: tuple[str, ...]) -> None:
    for name in names:
        if why := mapping.refusal(name):
            raise MappingError(f"{why}; take it out of the features")


def _outcome(table: pd.DataFrame, mapping: Mapping) -> tuple[pd.DataFrame, pd.Series, dict[str, int]]:
    outcome = mapping.outcome
    values = table[outcome.column]
    words = as_text(values)
    left_out = words.isin(list(outcome.excluded))
    known = values.notna() & ~left_out
    event = words.isin(list(outcome.positive)) if outcome.positive else values < outcome.below
    y = event[known].astype(int).rename("event")
    if y.nunique() < 2:
        raise MappingError(
            f"outcome {outcome.column}: {int(y.sum())} of {len(y)} rows are events; both kinds are needed"
        )
    account = {
        "rows_read": len(table), "outcome_unknown": int(values.isna().sum()), "excluded": int(left_out.sum()),
        "used": len(y), "events": int(y.sum()),
    }  # fmt: skip
    return table[known].reset_index(drop=True), y.reset_index(drop=True), account


def _typed(table: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    months = {c: month_number(table[c]) for c in mapping.months if c in table}
    names = {c: as_text(table[c]) for c in mapping.categories if c in table}
    return table.assign(**months, **names)


def _context(table: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    columns = list(dict.fromkeys((*mapping.rules.columns, *mapping.monitored)))
    return _typed(table[columns], mapping)


def month_number(text: pd.Series) -> pd.Series:
    """`YYYY-MM` as years with a fraction (1995-03 = 1995.25); month 00 (unknown) = the year's start; else missing."""
    parts = text.astype("string").str.extract(r"^(\d{4})-(\d{2})$").astype("Float64")
    return (parts[0] + parts[1] / 12).astype("float64")


def as_text(values: pd.Series) -> pd.Series:
    """Codes as words: 1.0 and 1 are "1"; missing stays missing."""
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    return values.astype("string").astype(object).where(values.notna(), np.nan)


def _column(table: pd.DataFrame, name: str) -> pd.Series | None:
    return table[name] if name else None


def _given(column: pd.Series | None, key: str) -> pd.Series:
    if column is None:
        raise MappingError(f"split: this scheme needs `{key}` in the mapping")
    return column


def _names(given: str | list[str]) -> tuple[str, ...]:
    parts = given.split(",") if isinstance(given, str) else given
    return tuple(part.strip() for part in parts if part.strip())
