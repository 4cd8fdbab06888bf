"""Lists over time: how long before leaving a pupil was first listed, how many pupils one list shares with the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd
from sklearn.base import BaseEstimator

from baoxue.lists.choosing import capacity
from baoxue.lists.scoring import score

if TYPE_CHECKING:
    from baoxue.store import Store


def listed_rows(scores: pd.DataFrame, name: str) -> pd.Series:
    """Whether a contender would have listed each row of `validation.out_of_fold`, at the capacity of its fold."""
    rank = scores.groupby("fold", sort=False)[name].rank(method="first", ascending=False)
    places = scores.groupby("fold", sort=False)[name].transform("size").map(capacity)
    return (rank <= places).rename("is_listed")


def under(scores: pd.DataFrame, label: pd.Series) -> pd.DataFrame:
    """The scores judged by another label (`labels.relabelled`); rows that it cannot tell are left out."""
    other = label.iloc[scores["row"]].reset_index(drop=True)
    told = other.notna().to_numpy()
    return scores[told].assign(y=other[told].astype(int).to_numpy()).reset_index(drop=True)


def lead_time(scores: pd.DataFrame, about: pd.DataFrame, name: str) -> pd.DataFrame:
    """A row per leaving that a list could have announced: `pupil, left_on, first_listed_on, weeks_before`.

    The last two are missing if no list before the leaving, of those whose horizon held it, had the pupil. `about` is
    that of the examples which the scores' `row` counts.
    """
    rows = about.iloc[scores["row"]].reset_index(drop=True).assign(is_listed=listed_rows(scores, name).to_numpy())
    leavers = rows[rows["left_on"].notna()].assign(as_of=lambda frame: pd.to_datetime(frame["as_of"]))
    first = leavers[leavers["is_listed"]].groupby(["pupil", "left_on"])["as_of"].min().rename("first_listed_on")
    table = (
        leavers[["pupil", "left_on"]].drop_duplicates().merge(first.reset_index(), how="left", on=["pupil", "left_on"])
    )
    weeks = (pd.to_datetime(table["left_on"]) - table["first_listed_on"]).dt.days / 7
    return table.assign(weeks_before=weeks).sort_values(["left_on", "pupil"], ignore_index=True)


def overlap(scores: pd.DataFrame, about: pd.DataFrame, name: str) -> pd.DataFrame:
    """Each list but the first: `as_of, pupils, stayed_pct`, how many of 100 pupils stood on the list before."""
    rows = about.iloc[scores["row"]].reset_index(drop=True)
    return _shared(rows[listed_rows(scores, name).to_numpy()])


def month_to_month(store: Store, fitted: BaseEstimator | None, days: Sequence[dt.date]) -> pd.DataFrame:
    """The same for the lists of one model or rule (none: by signs) on these days, each with what was known on it.

    Whom a list would have named at the capacity; who was in hand already is not left out, so that visits made do not
    look like unrest of the ranking.
    """
    scored = pd.concat([score(store.known_by(day), fitted) for day in sorted(days)], ignore_index=True)
    places = scored.groupby("as_of")["scored"].transform("sum").map(capacity)
    is_listed = (scored["rank"] <= places).fillna(False).astype(bool)
    return _shared(scored[is_listed].assign(as_of=lambda rows: rows["as_of"].dt.date))


def _shared(listed: pd.DataFrame) -> pd.DataFrame:
    lists = [(day, set(group)) for day, group in listed.groupby("as_of", sort=True)["pupil"]]
    table = [(day, len(now), 100 * len(now & before) / len(now)) for (_, before), (day, now) in pairwise(lists)]
    return pd.DataFrame(table, columns=["as_of", "pupils", "stayed_pct"])
