"""Planted leaks are caught and named; honest features raise no alarm."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from baoxue.risk import leaks, simulate
from risk_drawn import pupils


@pytest.fixture
def honest() -> tuple[pd.DataFrame, pd.Series]:
    return pupils(3000)


PLANTED = {
    "label copy": lambda X, y: y,
    "label copy in words": lambda X, y: y.map({1: "gone", 0: "here"}),
    "label copy turned round": lambda X, y: 1 - y,
    "label copy with errors": lambda X, y: y.where(np.random.default_rng(0).random(len(y)) > 0.02, 1 - y),
    "post-event field": lambda X, y: pd.Series(np.where(y == 1, X["over_age"] + 8, X["over_age"])),
    "missing only for those who left": lambda X, y: X["over_age"].mask(y == 1),
    "known only for those who left": lambda X, y: pd.Series(np.where(y == 1, 2024.0, np.nan)),
    "a word that only those who left have": lambda X, y: pd.Series(
        np.where((y == 1) & (np.arange(len(y)) % 3 == 0), "transfer paper", "none")
    ),
    "number of the row": lambda X, y: pd.Series(np.arange(len(y))),
    "number of the row, with gaps": lambda X, y: pd.Series(np.arange(len(y)) * 3 + 10_000),
    "name of the row": lambda X, y: pd.Series([f"P{i}" for i in range(len(y))]),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_leak_stops_the_run_and_is_named(kind: str, honest: tuple[pd.DataFrame, pd.Series]) -> None:
    X, y = honest
    with pytest.raises(leaks.LeakError, match="planted"):
        leaks.check(X.assign(planted=PLANTED[kind](X, y)), y)


def test_an_order_that_follows_the_outcome_is_caught_as_a_number_of_the_row(honest: tuple) -> None:
    X, y = honest
    order = y.sort_values(ascending=False, kind="stable").index
    sorted_X = X.loc[order].reset_index(drop=True).assign(record=np.arange(len(y)) + 0.5)
    with pytest.raises(leaks.LeakError, match="record"):
        leaks.check(sorted_X, y.loc[order].reset_index(drop=True))


@settings(max_examples=25, deadline=None)
@for_any(st.integers(0, 10_000), st.sampled_from([0.003, 0.01, 0.05, 0.3]))
def test_honest_features_stop_nothing(seed: int, events: float) -> None:
    X, y = pupils(3000, seed, events)
    X = X.assign(income=np.random.default_rng(seed).integers(0, 90_000, len(X)), marks=X["noise"].round(1))
    assert not leaks.check(X, y)["stops"].any()


def test_the_projects_own_table_raises_no_alarm_but_its_planted_column_does() -> None:
    table = simulate.pupil_years(1500, seed=1)
    y = (table["left_next_year"] == "是").astype(int)
    honest = table[["age_over_months", "absent_days", "rank_pct", "moves", "distance_km", "boarder", "carer", "school"]]
    assert leaks.check(honest, y).empty
    with pytest.raises(leaks.LeakError, match="visits_after_leaving"):
        leaks.check(table[["absent_days", "visits_after_leaving"]], y)


def test_a_rare_value_that_means_the_event_is_shown_but_does_not_stop(honest: tuple) -> None:
    X, y = honest
    mark = pd.Series("asked", index=y.index).mask((y == 1) & (y.cumsum() <= 20))
    shown = leaks.check(X.assign(sex=mark), y)
    assert shown[["column", "kind", "level", "events"]].values.tolist() == [["sex", "pure_level", "(missing)", 20]]


def test_a_column_somebody_has_cleared_does_not_stop(honest: tuple) -> None:
    X, y = honest
    shown = leaks.check(X.assign(copy=y), y, cleared={"copy": "given out before the year began"})
    assert "copy" in set(shown["column"])


def test_with_three_events_chance_is_not_taken_for_a_leak() -> None:
    X, y = pupils(3000)
    few = y.where(y.cumsum() <= 3, 0)
    assert leaks.check(X, few).empty


def test_a_value_known_after_the_day_is_refused() -> None:
    leaks.check_clock({"absent_days": dt.date(2024, 11, 30)}, dt.date(2024, 11, 30))
    with pytest.raises(leaks.LeakError, match=r"marks \(2024-12-14\)"):
        leaks.check_clock({"absent_days": dt.date(2024, 11, 30), "marks": dt.date(2024, 12, 14)}, dt.date(2024, 11, 30))
