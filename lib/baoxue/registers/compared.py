"""How far the registers agree: of the children compared, how many do, and how many do not."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import pandas as pd

from baoxue.codes import Change
from baoxue.registers.aid import due_aid, last_completed_term, payments
from baoxue.registers.enrolment import of_school_age
from baoxue.registers.groups import MARKS, SUPPORTED, marks
from baoxue.registers.rules import COMPARISONS
from baoxue.registers.sides import Sides
from baoxue.registers.states import is_kept, on_list_between
from baoxue.store import Known

VERDICTS = ("agree", "explained", "cannot_tell", "disagree")
"""`explained`: not the same, and a record says why; `cannot_tell`: a side is missing; `disagree`: a finding."""


def agreement(known: Known, found: pd.DataFrame) -> pd.DataFrame:
    """A row per comparison of COMPARISONS: `comparison, compared, agree, explained, cannot_tell, disagree` (children).

    `found` is `findings` of the same day. A child with two findings of one comparison counts once.
    """
    at = Sides(known)
    rows = [_counted(name, side(at).to_pandas(), found) for name, side in _SIDES.items()]
    return pd.DataFrame(rows, columns=["comparison", "compared", *VERDICTS])


def _counted(name: str, compared: pd.DataFrame, found: pd.DataFrame) -> dict[str, object]:
    disagreeing = pd.Index(found.loc[found["finding"].isin(COMPARISONS[name]), "pupil"].unique())
    verdicts = compared.set_index("pupil")["verdict"]
    verdicts = verdicts.reindex(verdicts.index.union(disagreeing))
    verdicts[verdicts.index.isin(disagreeing)] = "disagree"
    counts = verdicts.value_counts()
    return {"comparison": name, "compared": len(verdicts)} | {v: int(counts.get(v, 0)) for v in VERDICTS}


def _household_registry(at: Sides) -> ir.Table:
    """Children of school age on the household register, and whether the registry has them in any state."""
    rows = of_school_age(at, at.households, at.year).filter(lambda t: t.pupil.notnull())
    return _matched(at, rows, at.registry, otherwise="explained")


def _registry_class(at: Sides) -> ir.Table:
    """Children on the registry or on a roster of this school year, and whether they are on both."""
    rosters = at.in_class.filter(at.in_class.roster_on >= at.year.starts_on).select("pupil")
    is_timely = at.roster_days.roster_on >= at.on_registry.snapshot_on
    timely = at.on_registry.semi_join(at.roster_days, ["school_code", is_timely])
    on_both = timely.semi_join(at.in_class, ["pupil", "school_code"]).select("pupil", verdict=ibis.literal("agree"))
    judged = timely.select("pupil").union(rosters).select("pupil", verdict=ibis.literal("explained"))
    untold = at.on_registry.select("pupil", verdict=ibis.literal("cannot_tell"))
    return _first_verdict(on_both, judged, untold)


def _registry_registry(at: Sides) -> ir.Table:
    """Children on the registry in any state; whoever is not a finding agrees."""
    return at.registry.select("pupil", verdict=ibis.literal("agree")).distinct()


def _registry_changes(at: Sides) -> ir.Table:
    """Children who ever transferred out or were suspended; whoever is not a finding has been settled."""
    rows = at.changes.filter(at.changes.change.isin([Change.TRANSFER_OUT, Change.SUSPENDED]))
    return rows.select("pupil", verdict=ibis.literal("agree")).distinct()


def _admission_registry(at: Sides) -> ir.Table:
    """Children admitted for this school year, and whether the registry has them in any state."""
    return _matched(at, at.admissions, at.registry, otherwise="explained")


def _lists_registry(at: Sides) -> ir.Table:
    """Children on the registry who are on a list now or marked; whoever is not a finding agrees."""
    kept = at.registry.filter(is_kept(at.registry)).select("pupil")
    listed = at.listed.filter(at.listed.group.isin(list(MARKS)), on_list_between(at.listed, at.as_of, at.as_of))
    marked = marks(at.registry).filter(lambda t: t.says_yes & t.group.isin(SUPPORTED)).select("pupil")
    either = listed.select("pupil").union(marked).semi_join(kept, "pupil")
    return either.select("pupil", verdict=ibis.literal("agree")).distinct()


def _lists_aid(at: Sides) -> ir.Table:
    """Children due or paid living aid in the last completed term; whoever is not a finding agrees."""
    term = last_completed_term(at)
    either = due_aid(at, term).select("pupil").union(payments(at, term).select("pupil"))
    return either.select("pupil", verdict=ibis.literal("agree")).distinct()


_SIDES: dict[str, Callable[[Sides], ir.Table]] = {
    "household_registry": _household_registry,
    "registry_class": _registry_class,
    "registry_registry": _registry_registry,
    "registry_changes": _registry_changes,
    "admission_registry": _admission_registry,
    "lists_registry": _lists_registry,
    "lists_aid": _lists_aid,
}


def _matched(at: Sides, rows: ir.Table, other: ir.Table, *, otherwise: str) -> ir.Table:
    agree = rows.semi_join(other, "pupil").select("pupil", verdict=ibis.literal("agree"))
    rest = ibis.literal(otherwise if at.registry_day else "cannot_tell")
    return _first_verdict(agree, rows.select("pupil", verdict=rest))


def _first_verdict(*parts: ir.Table) -> ir.Table:
    """`pupil, verdict`: of a child in several parts the verdict of the first."""
    ordered = ibis.union(*(part.mutate(place=ibis.literal(place)) for place, part in enumerate(parts)))
    return ordered.group_by("pupil").agg(verdict=ordered.verdict.argmin(ordered.place))
