"""What the registers must find: children chosen for each disagreement of INPUTS, and what is done to their lives.

Only children about whom nothing else is remarkable are chosen, each for one thing, so that a finding has one cause.
Rates are those of a county that keeps its registers fairly well; a tiny county gets a few of each all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import engagement, people, presence, schooling, timeline
from baoxue.demo.identities import school_area_numbers
from baoxue.demo.lives import Lives
from baoxue.demo.timeline import LATEST_REGISTRY, NEVER, Days

RATES: dict[str, tuple[float, int]] = {
    people.NEVER_ENROLLED: (0.0006, 3),
    people.UNREGISTERED: (0.0004, 2),
    people.NOT_ARRIVED: (0.0002, 2),
    "not_arrived_junior": (0.0002, 2),
    "concealed": (0.0002, 2),
    "unrecorded": (0.0002, 2),
    "transfer_unconfirmed": (0.0006, 2),
    "suspension_expired": (0.0003, 2),
    "suspension_unapproved": (0.0003, 2),
    "long_illness": (0.0002, 2),
    "duplicate_same_school": (0.0002, 1),
    "duplicate_two_schools": (0.0002, 1),
    "shared_number": (0.0002, 1),
    "unsupported_disability": (0.0002, 1),
    "unsupported_orphan": (0.0001, 1),
    "aid_unentitled": (0.0006, 3),
}
"""Share of pupils and least number."""

HIDDEN_DROPOUTS = 1 / 3
"""Of unconfirmed transfers and of expired suspensions: the child has in truth left school."""

QUIET_FROM = timeline.september(2023)
"""A child chosen for a disagreement has had an ordinary school life at least since then."""


@dataclass
class Plants:
    """The children chosen, as positions among pupils, and what belongs to each choice."""

    concealed: np.ndarray
    unrecorded: np.ndarray
    transfer_unconfirmed: np.ndarray
    transfer_dropouts: np.ndarray
    suspension_expired: np.ndarray
    suspension_dropouts: np.ndarray
    suspension_unapproved: np.ndarray
    not_arrived: np.ndarray
    long_illness: np.ndarray
    duplicates: pd.DataFrame
    """`pupil, registry_number, school, since`"""
    shared: pd.DataFrame
    """`pupil, owner, since`: `pupil` stands on the registry under the owner's number"""
    unsupported: pd.DataFrame
    """`pupil, mark, since`"""
    aid_unentitled: np.ndarray
    ordinary: np.ndarray
    """Pupils of the pool who were chosen for nothing."""


def extras(pupils: int) -> dict[str, int]:
    """How many children who are not pupils to add to a county of that size, by role."""
    return {role: count(role, pupils) for role in (people.NEVER_ENROLLED, people.UNREGISTERED, people.NOT_ARRIVED)}


def count(kind: str, pupils: int) -> int:
    """How many to choose."""
    rate, least = RATES[kind]
    return max(least, round(rate * pupils))


def plant(lives: Lives, pupils: int, schools_of: np.ndarray, seed: int) -> Plants:
    """Choose children and change their lives accordingly: leavings, ends, suspensions and seats of `lives`.

    `schools_of` gives for each pupil another school of the same stage, for a second record.
    """
    rng = timeline.stream(seed, "plants")
    draw = _Draw(_ordinary_pupils(lives), rng, pupils)
    concealed, unrecorded = _hide_leavings(lives, draw)
    transfers, transfer_dropouts = _leave_unconfirmed(lives, count("transfer_unconfirmed", pupils), rng)
    _settle_around_the_day(lives)
    expired, unapproved = draw.take("suspension_expired"), draw.take("suspension_unapproved")
    _suspend(lives, expired, unapproved, rng)
    not_arrived = draw.take("not_arrived_junior", (lives.seats.grade[:, 3] == 7) & (lives.seats.grade[:, 2] == 6))
    _never_arrive(lives, not_arrived)
    return Plants(
        concealed, unrecorded, transfers, transfer_dropouts,
        expired, expired[: max(1, int(len(expired) * HIDDEN_DROPOUTS))], unapproved, not_arrived,
        draw.take("long_illness"),
        _duplicates(lives, draw, schools_of),
        _shared(draw),
        _unsupported(draw),
        draw.take("aid_unentitled"),
        draw.left(),
    )  # fmt: skip


