"""The ladder: the rung follows the events, reasons are exact, what is missing or unseen never breaks it."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import check_estimator

from baoxue.risk import boosting, design, logistic, thinning
from baoxue.risk.effects import Additive, Effect, average
from baoxue.risk.ladder import RUNGS, Ladder, rung_for
from baoxue.risk.thinning import Rows, thinned
from risk_drawn import pupils, with_events

RUNG_NAMES = ["ridge", "logistic", "splines", "blend", "boosting"]


@pytest.fixture(scope="module")
def fitted() -> dict[str, tuple[Ladder, pd.DataFrame]]:
    """Every rung, fitted on 450 events with one monotone column."""
    X, y = with_events(*pupils(12000), 450, of_each=5)
    return {rung: (Ladder(rung, monotone={"absent_days": 1}).fit(X, y), X) for rung in RUNG_NAMES}


def test_it_passes_scikit_learns_own_checks() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(Ladder(), on_skip=None, on_fail=None)
    assert not [r["check_name"] for r in results if r["status"] not in ("passed", "skipped")]
    assert [r["check_name"] for r in results if r["status"] == "skipped"] == ["check_array_api_input"]


@pytest.mark.parametrize(
    ("events", "rung"),
    [(1, "ridge"), (24, "ridge"), (25, "splines"), (149, "splines"), (150, "blend"), (5000, "blend")],
)
def test_the_rung_follows_the_number_of_events(events: int, rung: str) -> None:
    assert rung_for(events) == rung


@pytest.mark.parametrize(("events", "rung"), [(10, "ridge"), (30, "splines"), (160, "blend")])
def test_a_fitted_ladder_says_which_rung_it_stands_on(events: int, rung: str) -> None:
    model = Ladder().fit(*with_events(*pupils(8000), events, of_each=5))
    assert (model.rung_, model.events_) == (rung, events)


def test_boosting_alone_needs_four_hundred_events() -> None:
    with pytest.raises(ValueError, match="needs 400 events; there are 60"):
        Ladder("boosting").fit(*with_events(*pupils(4000), 60))


def test_without_an_event_it_says_that_there_is_nothing_to_learn() -> None:
    X, y = pupils(200)
    with pytest.raises(ValueError, match="one class only"):
        Ladder().fit(X, y * 0)


@pytest.mark.parametrize("rung", RUNG_NAMES)
def test_contributions_and_intercept_add_up_to_the_log_odds(fitted: dict, rung: str) -> None:
    model, X = fitted[rung]
    sums = model.contributions(X).sum(axis=1) + model.intercept_
    assert np.abs(sums - model.decision_function(X)).max() < 1e-6
    assert np.abs(1 / (1 + np.exp(-sums)) - model.predict_proba(X)[:, 1]).max() < 1e-6


@pytest.mark.parametrize("rung", RUNG_NAMES)
def test_a_contribution_compares_with_the_average_row(fitted: dict, rung: str) -> None:
    model, X = fitted[rung]
    assert np.abs(model.contributions(X).mean()).max() < 1e-9


@pytest.mark.parametrize("rung", RUNG_NAMES)
def test_more_of_a_monotone_column_never_lowers_the_risk(fitted: dict, rung: str) -> None:
    model, X = fitted[rung]
    steps = pd.concat([X.iloc[[0]].assign(absent_days=days) for days in np.linspace(-3, 40, 200)])
    assert (np.diff(model.decision_function(steps)) >= -1e-9).all()


def test_a_column_held_against_its_direction_has_no_effect() -> None:
    X, y = pupils(3000)
    model = Ladder("splines", monotone={"absent_days": -1}).fit(X[["absent_days"]].fillna(0), y)
    assert np.ptp(model.decision_function(X[["absent_days"]].fillna(0))) < 1e-6


@pytest.mark.parametrize("rung", RUNG_NAMES)
def test_a_level_never_seen_counts_as_a_rare_one_and_never_breaks_a_score(fitted: dict, rung: str) -> None:
    model, X = fitted[rung]
    new = X.head(50).assign(carer="an office never heard of")
    assert np.isfinite(model.decision_function(new)).all()
    assert np.isfinite(model.decision_function(new.assign(carer=None, absent_days=np.nan, over_age=np.nan))).all()


def test_rare_levels_are_pooled_with_those_never_seen() -> None:
    X, y = pupils(3000)
    X["village"] = np.where(np.arange(3000) < 2900, "A", [f"V{i}" for i in range(3000)])
    model = Ladder("ridge").fit(X, y)
    told = model.contributions(X.iloc[[2901, 2950]].assign(village=["V2901", "unknown"]))["village"]
    assert told.nunique() == 1


def test_missing_has_an_effect_of_its_own() -> None:
    X, y = pupils(4000)
    X["absent_days"] = X["absent_days"].mask(y == 1)
    model = Ladder("ridge").fit(X[["absent_days"]], y)
    missing, median = model.decision_function(pd.DataFrame({"absent_days": [np.nan, X["absent_days"].median()]}))
    assert missing > median + 1


def test_beyond_what_was_seen_a_number_counts_as_the_nearest_seen_one() -> None:
    X, y = pupils(2000)
    model = Ladder("splines").fit(X[["over_age"]], y)
    far, edge = model.decision_function(pd.DataFrame({"over_age": [1e9, X["over_age"].max()]}))
    assert far == pytest.approx(edge)


def test_without_bounds_the_solver_agrees_with_scikit_learn() -> None:
    draw = np.random.default_rng(0)
    Z = draw.normal(size=(400, 6))
    event = (draw.random(400) < 1 / (1 + np.exp(-Z[:, 0]))).astype(float)
    ours = logistic.solve(Z, event, 0.03)
    theirs = LogisticRegression(C=0.03, tol=1e-10, max_iter=10_000).fit(Z, event)
    assert ours == pytest.approx(np.r_[theirs.intercept_, theirs.coef_[0]], abs=1e-5)


@settings(max_examples=60, deadline=None)
@for_any(st.integers(0, 10_000), st.integers(1, 12))
def test_within_bounds_no_allowed_step_is_better(seed: int, size: int) -> None:
    draw = np.random.default_rng(seed)
    root = draw.normal(size=(size, size))
    curvature, pull = root @ root.T + 0.1 * np.eye(size), draw.normal(size=size)
    signs = draw.choice([-1.0, 0.0, 1.0], size)
    b = logistic.nearest_within(curvature, pull, signs)
    slope = curvature @ b - pull
    assert (signs * b >= -1e-9).all()
    inside = (signs == 0) | (np.abs(b) > 1e-9)
    assert np.abs(slope[inside]).max(initial=0) < 1e-6
    assert (signs[~inside] * slope[~inside] >= -1e-6).all()


def test_the_boosting_rung_scores_as_the_machine_it_came_from() -> None:
    from interpret.glassbox import ExplainableBoostingClassifier

    X, y = with_events(*pupils(6000), 200, of_each=5)
    X = X[["absent_days", "over_age"]].fillna(0)
    ours = boosting.boosting(Rows.of(X, y.to_numpy(dtype=float)), {}, 0)
    theirs = ExplainableBoostingClassifier(interactions=0, outer_bags=boosting.BAGS, random_state=0, n_jobs=1)
    theirs.set_params(feature_types=["continuous", "continuous"]).fit(X, y)
    sums = ours.contributions(X).sum(axis=1) + ours.intercept
    assert np.abs(sums - theirs.decision_function(X)).max() < 1e-6


def test_effects_drawn_from_coefficients_are_those_of_the_design() -> None:
    X, _ = pupils(500)
    blocks = design.design(X, knots=6, monotone={})
    Z = design.matrix(blocks, X)
    b = np.asarray(np.random.default_rng(1).normal(size=Z.shape[1]))
    sums = Additive(0.0, design.effects(blocks, b)).contributions(X).sum(axis=1)
    assert np.abs(sums - Z @ b).max() < 1e-9


def test_an_average_of_two_equal_models_is_the_model() -> None:
    model = Additive(1.0, (Effect("a", "line", (0.0, 1.0), (0.0, 2.0)),))
    X = pd.DataFrame({"a": [0.0, 0.5, 1.0]})
    mean = average([model, model], [1, 3])
    assert mean.intercept == 1 and mean.contributions(X)["a"].tolist() == [0, 1, 2]


def test_the_same_seed_and_groups_give_the_same_model() -> None:
    X, y = with_events(*pupils(8000), 160, of_each=5)
    groups = np.arange(len(y)) % 30
    first, second = Ladder(seed=3).fit(X, y, groups), Ladder(seed=3).fit(X, y, groups)
    assert first.model_ == second.model_


def test_probabilities_are_not_inflated() -> None:
    X, y = pupils(6000, events=0.03)
    assert Ladder("splines").fit(X, y).predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), rel=0.02)


def test_a_column_of_dates_is_refused_with_its_name() -> None:
    X, y = pupils(300)
    with pytest.raises(ValueError, match="born"):
        Ladder("ridge").fit(X.assign(born=pd.Timestamp("2010-01-01")), y)


def test_monotone_must_name_numeric_columns() -> None:
    X, y = pupils(300)
    with pytest.raises(ValueError, match="carer"):
        Ladder(monotone={"carer": 1}).fit(X, y)


def test_every_rung_has_its_number_of_events() -> None:
    assert list(RUNGS) == ["ridge", "logistic", "splines", "blend", "boosting"]
    assert RUNGS["ridge"] < RUNGS["splines"] < RUNGS["blend"] < RUNGS["boosting"]


def test_a_row_that_stands_for_three_weighs_as_three_rows() -> None:
    draw = np.random.default_rng(0)
    Z = draw.normal(size=(300, 4))
    event = (draw.random(300) < 1 / (1 + np.exp(-Z[:, 0]))).astype(float)
    weight = draw.integers(1, 4, 300)
    repeated = np.repeat(np.arange(300), weight)
    once, thrice = logistic.solve(Z, event, 0.1, weight=weight * 1.0), logistic.solve(Z[repeated], event[repeated], 0.1)
    assert once == pytest.approx(thrice, abs=1e-7)


def test_a_table_of_few_rows_is_not_thinned() -> None:
    X, y = pupils(2000)
    rows = thinned(X, y.to_numpy(dtype=float))
    assert rows.X is X and not rows.is_thinned


def test_very_many_rows_are_thinned_to_all_events_and_others_that_stand_for_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(thinning, "ENOUGH_ROWS", 1000)
    X, y = pupils(30_000, events=0.01)
    rows = thinned(X, y.to_numpy(dtype=float), X["carer"], seed=3)
    assert rows.event.sum() == y.sum() and len(rows.event) == (thinning.OTHERS_PER_EVENT + 1) * y.sum()
    assert rows.weight.sum() == pytest.approx(len(y)) and (rows.weight[rows.event == 1] == 1).all()
    assert rows.groups is not None and rows.groups.index.equals(rows.X.index)
    assert (y[rows.X.index] == rows.event).all()


@pytest.mark.parametrize("rung", ["ridge", "splines", "blend"])
def test_a_model_of_thinned_rows_says_what_that_of_all_rows_says(rung: str, monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = pupils(60_000, events=0.01)
    whole = Ladder(rung).fit(X, y).decision_function(X)
    monkeypatch.setattr(thinning, "ENOUGH_ROWS", 1000)
    thin = Ladder(rung).fit(X, y)
    said = thin.decision_function(X)
    assert np.corrcoef(whole, said)[0, 1] > 0.99
    assert thin.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), rel=0.05)


@pytest.mark.parametrize("rung", ["ridge", "splines"])
def test_two_words_tell_a_model_what_the_same_yes_and_no_tell_it(rung: str) -> None:
    rng = np.random.default_rng(5)
    is_far = rng.random(3000) < 0.5
    event = rng.random(3000) < np.where(is_far, 0.09, 0.03)
    worded = pd.DataFrame({"far": np.where(is_far, "yes", "no"), "other": rng.normal(size=3000)})
    numbered = worded.assign(far=is_far.astype(int))
    told = [Ladder(rung).fit(X, event).predict_proba(X)[:, 1] for X in (worded, numbered)]
    np.testing.assert_allclose(*told, rtol=0.02)
