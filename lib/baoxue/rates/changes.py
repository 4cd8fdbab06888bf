"""同比 and 环比: a count or a rate against the month before, and against the same month or year before it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from baoxue.rates.intervals import compare

NOT_OVER = "未满月"
"""Said instead of a verdict of a month that is not over."""


def month_changes(flows: pd.DataFrame, measure: str = "confirmed", by: Sequence[str] = ("stage",)) -> pd.DataFrame:
    """A count by month against the month before (环比) and the same month a year before (同比), per unit.

    `flows`: `cases_by_period(known, "month", by)`. Columns: `period`, the units, `count`; `before` and
    `before_change`, `year_ago` and `year_change` (pupils); `before_verdict`, `year_verdict`: 偏高, 偏低, 无法判断 by
    the exact conditional test of two counts over periods as long (`compare`). Where there is no earlier month all of
    it is empty; a month that is not over is not compared (未满月).
    """
    frame = flows[["period", *by, "is_complete", measure]].rename(columns={measure: "count"})
    month = pd.PeriodIndex(frame["period"], freq="M")
    counts = frame.assign(month=month).set_index(["month", *by])["count"]
    for name, back in (("before", 1), ("year", 12)):
        at = pd.MultiIndex.from_arrays([month - back, *(frame[unit] for unit in by)])
        earlier = pd.Series(counts.reindex(at).to_numpy(), index=frame.index, dtype="Int64")
        told = zip(frame["count"], earlier, frame["is_complete"], strict=True)
        verdict = [NOT_OVER if not over else _verdict(now, then) for now, then, over in told]
        label = {"before": "before", "year": "year_ago"}[name]
        frame[label] = earlier
        frame[f"{name}_change"] = (frame["count"] - earlier).where(frame["is_complete"])
        frame[f"{name}_verdict"] = pd.Series(verdict, index=frame.index, dtype="object").where(earlier.notna(), None)
    return frame.drop(columns="is_complete")


def year_changes(yearly: pd.DataFrame, by: Sequence[str] = ("stage",)) -> pd.DataFrame:
    """The dropout rate of each school year against the year before (同比), per unit, in percentage points.

    `yearly`: `dropout_rate_on_registry(known, by, same_period=True)`, so that an unfinished year is set against the
    same part of the earlier one. Columns: `school_year`, the units, `dropouts`, `rate_pct`, `before` (dropouts),
    `before_rate_pct`, `change_points`, and `ratio, low, high, verdict` of `compare`. The first year has no row.
    """
    now = yearly[["school_year", *by, "population", "dropouts", "rate_pct"]]
    then = now.assign(school_year=now["school_year"] + 1)
    names = {"population": "_population", "dropouts": "before", "rate_pct": "before_rate_pct"}
    frame = now.merge(then.rename(columns=names), on=["school_year", *by])
    columns = (frame[name] for name in ("dropouts", "population", "before", "_population"))
    told = pd.DataFrame([compare(*row)._asdict() for row in zip(*columns, strict=True)])
    frame = frame.assign(change_points=frame["rate_pct"] - frame["before_rate_pct"])
    frame = frame.join(told.reindex(columns=["ratio", "low", "high", "verdict"]))
    return frame.drop(columns=["population", "_population"])


def _verdict(now: int, then: int) -> str | None:
    return None if pd.isna(then) else compare(int(now), 1, int(then), 1).verdict
