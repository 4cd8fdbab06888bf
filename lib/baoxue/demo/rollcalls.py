"""Classes day by day: how many children each counts, and whether the roll was called."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue.demo import presence, seating, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.spells import LEAVE

_MOST_CLASSES = 100


@dataclass(frozen=True)
class Habits:
    """How carefully each school writes down: share of rolls not taken, truancy entered as leave, or not at all."""

    untaken: np.ndarray
    softened: np.ndarray
    forgotten: np.ndarray

    @classmethod
    def drawn(cls, schools: int, rng: np.random.Generator) -> Habits:
        """Habits of that many schools, one in eight of them careless with its rolls."""
        careless = rng.random(schools) < 0.12
        untaken = rng.beta(1.2, 60, schools) + np.where(careless, rng.uniform(0.05, 0.15, schools), 0)
        return cls(untaken, rng.beta(1.5, 9, schools), rng.beta(1.2, 14, schools))


def off_the_list(lives: Lives, away: pd.DataFrame, followed: pd.DataFrame) -> pd.DataFrame:
    """Stretches in which a class no longer counts a child: from the change on, or from a transfer's acceptance."""
    left = pd.DataFrame(
        {
            "pupil": followed["pupil"],
            "from_on": followed["change_on"],
            "until_on": followed["returned_on"].fillna(pd.Timestamp("2100-01-01")),
        }
    ).dropna()
    others = away[~away["why"].isin(["leaving", "end"])][["pupil", "from_on", "until_on"]]
    ended = np.flatnonzero(lives.ends.kind != "")
    from_on = np.where(
        np.isnat(lives.ends.accepted_on[ended]), lives.ends.gone_on[ended], lives.ends.accepted_on[ended]
    )
    gone = pd.DataFrame({"pupil": ended, "from_on": from_on, "until_on": pd.Timestamp("2100-01-01")})
    return pd.concat([left, others, gone], ignore_index=True)


class Classes:
    """Every class of every year, numbered, with the days on which it is taught."""

    def __init__(self, lives: Lives, last: int) -> None:
        self.lives, self.days = lives, last + 1
        seats = lives.seats
        year = np.arange(seating.YEARS)[None, :]
        self._first = self._code(year, seats.school, seats.grade, seats.class_number)
        self._second = self._code(year, seats.new_school, seats.grade, seats.new_class)
        seated = seats.grade > 0
        moved = seated & ~np.isnat(seats.moved_on)
        self.codes = np.unique(np.concatenate([self._first[seated], self._second[moved]]))

    @staticmethod
    def _code(year: np.ndarray, school: np.ndarray, grade: np.ndarray, number: np.ndarray) -> np.ndarray:
        return ((year.astype(np.int64) * 1000 + school) * 10 + grade) * _MOST_CLASSES + number

    def of(self, pupil: np.ndarray, day: np.ndarray) -> np.ndarray:
        """The class number of each pupil on each day (0 where not seated)."""
        date = timeline.clock().school_days[day]
        year = seating.year_index(date)
        moved = self.lives.seats.moved_on[pupil, year] <= date
        code = np.where(moved, self._second[pupil, year], self._first[pupil, year])
        return np.minimum(np.searchsorted(self.codes, code), len(self.codes) - 1)

    @property
    def school(self) -> np.ndarray:
        """The school of each class."""
        return self.codes // _MOST_CLASSES // 10 % 1000

    def roll_taken(self, habits: Habits, rng: np.random.Generator) -> np.ndarray:
        """Class x day: whether the roll was called."""
        return rng.random((len(self.codes), self.days)) >= habits.untaken[self.school][:, None]

    def rolls(
        self, absences: pd.DataFrame, taken: np.ndarray, off: pd.DataFrame, rng: np.random.Generator
    ) -> pd.DataFrame:
        """A row for each class and day of its year; of rolls not taken, six in ten leave no row."""
        expected = self._expected(off)
        missing = np.zeros(taken.shape, np.int16)
        whole = absences[(absences["kind"] <= LEAVE) & (absences["session"] <= 1)]
        np.add.at(missing, (self.of(whole["pupil"].to_numpy(), whole["day"].to_numpy()), whole["day"].to_numpy()), 1)
        year_of_day = seating.year_index(timeline.clock().school_days[: self.days])
        taught = (self.codes // _MOST_CLASSES // 10 // 1000)[:, None] == year_of_day[None, :]
        noted = taken | (rng.random(taken.shape) < 0.4)
        at, day = np.nonzero(taught & noted & (expected > 0))
        code = self.codes[at]
        is_taken = taken[at, day]
        present = np.maximum(expected[at, day] - np.where(is_taken, missing[at, day], 0), 0)
        return pd.DataFrame(
            {
                "school": code // _MOST_CLASSES // 10 % 1000, "grade": code // _MOST_CLASSES % 10,
                "class_number": code % _MOST_CLASSES, "day": day, "expected": expected[at, day], "present": present,
                "is_taken": is_taken,
            }
        )  # fmt: skip

    def _expected(self, off: pd.DataFrame) -> np.ndarray:
        """Class x day: how many children the class counts, by adding up arrivals and departures."""
        change = np.zeros((len(self.codes), self.days + 1), np.int32)
        pupil, year = np.nonzero(self.lives.seats.grade > 0)
        starts = timeline.clock().at(np.array([timeline.september(y) for y in timeline.YEARS]))
        bounds = np.minimum(np.append(starts, self.days), self.days)
        self._count(change, pupil, bounds[year], bounds[year + 1], 1)
        a = np.minimum(timeline.clock().at(presence.days(off["from_on"])), self.days)
        b = np.minimum(timeline.clock().at(presence.days(off["until_on"])), self.days)
        for index in range(seating.YEARS):
            who = off["pupil"].to_numpy()
            first, last = np.maximum(a, bounds[index]), np.minimum(b, bounds[index + 1])
            inside = (first < last) & (self.lives.seats.grade[who, index] > 0)
            self._count(change, who[inside], first[inside], last[inside], -1)
        return change.cumsum(axis=1)[:, :-1]

    def _count(self, change: np.ndarray, pupil: np.ndarray, first: np.ndarray, last: np.ndarray, sign: int) -> None:
        """Add a stretch of days of each pupil to the class, or to both classes where it moved in between."""
        seated = first < last
        pupil, first, last = pupil[seated], first[seated], last[seated]
        year = seating.year_index(timeline.clock().school_days[first])
        moved = timeline.clock().at(presence.for_ever(self.lives.seats.moved_on[pupil, year]))
        cut = np.clip(moved, first, last)
        for code, start, stop in ((self._first, first, cut), (self._second, cut, last)):
            some = start < stop
            row = np.searchsorted(self.codes, code[pupil[some], year[some]])
            np.add.at(change, (row, start[some]), sign)
            np.add.at(change, (row, stop[some]), -sign)
