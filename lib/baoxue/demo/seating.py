"""Seats in class, year by year, and how a school life here ended: what lives are written in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from baoxue.demo import timeline
from baoxue.demo.timeline import NEVER, Days

YEARS = len(timeline.YEARS)

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
        school, class_number, new_school, new_class = (np.zeros(shape, np.int16) for _ in range(4))
        return cls(np.zeros(shape, np.int8), school, class_number, np.full(shape, NEVER), new_school, new_class)

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


def year_index(day: np.ndarray | np.datetime64) -> np.ndarray:
    """Position of the school year in which a day lies; -1 for NaT."""
    month = np.asarray(day).astype("datetime64[M]")
    position = (month - np.datetime64(f"{timeline.YEARS[0]}-09", "M")).astype(int) // 12
    return np.where(np.isnat(month), -1, position)
