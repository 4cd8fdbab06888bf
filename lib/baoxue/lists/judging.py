"""The model and the rules judged forward in time, and what the judgement means for a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from sklearn.base import BaseEstimator

from baoxue import features, labels
from baoxue.lists.contenders import contenders
from baoxue.lists.rungs import Rung, confirmed
from baoxue.remembered import remembered
from baoxue.risk import leaks, splits, validation
from baoxue.risk.decision import Decision, decide
from baoxue.risk.splits import Split

if TYPE_CHECKING:
    from baoxue.store import Known

RANKINGS = ("model", "logistic", "ridge", "over_age", "age", "absence", "abc")
"""The contenders by which a list may be ranked: those that tell pupils apart."""
BY_SIGNS = "signs"
"""The order where nothing was learned, or nothing learned was shown to help: pupils with most signs first."""
DECIDE = "decide"


@dataclass(frozen=True)
class Judged:
    """Every contender on pupils and dates it had not learned from."""

    parts: list[Split]
    scores: pd.DataFrame
    """`risk.validation.out_of_fold`."""
    measures: pd.DataFrame
    """`risk.validation.table` at the county's capacity."""
    rung: Rung
    """Whether the rung that the count allows is confirmed; if not, the decision is about the simplest one."""
    decision: Decision


@dataclass(frozen=True)
class Ranking:
    """What a list is ranked by: a fitted contender, or none for `signs`."""

    name: str
    fitted: BaseEstimator | None = None
    given: labels.Examples | None = None
    """What it learned from."""
    decision: Decision | None = None
    """If it was decided by judging."""


def settled() -> pd.DateOffset:
    """How long after an as-of date its outcome is known: the horizon and the days of confirmation."""
    county = features.visits()
    return pd.DateOffset(months=county.horizon_months, days=county.confirmation_days)


def guarded(given: labels.Examples) -> pd.DataFrame:
    """What is to be suspected among the features (`leaks.check`), when nothing stops the run.

    Raises leaks.LeakError for a feature that gives the outcome away or was known only after its as-of date.
    """
    for day, known_on in sorted(given.clock.items()):
        leaks.check_clock(known_on, day)
    return leaks.check(given.X[list(features.MODEL)], given.y)


def judged(given: labels.Examples, seed: int = 0) -> Judged:
    """Each as-of date judged by what had been settled before it; intervals over schools.

    Raises ValueError if no date has a past with leavings, leaks.LeakError as `guarded` does.
    """
    guarded(given)
    share = features.visits().capacity_pct / 100
    taking_part = contenders(seed)
    X = given.X.assign(school_code=given.about["school_code"])
    parts = splits.forward(pd.to_datetime(given.about["as_of"]), gap=settled())
    scores = validation.out_of_fold(taking_part, X, given.y, parts, given.about["school_code"], given.precursor)
    measures = validation.table(scores, [contender.name for contender in taking_part], share=share, seed=seed)
    rules = [contender.name for contender in taking_part if contender.is_rule]
    rung = confirmed(scores, share, seed=seed)
    decision = decide(scores, measures, rules, rung.name, share=share, seed=seed)
    return Judged(parts, scores, measures, rung, decision)


@remembered
def judgement(known: Known, seed: int = 0) -> Judged:
    """`judged` on everything settled by a day; raises ValueError as `labels.settled` and `judged` do."""
    return judged(labels.settled(known), seed)


def ranking(known: Known, rank_by: str = DECIDE, seed: int = 0) -> Ranking:
    """What ranks the lists of a day: the contender named, learned from everything settled by then, or `signs`.

    `decide` takes the model, or the rule, that was shown to help (`judged`); where that can be said of neither, and in
    a county without a settled leaving, pupils with most signs come first. Raises ValueError for a name that is none of
    `RANKINGS`, `signs` and `decide`.
    """
    if rank_by not in (*RANKINGS, BY_SIGNS, DECIDE):
        offered = ", ".join((DECIDE, *RANKINGS, BY_SIGNS))
        raise ValueError(f"a list cannot be ranked by {rank_by!r}; it can by {offered}")
    can_learn = rank_by != BY_SIGNS and labels.learnable(known, known.as_of)
    given = labels.settled(known) if can_learn else None
    if given is None or not 0 < given.y.sum() < len(given.y):
        return Ranking(BY_SIGNS)
    guarded(given)
    if rank_by != DECIDE:
        return Ranking(rank_by, fitted(rank_by, given, seed), given)
    decision = judgement(known, seed).decision if _has_past(given) else None
    chosen = {"model": decision.model, "rule": decision.rule}.get(decision.use, BY_SIGNS) if decision else BY_SIGNS
    if chosen not in RANKINGS:
        return Ranking(BY_SIGNS, decision=decision)
    return Ranking(chosen, fitted(chosen, given, seed), given, decision)


def fitted(name: str, given: labels.Examples, seed: int = 0) -> BaseEstimator:
    """The contender of that name, learned from all the examples; KeyError if there is none."""
    contender = {contender.name: contender for contender in contenders(seed)}[name]
    X = given.X.assign(school_code=given.about["school_code"])[list(contender.columns)]
    return contender.estimator.fit(X, given.y, **contender.told(given.about["school_code"], given.precursor))


def _has_past(given: labels.Examples) -> bool:
    """Whether, on the last date, a leaving of an earlier one had been settled."""
    as_of = pd.to_datetime(given.about["as_of"])
    past = given.y[(as_of + settled() <= as_of.max())]
    return bool(0 < past.sum() < len(past))
