"""Absences and roll calls: what a school writes down of who was missing, and what it forgets.

Counts have the long right tail of real absence (Miguel and Kremer's Kenyan pupils: three in four never missing in four
weeks, a few missing ten days), at a coastal county's lower level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import presence, schooling, timeline
from baoxue.demo.casework import LAST
from baoxue.demo.lives import Lives

SICK_A_MONTH, LEAVE_A_MONTH, LATE_A_MONTH = 0.11, 0.05, 0.03
UNEXCUSED_A_MONTH = (0.003, 0.022)
"""Spells per pupil and month at average engagement: primary, junior."""

DRIFTING_A_MONTH = (0.25, 0.85)
"""More of them for each unit by which engagement is below a child's own threshold: primary, junior."""

_A, _S = codes.Absence, codes.Session
KINDS = (_A.UNEXCUSED, _A.SICK, _A.LEAVE, _A.LATE, _A.EARLY)
SESSIONS = (_S.DAY, _S.MORNING, _S.AFTERNOON)
_UNEXCUSED, _SICK, _LEAVE, _LATE, _EARLY = range(5)
_MOST_CLASSES = 100


@dataclass(frozen=True)
class Attendance:
    """The two files of attendance, still with positions for pupils and school days."""

    absences: pd.DataFrame
    """`pupil, day, kind, session, delay` (positions in the school days, `KINDS`, `SESSIONS`; delay of entry in days)"""
    rolls: pd.DataFrame
    """`school, grade, class_number, day, expected, present, is_taken`"""


def attend(
    lives: Lives, away: pd.DataFrame, followed: pd.DataFrame, spells: pd.DataFrame, schools: int, seed: int
) -> Attendance:
    """Every absence written down and every roll called until the drop ends."""
    rng = timeline.stream(seed, "attendance")
    last = int(timeline.clock().at(LAST))
    habits = _Habits.drawn(schools, rng)
    runs = pd.concat([_long_runs(spells), _gone(lives, followed)], ignore_index=True)
    rows = pd.concat([_days_of(runs), _ordinary(lives, away, habits, rng)], ignore_index=True)
    rows = rows[(rows["day"] <= last) & _seated(lives, rows)]
    rows = rows.iloc[np.unique(rows["pupil"] * 2000 + rows["day"], return_index=True)[1]].reset_index(drop=True)
    rows = rows[_clear_before_gone(rows, lives, followed)].reset_index(drop=True)
    classes = _Classes(lives, last)
    taken = classes.roll_taken(habits, rng)
    key = classes.of(rows["pupil"].to_numpy(), rows["day"].to_numpy())
    rows = rows[taken[key, rows["day"]]].reset_index(drop=True)
    rows["delay"] = np.where(rows["is_run"], 0, rng.choice([0, 1, 2, 6], len(rows), p=[0.80, 0.15, 0.04, 0.01]))
    return Attendance(rows, classes.rolls(rows, taken, _off_the_list(lives, away, followed), rng))


def _seated(lives: Lives, rows: pd.DataFrame) -> np.ndarray:
    year = schooling.year_index(timeline.clock().school_days[rows["day"].to_numpy()])
    return lives.seats.grade[rows["pupil"].to_numpy(), year] > 0


@dataclass(frozen=True)
class _Habits:
    """How carefully each school writes down: share of rolls not taken, truancy entered as leave, or not at all."""

    untaken: np.ndarray
    softened: np.ndarray
    forgotten: np.ndarray

    @classmethod
    def drawn(cls, schools: int, rng: np.random.Generator) -> _Habits:
        careless = rng.random(schools) < 0.12
        untaken = rng.beta(1.2, 60, schools) + np.where(careless, rng.uniform(0.05, 0.15, schools), 0)
        return cls(untaken, rng.beta(1.5, 9, schools), rng.beta(1.2, 14, schools))


def _long_runs(spells: pd.DataFrame) -> pd.DataFrame:
    kind = np.where(spells["absence"] == _A.UNEXCUSED, _UNEXCUSED, _SICK)
    return pd.DataFrame(
        {"pupil": spells["pupil"], "first": spells["first"], "until": spells["first"] + spells["length"], "kind": kind}
    )


