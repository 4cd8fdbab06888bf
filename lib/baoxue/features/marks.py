"""Marks as a place among the county's pupils of the same grade, subject and term, and how that place moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pandas as pd

from baoxue.features.pupils import on_snapshots
from baoxue.panel import snapshots

if TYPE_CHECKING:
    from baoxue.store import Known

TERMS_LOOKED_AT = 3
"""A mark older than the last three terms with marks says nothing about now."""
SMALLEST_FIELD = 10
"""A place among fewer pupils is chance."""


def marks(known: Known) -> ir.Table:
    """A row per pupil with marks in the last terms: `pupil, mark_place_pct, mark_change_points, missed_exams_pct`.

    A term's place is the mean over subjects of the share of pupils (0-100) with a lower mark; empty where a subject has
    fewer than 10 pupils with a mark in the grade. The place is the mean of the pupil's last terms with marks (one exam
    is mostly luck), the change that of the latest against the mean of those before it; missed exams are of 100 subjects
    of the latest term.
    """
    by_term = (
        _places(known)
        .group_by("pupil", "term", "starts_on")
        .aggregate(place=ibis._.place_pct.mean(), missed=100 * ibis._.is_missed.cast("float64").mean())
    )
    latest_first = ibis.window(group_by="pupil", order_by=by_term.starts_on.desc())
    ranked = by_term.mutate(nth=ibis.row_number().over(latest_first))
    found = ranked.group_by("pupil").aggregate(
        mark_place_pct=ranked.place.mean(),
        latest=ranked.place.max(where=ranked.nth == 0),
        before=ranked.place.mean(where=ranked.nth > 0),
        missed_exams_pct=ranked.missed.max(where=ranked.nth == 0),
    )
    return found.mutate(mark_change_points=found.latest - found.before).drop("latest", "before")


def _places(known: Known) -> ir.Table:
    """Each mark of the last terms with `place_pct` in its field (grade, subject, term)."""
    rows = known.table("marks").inner_join(_grades(known), ["pupil", "term"])
    is_missed = rows.missed_exam.fill_null(False) | rows.mark.isnull()
    share = ibis.ifelse(is_missed, ibis.null("float64"), rows.mark / rows.full_mark.nullif(0))
    rows = rows.select("pupil", "term", "starts_on", "subject", "grade", is_missed=is_missed, share=share)
    field = ["grade", "subject", "term"]
    lower = ibis.rank().over(ibis.window(group_by=field, order_by="share"))
    size = rows.share.count().over(ibis.window(group_by=field))
    has_place = rows.share.notnull() & (size >= SMALLEST_FIELD)
    return rows.mutate(place_pct=ibis.ifelse(has_place, 100 * lower / (size - 1), ibis.null("float64")))


def _grades(known: Known) -> ir.Table:
    """The grade of each pupil in each of the last terms with marks: the latest snapshot on or before the term's end."""
    with_marks = known.table("marks").select("term").distinct()
    terms = known.table("terms").semi_join(with_marks, "term").to_pandas()
    terms = terms.sort_values("starts_on").tail(TERMS_LOOKED_AT)
    days = snapshots(known)
    place = days.searchsorted(pd.DatetimeIndex(terms["ends_on"]), side="right") - 1
    frame = terms[["term", "starts_on"]][place >= 0].assign(snapshot_on=days[place[place >= 0]])
    schema = ibis.schema({"term": "string", "starts_on": "date", "snapshot_on": "date"})
    dated = ibis.memtable(frame, schema=schema)
    listed = on_snapshots(known, pd.DatetimeIndex(frame["snapshot_on"])).select("pupil", "snapshot_on", "grade")
    return listed.inner_join(dated, "snapshot_on").drop("snapshot_on")
