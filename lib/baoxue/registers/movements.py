"""Registry and changes side by side: transfers nobody confirmed, suspensions that ran out or were never approved."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir

from baoxue.codes import Change, Review
from baoxue.registers.evidence import as_finding, sentence
from baoxue.registers.sides import Sides
from baoxue.registers.states import last_by


def transfer_unconfirmed(at: Sides) -> ir.Table:
    """悬空转学: a 转出 whose 目标校确认日期 is empty 30 days after 变动日期, the child not back on the registry.

    The child's last 转出 counts, unless a death or emigration is recorded after it. Back is who stands on the registry
    in a snapshot of that day or later. Since 变动日期.
    """
    sent = at.changes.filter(at.changes.change == Change.TRANSFER_OUT)
    last = last_by(sent, "pupil", [sent.changed_on.desc(), sent.accepted_on.desc()])
    due = at.as_of - dt.timedelta(days=at.rules.transfer_confirmed_within_days)
    rows = last.filter(last.confirmed_on.isnull(), last.changed_on <= due)
    back = at.on_registry.select("pupil", back_on="snapshot_on")
    rows = rows.anti_join(back, ["pupil", back.back_on >= rows.changed_on])
    gone = at.changes.filter(at.changes.change.isin([Change.DEAD, Change.EMIGRATED]))
    gone = gone.select("pupil", gone_on="changed_on")
    rows = rows.anti_join(gone, ["pupil", gone.gone_on >= rows.changed_on])
    named = rows.to_school_name.fill_null(rows.to_school_code).notnull()
    key = ibis.ifelse(named, sentence("target_named", at.lang), sentence("target_unnamed", at.lang))
    evidence = sentence("transfer_unconfirmed", at.lang, changed_on=rows.changed_on, as_of=at.as_of) + key
    return _found(rows, evidence, since=rows.changed_on)


def suspension_expired(at: Sides) -> ir.Table:
    """休学期满未复学: an approved 休学 whose end has passed, the child not on the latest class roster.

    The end is 休学截止日期, else one year after 变动日期. Not if a 复学, transfer, death or emigration is recorded
    since. A child's last approved 休学 counts. Since the day after the end.
    """
    paused = at.suspensions
    rows = paused.filter(paused.ends_on < at.as_of, paused.reopened_on.isnull()).anti_join(at.in_class, "pupil")
    evidence = sentence("suspension_expired", at.lang, changed_on=rows.changed_on, ends_on=rows.ends_on)
    return _found(rows, evidence, since=rows.ends_on + ibis.interval(days=1))


def suspension_unapproved(at: Sides) -> ir.Table:
    """休学 without approval: not 通过 30 days after 受理日期. A child's last 休学 counts. Since 变动日期."""
    paused = at.changes.filter(at.changes.change == Change.SUSPENDED)
    last = last_by(paused, "pupil", [paused.changed_on.desc(), paused.accepted_on.desc()])
    due = at.as_of - dt.timedelta(days=at.rules.suspension_approved_within_days)
    rows = last.filter(last.accepted_on <= due, last.review.isnull() | (last.review != Review.PASSED))
    asked = sentence("suspension_unapproved", at.lang, changed_on=rows.changed_on, accepted_on=rows.accepted_on)
    refused = sentence("suspension_refused", at.lang, reviewed_on=rows.reviewed_on)
    pending = sentence("suspension_pending", at.lang)
    outcome = ibis.ifelse(rows.review.fill_null("") == Review.RETURNED, refused, pending)
    return _found(rows, asked + outcome, since=rows.changed_on)


def _found(rows: ir.Table, evidence: ir.StringValue, *, since: ir.DateValue) -> ir.Table:
    left = rows.rename(school_code="from_school_code", grade="from_grade", **{"class": "from_class"})
    return as_finding(left, since=since, evidence=evidence)
