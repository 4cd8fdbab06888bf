"""Where each pupil sits: school, grade and class in each school year, and the passage from year to year."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import places, timeline
from baoxue.demo.timeline import NEVER, Days

CLASS_SIZE = 42
MOVES_A_YEAR = 0.006
"""Moves between schools of the county within a stage."""

PASSAGE_OUT = (0.008, 0.05)
"""Leaving for a junior school elsewhere after grade 6: local children, migrant children."""

YEARS = len(timeline.YEARS)
_FIRST_COHORT = 2005
_COHORTS = 24

GRADUATED, TRANSFER, DEATH, EMIGRATION, NOT_ARRIVED = "graduated", "transfer", "death", "emigration", "not_arrived"
LEFT = "left"
"""Ended while out of school: the class has finished without the child."""


@dataclass
class Seats:
    """Pupil x school year: grade 0 where not on the registry; a move within the year gives a second school."""

    grade: np.ndarray
    school: np.ndarray
    class_number: np.ndarray
    moved_on: Days
    new_school: np.ndarray
    new_class: np.ndarray

    @classmethod
    def empty(cls, pupils: int) -> Seats:
        """No one seated yet."""
        shape = (pupils, YEARS)
        whole = [np.zeros(shape, kind) for kind in (np.int8, np.int16, np.int16, np.int16, np.int16)]
        return cls(*whole[:3], np.full(shape, NEVER), *whole[3:])

    def on(self, day: np.datetime64) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Grade, school and class number of every pupil on a day (grade 0: not on the registry that year)."""
        year = year_index(day)
        moved = self.moved_on[:, year] <= day
        return (
            self.grade[:, year],
            np.where(moved, self.new_school[:, year], self.school[:, year]),
            np.where(moved, self.new_class[:, year], self.class_number[:, year]),
        )


@dataclass
class Ends:
    """How and when a pupil's school life here ended; `kind` is empty while it goes on."""

    kind: np.ndarray
    gone_on: Days
    changed_on: Days
    accepted_on: Days
    confirmed_on: Days
    off_registry_on: Days

    @classmethod
    def empty(cls, pupils: int) -> Ends:
        """No life has ended."""
        return cls(np.full(pupils, "", object), *(np.full(pupils, NEVER) for _ in range(5)))


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


def year_index(day: np.ndarray | np.datetime64) -> np.ndarray:
    """Position of the school year in which a day lies; -1 for NaT."""
    month = np.asarray(day).astype("datetime64[M]")
    position = (month - np.datetime64(f"{timeline.YEARS[0]}-09", "M")).astype(int) // 12
    return np.where(np.isnat(month), -1, position)
