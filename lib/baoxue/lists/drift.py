"""Has the county moved away from what the model learned? Then its scores are no longer to be trusted."""

from __future__ import annotations

import pandas as pd
from sklearn.base import BaseEstimator

from baoxue import features
from baoxue.lists.judging import Ranking

COLUMNS = ("feature", "mean_then", "mean_now", "moved_sd", "missing_points", "too_far")
SCORE = "score"
"""Stands for the log-odds among the features of the table."""


def drift(ranking: Ranking, now: pd.DataFrame) -> pd.DataFrame:
    """Each column then and now: `feature, mean_then, mean_now, moved_sd, missing_points, too_far`; furthest first.

    Then is the last as-of date that the ranking learned from; no rows if it learned nothing. `moved_sd`: difference of
    the means in standard deviations then (0 where a column never varied). `missing_points`: how many more of 100 pupils
    have no value. The row SCORE says the same of the scores, in log-odds: many small moves of features may add up.
    Too far is more than `drift_sd` or `drift_missing_points` of the policy, either way.
    """
    if ranking.given is None:
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in COLUMNS}).astype({"too_far": bool})
    is_last = ranking.given.about["as_of"] == ranking.given.about["as_of"].max()
    then, today = (_with_score(X, ranking.fitted) for X in (ranking.given.X[is_last.to_numpy()], now))
    moved = (today.mean() - then.mean()) / then.std().where(then.std() > 0)
    missing = 100 * (today.isna().mean() - then.isna().mean())
    limits = features.visits()
    table = pd.DataFrame(
        {
            "feature": then.columns,
            "mean_then": then.mean().to_numpy(),
            "mean_now": today.mean().to_numpy(),
            "moved_sd": moved.fillna(0.0).to_numpy(),
            "missing_points": missing.to_numpy(),
        }
    )
    has_moved = table["moved_sd"].abs() > limits.drift_sd
    table["too_far"] = has_moved | (table["missing_points"].abs() > limits.drift_missing_points)
    return table.sort_values("moved_sd", key=abs, ascending=False, ignore_index=True)


def _with_score(X: pd.DataFrame, fitted: BaseEstimator | None) -> pd.DataFrame:
    columns = X[list(features.MODEL)]
    if fitted is None or not set(fitted.feature_names_in_) <= set(X.columns):
        return columns
    return columns.assign(**{SCORE: fitted.decision_function(X[list(fitted.feature_names_in_)])})
