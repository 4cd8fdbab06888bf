"""How attached a child is to school, month by month, and how likely leaving then is: the part nobody observes.

Engagement is a child's own level, a slow drift with heavy tails, blows that heal, and the mood of the school. Leaving
comes by three ways (Shi et al. 2015 find the first two; the third is the return wave of migrant counties):

slow     engagement has been below the child's own threshold for two months; marks and absence have moved before
sudden   a blow or plain bad luck, whatever the engagement: nothing announces it
wave     not coming back when a term begins, above all after Spring Festival

The threshold itself depends on combinations (over-age *and* behind, far away *and* not boarding), so no sum of
single signs gives the hazard back.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import timeline

SHARES = (0.55, 0.25, 0.20)
"""Of all leavings: slow, sudden, wave."""

SLOW, SUDDEN, WAVE = 0, 1, 2

SEASON = {9: 1.8, 10: 0.8, 11: 0.7, 12: 0.8, 1: 0.6, 2: 1.6, 3: 2.5, 4: 1.0, 5: 1.2, 6: 0.9, 7: 0.0, 8: 0.0}
"""Monthly multipliers (DOMAIN 5.3). February is short, March carries most of the wave."""

WAVE_SEASON = {9: 0.8, 2: 1.0, 3: 0.7}

GRADE = np.array([0, 0.6, 0.7, 0.8, 1.0, 1.2, 1.6, 1.0, 1.6, 1.25])
"""Within a stage. Grade 8 is left 1.6 times as often as grade 7 (Yi et al. 2012); grade 9 has the exam in sight."""

BACK_EARLY, BACK_LATER = 8.0, 3.0
"""After a return: times the hazard in the first six months, and later."""

DRIFT_KEPT = 0.88
BLOWS_A_MONTH = 0.005
BLOW_KEPT = 0.8


def junior_ratio(yearly_rate: float) -> float:
    """How many times primary's rate junior's is: ten where leaving is rare, about three where it is common.

    National rates were 2.19 % and 5.78 % in 1992, 0.59 % and 2.49 % in the mid-2000s (DOMAIN 5.1).
    """
    return float(np.clip(10 * (yearly_rate / 0.005) ** -0.35, 2.6, 10))


@dataclass
class Month:
    """What one month does to every pupil: engagement, months spent below the threshold, who was struck."""

    engagement: np.ndarray
    depth: np.ndarray
    months_below: np.ndarray
    struck: np.ndarray


class Engagement:
    """The latent process. `advance()` gives the months in order; the same seed gives the same months again."""

    def __init__(self, people: pd.DataFrame, school_of: np.ndarray, schools: int, seed: int) -> None:
        self.people, self.seed = people, seed
        self.school_of = school_of
        rng = timeline.stream(seed, "engagement")
        n = len(people)
        self._drift = rng.normal(0, 0.7, n).astype(np.float32)
        self._blow = np.zeros(n, np.float32)
        self._below = np.zeros(n, np.int16)
        mood = rng.normal(0, 0.15, (schools, 8)) - 0.8 * (rng.random((schools, 8)) < 0.05)
        self._mood = mood.astype(np.float32)
        self.month = -1

    @cached_property
    def level(self) -> np.ndarray:
        """A child's own level: ability, home, what weighs on it."""
        p = self.people
        return np.asarray(
            0.5 * p["ability"] + 0.25 * p["home_quality"] - 0.25 * (p["left_behind"] == 2)
            - 0.15 * (p["anxiety"] - 1) - 0.3 * p["has_parent_in_prison"] - 0.2 * (p["years_late"] > 0),
            dtype=np.float32,
        )  # fmt: skip

    def advance(self, grade: np.ndarray) -> Month:
        """The next month, for pupils in those grades (0 where not at school)."""
        self.month += 1
        rng = timeline.stream(self.seed, f"engagement {self.month}")
        n = len(self.people)
        self._drift = DRIFT_KEPT * self._drift + 0.29 * rng.standard_t(4, n).astype(np.float32)
        struck = rng.random(n) < BLOWS_A_MONTH * np.minimum(self.people["anxiety"].to_numpy(), 3)
        self._blow = BLOW_KEPT * self._blow + np.where(struck, rng.gamma(3, 0.5, n), 0).astype(np.float32)
        term = 2 * (self.month // 12) + (self.month % 12 >= 5)
        mood = self._mood[self.school_of, term] * np.where(grade >= 7, 1.0, 0.3)
        engagement = (self.level + self._drift - self._blow + mood).astype(np.float32)
        depth = np.maximum(0, self.threshold(grade) - engagement)
        self._below = np.where(depth > 0, self._below + 1, 0).astype(np.int16)
        return Month(engagement, depth, self._below.copy(), struck)

    def threshold(self, grade: np.ndarray) -> np.ndarray:
        """Below this engagement a child begins to leave; higher for those with more reasons to go."""
        p = self.people
        behind = (p["ability"] < -0.3).to_numpy()
        boards = np.where(grade >= 7, p["boards_junior"], p["boards_primary"])
        return np.asarray(
            -1.5
            + 0.9 * ((p["years_late"] > 0) & behind)
            + 0.35 * ((grade >= 8) & behind)
            + 0.35 * ((p["distance_km"] > 5) & ~boards.astype(bool))
            + 0.6 * (p["placement"] == codes.Placement.NONE)
            + 0.2 * (p["is_male"] & (grade >= 7))
            + 0.3 * (p["is_poor"] & (grade >= 7)),
            dtype=np.float32,
        )  # fmt: skip


def channels(people: pd.DataFrame, grade: np.ndarray, at: pd.Period, month: Month, ratio: float) -> np.ndarray:
    """Raw hazards by way (row 0 slow, 1 sudden, 2 wave) of pupils in a calendar month; zero out of school."""
    stage = np.where(grade >= 7, 1.0, 1.0 / ratio) * GRADE[grade]
    stage = stage * np.where(people["is_poor"], 1.5, 1.0) * np.where(people["has_parent_in_prison"], 1.8, 1.0)
    boards = np.where(grade >= 7, people["boards_junior"], people["boards_primary"])
    stage = stage * np.where(boards, 1.2, 1.0) * SEASON[at.month]
    age = at.year - people["birth"].dt.year.to_numpy()
    slow = np.where(month.months_below >= 2, month.depth**1.5 + 0.05, 0)
    sudden = people["anxiety"].to_numpy() * np.where(month.struck, 6.0, 1.0)
    wave = WAVE_SEASON.get(at.month, 0.0) * (
        0.4 + 1.6 * people["is_migrant"] + 2.0 * (people["left_behind"] == 2) + 1.6 * (age >= 15)
        + 0.8 * (people["ability"] < -0.8)
    ).to_numpy()  # fmt: skip
    return np.stack([slow, sudden, wave]) * stage


@dataclass(frozen=True)
class Scale:
    """What turns raw hazards into monthly hazards at the wanted yearly rate."""

    weights: np.ndarray

    def by_way(self, raw: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Hazard intensity by way; `times` multiplies (earlier leaving)."""
        return self.weights[:, None] * raw * times

    @staticmethod
    def probability(intensity: np.ndarray) -> np.ndarray:
        """Chance of leaving within the month."""
        return -np.expm1(-intensity.sum(axis=0))


def calibrated(people: pd.DataFrame, school_of: np.ndarray, schools: int, seed: int, yearly_rate: float) -> Scale:
    """The scale at which pupils' mean chance of leaving within a school year is the wanted rate.

    Lives are rehearsed once without anyone leaving; the scale is then found by bisection.
    """
    latent = Engagement(people, school_of, schools, seed)
    ratio = junior_ratio(yearly_rate)
    years = len(timeline.YEARS)
    total = np.zeros((3, len(people), years), np.float32)
    at_school = np.zeros((len(people), years), bool)
    for index, at in enumerate(timeline.clock().months):
        year = index // 12
        grade = nominal_grade(people, timeline.YEARS[year])
        month = latent.advance(grade)
        total[:, :, year] += channels(people, grade, at, month, ratio)
        at_school[:, year] = grade > 0
    sums = total.sum(axis=(1, 2), dtype=np.float64)
    shares = np.array(SHARES) / sums
    exposure = np.einsum("w,wny->ny", shares, total)[at_school]
    return Scale(shares * _bisect(exposure, yearly_rate))


def nominal_grade(people: pd.DataFrame, year: int) -> np.ndarray:
    """The grade of a school year if nothing happens, 0 before entry, before arrival and after grade 9."""
    grade = year - people["entry"].to_numpy() + 1
    here = people["joined_on"].to_numpy().astype("datetime64[D]") < timeline.september(year + 1)
    return np.where((grade >= 1) & (grade <= 9) & here, grade, 0)


def _bisect(exposure: np.ndarray, rate: float) -> float:
    low, high = 0.0, 1.0
    while -np.expm1(-high * exposure).mean() < rate:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if -np.expm1(-middle * exposure).mean() < rate else (low, middle)
    return high
