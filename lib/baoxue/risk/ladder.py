"""The model follows the number of events it has: the fewer children have left, the simpler it must be.

| rung | events | model |
|---|---|---|
| ridge | 1-24 | ridge logistic regression, C = 0.03, nothing tuned |
| splines | 25-149 | the mean, in log-odds, of ridge, tuned ridge, and tuned ridge with ramps (C by inner log loss) |
| blend | 150 and more | the mean, in log-odds, of the two tuned ones and explainable boosting; from 500 on with pairs |
| precursors | any, with 500 precursors | ridge on the columns and on what foretells the precursor; from 150 events on |
| | | a quarter of the rung of their number is mixed in |
| logistic | 2 and more, only if asked for | tuned ridge alone, to stand beside published baselines |
| boosting | 400 and more, only if asked for | explainable boosting alone |

Every rung is a sum over columns, from 500 events on also over pairs of columns, so reasons are exact. No class weights,
no rows drawn to balance the classes: both make predicted risks ten to a hundred times too high and rank no better. Very
many rows are thinned (`thinning`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from baoxue.risk import boosting, logistic, pairs
from baoxue.risk.effects import Additive, average
from baoxue.risk.frames import BinaryRisk, Floats, as_frame
from baoxue.risk.precursors import OTHERS_PER_PRECURSOR, through_precursors
from baoxue.risk.thinning import Rows, thinned

RUNGS = {"ridge": 1, "logistic": 2, "splines": 25, "blend": 150, "boosting": 400}
"""The least number of events each rung needs."""
FULL_BOOSTING = 250
"""Boosting's part of the blend grows with the events, from a fifth at 150 to a third at this many: with 150 events an
equal part cost .001 of average precision (hsls09, twelve draws)."""

PAIRS_FROM, PAIRS_FULL = 500, 1500
"""Between so many events the part of boosting by pairs (`pairs`) grows from nothing to a half. Below, two columns that
act together cannot be told from chance; above, a sum over columns alone lacks .010 of average precision (star_k3)."""

PRECURSORS, PRECURSORS_FROM, OWN_PART = "precursors", 500, 0.25
"""From so many precursors on they teach the model. The rung of the events alone then has no part in it below 150 events
and this part above: with 561 leavings of four simulated counties a quarter found more than none or all of it."""


def rung_for(events: int, precursors: int = 0) -> str:
    """The rung for these numbers: precursors, ridge, splines or blend; the others are never chosen, only asked for."""
    if precursors >= PRECURSORS_FROM:
        return PRECURSORS
    return "blend" if events >= RUNGS["blend"] else "splines" if events >= RUNGS["splines"] else "ridge"


class Ladder(BinaryRisk):
    """Risk of an event from a frame of numbers and words, with exact additive reasons.

    rung: "auto" (by the number of events) or one of RUNGS. monotone: column -> 1 if more of it may never lower the
    risk, -1 if it may never raise it; numeric columns only. Missing values are allowed and have an effect of their own.
    Learned: `rung_`, `events_`, `intercept_`, `classes_`, `model_` (effects a column).

    >>> X = pd.DataFrame({"absent_days": [0, 1, 0, 9, 1, 8]})
    >>> model = Ladder().fit(X, [0, 0, 0, 1, 0, 1])
    >>> model.rung_, bool(model.predict_proba(X)[3, 1] > model.predict_proba(X)[0, 1])
    ('ridge', True)
    """

    def __init__(self, rung: str = "auto", monotone: dict[str, int] | None = None, seed: int = 0) -> None:
        self.rung = rung
        self.monotone = monotone
        self.seed = seed

    def fit(
        self,
        X: pd.DataFrame | npt.ArrayLike,
        y: npt.ArrayLike,
        groups: npt.ArrayLike | None = None,
        precursor: npt.ArrayLike | None = None,
    ) -> Ladder:
        """Choose the rung by the number of events and fit it; with `groups`, inner folds keep a group together.

        `precursor`: 0/1 a row, what was seen after the row's day and often goes before the event (`precursors`); not
        used with a rung asked for. Raises ValueError if y has no event or no non-event, if the rung asked for needs
        more events than there are, or if `monotone` names a column that is not there or not numeric.
        """
        frame = as_frame(self, X, reset=True)
        event = self._events(frame, y)
        early = event if precursor is None else np.maximum(event, np.asarray(precursor, dtype=float))
        check_consistent_length(early, event)
        self.events_ = int(event.sum())
        self.rung_ = self._rung(0 if precursor is None else int(early.sum()))
        rules = self._monotone(frame)
        together = None if groups is None else pd.Series(np.asarray(groups))
        rows = thinned(frame, event, together, seed=self.seed)
        if self.rung_ == PRECURSORS:
            early_rows = thinned(frame, early, together, per_event=OTHERS_PER_PRECURSOR, seed=self.seed)
            found = self._taught_by_precursors(rows, early_rows, rules)
        else:
            found = self._fitted(rows, self.rung_, rules)
        self.model_ = found.centred(frame)
        self.intercept_ = self.model_.intercept
        return self

    def contributions(self, X: pd.DataFrame | npt.ArrayLike) -> pd.DataFrame:
        """What each column adds to a row's log-odds, compared with the average row; + `intercept_` = the log-odds."""
        check_is_fitted(self)
        return self.model_.contributions(as_frame(self, X, reset=False))

    def _log_odds(self, X: pd.DataFrame) -> Floats:
        return self.model_.log_odds(X)

    def _rung(self, precursors: int) -> str:
        if self.rung == "auto":
            return rung_for(self.events_, precursors)
        if self.rung not in RUNGS:
            raise ValueError(f"rung is {self.rung!r}; it must be 'auto' or one of {', '.join(RUNGS)}")
        if self.events_ < RUNGS[self.rung]:
            raise ValueError(f"rung {self.rung!r} needs {RUNGS[self.rung]} events; there are {self.events_}")
        return self.rung

    def _monotone(self, X: pd.DataFrame) -> dict[str, int]:
        rules = dict(self.monotone or {})
        numeric = set(X.select_dtypes("number").columns)
        wrong = [column for column, sign in rules.items() if column not in numeric or sign not in (1, -1)]
        if wrong:
            raise ValueError(f"monotone: {', '.join(wrong)} must be numeric columns of X, with 1 or -1")
        return rules

    def _taught_by_precursors(self, rows: Rows, early: Rows, rules: dict[str, int]) -> Additive:
        taught = through_precursors(rows, early, rules, self.seed)
        if self.events_ < RUNGS["blend"]:
            return taught
        return average([taught, self._fitted(rows, rung_for(self.events_), rules)], [1 - OWN_PART, OWN_PART])

    def _fitted(self, rows: Rows, rung: str, rules: dict[str, int]) -> Additive:
        if rung == "ridge":
            return logistic.ridge(rows, rules)
        if rung == "boosting":
            return boosting.boosting(rows, rules, self.seed)
        straight = logistic.tuned_ridge(rows, rules, self.seed)
        if rung == "logistic":
            return straight
        bent = logistic.splines(rows, rules, self.seed)
        if rung == "splines":
            return average([logistic.ridge(rows, rules), straight, bent], [1, 1, 1])
        boosted = boosting.boosting(rows, rules, self.seed)
        part = min(self.events_ / FULL_BOOSTING, 1.0) / 3
        blend = average([straight, bent, boosted], [(1 - part) / 2, (1 - part) / 2, part])
        paired = np.clip((self.events_ - PAIRS_FROM) / (PAIRS_FULL - PAIRS_FROM), 0.0, 1.0) / 2
        return average([blend, pairs.pairs(rows, rules, self.seed)], [1 - paired, paired]) if paired else blend
