"""The upper rung: explainable boosting without interactions, rewritten as effects of columns."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from baoxue.risk.design import common_levels
from baoxue.risk.effects import Additive, Effect
from baoxue.risk.frames import Floats, is_number, numbers, words
from baoxue.risk.thinning import Rows

BAGS = 8
_RARE, _MISSING = "(rare)", "(missing)"


def boosting(rows: Rows, monotone: dict[str, int], seed: int) -> Additive:
    """Explainable boosting machine (Lou, Caruana et al.; package interpret) as an additive model.

    No interactions, so every score is a sum over columns. Rare levels are pooled and "missing" is a value of its own; a
    level never seen counts as a rare one, or as average where none was rare.
    """
    from interpret.glassbox import ExplainableBoostingClassifier  # 2 s to import, needed on this rung only

    X = rows.X
    kinds = ["continuous" if is_number(X[name]) else "nominal" for name in X.columns]
    prepared = {str(name): _prepared(X[name]) for name in X.columns}
    machine = ExplainableBoostingClassifier(
        feature_names=list(prepared), feature_types=kinds, interactions=0, outer_bags=BAGS, random_state=seed, n_jobs=1,
        monotone_constraints=[monotone.get(name, 0) for name in prepared],
    )  # fmt: skip
    with warnings.catch_warnings():
        # it warns that its own charts leave missing values out; here they have an effect of their own
        warnings.filterwarnings("ignore", message="Missing values detected")
        warnings.filterwarnings("ignore", message="All-NaN slice")
        weight = rows.weight if rows.is_thinned else None
        machine.fit(pd.DataFrame(prepared), rows.event.astype(int), sample_weight=weight)
    terms = zip(machine.term_features_, machine.term_scores_, machine.bin_weights_, strict=True)
    effects = tuple(
        _effect(list(prepared)[which[0]], machine.bins_[which[0]][0], scores, weights)
        for which, scores, weights in terms
    )
    return Additive(float(np.ravel(machine.intercept_)[0]), effects)


def _prepared(column: pd.Series) -> Any:
    if is_number(column):
        return numbers(column)
    text = words(column)
    return text.where(text.isin(common_levels(text).index), _RARE).where(text.notna(), _MISSING).to_numpy(dtype=str)


def _effect(name: str, bins: Any, scores: Floats, weights: Floats) -> Effect:
    """interpret keeps scores as [missing, bin 1, …, bin n, unseen]; the weight of a bin never filled is 0."""
    missing = float(scores[0]) if weights[0] > 0 else 0.0
    if not isinstance(bins, dict):
        return Effect(name, "steps", tuple(map(float, bins)), tuple(map(float, scores[1:-1])), missing=missing)
    known = {level: float(scores[place]) for level, place in sorted(bins.items())}
    missing = known.pop(_MISSING, 0.0)
    other = known.pop(_RARE, 0.0)
    return Effect(name, "levels", (), tuple(known.values()), tuple(known), other, missing)
