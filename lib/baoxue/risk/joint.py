"""What two columns add together beyond what each adds by itself: a table over the steps of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from baoxue.risk.frames import Floats, numbers, words

Places = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Scale:
    """The steps of one column: of a number the spans between `knots`, of words the `levels` and one for all others.

    After them comes a place for "missing".
    """

    column: str
    knots: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    is_number: bool = True

    @property
    def missing(self) -> int:
        """The last place, that of no value."""
        return len(self.knots if self.is_number else self.levels) + 1

    @property
    def size(self) -> int:
        """The number of places, "missing" among them."""
        return self.missing + 1

    def places(self, column: pd.Series) -> Places:
        """The place of each value."""
        if self.is_number:
            number = numbers(column)
            spans = np.searchsorted(self.knots, number, side="right")
            spans[np.isnan(number)] = self.missing
            return spans
        text = words(column)
        known = {level: place for place, level in enumerate(self.levels)}
        found = text.map(known).fillna(len(self.levels)).where(text.notna(), self.missing)
        return found.to_numpy(dtype=np.int64)


@dataclass(frozen=True)
class Joint:
    """The joint effect of two columns in log-odds: a row of `values` per place of `first`, in it one per place of
    `second`."""

    first: Scale
    second: Scale
    values: tuple[tuple[float, ...], ...]

    @property
    def columns(self) -> tuple[str, str]:
        """The two columns."""
        return self.first.column, self.second.column

    def of(self, X: pd.DataFrame, places: dict[Scale, Places]) -> Floats:
        """The effect on each row; `places` keeps those of X, which the next effect may need again."""
        for scale in (self.first, self.second):
            if scale not in places:
                places[scale] = scale.places(X[scale.column])
        return np.asarray(self.values)[places[self.first], places[self.second]]

    def shifted(self, by: float) -> Joint:
        """The same effect with `by` added everywhere."""
        return self._with(np.asarray(self.values) + by)

    def times(self, weight: float) -> Joint:
        """The same effect, `weight` times as strong."""
        return self._with(np.asarray(self.values) * weight)

    def as_json(self) -> dict[str, Any]:
        """The effect as plain values; `from_json` reads it back exactly."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Joint:
        """An effect from `as_json`; raises KeyError for one that is none."""
        values = tuple(tuple(map(float, row)) for row in plain["values"])
        return cls(_scale(plain["first"]), _scale(plain["second"]), values)

    def _with(self, values: Floats) -> Joint:
        return replace(self, values=tuple(tuple(map(float, row)) for row in values))


def _scale(plain: Mapping[str, Any]) -> Scale:
    return Scale(plain["column"], tuple(plain["knots"]), tuple(plain["levels"]), plain["is_number"])
