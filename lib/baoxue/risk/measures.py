"""How good an order of visits is, judged at the capacity of the staff. Accuracy is not among the measures, on purpose.

All of them follow from one curve: going down the order, how many rows were visited and how many events among them.
Rows with equal scores are visited in random order, so their events count in proportion; a coarse rule is neither
favoured nor punished. Weights let a bootstrap repeat rows, or whole groups of rows, without copying them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from baoxue.risk.frames import Floats


@dataclass(frozen=True)
class Order:
    """The order of a score, to be weighed many times: how many rows and events each cluster has in each stretch of it.

    A stretch is the rows of one score, or all rows between two events: no measure tells those apart.
    """

    rows: csr_array
    """Stretch by cluster."""
    events: csr_array

    @classmethod
    def of(cls, event: Floats, score: Floats, cluster: npt.NDArray[np.intp] | None = None) -> Order:
        """The order of a score, highest first; `cluster` numbers the cluster of a row, by itself each is its own.

        Raises ValueError if a score is missing.
        """
        if np.isnan(score).any():
            raise ValueError("a row without a score cannot be ranked")
        place = np.unique(-score, return_inverse=True)[1]
        has_event = np.bincount(place, event) > 0
        stretch = np.cumsum(has_event | np.concatenate([[True], has_event[:-1]]))[place] - 1
        own = np.arange(len(event)) if cluster is None else cluster
        size = (int(stretch.max()) + 1, int(own.max()) + 1)
        return cls(*(csr_array((count, (stretch, own)), shape=size) for count in (np.ones(len(event)), event)))

    def curve(self, weight: Floats | None = None) -> Curve:
        """The curve of visited rows and found events, each cluster counted `weight` times (once, if not given)."""
        clusters = self.rows.shape[1]  # a fold may lack the last ones
        times = np.ones(clusters) if weight is None else weight[:clusters]
        return Curve(*(np.concatenate([[0.0], (count @ times).cumsum()]) for count in (self.rows, self.events)))


@dataclass(frozen=True)
class Curve:
    """Rows visited so far and events found so far, at the end of each stretch; both begin with 0."""

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
