"""The targeting study: visits add up, whole schools are whole, and what a lot can show is said before it is drawn."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from baoxue.lists import targeting, targeting_words
from baoxue.lists.targeting import ALLOCATIONS, BY_PUPIL, BY_SCHOOL, MIXED
from baoxue.words import LANGS


def ten_pupils() -> pd.DataFrame:
    """Two schools of five; school a leaves more often, the pupil at highest risk sits in b; three leave."""
    return pd.DataFrame({
        "fold": "2024", "group": list("aaaaabbbbb"), "y": [1, 1, 0, 0, 0, 1, 0, 0, 0, 0],
        "model": [0.5, 0.1, 0.2, 0.3, 0.4, 0.9, 0.0, 0.05, 0.06, 0.07], "school": [0.4] * 5 + [0.1] * 5,
    })  # fmt: skip


def chances(allocation: str, share: float) -> list[float]:
    return targeting.allocated(ten_pupils(), allocation, "model", "school", share).tolist()


def test_by_pupil_the_highest_scores_are_visited() -> None:
    assert chances(BY_PUPIL, 0.2) == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0]


def test_by_school_the_worst_school_is_visited_whole_or_by_lot() -> None:
    assert chances(BY_SCHOOL, 0.5) == [1] * 5 + [0] * 5
    assert chances(BY_SCHOOL, 0.2) == [0.4] * 5 + [0] * 5


def test_mixed_gives_half_to_the_school_and_the_rest_to_the_highest_not_yet_reached() -> None:
    found = chances(MIXED, 0.4)
    assert found == pytest.approx([1, 0.4, 0.4, 0.4, 0.8, 1, 0, 0, 0, 0])


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 1.0])
@pytest.mark.parametrize("allocation", ALLOCATIONS)
def test_every_way_uses_the_same_number_of_visits(allocation: str, share: float) -> None:
    assert sum(chances(allocation, share)) == pytest.approx(math.ceil(10 * share))
    assert all(0 <= chance <= 1 for chance in chances(allocation, share))


def test_each_leaving_is_found_by_one_class_of_ways() -> None:
    found = targeting.found_only_by(ten_pupils(), "model", "school", 0.2).set_index("found_by")["leavings"]
    assert found.to_dict() == pytest.approx({"both": 0.4, BY_PUPIL: 1.6, BY_SCHOOL: 0.4, "nobody": 0.6})
    assert found.sum() == 3


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(ValueError, match="by_pupil, by_school, mixed"):
        chances("by_town", 0.2)


def test_equal_schools_have_no_variance_between_them_and_unequal_ones_have() -> None:
    chance = np.random.default_rng(0)
    schools = pd.Series(np.repeat(np.arange(40), 200))
    equal = pd.Series((chance.random(8000) < 0.02).astype(int))
    assert targeting.between_schools(equal, schools, draws=50).between < 0.03
    rates = np.repeat(0.02 * np.exp(chance.normal(0, 1, 40)), 200)
    uneven = targeting.between_schools(pd.Series((chance.random(8000) < rates).astype(int)), schools, draws=50)
    assert 0.1 < uneven.between < 0.4 and uneven.low < uneven.between < uneven.high
    nobody = targeting.between_schools(pd.Series([0, 0]), pd.Series(["a", "b"]), draws=5)
    assert math.isnan(nobody.between) and "nothing" in targeting_words.variance_sentence(nobody, "en")


def test_more_pupils_show_smaller_effects_of_visits() -> None:
    assert targeting.detectable_drop(5_000, 0.02) < targeting.detectable_drop(1_000, 0.02)
    assert targeting.detectable_drop(0, 0.02) == math.inf


def test_what_no_phase_in_could_show_is_said_so() -> None:
    few, many = targeting.PhaseIn(5, 0.01, 4, 1.6, math.inf), targeting.PhaseIn(500, 0.05, 4, 0.4, 6)
    assert "not even a drop to nobody" in targeting_words.phase_in_sentence(few, 0.02, 0.02, "en")
    assert "a drop by 40 % or more" in targeting_words.phase_in_sentence(many, 0.02, 0.02, "en")


@pytest.mark.parametrize("lang", LANGS)
def test_the_study_is_told_in_both_languages(lang: str) -> None:
    scores = pd.concat([ten_pupils()] * 5, ignore_index=True)
    table = targeting.allocations(scores, "model", "school", [0.2, 0.4])
    gained = targeting.gain_by_pupil(scores, "model", "school", 0.2, draws=20)
    lot = targeting.phase_in(scores, "model", share=0.3, width=0.2, rounds=4)
    shown = [
        targeting_words.allocation_table(table, lang).to_string(),
        targeting_words.capacity_table(table, 1, lang).to_string(),
        targeting_words.found_only_table(targeting.found_only_by(scores, "model", "school", 0.2), lang).to_string(),
        targeting_words.advice(table, 0.2, gained, lang), targeting_words.phase_in_sentence(lot, 0.3, 0.2, lang),
    ]  # fmt: skip
    assert lot.pupils == 5 and gained.gain == pytest.approx(0.4)
    assert all(any("一" <= letter <= "鿿" for letter in words) == (lang == "zh") for words in shown)
