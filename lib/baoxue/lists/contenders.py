"""The model, its simpler rungs and the rules, as this county's features feed them: who is measured, who may rank."""

from __future__ import annotations

from baoxue import features
from baoxue.risk.ladder import Ladder
from baoxue.risk.rules import AbcRule, AbsenceRule, ColumnRule, GroupRateRule, RandomRule
from baoxue.risk.validation import Contender

ABSENCE = ("unexcused_long_pct", "sick_long_pct", "leave_long_pct")
ABC = ("unexcused_long_pct", "late_long_pct", "mark_place_pct")
"""Attendance, behaviour, course marks; the county keeps no record of behaviour but lateness."""


def contenders(seed: int = 0) -> list[Contender]:
    """The model, its simpler rungs, then the rules it must beat; on columns of `features.matrix` and `school_code`."""
    model = Ladder(monotone=features.monotone(), seed=seed)
    logistic, ridge = (Ladder(rung, monotone=features.monotone(), seed=seed) for rung in ("logistic", "ridge"))
    abc = {name: _threshold(name) for name in ABC}
    return [
        Contender("model", model, features.MODEL, takes_groups=True, takes_precursor=True),
        Contender("logistic", logistic, features.MODEL, takes_groups=True),
        Contender("ridge", ridge, features.MODEL, takes_groups=True),
        Contender("over_age", ColumnRule("over_age_years"), ("over_age_years",), is_rule=True),
        Contender("age", ColumnRule("age_years"), ("age_years",), is_rule=True),
        Contender("absence", AbsenceRule(ABSENCE), ABSENCE, is_rule=True),
        Contender("abc", AbcRule(abc), ABC, is_rule=True),
        Contender("school_average", GroupRateRule("school_code"), ("school_code",), is_rule=True),
        Contender("random", RandomRule(seed), features.MODEL, is_rule=True),
    ]


def _threshold(name: str) -> float:
    """The rule's writing of where a feature becomes a sign: a negative number means at or under."""
    feature = features.BY_NAME[name]
    assert feature.sign_from is not None
    return -feature.sign_from if feature.direction < 0 else feature.sign_from