class _Draw:
    """Takes children out of the pool, each once."""

    def __init__(self, pool: np.ndarray, rng: np.random.Generator, pupils: int) -> None:
        self._free, self.rng, self.pupils = pool.copy(), rng, pupils

    def take(self, kind: str, among: np.ndarray | None = None, times: int = 1) -> np.ndarray:
        """As many as the rate of that kind says, sorted; ValueError if the county is too small for them."""
        free = np.flatnonzero(self._free if among is None else self._free & among)
        wanted = count(kind, self.pupils) * times
        if len(free) < wanted:
            raise ValueError(f"{kind}: {wanted} ordinary pupils wanted, {len(free)} left")
        chosen = np.sort(self.rng.choice(free, wanted, replace=False))
        self._free[chosen] = False
        return chosen

    def left(self) -> np.ndarray:
        """Those not taken."""
        return np.flatnonzero(self._free)


def _ordinary_pupils(lives: Lives) -> np.ndarray:
    """Here, in class and on no department's list since `QUIET_FROM`, formal number, never left, moved or fell ill."""
    p = lives.people
    quiet = (lives.ends.kind == "") & (presence.days(p["joined_on"]) <= QUIET_FROM)
    quiet &= (lives.seats.grade[:, 2] > 0) & (lives.seats.grade[:, 3] > 0)
    for events in (lives.leavings["pupil"], lives.suspensions["pupil"]):
        quiet[events.to_numpy()] = False
    moved = lives.moves.loc[presence.days(lives.moves["on"]) >= QUIET_FROM, "pupil"]
    quiet[moved.to_numpy()] = False
    plain = ~p["is_poor"] & ~p["is_orphan"] & ~p["is_unsupported"] & (p["disability"] == "") & (p["left_behind"] == 0)
    return np.asarray(quiet & plain & p["registry_number"].str.startswith("G") & p["has_id"])


def _hide_leavings(lives: Lives, draw: _Draw) -> tuple[np.ndarray, np.ndarray]:
    """Leavings of the autumn of 2024 that no list of changes and no case shows.

    `concealed`: still on the class roster, though absent without leave for weeks. `unrecorded`: not on the roster
    either, and no absence written down.
    """
    clock = timeline.clock()
    here = int(clock.at(LATEST_REGISTRY))
    concealed, unrecorded = draw.take("concealed"), draw.take("unrecorded")
    first = np.concatenate(
        [here - draw.rng.integers(27, 38, len(concealed)), here - draw.rng.integers(4, 16, len(unrecorded))]
    )
    who = np.concatenate([concealed, unrecorded])
    rows = pd.DataFrame({"pupil": who, "left_on": clock.school_days[first], "way": engagement.SUDDEN})
    rows["returned_on"] = pd.Series(NEVER, index=rows.index).astype("datetime64[s]")
    lives.leavings = pd.concat([lives.leavings, rows], ignore_index=True)
    _not_at_risk_after(lives, who, clock.school_days[first])
    return concealed, unrecorded


def _not_at_risk_after(lives: Lives, who: np.ndarray, gone_on: Days) -> None:
    month = gone_on.astype("datetime64[M]") - np.datetime64("2021-09", "M")
    later = np.arange(lives.hazard.shape[1])[None, :] > month.astype(int)[:, None]
    lives.hazard[who] = np.where(later, np.nan, lives.hazard[who])


