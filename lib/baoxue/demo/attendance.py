"""Absences and roll calls: what a school writes down of who was missing, and what it forgets.

Counts have the long right tail of real absence (Miguel and Kremer's Kenyan pupils: three in four never missing in four
weeks, a few missing ten days), at a coastal county's lower level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import presence, rollcalls, seating, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.spells import EARLY, LATE, LEAVE, SICK, UNEXCUSED
from baoxue.demo.timeline import LAST

SICK_A_MONTH, LEAVE_A_MONTH, LATE_A_MONTH = 0.11, 0.05, 0.03
UNEXCUSED_A_MONTH = (0.003, 0.022)
"""Spells per pupil and month at average engagement: primary, junior."""

DRIFTING_A_MONTH = (0.25, 0.85)
"""More of them for each unit by which engagement is below a child's own threshold: primary, junior."""


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
    habits = rollcalls.Habits.drawn(schools, rng)
    runs = pd.concat([_long_runs(spells), _gone(lives, followed)], ignore_index=True)
    rows = pd.concat([_days_of(runs), _ordinary(lives, away, habits, rng)], ignore_index=True)
    rows = rows[(rows["day"] <= last) & _seated(lives, rows)]
    rows = rows.iloc[np.unique(rows["pupil"] * 2000 + rows["day"], return_index=True)[1]].reset_index(drop=True)
    rows = rows[_clear_before_gone(rows, lives, followed)].reset_index(drop=True)
    classes = rollcalls.Classes(lives, last)
    taken = classes.roll_taken(habits, rng)
    key = classes.of(rows["pupil"].to_numpy(), rows["day"].to_numpy())
    rows = rows[taken[key, rows["day"]]].reset_index(drop=True)
    rows["delay"] = np.where(rows["is_run"], 0, rng.choice([0, 1, 2, 6], len(rows), p=[0.80, 0.15, 0.04, 0.01]))
    return Attendance(rows, classes.rolls(rows, taken, rollcalls.off_the_list(lives, away, followed), rng))


def _seated(lives: Lives, rows: pd.DataFrame) -> np.ndarray:
    year = seating.year_index(timeline.clock().school_days[rows["day"].to_numpy()])
    return lives.seats.grade[rows["pupil"].to_numpy(), year] > 0


def _long_runs(spells: pd.DataFrame) -> pd.DataFrame:
    kind = np.where(spells["absence"] == codes.Absence.UNEXCUSED, UNEXCUSED, SICK)
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
    waited = np.flatnonzero((ends.kind == seating.TRANSFER) & (ends.changed_on > ends.gone_on))
    first = np.concatenate([presence.days(left["left_on"]), ends.gone_on[waited]])
    last = np.concatenate([until, ends.accepted_on[waited]])
    return pd.DataFrame(
        {
            "pupil": np.concatenate([left["pupil"], waited]),
            "first": clock.at(first),
            "until": np.minimum(clock.at(last), clock.at(np.datetime64("2025-07-10"))),
            "kind": UNEXCUSED,
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


def _ordinary(lives: Lives, away: pd.DataFrame, habits: rollcalls.Habits, rng: np.random.Generator) -> pd.DataFrame:
    """Short absences of every month; a day out of class is no absence."""
    months = timeline.clock().months
    frames = [_month(lives, index, at, rng) for index, at in enumerate(months) if at < pd.Period("2025-02", "M")]
    rows = pd.concat(frames, ignore_index=True)
    days = timeline.clock().school_days[rows["day"].to_numpy()]
    rows = rows[~presence.outside(away, rows["pupil"].to_numpy(), days)]
    school = lives.seats.school[rows["pupil"], seating.year_index(timeline.clock().school_days[rows["day"].to_numpy()])]
    draw = rng.random(len(rows))
    truant = (rows["kind"] == UNEXCUSED).to_numpy()
    forgotten = truant & (draw < habits.forgotten[school])
    softened = truant & ~forgotten & (draw > 1 - habits.softened[school])
    return rows.assign(kind=np.where(softened, LEAVE, rows["kind"]))[~forgotten]


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
    longest = {UNEXCUSED: 0.75, SICK: 0.55, LEAVE: 0.7, LATE: 1.0}[kind]
    length = np.minimum(rng.geometric(longest, len(who)), 10)
    start = rng.choice(days, len(who)) if len(days) else np.zeros(0, int)
    runs = pd.DataFrame(
        {"pupil": who[: len(start)], "first": start, "until": start + length[: len(start)], "kind": kind}
    )
    rows = _days_of(runs).assign(is_run=False)
    half = rng.random(len(rows)) < 0.2
    morning = rng.random(len(rows)) < 0.5
    if kind == LATE:
        return rows.assign(kind=np.where(morning, LATE, EARLY), session=np.where(morning, 1, 2))
    return rows.assign(session=np.where(half, np.where(morning, 1, 2), 0))


def _clear_before_gone(rows: pd.DataFrame, lives: Lives, followed: pd.DataFrame) -> np.ndarray:
    """Drop what stands in the three school days before someone is gone, so that the first missed day is plain."""
    ends = lives.ends
    waited = np.flatnonzero((ends.kind == seating.TRANSFER) & ~np.isnat(ends.changed_on))
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
