"""Registry and class side by side: on the registry and not in class, in class and not on the registry."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from baoxue.registers.evidence import as_finding, sentence
from baoxue.registers.sides import Sides


def on_roll_not_in_class(at: Sides) -> ir.Table:
    """名在人不在: on the registry, and not on the school's latest class roster, or 旷课 for weeks.

    The roster must be dated on or after the registry snapshot. 旷课 counts if it was all day on each of the last 20
    school days on which the roll of the child's class was taken. Not if an approved 休学 covers the date, or the
    child's last movement is a change out (of that school). Since the first school day missed without a day present
    after it, else the roster's date.
    """
    rows = expected(at)
    off = off_roster(at, rows)
    runs = absence_runs(at, rows.semi_join(suspects(at, off), "pupil"))
    keys, twins = ["pupil", "school_code"], ["pupil_right", "school_code_right"]
    both = rows.left_join(off, keys).drop(*twins).left_join(runs, keys).drop(*twins)
    is_absent = both.absent_days.fill_null(0) >= at.rules.absent_school_days
    found = at.seen_in_class(both.filter(both.roster_on.notnull() | is_absent))
    since = found.absent_since.fill_null(found.roster_on)
    return as_finding(found, since=since, evidence=_absence_in_words(at, found))


def _absence_in_words(at: Sides, found: ir.Table) -> ir.StringValue:
    listed = sentence("on_registry", at.lang, registry_on=found.snapshot_on)
    off = ibis.ifelse(found.roster_on.notnull(), sentence("off_roster", at.lang, roster_on=found.roster_on), "")
    cut = sentence("cut_days", at.lang, absent_on=found.absent_since, days=found.absent_days)
    absent = ibis.ifelse(found.absent_since.notnull(), cut, "")
    elsewhere = found.roster_on.notnull() & found.seen_on.notnull()
    seated = ibis.ifelse(elsewhere, sentence("seen_elsewhere", at.lang, seen_on=found.seen_on), "")
    return listed + off + absent + sentence("no_leave", at.lang) + seated


def expected(at: Sides) -> ir.Table:
    """Rows on the registry whose child is to be expected in class: no approved 休学 over the date, no change out."""
    paused = at.suspensions
    covers = (paused.changed_on <= at.as_of) & (paused.ends_on >= at.as_of) & paused.reopened_on.isnull()
    rows = at.on_registry.anti_join(paused.filter(covers), "pupil")
    out = at.last_movement.filter(at.last_movement.is_out).select("pupil", left_school="from_school_code")
    return rows.anti_join(out, ["pupil", out.left_school.isnull() | (out.left_school == rows.school_code)])


def off_roster(at: Sides, rows: ir.Table) -> ir.Table:
    """`pupil, school_code, roster_on`: not on the school's latest roster, which is as late as the snapshot."""
    handed_in = rows.join(at.roster_days, "school_code")
    handed_in = handed_in.filter(handed_in.roster_on >= handed_in.snapshot_on)
    off = handed_in.anti_join(at.in_class, ["pupil", "school_code"])
    return off.select("pupil", "school_code", "roster_on").distinct()


def suspects(at: Sides, off: ir.Table) -> ir.Table:
    """`pupil`: who is off a roster, or has cut days enough; a run of absence is looked for in these only."""
    days = at.unexcused
    often = days.group_by("pupil").agg(cut_days=days.is_all_day.sum())
    often = often.filter(often.cut_days >= at.rules.absent_school_days)
    return off.select("pupil").union(often.select("pupil")).distinct()


def absence_runs(at: Sides, rows: ir.Table) -> ir.Table:
    """`pupil, school_code, absent_since, absent_days`: the run of all-day 旷课 that reaches the last roll taken.

    A day counts if the roll of the child's own class was taken. The as-of day itself counts only if the child's absence
    is known already, because an absence is known on the day after (INPUTS, what was known when).
    """
    days = roll_days(at, rows).left_join(at.unexcused, ["pupil", "date"])
    days = days.filter((days.date < at.as_of) | days.is_all_day.notnull())
    days = days.select("pupil", "school_code", "date", is_cut=days.is_all_day.fill_null(False))
    there = days.group_by("pupil", "school_code").agg(last_there=days.date.max(where=~days.is_cut))
    run = days.join(there, ["pupil", "school_code"])
    run = run.filter(run.last_there.isnull() | (run.date > run.last_there))
    return run.group_by("pupil", "school_code").agg(absent_since=run.date.min(), absent_days=run.count())


def roll_days(at: Sides, rows: ir.Table) -> ir.Table:
    """`pupil, school_code, date`: days on which the roll was taken in the class where the registry had the child.

    The first registry snapshot of a school year speaks for the days from 1 September on, a later one from its own day.
    """
    stays = at.history.semi_join(rows, ["pupil", "school_code"])
    stays = stays.mutate(year_on=_first_of_september(stays.snapshot_on))
    entry = ["pupil", "school_code", "registration"]
    number = ibis.row_number().over(ibis.window(group_by=[*entry, "year_on"], order_by="snapshot_on"))
    stays = stays.mutate(from_on=ibis.ifelse(number == 0, stays.year_on, stays.snapshot_on))
    stays = stays.mutate(until=stays.from_on.lead().over(ibis.window(group_by=entry, order_by="snapshot_on")))
    rolls = at.known.rolls.filter(at.known.rolls.is_taken)
    met = stays.join(rolls, ["school_code", "grade", "class", rolls.date >= stays.from_on])
    met = met.filter(met.until.isnull() | (met.date < met.until))
    return met.select("pupil", "school_code", "date").distinct()


def _first_of_september(day: ir.DateValue) -> ir.DateValue:
    """1 September of the school year in which a day lies."""
    return ibis.date(day.year() - (day.month() < 9).cast("int32"), 9, 1)


def in_class_not_on_roll(at: Sides) -> ir.Table:
    """在校无籍: on a school's latest class roster, not on the latest registry snapshot in any state.

    The child is looked for by ID number and by registry number; a roster row with neither is a candidate for a human to
    confirm, not a finding. A roster of an earlier school year says nothing about now. Since the roster's date.
    """
    rows = at.rosters
    comparable = ibis.literal(at.registry_day is not None) & (rows.roster_on >= at.year.starts_on)
    found = rows.filter(rows.pupil.notnull() & comparable).anti_join(at.registry, "pupil")
    evidence = sentence("in_class_not_on_roll", at.lang, roster_on=found.roster_on, registry_on=at.registry_day)
    return as_finding(found, since=found.roster_on, evidence=evidence)