def _gone(lives: Lives, followed: pd.DataFrame) -> pd.DataFrame:
    """Unexcused absence of those who left, until they are back or off the list; and before a transfer is filed."""
    clock = timeline.clock()
    left = followed[followed["is_recorded"]]
    until = np.minimum(
        presence.for_ever(presence.days(left["returned_on"])), presence.for_ever(presence.days(left["change_on"]))
    )
    ends = lives.ends
    waited = np.flatnonzero((ends.kind == schooling.TRANSFER) & (ends.changed_on > ends.gone_on))
    first = np.concatenate([presence.days(left["left_on"]), ends.gone_on[waited]])
    last = np.concatenate([until, ends.accepted_on[waited]])
    return pd.DataFrame(
        {
            "pupil": np.concatenate([left["pupil"], waited]),
            "first": clock.at(first),
            "until": np.minimum(clock.at(last), clock.at(np.datetime64("2025-07-10"))),
            "kind": _UNEXCUSED,
        }
    )


def _days_of(runs: pd.DataFrame) -> pd.DataFrame:
    """A row for each school day of each run."""
    length = np.maximum((runs["until"] - runs["first"]).to_numpy(), 0)
    at = np.repeat(np.arange(len(runs)), length)
    offset = np.arange(length.sum()) - np.repeat(length.cumsum() - length, length)
    return pd.DataFrame(
        {
            "pupil": runs["pupil"].to_numpy()[at], "day": runs["first"].to_numpy()[at] + offset,
            "kind": runs["kind"].to_numpy()[at], "session": 0, "is_run": True,
        }
    )  # fmt: skip


def _ordinary(lives: Lives, away: pd.DataFrame, habits: _Habits, rng: np.random.Generator) -> pd.DataFrame:
    """Short absences of every month; a day out of class is no absence."""
    months = timeline.clock().months
    frames = [_month(lives, index, at, rng) for index, at in enumerate(months) if at < pd.Period("2025-02", "M")]
    rows = pd.concat(frames, ignore_index=True)
    days = timeline.clock().school_days[rows["day"].to_numpy()]
    rows = rows[~presence.outside(away, rows["pupil"].to_numpy(), days)]
    school = lives.seats.school[rows["pupil"], schooling.year_index(timeline.clock().school_days[rows["day"].to_numpy()])]
    draw = rng.random(len(rows))
    truant = (rows["kind"] == _UNEXCUSED).to_numpy()
    forgotten = truant & (draw < habits.forgotten[school])
    softened = truant & ~forgotten & (draw > 1 - habits.softened[school])
    return rows.assign(kind=np.where(softened, _LEAVE, rows["kind"]))[~forgotten]


