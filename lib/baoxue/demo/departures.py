"""Who goes when, and for how long: days of leaving and return, transfers, illness, death, emigration."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import engagement, timeline
from baoxue.demo.seating import DEATH, EMIGRATION, Ends
from baoxue.demo.timeline import NEVER, Days

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


def leaving_day(month: int, way: np.ndarray, rng: np.random.Generator) -> Days:
    """The first missed school day: anywhere in the month; the wave simply does not come when term begins."""
    days = timeline.clock().days_of_month(month)
    any_day = rng.choice(days, len(way))
    early = days[np.minimum((rng.random(len(way)) ** 3 * min(10, len(days))).astype(int), len(days) - 1)]
    return timeline.clock().school_days[np.where(way == engagement.WAVE, early, any_day)]


def return_day(left_on: Days, way: np.ndarray, grade: np.ndarray, year: int, rng: np.random.Generator) -> Days:
    """The day back in class, NaT for never; in grade 9 only while the class is still there."""
    after = SHORTEST_LEAVING + rng.lognormal(3.0, 0.9, len(way)).astype(int)
    back = timeline.clock().shift(left_on, after)
    chance = np.array([RETURNS[w] for w in range(3)])[way]
    last = timeline.term_end(timeline.YEARS[year], 2) - 14
    stays_away = (rng.random(len(way)) > chance) | ((grade == 9) & (back > last))
    return np.where(stays_away, NEVER, back)


def fates(people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Who would die or emigrate in which month: `pupil, month, kind`; a few of each even in a tiny county."""
    rng = timeline.stream(seed, "fates")
    school_months = [i for i, at in enumerate(timeline.clock().months) if at.month not in (7, 8)]
    frames = []
    for kind, rate in ((DEATH, DEATHS_A_YEAR), (EMIGRATION, EMIGRATIONS_A_YEAR)):
        count = max(6, round(len(people) * 0.7 * rate * len(timeline.YEARS)))
        who = rng.choice(len(people), count, replace=False)
        frames.append(pd.DataFrame({"pupil": who, "month": rng.choice(school_months, count), "kind": kind}))
    return pd.concat(frames, ignore_index=True).drop_duplicates("pupil")


def moves_away(people: pd.DataFrame, at: pd.Period, here: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Whose family leaves the county this month, of those who are here."""
    rate = np.where(people["is_migrant"], TRANSFERS_A_YEAR[1], TRANSFERS_A_YEAR[0])
    return here & (rng.random(len(here)) < rate * TRANSFER_SEASON.get(at.month, 0))


def transfer_days(count: int, days: np.ndarray, rng: np.random.Generator) -> tuple[Days, Days]:
    """The first day away and the day of the change: the same, or weeks later when the child was gone first."""
    clock = timeline.clock()
    gone = clock.school_days[np.where(rng.random(count) < 0.5, days[0], rng.choice(days, count))]
    waits = np.where(rng.random(count) < AWAY_BEFORE_TRANSFER, rng.integers(6, 26, count), 0)
    filed = clock.shift(gone, waits)
    return gone, np.where(np.isnat(filed), gone, filed)


def end(
    ends: Ends, who: np.ndarray, kind: str | np.ndarray, gone: Days, changed: Days, rng: np.random.Generator
) -> None:
    """Write the end of some school lives: kind, first day away, day of the change, and its acceptance days later."""
    ends.kind[who] = kind
    ends.gone_on[who], ends.changed_on[who] = gone, changed
    ends.accepted_on[who] = timeline.clock().workday(changed + rng.integers(0, 6, len(who)))


def suspensions(
    people: pd.DataFrame, at: pd.Period, here: np.ndarray, days: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Illness that needs a year: applied for, approved, and ended by coming back; none begins in June."""
    ill = people["health"].to_numpy() + 0.6 * people["anxiety"].to_numpy()
    junior = people["entry"].to_numpy() <= at.year - 6
    chance = SUSPENSIONS_A_YEAR / 9 * ill / 1.7 * np.where(junior, 1.6, 0.7) * (at.month != 6)
    who = np.flatnonzero(here & (rng.random(len(here)) < chance))
    clock = timeline.clock()
    on = clock.school_days[rng.choice(days, len(who))]
    accepted = clock.workday(on + rng.integers(0, 5, len(who)))
    until = on + 365
    return pd.DataFrame(
        {
            "pupil": who,
            "from_on": on,
            "until_on": until,
            "accepted_on": accepted,
            "reviewed_on": clock.workday(accepted + rng.integers(2, 19, len(who))),
            "review": codes.Review.PASSED.value,
            "resumed_on": clock.shift(until + 1, rng.integers(0, 3, len(who))),
        }
    )
