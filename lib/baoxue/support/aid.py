"""Entitlement against receipt (应助尽助): who was due aid in the last completed term, who got it, low-income first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue import registers
from baoxue.registers.aid import ENTITLING, due_aid, last_completed_term, payments
from baoxue.registers.states import on_list_between

if TYPE_CHECKING:
    from baoxue.store import Known

COUNTS = ["due", "paid", "missing"]


def aid_due(known: Known) -> pd.DataFrame:
    """Everyone due aid in the last completed term, a row each: `pupil, hardship, aid, school_code, township_code,
    grade, class, is_paid`; nobody before a term is completed.

    Due is who was on the low-income list on the first day of the term and on the registry of it: boarders
    寄宿生生活补助, day pupils 营养餐 (the rule of the finding `aid_missing`). `hardship` is the first entry of the list
    that held on that day; the township is the child's, else that of the school.
    """
    at = registers.Sides(known)
    term = last_completed_term(at)
    rows = due_aid(at, term).distinct(on="pupil", keep="first")
    poor = at.known.low_income
    poor = poor.filter(on_list_between(poor, term.starts_on, term.starts_on), poor.pupil.notnull())
    hardship = poor.group_by("pupil").aggregate(hardship=poor.hardship.argmin(poor.listed_on))
    paid = payments(at, term).select("pupil", "aid").distinct().mutate(is_paid=ibis.literal(True))
    schools = known.table("schools").select("school_code", school_township="township_code")
    joined = rows.left_join(hardship, "pupil").drop("pupil_right")
    joined = joined.left_join(paid, ["pupil", "aid"]).drop("pupil_right", "aid_right")
    joined = joined.left_join(at.homes, "pupil").drop("pupil_right")
    joined = joined.left_join(schools, "school_code").drop("school_code_right")
    frame = joined.select(
        "pupil", "hardship", "aid", "school_code", "grade", "class",
        township_code=ibis.coalesce(joined.home_township, joined.school_township),
        is_paid=joined.is_paid.fill_null(False),
    ).to_pandas()  # fmt: skip
    return frame.sort_values("pupil", ignore_index=True)


def aid_by_hardship(due: pd.DataFrame) -> pd.DataFrame:
    """By kind of hardship, most children first: `hardship, due, paid, missing`."""
    counts = _counted(due, "hardship")
    return counts.sort_values(["due", "hardship"], ascending=[False, True], ignore_index=True)


def aid_by_township(due: pd.DataFrame) -> pd.DataFrame:
    """By township in code order: `township_code, due, paid, missing`."""
    return _counted(due, "township_code").sort_values("township_code", ignore_index=True)


def reached_by_list(known: Known) -> pd.DataFrame:
    """Each list that entitles, low-income first: `group, listed` (on it in the last completed term and on the registry
    of that term), `paid` (any payment that depends on a list), `unpaid`."""
    at = registers.Sides(known)
    term = last_completed_term(at)
    registry = at.registry_in(term.starts_on, term.ends_on).filter(ibis._.pupil.notnull())
    registry = registry.filter(ibis._.status.isnull() | (ibis._.status == "在读"))
    listed = at.listed.filter(at.listed.group.isin(ENTITLING))
    listed = listed.filter(on_list_between(listed, term.starts_on, term.ends_on)).select("pupil", "group").distinct()
    rows = listed.semi_join(registry, "pupil")
    paid = payments(at, term).select("pupil").distinct().mutate(is_paid=ibis.literal(True))
    rows = rows.left_join(paid, "pupil").drop("pupil_right").mutate(is_paid=ibis._.is_paid.fill_null(False))
    frame = rows.to_pandas()
    counts = frame.groupby("group")["is_paid"].agg(listed="size", paid="sum").reindex(list(ENTITLING)).dropna()
    counts = counts.astype(int).rename_axis("group").reset_index()
    return counts.assign(unpaid=counts["listed"] - counts["paid"])


def _counted(due: pd.DataFrame, by: str) -> pd.DataFrame:
    counts = due.groupby(by)["is_paid"].agg(due="size", paid="sum").astype(int).reset_index()
    return counts.assign(missing=counts["due"] - counts["paid"])
