"""What became of every pupil of a school year: the pupil-level status that retention rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.cases.leavings import leavings
from baoxue.codes import Change, Review, Status, TransferScope
from baoxue.panel import places, snapshots
from baoxue.rates.populations import opening_snapshots, openings
from baoxue.registers.rules import rules
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known

IN_SCHOOL, DROPPED_OUT, SUSPENDED = "在校", "辍学", "休学"
MOVED, ABROAD, DEAD, UNCONFIRMED, UNEXPLAINED = "转出", "出国(境)", "死亡", "转出未确认", "去向不明"
FATES = (IN_SCHOOL, MOVED, ABROAD, DEAD, SUSPENDED, DROPPED_OUT, UNCONFIRMED, UNEXPLAINED)
GONE = (MOVED, ABROAD, DEAD)
"""Fates that take a pupil out of the county's count with proof: subtracted where a rate is corrected for flows."""

AT_OPENING, ADMITTED, MOVED_IN, RESUMED, OTHERWISE = "学年初", "招生", "转入", "复学", "其他"

_STANDING = {
    Change.TRANSFER_OUT: MOVED, Change.EMIGRATED: ABROAD, Change.DEAD: DEAD, Change.SUSPENDED: SUSPENDED,
    Change.TRANSFER_IN: IN_SCHOOL, Change.RESUMED: IN_SCHOOL, Change.RETURNED: IN_SCHOOL,
}  # fmt: skip


def fates(known: Known) -> ibis.Table:
    """One row per pupil and school year in which the pupil was in school here, and what became of the pupil in it.

    Columns: `school_year, pupil, registration, seen_on, school_code, grade, stage` when first seen in the year;
    `joined`: 学年初 (on the registry at its beginning), else 复学 (on leave before), 转入 or 招生 (a change says so,
    or a first grade), 其他; `fate` at the end of the year, or on `as_of` if it is not over; `is_complete` whether it
    is.

    辍学: left and not back. Else the last change counts: 转出 (confirmed, or the receiving school still has time to,
    else 转出未确认; a transfer within the county is no leaving of it), 出国(境), 死亡, 休学. Else 去向不明 if the
    registry no longer has the pupil in any state, and no final grade explains it. Else 在校. A pupil whom a later
    snapshot has in school again is 在校, whatever was registered before. Graduates are the 在校 of grades 6 and 9.
    """
    return kept(known, "_fates", lambda: _fates(known))


def _fates(known: Known) -> ibis.Table:
    years = ibis.memtable(_years(known), schema=ibis.schema(_YEAR_COLUMNS))
    members = _members(known, years).inner_join(years, "school_year")
    rows = _with_last_change(members, known)
    rows = _with_leaving(rows, known)
    rows = _with_last_look(rows, known)
    confirmed = rows.confirmed_on.notnull() | (rows.changed_on >= rows.unconfirmed_before)
    moved = ibis.ifelse(confirmed, MOVED, UNCONFIRMED)
    is_back = rows.is_seen & (rows.look_on > rows.changed_on)
    final = rows.grade.isin([6, 9]) & rows.is_complete
    fate = ibis.cases(
        (rows.is_away, DROPPED_OUT),
        (is_back, IN_SCHOOL),
        (rows.standing == MOVED, moved),
        (rows.standing.notnull() & (rows.standing != IN_SCHOOL), rows.standing),
        (rows.is_listed | final | (rows.look_on <= rows.seen_on), IN_SCHOOL),
        else_=UNEXPLAINED,
    )
    told = ["school_year", "pupil", "registration", "seen_on", "school_code", "grade", "stage", "joined", "is_complete"]
    return rows.select(*told, fate=fate)


_YEAR_COLUMNS = {
    "school_year": "int32", "opened_on": "date", "ends_on": "date", "last_on": "date", "look_on": "date",
    "unconfirmed_before": "date", "is_complete": "boolean",
}  # fmt: skip
"""`last_on`: the last day whose snapshots belong to the year. `look_on`: the snapshot that shows who is still there:
the next year's opening, else the last one of the year."""


def _years(known: Known) -> pd.DataFrame:
    days = snapshots(known)
    opened = {year: pd.Timestamp(day) for year, day in opening_snapshots(known).items()}
    as_of, wait = pd.Timestamp(known.as_of), pd.Timedelta(days=rules().transfer_confirmed_within_days)
    rows = []
    for year, day in opened.items():
        ends = min(pd.Timestamp(year + 1, 8, 31), as_of)
        following = opened.get(year + 1)
        last = min(ends, following - pd.Timedelta(days=1)) if following else ends
        look = following or days[days <= ends].max()
        rows.append((year, day, ends, last, look, ends - wait, ends < as_of or following is not None))
    return pd.DataFrame(rows, columns=list(_YEAR_COLUMNS), dtype="object")


def _members(known: Known, years: ibis.Table) -> ibis.Table:
    """Pupils of each year: those of its opening, and whoever a later snapshot of the year has in school for the first
    time."""
    columns = ["school_year", "pupil", "registration", "seen_on", "school_code", "grade", "stage"]
    there = openings(known).select(*columns).mutate(joined=ibis.literal(AT_OPENING))
    seen = places(known).cross_join(years)
    seen = seen.filter((seen.snapshot_on > seen.opened_on) & (seen.snapshot_on <= seen.last_on))
    late = (
        seen.mutate(seen_on=seen.snapshot_on).select(*columns, "opened_on").anti_join(there, ["school_year", "pupil"])
    )
    first = ibis.row_number().over(ibis.window(group_by=["school_year", "pupil"], order_by="seen_on"))
    late = late.mutate(_rank=first).filter(ibis._._rank == 0)
    return there.union(with_joining(late, known).select(*columns, "joined"))


