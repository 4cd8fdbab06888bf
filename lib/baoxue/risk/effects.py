"""What one column adds to the log-odds: a curve over numbers, a value a level, and a value for "missing".

Every rung of the ladder ends as a list of these (the upper ones with tables of two columns, `joint`), so scores need no
other library, reasons are exact, and a model is a page of JSON that a person can read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from baoxue.risk.frames import Floats, numbers, words
from baoxue.risk.joint import Joint, Places, Scale


@dataclass(frozen=True)
class Effect:
    """The effect of one column.

    `line`: straight between `knots`, constant outside; `steps`: constant between them (one value more than knots);
    `levels`: a value a word. `other` is for a word not seen in training, `missing` for no value.
    """

    column: str
    kind: Literal["line", "steps", "levels"]
    knots: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    other: float = 0.0
    missing: float = 0.0

    def of(self, column: pd.Series) -> Floats:
        """The effect on each row, in log-odds."""
        if self.kind == "levels":
            known = dict(zip(self.levels, self.values, strict=True))
            text = words(column)
            found = text.map(known).fillna(self.other).where(text.notna(), self.missing)
            return np.asarray(found, dtype=float)
        number = numbers(column)
        if self.kind == "line":
            drawn = np.interp(number, self.knots, self.values)
        else:
            drawn = np.asarray(self.values)[np.searchsorted(self.knots, number, side="right")]
        return np.where(np.isnan(number), self.missing, drawn)

    def shifted(self, by: float) -> Effect:
        """The same effect with `by` added everywhere."""
        values = tuple(v + by for v in self.values)
        return replace(self, values=values, other=self.other + by, missing=self.missing + by)

    def times(self, weight: float) -> Effect:
        """The same effect, `weight` times as strong."""
        values = tuple(v * weight for v in self.values)
        return replace(self, values=values, other=self.other * weight, missing=self.missing * weight)

    def as_json(self) -> dict[str, Any]:
        """The effect as plain values; `from_json` reads it back exactly."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Effect:
        """An effect from `as_json`; raises TypeError for a key it does not know."""
        lists = {k: tuple(v) for k, v in plain.items() if isinstance(v, list)}
        return cls(**(plain | lists))


@dataclass(frozen=True)
class Additive:
    """An intercept, effects (some columns perhaps several times) and joint effects: the log-odds is their sum."""

    intercept: float
    effects: tuple[Effect, ...]
    joint: tuple[Joint, ...] = ()

    def contributions(self, X: pd.DataFrame) -> pd.DataFrame:
        """What each column of X adds in each row; row sum + intercept = log-odds.

        Half of what two columns add together is given to each, which is their Shapley value.
        """
        total = {str(name): np.zeros(len(X)) for name in X.columns}
        for effect in self.effects:
            total[effect.column] = total[effect.column] + effect.of(X[effect.column])
        places: dict[Scale, Places] = {}
        for pair in self.joint:
            half = pair.of(X, places) / 2
            for column in pair.columns:
                total[column] = total[column] + half
        return pd.DataFrame(total, index=X.index)

    def log_odds(self, X: pd.DataFrame) -> Floats:
        """The score of each row: intercept and all contributions."""
        return self.intercept + np.asarray(self.contributions(X).to_numpy().sum(axis=1))

    def centred(self, X: pd.DataFrame) -> Additive:
        """The same model with effects that average to nothing over X: a contribution compares with the average row."""
        places: dict[Scale, Places] = {}
        means = [float(effect.of(X[effect.column]).mean()) for effect in self.effects]
        means_of_two = [float(pair.of(X, places).mean()) for pair in self.joint]
        return Additive(
            self.intercept + sum(means) + sum(means_of_two),
            tuple(effect.shifted(-mean) for effect, mean in zip(self.effects, means, strict=True)),
            tuple(pair.shifted(-mean) for pair, mean in zip(self.joint, means_of_two, strict=True)),
        )


def average(models: Sequence[Additive], weights: Sequence[float]) -> Additive:
    """The weighted mean of additive models in log-odds, itself additive; weights need not sum to 1."""
    return weighted(models, [weight / sum(weights) for weight in weights])


def weighted(models: Sequence[Additive], weights: Sequence[float]) -> Additive:
    """The weighted sum of additive models in log-odds, itself additive."""
    parts = list(zip(models, weights, strict=True))
    return Additive(
        sum(model.intercept * part for model, part in parts),
        tuple(effect.times(part) for model, part in parts for effect in model.effects),
        tuple(pair.times(part) for model, part in parts for pair in model.joint),
    )
