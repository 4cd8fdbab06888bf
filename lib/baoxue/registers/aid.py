"""Departments' lists and payments side by side, in the last completed term: aid missing, aid not due."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from baoxue.codes import Aid, Boarding
from baoxue.registers.evidence import as_finding, sentence
from baoxue.registers.sides import Sides
from baoxue.registers.states import is_on_registry, last_by, on_list_between

ENTITLING = ("low_income", "disabled", "orphan", "unsupported")
"""Lists on any of which a child may be paid."""

DUE_AID = {Boarding.BOARDER: Aid.BOARDING, Boarding.DAY: Aid.MEALS}
"""The payment that depends on a list, by 就读方式; fees and textbooks are free for everyone."""


class AidTerm(NamedTuple):
    """The term whose payments are judged; all empty while no term is completed."""

    label: str | None
    starts_on: dt.date | None
    ends_on: dt.date | None


def last_completed_term(at: Sides) -> AidTerm:
    """The term that ended last, on the as-of day or before."""
    terms = at.known.terms.filter(at.known.terms.ends_on <= at.as_of).to_pandas()
    if terms.empty:
        return AidTerm(None, None, None)
    last = terms.sort_values(["ends_on", "term"]).iloc[-1]
    return AidTerm(str(last["term"]), pd.Timestamp(last["starts_on"]).date(), pd.Timestamp(last["ends_on"]).date())


def aid_missing(at: Sides) -> ir.Table:
    """应助未助: in the last completed term on the low-income list on its first day, on the registry, and not paid.

    Boarders are due 寄宿生生活补助, day pupils 营养餐; a child whose 就读方式 is empty cannot be judged. Since the
    first day of the term.
    """
    term = last_completed_term(at)
    rows = due_aid(at, term).anti_join(payments(at, term), ["pupil", "aid"])
    words = {"starts_on": term.starts_on, "registry_on": rows.snapshot_on}
    evidence = ibis.cases(
        (rows.aid == Aid.BOARDING, sentence("aid_missing_boarder", at.lang, **words)),
        else_=sentence("aid_missing_day_pupil", at.lang, **words),
    )
    return as_finding(rows, since=term.starts_on, evidence=evidence)


def due_aid(at: Sides, term: AidTerm) -> ir.Table:
    """Registry rows of the term, with the `aid` due, of who was on the low-income list on its first day."""
    rows = at.registry_in(term.starts_on, term.ends_on)
    due = ibis.cases(*((rows.boarding == boarding, str(aid)) for boarding, aid in DUE_AID.items()))
    rows = rows.filter(is_on_registry(rows)).mutate(aid=due)
    poor = at.listed.filter(at.listed.group == "low_income", on_list_between(at.listed, term.starts_on, term.starts_on))
    return rows.filter(rows.aid.notnull()).semi_join(poor, "pupil")


def aid_unentitled(at: Sides) -> ir.Table:
    """Paid 寄宿生生活补助 or 营养餐 in the last completed term, and on no list that entitles to it on any day of it.

    Entitling are the lists of low-income households, disabled children, orphans and children 事实无人抚养. Since the
    first day of the term. The school is the child's in that term.
    """
    term = last_completed_term(at)
    listed = at.listed.filter(at.listed.group.isin(ENTITLING), on_list_between(at.listed, term.starts_on, term.ends_on))
    paid = payments(at, term).anti_join(listed, "pupil")
    sums = paid.group_by("pupil").agg(
        boarding_yuan=paid.amount_yuan.sum(where=paid.aid == Aid.BOARDING),
        meals_yuan=paid.amount_yuan.sum(where=paid.aid == Aid.MEALS),
    )
    registry = at.registry_in(term.starts_on, term.ends_on)
    entry = last_by(registry, "pupil", [registry.school_code, registry.registration])
    rows = sums.left_join(entry, "pupil").drop("pupil_right")
    return as_finding(rows, since=term.starts_on, evidence=_paid_in_words(at, rows, term))


def _paid_in_words(at: Sides, rows: ir.Table, term: AidTerm) -> ir.StringValue:
    boarding = sentence("paid_boarding", at.lang, yuan=rows.boarding_yuan.round(2))
    meals = sentence("paid_meals", at.lang, yuan=rows.meals_yuan.round(2))
    return (
        sentence("aid_unentitled", at.lang, starts_on=term.starts_on, ends_on=term.ends_on)
        + ibis.ifelse(rows.boarding_yuan.notnull(), boarding, "")
        + ibis.ifelse(rows.meals_yuan.notnull(), meals, "")
        + sentence("on_no_list", at.lang)
    )


def payments(at: Sides, term: AidTerm) -> ir.Table:
    """`pupil, aid, amount_yuan` of what was paid in the term and depends on a list; a payment of nothing is none."""
    rows = at.known.aid
    in_term = rows.term == ibis.literal(term.label, type="string")
    paid = rows.filter(rows.pupil.notnull(), rows.aid.isin(list(DUE_AID.values())), rows.amount_yuan > 0, in_term)
    return paid.select("pupil", "aid", "amount_yuan")