def _leave_unconfirmed(lives: Lives, wanted: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Transfers out that no school ever confirmed, and those of them who went to no school."""
    ends = lives.ends
    window = (ends.changed_on >= np.datetime64("2022-02-01")) & (ends.changed_on <= np.datetime64("2024-10-18"))
    late = window & (ends.changed_on >= np.datetime64("2023-09-01")) & (ends.kind == schooling.TRANSFER)
    early = window & (ends.kind == schooling.TRANSFER) & ~late
    candidates = np.concatenate([rng.permutation(np.flatnonzero(late)), rng.permutation(np.flatnonzero(early))])
    chosen = np.sort(candidates[:wanted])
    ends.confirmed_on[chosen] = NEVER
    ends.off_registry_on[chosen] = ends.accepted_on[chosen] + 30
    return chosen, chosen[: max(1, int(wanted * HIDDEN_DROPOUTS))]


def _settle_around_the_day(lives: Lives) -> None:
    """Ordinary changes of October 2024 are through by the day of the truth, so that none is open by a day or two."""
    ends = lives.ends
    due = (ends.changed_on <= np.datetime64("2024-10-31")) & (ends.confirmed_on > np.datetime64("2024-11-28"))
    ends.confirmed_on[due] = np.datetime64("2024-11-28")
    ends.off_registry_on[due] = np.minimum(ends.off_registry_on[due], ends.confirmed_on[due])
    day = LATEST_REGISTRY
    filed = (ends.changed_on <= day) & (ends.accepted_on > day)
    ends.accepted_on[filed] = day
    at_once = filed & np.isin(ends.kind, (schooling.DEATH, schooling.EMIGRATION))
    ends.off_registry_on[at_once] = day
    rows = lives.suspensions
    rows.loc[(rows["from_on"] <= day) & (rows["accepted_on"] > day), "accepted_on"] = pd.Timestamp(day)
    open_end = (rows["until_on"] >= "2024-11-15") & (rows["until_on"] <= "2024-12-01") & rows["resumed_on"].notna()
    rows.loc[open_end, "until_on"] = pd.Timestamp("2024-12-10")
    rows.loc[open_end, "resumed_on"] = pd.Timestamp("2024-12-11")


def _suspend(lives: Lives, expired: np.ndarray, unapproved: np.ndarray, rng: np.random.Generator) -> None:
    """Suspensions that ended without a return, and suspensions that nobody approved."""
    clock = timeline.clock()
    long_ago = np.datetime64("2023-09-18") + rng.integers(0, 50, len(expired))
    lately = np.datetime64("2024-03-11") + rng.integers(0, 200, len(unapproved))
    start = clock.shift(np.concatenate([long_ago, lately]), 0)
    accepted = clock.workday(start + rng.integers(0, 4, len(start)))
    is_expired = np.arange(len(start)) < len(expired)
    sent_back = ~is_expired & (rng.random(len(start)) < 0.4)
    review = np.where(is_expired, codes.Review.PASSED.value, np.where(sent_back, codes.Review.RETURNED.value, codes.Review.PENDING.value))
    reviewed = np.where(is_expired | sent_back, clock.workday(accepted + rng.integers(4, 16, len(start))), NEVER)
    rows = pd.DataFrame(
        {
            "pupil": np.concatenate([expired, unapproved]), "from_on": start, "until_on": start + 365,
            "accepted_on": accepted, "reviewed_on": reviewed, "review": review, "resumed_on": np.full(len(start), NEVER),
        }
    )  # fmt: skip
    lives.suspensions = pd.concat([lives.suspensions, rows], ignore_index=True)
    _not_at_risk_after(lives, rows["pupil"].to_numpy(), start)


def _never_arrive(lives: Lives, who: np.ndarray) -> None:
    """Finished primary school in 2024, admitted to junior school, never seen there."""
    lives.ends.kind[who] = schooling.NOT_ARRIVED
    lives.ends.gone_on[who] = timeline.term_end(2023, 2)
    lives.ends.off_registry_on[who] = timeline.september(2024) - 1
    lives.seats.grade[who, 3] = 0
    lives.hazard[who, 36:] = np.nan


def _duplicates(lives: Lives, draw: _Draw, schools_of: np.ndarray) -> pd.DataFrame:
    same, other = draw.take("duplicate_same_school"), draw.take("duplicate_two_schools")
    who = np.concatenate([same, other])
    own_school = lives.seats.on(LATEST_REGISTRY)[1]
    birth = presence.days(lives.people["birth"])[who]
    return pd.DataFrame(
        {
            "pupil": who,
            "registry_number": school_area_numbers("J", birth, 50 + np.arange(len(who))),
            "school": np.where(np.arange(len(who)) < len(same), own_school[who], schools_of[who]),
            "since": draw.rng.choice(np.array(timeline.REGISTRY_DAYS[5:8]), len(who)),
        }
    )


def _shared(draw: _Draw) -> pd.DataFrame:
    pairs = draw.take("shared_number", times=2)
    half = len(pairs) // 2
    since = draw.rng.choice(np.array(timeline.REGISTRY_DAYS[5:8]), half)
    return pd.DataFrame({"pupil": pairs[:half], "owner": pairs[half:], "since": since})


def _unsupported(draw: _Draw) -> pd.DataFrame:
    marks = [("disability", draw.take("unsupported_disability")), ("orphan", draw.take("unsupported_orphan"))]
    rows = pd.concat([pd.DataFrame({"pupil": who, "mark": mark}) for mark, who in marks], ignore_index=True)
    return rows.assign(since=draw.rng.choice(np.array(timeline.REGISTRY_DAYS[5:8]), len(rows)))
