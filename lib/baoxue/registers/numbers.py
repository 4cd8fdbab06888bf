"""The registry beside itself: one child under two entries, two children under one number."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from baoxue.registers.evidence import as_finding, sentence
from baoxue.registers.sides import Sides
from baoxue.registers.states import is_kept


def duplicate_registry(at: Sides) -> ir.Table:
    """一人多籍: one ID number under two registry numbers, or at two schools, in the latest registry snapshot.

    An entry closed by transfer, graduation or death does not keep a child at a second school; it does count as a second
    number, since a number is for life. Since the first snapshot with it.
    """
    now = doubled(at.registry)
    then = doubled(at.history.semi_join(now, "pupil"))
    rows = at.registry.join(_first(then), "pupil").join(now.select("pupil", "numbers", "schools"), "pupil")
    counts = {"numbers": rows.numbers, "schools": rows.schools}
    days = {"registry_on": rows.snapshot_on, "first_on": rows.first_on}
    return as_finding(rows, since=rows.first_on, evidence=sentence("duplicate_registry", at.lang, **counts, **days))


def doubled(rows: ir.Table) -> ir.Table:
    """`pupil, snapshot_on, numbers, schools`: children with an ID number and two of either on a snapshot."""
    entries = rows.filter(rows.has_id).mutate(is_kept=is_kept(rows))
    by_pupil = entries.group_by("pupil", "snapshot_on")
    counted = by_pupil.agg(numbers=_.registration.nunique(), schools=_.school_code.nunique(where=_.is_kept))
    return counted.filter((counted.numbers > 1) | (counted.schools > 1))


def shared_registry_number(at: Sides) -> ir.Table:
    """一籍多人: one registry number with two ID numbers in the latest registry snapshot; each child is a finding.

    Since the first snapshot with it.
    """
    now = shared(at.registry)
    then = at.history.semi_join(now, "registration")
    first = then.join(shared(then), ["registration", "snapshot_on"])
    rows = at.registry.join(_first(first), "pupil").join(now.select("registration", "children"), "registration")
    rows = rows.filter(rows.has_id)
    known = {"registry_on": rows.snapshot_on, "children": rows.children, "first_on": rows.first_on}
    return as_finding(rows, since=rows.first_on, evidence=sentence("shared_registry_number", at.lang, **known))


def shared(rows: ir.Table) -> ir.Table:
    """`registration, snapshot_on, children`: registry numbers with two ID numbers on a snapshot."""
    counted = rows.filter(rows.has_id, rows.registration.notnull()).group_by("registration", "snapshot_on")
    counted = counted.agg(children=_.pupil.nunique())
    return counted.filter(counted.children > 1)


def _first(rows: ir.Table) -> ir.Table:
    return rows.group_by("pupil").agg(first_on=rows.snapshot_on.min())
