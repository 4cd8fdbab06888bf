"""The departments: their lists against the registry's marks, and what was asked of them and answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from baoxue import registers
from baoxue.codes import Department
from baoxue.registers.groups import MARKS, marks
from baoxue.registers.states import is_kept, on_list_between
from baoxue.support.settings import rules

if TYPE_CHECKING:
    from baoxue.store import Known


def marks_against_lists(known: Known) -> pd.DataFrame:
    """By group: `group, listed` (children on the department's list today whom the registry keeps), `marked, unmarked`
    (the registry says yes, no) and `silent` (it says nothing)."""
    at = registers.Sides(known)
    kept = at.registry.filter(is_kept(at.registry)).select("pupil").distinct()
    listed = at.listed.filter(on_list_between(at.listed, at.as_of, at.as_of)).filter(at.listed.group.isin(list(MARKS)))
    listed = listed.select("pupil", "group").distinct().semi_join(kept, "pupil")
    said = marks(at.registry).select("pupil", "group", "says_no", "says_yes")
    frame = listed.left_join(said, ["pupil", "group"]).drop("pupil_right", "group_right").to_pandas()
    no, yes = frame["says_no"].fillna(False).astype(bool), frame["says_yes"].fillna(False).astype(bool)
    flags = pd.DataFrame({"listed": 1, "marked": yes & ~no, "unmarked": no, "silent": ~yes & ~no}, index=frame.index)
    counts = flags.astype(int).groupby(frame["group"]).sum().reindex([group for group in MARKS if len(frame)])
    return counts.fillna(0).astype(int).rename_axis("group").reset_index()


def referral_table(known: Known) -> pd.DataFrame:
    """Every referral, a row each: `referral, department, kind, referred_on, due_on, answered_on, outcome, state`
    (`answered`, `answered_late`, `waiting`, `overdue`), in the order of the days."""
    frame = known.table("referrals").to_pandas()
    asked, answered = pd.to_datetime(frame["referred_on"]), pd.to_datetime(frame["answered_on"])
    due = asked + pd.Timedelta(days=rules().referral_answer_days)
    state = pd.Series("waiting", index=frame.index).mask(due < pd.Timestamp(known.as_of), "overdue")
    state = state.mask(answered.notna(), "answered").mask(answered > due, "answered_late")
    rows = frame.assign(due_on=due, state=state).sort_values(["referred_on", "referral"], ignore_index=True)
    columns = ["referral", "department", "kind", "referred_on", "due_on", "answered_on", "outcome", "state"]
    return rows[columns]


def referrals_by_department(referrals: pd.DataFrame) -> pd.DataFrame:
    """By department in the order of the notice: `department, referred, answered, answered_late, waiting, overdue`;
    their sum is `referred`."""
    states = ["answered", "answered_late", "waiting", "overdue"]
    counts = pd.crosstab(referrals["department"], referrals["state"]).reindex(columns=states, fill_value=0)
    counts = counts.reindex([d.value for d in Department if d.value in counts.index])
    counts.insert(0, "referred", counts.sum(axis=1))
    return counts.rename_axis("department").rename_axis(columns=None).reset_index()
