"""Where a pupil learns: absence in the class and leavings at the school, the pupil's own row left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from baoxue.cases.leavings import leavings
from baoxue.features.pupils import looked_back_to
from baoxue.panel import snapshots

if TYPE_CHECKING:
    from baoxue.store import Known

COUNTY_WEIGHT = 200
"""A school's rate of leaving counts as if so many pupil-years at the county's average stood beside its own: one
leaving in a school of thirty is no sign of the school."""


def class_absence(listed: ir.Table, attended: ir.Table) -> ir.Table:
    """Absence of any kind among the classmates in the near window: `pupil, class_absence_pct`, of 100 days seen.

    Empty where no classmate was seen.
    """
    rows = listed.select("pupil", "school_code", "grade", "class").inner_join(attended, "pupil")
    rows = rows.mutate(seen=rows.seen_recent_days, absent=(rows.absent_recent_pct * rows.seen_recent_days).fill_null(0))
    mates = ibis.window(group_by=["school_code", "grade", "class"])
    seen = rows.seen.sum().over(mates) - rows.seen
    absent = rows.absent.sum().over(mates) - rows.absent
    return rows.select("pupil", class_absence_pct=ibis.greatest(absent, 0) / seen.nullif(0))


def school_leaving(known: Known, listed: ir.Table) -> ir.Table:
    """Leavings of others at the pupil's school, as a multiple of the county's rate: `pupil, school_leaving_ratio`.

    Per pupil and year, over the look-back or since the first registry snapshot. Drawn towards 1 (`COUNTY_WEIGHT`), so
    that a small school stands near the average; 1 where nobody in the county has left yet. A multiple and no rate, as
    the county's level changes with the years and says nothing about a pupil.
    """
    from_day = max(looked_back_to(known), min(snapshots(known)[:1].date, default=known.as_of))
    years = max((known.as_of - from_day).days, 1) / 365.25
    recent = leavings(known).filter(ibis._.left_on >= from_day)
    own = recent.group_by("pupil", "school_code").aggregate(own=ibis._.count())
    by_school = recent.group_by("school_code").aggregate(leavings=ibis._.count())
    size = listed.group_by("school_code").aggregate(pupils=ibis._.count())
    rows = listed.select("pupil", "school_code").left_join(by_school, "school_code").drop("school_code_right")
    rows = rows.left_join(own, ["pupil", "school_code"]).drop("pupil_right", "school_code_right")
    rows = rows.inner_join(size, "school_code").fill_null({"leavings": 0, "own": 0})
    county = recent.count().as_scalar() / (listed.count().as_scalar() * years)
    expected = (rows.leavings - rows.own) / county.nullif(0)
    ratio = (expected + COUNTY_WEIGHT) / ((rows.pupils - 1) * years + COUNTY_WEIGHT)
    return rows.select("pupil", school_leaving_ratio=ratio.fill_null(1.0))
