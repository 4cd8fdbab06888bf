"""Learning a rare event through an outcome that often goes before it: finds more, and says why as exactly as before."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from baoxue.risk import stored
from baoxue.risk.ladder import PRECURSORS_FROM, Ladder, rung_for
from baoxue.risk.precursors import through_precursors
from baoxue.risk.splits import Split
from baoxue.risk.thinning import Rows
from baoxue.risk.validation import Contender, out_of_fold

Drawn = tuple[pd.DataFrame, np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    """Who is behind *and* over-age stays away, one in five of them; few of those who stay away leave. With gaps."""
    rng = np.random.default_rng(11)
    X = pd.DataFrame(rng.normal(size=(12_000, 6)), columns=["mark", "age", "way", "late", "sick", "moves"])
    strain = 1.6 * (X["mark"] < -0.5) * (X["age"] > 0.5) + 0.5 * X["late"]
    stays_away = rng.random(len(X)) < 1 / (1 + np.exp(3.0 - 1.5 * strain))
    left = rng.random(len(X)) < 1 / (1 + np.exp(6.8 - 1.5 * strain - 0.4 * X["way"]))
    return X.mask(rng.random(X.shape) < 0.03), left.astype(int), stays_away.astype(int)


def test_with_few_events_precursors_find_more_than_the_events_alone(drawn: Drawn) -> None:
    X, left, early = drawn
    learn, judge = slice(0, 6000), slice(6000, None)
    taught = Ladder().fit(X[learn], left[learn], precursor=early[learn])
    alone = Ladder().fit(X[learn], left[learn])
    assert taught.rung_ == "precursors" and alone.rung_ in ("splines", "ridge") and taught.events_ < 60
    found = [roc_auc_score(left[judge], model.predict_proba(X[judge])[:, 1]) for model in (taught, alone)]
    assert found[0] > found[1] + 0.02


def test_its_risks_are_those_of_the_event_not_of_the_precursor(drawn: Drawn) -> None:
    X, left, early = drawn
    told = Ladder().fit(X, left, precursor=early).predict_proba(X)[:, 1]
    assert told.mean() == pytest.approx(left.mean(), rel=0.02)
    assert early.mean() > 5 * left.mean()


def test_a_precursor_that_says_nothing_of_the_event_gets_no_weight(drawn: Drawn) -> None:
    X, left, _ = drawn
    lot = np.random.default_rng(5).random(len(X)) < 0.1
    with_lot = Ladder().fit(X, left, precursor=lot).predict_proba(X)[:, 1]
    ridge = Ladder("ridge").fit(X, left).predict_proba(X)[:, 1]
    assert abs(roc_auc_score(left, with_lot) - roc_auc_score(left, ridge)) < 0.02


def test_reasons_add_up_and_the_model_is_stored_as_any_other(drawn: Drawn, tmp_path) -> None:
    X, left, early = drawn
    model = Ladder(monotone={"late": 1}).fit(X, left, precursor=early)
    added = model.intercept_ + model.contributions(X).sum(axis=1)
    np.testing.assert_allclose(added, model.decision_function(X), atol=1e-9)
    np.testing.assert_allclose(model.contributions(X).mean(), 0, atol=1e-9)
    stored.save(model, tmp_path / "model.json")
    again = stored.load(tmp_path / "model.json")
    assert again.rung_ == "precursors"
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_more_may_never_lower_the_risk_where_a_rule_says_so(drawn: Drawn) -> None:
    X, left, early = drawn
    model = Ladder(monotone={"mark": 1, "late": 1}).fit(X, left, precursor=early)
    for column in ("mark", "late"):
        line = pd.DataFrame(0.0, index=range(200), columns=X.columns).assign(**{column: np.linspace(-4, 4, 200)})
        assert (np.diff(model.decision_function(line)) >= -1e-12).all()


def test_events_enough_have_their_own_part_in_it(drawn: Drawn) -> None:
    X, left, early = drawn
    often = (left.astype(bool) | (early.astype(bool) & (np.arange(len(X)) % 5 == 0))).astype(int)
    model = Ladder().fit(X, often, precursor=early)
    assert (model.rung_, model.events_) == ("precursors", int(often.sum())) and model.events_ >= 150
    taught = through_precursors(Rows.of(X, often.astype(float)), Rows.of(X, np.maximum(often, early) * 1.0), {}, 0)
    own = Ladder().fit(X, often).decision_function(X)
    np.testing.assert_allclose(model.decision_function(X), 0.75 * taught.log_odds(X) + 0.25 * own, atol=1e-9)


@pytest.mark.parametrize(
    ("events", "precursors", "rung"),
    [(5, 0, "ridge"), (30, PRECURSORS_FROM - 1, "splines"), (5, PRECURSORS_FROM, "precursors"), (900, 0, "blend")],
)
def test_the_numbers_choose(events: int, precursors: int, rung: str) -> None:
    assert rung_for(events, precursors) == rung


def test_a_rung_that_is_asked_for_takes_no_precursors(drawn: Drawn) -> None:
    X, left, early = drawn
    with_it, without = Ladder("ridge").fit(X, left, precursor=early), Ladder("ridge").fit(X, left)
    np.testing.assert_array_equal(with_it.predict_proba(X), without.predict_proba(X))


def test_as_many_precursors_as_rows_are_asked_for(drawn: Drawn) -> None:
    X, left, early = drawn
    with pytest.raises(ValueError):
        Ladder().fit(X, left, precursor=early[:-1])


def test_validation_tells_them_only_to_who_takes_them_and_only_those_of_the_rows_learned_from(drawn: Drawn) -> None:
    X, left, early = drawn
    told: dict[str, pd.Series] = {}

    class Noting(Ladder):
        def fit(self, X, y, groups=None, precursor=None):
            told[self.rung] = precursor
            return super().fit(X, y)

    columns = tuple(X.columns)
    given = [Contender("takes", Noting("ridge"), columns, takes_precursor=True), Contender("not", Noting(), columns)]
    split = Split("later", np.arange(6000), np.arange(6000, 12_000))
    out_of_fold(given, X, pd.Series(left), [split], precursor=pd.Series(early))
    assert told["auto"] is None
    pd.testing.assert_series_equal(told["ridge"], pd.Series(early)[:6000])
