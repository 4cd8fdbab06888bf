"""What planting does to a life: hidden leavings, unconfirmed transfers, suspensions without an end or an approval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import engagement, seating, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.timeline import LATEST_HOUSEHOLDS, LATEST_REGISTRY, NEVER, Days


def hide_leavings(lives: Lives, concealed: np.ndarray, unrecorded: np.ndarray, rng: np.random.Generator) -> None:
    """Leavings of the autumn of 2024 that no list of changes and no case shows.

    `concealed`: still on the class roster, though absent without leave for weeks. `unrecorded`: not on the roster
    either, and no absence written down.
    """
    clock = timeline.clock()
    here = int(clock.at(LATEST_REGISTRY))
    first = here - np.concatenate([rng.integers(27, 38, len(concealed)), rng.integers(4, 16, len(unrecorded))])
    who = np.concatenate([concealed, unrecorded])
    rows = pd.DataFrame({"pupil": who, "left_on": clock.school_days[first], "way": engagement.SUDDEN})
    rows["returned_on"] = pd.Series(NEVER, index=rows.index).astype("datetime64[s]")
    lives.leavings = pd.concat([lives.leavings, rows], ignore_index=True)
    _not_at_risk_after(lives, who, clock.school_days[first])


def _not_at_risk_after(lives: Lives, who: np.ndarray, gone_on: Days) -> None:
    month = gone_on.astype("datetime64[M]") - np.datetime64("2021-09", "M")
    later = np.arange(lives.hazard.shape[1])[None, :] > month.astype(int)[:, None]
    lives.hazard[who] = np.where(later, np.nan, lives.hazard[who])


def leave_unconfirmed(lives: Lives, wanted: int, rng: np.random.Generator) -> np.ndarray:
    """Take the confirmation from some transfers out, recent ones first; returns whose.

    All went before the latest household register was drawn up, so that it knows they are not here.
    """
    ends = lives.ends
    window = (ends.changed_on >= np.datetime64("2022-02-01")) & (ends.gone_on < LATEST_HOUSEHOLDS)
    window &= ends.changed_on <= np.datetime64("2024-10-18")
    late = window & (ends.changed_on >= np.datetime64("2023-09-01")) & (ends.kind == seating.TRANSFER)
    early = window & (ends.kind == seating.TRANSFER) & ~late
    candidates = np.concatenate([rng.permutation(np.flatnonzero(late)), rng.permutation(np.flatnonzero(early))])
    chosen = np.sort(candidates[:wanted])
    ends.confirmed_on[chosen] = NEVER
    ends.off_registry_on[chosen] = ends.accepted_on[chosen] + 30
    return chosen


def settle_around_the_day(lives: Lives) -> None:
    """Ordinary changes of October 2024 are through by the day of the truth, so that none is open by a day or two."""
    ends = lives.ends
    due = (ends.changed_on <= np.datetime64("2024-10-31")) & (ends.confirmed_on > np.datetime64("2024-11-28"))
    ends.confirmed_on[due] = np.datetime64("2024-11-28")
    ends.off_registry_on[due] = np.minimum(ends.off_registry_on[due], ends.confirmed_on[due])
    day = LATEST_REGISTRY
    filed = (ends.changed_on <= day) & (ends.accepted_on > day)
    ends.accepted_on[filed] = day
    at_once = filed & np.isin(ends.kind, (seating.DEATH, seating.EMIGRATION))
    ends.off_registry_on[at_once] = day
    rows = lives.suspensions
    rows.loc[(rows["from_on"] <= day) & (rows["accepted_on"] > day), "accepted_on"] = pd.Timestamp(day)
    open_end = (rows["until_on"] >= "2024-11-15") & (rows["until_on"] <= "2024-12-01") & rows["resumed_on"].notna()
    rows.loc[open_end, "until_on"] = pd.Timestamp("2024-12-10")
    rows.loc[open_end, "resumed_on"] = pd.Timestamp("2024-12-11")


def suspend(lives: Lives, expired: np.ndarray, unapproved: np.ndarray, rng: np.random.Generator) -> None:
    """Suspensions that ended without a return, and suspensions that nobody approved."""
    clock = timeline.clock()
    long_ago = np.datetime64("2023-09-18") + rng.integers(0, 50, len(expired))
    lately = np.datetime64("2024-03-11") + rng.integers(0, 200, len(unapproved))
    start = clock.shift(np.concatenate([long_ago, lately]), 0)
    accepted = clock.workday(start + rng.integers(0, 4, len(start)))
    is_expired = np.arange(len(start)) < len(expired)
    sent_back = ~is_expired & (rng.random(len(start)) < 0.4)
    review = np.where(
        is_expired,
        codes.Review.PASSED.value,
        np.where(sent_back, codes.Review.RETURNED.value, codes.Review.PENDING.value),
    )
    reviewed = np.where(is_expired | sent_back, clock.workday(accepted + rng.integers(4, 16, len(start))), NEVER)
    rows = pd.DataFrame(
        {
            "pupil": np.concatenate([expired, unapproved]), "from_on": start, "until_on": start + 365,
            "accepted_on": accepted, "reviewed_on": reviewed, "review": review,
            "resumed_on": np.full(len(start), NEVER),
        }
    )  # fmt: skip
    lives.suspensions = pd.concat([lives.suspensions, rows], ignore_index=True)
    _not_at_risk_after(lives, rows["pupil"].to_numpy(), start)


def never_arrive(lives: Lives, who: np.ndarray) -> None:
    """Finished primary school in 2024, admitted to junior school, never seen there."""
    lives.ends.kind[who] = seating.NOT_ARRIVED
    lives.ends.gone_on[who] = timeline.term_end(2023, 2)
    lives.ends.off_registry_on[who] = timeline.september(2024) - 1
    lives.seats.grade[who, 3] = 0
    lives.hazard[who, 36:] = np.nan
