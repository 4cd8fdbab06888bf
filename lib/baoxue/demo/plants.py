"""What the registers must find: children chosen for each disagreement of INPUTS, and what is done to their lives.

Only children about whom nothing else is remarkable are chosen, each for one thing, so that a finding has one cause.
Rates are those of a county that keeps its registers fairly well; a tiny county gets a few of each all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue.demo import disagreements, presence, roles, timeline
from baoxue.demo.identities import school_area_numbers
from baoxue.demo.lives import Lives
from baoxue.demo.timeline import LATEST_REGISTRY

RATES: dict[str, tuple[float, int]] = {
    roles.NEVER_ENROLLED: (0.0006, 3),
    roles.UNREGISTERED: (0.0004, 2),
    roles.NOT_ARRIVED: (0.0002, 2),
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
    return {role: count(role, pupils) for role in (roles.NEVER_ENROLLED, roles.UNREGISTERED, roles.NOT_ARRIVED)}


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
    concealed, unrecorded = draw.take("concealed"), draw.take("unrecorded")
    disagreements.hide_leavings(lives, concealed, unrecorded, rng)
    transfers = disagreements.leave_unconfirmed(lives, count("transfer_unconfirmed", pupils), rng)
    disagreements.settle_around_the_day(lives)
    expired, unapproved = draw.take("suspension_expired"), draw.take("suspension_unapproved")
    disagreements.suspend(lives, expired, unapproved, rng)
    not_arrived = draw.take("not_arrived_junior", (lives.seats.grade[:, 3] == 7) & (lives.seats.grade[:, 2] == 6))
    disagreements.never_arrive(lives, not_arrived)
    return Plants(
        concealed, unrecorded, transfers, _hidden_among(transfers),
        expired, _hidden_among(expired), unapproved, not_arrived,
        draw.take("long_illness"),
        _duplicates(lives, draw, schools_of),
        _shared(draw),
        _unsupported(draw),
        draw.take("aid_unentitled"),
        draw.left(),
    )  # fmt: skip


def _hidden_among(children: np.ndarray) -> np.ndarray:
    return children[: max(1, int(len(children) * HIDDEN_DROPOUTS))]


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