def with_joining(late: ibis.Table, known: Known) -> ibis.Table:
    """How each newcomer of a year came in: `joined`, from what the changes between `opened_on` and `seen_on` say."""
    enrolments = known.table("enrolments")
    on_leave = (
        enrolments.filter(enrolments.status == Status.SUSPENDED).select("pupil", opened_on="snapshot_on").distinct()
    )
    changes = standing_changes(known).select("pupil", "change", "changed_on")
    was_on_leave = late.semi_join(on_leave, ["pupil", "opened_on"]).select("school_year", "pupil").mutate(_leave=True)
    pairs = late.left_join(changes, "pupil")
    in_year = (pairs.changed_on >= pairs.opened_on) & (pairs.changed_on <= pairs.seen_on)
    said = pairs.group_by("school_year", "pupil").aggregate(
        _moved=(in_year & (pairs.change == Change.TRANSFER_IN)).any(),
        _resumed=(in_year & pairs.change.isin([Change.RESUMED, Change.RETURNED])).any(),
        _admitted=(in_year & (pairs.change == Change.ADMITTED)).any(),
    )
    keys = ["school_year", "pupil"]
    rows = late.left_join(said, keys).drop(*(f"{k}_right" for k in keys))
    rows = rows.left_join(was_on_leave, keys).drop(*(f"{k}_right" for k in keys))
    how = ibis.cases(
        (rows._leave.fill_null(False) | rows._resumed, RESUMED),
        (rows._moved, MOVED_IN),
        (rows._admitted | rows.grade.isin([1, 7]), ADMITTED),
        else_=OTHERWISE,
    )
    return rows.mutate(joined=how)


def standing_changes(known: Known) -> ibis.Table:
    """The changes that were not sent back (退回): what was refused has changed nothing."""
    changes = known.table("changes")
    return changes.filter(changes.review.fill_null("") != Review.RETURNED)


def _with_last_change(members: ibis.Table, known: Known) -> ibis.Table:
    """`standing`: what the last change of the year says of the pupil; empty without one.

    A change that the opening snapshot did not know yet is of the year, and so is one that took the pupil away in
    summer, before the next opening: there it must be accounted for, because the next year never sees the pupil.
    """
    changes = standing_changes(known)
    word = ibis.cases(*((changes.change == change, fate) for change, fate in _STANDING.items()))
    inside = (changes.change == Change.TRANSFER_OUT) & (changes.transfer_scope == TransferScope.COUNTY)
    standing = ibis.ifelse(inside.fill_null(False), IN_SCHOOL, word)
    said = changes.select("pupil", "changed_on", "confirmed_on", "known_on", "change", standing=standing).filter(
        ibis._.standing.notnull()
    )
    pairs = members.select("school_year", "pupil", "opened_on", "ends_on", "look_on").inner_join(said, "pupil")
    is_news = (pairs.changed_on > pairs.opened_on) | (pairs.known_on > pairs.opened_on)
    is_of_summer = pairs.standing.isin(GONE) & (pairs.changed_on <= pairs.look_on)
    pairs = pairs.filter(is_news & ((pairs.changed_on <= pairs.ends_on) | is_of_summer))
    order = [pairs.changed_on.desc(), pairs.known_on.desc(), pairs.change]
    rank = ibis.row_number().over(ibis.window(group_by=["school_year", "pupil"], order_by=order))
    last = pairs.mutate(_rank=rank).filter(ibis._._rank == 0)
    return _beside(members, last.select("school_year", "pupil", "standing", "changed_on", "confirmed_on"))


def _with_leaving(rows: ibis.Table, known: Known) -> ibis.Table:
    """`is_away`: whether the pupil had left and was not back on the last day of the year."""
    left = leavings(known).select("pupil", "left_on", "ended_on")
    pairs = rows.select("school_year", "pupil", "ends_on").inner_join(left, "pupil")
    away = pairs.filter((pairs.left_on <= pairs.ends_on) & (pairs.ended_on.isnull() | (pairs.ended_on > pairs.ends_on)))
    marked = _beside(rows, away.select("school_year", "pupil").distinct().mutate(_away=True))
    return marked.mutate(is_away=marked._away.fill_null(False)).drop("_away")


def _with_last_look(rows: ibis.Table, known: Known) -> ibis.Table:
    """`is_listed` on the registry at `look_on` in any state, `is_seen` there in school."""
    listed = known.table("enrolments").select("pupil", look_on="snapshot_on").distinct()
    seen = places(known).select("pupil", look_on="snapshot_on").distinct()
    keys = ["pupil", "look_on"]
    for name, there in (("is_listed", listed), ("is_seen", seen)):
        joined = rows.left_join(there.mutate(_there=True), keys).drop(*(f"{key}_right" for key in keys))
        rows = joined.mutate(**{name: joined._there.fill_null(False)}).drop("_there")
    return rows


def _beside(rows: ibis.Table, more: ibis.Table) -> ibis.Table:
    keys = ["school_year", "pupil"]
    return rows.left_join(more, keys).drop(*(f"{key}_right" for key in keys))
