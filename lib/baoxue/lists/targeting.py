"""At which level does help find the children: by pupil, by school, or mixed? Asked before any list is handed out.

Works on `risk.validation.out_of_fold` of a county: every row a pupil as of a day, with what each ranking said and
whether the pupil left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from baoxue.risk.frames import Floats
from baoxue.risk.validation import Gain, interval, resampled

BY_PUPIL, BY_SCHOOL, MIXED = "by_pupil", "by_school", "mixed"
ALLOCATIONS = (BY_PUPIL, BY_SCHOOL, MIXED)


@dataclass(frozen=True)
class Variance:
    """How much of the risk lies between schools: the share of the variance on the logistic scale (0-1)."""

    between: float
    low: float
    high: float
    schools: int
    events: int


def between_schools(y: pd.Series, schools: pd.Series, draws: int = 400, seed: int = 0) -> Variance:
    """The part of the risk of leaving that lies between schools (intraclass correlation), the rest lies within.

    Moment estimate: how far the schools' counts of leavings spread beyond what chance alone makes of equal rates
    (Poisson), as the squared coefficient of variation c² of their rates; on the log-odds scale log(1 + c²), set against
    π²/3 within (Snijders and Bosker 2012, 17.2). Never below 0; 95 % limits over schools; nan without an event.
    """
    counts = pd.DataFrame({"y": y.to_numpy(), "school": schools.to_numpy()}).groupby("school")["y"].agg(["sum", "size"])
    events, rows = counts["sum"].to_numpy(dtype=float), counts["size"].to_numpy(dtype=float)
    names = pd.Series(counts.index)
    drawn = [_intraclass(events, rows, weight) for weight in resampled(names, draws, seed)]
    low, high = np.nanpercentile(drawn, [2.5, 97.5]) if events.sum() else (np.nan, np.nan)
    return Variance(
        _intraclass(events, rows, np.ones(len(rows))), float(low), float(high), len(rows), int(events.sum())
    )


def allocations(scores: pd.DataFrame, model: str, school: str, shares: Sequence[float]) -> pd.DataFrame:
    """What each way of giving out visits finds at each capacity: `allocation, share, visits, found, recall`.

    `by_pupil`: the highest scores of `model` in the county. `by_school`: whole schools, those with the highest score of
    `school` first, and within the last school by lot. `mixed`: half of the visits to the schools, the rest by pupil
    among those not yet reached. Each within its fold; expected numbers where a tie or the lot decides.
    """
    rows = []
    for share in shares:
        chosen = {name: allocated(scores, name, model, school, share) for name in ALLOCATIONS}
        for name, chance in chosen.items():
            found = float(chance.to_numpy() @ scores["y"].to_numpy())
            rows.append((name, share, float(chance.sum()), found, found / max(int(scores["y"].sum()), 1)))
    return pd.DataFrame(rows, columns=["allocation", "share", "visits", "found", "recall"])


def allocated(scores: pd.DataFrame, allocation: str, model: str, school: str, share: float) -> pd.Series:
    """The chance of each row to be visited under an allocation, 0-1; in each fold they add up to its capacity.

    Raises ValueError for an allocation that is none of ALLOCATIONS.
    """
    if allocation not in ALLOCATIONS:
        raise ValueError(f"allocation {allocation!r}: choose one of {', '.join(ALLOCATIONS)}")
    parts = [_in_fold(fold, allocation, model, school, share) for _, fold in scores.groupby("fold", sort=False)]
    return pd.concat(parts).reindex(scores.index)


def gain_by_pupil(scores: pd.DataFrame, model: str, school: str, share: float, draws: int = 400, seed: int = 0) -> Gain:
    """How much more of the leavings (0-1) `by_pupil` finds than `by_school`, with 95 % limits over schools."""
    pupil, whole = (allocated(scores, name, model, school, share) for name in (BY_PUPIL, BY_SCHOOL))
    event = scores["y"].to_numpy(dtype=float)
    more = (pupil - whole).to_numpy() * event
    weights = [np.ones(len(scores)), *resampled(scores["group"], draws, seed)]
    point, *drawn = [np.array(float(weight @ more) / max(float(weight @ event), 1.0)) for weight in weights]
    low, high = interval(point, drawn)
    return Gain(BY_PUPIL, BY_SCHOOL, float(point), float(low), float(high), int(event.sum()))


def found_only_by(scores: pd.DataFrame, model: str, school: str, share: float) -> pd.DataFrame:
    """Leavings by who finds them: `found_by` (both, by_pupil, by_school, nobody), `leavings` (expected), `share`."""
    pupil, whole = (allocated(scores, name, model, school, share) for name in (BY_PUPIL, BY_SCHOOL))
    event = scores["y"].astype(float)
    parts = {
        "both": pupil * whole, BY_PUPIL: pupil * (1 - whole), BY_SCHOOL: (1 - pupil) * whole,
        "nobody": (1 - pupil) * (1 - whole),
    }  # fmt: skip
    counts = [float(chance.to_numpy() @ event.to_numpy()) for chance in parts.values()]
    table = pd.DataFrame({"found_by": list(parts), "leavings": counts})
    return table.assign(share=table["leavings"] / max(float(event.sum()), 1.0))


@dataclass(frozen=True)
class PhaseIn:
    """Visits drawn by lot among those just below the capacity, so that it can be seen what visits do."""

    pupils: int
    """In each arm and round."""
    base: float
    """Share that leaves among them without a visit."""
    rounds: int
    detectable: float
    """The smallest relative drop (0.5: by half) shown with a chance of 80 %; above 1 none can be shown."""
    rounds_for_half: float
    """Rounds needed to show that visits halve the leavings."""


def phase_in(scores: pd.DataFrame, model: str, share: float, width: float, rounds: int) -> PhaseIn:
    """A phase-in at random at the margin of capacity: of the pupils ranked `width` (share) around it, half are visited.

    The arms differ by the lot only, nobody ranked higher goes without a visit, and the other half is visited in the
    next round. Power by the normal approximation of two shares, two-sided 5 %.
    """
    ranks = scores.groupby("fold", sort=False)[model].rank(method="first", ascending=False, pct=True)
    margin = ranks.between(share - width / 2, share + width / 2)
    pupils = int(margin.sum() / scores["fold"].nunique() / 2)
    base = float(scores.loc[margin, "y"].mean()) if margin.any() else float("nan")
    return PhaseIn(pupils, base, rounds, detectable_drop(pupils * rounds, base), _rounds_for(pupils, base, 0.5))


def detectable_drop(pupils: int, base: float) -> float:
    """The smallest relative drop of a share that arms of so many pupils each show with a chance of 80 %.

    1.0 or more: not even the end of all leaving would be shown.

    >>> round(detectable_drop(1_000, 0.05), 2), detectable_drop(100, 0.01) > 1
    (0.48, True)
    """
    drops = np.linspace(0.01, 1.0, 100)
    power = np.array([_power(pupils, base, drop) for drop in drops])
    return float(drops[power >= 0.8][0]) if (power >= 0.8).any() else float("inf")


def _rounds_for(pupils: int, base: float, drop: float) -> float:
    """Rounds of so many pupils in each arm until the drop is shown with a chance of 80 %; inf if never within 200."""
    enough = [n for n in range(1, 201) if _power(pupils * n, base, drop) >= 0.8]
    return float(enough[0]) if enough else float("inf")


def _power(pupils: int, base: float, drop: float) -> float:
    if not pupils or not base > 0:
        return 0.0
    lower = base * (1 - drop)
    spread = np.sqrt((base * (1 - base) + lower * (1 - lower)) / pupils)
    return float(norm.cdf((base - lower) / spread - norm.ppf(0.975)))


def _intraclass(events: Floats, rows: Floats, weight: Floats) -> float:
    total, size = weight @ events, weight @ rows
    if not total:
        return float("nan")
    expected = rows * total / size
    beyond = weight @ ((events - expected) ** 2 - expected)
    squared = max(float(beyond / (weight @ expected**2)), 0.0)
    between = np.log1p(squared)
    return float(between / (between + np.pi**2 / 3))


def _in_fold(fold: pd.DataFrame, allocation: str, model: str, school: str, share: float) -> pd.Series:
    visits = np.ceil(round(share * len(fold), 9))
    if allocation == BY_PUPIL:
        return _chances(fold[model], visits)
    of_school = fold.groupby("group")[school].transform("mean")
    # one number a school, so that two schools of equal rate are not mixed
    order = pd.factorize(pd.Series(list(zip(-of_school, fold["group"], strict=True))), sort=True)[0]
    whole = pd.Series(-order.astype(float), index=fold.index)
    if allocation == BY_SCHOOL:
        return _chances(whole, visits)
    first = _chances(whole, np.floor(visits / 2))
    return first + (1 - first) * _topped_up(fold[model], first, visits - first.sum())


def _chances(score: pd.Series, visits: float) -> pd.Series:
    """The chance of each row among the first so many of an order; rows of equal score share what is left by lot."""
    size = score.groupby(score).transform("size")
    before = score.rank(method="min", ascending=False) - 1
    return ((visits - before) / size).clip(0, 1)


def _topped_up(score: pd.Series, reached: pd.Series, visits: float) -> pd.Series:
    """The chance of those not yet reached, highest scores first, until the visits are used up."""
    order = score.sort_values(ascending=False, kind="stable").index
    open_places = (1 - reached).reindex(order)
    before = open_places.cumsum() - open_places
    chance = ((visits - before) / open_places.where(open_places > 0)).clip(0, 1).fillna(0.0)
    return chance.reindex(score.index)
