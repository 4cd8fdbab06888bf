"""Long stretches of absence that are not leaving, though from outside they look like it: truancy and long illness."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import presence, timeline
from baoxue.demo.lives import Lives

KINDS = (
    codes.Absence.UNEXCUSED, codes.Absence.SICK, codes.Absence.LEAVE, codes.Absence.LATE, codes.Absence.EARLY,
)  # fmt: skip
UNEXCUSED, SICK, LEAVE, LATE, EARLY = range(5)
SESSIONS = (codes.Session.DAY, codes.Session.MORNING, codes.Session.AFTERNOON)
"""How absences are kept until they are written: as positions in these."""

TRUANCY_A_MONTH = 0.0012
"""Chance of a stay away of 3-15 school days in a junior month at average engagement."""

LONG_ILLNESS_A_MONTH = 0.00012
LONGEST_TRUANCY = 15

COLUMNS = ("pupil", "first", "length", "absence", "why")
"""`first` is the position of the first missed school day, `length` school days, `absence` how it is written down."""


def spells(lives: Lives, away: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Truancy (`why` is `stray`) and long approved sick leave (`illness`), none of it inside a stretch out of class."""
    rng = timeline.stream(seed, "spells")
    frames = [_month(lives, index, rng) for index, at in enumerate(timeline.clock().months) if at.month not in (7, 8)]
    rows = pd.concat([*frames, _sick_before_suspension(lives, rng)], ignore_index=True)
    return _clear_of(away, rows)


def _month(lives: Lives, index: int, rng: np.random.Generator) -> pd.DataFrame:
    grade = lives.seats.grade[:, index // 12].astype(int)
    low = np.exp(-0.9 * np.clip(lives.engagement[:, index] + 0.3, -3, 3))
    bent = np.minimum(lives.people["truancy_bent"].to_numpy(), 4) * 0.5 + 0.5
    strays = rng.random(len(grade)) < TRUANCY_A_MONTH * low * bent * np.where(grade >= 7, 1, 0.08) * (grade > 0)
    health = lives.people["health"].to_numpy()
    ill = (rng.random(len(grade)) < LONG_ILLNESS_A_MONTH * health) & (grade > 0) & ~strays
    days = timeline.clock().days_of_month(index)
    parts = []
    for chosen, absence, why in ((strays, codes.Absence.UNEXCUSED, "stray"), (ill, codes.Absence.SICK, "illness")):
        who = np.flatnonzero(chosen)
        longest = np.where(rng.random(len(who)) < 0.25, LONGEST_TRUANCY, 7)
        length = rng.integers(3, longest + 1) if why == "stray" else rng.integers(20, 61, len(who))
        parts.append(
            pd.DataFrame(
                {"pupil": who, "first": rng.choice(days, len(who)), "length": length, "absence": absence, "why": why}
            )
        )
    return pd.concat(parts, ignore_index=True)


def _sick_before_suspension(lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    length = rng.integers(5, 16, len(lives.suspensions))
    first = timeline.clock().at(presence.days(lives.suspensions["from_on"])) - length
    rows = pd.DataFrame(
        {
            "pupil": lives.suspensions["pupil"],
            "first": first,
            "length": length,
            "absence": codes.Absence.SICK.value,
            "why": "illness",
        }
    )
    return rows[rows["first"] >= 0]


def _clear_of(away: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Without spells that touch a stretch out of class, or run over the end of the calendar, or into each other."""
    clock = timeline.clock()
    last = rows["first"] + rows["length"] - 1
    rows = rows[last < len(clock.school_days)]
    first_day = clock.school_days[rows["first"].to_numpy()]
    last_day = clock.school_days[(rows["first"] + rows["length"] - 1).to_numpy()]
    near = pd.DataFrame({"pupil": rows["pupil"].to_numpy(), "row": rows.index, "a": first_day - 4, "b": last_day + 4})
    met = near.merge(away, on="pupil")
    touched = met.loc[(met["a"] < met["until_on"]) & (met["b"] >= met["from_on"]), "row"]
    before_suspension = rows.index[rows["why"] == "illness"].intersection(touched.tolist())
    kept = rows.drop(index=touched.unique().tolist())
    ending = rows.loc[before_suspension]
    ending = ending[_ends_at_suspension(ending, away)]
    kept = pd.concat([kept, ending]).sort_values(["pupil", "first"], kind="stable")
    return kept[~kept.duplicated("pupil") | (kept["first"] - kept.groupby("pupil")["first"].shift() > 80)].reset_index(
        drop=True
    )


def _ends_at_suspension(rows: pd.DataFrame, away: pd.DataFrame) -> np.ndarray:
    """Sick leave that ends where a suspension begins, and touches nothing else."""
    clock = timeline.clock()
    begins = away[away["why"] == "suspension"].set_index("pupil")["from_on"]
    begin = begins.reindex(rows["pupil"]).to_numpy().astype("datetime64[D]")
    stops = clock.school_days[(rows["first"] + rows["length"]).clip(0, len(clock.school_days) - 1).to_numpy()]
    first_day = clock.school_days[rows["first"].to_numpy()]
    last_day = clock.school_days[(rows["first"] + rows["length"] - 1).to_numpy()]
    inside = presence.outside(away, rows["pupil"].to_numpy(), first_day) | presence.outside(
        away, rows["pupil"].to_numpy(), last_day
    )
    return (stops == begin) & ~inside


def with_long_illness(rows: pd.DataFrame, who: np.ndarray, seed: int) -> pd.DataFrame:
    """The spells, and approved sick leave over the day of the truth for the children chosen for it."""
    rng = timeline.stream(seed, "long illness")
    here = int(timeline.clock().at(timeline.LATEST_REGISTRY))
    first = here - rng.integers(22, 36, len(who))
    ill = pd.DataFrame(
        {
            "pupil": who,
            "first": first,
            "length": rng.integers(40, 56, len(who)),
            "absence": codes.Absence.SICK.value,
            "why": "illness",
        }
    )
    others = rows[~rows["pupil"].isin(who)]
    return pd.concat([others, ill], ignore_index=True)
