"""How good an order of visits is, judged at the capacity of the staff. Accuracy is not among the measures, on purpose.

All of them follow from one curve: going down the order, how many rows were visited and how many events among them.
Rows with equal scores are visited in random order, so their events count in proportion; a coarse rule is neither
favoured nor punished. Weights let a bootstrap repeat rows without copying them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from baoxue.risk.frames import Floats


@dataclass(frozen=True)
class Order:
    """Rows in the order of a score, to be weighed many times: `place` is a row's rank among the distinct scores."""

    place: npt.NDArray[np.intp]
    event: Floats

    @classmethod
    def of(cls, event: Floats, score: Floats) -> Order:
        """The order of a score, highest first; raises ValueError if a score is missing."""
        if np.isnan(score).any():
            raise ValueError("a row without a score cannot be ranked")
        return cls(np.unique(-score, return_inverse=True)[1].astype(np.intp), event)

    def curve(self, weight: Floats | None = None) -> Curve:
        """The curve of visited rows and found events, each row counted `weight` times (once, if not given)."""
        rows = np.bincount(self.place, weight)
        events = np.bincount(self.place, self.event if weight is None else self.event * weight)
        return Curve(np.concatenate([[0.0], rows.cumsum()]), np.concatenate([[0.0], events.cumsum()]))


@dataclass(frozen=True)
class Curve:
    """Rows visited so far and events found so far, at each distinct score; both begin with 0."""

    rows: Floats
    events: Floats

    @property
    def all_rows(self) -> float:
        """Number of rows."""
        return float(self.rows[-1])

    @property
    def all_events(self) -> float:
        """Number of events."""
        return float(self.events[-1])

    def found(self, visits: float) -> float:
        """Events expected among the first `visits` rows of the order."""
        return float(np.interp(visits, self.rows, self.events))

    def average_precision(self) -> float:
        """Mean over events of the precision at the place where each is found; nan without events."""
        if not self.all_events:
            return float("nan")
        with np.errstate(invalid="ignore"):
            precision = np.nan_to_num(self.events[1:] / self.rows[1:])
        return float((np.diff(self.events) * precision).sum() / self.all_events)

    def auc(self) -> float:
        """Chance that a random event stands before a random non-event, ties half; nan if one of them does not occur."""
        others = self.rows - self.events
        if not self.all_events or not others[-1]:
            return float("nan")
        return float(np.trapezoid(self.events, others) / (self.all_events * others[-1]))


def visits_at(rows: float, share: float | None, count: int | None) -> float:
    """How many of `rows` the staff can visit: a share of them, or a count (at most all). Raises unless one is given."""
    if (share is None) == (count is None):
        raise ValueError("give the capacity either as `share` (of the rows) or as `count` (visits)")
    if share is not None and not 0 < share <= 1:
        raise ValueError(f"share is {share}: a share lies above 0 and at most at 1")
    return float(np.ceil(round(share * rows, 9))) if share is not None else float(min(count or 0, rows))
