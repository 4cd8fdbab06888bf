"""Validation: forward in time, whole groups apart, judged at the capacity, with intervals and "cannot tell"."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from baoxue.risk import calibration, decision, splits, validation
from baoxue.risk.ladder import Ladder
from baoxue.risk.measures import Order, visits_at
from baoxue.risk.rules import ColumnRule, RandomRule
from risk_drawn import pupils

YEARS = pd.Series([2021, 2021, 2022, 2022, 2023, 2023])


def told(y: list[int], **probabilities: list[float]) -> pd.DataFrame:
    """Scores of one fold, each row a group of its own."""
    rows = pd.DataFrame({"row": range(len(y)), "fold": "1", "group": [str(i) for i in range(len(y))], "y": y})
    return rows.assign(base=np.mean(y), **probabilities)


def test_forward_trains_on_the_past_and_tests_on_the_next_year() -> None:
    parts = splits.forward(YEARS)
    assert [(p.name, p.train.tolist(), p.test.tolist()) for p in parts] == [
        ("2022", [0, 1], [2, 3]),
        ("2023", [0, 1, 2, 3], [4, 5]),
    ]


def test_an_outcome_not_yet_known_is_not_learned_from() -> None:
    assert [(p.name, p.train.tolist()) for p in splits.forward(YEARS, gap=2)] == [("2023", [0, 1])]
    months = pd.to_datetime(pd.Series(["2024-01-31", "2024-03-31", "2024-07-31", "2024-09-30"]))
    parts = splits.forward(months, gap=pd.DateOffset(months=6))
    assert [(p.name, p.train.tolist()) for p in parts] == [("2024-07-31", [0]), ("2024-09-30", [0, 1])]


def test_a_pupil_kept_apart_is_never_on_both_sides() -> None:
    pupils_seen = pd.Series(["a", "b", "a", "c", "b", "d"])
    for part in splits.forward(YEARS, apart=pupils_seen):
        assert not set(pupils_seen[part.train]) & set(pupils_seen[part.test])


def test_no_past_no_split() -> None:
    with pytest.raises(ValueError, match="no period has a past"):
        splits.forward(pd.Series([2024, 2024]))
    with pytest.raises(ValueError, match="gap is 0"):
        splits.forward(YEARS, gap=0)


@settings(max_examples=30, deadline=None)
@for_any(st.lists(st.integers(0, 9), min_size=20, max_size=80))
def test_a_group_is_wholly_learned_from_or_wholly_judged(codes: list[int]) -> None:
    groups = pd.Series(codes)
    if groups.nunique() > 1:
        parts = splits.grouped(groups)
        assert all(not set(groups[p.train]) & set(groups[p.test]) for p in parts)
        assert sorted(np.concatenate([p.test for p in parts])) == list(range(len(groups)))


def test_ten_rows_two_visits_one_found() -> None:
    scores = told([1, 0, 0, 0, 1, 0, 0, 0, 0, 0], a=[0.9, 0.8, 0.1, 0.1, 0.7, 0.1, 0.1, 0.1, 0.1, 0.1])
    row = validation.table(scores, ["a"], share=0.2, draws=20).iloc[0]
    assert (row["listed"], row["found"], row["precision"], row["recall"]) == (2, 1, 0.5, 0.5)
    assert (row["lift"], row["visits_per_found"]) == (2.5, 2)


def test_equal_scores_are_visited_in_random_order_so_events_count_in_proportion() -> None:
    order = Order.of(np.array([1.0, 0, 0, 0, 0, 0]), np.array([1.0, 1, 1, 1, 0, 0]))
    assert order.curve().found(2) == 0.5 and order.curve().found(4) == 1


@settings(max_examples=60, deadline=None)
@for_any(st.integers(0, 10_000), st.integers(5, 60), st.integers(1, 8))
def test_auc_and_average_precision_are_scikit_learns_also_weighted(seed: int, rows: int, values: int) -> None:
    draw = np.random.default_rng(seed)
    y, score = np.r_[0.0, 1.0, draw.integers(0, 2, rows)], draw.integers(0, values, rows + 2) / values
    weight = np.r_[1.0, 1.0, draw.integers(0, 4, rows)]
    curve = Order.of(y, score).curve(weight)
    assert curve.auc() == pytest.approx(roc_auc_score(y, score, sample_weight=weight))
    assert curve.average_precision() == pytest.approx(average_precision_score(y, score, sample_weight=weight))


def test_capacity_is_a_share_or_a_count_and_never_both() -> None:
    assert visits_at(1000, 0.05, None) == 50 and visits_at(30, None, 50) == 30 and visits_at(21, 0.05, None) == 2
    with pytest.raises(ValueError, match="either"):
        visits_at(10, 0.5, 5)
    with pytest.raises(ValueError, match="share is 5"):
        visits_at(10, 5, None)


def test_nothing_found_still_has_an_interval() -> None:
    scores = told([1] * 2 + [0] * 98, a=[0.0] * 2 + [0.5] * 98)
    row = validation.table(scores, ["a"], share=0.1, draws=50).iloc[0]
    assert row["found"] == 0 and row["precision_high"] > 0.25 and row["recall_high"] > 0.8
    assert np.isnan(row["visits_per_found"]) and not row["told"]


def test_a_perfect_and_a_random_order_are_far_apart() -> None:
    y = [1] * 20 + [0] * 380
    chance = np.random.default_rng(0).random(400)
    scores = told(y, perfect=[float(v) for v in y], lot=list(chance))
    gain = validation.gain(scores, "perfect", "lot", share=0.05)
    assert gain.low > 0.6 and gain.gain > 0.85 and gain.told


def test_a_model_compared_with_itself_gains_nothing() -> None:
    scores = told([1, 0] * 50, a=list(np.linspace(0, 1, 100)))
    gain = validation.gain(scores.assign(b=scores["a"]), "a", "b", share=0.1, draws=50)
    assert (gain.gain, gain.low, gain.high) == (0, 0, 0)


def test_groups_that_go_together_widen_the_interval() -> None:
    y = [1] * 50 + [0] * 950
    scores = told(y, a=[0.9] * 25 + [0.1] * 25 + [0.9] * 25 + [0.1] * 925)
    alone = validation.table(scores, ["a"], share=0.05).iloc[0]
    clustered = scores.assign(group=["left"] * 25 + ["right"] * 25 + [str(i // 50) for i in range(950)])
    together = validation.table(clustered, ["a"], share=0.05).iloc[0]
    assert together["recall_high"] - together["recall_low"] > alone["recall_high"] - alone["recall_low"]


def test_a_year_without_an_event_to_learn_from_is_left_out() -> None:
    X, y = pupils(600, events=0.2)
    years = pd.Series(np.repeat([2021, 2022, 2023], 200))
    y = y.mask(years == 2021, 0)
    scores = validation.out_of_fold([_contender()], X, y, splits.forward(years))
    assert scores["fold"].unique().tolist() == ["2023"]
    with pytest.raises(ValueError, match="no split has an event"):
        validation.out_of_fold([_contender()], X, y * 0, splits.forward(years))


def test_every_tested_row_is_scored_once_by_every_contender_with_the_base_it_learned() -> None:
    X, y = pupils(900, events=0.15)
    lot = validation.Contender("random", RandomRule(), ("over_age",), is_rule=True)
    scores = validation.out_of_fold([_contender(), lot], X, y, splits.folds(y))
    assert sorted(scores["row"]) == list(range(900))
    assert scores[["model", "random"]].notna().all(axis=None)
    assert scores["base"].between(0.9 * y.mean(), 1.1 * y.mean()).all()


def test_the_same_seed_gives_the_same_intervals() -> None:
    scores = told([1, 0, 0, 0] * 20, a=list(np.random.default_rng(1).random(80)))
    first, second = (validation.table(scores, ["a"], share=0.1, draws=60, seed=5) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_true_probabilities_are_calibrated_and_doubled_ones_are_not() -> None:
    p = pd.Series(np.random.default_rng(0).uniform(0.01, 0.4, 8000))
    y = pd.Series((np.random.default_rng(1).random(8000) < p).astype(int))
    good, bad = calibration.calibration(y, p), calibration.calibration(y, 2 * p)
    assert good.holds and good.slope.value == pytest.approx(1, abs=0.1)
    assert not bad.holds and bad.observed_expected.value == pytest.approx(0.5, abs=0.05)


def test_calibration_without_an_event_says_that_it_cannot_tell() -> None:
    found = calibration.calibration(pd.Series([0] * 100), pd.Series([0.01] * 100))
    assert not found.told and np.isnan(found.slope.value) and found.observed_expected.low == 0
    assert found.observed_expected.high == pytest.approx(3.69, abs=0.01)


def test_schools_that_go_together_widen_the_interval_of_calibration() -> None:
    school = pd.Series(np.repeat(range(20), 50))
    p = pd.Series(0.2, index=range(1000))
    y = pd.Series(np.where(school < 4, 1, 0))
    together, alone = calibration.calibration(y, p, school), calibration.calibration(y, p)
    assert together.observed_expected.high > alone.observed_expected.high


def test_bands_hold_every_row_once_lowest_first() -> None:
    p = pd.Series(np.random.default_rng(0).random(200))
    bands = calibration.bands(pd.Series([1, 0] * 100), p)
    assert bands["rows"].tolist() == [100, 50, 30, 10, 6, 4] and bands["events"].sum() == 100
    assert bands["predicted"].is_monotonic_increasing
    assert (bands["low"] <= bands["observed"]).all() and (bands["observed"] <= bands["high"]).all()


def decided(y: list[int], **probabilities: list[float]) -> decision.Decision:
    scores = told(y, **probabilities)
    names = list(probabilities)
    measures = validation.table(scores, names, share=0.05, draws=100)
    return decision.decide(scores, measures, [n for n in names if n != "model"], share=0.05, draws=100)


LOT = list(np.random.default_rng(9).random(600))
EVENTS = [1] * 30 + [0] * 570


def test_a_model_that_clearly_finds_more_is_used() -> None:
    rule = [0.9] * 4 + [0.1] * 26 + [0.8] * 26 + [0.1] * 544
    assert decided(EVENTS, model=[0.9] * 25 + [0.1] * 575, over_age=rule, random=LOT).use == "model"


def test_where_model_and_rule_tie_the_rule_is_used() -> None:
    both = [0.9] * 20 + [0.1] * 10 + [0.9] * 10 + [0.1] * 560
    found = decided(EVENTS, model=both, over_age=both, random=LOT)
    assert (found.use, found.rule) == ("rule", "over_age")


def test_where_nothing_beats_the_lot_neither_is_used() -> None:
    assert decided(EVENTS, model=LOT[::-1], over_age=LOT[100:] + LOT[:100], random=LOT).use == "neither"


def test_under_ten_events_it_cannot_tell() -> None:
    y = [1] * 6 + [0] * 594
    assert decided(y, model=[float(v) for v in y], over_age=LOT, random=LOT).use == "cannot_tell"


def _contender() -> validation.Contender:
    model = Ladder("ridge")
    return validation.Contender("model", model, ("absent_days", "over_age", "carer"))


def test_a_rule_may_see_a_column_that_the_model_does_not() -> None:
    X, y = pupils(400, events=0.2)
    rule = validation.Contender("noise", ColumnRule("noise"), ("noise",), is_rule=True)
    scores = validation.out_of_fold([_contender(), rule], X, y, splits.folds(y))
    assert scores["noise"].corr(X["noise"].iloc[scores["row"]].reset_index(drop=True), method="spearman") > 0.5


def test_years_without_a_single_event_are_measured_as_nothing_to_tell() -> None:
    row = validation.table(told([0] * 50, a=[0.1] * 50), ["a"], share=0.1, draws=20).iloc[0]
    assert not row["told"] and row["listed"] == 5 and np.isnan(row["recall"]) and np.isnan(row["auc"])
