"""From columns to the numbers a logistic regression sees, and back from its coefficients to effects of columns.

A number becomes its standard score and, with ramps, one ramp between each two knots; a word becomes one yes/no a level;
missing has a yes/no of its own. Beyond what was seen in training a number counts as the nearest seen one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue.risk.effects import Effect
from baoxue.risk.frames import Floats, is_number, numbers, words

FLAG_SCALE = 0.5
"""A level or a missing flag moves the score half as readily as one standard deviation of a number: levels are many and
thin, and with 30 events full-size ones drown the numbers (hsls09, 30 events: average precision .170 against .172)."""
PAIR_SCALE = 2**0.5
"""Two words are one yes/no, so their column moves the score as readily as the same yes/no written 0 and 1 (evenly
split) would; at half size it was shrunk ten times as hard as a number (student_performance: AUC .807 against .831)."""
RAMP_SCALE = 0.25
"""Ramps bend the straight line only where the data insist."""
LEVEL_ROWS = 20
"""A level with fewer rows is pooled with the other rare ones; so is a level never seen."""


@dataclass(frozen=True)
class NumberBlock:
    """The design of a numeric column: standard score, ramps between knots, missing flag."""

    column: str
    mean: float
    spread: float
    knots: Floats
    ramp_mean: Floats
    ramp_spread: Floats
    has_missing: bool
    sign: int
    """1 or -1 where the effect may only rise or fall, 0 where it is free."""

    @property
    def width(self) -> int:
        """Number of design columns."""
        return int(len(self.knots) > 1) + len(self.ramp_mean) + int(self.has_missing)

    def matrix(self, column: pd.Series) -> Floats:
        """The design columns of this column."""
        value = numbers(column)
        missing = np.isnan(value)
        value = np.where(missing, self.mean, np.clip(value, self.knots[0], self.knots[-1]))
        parts = [((value - self.mean) / self.spread)[:, None]] if len(self.knots) > 1 else []
        if len(self.ramp_mean):
            ramps = (_ramps(value, self.knots) - self.ramp_mean) / self.ramp_spread * RAMP_SCALE
            parts.append(np.where(missing[:, None], 0.0, ramps))
        if self.has_missing:
            parts.append(missing[:, None] * FLAG_SCALE)
        return np.hstack([np.empty((len(value), 0)), *parts])

    def signs(self) -> Floats:
        """What the coefficients may be (`logistic.solve`): of one sign if monotone; the missing flag is always free."""
        flag = int(self.has_missing)
        return np.repeat([float(self.sign), 0.0], [self.width - flag, flag])

    def effect(self, coefficients: Floats) -> Effect:
        """The curve that these coefficients draw."""
        values = np.zeros(len(self.knots))
        if len(self.knots) > 1:
            values = coefficients[0] * (self.knots - self.mean) / self.spread
        if len(self.ramp_mean):
            ramps = (_ramps(self.knots, self.knots) - self.ramp_mean) / self.ramp_spread * RAMP_SCALE
            values = values + ramps @ coefficients[1 : 1 + len(self.ramp_mean)]
        missing = float(coefficients[-1]) * FLAG_SCALE if self.has_missing else 0.0
        return Effect(self.column, "line", tuple(map(float, self.knots)), tuple(map(float, values)), missing=missing)


@dataclass(frozen=True)
class LevelBlock:
    """The design of a column of words: a yes/no for each common level, for the pooled rare ones, for missing."""

    column: str
    levels: tuple[str, ...]
    shares: tuple[float, ...]
    has_rare: bool
    has_missing: bool

    @property
    def width(self) -> int:
        """Number of design columns."""
        return len(self.levels) + int(self.has_rare) + int(self.has_missing)

    @property
    def scale(self) -> float:
        """How readily a level moves the score."""
        return PAIR_SCALE if self.width == 2 and len(self.levels) == 2 else FLAG_SCALE

    def matrix(self, column: pd.Series) -> Floats:
        """The design columns of this column; an unseen level is a rare one, or none where no level was rare."""
        text = words(column)
        code = text.map({level: i for i, level in enumerate(self.levels)})
        code = code.fillna(len(self.levels) if self.has_rare else self.width).where(text.notna(), self.width)
        if self.has_missing:
            code = code.where(text.notna(), self.width - 1)
        return np.vstack([np.eye(self.width), np.zeros(self.width)])[code.to_numpy(dtype=int)] * self.scale

    def signs(self) -> Floats:
        """Levels are free."""
        return np.zeros(self.width)

    def effect(self, coefficients: Floats) -> Effect:
        """A value a level; a level never seen gets the rare ones' value, or the average where no level was rare."""
        values = coefficients * self.scale
        known = values[: len(self.levels)]
        average = float(np.dot(known, self.shares) / sum(self.shares)) if self.shares else 0.0
        other = float(values[len(self.levels)]) if self.has_rare else average
        missing = float(values[-1]) if self.has_missing else average
        return Effect(self.column, "levels", (), tuple(map(float, known)), self.levels, other, missing)


