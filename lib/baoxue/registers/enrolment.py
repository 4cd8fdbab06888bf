"""Household register, admissions and registry side by side: who should be on the registry and is not."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir

from baoxue.calendar import SchoolYear
from baoxue.codes import Arrival, Change, Schooling, Whereabouts
from baoxue.registers.evidence import as_finding, sentence
from baoxue.registers.sides import Sides
from baoxue.registers.states import last_day

_COHORT_AGE = 6
"""Full years on 1 September that the store's `cohort` stands for."""

_SCHOOLED = (
    Whereabouts.DEFERRED, Whereabouts.IN_COUNTY, Whereabouts.IN_PROVINCE, Whereabouts.OUTSIDE, Whereabouts.ABROAD,
)  # fmt: skip
_UNACCOUNTED = (Whereabouts.NOT_ENTERED, Whereabouts.UNKNOWN)


def never_enrolled(at: Sides) -> ir.Table:
    """失学: on the latest household snapshot, of school age, not on the latest registry snapshot in any state.

    Not if a confirmed transfer out, a death or an emigration is recorded (and was not sent back); if 就学情况 is
    县外就读 with a 就学核实日期; if an admission has a verified 去向 缓学, 县内就读, 省内就读, 省外就读 or 出国境.
    School age is 6 to 14 full years on 1 September of the current school year. Since 1 September of the first school
    year in which this held, by the last snapshots of each year. Nothing is found before a registry snapshot was
    handed in.
    """
    first_year = SchoolYear.of(min([*at.household_days, at.as_of])).first
    held = ibis.union(*(unenrolled_in(at, SchoolYear(year)) for year in range(first_year, at.year.first + 1)))
    years = held.group_by("pupil").agg(first_year=held.school_year.min(), last_year=held.school_year.max())
    still = years.filter(years.last_year == at.year.first)
    rows = at.seen_in_class(at.households.join(still, "pupil").anti_join(accounted_for(at), "pupil"))
    evidence = sentence("never_enrolled", at.lang, household_on=rows.snapshot_on, registry_on=at.registry_day)
    unproven = ibis.ifelse(_is_elsewhere(rows), sentence("schooling_unproven", at.lang), "")
    seated = ibis.ifelse(rows.seen_on.notnull(), sentence("seen_in_class", at.lang, seen_on=rows.seen_on), "")
    return as_finding(rows, since=ibis.date(rows.first_year, 9, 1), evidence=evidence + unproven + seated)


def unenrolled_in(at: Sides, year: SchoolYear) -> ir.Table:
    """`pupil, school_year`: of school age that year, on its last household snapshot, not on its last registry snapshot.

    Children whose schooling elsewhere was verified are not among them. Empty for a year without a registry snapshot.
    """
    until = min(year.ends_on, at.as_of)
    registry_day = last_day(at.registry_days, until)
    rows = of_school_age(at, at.households_on(last_day(at.household_days, until)), year)
    proven = _is_elsewhere(rows) & rows.schooling_checked_on.notnull()
    comparable = rows.filter(~proven, ibis.literal(registry_day is not None))
    missing = comparable.anti_join(at.registry_on(registry_day), "pupil")
    return missing.select("pupil", school_year=ibis.literal(year.first))


def of_school_age(at: Sides, rows: ir.Table, year: SchoolYear) -> ir.Table:
    """The rows (with `cohort`) of children of school age on 1 September of the year."""
    age = ibis.literal(year.first + _COHORT_AGE) - rows.cohort
    return rows.filter(age.between(at.rules.school_age_from, at.rules.school_age_to))


def accounted_for(at: Sides) -> ir.Table:
    """`pupil`: a confirmed transfer out, a death, an emigration, or an admission whose 去向 was verified."""
    left = at.standing
    confirmed = (left.change == Change.TRANSFER_OUT) & left.confirmed_on.notnull()
    gone = left.filter(confirmed | left.change.isin([Change.DEAD, Change.EMIGRATED])).select("pupil")
    admitted = at.known.admissions
    verified = admitted.whereabouts.isin(_SCHOOLED) & admitted.whereabouts_checked_on.notnull()
    return gone.union(admitted.filter(verified & admitted.pupil.notnull()).select("pupil")).distinct()


def not_arrived(at: Sides) -> ir.Table:
    """未报到: an admission of the current 招生年度, 未报到, 去向 未入学, 不详 or empty.

    As of 30 September of that year or later, and not on the latest registry snapshot. A child whose arrival nobody has
    recorded by then has not arrived. Since 1 September. Nothing is found before a registry snapshot was handed in.
    """
    due = dt.date(at.year.first, at.rules.arrival_due_month, at.rules.arrival_due_day)
    rows = at.admissions
    waiting = rows.arrival.isnull() | (rows.arrival == Arrival.MISSING)
    unknown = rows.whereabouts.isnull() | rows.whereabouts.isin(_UNACCOUNTED)
    comparable = ibis.literal(at.as_of >= due and at.registry_day is not None)
    rows = rows.filter(waiting, unknown, comparable).anti_join(at.registry, "pupil")
    rows = rows.rename(school_code="to_school_code")
    evidence = sentence("not_arrived", at.lang, year=rows.admission_year, registry_on=at.registry_day)
    return as_finding(rows, since=at.year.starts_on, evidence=evidence)


def _is_elsewhere(rows: ir.Table) -> ir.BooleanValue:
    return rows.schooling.fill_null("") == Schooling.ELSEWHERE
