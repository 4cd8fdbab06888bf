"""The rows of the three admission ledgers (入学台账): every child of school age, and what is known of its schooling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue import registers
from baoxue.calendar import SchoolYear
from baoxue.cases.entries import in_order, year_began
from baoxue.cases.homes import homes, on_low_income_list
from baoxue.cases.leavings import leavings
from baoxue.codes import Placement, Schooling, Status, Whereabouts

if TYPE_CHECKING:
    from baoxue.store import Known


def children_of_school_age(known: Known) -> pd.DataFrame:
    """入学台账: children of school age on the household register, and all on the registry; a row a child."""
    return in_order(_children(known).to_pandas(), "pupil")


def children_of_low_income(known: Known) -> pd.DataFrame:
    """Of these the children on the low-income list today, with `hardship, ruling_number` and the school year's aid."""
    listed = on_low_income_list(known)
    ruling = known.table("low_income").group_by("pupil").aggregate(ruling_number=ibis._.ruling_number.max())
    rows = _children(known).inner_join(listed, "pupil").left_join(ruling, "pupil").drop("pupil_right")
    rows = rows.left_join(_aid_received(known), "pupil").drop("pupil_right")
    return in_order(rows.to_pandas(), "pupil")


def disabled_children(known: Known) -> pd.DataFrame:
    """Of these the children on the disabled persons' federation's list, with their last certificate's entries."""
    rows = _children(known).inner_join(_certificates(known), "pupil")
    return in_order(rows.to_pandas(), "pupil")


def _children(known: Known) -> ibis.Table:
    people = homes(known)
    year, ages = SchoolYear.of(known.as_of).first, registers.rules()
    born = people.cohort.between(year - ages.school_age_to + 6, year - ages.school_age_from + 6)
    out = leavings(known).filter(ibis._.ended_on.isnull()).select("pupil").distinct().mutate(is_left=ibis.literal(True))
    taught_at_home = _certificates(known).filter(ibis._.placement == Placement.HOME).select("pupil")
    rows = people.left_join(out, "pupil").drop("pupil_right")
    rows = rows.left_join(taught_at_home.mutate(at_home_taught=ibis.literal(True)), "pupil").drop("pupil_right")
    on_leave = rows.on_latest & (rows.status == Status.SUSPENDED).fill_null(False)
    rows = rows.filter(rows.on_registry | on_leave | rows.is_left | (rows.at_home & born).fill_null(False))
    checked = rows.schooling_checked_on.notnull() & rows.schooling.isin([Schooling.IN_COUNTY, Schooling.ELSEWHERE])
    state = ibis.cases(
        (rows.is_left.fill_null(False), "辍学"),
        (rows.at_home_taught.fill_null(False), "送教上门"),
        (rows.on_latest & (rows.status == Status.SUSPENDED).fill_null(False), "休学"),
        (rows.on_registry, "在校"),
        (checked.fill_null(False), "在校"),
        ((rows.whereabouts == Whereabouts.DEFERRED).fill_null(False), "缓学"),
        ((rows.whereabouts == Whereabouts.NOT_ENTERED).fill_null(False), "未入学"),
        else_="待核实",
    )
    gone = ibis.ifelse(rows.on_registry, ibis.null("string"), ibis.coalesce(rows.whereabouts, rows.schooling))
    return rows.mutate(schooling_state=state, whereabouts_word=gone)


def _certificates(known: Known) -> ibis.Table:
    rows = known.table("disabled").filter(ibis._.pupil.notnull())
    order = ibis.window(group_by="pupil", order_by=rows.listed_on.desc())
    last = rows.mutate(_first=ibis.row_number().over(order)).filter(ibis._._first == 0)
    return last.select("pupil", "disability_grade", "placement", "home_lessons", disability_kind="disability")


def _aid_received(known: Known) -> ibis.Table:
    rows = known.table("aid").filter(ibis._.paid_on >= year_began(known))
    sums = rows.group_by("pupil", "aid").aggregate(yuan=rows.amount_yuan.sum())
    words = sums.aid + ibis.literal(" ") + sums.yuan.round(0).cast("int64").cast("string")
    return (
        sums.mutate(words=words)
        .group_by("pupil")
        .aggregate(aid_received=ibis._.words.group_concat(sep="；", order_by=ibis._.aid))
    )
