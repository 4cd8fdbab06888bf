"""Has the county moved away from what the model learned? Then its scores are no longer to be trusted."""

from __future__ import annotations

import pandas as pd

from baoxue import features


def drift(learned: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Each column then and now: `feature, mean_then, mean_now, moved_sd, missing_points, too_far`; furthest first.

    `moved_sd`: difference of the means in standard deviations of the rows learned from (0 where a column never varied
    and did not move). `missing_points`: how many more of 100 pupils have no value. Too far is more than `drift_sd` or
    `drift_missing_points` of the policy, either way.
    """
    then, today = learned[list(features.MODEL)], now[list(features.MODEL)]
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
