"""Survival of cohorts, counted by eye: who is at risk in which month, and a band that stays honest without events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from baoxue import rates
from baoxue.rates.survival import _banded
from given import given
from rates_drawn import registry, told_from_one

__all__ = ["told_from_one"]

pytestmark = pytest.mark.usefixtures("told_from_one")

CASES = """
    case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
    c1   | a     | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29   | -          | -
    c2   | b     | 考勤 | 2023-11-05 | 2023-11-01      | 辍学       | 2023-11-29   | 2023-12-20 | 返校复学
"""


def curve(tmp_path: Path, first_grade: int = 7):
    snapshots = registry(("2023-09-01", "a7 b7 c7 d7 e8"), ("2024-09-01", "b8 c8 d8 e9 f7"))
    known = given(tmp_path, enrolments=snapshots, cases=CASES).known_by("2024-11-30")
    return rates.survival(known, first_grade).set_index(["cohort", "month"])


def test_a_child_who_left_and_came_back_is_not_lost(tmp_path: Path) -> None:
    told = curve(tmp_path)
    assert told.loc[("2023", 6), ["at_risk", "left"]].tolist() == [4, 1]
    assert told.loc["2023", "left"].sum() == 1
    assert told.loc[("2023", 6), "survival_pct"] == 75
    assert told.loc[("2023", 15), ["at_risk", "survival_pct", "grade"]].tolist() == [3, 75, 8]


def test_a_cohort_is_followed_to_the_day_and_no_further(tmp_path: Path) -> None:
    told = curve(tmp_path)
    assert told.loc["2023"].index.max() == 15
    assert told.loc["2024"].index.tolist() == [1, 2, 3]


def test_all_cohorts_together_follow_each_while_it_was_seen(tmp_path: Path) -> None:
    """e is seen in grades 8 and 9 only: the cohort of 2022 has no curve of its own, but counts in the whole."""
    told = curve(tmp_path)
    assert "2022" not in told.index.get_level_values("cohort")
    assert told.loc[("合计", 13), "at_risk"] == 4
    assert told.loc[("合计", 25), ["at_risk", "survival_pct"]].tolist() == [1, 75]


def test_without_any_leaving_the_band_still_reaches_down() -> None:
    prob, low, high = _banded(np.array([100.0, 100.0]), np.array([0.0, 0.0]))
    assert prob.tolist() == [1, 1] and high.tolist() == [1, 1]
    assert low[0] == pytest.approx(0.975, abs=0.002)


def test_without_censoring_the_band_is_that_of_a_share() -> None:
    prob, low, high = _banded(np.array([50.0, 47.0]), np.array([3.0, 2.0]))
    expected = rates.share_interval([5], [50])
    assert prob[1] == pytest.approx(0.9)
    assert (1 - high[1], 1 - low[1]) == pytest.approx((expected[0][0], expected[1][0]), abs=1e-9)
