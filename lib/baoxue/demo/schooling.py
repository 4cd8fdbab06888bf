"""Where each pupil sits: school, grade and class in each school year, and the passage from year to year."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import places, timeline
from baoxue.demo.seating import GRADUATED, LEFT, TRANSFER, Ends, Seats, year_index

CLASS_SIZE = 42
MOVES_A_YEAR = 0.006
"""Moves between schools of the county within a stage."""

PASSAGE_OUT = (0.008, 0.05)
"""Leaving for a junior school elsewhere after grade 6: local children, migrant children."""

_FIRST_COHORT = 2005
_COHORTS = 24


@dataclass
class Schooling:
    """Seats pupils year by year; the simulation calls `begin(year)` each September."""

    people: pd.DataFrame
    where: places.Places
    seed: int
    seats: Seats = field(init=False)
    ends: Ends = field(init=False)
    moves: list[pd.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = timeline.stream(self.seed, "schooling")
        n = len(self.people)
        self.seats, self.ends = Seats.empty(n), Ends.empty(n)
        self._class_draw = rng.random((n, 2))
        self._classes = np.zeros((len(self.where.schools), _COHORTS), np.int16)
        self.primary = self._choose(self.where.primary_share, rng)
        self.junior = self._choose(self.where.junior_share, rng)
        nine_year = (self.where.schools["school_type"] == codes.SchoolType.NINE_YEAR).to_numpy()
        self.junior = np.where(nine_year[self.primary], self.primary, self.junior)
        special = (self.people["placement"] == codes.Placement.SPECIAL_SCHOOL).to_numpy()
        self.primary[special] = self.junior[special] = self.where.special_school
        self._joined = self.people["joined_on"].to_numpy().astype("datetime64[D]")
        self._joined_year = year_index(self._joined)

    def _choose(self, shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A school for each pupil, by the shares of the township."""
        cumulative = shares.cumsum(axis=1)[self.people["township"].to_numpy()]
        return (rng.random(len(self.people))[:, None] > cumulative[:, :-1]).sum(axis=1).astype(np.int16)

    def begin(self, year: int, repeats: np.ndarray, is_out: np.ndarray) -> None:
        """Move everyone up, let grade 9 go, seat the new ones; `is_out` is out of school at the moment."""
        index = year - timeline.YEARS[0]
        rng = timeline.stream(self.seed, f"passage {year}")
        before = self.seats.grade[:, index - 1].astype(int) if index else np.zeros(len(self.people), int)
        goes_on = (before > 0) & (self.ends.kind == "")
        grade = np.where(goes_on, before + 1 - repeats, 0)
        if index:
            self._let_go(goes_on & (grade > 9), is_out, year)
            self._pass_out(goes_on & (before == 6) & (grade == 7) & ~is_out, year, rng)
        grade[self.ends.kind != ""] = 0
        new = self._joined_year == index
        grade[new] = (year - self.people["entry"].to_numpy() + 1)[new]
        school = np.where(grade >= 7, self.junior, self.primary)
        if index:
            same_stage = goes_on & (grade > 0) & ((before >= 7) == (grade >= 7))
            school = np.where(same_stage, self._last_school(index - 1), school)
            school = self._moved(school, same_stage & ~is_out, grade, year, rng)
        self._seat(index, grade, school)

    def _last_school(self, index: int) -> np.ndarray:
        moved = ~np.isnat(self.seats.moved_on[:, index])
        return np.where(moved, self.seats.new_school[:, index], self.seats.school[:, index])

    def _let_go(self, done: np.ndarray, is_out: np.ndarray, year: int) -> None:
        """Grade 9 ends: a graduation for those in class, the end of the record for those who are out."""
        self.ends.kind[done] = np.where(is_out[done], LEFT, GRADUATED)
        self.ends.gone_on[done] = timeline.term_end(year - 1, 2)
        self.ends.off_registry_on[done] = timeline.september(year) - 1

    def _pass_out(self, candidates: np.ndarray, year: int, rng: np.random.Generator) -> None:
        """After grade 6 some go to a junior school outside the county."""
        rate = np.where(self.people["is_migrant"], PASSAGE_OUT[1], PASSAGE_OUT[0])
        leaves = candidates & (rng.random(len(self.people)) < rate)
        self.ends.kind[leaves] = TRANSFER
        self.ends.gone_on[leaves] = timeline.term_end(year - 1, 2)
        self.ends.off_registry_on[leaves] = timeline.september(year) - 1

    def _moved(
        self, school: np.ndarray, candidates: np.ndarray, grade: np.ndarray, year: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Some begin the year at another school of the county."""
        other = self._another_school(school, grade, rng)
        goes = candidates & (other != school) & (rng.random(len(school)) < MOVES_A_YEAR * 0.7)
        goes &= school != self.where.special_school
        self._note_moves(goes, timeline.september(year), school, other, year)
        return np.where(goes, other, school)

    def move_in_spring(self, year: int, may_move: np.ndarray) -> None:
        """A few change schools when the spring term begins."""
        index = year - timeline.YEARS[0]
        rng = timeline.stream(self.seed, f"spring moves {year}")
        school, grade = self.seats.school[:, index], self.seats.grade[:, index].astype(int)
        other = self._another_school(school, grade, rng)
        goes = may_move & (other != school) & (school != self.where.special_school)
        goes &= (grade < 9) & (rng.random(len(school)) < MOVES_A_YEAR * 0.3)
        day = timeline.term_start(year, 2)
        self.seats.moved_on[goes, index] = day
        self.seats.new_school[goes, index] = other[goes]
        self.seats.new_class[goes, index] = self._class_of(other, grade, year)[goes]
        self._note_moves(goes, day, school, other, year)

    def _another_school(self, school: np.ndarray, grade: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        primary, junior = self._choose(self.where.primary_share, rng), self._choose(self.where.junior_share, rng)
        return np.where(grade >= 7, junior, primary)

    def _note_moves(
        self, goes: np.ndarray, day: np.datetime64, school: np.ndarray, other: np.ndarray, year: int
    ) -> None:
        chosen = np.flatnonzero(goes)
        self.moves.append(
            pd.DataFrame({"pupil": chosen, "on": day, "from_school": school[chosen], "to_school": other[chosen]})
        )

    def _seat(self, index: int, grade: np.ndarray, school: np.ndarray) -> None:
        """Write the year's seats; a cohort's number of classes at a school is fixed when it is first seen."""
        year = timeline.YEARS[index]
        seated = grade > 0
        size = np.zeros(self._classes.shape, int)
        np.add.at(size, (school[seated], year - grade[seated] - _FIRST_COHORT), 1)
        new = (self._classes == 0) & (size > 0)
        self._classes[new] = np.ceil(size[new] / CLASS_SIZE)
        self.seats.grade[:, index] = grade
        self.seats.school[:, index] = np.where(seated, school, 0)
        self.seats.class_number[:, index] = np.where(seated, self._class_of(school, grade, year), 0)

    def _class_of(self, school: np.ndarray, grade: np.ndarray, year: int) -> np.ndarray:
        count = np.maximum(self._classes[school, np.clip(year - grade - _FIRST_COHORT, 0, _COHORTS - 1)], 1)
        draw = np.where(grade >= 7, self._class_draw[:, 1], self._class_draw[:, 0])
        return 1 + (draw * count).astype(int)
