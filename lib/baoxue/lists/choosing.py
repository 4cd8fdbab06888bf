"""Whom to list at the capacity of the staff, and whom not again: a case, a visit or a leave is already in hand."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue import features, labels
from baoxue.cases.answered import answers, open_objections
from baoxue.cases.states import OPEN, states
from baoxue.features import Visits

if TYPE_CHECKING:
    from baoxue.store import Known

HANDLED = ("open_case", "objection", "visited", "on_leave")
"""What is already in hand for a pupil, in order of precedence."""


def handled(known: Known) -> pd.Series:
    """What is already in hand for pupils on the registry: pupil -> one of `HANDLED`.

    `open_case`: a case in which somebody still has to act. `objection`: the family objected to a list, and nobody has
    answered yet. `visited`: a persuasion visit, or one that a list asked for, within `visited_days`. `on_leave`: an
    approved suspension.
    """
    since = known.as_of - dt.timedelta(days=features.visits().visited_days)
    cases = states(known).filter(ibis._.state.isin([state.value for state in OPEN]))
    visits = known.table("visits").select("pupil", "visited_on").union(answers(known).select("pupil", "visited_on"))
    visits = visits.filter(visits.visited_on > since)
    objections = open_objections(known).select("pupil").to_pandas()["pupil"]
    standing = labels.standing(known)
    found = pd.Series(index=standing.index, dtype="str", name="handled").mask(standing == "on_leave", "on_leave")
    found = found.mask(standing.index.isin(visits.select("pupil").to_pandas()["pupil"]), "visited")
    found = found.mask(standing.index.isin(objections), "objection")
    return found.mask(standing.index.isin(cases.select("pupil").to_pandas()["pupil"]), "open_case").dropna()


def choose(scores: pd.DataFrame, in_hand: pd.Series, county: Visits | None = None) -> pd.DataFrame:
    """The scores with `listed` and `handled`: the highest ranks at the capacity, without those in hand.

    The capacity is `capacity_pct` of the pupils scored, rounded up, of the county or of each school (`capacity_scope`);
    `county` takes the place of the policy file. A pupil without any sign is passed over, since a visitor would not know
    what to ask; the next rank takes the place.
    """
    policy = county or features.visits()
    frame = scores.assign(handled=scores["pupil"].map(in_hand).astype("str"))
    can_be_listed = frame["scored"] & frame["handled"].isna() & frame["reason_1"].notna()
    whole = frame["school_code"] if policy.capacity_scope == "school" else pd.Series("", index=frame.index)
    places = frame["scored"].groupby(whole).transform("sum").map(lambda pupils: capacity(pupils, policy))
    order = frame["rank"].where(can_be_listed).groupby(whole).rank(method="first")
    return frame.assign(listed=(order <= places).fillna(False).astype(bool))


def capacity(pupils: int, county: Visits | None = None) -> int:
    """How many of so many pupils can be visited in one round; at least one if there is anybody.

    >>> capacity(12_000), capacity(7), capacity(0)
    (240, 1, 0)
    """
    # rounded first: 2 % of 12,000 is 240.00000000000003 in binary
    return math.ceil(round(pupils * (county or features.visits()).capacity_pct / 100, 6))
