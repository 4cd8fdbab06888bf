"""The simple rules a model must beat to be used: random, over-age, absence, school average, ABC.

Each ranks by a score of its own that a clerk can work out by hand; a one-column logistic curve turns the score into a
probability. The curve never falls, so the order is the rule's. A missing value counts as the middle one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.utils import Tags

from baoxue.risk.frames import BinaryRisk, Column, Floats, as_frame, is_number, numbers, pick, words

_LEAST_SLOPE = 1e-4


class Rule(BinaryRisk):
    """Base of the rules: `rank(X)` is the rule's own score, higher is more at risk."""

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags

    def fit(self, X: pd.DataFrame | npt.ArrayLike, y: npt.ArrayLike, groups: object = None) -> Rule:
        """Learn what the rule needs (most need nothing) and the curve from score to probability."""
        frame = as_frame(self, X, reset=True)
        event = self._events(frame, y)
        self._learn(frame, event)
        score = self._score(frame)
        self.centre_, self.spread_ = float(score.mean()), float(score.std()) or 1.0
        self.intercept_, self.slope_ = _rising_curve((score - self.centre_) / self.spread_, event)
        return self

    def rank(self, X: pd.DataFrame | npt.ArrayLike) -> Floats:
        """The rule's own score, a value a row."""
        return self._score(as_frame(self, X, reset=False))

    def _log_odds(self, X: pd.DataFrame) -> Floats:
        return self.intercept_ + self.slope_ * (self._score(X) - self.centre_) / self.spread_

    def _learn(self, X: pd.DataFrame, event: Floats) -> None:
        """Most rules learn nothing but the curve."""

    def _score(self, X: pd.DataFrame) -> Floats:
        raise NotImplementedError


class RandomRule(Rule):
    """Visits drawn by lot: a number from the row's content and the seed, so that the order of rows does not matter."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def _score(self, X: pd.DataFrame) -> Floats:
        key = f"{self.seed:016d}"[-16:]
        same = X.apply(lambda column: numbers(column) if is_number(column) else words(column).astype(str))
        hashed = pd.util.hash_pandas_object(same, index=False, hash_key=key, categorize=False)
        return hashed.to_numpy() / 2.0**64


class ColumnRule(Rule):
    """Rank by one column, such as months over age: high first, or low first with `sign=-1`."""

    def __init__(self, column: Column = 0, sign: int = 1) -> None:
        self.column = column
        self.sign = sign

    def _learn(self, X: pd.DataFrame, event: Floats) -> None:
        values = self.sign * numbers(pick(X, [self.column]).iloc[:, 0])
        self.middle_ = float(np.nanmedian(values)) if np.isfinite(values).any() else 0.0

    def _score(self, X: pd.DataFrame) -> Floats:
        values = self.sign * numbers(pick(X, [self.column]).iloc[:, 0])
        return np.where(np.isnan(values), self.middle_, values)


class AbsenceRule(Rule):
    """Rank by days (or lessons) missed, the sum of the columns; where none of them was recorded, the median."""

    def __init__(self, columns: Sequence[Column] = (0,)) -> None:
        self.columns = columns

    def _learn(self, X: pd.DataFrame, event: Floats) -> None:
        missed = self._missed(X)
        self.middle_ = float(missed.median()) if missed.notna().any() else 0.0

    def _score(self, X: pd.DataFrame) -> Floats:
        return self._missed(X).fillna(self.middle_).to_numpy(dtype=float)

    def _missed(self, X: pd.DataFrame) -> pd.Series:
        return pick(X, list(self.columns)).apply(numbers).sum(axis=1, min_count=1)


class GroupRateRule(Rule):
    """Rank by the share of events in the pupil's group (school) so far, shrunk towards the whole: no individual is
    told apart.

    rate = (events + strength * overall rate) / (pupils + strength). A group never seen, or missing, has the
    overall rate.
    """

    def __init__(self, column: Column = 0, strength: float = 100.0) -> None:
        self.column = column
        self.strength = strength

    def _learn(self, X: pd.DataFrame, event: Floats) -> None:
        self.overall_ = float(event.mean())
        group = words(pick(X, [self.column]).iloc[:, 0]).to_numpy()
        seen = pd.DataFrame({"event": event}).groupby(group)["event"].agg(["sum", "size"])
        rates = (seen["sum"] + self.strength * self.overall_) / (seen["size"] + self.strength)
        self.rates_ = {str(name): float(rate) for name, rate in rates.items()}

    def _score(self, X: pd.DataFrame) -> Floats:
        group = words(pick(X, [self.column]).iloc[:, 0])
        return np.asarray(group.map(self.rates_).fillna(self.overall_), dtype=float)


class AbcRule(Rule):
    """The ABC rule: how many of the signs (attendance, behaviour, course marks) are at or over their threshold.

    `signs`: column -> threshold; a negative threshold -t means "at or under t" (a mark of at most 60: -60). A missing
    value is no sign. Source: Balfanz, Herzog & Mac Iver (2007), thresholds set by the county.
    """

    def __init__(self, signs: Mapping[str, float] | None = None) -> None:
        self.signs = signs

    def _score(self, X: pd.DataFrame) -> Floats:
        signs: dict[Column, float] = {0: 0.0}
        if self.signs:
            signs = dict(self.signs.items())
        values = {column: numbers(pick(X, [column]).iloc[:, 0]) for column in signs}
        flags = [values[c] <= -limit if limit < 0 else values[c] >= limit for c, limit in signs.items()]
        return np.sum(flags, axis=0).astype(float)


def _rising_curve(score: Floats, event: Floats) -> tuple[float, float]:
    """Intercept and slope (at least a trace above 0) of the logistic curve of the event over a standardised score."""

    def loss(ab: Floats) -> tuple[float, Floats]:
        z = ab[0] + ab[1] * score
        miss = expit(z) - event
        value = (np.logaddexp(0, z) - event * z).sum() + 0.5 * ab[1] ** 2
        return value, np.array([miss.sum(), miss @ score + ab[1]])

    start = np.array([np.log(event.mean() / (1 - event.mean())), 0.1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(None, None), (_LEAST_SLOPE, None)]).x
    return float(found[0]), float(found[1])
