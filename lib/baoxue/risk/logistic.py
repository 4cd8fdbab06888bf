"""Ridge logistic regression, straight or with ramps, with one-sided coefficients where an effect must be monotone.

The loss is scikit-learn's (sum of log losses + |coefficients|² / 2C, free intercept), solved here because its solvers
know no bounds; without bounds the two agree, and a test holds them to it. Each row counts by its weight.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.model_selection import GroupKFold, StratifiedKFold

from baoxue.risk import design
from baoxue.risk.effects import Additive
from baoxue.risk.frames import Floats, threads_for
from baoxue.risk.thinning import Rows

RIDGE_C = 0.03
SPLINE_C = (0.003, 0.01, 0.03, 0.1, 0.3)
KNOTS = 8
CAUTIOUS_BELOW = 150
"""Below this many events, of the strengths that do about as well as the best one, the strongest shrinkage is taken."""
INNER_FOLDS = 5
MANY_ROWS = 50_000
"""From here on three inner folds do; five would only cost minutes."""
MAX_STEPS = 50
TOLERANCE = 1e-9
"""Steps end when the loss falls by less than this share of itself."""


def ridge(rows: Rows, monotone: dict[str, int]) -> Additive:
    """Straight effects, shrunk by a fixed C of 0.03: nothing is tuned, so a handful of events cannot mislead it."""
    return _fit(rows, 2, monotone, (RIDGE_C,), 0)


def tuned_ridge(rows: Rows, monotone: dict[str, int], seed: int) -> Additive:
    """Straight effects, C from 0.003 to 0.3 by inner log loss."""
    return _fit(rows, 2, monotone, SPLINE_C, seed)


def splines(rows: Rows, monotone: dict[str, int], seed: int) -> Additive:
    """Effects that may bend at quantiles of each number, C from 0.003 to 0.3 by inner log loss."""
    return _fit(rows, KNOTS, monotone, SPLINE_C, seed)


def solve(
    Z: Floats, event: Floats, C: float, signs: Floats | None = None, start: Floats | None = None,
    weight: Floats | None = None,
) -> Floats:  # fmt: skip
    """Intercept and coefficients that minimise the ridge-penalised log loss: Newton's method, damped.

    signs: for each coefficient 1 (not below 0), -1 (not above 0) or 0 (free). `start`: where to begin, intercept first.
    `weight`: of each row, else 1.
    """
    w = np.ones(len(event)) if weight is None else weight
    share = (w @ event) / w.sum()
    b = np.concatenate([[np.log(share / (1 - share))], np.zeros(Z.shape[1])]) if start is None else start
    penalty = np.concatenate([[0.0], np.full(Z.shape[1], 1 / C)])
    held = np.zeros(len(b)) if signs is None else np.concatenate([[0.0], signs])
    value = _loss(Z, event, w, penalty, b)
    half = Z.astype(np.float32)
    for _ in range(MAX_STEPS):
        target = _newton_target(Z, half, event, w, penalty, b, held)
        step, new = 1.0, target
        while (better := _loss(Z, event, w, penalty, new)) > value + 1e-12 * abs(value) and step > 1e-6:
            step /= 2
            new = b + step * (target - b)
        settled = value - better <= TOLERANCE * max(1.0, abs(value))
        b, value = new, better
        if settled:
            break
    return b


def _loss(Z: Floats, event: Floats, w: Floats, penalty: Floats, b: Floats) -> float:
    z = b[0] + Z @ b[1:]
    return float((w * (np.logaddexp(0, z) - event * z)).sum() + 0.5 * (penalty * b**2).sum())


def _newton_target(
    Z: Floats, half: npt.NDArray[np.float32], event: Floats, w: Floats, penalty: Floats, b: Floats, signs: Floats
) -> Floats:
    """Where the curve's parabola at b has its lowest point; `half` is Z in half the bytes.

    The curvature takes nearly all the time and need not be exact: it only says how far to step. Where to stop is said
    by the slope, which is exact, so the solution is the same.
    """
    p = expit(b[0] + Z @ b[1:])
    weight = w * p * (1 - p)
    weighted = half * np.sqrt(weight).astype(np.float32)[:, None]
    curvature = np.empty((len(b), len(b)))
    curvature[0, 0] = weight.sum()
    curvature[0, 1:] = curvature[1:, 0] = weight @ Z
    curvature[1:, 1:] = weighted.T @ weighted
    curvature[np.diag_indices_from(curvature)] += penalty
    miss = w * (p - event)
    slope = np.concatenate([[miss.sum()], miss @ Z]) + penalty * b
    pull = curvature @ b - slope
    return nearest_within(curvature, pull, signs) if signs.any() else np.asarray(np.linalg.solve(curvature, pull))


def nearest_within(curvature: Floats, pull: Floats, signs: Floats) -> Floats:
    """The b that minimises b'Hb/2 - pull'b with signs * b >= 0, by exchanging which coefficients are held at 0.

    All wrong ones are exchanged at once; should that go in circles, one at a time, which always ends (Murty's rule).
    """
    held = np.zeros(len(pull), dtype=bool)
    for turn in range(10 * len(pull) + 100):
        b = np.zeros(len(pull))
        b[~held] = np.linalg.solve(curvature[np.ix_(~held, ~held)], pull[~held])
        wrong = np.where(held, signs * (pull - curvature @ b) > 1e-9, signs * b < -1e-12)
        if not wrong.any():
            break
        held ^= wrong if turn < 20 else np.arange(len(pull)) == np.flatnonzero(wrong)[-1]
    return b


def _fit(rows: Rows, knots: int, monotone: dict[str, int], strengths: Sequence[float], seed: int) -> Additive:
    blocks = design.design(rows.X, knots, monotone)
    Z = design.matrix(blocks, rows.X)
    signs = np.concatenate([block.signs() for block in blocks])
    with threads_for(Z):
        C = strengths[0] if len(strengths) == 1 else _choose(Z, rows, strengths, signs, seed)
        found = solve(Z, rows.event, C, signs, weight=rows.weight)
    return Additive(float(found[0]), design.effects(blocks, found[1:]))


def _choose(Z: Floats, rows: Rows, strengths: Sequence[float], signs: Floats, seed: int) -> float:
    event = rows.event
    folds = [(learn, judge) for learn, judge in _inner_folds(rows, seed) if 0 < event[learn].sum() < len(learn)]
    if len(folds) < 2:
        return RIDGE_C
    losses = np.array([_path(Z, rows, learn, judge, strengths, signs) for learn, judge in folds])
    best = int(losses.sum(axis=0).argmin())
    if event.sum() < CAUTIOUS_BELOW:
        worse = losses - losses[:, [best]]
        tolerance = worse.std(axis=0, ddof=1) / np.sqrt(len(folds))
        best = int(np.flatnonzero(worse.mean(axis=0) <= tolerance)[0])
    return strengths[best]


def _path(
    Z: Floats, rows: Rows, learn: np.ndarray, judge: np.ndarray, strengths: Sequence[float], signs: Floats
) -> list[float]:
    losses, start = [], None
    learned, judged = Z[learn], Z[judge]
    for C in strengths:
        start = solve(learned, rows.event[learn], C, signs, start, rows.weight[learn])
        z = start[0] + judged @ start[1:]
        losses.append(float((rows.weight[judge] * (np.logaddexp(0, z) - rows.event[judge] * z)).sum()))
    return losses


def _inner_folds(rows: Rows, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    event, groups = rows.event, rows.groups
    rarer = int(min(event.sum(), len(event) - event.sum()))
    folds = INNER_FOLDS if len(event) < MANY_ROWS else 3
    if groups is not None and groups.nunique() > 1:
        parts = GroupKFold(min(folds, groups.nunique()), shuffle=True, random_state=seed)
        return list(parts.split(event, groups=groups.astype(str).to_numpy()))
    if rarer < 2:
        return []
    return list(StratifiedKFold(min(folds, rarer), shuffle=True, random_state=seed).split(event, event))
