"""Where cases wait: how long they stay in each state, and which steps are done in time (及时率)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.cases.facts import KEY
from baoxue.cases.outcomes import shares
from baoxue.cases.states import OPEN, STATES, history
from baoxue.cases.steps import Status, Step, steps

if TYPE_CHECKING:
    from baoxue.store import Known

NOT_IN_TIME = (Status.LATE, Status.MISSED, Status.OVERDUE, Status.SKIPPED, Status.OUT_OF_ORDER)


def stays(known: Known) -> pd.DataFrame:
    """Days in each open state: `state, stays, ended, days_median, days_p90, waiting, waiting_days_max`.

    `days_median` and `days_p90` are over stays that have ended; `waiting` counts those that go on today. In the order
    of the procedure; a state nobody was in is left out.
    """
    path = history(known).filter(ibis._.state.isin(OPEN))
    days = ibis.coalesce(path.until, ibis.literal(known.as_of)).delta(path.since, unit="day")
    frame = path.select(*KEY, "state", days=days, is_ended=path.until.notnull()).to_pandas()
    ended = frame[frame["is_ended"]].groupby("state")["days"]
    waiting = frame[~frame["is_ended"]].groupby("state")["days"]
    table = pd.DataFrame(
        {
            "stays": frame.groupby("state").size(),
            "ended": ended.size(),
            "days_median": ended.median(),
            "days_p90": ended.quantile(0.9),
            "waiting": waiting.size(),
            "waiting_days_max": waiting.max(),
        }
    )
    order = [rule.state.value for rule in STATES if rule.state.value in table.index]
    table = table.loc[order].rename_axis("state").reset_index()
    return table.assign(**{name: table[name].fillna(0).astype("int64") for name in ("ended", "waiting")})


def timeliness(known: Known, *, since: pd.Timestamp | None = None, least: int = 10) -> pd.DataFrame:
    """Each step, how often it was due and done in time, in the order of the procedure.

    Columns: `step, fell_due, in_time, late, not_done, skipped, late_days_median, in_time_pct, low_pct, high_pct, told`.
    A step counts once its limit has run out or it was done; `since` keeps those whose clock began on or after that
    day. `not_done` are overdue today or were never done. `told` is false below `least`.
    """
    frame = steps(known).to_pandas()
    frame = frame if since is None else frame[pd.to_datetime(frame["starts_on"]) >= since]
    frame = frame[frame["status"].isin([Status.IN_TIME, *NOT_IN_TIME]) & frame["due_on"].notna()]
    late_days = frame["late_days"].where(frame["late_days"] > 0)
    grouped = frame.assign(
        in_time=frame["status"].eq(Status.IN_TIME),
        late=frame["status"].eq(Status.LATE),
        not_done=frame["status"].isin([Status.MISSED, Status.OVERDUE]),
        skipped=frame["status"].isin([Status.SKIPPED, Status.OUT_OF_ORDER]),
        over=late_days,
    ).groupby("step")
    sums = grouped[["in_time", "late", "not_done", "skipped"]].sum().astype("int64")
    table = sums.assign(fell_due=grouped.size(), late_days_median=grouped["over"].median())
    order = [step.value for step in Step if step.value in table.index]
    return shares(table.loc[order].rename_axis("step").reset_index(), "in_time", "fell_due", least=least)
