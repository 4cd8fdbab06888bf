"""Keeping what is learned apart from what is judged: forward in time, by whole groups, or in random folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import GroupKFold, StratifiedKFold

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Split:
    """One way to learn and judge: positions of the rows to train on and of the rows to test on."""

    name: str
    train: Positions
    test: Positions


def forward(periods: pd.Series, gap: int | pd.DateOffset = 1, apart: pd.Series | None = None) -> list[Split]:
    """One split for each period that has a past: train on all rows whose outcome was known by then, test on the period.

    `gap` says how long an outcome takes to become known: a number of periods (consecutive as they occur; 1 = known by
    the next), or a DateOffset where periods are dates (as-of months and a horizon of six: `DateOffset(months=6)`).
    With `apart`, a row of the same group (pupil, school) as a test row is never trained on. Raises ValueError if no
    period has a past, or if `gap` is a number below 1.
    """
    if isinstance(gap, int) and gap < 1:
        raise ValueError(f"gap is {gap}: an outcome cannot be known before its own period has ended")
    order = np.sort(periods.dropna().unique())
    rank = periods.map({period: i for i, period in enumerate(order)}).to_numpy()
    splits = []
    for i, period in enumerate(order):
        test = rank == i
        known = rank <= i - gap if isinstance(gap, int) else (pd.to_datetime(periods) + gap <= period).to_numpy()
        if apart is not None:
            known &= ~apart.isin(apart[test]).to_numpy()
        if known.any():
            splits.append(Split(_written(period), np.flatnonzero(known), np.flatnonzero(test)))
    if not splits:
        raise ValueError(f"{len(order)} periods with gap {gap}: no period has a past to learn from")
    return splits


def grouped(groups: pd.Series, folds: int = 5) -> list[Split]:
    """Folds in which a group (school, course) is wholly trained on or wholly tested; largest groups dealt out first."""
    parts = GroupKFold(min(folds, groups.nunique())).split(groups, groups=groups.astype(str))
    return [Split(str(i), train, test) for i, (train, test) in enumerate(parts, 1)]


def folds(y: pd.Series, folds: int = 5, seed: int = 0) -> list[Split]:
    """Random folds with equal shares of events; for tables without time and without groups only."""
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(y, y)
    return [Split(str(i), train, test) for i, (train, test) in enumerate(parts, 1)]


def _written(period: object) -> str:
    return str(pd.Timestamp(period).date()) if isinstance(period, np.datetime64 | pd.Timestamp) else str(period)
