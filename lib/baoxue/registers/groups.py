"""Departments' lists and the registry's marks side by side: a mark that is missing, a mark that no list supports."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from baoxue.codes import Disability, LeftBehind
from baoxue.registers.evidence import as_finding, sentence
from baoxue.registers.sides import Sides
from baoxue.registers.states import is_kept, on_list_between

MARKS: dict[str, tuple[str, str | bool]] = {
    "disabled": ("disability", Disability.NONE),
    "left_behind": ("left_behind", LeftBehind.NO),
    "orphan": ("is_orphan", False),
    "low_income": ("needs_aid", False),
}
"""A department's group -> the column of the registry that marks it, and the value that says no."""

SUPPORTED = ("disabled", "orphan")
"""Groups whose mark needs a list behind it; not 留守, which the registry and civil affairs define differently."""


def group_mark_missing(at: Sides) -> ir.Table:
    """On a department's list now, and the registry says no.

    残疾儿童 × 残疾类型 无残疾; 留守儿童 × 非留守; 孤儿 × 是否孤儿 否; 低收入农户 × 是否需要申请资助 否. An empty mark
    is not a no; an entry that is closed is not asked. Several marks of one child are one finding. Since the listing
    date, which every list carries; of several the earliest.
    """
    denied = marks(at.registry).filter(lambda rows: rows.says_no)
    listed = at.listed.filter(on_list_between(at.listed, at.as_of, at.as_of)).semi_join(denied, ["pupil", "group"])
    found = listed.group_by("pupil", "group").agg(listed_on=listed.listed_on.min())
    words = _words_of_group(at, found, "mark_missing", tuple(MARKS))
    return _one_per_child(at, found.mutate(since=found.listed_on, words=words))


def group_mark_unsupported(at: Sides) -> ir.Table:
    """The registry says 残疾 or 孤儿, and the child is on no such list. Since the first snapshot with it."""
    then = marks(at.history).filter(lambda rows: rows.says_yes & rows.group.isin(SUPPORTED))
    begun = at.listed.listed_on <= then.snapshot_on
    not_ended = at.listed.delisted_on.isnull() | (at.listed.delisted_on > then.snapshot_on)
    alone = then.anti_join(at.listed, ["pupil", "group", begun & not_ended])
    first = alone.group_by("pupil", "group").agg(since=alone.snapshot_on.min())
    current = at.listed.filter(on_list_between(at.listed, at.as_of, at.as_of))
    now = marks(at.registry).filter(lambda rows: rows.says_yes).anti_join(current, ["pupil", "group"])
    found = now.select("pupil", "group", "snapshot_on").distinct().left_join(first, ["pupil", "group"])
    found = found.filter(found.group.isin(SUPPORTED)).mutate(since=found.since.fill_null(found.snapshot_on))
    return _one_per_child(at, found.mutate(words=_words_of_group(at, found, "mark_unsupported", SUPPORTED)))


def marks(rows: ir.Table) -> ir.Table:
    """`pupil, group, snapshot_on, says_no, says_yes`: what the kept registry entries say of a child and group."""
    kept = rows.filter(is_kept(rows))
    every = ibis.union(*(_said(kept, group) for group in MARKS))
    by_day = every.group_by("pupil", "group", "snapshot_on")
    return by_day.agg(says_no=every.says_no.any(), says_yes=every.says_yes.any())


def _said(rows: ir.Table, group: str) -> ir.Table:
    column, no = MARKS[group]
    says_no, says_yes = (rows[column] == no).fill_null(False), (rows[column] != no).fill_null(False)
    return rows.select("pupil", "snapshot_on", group=ibis.literal(group), says_no=says_no, says_yes=says_yes)


def _words_of_group(at: Sides, rows: ir.Table, key: str, groups: tuple[str, ...]) -> ir.StringValue:
    columns = {"listed_on": rows.listed_on} if "listed_on" in rows.columns else {"since": rows.since}
    texts = [(rows.group == group, sentence(f"{key}_{group}", at.lang, **columns)) for group in groups]
    return ibis.cases(*texts, else_="")


def _one_per_child(at: Sides, rows: ir.Table) -> ir.Table:
    stop = sentence("stop", at.lang)
    said = rows.group_by("pupil").agg(since=rows.since.min(), words=rows.words.group_concat("", order_by=rows.group))
    entries = at.registry.filter(is_kept(at.registry)).select("pupil", "school_code", "grade", "class", "snapshot_on")
    found = entries.join(said, "pupil")
    evidence = sentence("registry_asked", at.lang, registry_on=found.snapshot_on) + found.words + stop
    return as_finding(found, since=found.since, evidence=evidence)
