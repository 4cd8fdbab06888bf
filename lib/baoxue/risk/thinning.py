"""What a model learns from: all rows, or of very many rows all events and enough of the others, each weighted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue.risk.frames import Floats

ENOUGH_ROWS = 100_000
"""Up to so many rows nothing is thinned."""
OTHERS_PER_EVENT = 20
"""So many rows without the event are kept for each with it, at least: of what all of them tell, 20 / 21."""


@dataclass(frozen=True)
class Rows:
    """Rows to learn from: `event` is 0 or 1, `weight` how many rows each stands for, `groups` what inner folds keep
    together."""

    X: pd.DataFrame
    event: Floats
    weight: Floats
    groups: pd.Series | None = None

    @classmethod
    def of(cls, X: pd.DataFrame, event: Floats, groups: pd.Series | None = None) -> Rows:
        """Rows that stand for themselves alone."""
        return cls(X, event, np.ones(len(event)), groups)

    @property
    def is_thinned(self) -> bool:
        """Whether some row stands for others too."""
        return bool((self.weight != 1).any())


def thinned(
    X: pd.DataFrame, event: Floats, groups: pd.Series | None = None, *, per_event: int = OTHERS_PER_EVENT, seed: int = 0
) -> Rows:
    """All rows up to `ENOUGH_ROWS`; of more, all events and others drawn by lot, `per_event` for each at least.

    Where one pupil in two hundred leaves, nearly all that can be learned is in the events: others beyond some dozens
    for each add hours and no knowledge. Those kept are weighted by how many they stand for, so the model is that of all
    rows and its risks are neither raised nor lowered (case-control sampling: King & Zeng 2001, weighting).
    """
    others = np.flatnonzero(event == 0)
    events = len(event) - len(others)
    kept = max(per_event * events, ENOUGH_ROWS - events)
    if kept >= len(others):
        return Rows.of(X, event, groups)
    drawn = np.random.default_rng(seed).choice(others, kept, replace=False)
    places = np.sort(np.concatenate([np.flatnonzero(event), drawn]))
    weight = np.where(event[places] == 1, 1.0, len(others) / kept)
    return Rows(X.iloc[places], event[places], weight, None if groups is None else groups.iloc[places])
