"""Where each child of a case learns and lives: school, class, township, village, household, groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from baoxue.cases.leavings import stage_of_grade
from baoxue.codes import Status
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known


def homes(known: Known) -> ibis.Table:
    """One row per child that the registry, the household register or an admission has ever named.

    From the last registry entry (在读 first where two schools keep one): `school_code, grade, class, stage, status,
    boarding, left_behind, is_migrant_child, disability, hukou_division`; the school else that of the last admission.
    From the last household entry: `township_code, village, household, head_relation, residence, schooling,
    schooling_checked_on`; the township else that of the school. `cohort, sex` from either. `whereabouts` of the last
    admission; `school_name, zone` of the school. `on_latest`: on the latest registry snapshot in any state,
    `on_registry`: there as 在读 (or empty); `at_home`: on the latest household snapshot.
    """
    return kept(known, "_homes", lambda: _homes(known))


def low_income_spells(known: Known) -> ibis.Table:
    """Times on the low-income list: `pupil, listed_on, delisted_on` (empty: still), `hardship`."""
    rows = known.table("low_income").filter(ibis._.pupil.notnull())
    return rows.select("pupil", "hardship", "listed_on", "delisted_on")


def on_low_income_list(known: Known) -> ibis.Table:
    """Who stands on the low-income list today: `pupil, hardship` (the first entry of the list that still holds)."""
    rows = low_income_spells(known)
    now = rows.filter(rows.delisted_on.isnull() | (rows.delisted_on > ibis.literal(known.as_of)))
    return now.group_by("pupil").aggregate(hardship=now.hardship.argmin(now.listed_on))


def _homes(known: Known) -> ibis.Table:
    rows = _beside(_beside(_last_entries(known), _last_households(known)), _last_admissions(known))
    rows = rows.mutate(school_code=ibis.coalesce(rows.school_code, rows.to_school_code))
    schools = known.table("schools").select("school_code", "school_name", "zone", school_township="township_code")
    rows = rows.left_join(schools, "school_code").drop("school_code_right")
    return rows.mutate(
        township_code=ibis.coalesce(rows.home_township, rows.school_township),
        stage=stage_of_grade(rows.grade),
        cohort=ibis.coalesce(rows.cohort, rows.home_cohort),
        sex=ibis.coalesce(rows.sex, rows.home_sex),
        on_registry=rows.on_registry.fill_null(False),
        on_latest=rows.on_latest.fill_null(False),
        at_home=rows.at_home.fill_null(False),
    ).drop("school_township", "to_school_code", "home_township", "home_cohort", "home_sex")


def _beside(rows: ibis.Table, more: ibis.Table) -> ibis.Table:
    """Both tables' children, each once."""
    joined = rows.outer_join(more, "pupil")
    return joined.mutate(pupil=ibis.coalesce(joined.pupil, joined.pupil_right)).drop("pupil_right")


def _last_entries(known: Known) -> ibis.Table:
    rows = known.table("enrolments").filter(ibis._.pupil.notnull())
    is_kept = rows.status.isnull() | (rows.status == Status.ENROLLED)
    last = _first_of(rows, [rows.snapshot_on.desc(), is_kept.desc(), rows.school_code, rows.registration])
    on_latest = last.snapshot_on == rows.snapshot_on.max().as_scalar()
    on_registry = on_latest & (last.status.isnull() | (last.status == Status.ENROLLED))
    return last.select(
        "pupil", "school_code", "grade", "class", "status", "sex", "boarding", "left_behind", "is_migrant_child",
        "disability", "hukou_division", "cohort", on_latest=on_latest, on_registry=on_registry,
    )  # fmt: skip


def _last_households(known: Known) -> ibis.Table:
    rows = known.table("households").filter(ibis._.pupil.notnull())
    last = _first_of(rows, [rows.snapshot_on.desc()])
    return last.select(
        "pupil", "village", "household", "head_relation", "residence", "schooling", "schooling_checked_on",
        home_township="township_code", home_cohort="cohort", home_sex="sex",
        at_home=last.snapshot_on == rows.snapshot_on.max().as_scalar(),
    )  # fmt: skip


def _last_admissions(known: Known) -> ibis.Table:
    rows = known.table("admissions").filter(ibis._.pupil.notnull())
    last = _first_of(rows, [rows.admission_year.desc(), rows.passage])
    return last.select("pupil", "to_school_code", "whereabouts")


def _first_of(rows: ibis.Table, order: list[ibis.Value]) -> ibis.Table:
    ranked = rows.mutate(_rank=ibis.row_number().over(ibis.window(group_by="pupil", order_by=order)))
    return ranked.filter(ranked._rank == 0)
