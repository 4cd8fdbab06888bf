"""Every pupil on the registry with a score, or with the reason why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from baoxue import features, labels
from baoxue.risk import leaks

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

    from baoxue.store import Known

SCORES = (
    "pupil", "as_of", "school_code", "grade", "scored", "why_not_scored", "probability", "rank", "listed", "reason_1",
    "reason_2", "reason_3", "handled",
)  # fmt: skip
"""The columns of `restricted/scores.parquet`, in order."""


def score(known: Known, fitted: BaseEstimator | None) -> pd.DataFrame:
    """The columns of `SCORES`, a row for everyone on the registry, ordered by pupil; nobody is listed yet.

    `probability` of leaving within the horizon; `rank` 1 is the highest, ties in the order of the (keyed, so arbitrary)
    pupil codes. Without a fitted model or rule (`lists.ranking`) there is no probability, and pupils with most signs
    come first. `why_not_scored` is a reason of `labels.NOT_AT_RISK`; `reason_1`..`reason_3` name the features that are
    signs and raised the score (`features.signs`), of a rule without contributions every sign in the order of
    `features.TABLE`. Missing where it does not apply. Raises leaks.LeakError if a feature was known only after the day.
    """
    leaks.check_clock(features.clock(known), known.as_of)
    values, places, why = features.matrix(known), features.places(known), labels.standing(known)
    scored = why.isna()
    at_risk = values[scored]
    probability = _probability(fitted, at_risk)
    weight = probability if fitted is not None else features.sign_count(at_risk)
    order = weight.sort_index().sort_values(ascending=False, kind="stable")
    rank = pd.Series(np.arange(1, len(order) + 1), index=order.index)
    reasons = features.signs(at_risk, _contributions(fitted, at_risk))
    frame = places[["school_code", "grade"]].assign(
        as_of=pd.Timestamp(known.as_of),
        scored=scored,
        why_not_scored=why,
        probability=probability,
        listed=False,
        handled=None,
    )
    frame = frame.join(rank.rename("rank")).join(reasons).reset_index()
    types = {"grade": "Int32", "rank": "Int64", "handled": "str", "why_not_scored": "str"}
    return frame.astype(types)[list(SCORES)]


def _probability(fitted: BaseEstimator | None, at_risk: pd.DataFrame) -> pd.Series:
    if fitted is None or at_risk.empty:
        return pd.Series(index=at_risk.index, dtype="float64")
    return pd.Series(fitted.predict_proba(at_risk[list(fitted.feature_names_in_)])[:, 1], index=at_risk.index)


def _contributions(fitted: BaseEstimator | None, at_risk: pd.DataFrame) -> pd.DataFrame:
    if fitted is not None and hasattr(fitted, "contributions") and not at_risk.empty:
        return fitted.contributions(at_risk[list(fitted.feature_names_in_)])
    names = list(features.MODEL)
    falling = np.arange(len(names), 0, -1, dtype=float)
    return pd.DataFrame(np.broadcast_to(falling, (len(at_risk), len(names))), index=at_risk.index, columns=names)
