"""同比, 环比, composition against rate, clusters and outlooks: small tables one can check by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baoxue import rates
from baoxue.rates.scan import circles


def flows(*counts: int) -> pd.DataFrame:
    months = pd.period_range("2023-09", periods=len(counts), freq="M").astype(str)
    over = [True] * (len(counts) - 1) + [False]
    return pd.DataFrame({"period": months, "stage": "合计", "is_complete": over, "confirmed": counts})


def test_a_month_is_set_against_the_month_before_and_the_same_month_a_year_ago() -> None:
    told = rates.month_changes(flows(1, 0, 0, 0, 0, 0, 12, 1, 0, 0, 0, 0, 3, 0)).set_index("period")
    assert told.loc["2024-03", ["count", "before", "before_change", "before_verdict"]].tolist() == [12, 0, 12, "偏高"]
    assert told.loc["2024-09", ["count", "year_ago", "year_change", "year_verdict"]].tolist() == [3, 1, 2, "无法判断"]
    assert pd.isna(told.loc["2023-09", "before"]) and told.loc["2023-09", "before_verdict"] is None


def test_a_month_that_is_not_over_is_not_compared() -> None:
    last = rates.month_changes(flows(4, 4, 0)).iloc[-1]
    assert last["before_verdict"] == "未满月" and pd.isna(last["before_change"])


def test_a_year_is_set_against_the_year_before_in_points() -> None:
    yearly = pd.DataFrame({
        "school_year": [2022, 2023], "stage": "合计", "population": [10_000, 20_000], "dropouts": [10, 50],
        "rate_pct": [0.1, 0.25],
    })  # fmt: skip
    (told,) = rates.year_changes(yearly).to_dict("records")
    assert told["change_points"] == pytest.approx(0.15)
    assert (told["before"], told["ratio"], told["verdict"]) == (10, 2.5, "偏高")


def test_a_shift_of_pupils_alone_is_composition_and_a_rise_alone_is_rate() -> None:
    shifted = pd.DataFrame({
        "population": [500, 1500], "dropouts": [0, 30], "population_before": [1000, 1000], "dropouts_before": [0, 20],
    })  # fmt: skip
    whole = rates.decomposed(shifted).loc["合计"]
    assert (whole["change_points"], whole["composition_points"], whole["rate_points"]) == pytest.approx((0.5, 0.5, 0))
    assert whole["verdict"] == "无法判断"
    risen = shifted.assign(population=[1000, 1000], dropouts=[0, 60])
    whole = rates.decomposed(risen).loc["合计"]
    assert (whole["composition_points"], whole["rate_points"]) == pytest.approx((0, 2))
    assert whole["verdict"] == "偏高"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.integers(1, 500)] * 4), min_size=1, max_size=5))
def test_composition_and_rate_add_up_to_the_change(rows: list[tuple[int, int, int, int]]) -> None:
    counts = pd.DataFrame(rows, columns=["population", "dropouts", "population_before", "dropouts_before"])
    counts = counts.assign(dropouts=counts["dropouts"] // 5, dropouts_before=counts["dropouts_before"] // 5)
    told = rates.decomposed(counts)
    crude = [100 * counts[f"dropouts{w}"].sum() / counts[f"population{w}"].sum() for w in ("", "_before")]
    assert told.loc["合计", "change_points"] == pytest.approx(crude[0] - crude[1])
    assert told["change_points"].iloc[1:].sum() == pytest.approx(crude[0] - crude[1])


def test_circles_hold_the_nearest_places() -> None:
    sets = {tuple(np.flatnonzero(row)) for row in circles(np.array([0.0, 1.0, 5.0]), np.zeros(3))}
    assert sets == {(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)}


def test_a_planted_cluster_is_found_and_chance_is_not() -> None:
    windows = circles(np.arange(8.0), np.zeros(8))
    planted = rates.scan(np.array([0, 1, 9, 8, 1, 0, 1, 0]), np.ones(8), windows)
    assert np.flatnonzero(windows[planted["window"]]).tolist() == [2, 3]
    assert (planted["events"], planted["expected"], planted["verdict"]) == (17, 5.0, "偏高")
    chance = rates.scan(np.array([2, 3, 2, 3, 2, 3, 2, 3]), np.ones(8), windows)
    assert chance["verdict"] == "无法判断" and chance["p_value"] > 0.5
    assert rates.scan(np.array([2, 3, 2, 3, 2, 3, 2, 3]), np.ones(8), windows) == chance


def test_a_scan_calls_alarm_no_more_often_than_it_says() -> None:
    windows, random = circles(np.arange(6.0), np.zeros(6)), np.random.default_rng(7)
    alarms = [rates.scan(random.poisson(2, 6) + 1, np.ones(6), windows, draws=99)["verdict"] for _ in range(60)]
    assert alarms.count("偏高") <= 8


def test_a_run_of_months_is_found_with_its_ends() -> None:
    months = pd.Index(["2023-12", "2024-01", "2024-02", "2024-03", "2024-04", "2024-05"])
    (told,) = rates.scan_months(pd.Series([1, 0, 11, 12, 1, 0], months), pd.Series(20, months)).to_dict("records")
    assert (told["first"], told["last"], told["events"], told["verdict"]) == ("2024-02", "2024-03", 23, "偏高")
    assert rates.scan_months(pd.Series([0, 0]), pd.Series([1, 1])).empty


def test_the_next_count_is_predicted_with_room_for_chance() -> None:
    told = rates.predicted(np.array([10, 12, 8]))
    assert told["expected"] == pytest.approx(30.5 / 3)
    assert (told["low"], told["high"]) == (4, 18)
    assert np.isnan(rates.predicted(np.array([10]))["expected"])


def test_counts_that_scatter_widen_the_interval() -> None:
    calm, wild = rates.predicted(np.array([10, 10, 10, 10])), rates.predicted(np.array([0, 20, 2, 18]))
    assert wild["high"] - wild["low"] > 1.5 * (calm["high"] - calm["low"])


def test_a_back_test_sees_only_what_was_before() -> None:
    series = pd.DataFrame({"period": list("abcd"), "unit": "合计", "season": 1, "count": [10, 10, 10, 99]})
    told = rates.back_test(series)
    assert told["period"].tolist() == ["c", "d"]
    assert told["expected"].round(1).tolist() == [10.2, 10.2]
    assert told["is_inside"].tolist() == [True, False]
    assert rates.coverage(told)["share_pct"] == 50


def test_prediction_intervals_hold_what_comes_about_as_often_as_they_say() -> None:
    random = np.random.default_rng(3)
    counts = random.poisson(12, (300, 6))
    inside = [row[-1] >= (told := rates.predicted(row[:-1]))["low"] and row[-1] <= told["high"] for row in counts]
    assert 0.92 <= np.mean(inside) <= 0.99
