"""What the registry says about a pupil: age for the grade, the way through school, circumstances."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pandas as pd

from baoxue.cases.leavings import leavings
from baoxue.codes import Boarding, Change, Review, TransferScope
from baoxue.features.settings import visits
from baoxue.panel import on_registry, snapshots
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known


def registry(known: Known) -> ir.Table:
    """Everyone on the latest registry snapshot known, one row a pupil, with the snapshot's columns and `stage`."""
    return kept(known, "features_registry", lambda: on_snapshots(known, snapshots(known)[-1:]))


def on_snapshots(known: Known, days: pd.DatetimeIndex) -> ir.Table:
    """`panel.on_registry` on these snapshots only; named one by one, so that no other snapshot is read."""
    return on_registry(known).filter(ibis._.snapshot_on.isin([day.date() for day in days.unique()]))


def looked_back_to(known: Known) -> dt.date:
    """The first day that counts for moves and for leavings at the same school."""
    return (pd.Timestamp(known.as_of) - pd.DateOffset(months=visits().look_back_months)).date()


def circumstances(listed: ir.Table) -> ir.Table:
    """Per pupil of the registry: `over_age_years, age_years, daily_way_km, is_boarding, contact_missing, grade`.

    Over-age: how many school years later than a child of the same age who entered at six and went up each year; never
    below 0, empty without a birth date. The school year is the snapshot's, because its grade is; so is the day of the
    age, which is from the month of birth. A boarder has no daily way.
    """
    year = listed.snapshot_on.year() - (listed.snapshot_on.month() < 9).cast("int64")
    entered = year - (listed.grade - 1)
    return listed.select(
        "pupil",
        "grade",
        daily_way_km=ibis.ifelse(listed.boarding == Boarding.BOARDER, 0, listed.distance_km),
        over_age_years=ibis.ifelse(listed.cohort.notnull(), ibis.greatest(entered - listed.cohort, 0), None),
        is_boarding=(listed.boarding == Boarding.BOARDER).cast("int64"),
        age_years=listed.snapshot_on.delta(listed.birth_month, unit="month") / 12,
        contact_missing=(~(listed.has_phone.fill_null(False) & listed.has_guardian.fill_null(False))).cast("int64"),
    )


def moves(known: Known) -> ir.Table:
    """Changes of school within the look-back: `pupil, moves`; pupils without one have no row.

    Seen as another school code in the next snapshot (the passage from primary to junior school is no move), or as a
    transfer in from outside the county.
    """
    days = snapshots(known)
    listed = on_snapshots(known, days[days >= pd.Timestamp(looked_back_to(known))])
    rows = listed.select("pupil", "snapshot_on", "school_code", "grade")
    before = ibis.window(group_by="pupil", order_by="snapshot_on")
    pairs = rows.mutate(school_before=rows.school_code.lag().over(before), grade_before=rows.grade.lag().over(before))
    is_passage = (pairs.grade_before <= 6) & (pairs.grade >= 7)
    is_move = (pairs.school_before != pairs.school_code) & ~is_passage.fill_null(False)
    within = pairs.filter(is_move).select("pupil", on="snapshot_on")
    changes = known.table("changes")
    is_from_outside = changes.transfer_scope.isin((TransferScope.PROVINCE, TransferScope.OUTSIDE))
    is_recent = changes.changed_on >= looked_back_to(known)
    arrivals = changes.filter((changes.change == Change.TRANSFER_IN) & is_from_outside & is_recent)
    outside = arrivals.select("pupil", on="changed_on")
    return within.union(outside).group_by("pupil").aggregate(moves=ibis._.count())


def suspensions(known: Known) -> ir.Table:
    """Approved suspensions (休学) known so far: `pupil, suspensions`; pupils without one have no row."""
    changes = known.table("changes")
    approved = changes.filter((changes.change == Change.SUSPENDED) & (changes.review == Review.PASSED))
    return approved.group_by("pupil").aggregate(suspensions=ibis._.count())


def earlier_leavings(known: Known) -> ir.Table:
    """Leavings known so far: `pupil, left_before`; pupils without one have no row."""
    return leavings(known).group_by("pupil").aggregate(left_before=ibis._.count())
