"""Who sits in class on a day, who is away and since when: asked by attendance, rosters, registry and truth alike."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue.demo import seating
from baoxue.demo.lives import FOR_EVER, Lives
from baoxue.demo.timeline import Days


def absences_from_class(lives: Lives) -> pd.DataFrame:
    """Every stretch out of class: `pupil, from_on, until_on` (excluded; `FOR_EVER` if never back), `why`.

    `why` is `before` (not here yet), `leaving`, `suspension` or `end` (transfer, death, emigration, graduation).
    """
    joined, ill = days(lives.people["joined_on"]), lives.suspensions
    ended = np.flatnonzero(lives.ends.kind != "")
    parts = [
        ("before", np.arange(len(joined)), np.full(len(joined), np.datetime64("1900-01-01", "D")), joined),
        ("leaving", lives.leavings["pupil"], days(lives.leavings["left_on"]), days(lives.leavings["returned_on"])),
        ("suspension", ill["pupil"], days(ill["from_on"]), days(ill["resumed_on"])),
        ("end", ended, lives.ends.gone_on[ended], np.full(len(ended), FOR_EVER)),
    ]  # fmt: skip
    return pd.concat(
        [
            pd.DataFrame({"pupil": np.asarray(who), "from_on": start, "until_on": for_ever(until), "why": why})
            for why, who, start, until in parts
        ],
        ignore_index=True,
    )


def sitting(lives: Lives, away: pd.DataFrame, day: np.datetime64) -> np.ndarray:
    """Whether each pupil really sits in class on a day."""
    gone = away.loc[(away["from_on"] <= day) & (away["until_on"] > day), "pupil"].to_numpy()
    sits = lives.seats.grade[:, seating.year_index(day)] > 0
    sits[gone] = False
    return sits


def outside(away: pd.DataFrame, pupil: np.ndarray, day: Days) -> np.ndarray:
    """For each pair of pupil and day, whether the day lies in one of the pupil's stretches out of class."""
    pairs = pd.DataFrame({"pupil": pupil, "day": day, "row": np.arange(len(pupil))})
    candidates = pairs.merge(away, on="pupil")
    hits = candidates.loc[
        (candidates["day"] >= candidates["from_on"]) & (candidates["day"] < candidates["until_on"]), "row"
    ]
    out = np.zeros(len(pupil), bool)
    out[hits.to_numpy()] = True
    return out


def days(column: pd.Series) -> Days:
    """A column of dates as `datetime64[D]`."""
    return column.to_numpy().astype("datetime64[D]")


def for_ever(until: Days) -> Days:
    """NaT read as never."""
    return np.where(np.isnat(until), FOR_EVER, until)
