"""Boosting in which any two columns may act together, rewritten as effects of columns and tables of two of them.

A tree that sees two columns only is a table over both; a sum of such trees is a sum of tables. So nothing of the trees
has to be kept, and what two columns do together can be read, stored and shared out between them exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from baoxue.risk.design import common_levels
from baoxue.risk.effects import Additive, Effect
from baoxue.risk.frames import Floats, is_number, numbers, threads_for, words
from baoxue.risk.joint import Joint, Places, Scale
from baoxue.risk.thinning import Rows

STEPS = 32
"""A number is cut into so many spans at most, of about as many rows each."""
TREES, LEAVES, RATE = 150, 8, 0.05


def pairs(rows: Rows, monotone: dict[str, int], seed: int, leaves: int = LEAVES) -> Additive:
    """Histogram boosting with trees of two columns each (pairwise interaction constraint), as a sum of its tables.

    Tables are purified: what a table says about one column alone is moved to that column's own effect, rows weighted
    as in training with the two columns taken as independent (Lengerich et al. 2020). A level never seen counts as a
    rare one, "missing" where none was missing goes the way of the larger side.
    """
    scales = [_scale(str(name), rows.X[name]) for name in rows.X.columns]
    places = [scale.places(rows.X[scale.column]) for scale in scales]
    machine = HistGradientBoostingClassifier(
        max_iter=TREES, max_leaf_nodes=leaves, learning_rate=RATE, early_stopping=False, random_state=seed,
        interaction_cst="pairwise", monotonic_cst=[monotone.get(scale.column, 0) for scale in scales],
    )  # fmt: skip
    weight = rows.weight if rows.is_thinned else None
    codes = _codes(scales, places)
    with threads_for(codes):
        machine.fit(_with_something(codes), rows.event.astype(int), sample_weight=weight)
    shares = [np.bincount(place, rows.weight, scale.size) for scale, place in zip(scales, places, strict=True)]
    return _taken_apart(machine, scales, [share / share.sum() for share in shares])


def _scale(name: str, column: pd.Series) -> Scale:
    if is_number(column):
        value = numbers(column)
        seen = np.unique(value[~np.isnan(value)])
        between = (seen[1:] + seen[:-1]) / 2
        if len(seen) > STEPS:
            quantiles = np.nanquantile(value, np.linspace(0, 1, STEPS + 1)[1:-1])
            between = np.unique(between[np.searchsorted(between, quantiles).clip(max=len(between) - 1)])
        return Scale(name, tuple(map(float, between)))
    return Scale(name, levels=tuple(map(str, common_levels(words(column)).index)), is_number=False)


def _codes(scales: Sequence[Scale], places: Sequence[Places]) -> Floats:
    """What the trees see: the places as numbers, "missing" as none."""
    return np.column_stack(
        [np.where(place == scale.missing, np.nan, place) for scale, place in zip(scales, places, strict=True)]
    )


def _with_something(codes: Floats) -> Floats:
    """The same, but 0 throughout where a column is "missing" in every row: scikit-learn cannot cut what is empty, and
    a tree never asks for what is constant."""
    return np.where(np.isnan(codes).all(axis=0), 0.0, codes)


def _taken_apart(
    machine: HistGradientBoostingClassifier, scales: Sequence[Scale], shares: Sequence[Floats]
) -> Additive:
    """The machine as intercept, effects and tables, from what it says where all columns but one or two rest at 0."""
    rest = [np.zeros(1, dtype=np.int64)] * len(scales)

    def said(moved: dict[int, Places]) -> Floats:
        length = max(len(place) for place in moved.values())
        places = [np.broadcast_to(moved.get(i, rest[i]), length) for i in range(len(scales))]
        return np.asarray(machine.decision_function(_codes(scales, places)))

    alone = [said({i: np.arange(scale.size)}) for i, scale in enumerate(scales)]
    start = float(alone[0][0]) if alone else 0.0
    own = [curve - start for curve in alone]
    joint = []
    for i, j in combinations(range(len(scales)), 2):
        first, second = (grid.ravel() for grid in np.indices((scales[i].size, scales[j].size)))
        table = said({i: first, j: second}).reshape(scales[i].size, scales[j].size) - start
        table = table - (alone[i] - start)[:, None] - (alone[j] - start)[None, :]
        by_first, by_second = table @ shares[j], shares[i] @ table
        middle = float(shares[i] @ by_first)
        own[i] = own[i] + by_first
        own[j] = own[j] + by_second - middle
        pure = table - by_first[:, None] - by_second[None, :] + middle
        if np.abs(pure).max() > 1e-12:
            joint.append(Joint(scales[i], scales[j], tuple(tuple(map(float, row)) for row in pure)))
    effects = tuple(_effect(scale, curve) for scale, curve in zip(scales, own, strict=True))
    return Additive(start, effects, tuple(joint))


def _effect(scale: Scale, curve: Floats) -> Effect:
    *values, last, missing = map(float, curve)
    if scale.is_number:
        return Effect(scale.column, "steps", scale.knots, (*values, last), missing=missing)
    return Effect(scale.column, "levels", (), tuple(values), scale.levels, other=last, missing=missing)
