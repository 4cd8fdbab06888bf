"""Who on the registry is not at risk of leaving, and what ends the risk later: lawful ways out of a school."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pandas as pd

from baoxue import features
from baoxue.calendar import SchoolYear
from baoxue.cases.leavings import leavings
from baoxue.codes import Change, Review
from baoxue.panel import snapshots
from baoxue.registers.sides import Sides

if TYPE_CHECKING:
    from baoxue.store import Known

GONE = {
    Change.TRANSFER_OUT: "transferred",
    Change.EMIGRATED: "emigrated",
    Change.DEAD: "dead",
    Change.GRADUATED: "graduated",
    Change.COMPLETED: "graduated",
}
"""A change that ends the risk -> the reason; never a leaving."""

NOT_AT_RISK = ("left", "on_leave", "transferred", "emigrated", "dead", "graduated")
"""Reasons in order of precedence."""

LAST_GRADE = 9


def standing(known: Known) -> pd.Series:
    """Why each pupil on the registry is not at risk, as known on the as-of date; missing if at risk. Indexed by pupil.

    `left`: confirmed as having left and not back in school. `on_leave`: an approved suspension covers the day. A
    transfer, emigration or graduation counts if it happened after the registry snapshot, a death always.
    """
    listed = features.registry(known).select("pupil", "snapshot_on")
    left = leavings(known).filter(ibis._.returned_on.isnull()).select("pupil", reason=ibis.literal("left"))
    pauses = Sides(known).suspensions
    covers = pauses.reopened_on.isnull() & (pauses.changed_on <= known.as_of) & (pauses.ends_on >= known.as_of)
    on_leave = pauses.filter(covers).select("pupil", reason=ibis.literal("on_leave"))
    gone = departures(known).inner_join(listed, "pupil")
    is_after = (gone.changed_on > gone.snapshot_on) | (gone.reason == "dead")
    moved = gone.filter(is_after & (gone.changed_on <= known.as_of)).select("pupil", "reason")
    found = left.union(on_leave).union(moved).to_pandas()
    found["order"] = found["reason"].map({reason: place for place, reason in enumerate(NOT_AT_RISK)})
    first = found.sort_values(["pupil", "order"]).drop_duplicates("pupil").set_index("pupil")["reason"]
    pupils = pd.Index(listed.select("pupil").to_pandas()["pupil"], name="pupil").sort_values()
    return first.reindex(pupils).rename("standing")


def endings(then: Known, later: Known, end: dt.date) -> pd.DataFrame:
    """What first ended the risk of a pupil after `then.as_of` and by `end`, other than leaving, and when.

    `reason, ended_on`, indexed by pupil. A reason of `NOT_AT_RISK`; a transfer does not count if the pupil stands on a
    registry snapshot after it. `untraced`, on the last day: no change on record, yet on no snapshot by then (in grade
    9 past the summer: `graduated`, with the school year).
    """
    after = ibis.literal(then.as_of)
    gone = departures(later).filter((ibis._.changed_on > after) & (ibis._.changed_on <= end))
    changes = later.table("changes").filter(ibis._.change == Change.SUSPENDED, ibis._.review == Review.PASSED)
    pauses = changes.filter((ibis._.changed_on > after) & (ibis._.changed_on <= end))
    recorded = _not_back(gone, later).union(pauses.select("pupil", "changed_on", reason=ibis.literal("on_leave")))
    frame = recorded.to_pandas().sort_values(["pupil", "changed_on", "reason"]).drop_duplicates("pupil")
    lost = _untraced(then, later, end)
    known = frame.rename(columns={"changed_on": "ended_on"}).set_index("pupil")
    found = pd.concat([known, lost[~lost.index.isin(known.index)]])[["reason", "ended_on"]]
    return found.assign(ended_on=pd.to_datetime(found["ended_on"]))


def departures(known: Known) -> ir.Table:
    """Changes that take a pupil off the registry and were not sent back: `pupil, changed_on, reason`."""
    changes = known.table("changes")
    why = ibis.cases(*((changes.change == change, reason) for change, reason in GONE.items()))
    kept = changes.mutate(reason=why).filter(changes.review.fill_null("") != Review.RETURNED)
    return kept.filter(kept.reason.notnull() & kept.pupil.notnull()).select("pupil", "changed_on", "reason").distinct()


def _not_back(gone: ir.Table, later: Known) -> ir.Table:
    snapshots = later.table("enrolments").select("pupil", "snapshot_on")
    pairs = gone.inner_join(snapshots, "pupil")
    back = pairs.filter((pairs.snapshot_on > pairs.changed_on) & (pairs.reason == "transferred"))
    return gone.anti_join(back, ["pupil", "changed_on"])


def _untraced(then: Known, later: Known, end: dt.date) -> pd.DataFrame:
    """`reason, ended_on` of pupils on no entry, whatever its state, of the horizon's last snapshot (none: nobody)."""
    days = snapshots(later)
    days = days[(days > pd.Timestamp(then.as_of)) & (days <= pd.Timestamp(end))]
    last = later.table("enrolments").filter(ibis._.snapshot_on.isin([day.date() for day in days[-1:]]))
    seen = last.select("pupil").distinct().to_pandas()["pupil"]
    listed = features.registry(then).select("pupil", "grade").to_pandas().set_index("pupil")["grade"]
    lost = listed[~listed.index.isin(seen)] if len(seen) else listed.head(0)
    summer = SchoolYear.of(then.as_of).ends_on
    has_graduated = (lost == LAST_GRADE) & (end > summer)
    reason = pd.Series("untraced", index=lost.index, dtype="str").mask(has_graduated, "graduated")
    ended_on = pd.Series(pd.Timestamp(end), index=lost.index).mask(has_graduated, pd.Timestamp(summer))
    return pd.DataFrame({"reason": reason, "ended_on": ended_on})
