"""A mapped table put to the test: the models, every simple rule the table has columns for, and the lot."""

from __future__ import annotations

import pandas as pd
from sklearn.base import BaseEstimator

from baoxue.risk.datasets import Dataset
from baoxue.risk.ladder import RUNGS, Ladder, rung_for
from baoxue.risk.rules import AbcRule, AbsenceRule, ColumnRule, GroupRateRule, RandomRule
from baoxue.risk.validation import Contender, out_of_fold


def contenders(dataset: Dataset, seed: int = 0) -> list[Contender]:
    """`model` (the ladder), every rung it might stand on, then the rules of the mapping and `random`.

    The rungs are those for which every fold has events enough; the one that the ladder chooses everywhere is left out.
    The models see the features only; a rule sees the columns it ranks by, features or not. The school average is left
    out where the split holds out whole groups by that column: it would know nothing of them.
    """
    features, rules = tuple(dataset.X.columns), dataset.mapping.rules
    given: dict[str, tuple[BaseEstimator, tuple[str, ...]]] = {}
    if rules.over_age:
        given["over_age"] = ColumnRule(rules.over_age.column, rules.over_age.sign), (rules.over_age.column,)
    if rules.absence:
        given["absence"] = AbsenceRule(rules.absence), rules.absence
    if rules.abc:
        given["abc"] = AbcRule(dict(rules.abc)), tuple(rules.abc)
    held_out = dataset.mapping.split.scheme == "grouped" and dataset.mapping.groups == rules.school_average
    if rules.school_average and not held_out:
        given["school_average"] = GroupRateRule(rules.school_average), (rules.school_average,)
    given["random"] = RandomRule(seed), features
    return [
        Contender("model", Ladder(seed=seed), features, takes_groups=True),
        *(Contender(rung, Ladder(rung, seed=seed), features, takes_groups=True) for rung in _rungs(dataset, seed)),
        *(Contender(name, rule, columns, is_rule=True) for name, (rule, columns) in given.items()),
    ]


def scores(dataset: Dataset, seed: int = 0) -> pd.DataFrame:
    """What each contender says about rows it has not learned from, on the mapping's split: `validation.out_of_fold`."""
    extra = [column for column in dataset.context.columns if column not in dataset.X.columns]
    frame = pd.concat([dataset.X, dataset.context[extra]], axis=1)
    return out_of_fold(contenders(dataset, seed), frame, dataset.y, dataset.splits(seed), dataset.groups)


def folds(dataset: Dataset, seed: int = 0) -> pd.DataFrame:
    """The split: `fold, learned, learned_events, rung, tested, tested_events`, a row a fold."""
    rows = [
        (
            split.name,
            len(split.train),
            int(dataset.y.iloc[split.train].sum()),
            len(split.test),
            int(dataset.y.iloc[split.test].sum()),
        )
        for split in dataset.splits(seed)
    ]
    table = pd.DataFrame(rows, columns=["fold", "learned", "learned_events", "tested", "tested_events"])
    table.insert(3, "rung", [rung_for(events) for events in table["learned_events"]])
    return table


def _rungs(dataset: Dataset, seed: int) -> list[str]:
    events = [int(dataset.y.iloc[split.train].sum()) for split in dataset.splits(seed)]
    # a fold with fewer events is left out of judging, so plain logistic always takes part
    least = min((count for count in events if count > 1), default=RUNGS["logistic"])
    chosen = {rung_for(count) for count in events}
    return [rung for rung, needed in RUNGS.items() if needed <= least and chosen != {rung}]


def names(told: pd.DataFrame) -> list[str]:
    """The contenders in a table of `scores`, in order."""
    return [column for column in told.columns if column not in ("row", "fold", "group", "y", "base")]