Block = NumberBlock | LevelBlock


def design(X: pd.DataFrame, knots: int, monotone: dict[str, int]) -> list[Block]:
    """One block a column of X; `knots` 2 = straight lines, more = ramps between that many quantiles of the numbers."""
    return [
        _number_block(name, X[name], knots, monotone.get(name, 0))
        if is_number(X[name])
        else _level_block(name, X[name])
        for name in X.columns
    ]


def matrix(blocks: list[Block], X: pd.DataFrame) -> Floats:
    """The whole design matrix, without a column of ones."""
    return np.hstack([np.empty((len(X), 0)), *(block.matrix(X[block.column]) for block in blocks)])


def effects(blocks: list[Block], coefficients: Floats) -> tuple[Effect, ...]:
    """The effect of each column, from the coefficients of its part of the matrix."""
    ends = np.cumsum([block.width for block in blocks])
    parts = np.split(coefficients, ends[:-1])
    return tuple(block.effect(part) for block, part in zip(blocks, parts, strict=True))


def common_levels(text: pd.Series) -> pd.Series:
    """The levels that are not pooled (`LEVEL_ROWS`), in their order, each with its number of rows."""
    counts = text.value_counts()
    return counts[counts >= LEVEL_ROWS].sort_index()


def _number_block(name: str, column: pd.Series, knots: int, sign: int) -> NumberBlock:
    value = numbers(column)
    seen = value[~np.isnan(value)]
    seen_or_zero = seen if len(seen) else np.zeros(1)
    places = np.unique(np.quantile(seen_or_zero, np.linspace(0, 1, knots)))
    spread = float(seen_or_zero.std()) or 1.0
    ramps = _ramps(seen_or_zero, places) if len(places) > 2 else np.empty((len(seen_or_zero), 0))
    ramp_spread = ramps.std(axis=0)
    has_missing = bool(0 < len(seen) < len(value))
    ramp_spread = np.where(ramp_spread > 0, ramp_spread, 1.0)
    mean, ramp_mean = float(seen_or_zero.mean()), ramps.mean(axis=0)
    return NumberBlock(name, mean, spread, places, ramp_mean, ramp_spread, has_missing, sign)


def _level_block(name: str, column: pd.Series) -> LevelBlock:
    text = words(column)
    common = common_levels(text)
    has_missing = bool(0 < text.isna().sum() < len(text))
    levels = tuple(str(level) for level in common.index)
    return LevelBlock(name, levels, tuple(map(float, common)), len(common) < text.nunique(), has_missing)


def _ramps(value: Floats, knots: Floats) -> Floats:
    low, high = knots[:-1], knots[1:]
    return np.clip((value[:, None] - low) / (high - low), 0.0, 1.0)
