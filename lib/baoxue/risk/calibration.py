"""Whether a probability means what it says: of children at 2 %, do two in a hundred leave?

Slope 1, intercept 0 and observed / expected 1 are perfect. A slope under 1 means the model is too sure of itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.special import logit
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

from baoxue.risk.frames import Floats

BAND_EDGES = (0.0, 0.5, 0.75, 0.9, 0.95, 0.98, 1.0)
"""Shares of the rows, from the lowest probability up: the top bands are those that a list reaches into."""
MIN_EVENTS = 10


class Estimate(NamedTuple):
    """A number with its 95 % interval; all nan where it cannot be worked out."""

    value: float
    low: float
    high: float

    def spans(self, value: float) -> bool:
        """Whether the interval holds the value."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Calibration:
    """Slope, intercept and observed / expected of a set of probabilities, each with its 95 % interval."""

    events: int
    slope: Estimate
    intercept: Estimate
    observed_expected: Estimate

    @property
    def told(self) -> bool:
        """Whether there were events enough to say anything."""
        return self.events >= MIN_EVENTS

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the probabilities: 1 lies in both intervals, of slope and of the ratio."""
        return self.slope.spans(1) and self.observed_expected.spans(1)


def calibration(y: pd.Series, probability: pd.Series, groups: pd.Series | None = None) -> Calibration:
    """How the events `y` (0/1) fit the probabilities.

    With `groups` the intervals allow for rows of a group going together. Slope: logistic regression of y on the
    log-odds; intercept: the same with the slope held at 1; observed / expected: events over the sum of probabilities,
    on the log scale. With no event or no non-event, slope and intercept are nan."""
    event, p = y.to_numpy(dtype=float), np.clip(probability.to_numpy(dtype=float), 1e-9, 1 - 1e-9)
    codes = None if groups is None else pd.factorize(groups, sort=True)[0]
    slope, intercept = _slope_and_intercept(event, p, codes)
    return Calibration(int(event.sum()), slope, intercept, _observed_expected(event, p, codes))


def bands(y: pd.Series, probability: pd.Series, edges: tuple[float, ...] = BAND_EDGES) -> pd.DataFrame:
    """Predicted against observed by band of the ranking, lowest first: the table behind the calibration chart.

    Columns: `from_share, to_share` (of the rows, ordered by probability), `rows, events, predicted, observed, low,
    high` (shares; exact 95 % binomial interval). Rows of equal probability may fall on both sides of an edge, in
    their order.
    """
    order = np.argsort(probability.to_numpy(), kind="stable")
    cut = np.round(np.array(edges) * len(order)).astype(int)
    parts = [order[start:end] for start, end in pairwise(cut)]
    table = pd.DataFrame({
        "from_share": edges[:-1], "to_share": edges[1:],
        "rows": [len(part) for part in parts],
        "events": [int(y.iloc[part].sum()) for part in parts],
        "predicted": [probability.iloc[part].mean() for part in parts],
    })  # fmt: skip
    table = table[table["rows"] > 0].reset_index(drop=True)
    low, high = proportion_confint(table["events"], table["rows"], method="beta")
    return table.assign(observed=table["events"] / table["rows"], low=low, high=high)


def _slope_and_intercept(event: Floats, p: Floats, codes: np.ndarray | None) -> tuple[Estimate, Estimate]:
    if not 0 < event.sum() < len(event):
        nothing = Estimate(np.nan, np.nan, np.nan)
        return nothing, nothing
    odds, family = logit(p), sm.families.Binomial()
    spread = {"cov_type": "nonrobust"} if codes is None else {"cov_type": "cluster", "cov_kwds": {"groups": codes}}
    line = sm.GLM(event, sm.add_constant(odds, has_constant="add"), family=family).fit(**spread)
    level = sm.GLM(event, np.ones_like(odds), family=family, offset=odds).fit(**spread)
    return Estimate(line.params[1], *line.conf_int()[1]), Estimate(level.params[0], *level.conf_int()[0])


def _observed_expected(event: Floats, p: Floats, codes: np.ndarray | None) -> Estimate:
    observed, expected = event.sum(), p.sum()
    ratio = float(observed / expected)
    if codes is None or not observed:
        low, high = confint_poisson(observed, expected, method="exact-c")
        return Estimate(ratio, float(low) if observed else 0.0, float(high))
    by_group = np.bincount(codes, event - p)
    wide = np.exp(1.96 * np.sqrt((by_group**2).sum()) / observed)
    return Estimate(ratio, float(ratio / wide), float(ratio * wide))
