"""The label of each pupil as of a day: left within the horizon, stayed, or not to be told and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from baoxue import features
from baoxue.labels.definitions import CONCLUDED, DEFINITIONS
from baoxue.labels.standing import NOT_AT_RISK, endings, standing

if TYPE_CHECKING:
    from baoxue.store import Known, Store

EXCLUSIONS = (*NOT_AT_RISK, "left_unnoticed", "untraced")
"""Why a pupil has no label. `left_unnoticed`: was already away, which became known later; `untraced`: gone from the
registry without a change on record, so nobody knows."""


def left_within(
    store: Store | Known,
    as_of: dt.date,
    months: int | None = None,
    known_until: dt.date | None = None,
    definition: str = "confirmed",
) -> pd.DataFrame:
    """Whether each pupil on the registry on `as_of` left within the horizon: `left`, `left_on`, `reason`, by pupil.

    `left` is True, False or missing; `reason` says why it is missing (`EXCLUSIONS`). A leaving counts if its first day
    lies after `as_of` and on or before the same day `months` later, and if it was known by `known_until` (default: the
    end of the horizon and `confirmation_days`), so that no label knows more than the county did on that day. A pupil
    who left and came back within the horizon has left. Whoever transferred, emigrated, died or was suspended first has
    no label; whoever graduated first stayed (False, with the reason): else those who leave in the last spring would be
    the only pupils of grade 9. A conclusion 辍学 outweighs a change on record before it, since whoever concluded had
    seen that change. Raises ValueError if `known_until` lies before the end of the horizon, KeyError for a
    definition that is not in `DEFINITIONS`.
    """
    county = features.visits()
    end = features.horizon_end(as_of, months or county.horizon_months)
    until = known_until or end + dt.timedelta(days=county.confirmation_days)
    if until < end:
        raise ValueError(f"the horizon after {as_of} ends on {end}; what happened in it cannot be known by {until}")
    return labelled(store.known_by(as_of), store.known_by(until), end, definition)


def labelled(then: Known, later: Known, end: dt.date, definition: str) -> pd.DataFrame:
    """`left_within` for a day and a later day already opened."""
    return labelled_by(then, later, end, [definition])[definition]


def labelled_by(then: Known, later: Known, end: dt.date, definitions: Sequence[str]) -> dict[str, pd.DataFrame]:
    """`labelled` under each definition."""
    reasons, ended = standing(then), endings(then, later, end)
    found = {name: DEFINITIONS[name](then, later, end).to_pandas() for name in definitions}
    return {name: _label(reasons, ended, episodes, then.as_of, end, name) for name, episodes in found.items()}


def _label(
    reasons: pd.Series, ended: pd.DataFrame, episodes: pd.DataFrame, as_of: dt.date, end: dt.date, definition: str
) -> pd.DataFrame:
    frame = _episodes_within(reasons, episodes, as_of, end)
    ended = ended.reindex(frame.index)
    stayed = frame["left_on"].isna()
    came_first = stayed if definition in CONCLUDED else stayed | (ended["ended_on"] <= frame["left_on"])
    is_ended = frame["reason"].isna() & ended["reason"].notna() & came_first
    left = frame["left"].mask(is_ended, False).mask(is_ended & (ended["reason"] != "graduated"))
    reason = frame["reason"].mask(is_ended, ended["reason"])
    return pd.DataFrame({"left": left, "left_on": frame["left_on"].mask(is_ended), "reason": reason})


def _episodes_within(reasons: pd.Series, episodes: pd.DataFrame, as_of: dt.date, end: dt.date) -> pd.DataFrame:
    left_on, returned_on = (pd.to_datetime(episodes[name]) for name in ("left_on", "returned_on"))
    is_away = (left_on <= pd.Timestamp(as_of)) & ~(returned_on <= pd.Timestamp(as_of))
    is_leaving = (left_on > pd.Timestamp(as_of)) & (left_on <= pd.Timestamp(end))
    is_away_now = reasons.index.isin(episodes["pupil"][is_away])
    reason = reasons.mask(reasons.isna() & is_away_now, "left_unnoticed")
    first = left_on[is_leaving].groupby(episodes["pupil"]).min().reindex(reasons.index).mask(reason.notna())
    left = first.notna().astype("boolean").mask(reason.notna())
    return pd.DataFrame({"left": left, "left_on": first, "reason": reason})
