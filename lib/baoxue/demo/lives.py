"""School lives, month by month: leaving and coming back, illness, moving away, and all that looks like leaving."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue.demo import departures, engagement, places, seating, timeline
from baoxue.demo.engagement import Engagement, Scale
from baoxue.demo.schooling import Schooling
from baoxue.demo.seating import TRANSFER, Ends, Seats
from baoxue.demo.timeline import NEVER

FOR_EVER = np.datetime64("2100-01-01", "D")


@dataclass
class Lives:
    """Everything that happened to the pupils, whether or not anyone wrote it down."""

    people: pd.DataFrame
    seats: Seats
    ends: Ends
    moves: pd.DataFrame
    leavings: pd.DataFrame
    """`pupil, left_on, returned_on (NaT: never), way` (0 slow, 1 sudden, 2 wave)"""
    suspensions: pd.DataFrame
    """`pupil, from_on, until_on, accepted_on, reviewed_on, review, resumed_on`"""
    engagement: np.ndarray
    """Pupil x month"""
    depth: np.ndarray
    """Pupil x month: how far engagement is below the child's own threshold, 0 above it"""
    hazard: np.ndarray
    """Pupil x month, NaN where not at risk"""


class _Simulation:
    """The state that months change."""

    def __init__(self, people: pd.DataFrame, where: places.Places, seed: int, yearly_rate: float) -> None:
        self.people, self.where, self.seed = people, where, seed
        self.school = Schooling(people, where, seed)
        schools = len(where.schools)
        self.scale = engagement.calibrated(people, self.school.primary, schools, seed, yearly_rate)
        self.ratio = engagement.junior_ratio(yearly_rate)
        self.latent = Engagement(people, self.school.primary, schools, seed)
        n = len(people)
        self.joined = people["joined_on"].to_numpy().astype("datetime64[D]")
        self.back_on = np.full(n, np.datetime64("1900-01-01", "D"))
        self.last_return = np.full(n, NEVER)
        self.suspended_from = np.full(n, NEVER)
        self.leavings: list[pd.DataFrame] = []
        self.suspensions: list[pd.DataFrame] = []
        months = len(timeline.clock().months)
        self.engagement = np.zeros((n, months), np.float32)
        self.depth = np.zeros((n, months), np.float32)
        self.hazard = np.full((n, months), np.nan, np.float32)
        self.fates = departures.fates(people, seed)

    def run(self) -> Lives:
        """All months in order."""
        clock = timeline.clock()
        for index, month in enumerate(clock.months):
            year = timeline.YEARS[index // 12]
            if month.month == 9:
                out = self.back_on > timeline.september(year)
                last_year = seating.year_index(self.suspended_from) == index // 12 - 1
                self.school.begin(year, last_year, out)
            self._month(index, month)
        return Lives(
            self.people,
            self.school.seats,
            self.school.ends,
            pd.concat(self.school.moves, ignore_index=True),
            pd.concat(self.leavings, ignore_index=True).sort_values(["left_on", "pupil"], ignore_index=True),
            pd.concat(self.suspensions, ignore_index=True).sort_values(["from_on", "pupil"], ignore_index=True),
            self.engagement,
            self.depth,
            self.hazard,
        )

    def _month(self, index: int, at: pd.Period) -> None:
        rng = timeline.stream(self.seed, f"month {index}")
        grade = self.school.seats.grade[:, index // 12].astype(int)
        month = self.latent.advance(grade)
        self.engagement[:, index], self.depth[:, index] = month.engagement, month.depth
        days = timeline.clock().days_of_month(index)
        if len(days) == 0 or at.month == 7:
            return
        first = timeline.clock().school_days[days[0]]
        here = (grade > 0) & (self.school.ends.kind == "") & (self.joined <= first) & (self.back_on <= first)
        if at.month == 2:
            self.school.move_in_spring(timeline.YEARS[index // 12], here)
        stays = here & ~self._leave(index, at, month, grade, here, rng)
        stays &= ~self._meet_fate(index, stays, days, rng)
        stays &= ~self._transfer(at, stays, days, rng)
        self._suspend(at, stays & (grade < 9), days, rng)

    def _leave(
        self, index: int, at: pd.Period, month: engagement.Month, grade: np.ndarray, here: np.ndarray,
        rng: np.random.Generator,
    ) -> np.ndarray:  # fmt: skip
        """Draw who leaves, by which way, on which day, and when they will be back; returns who left."""
        raw = engagement.channels(self.people, grade, at, month, self.ratio)
        first = timeline.clock().school_days[timeline.clock().days_of_month(index)[0]]
        months_back = (first - self.last_return).astype(int) / 30.4
        times = np.where(
            np.isnat(self.last_return), 1.0, np.where(months_back < 6, engagement.BACK_EARLY, engagement.BACK_LATER)
        )
        intensity = self.scale.by_way(raw, times)
        chance = Scale.probability(intensity)
        self.hazard[:, index] = np.where(here, chance, np.nan)
        leaves = np.flatnonzero(here & (rng.random(len(grade)) < chance))
        share = (intensity[:, leaves] / intensity[:, leaves].sum(axis=0)).cumsum(axis=0)
        way = (rng.random(len(leaves)) > share[:2]).sum(axis=0)
        left_on = departures.leaving_day(index, way, rng)
        returned_on = departures.return_day(left_on, way, grade[leaves], index // 12, rng)
        self.back_on[leaves] = np.where(np.isnat(returned_on), FOR_EVER, returned_on)
        self.last_return[leaves] = returned_on
        self.leavings.append(
            pd.DataFrame({"pupil": leaves, "left_on": left_on, "returned_on": returned_on, "way": way})
        )
        gone = np.zeros(len(grade), bool)
        gone[leaves] = True
        return gone

    def _meet_fate(self, index: int, here: np.ndarray, days: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Those who die or emigrate this month."""
        due = self.fates[(self.fates["month"] == index) & here[self.fates["pupil"]]]
        who = due["pupil"].to_numpy()
        on = timeline.clock().school_days[rng.choice(days, len(who))]
        departures.end(self.school.ends, who, due["kind"].to_numpy(), on, on, rng)
        self.school.ends.off_registry_on[who] = self.school.ends.accepted_on[who]
        return np.isin(np.arange(len(here)), who)

    def _transfer(self, at: pd.Period, here: np.ndarray, days: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Those whose families move out of the county this month."""
        goes = departures.moves_away(self.people, at, here, rng)
        who = np.flatnonzero(goes)
        gone, filed = departures.transfer_days(len(who), days, rng)
        ends = self.school.ends
        departures.end(ends, who, TRANSFER, gone, filed, rng)
        ends.confirmed_on[who] = timeline.clock().workday(ends.accepted_on[who] + rng.integers(3, 23, len(who)))
        ends.off_registry_on[who] = np.minimum(ends.confirmed_on[who], ends.accepted_on[who] + 30)
        return goes

    def _suspend(self, at: pd.Period, here: np.ndarray, days: np.ndarray, rng: np.random.Generator) -> None:
        """Those who fall ill for a year; nobody does so twice."""
        rows = departures.suspensions(self.people, at, here & np.isnat(self.suspended_from), days, rng)
        who = rows["pupil"].to_numpy()
        resumed = rows["resumed_on"].to_numpy().astype("datetime64[D]")
        self.suspended_from[who] = rows["from_on"].to_numpy().astype("datetime64[D]")
        self.back_on[who] = np.where(np.isnat(resumed), FOR_EVER, resumed)
        self.suspensions.append(rows)


def live(people: pd.DataFrame, where: places.Places, seed: int, yearly_rate: float) -> Lives:
    """The lives of those pupils at a yearly rate of leaving (share of pupils, 0.005 is half a per cent)."""
    return _Simulation(people, where, seed, yearly_rate).run()
