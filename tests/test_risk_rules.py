"""The simple rules: each ranks as a clerk would by hand, and keeps scikit-learn's contract."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import check_estimator

from baoxue.risk.rules import AbcRule, AbsenceRule, ColumnRule, GroupRateRule, RandomRule, Rule
from risk_drawn import pupils

RULES = [RandomRule(), ColumnRule(), AbsenceRule(), GroupRateRule(), AbcRule()]


@pytest.mark.parametrize("rule", RULES, ids=[type(rule).__name__ for rule in RULES])
def test_a_rule_passes_scikit_learns_own_checks(rule: Rule) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(rule, on_skip=None, on_fail=None)
    assert not [r["check_name"] for r in results if r["status"] not in ("passed", "skipped")]
    assert [r["check_name"] for r in results if r["status"] == "skipped"] == ["check_array_api_input"]


def test_over_age_ranks_the_oldest_first_and_the_unknown_in_the_middle() -> None:
    X = pd.DataFrame({"over_age": [0.0, 3.0, 1.0, np.nan, 2.0]})
    rule = ColumnRule("over_age").fit(X, [0, 1, 0, 0, 1])
    assert rule.rank(X).tolist() == [0, 3, 1, 1.5, 2]
    assert np.argmax(rule.predict_proba(X)[:, 1]) == 1


def test_a_sign_of_minus_one_ranks_the_lowest_first() -> None:
    X = pd.DataFrame({"birth_year": [1995.0, 1993.0, 1994.0]})
    assert np.argmax(ColumnRule("birth_year", sign=-1).fit(X, [0, 1, 0]).rank(X)) == 1


def test_absence_is_the_sum_of_what_was_recorded() -> None:
    X = pd.DataFrame({"unexcused": [1.0, np.nan, np.nan, 4.0], "sick": [2.0, 5.0, np.nan, 0.0]})
    assert AbsenceRule(("unexcused", "sick")).fit(X, [0, 1, 0, 1]).rank(X).tolist() == [3, 5, 4, 4]


def test_the_school_average_is_shrunk_towards_the_whole() -> None:
    X = pd.DataFrame({"school": ["A"] * 10 + ["B"] * 10})
    y = [1] * 5 + [0] * 5 + [0] * 10
    rule = GroupRateRule("school", strength=10).fit(X, y)
    new = pd.DataFrame({"school": ["A", "B", "never seen", None]})
    assert rule.rank(new).tolist() == [(5 + 2.5) / 20, 2.5 / 20, 0.25, 0.25]


def test_the_abc_rule_counts_signs_and_a_missing_value_is_none() -> None:
    X = pd.DataFrame({"absent": [5.0, 0.0, 9.0, np.nan], "late": [2, 0, 0, 3], "mark": [50.0, 80.0, 60.0, 90.0]})
    rule = AbcRule({"absent": 5, "late": 2, "mark": -60}).fit(X, [1, 0, 0, 1])
    assert rule.rank(X).tolist() == [3, 0, 2, 1]


def test_the_lot_depends_on_the_row_and_the_seed_but_not_on_the_order() -> None:
    X, y = pupils(500)
    rule, other = RandomRule(1).fit(X, y), RandomRule(2).fit(X, y)
    shuffled = X.sample(frac=1, random_state=0)
    assert (rule.rank(shuffled) == pd.Series(rule.rank(X)).loc[shuffled.index]).all()
    assert (rule.rank(X) != other.rank(X)).mean() > 0.99


def test_a_rule_keeps_its_order_when_it_gives_probabilities() -> None:
    X, y = pupils(1000)
    for rule in (ColumnRule("over_age", sign=-1), AbcRule({"noise": 0.5}), RandomRule()):
        rank, p = rule.fit(X, y).rank(X), rule.predict_proba(X)[:, 1]
        assert (np.diff(p[np.argsort(rank, kind="stable")]) >= 0).all()
        assert p.mean() == pytest.approx(y.mean(), rel=0.05)


def test_a_rule_whose_column_is_not_there_says_so() -> None:
    X, y = pupils(50, events=0.3)
    with pytest.raises(ValueError, match="no column 'age'"):
        ColumnRule("age").fit(X, y)
