"""School lives, month by month: leaving and coming back, illness, moving away, death, and all that looks like leaving."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import engagement, places, schooling, timeline
from baoxue.demo.engagement import Engagement, Scale
from baoxue.demo.schooling import DEATH, EMIGRATION, TRANSFER, Ends, Schooling, Seats
from baoxue.demo.timeline import NEVER, Days

FOR_EVER = np.datetime64("2100-01-01", "D")

TRANSFERS_A_YEAR = (0.005, 0.045)
"""Moving out of the county: local children, migrant children."""

TRANSFER_SEASON = {9: 0.28, 2: 0.20, 3: 0.10, 1: 0.06, 10: 0.06, 11: 0.06, 12: 0.06, 4: 0.06, 5: 0.06, 6: 0.06}
AWAY_BEFORE_TRANSFER = 0.30
"""Of transfers out: the child is gone for one to five weeks before anybody files the change."""

SUSPENSIONS_A_YEAR = 0.0022
DEATHS_A_YEAR = 0.00012
EMIGRATIONS_A_YEAR = 0.0005

RETURNS = {engagement.SLOW: 0.50, engagement.SUDDEN: 0.65, engagement.WAVE: 0.45}
SHORTEST_LEAVING = 24
"""School days; a shorter stay away is truancy, not leaving (20 school days is the line schools use, DOMAIN 3.4)."""


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
        self.fates = _fates(people, seed)

    def run(self) -> Lives:
        clock = timeline.clock()
        for index, month in enumerate(clock.months):
            year = timeline.YEARS[index // 12]
            if month.month == 9:
                out = self.back_on > timeline.september(year)
                last_year = schooling.year_index(self.suspended_from) == index // 12 - 1
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
        times = np.where(np.isnat(self.last_return), 1.0, np.where(months_back < 6, engagement.BACK_EARLY, engagement.BACK_LATER))
        intensity = self.scale.by_way(raw, times)
        chance = Scale.probability(intensity)
        self.hazard[:, index] = np.where(here, chance, np.nan)
        leaves = np.flatnonzero(here & (rng.random(len(grade)) < chance))
        share = (intensity[:, leaves] / intensity[:, leaves].sum(axis=0)).cumsum(axis=0)
        way = (rng.random(len(leaves)) > share[:2]).sum(axis=0)
        left_on = _leaving_day(index, way, rng)
        returned_on = self._return(leaves, left_on, way, grade[leaves], index // 12, rng)
        self.back_on[leaves] = np.where(np.isnat(returned_on), FOR_EVER, returned_on)
        self.last_return[leaves] = returned_on
        self.leavings.append(
            pd.DataFrame({"pupil": leaves, "left_on": left_on, "returned_on": returned_on, "way": way})
        )
        gone = np.zeros(len(grade), bool)
        gone[leaves] = True
        return gone

    def _return(
        self, who: np.ndarray, left_on: Days, way: np.ndarray, grade: np.ndarray, year: int, rng: np.random.Generator
    ) -> Days:
        """The day back in class, NaT for never; in grade 9 only while the class is still there."""
        after = SHORTEST_LEAVING + rng.lognormal(3.0, 0.9, len(who)).astype(int)
        back = timeline.clock().shift(left_on, after)
        chance = np.array([RETURNS[w] for w in range(3)])[way]
        last = timeline.term_end(timeline.YEARS[year], 2) - 14
        stays_away = (rng.random(len(who)) > chance) | ((grade == 9) & (back > last))
        return np.where(stays_away, NEVER, back)

    def _meet_fate(self, index: int, here: np.ndarray, days: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Deaths and emigrations, drawn beforehand so that a tiny county has some."""
        due = self.fates[(self.fates["month"] == index) & here[self.fates["pupil"]]]
        who = due["pupil"].to_numpy()
        on = timeline.clock().school_days[rng.choice(days, len(who))]
        self._end(who, due["kind"].to_numpy(), on, on, rng)
        self.school.ends.off_registry_on[who] = self.school.ends.accepted_on[who]
        return np.isin(np.arange(len(here)), who)

    def _transfer(self, at: pd.Period, here: np.ndarray, days: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Families move away; some children are gone for weeks before the change is filed."""
        rate = np.where(self.people["is_migrant"], TRANSFERS_A_YEAR[1], TRANSFERS_A_YEAR[0])
        goes = here & (rng.random(len(here)) < rate * TRANSFER_SEASON.get(at.month, 0))
        who = np.flatnonzero(goes)
        clock = timeline.clock()
        on = clock.school_days[np.where(rng.random(len(who)) < 0.5, days[0], rng.choice(days, len(who)))]
        waits = np.where(rng.random(len(who)) < AWAY_BEFORE_TRANSFER, rng.integers(6, 26, len(who)), 0)
        filed = clock.shift(on, waits)
        filed = np.where(np.isnat(filed), on, filed)
        self._end(who, TRANSFER, on, filed, rng)
        ends = self.school.ends
        ends.confirmed_on[who] = clock.workday(ends.accepted_on[who] + rng.integers(3, 23, len(who)))
        ends.off_registry_on[who] = np.minimum(ends.confirmed_on[who], ends.accepted_on[who] + 30)
        return goes

    def _end(self, who: np.ndarray, kind: str | np.ndarray, gone: Days, changed: Days, rng: np.random.Generator) -> None:
        ends = self.school.ends
        ends.kind[who] = kind
        ends.gone_on[who], ends.changed_on[who] = gone, changed
        ends.accepted_on[who] = timeline.clock().workday(changed + rng.integers(0, 6, len(who)))

    def _suspend(self, at: pd.Period, here: np.ndarray, days: np.ndarray, rng: np.random.Generator) -> None:
        """Illness that needs a year: applied for, approved, and ended by coming back."""
        if at.month in (6, 7):
            return
        ill = self.people["health"].to_numpy() + 0.6 * self.people["anxiety"].to_numpy()
        junior = self.people["entry"].to_numpy() <= at.year - 6
        chance = SUSPENSIONS_A_YEAR / 9 * ill / 1.7 * np.where(junior, 1.6, 0.7)
        goes = here & np.isnat(self.suspended_from) & (rng.random(len(here)) < chance)
        who = np.flatnonzero(goes)
        clock = timeline.clock()
        on = clock.school_days[rng.choice(days, len(who))]
        accepted = clock.workday(on + rng.integers(0, 5, len(who)))
        until = on + 365
        resumed = clock.shift(until + 1, rng.integers(0, 3, len(who)))
        self.suspended_from[who] = on
        self.back_on[who] = np.where(np.isnat(resumed), FOR_EVER, resumed)
        self.suspensions.append(
            pd.DataFrame(
                {
                    "pupil": who, "from_on": on, "until_on": until, "accepted_on": accepted,
                    "reviewed_on": clock.workday(accepted + rng.integers(2, 19, len(who))),
                    "review": codes.Review.PASSED.value, "resumed_on": resumed,
                }
            )
        )  # fmt: skip


def live(people: pd.DataFrame, where: places.Places, seed: int, yearly_rate: float) -> Lives:
    """The lives of those pupils at a yearly rate of leaving (share of pupils, 0.005 is half a per cent)."""
    return _Simulation(people, where, seed, yearly_rate).run()


def _fates(people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Who would die or emigrate in which month: `pupil, month, kind`; at least three of each."""
    rng = timeline.stream(seed, "fates")
    school_months = [i for i, at in enumerate(timeline.clock().months) if at.month not in (7, 8)]
    frames = []
    for kind, rate in ((DEATH, DEATHS_A_YEAR), (EMIGRATION, EMIGRATIONS_A_YEAR)):
        count = max(6, round(len(people) * 0.7 * rate * len(timeline.YEARS)))
        who = rng.choice(len(people), count, replace=False)
        frames.append(pd.DataFrame({"pupil": who, "month": rng.choice(school_months, count), "kind": kind}))
    return pd.concat(frames, ignore_index=True).drop_duplicates("pupil")


def _leaving_day(index: int, way: np.ndarray, rng: np.random.Generator) -> Days:
    """The first missed school day: anywhere in the month; the wave simply does not come when term begins."""
    days = timeline.clock().days_of_month(index)
    any_day = rng.choice(days, len(way))
    early = days[np.minimum((rng.random(len(way)) ** 3 * min(10, len(days))).astype(int), len(days) - 1)]
    return timeline.clock().school_days[np.where(way == engagement.WAVE, early, any_day)]
