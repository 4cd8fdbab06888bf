"""From one opening of the registry to the next: where every pupil was, where the pupil is, and by which movement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from baoxue.codes import Change, Coded, Status
from baoxue.rates.fates import (
    ABROAD,
    ADMITTED,
    AT_OPENING,
    DEAD,
    DROPPED_OUT,
    IN_SCHOOL,
    MOVED,
    MOVED_IN,
    OTHERWISE,
    RESUMED,
    SUSPENDED,
    UNCONFIRMED,
    fates,
    standing_changes,
    with_joining,
)
from baoxue.rates.populations import opening_snapshots, openings
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known


class Movement(Coded):
    """学生变动: how a pupil comes to a place or leaves it (XSBD), and where the registry has pupils at either end."""

    OPENING = "上学年初"
    ADMITTED = "招生"
    RESUMED = "复学"
    MOVED_IN = "转入"
    MOVED_IN_COUNTY = "县区内转入"
    OTHER_IN = "其他增加"
    GRADUATED = "毕业"
    COMPLETED = "结业"
    SUSPENDED = "休学"
    WITHDRAWN = "退学"
    DEAD = "死亡"
    MOVED_OUT = "转出"
    MOVED_OUT_COUNTY = "县区内转出"
    DROPPED_OUT = "辍学"
    ABROAD = "出国(境)"
    UNEXPLAINED = "去向不明"
    OTHER_OUT = "其他减少"
    UP_IN = "升入"
    UP_OUT = "升出"
    CLOSING = "本学年初"


_FATE = {
    MOVED: Movement.MOVED_OUT, UNCONFIRMED: Movement.MOVED_OUT, SUSPENDED: Movement.SUSPENDED, DEAD: Movement.DEAD,
    ABROAD: Movement.ABROAD, DROPPED_OUT: Movement.DROPPED_OUT,
}  # fmt: skip
_JOINED = {
    AT_OPENING: Movement.OPENING, ADMITTED: Movement.ADMITTED, MOVED_IN: Movement.MOVED_IN, RESUMED: Movement.RESUMED,
    OTHERWISE: Movement.OTHER_IN,
}  # fmt: skip
_RECORD = {
    Change.GRADUATED: Movement.GRADUATED, Change.COMPLETED: Movement.COMPLETED, Change.WITHDRAWN: Movement.WITHDRAWN,
    Change.EXPELLED: Movement.WITHDRAWN,
}  # fmt: skip
_STATUS = {
    Status.SUSPENDED: Movement.SUSPENDED, Status.LOST: Movement.DROPPED_OUT, Status.TRANSFERRED: Movement.MOVED_OUT,
    Status.DEAD: Movement.DEAD, Status.ABROAD: Movement.ABROAD, Status.GRADUATED: Movement.GRADUATED,
    Status.COMPLETED: Movement.COMPLETED, Status.WITHDRAWN: Movement.WITHDRAWN, Status.EXPELLED: Movement.WITHDRAWN,
}  # fmt: skip


def movements(known: Known) -> ibis.Table:
    """学生变动 pupil by pupil: one row per pupil, school year, place and movement, and per pupil at either end of it.

    Columns: `school_year, pupil, movement, school_code, grade, stage`. 上学年初 and 本学年初 are the pupils in school
    at this opening of the registry and the next (`openings`); the other movements explain the difference everywhere:
    上学年初 + 增加 - 减少 + 升入 - 升出 = 本学年初 for every school, grade, stage and together. School years whose next
    opening is not there yet have no rows.

    Only the pupil's place at the two ends counts: who left and was back in between has moved nowhere, who came and left
    in between has come and left. Within a school and stage a grade is gone up by 升出 and 升入 (留级 stays,
    跳级 skips). From grade 6 into a junior stage is 毕业 there and 招生 here. Another school of the county in the same
    stage is 转出 there and 转入 here (`县区内…` among the kinds). Who is not at the next opening left by what `fates`
    says; else by the last 毕业, 结业, 退学 on record; else by the state in which the registry then holds the pupil
    (休学, 流失); who finished a stage by 毕业; else 去向不明.

    Source: 学生变动情况表 (XSBD): 增加 招生, 复学, 转入, 其他; 减少 毕业, 结业, 休学, 退学, 死亡, 转出, 其他.
    """
    return kept(known, "_movements", lambda: _movements(known))


def spans(known: Known) -> pd.DataFrame:
    """The school years between two openings: `school_year, opened_on, closed_on` (the next opening), oldest first."""
    days = opening_snapshots(known)
    rows = [(year, day, days[year + 1]) for year, day in days.items() if year + 1 in days]
    return pd.DataFrame(rows, columns=list(_SPANS), dtype="object")


_SPANS = {"school_year": "int32", "opened_on": "date", "closed_on": "date"}
_KEYS = ("school_year", "pupil")
_PLACE = ("school_code", "grade", "stage")


def spans_table(known: Known) -> ibis.Table:
    """`spans` as a table to be joined."""
    return ibis.memtable(spans(known), schema=ibis.schema(_SPANS))


def _movements(known: Known) -> ibis.Table:
    rows = _both_ends(known)
    is_gone, stays = rows.to_school_code.isnull(), rows.to_stage.identical_to(rows.stage)
    same_school = stays & (rows.to_school_code == rows.school_code)
    goes_up = (rows.grade == 6) & (rows.to_grade > 6)
    crosses = ~is_gone & ~stays
    left = ibis.cases(
        (is_gone, rows.went),
        (crosses & goes_up, Movement.GRADUATED.value),
        (crosses, Movement.OTHER_OUT.value),
        (~same_school, Movement.MOVED_OUT_COUNTY.value),
    )
    came = ibis.cases(
        (crosses & goes_up, Movement.ADMITTED.value),
        (crosses, Movement.OTHER_IN.value),
        (~is_gone & ~same_school, Movement.MOVED_IN_COUNTY.value),
    )
    up = same_school & (rows.to_grade != rows.grade)
    first = _word(rows.joined, _JOINED)
    here = [(ibis.literal(True), first), (left.notnull(), left), (up, ibis.literal(Movement.UP_OUT.value))]
    there = [
        (came.notnull(), came),
        (up, ibis.literal(Movement.UP_IN.value)),
        (~is_gone, ibis.literal(Movement.CLOSING.value)),
    ]
    ends = [("", *what) for what in here] + [("to_", *what) for what in there]
    return ibis.union(*(_told(rows, end, when, word) for end, when, word in ends))


def _told(rows: ibis.Table, end: str, when: ibis.Value, word: ibis.Value) -> ibis.Table:
    told = rows.mutate(_when=when.fill_null(False), movement=word).filter(ibis._["_when"])
    return told.select(*_KEYS, "movement", **{name: f"{end}{name}" for name in _PLACE})


def _both_ends(known: Known) -> ibis.Table:
    """Every pupil of a span where first seen in it (`school_code, grade, stage, joined`), where at the next opening
    (`to_…`, empty if not there), and `went`: how the pupil left if not there."""
    years = spans_table(known)
    closing = openings(known).mutate(school_year=(ibis._.school_year - 1).cast("int32"))
    closing = closing.select(*_KEYS, "seen_on", *_PLACE).inner_join(years, "school_year")
    seen = fates(known).inner_join(years, "school_year").select(*_KEYS, *_PLACE, "joined", "fate", "closed_on")
    new = with_joining(closing.anti_join(seen, list(_KEYS)), known)
    new = new.select(*_KEYS, *_PLACE, "joined", fate=ibis.literal(IN_SCHOOL), closed_on="closed_on")
    there = closing.select(*_KEYS, **{f"to_{name}": name for name in _PLACE})
    rows = _beside(seen.union(new), there)
    return _with_record(_with_status(rows, known), known)


def _with_status(rows: ibis.Table, known: Known) -> ibis.Table:
    """`status` in which the registry holds the pupil at the next opening, empty if it does not."""
    held = known.table("enrolments").filter(ibis._.status.notnull())
    last = held.group_by("pupil", closed_on="snapshot_on").aggregate(status=held.status.min())
    return rows.left_join(last, ["pupil", "closed_on"]).drop("pupil_right", "closed_on_right")


def _with_record(rows: ibis.Table, known: Known) -> ibis.Table:
    """`went`: the way out, from the fate, else the last record of the year, else the status, else the final grade."""
    years = spans_table(known)
    records = standing_changes(known).filter(ibis._.change.isin(list(_RECORD))).cross_join(years)
    records = records.filter((records.changed_on > records.opened_on) & (records.changed_on <= records.closed_on))
    said = records.group_by(*_KEYS).aggregate(record=records.change.argmax(records.changed_on))
    rows = _beside(rows, said)
    is_through = rows.grade.isin([6, 9]) & (rows.fate == IN_SCHOOL)
    otherwise = ibis.ifelse(is_through, Movement.GRADUATED.value, Movement.UNEXPLAINED.value)
    went = (_word(rows.fate, _FATE), _word(rows.record, _RECORD), _word(rows.status, _STATUS), otherwise)
    return rows.mutate(went=ibis.coalesce(*went))


def _word(column: ibis.Value, words: Mapping[Any, Movement]) -> ibis.Value:
    """The movement that a word of the column stands for; empty for another word."""
    texts = {str(word): movement.value for word, movement in words.items()}
    return column.substitute(texts, else_=ibis.null("string"))


def _beside(rows: ibis.Table, more: ibis.Table) -> ibis.Table:
    return rows.left_join(more, list(_KEYS)).drop(*(f"{key}_right" for key in _KEYS))