def _month(lives: Lives, index: int, at: pd.Period, rng: np.random.Generator) -> pd.DataFrame:
    days = timeline.clock().days_of_month(index)
    p, grade = lives.people, lives.seats.grade[:, index // 12].astype(int)
    low = np.clip(lives.engagement[:, index] + 0.3, -3.5, 3)
    junior = grade >= 7
    share = len(days) / 21 * (grade > 0) * (p["placement"] != codes.Placement.HOME).to_numpy()
    winter = 1.5 if at.month in (11, 12, 1, 2) else 0.9
    bent = p["truancy_bent"].to_numpy()
    drifting = np.where(junior, DRIFTING_A_MONTH[1], DRIFTING_A_MONTH[0]) * lives.depth[:, index] * (0.5 + 0.5 * bent)
    rates = (
        np.where(junior, UNEXCUSED_A_MONTH[1], UNEXCUSED_A_MONTH[0]) * bent * np.exp(-0.85 * low) + drifting,
        SICK_A_MONTH * p["health"].to_numpy() * winter * np.where(junior, 0.8, 1.1),
        LEAVE_A_MONTH * np.where(p["is_migrant"], 1.4, 1) * (1.8 if at.month in (1, 2) else 1),
        LATE_A_MONTH * bent * np.exp(-0.4 * low),
    )
    frames = [_spells(kind, rng.poisson(np.minimum(rate, 4) * share), days, rng) for kind, rate in enumerate(rates)]
    return pd.concat(frames, ignore_index=True)


def _spells(kind: int, number: np.ndarray, days: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """That many spells of a kind for each pupil, day by day; short ones are often half a day."""
    who = np.repeat(np.arange(len(number)), number)
    longest = {_UNEXCUSED: 0.75, _SICK: 0.55, _LEAVE: 0.7, _LATE: 1.0}[kind]
    length = np.minimum(rng.geometric(longest, len(who)), 10)
    start = rng.choice(days, len(who)) if len(days) else np.zeros(0, int)
    runs = pd.DataFrame({"pupil": who[: len(start)], "first": start, "until": start + length[: len(start)], "kind": kind})
    rows = _days_of(runs).assign(is_run=False)
    half = rng.random(len(rows)) < 0.2
    morning = rng.random(len(rows)) < 0.5
    if kind == _LATE:
        return rows.assign(kind=np.where(morning, _LATE, _EARLY), session=np.where(morning, 1, 2))
    return rows.assign(session=np.where(half, np.where(morning, 1, 2), 0))


def _clear_before_gone(rows: pd.DataFrame, lives: Lives, followed: pd.DataFrame) -> np.ndarray:
    """Drop what stands in the three school days before someone is gone, so that the first missed day is plain."""
    ends = lives.ends
    waited = np.flatnonzero((ends.kind == schooling.TRANSFER) & ~np.isnat(ends.changed_on))
    starts = pd.DataFrame(
        {
            "pupil": np.concatenate([followed["pupil"], waited]),
            "start": timeline.clock().at(np.concatenate([presence.days(followed["left_on"]), ends.gone_on[waited]])),
        }
    )
    near = rows.reset_index(names="row")[["row", "pupil", "day"]].merge(starts, on="pupil")
    drop = near.loc[(near["day"] < near["start"]) & (near["day"] >= near["start"] - 3), "row"]
    keep = np.ones(len(rows), bool)
    keep[drop.to_numpy()] = False
    return keep


def _off_the_list(lives: Lives, away: pd.DataFrame, followed: pd.DataFrame) -> pd.DataFrame:
    """Stretches in which the class no longer counts a child: leaving from the change on, transfer from its acceptance."""
    left = pd.DataFrame(
        {"pupil": followed["pupil"], "from_on": followed["change_on"], "until_on": followed["returned_on"].fillna(pd.Timestamp("2100-01-01"))}
    ).dropna()
    others = away[~away["why"].isin(["leaving", "end"])][["pupil", "from_on", "until_on"]]
    ended = np.flatnonzero(lives.ends.kind != "")
    from_on = np.where(np.isnat(lives.ends.accepted_on[ended]), lives.ends.gone_on[ended], lives.ends.accepted_on[ended])
    gone = pd.DataFrame({"pupil": ended, "from_on": from_on, "until_on": pd.Timestamp("2100-01-01")})
    return pd.concat([left, others, gone], ignore_index=True)


class _Classes:
    """Every class of every year, numbered, with the days on which it is taught."""

    def __init__(self, lives: Lives, last: int) -> None:
        self.lives, self.days = lives, last + 1
        seats = lives.seats
        year = np.arange(schooling.YEARS)[None, :]
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
        year = schooling.year_index(date)
        moved = self.lives.seats.moved_on[pupil, year] <= date
        code = np.where(moved, self._second[pupil, year], self._first[pupil, year])
        return np.minimum(np.searchsorted(self.codes, code), len(self.codes) - 1)

    @property
    def school(self) -> np.ndarray:
        """The school of each class."""
        return self.codes // _MOST_CLASSES // 10 % 1000

    def roll_taken(self, habits: _Habits, rng: np.random.Generator) -> np.ndarray:
        """Class x day: whether the roll was called."""
        return rng.random((len(self.codes), self.days)) >= habits.untaken[self.school][:, None]

    def rolls(
        self, absences: pd.DataFrame, taken: np.ndarray, off: pd.DataFrame, rng: np.random.Generator
    ) -> pd.DataFrame:
        """A row for each class and day of its year; of rolls not taken, six in ten leave no row."""
        expected = self._expected(off)
        missing = np.zeros(taken.shape, np.int16)
        whole = absences[(absences["kind"] <= _LEAVE) & (absences["session"] <= 1)]
        np.add.at(missing, (self.of(whole["pupil"].to_numpy(), whole["day"].to_numpy()), whole["day"].to_numpy()), 1)
        year_of_day = schooling.year_index(timeline.clock().school_days[: self.days])
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
        for index in range(schooling.YEARS):
            who = off["pupil"].to_numpy()
            first, last = np.maximum(a, bounds[index]), np.minimum(b, bounds[index + 1])
            inside = (first < last) & (self.lives.seats.grade[who, index] > 0)
            self._count(change, who[inside], first[inside], last[inside], -1)
        return change.cumsum(axis=1)[:, :-1]

    def _count(self, change: np.ndarray, pupil: np.ndarray, first: np.ndarray, last: np.ndarray, sign: int) -> None:
        """Add a stretch of days of each pupil to the class, or to both classes where it moved in between."""
        seated = first < last
        pupil, first, last = pupil[seated], first[seated], last[seated]
        year = schooling.year_index(timeline.clock().school_days[first])
        moved = timeline.clock().at(presence.for_ever(self.lives.seats.moved_on[pupil, year]))
        cut = np.clip(moved, first, last)
        for code, start, stop in ((self._first, first, cut), (self._second, cut, last)):
            some = start < stop
            row = np.searchsorted(self.codes, code[pupil[some], year[some]])
            np.add.at(change, (row, start[some]), sign)
            np.add.at(change, (row, stop[some]), -sign)
