"""Boosting by pairs: its tables say exactly what its trees say, and it sees what no sum over columns can."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from baoxue.risk import ladder, pairs
from baoxue.risk.joint import Joint
from baoxue.risk.ladder import Ladder
from baoxue.risk.pairs import pairs as boosted
from baoxue.risk.thinning import Rows


@pytest.fixture(scope="module")
def drawn() -> tuple[pd.DataFrame, np.ndarray]:
    """Risk is high where marks are low for the grade: neither column tells it by itself. With gaps and rare words."""
    rng = np.random.default_rng(3)
    rows = 6000
    grade = rng.integers(1, 7, rows)
    mark = 10.0 * grade + rng.normal(0, 10, rows)
    risk = 1 / (1 + np.exp(1.5 + (mark - 10 * grade) / 6))
    kind = np.where(rng.random(rows) < 0.002, "rare", rng.choice(["day", "boarder"], rows))
    X = pd.DataFrame({"mark": np.where(rng.random(rows) < 0.1, np.nan, mark), "grade": grade, "kind": kind})
    return X, (rng.random(rows) < risk).astype(float)


def test_the_tables_say_what_the_trees_say(drawn: tuple[pd.DataFrame, np.ndarray], monkeypatch) -> None:
    machines = []

    class Kept(pairs.HistGradientBoostingClassifier):
        def fit(self, X, y, sample_weight=None):
            machines.append((self, X))
            return super().fit(X, y, sample_weight=sample_weight)

    monkeypatch.setattr(pairs, "HistGradientBoostingClassifier", Kept)
    X, event = drawn
    model = boosted(Rows.of(X, event), {"mark": -1}, seed=0)
    machine, codes = machines[0]
    told = model.intercept + model.contributions(X).to_numpy().sum(axis=1)
    np.testing.assert_allclose(told, machine.decision_function(codes), atol=1e-10)


def test_two_columns_that_only_tell_together_are_seen(drawn: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, event = drawn
    learn, judge = slice(0, 4000), slice(4000, None)
    model = boosted(Rows.of(X[learn], event[learn]), {}, seed=0)
    alone = Ladder("splines").fit(X[learn], event[learn])
    told = model.intercept + model.contributions(X[judge]).to_numpy().sum(axis=1)
    assert roc_auc_score(event[judge], told) > roc_auc_score(event[judge], alone.decision_function(X[judge])) + 0.02
    assert {pair.columns for pair in model.joint} >= {("mark", "grade")}


def test_a_table_of_two_says_nothing_of_one_alone(drawn: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, event = drawn
    for pair in boosted(Rows.of(X, event), {}, seed=0).joint:
        shares = [np.bincount(s.places(X[s.column]), minlength=s.size) / len(X) for s in (pair.first, pair.second)]
        table = np.asarray(pair.values)
        np.testing.assert_allclose(table @ shares[1], 0, atol=1e-9)
        np.testing.assert_allclose(shares[0] @ table, 0, atol=1e-9)


def test_words_never_seen_and_gaps_are_scored(drawn: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, event = drawn
    model = boosted(Rows.of(X, event), {}, seed=0)
    strange = pd.DataFrame({"mark": [np.nan, 1e9], "grade": [np.nan, -5], "kind": ["moon", None]})
    assert np.isfinite(model.contributions(strange).to_numpy()).all()


def test_a_column_that_nobody_filled_in_changes_nothing(drawn: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, event = drawn[0][:3000], drawn[1][:3000]
    empty = X.assign(number=np.nan, word=pd.Series(pd.NA, index=X.index, dtype="str"))
    with_empty, without = Ladder().fit(empty, event), Ladder().fit(X, event)
    assert with_empty.model_.joint, "every rung has its part in it"
    np.testing.assert_allclose(with_empty.predict_proba(empty)[:, 1], without.predict_proba(X)[:, 1], atol=1e-2)
    assert np.isfinite(with_empty.predict_proba(empty.assign(number=3.0, word="now"))).all()


def test_more_may_never_lower_the_risk_where_a_rule_says_so(drawn: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, event = drawn
    model = boosted(Rows.of(X, event), {"mark": -1}, seed=0)
    for grade in range(1, 7):
        line = pd.DataFrame({"mark": np.linspace(-20, 90, 200), "grade": grade, "kind": "day"})
        assert (np.diff(model.contributions(line).to_numpy().sum(axis=1)) <= 1e-12).all()


def test_a_joint_effect_is_written_down_and_read_back(drawn: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, event = drawn
    pair = boosted(Rows.of(X, event), {}, seed=0).joint[0]
    assert Joint.from_json(json.loads(json.dumps(pair.as_json()))) == pair


def test_the_ladder_takes_pairs_in_from_five_hundred_events_and_its_reasons_still_add_up(
    drawn: tuple[pd.DataFrame, np.ndarray],
) -> None:
    X, event = drawn
    with_pairs = Ladder().fit(X, event)
    assert with_pairs.events_ > ladder.PAIRS_FROM
    assert with_pairs.model_.joint
    added = with_pairs.intercept_ + with_pairs.contributions(X).sum(axis=1)
    np.testing.assert_allclose(added, with_pairs.decision_function(X), atol=1e-9)
    np.testing.assert_allclose(with_pairs.contributions(X).mean(), 0, atol=1e-9)
    few = np.flatnonzero(event)[ladder.PAIRS_FROM :]
    assert not Ladder().fit(X.drop(index=few), np.delete(event, few)).model_.joint
