"""Intervals and verdicts that hold at single-digit counts, and say "cannot tell" where that is the truth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from baoxue.rates.policy import indicators

HIGHER, LOWER, CANNOT_TELL = "偏高", "偏低", "无法判断"
"""The three verdicts; official words, said in English through `words.label`."""


class Comparison(NamedTuple):
    """Two rates against each other: their ratio, its exact interval, the exact p value, the verdict."""

    ratio: float
    low: float
    high: float
    p_value: float
    verdict: str


def poisson_interval(events: ArrayLike, confidence_pct: float | None = None) -> tuple[NDArray, NDArray]:
    """Jeffreys interval of the expected number behind each count of rare events; from 0 where nothing was counted.

    On average over expected numbers it covers as often as it says, at a few events a little more and a little less by
    turns; the exact interval (Garwood 1936) covers 98 % at a nominal 95 % there and is a third wider (DECISIONS 15).
    Counts may be missing: so is the interval. Source: Brown, Cai and DasGupta, Interval estimation in exponential
    families, Statistica Sinica 13 (2003).

    >>> low, high = poisson_interval([0, 3])
    >>> low.round(2), high.round(2)
    (array([0.  , 0.84]), array([2.51, 8.01]))
    """
    from scipy.special import gammaincinv

    counts, tail = np.asarray(events, dtype=float), _alpha(confidence_pct) / 2
    low, high = (gammaincinv(counts + 0.5, end) for end in (tail, 1 - tail))
    return np.where(counts == 0, 0.0, low), high


def share_interval(events: ArrayLike, of: ArrayLike, confidence_pct: float | None = None) -> tuple[NDArray, NDArray]:
    """Jeffreys interval of a share, where the events are some of those counted in `of`; from 0 if none, to 1 if all.

    Covers as often as it says on average, like `poisson_interval`. Missing where `of` is 0 or missing. Raises
    ValueError if a share exceeds 1: such a ratio is no share. Source: Brown, Cai and DasGupta, Interval estimation for
    a binomial proportion, Statistical Science 16 (2001).

    >>> low, high = share_interval([0, 9], [10, 10])
    >>> low.round(3), high.round(3)
    (array([0.   , 0.619]), array([0.217, 0.989]))
    """
    from scipy.special import betaincinv

    part, whole = np.broadcast_arrays(np.asarray(events, dtype=float), np.asarray(of, dtype=float))
    if np.any(part > whole):
        raise ValueError("more events than there are to happen: the ratio is no share, use poisson_interval")
    asked, tail = whole > 0, _alpha(confidence_pct) / 2
    rest = np.where(asked, whole - part, np.nan)
    low, high = (betaincinv(part + 0.5, rest + 0.5, end) for end in (tail, 1 - tail))
    return np.where(asked & (part == 0), 0.0, low), np.where(asked & (part == whole), 1.0, high)


def with_rate(frame: pd.DataFrame, events: str, population: str, prefix: str = "") -> pd.DataFrame:
    """`frame` with `rate_pct, low_pct, high_pct`: events per hundred of the population, `poisson_interval`.

    For ratios whose events need not be part of the population (学年辍学率: a child may have come during the year).
    Empty where the population is missing or under `smallest_population`: the count stands, the rate cannot be told.
    """
    base = _large_enough(frame[population])
    low, high = poisson_interval(frame[events].to_numpy(dtype=float))
    return _add(frame, prefix, 100 * frame[events] / base, 100 * low / base, 100 * high / base)


def with_share(
    frame: pd.DataFrame, events: str, population: str, prefix: str = "", smallest: int | None = None
) -> pd.DataFrame:
    """`frame` with `rate_pct, low_pct, high_pct`: the share in per cent, `share_interval`.

    Empty where the population is missing or under `smallest` (`smallest_population` if not given). Cases and steps are
    told from one on: their interval says by itself how little that is.
    """
    base = _large_enough(frame[population], smallest)
    low, high = share_interval(frame[events].to_numpy(dtype=float), base)
    return _add(frame, prefix, 100 * frame[events] / base, 100 * low, 100 * high)


def compare(events: int, population: float, events_before: int, population_before: float) -> Comparison:
    """Whether one rate differs from another: exact conditional test (Przyborowski and Wilenski 1940).

    Given all events together, those of the first are binomial; the ratio's interval is Clopper-Pearson's, the p value
    twice the smaller tail, so both say the same. The verdict is 偏高 or 偏低 only when the interval leaves out 1; else
    无法判断, never "equal". The ratio is missing without events before; everything is missing without any events.

    >>> compare(6, 10_000, 3, 10_000).verdict, compare(14, 10_000, 3, 10_000).verdict
    ('无法判断', '偏高')
    """
    from scipy.special import bdtr, bdtrc, betaincinv

    if not (population > 0 and population_before > 0) or events + events_before == 0:
        return Comparison(np.nan, np.nan, np.nan, np.nan, CANNOT_TELL)
    share = population / (population + population_before)
    count, before = int(events), int(events_before)
    tails = bdtr(count, count + before, share), bdtrc(count - 1, count + before, share) if count else 1.0
    tail = _alpha(None) / 2
    shares = (
        betaincinv(count, before + 1, tail) if count else 0.0,
        betaincinv(count + 1, before, 1 - tail) if before else 1.0,
    )
    scale = population_before / population
    low, high = (np.inf if p == 1 else p / (1 - p) * scale for p in shares)
    ratio = events / events_before * scale if events_before else np.nan
    verdict = HIGHER if low > 1 else LOWER if high < 1 else CANNOT_TELL
    return Comparison(ratio, float(low), float(high), float(min(1.0, 2 * min(tails))), verdict)


def smallest_alarm(expected: ArrayLike) -> NDArray:
    """The smallest count that would stand out above each expected number: upper Poisson tail at most half of alpha.

    >>> smallest_alarm([0.5, 3.0])
    array([3, 8])
    """
    from scipy.stats import poisson

    mean = np.asarray(expected, dtype=float)
    return (poisson.isf(_alpha(None) / 2, mean) + 1).astype(int)


def power_to_see(expected: ArrayLike, ratio: float) -> NDArray:
    """How likely a place with `ratio` times the expected number would reach `smallest_alarm`, in per cent."""
    from scipy.stats import poisson

    mean = np.asarray(expected, dtype=float)
    return 100 * poisson.sf(smallest_alarm(mean) - 1, ratio * mean)


def _alpha(confidence_pct: float | None) -> float:
    return indicators().alpha if confidence_pct is None else 1 - confidence_pct / 100


def _large_enough(population: pd.Series, smallest: int | None = None) -> pd.Series:
    base = population.astype(float)
    return base.where(base >= (indicators().smallest_population if smallest is None else smallest))


def _add(
    frame: pd.DataFrame, prefix: str, rate: pd.Series, low: NDArray | pd.Series, high: NDArray | pd.Series
) -> pd.DataFrame:
    return frame.assign(**{f"{prefix}rate_pct": rate, f"{prefix}low_pct": low, f"{prefix}high_pct": high})
