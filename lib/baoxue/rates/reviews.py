"""季度复核: what the schools reported against what the county's comparison finds, and why the two differ."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.cases import detection
from baoxue.cases.leavings import leavings
from baoxue.cases.leavings import suspicions as suspected_cases
from baoxue.rates.casework import UNPLACED
from baoxue.rates.cube import TOTAL, in_order
from baoxue.registers import Sides, finding_rows

if TYPE_CHECKING:
    from baoxue.store import Known

ITEMS = ("in_school", "suspected", "left")
"""在校生, 疑似辍学 (of the quarter), 辍学未返校 (on the day): what a school reports and the county checks."""

CAUSES = {
    "in_school": ("not_in_class", "change_pending", "other_roster", "otherwise_away", "no_registry", "other_registry",
                  "other_status", "no_number"),
    "suspected": ("no_case",),
    "left": ("left_without_case",),
}  # fmt: skip
"""Why checked and reported differ, in the order they are said; of `in_school` the first four are fewer heads."""


def quarter_review(known: Known, since: dt.date) -> pd.DataFrame:
    """季度复核表: a row per school, 合计 first, then in the order of codes, 不详 last for children of no school.

    For each of `ITEMS`: `<item>_reported`, `<item>_checked`, `<item>_difference` (checked less reported), and a column
    per cause, signed, which sum to the difference.

    `in_school`: reported are the pupils 在读 here on the latest registry snapshot; checked are the heads on the
    school's latest roster but those who cut every roll call of the last weeks. Causes: `not_in_class` 名在人不在;
    `change_pending` a change out on record, the registry not yet moved; `other_roster` in class at another school;
    `otherwise_away` on approved leave; `no_registry` 在校无籍; `other_registry` on the registry of another school;
    `other_status` in class though the registry says 休学, 流失 or moved; `no_number` a name without a number, for a
    person to confirm. A school without a roster has nothing checked and no difference.

    `suspected`: reported are cases opened from `since` on; checked adds children whom the comparison suspects and
    nobody has looked at (`no_case`). `left`: reported are leavings not ended for which there is a case; checked adds
    those that only the registry states (`left_without_case`).
    """
    at = Sides(known)
    counts = pd.concat([_in_school(at), _suspected(known, since), _left(known)])
    counts["school_code"] = counts["school_code"].fillna(UNPLACED)
    wide = counts.groupby(["school_code", "measure"])["children"].sum().unstack(fill_value=0)
    schools = known.table("schools").school_code.to_pandas()
    frame = wide.reindex(sorted({*wide.index, *schools}), fill_value=0)
    causes = [cause for item in ITEMS for cause in CAUSES[item]]
    frame = frame.reindex(columns=[*(f"{item}_reported" for item in ITEMS), *causes], fill_value=0).astype(int)
    frame = pd.concat([frame.sum().to_frame(TOTAL).T, frame])
    return in_order(_with_checked(frame).rename_axis("school_code").reset_index(), ["school_code"])


def _with_checked(frame: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    for item in ITEMS:
        difference = frame[list(CAUSES[item])].sum(axis=1)
        columns[f"{item}_reported"] = frame[f"{item}_reported"]
        columns[f"{item}_checked"] = frame[f"{item}_reported"] + difference
        columns[f"{item}_difference"] = difference
    return pd.DataFrame(columns).join(frame[[cause for item in ITEMS for cause in CAUSES[item]]])


def _in_school(at: Sides) -> pd.DataFrame:
    """`school_code, measure, children`: the registry's pupils, and by cause who is on one side only."""
    handed_in = at.roster_days
    listed = at.on_registry.select("pupil", "school_code").distinct()
    reported = (
        listed.group_by("school_code").aggregate(children=listed.count()).mutate(measure=_word("in_school_reported"))
    )
    compared = listed.semi_join(handed_in, "school_code")
    sides = [reported, _counted(_away(at, compared), sign=-1), _counted(_besides(at, listed), sign=1), _nameless(at)]
    return pd.concat([side.to_pandas() for side in sides], ignore_index=True)


def _away(at: Sides, listed: ibis.Table) -> ibis.Table:
    """Registry entries not in class here, each with the cause."""
    found = finding_rows(at, "on_roll_not_in_class").select("pupil", "school_code").mutate(is_found=True)
    out = at.last_movement.filter(at.last_movement.is_out).select("pupil").distinct().mutate(is_out=True)
    elsewhere = at.in_class.select("pupil").distinct().mutate(sits=True)
    here = at.in_class.select("pupil", "school_code").mutate(is_here=True)
    rows = _beside(_beside(listed, found, "school_code"), here, "school_code")
    rows = _beside(_beside(rows, out), elsewhere)
    rows = rows.filter(rows.is_found.notnull() | rows.is_here.isnull())
    cause = ibis.cases(
        (rows.is_found.notnull(), "not_in_class"), (rows.is_out.notnull(), "change_pending"),
        (rows.sits.notnull(), "other_roster"), else_="otherwise_away",
    )  # fmt: skip
    return rows.mutate(measure=cause)


def _besides(at: Sides, listed: ibis.Table) -> ibis.Table:
    """Children in class here whom the registry does not have here, each with the cause."""
    rows = at.in_class.anti_join(listed, ["pupil", "school_code"])
    rows = _beside(rows, at.on_registry.select("pupil").distinct().mutate(is_elsewhere=True))
    rows = _beside(rows, at.registry.select("pupil").distinct().mutate(is_known=True))
    cause = ibis.cases(
        (rows.is_elsewhere.notnull(), "other_registry"), (rows.is_known.notnull(), "other_status"), else_="no_registry"
    )
    return rows.mutate(measure=cause)


def _nameless(at: Sides) -> ibis.Table:
    rows = at.rosters.filter(at.rosters.pupil.isnull()).mutate(measure=_word("no_number"))
    return _counted(rows, sign=1)


def _suspected(known: Known, since: dt.date) -> pd.DataFrame:
    opened = suspected_cases(known)
    opened = opened.filter(opened.opened_on >= ibis.literal(since)).mutate(measure=_word("suspected_reported"))
    clues = detection.to_confirm(known)
    clues = (
        clues.filter(clues.finding != "left_without_case")
        .group_by("pupil")
        .aggregate(school_code=clues.school_code.min())
    )
    parts = [_counted(opened, sign=1), _counted(clues.mutate(measure=_word("no_case")), sign=1)]
    return pd.concat([part.to_pandas() for part in parts], ignore_index=True)


def _left(known: Known) -> pd.DataFrame:
    rows = leavings(known).filter(ibis._.ended_on.isnull())
    told = ibis.ifelse(rows["case"].notnull(), "left_reported", "left_without_case")
    return _counted(rows.mutate(measure=told), sign=1).to_pandas()


def _counted(rows: ibis.Table, *, sign: int) -> ibis.Table:
    return rows.group_by("school_code", "measure").aggregate(children=sign * rows.count())


def _word(text: str) -> ibis.Value:
    return ibis.literal(text)


def _beside(rows: ibis.Table, more: ibis.Table, *also: str) -> ibis.Table:
    keys = ["pupil", *also]
    return rows.left_join(more, keys).drop(*(f"{key}_right" for key in keys))
