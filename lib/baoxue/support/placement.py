"""Disabled children's places (随班就读, special school, 送教上门): who has which or none, who is taught how often."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.cases.children import disabled_children as ledger
from baoxue.codes import Placement
from baoxue.support.settings import rules

if TYPE_CHECKING:
    from baoxue.store import Known

DAYS_A_MONTH = 30


def disabled_children(known: Known) -> pd.DataFrame:
    """Disabled children of school age here, a row each as in their ledger (`cases.children.disabled_children`), with
    `placement` of the last certificate; an empty one is 未安置."""
    rows = ledger(known)
    return rows.assign(placement=rows["placement"].fillna(Placement.NONE.value).astype("str"))


def placement_table(children: pd.DataFrame) -> pd.DataFrame:
    """By placement, in the order of the law: `placement, primary, junior, no_stage, children`."""
    stage = children["stage"].map({"小学": "primary", "初中": "junior"}).fillna("no_stage")
    counts = pd.crosstab(children["placement"], stage).reindex(
        index=[place.value for place in Placement], columns=["primary", "junior", "no_stage"], fill_value=0
    )
    return counts.assign(children=counts.sum(axis=1)).rename_axis("placement").rename_axis(columns=None).reset_index()


def without_place(children: pd.DataFrame) -> pd.DataFrame:
    """Who has no place, for the school or, without one, the township to look into: rows of `disabled_children`."""
    return children[children["placement"] == Placement.NONE].reset_index(drop=True)


def taught_at_home(known: Known, children: pd.DataFrame) -> pd.DataFrame:
    """Who is taught at home, a row each: `pupil, school_code, township_code, lessons, months, per_month, last_on,
    is_few`; of the term of today, else the last one. No rows where no lesson was ever handed in.

    `per_month` is the mean of the term so far (months of thirty days, at least one); `is_few` is less than
    `home_lessons_per_month`.
    """
    lessons = known.table("home_lessons")
    taught = children.loc[children["placement"] == Placement.HOME, ["pupil", "school_code", "township_code"]]
    span = _term_so_far(known)
    if span is None or not lessons.count().to_pandas():
        empty = {"lessons": "int64", "months": "float64", "per_month": "float64", "last_on": "object", "is_few": "bool"}
        return taught.head(0).assign(**{name: pd.Series(dtype=kind) for name, kind in empty.items()})
    first, last = span
    within = lessons.filter(lessons.taught_on.between(ibis.literal(first), ibis.literal(last)))
    counts = within.group_by("pupil").aggregate(lessons=within.count(), last_on=within.taught_on.max()).to_pandas()
    rows = taught.merge(counts, how="left", on="pupil").fillna({"lessons": 0}).astype({"lessons": int})
    months = max(1.0, ((last - first).days + 1) / DAYS_A_MONTH)
    per_month = (rows["lessons"] / months).round(1)
    few = per_month < rules().home_lessons_per_month
    rows = rows.assign(months=round(months, 1), per_month=per_month, is_few=few)
    return rows.sort_values(["township_code", "school_code", "pupil"], ignore_index=True)


def _term_so_far(known: Known) -> tuple[dt.date, dt.date] | None:
    """First and last day of the term that today lies in, cut at today, else of the last one that has ended."""
    terms = known.table("terms").filter(ibis._.starts_on <= ibis.literal(known.as_of)).to_pandas()
    if terms.empty:
        return None
    last = terms.sort_values("starts_on").iloc[-1]
    return pd.Timestamp(last["starts_on"]).date(), min(pd.Timestamp(last["ends_on"]).date(), known.as_of)
