"""What a model learns from: the pupils at risk on several days, their features then, and whether they left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from baoxue import features
from baoxue.labels.precursors import stay_away
from baoxue.labels.within import labelled, labelled_by
from baoxue.remembered import remembered

if TYPE_CHECKING:
    from baoxue.store import Known, Store

ABOUT = ["pupil", "as_of", "school_code", "grade", "stage", "sex", "left_on"]


@dataclass(frozen=True)
class Examples:
    """A row per pupil at risk and as-of date."""

    X: pd.DataFrame
    """The columns of `features.TABLE`, and `features.GROUPS` in a study; a model reads `features.MODEL` of them."""
    y: pd.Series
    """1 if the pupil left within the horizon, else 0."""
    about: pd.DataFrame
    """`pupil, as_of, school_code, grade, stage, sex`, and `left_on` of those who left; rows as in X."""
    groups: pd.DataFrame
    """`features.GROUPS` as yes/no, for audit; rows as in X."""
    excluded: pd.DataFrame
    """`as_of, reason, pupils`: whom no label or another end of the risk befell, counted."""
    precursor: pd.Series | None = None
    """Whether the pupil began to stay away by the end of the horizon (`precursors.stay_away`); None: not asked."""
    clock: dict[dt.date, dict[str, dt.date]] = field(default_factory=dict)
    """For each as-of date `features.clock`: by when the features it was learned from had become known."""


@remembered
def settled(known: Known) -> Examples:
    """Everything a model may learn from on that day: `examples` of all its `learnable` days.

    Raises ValueError if there is no such day, or nobody was at risk on any.
    """
    return examples(known, learnable(known, known.as_of))


def examples(
    store: Store | Known, days: Sequence[dt.date], definition: str = "confirmed", *, study_groups: bool = False
) -> Examples:
    """The pupils at risk on each day, with a label (`labels.left_within`); rows ordered by day and pupil.

    Raises ValueError if nobody was at risk on any of the days.
    """
    parts = [_as_of(store, day, definition) for day in days]
    rows = pd.concat([pd.DataFrame(columns=["left"]), *(rows for rows, _, _ in parts)], ignore_index=True)
    if rows.empty:
        raise ValueError(f"no pupil at risk on {', '.join(map(str, days)) or 'no day'}: no registry snapshot by then")
    excluded = pd.concat([counts for _, counts, _ in parts], ignore_index=True)
    clock = {day: known for day, (_, _, known) in zip(days, parts, strict=True)}
    columns = [*features.BY_NAME, *(features.GROUPS if study_groups else ())]
    X = rows[columns].astype("float64")
    groups, precursor = rows[list(features.GROUPS)].astype(bool), rows["stays_away"].astype(bool)
    return Examples(X, rows["left"].astype(int), rows[ABOUT], groups, excluded, precursor, clock)


def relabelled(store: Store | Known, given: Examples, definitions: Sequence[str]) -> pd.DataFrame:
    """The label of each row of the examples under other definitions: 1, 0, or missing; a column each, index as in
    `given.X`."""
    found = []
    for day, rows in given.about.groupby("as_of"):
        then, later, end = _opened(store, pd.Timestamp(str(day)).date())
        told = labelled_by(then, later, end, definitions)
        labels = {name: label["left"].reindex(rows["pupil"]).to_numpy() for name, label in told.items()}
        found.append(pd.DataFrame(labels, index=rows.index).astype("Int64"))
    return pd.concat(found).reindex(given.X.index)


def learnable(store: Store | Known, as_of: dt.date) -> list[dt.date]:
    """The as-of dates, from the first snapshot on, whose horizon had ended and leavings were confirmed by `as_of`."""
    county = features.visits()
    first = store.known_by(as_of).table("enrolments").snapshot_on.min().execute()
    if pd.isna(first):
        return []
    days = features.as_of_dates(pd.Timestamp(first).date(), as_of)
    lag = dt.timedelta(days=county.confirmation_days)
    return [day for day in days if features.horizon_end(day, county.horizon_months) + lag <= as_of]


def _as_of(
    store: Store | Known, day: dt.date, definition: str
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, dt.date]]:
    known, later, end = _opened(store, day)
    label = labelled(known, later, end, definition)
    counts = label["reason"].value_counts().rename_axis("reason").reset_index(name="pupils").sort_values("reason")
    at_risk = label[label["left"].notna()].drop(columns="reason")
    places = features.places(known).drop(columns="grade")
    rows = at_risk.join([features.matrix(known), places, features.groups(known)]).rename_axis("pupil").reset_index()
    away = rows["pupil"].isin(stay_away(later, end))
    rows, counts = rows.assign(as_of=day, stays_away=away), counts.assign(as_of=day)
    return rows, counts[["as_of", "reason", "pupils"]], features.clock(known)


def _opened(store: Store | Known, day: dt.date) -> tuple[Known, Known, dt.date]:
    """What was known on an as-of date and when its outcome had been settled, and the end of its horizon."""
    county = features.visits()
    end = features.horizon_end(day, county.horizon_months)
    return store.known_by(day), store.known_by(end + dt.timedelta(days=county.confirmation_days)), end
