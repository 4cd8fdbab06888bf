"""Months of schooling by unit: who was on the registry, which days were missed, who was suspected or away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.cases.kept import kept
from baoxue.panel import on_registry, pupil_months
from baoxue.rates.cube import TOTAL, in_order
from baoxue.rates.populations import described
from baoxue.remembered import remembered

if TYPE_CHECKING:
    from baoxue.store import Known

UNITS = (
    "stage", "grade", "sex", "township_code", "zone", "school_code", "urban_rural", "boarding", "distance_band",
)  # fmt: skip
"""What trends are told by."""

MEASURES = ("pupils", "pupil_days", "unexcused_days", "suspected", "away")


@remembered
def attendance_by_month(known: Known, by: str = "stage") -> pd.DataFrame:
    """A row per month and unit, 合计 first: pupils on the registry and the days they missed without leave.

    `pupils` on the registry in the month (`panel.pupil_months`); `pupil_days` on which a roll was taken, summed over
    pupils; `unexcused_days` of them (旷课; half days count 0.5) and `unexcused_per_1000` pupil-days, empty where no
    roll was taken: a day without a roll is missing, not attended. `suspected`: pupils with an open case at the month's
    end; `away`: who had left and were not back. No interval: the days of one pupil are not independent.

    `by`: one of `UNITS`. A pupil whose unit nobody entered is in 合计 only. The last month may be incomplete.
    """
    months = kept(known, "_month_cube", lambda: _month_cube(known))
    measures = {name: months[name].sum() for name in MEASURES}
    total = months.group_by("month").aggregate(**measures).mutate(**{by: ibis.literal(TOTAL)})
    placed = months.filter(months[by].notnull())
    units = placed.group_by("month", **{by: placed[by].cast("string")}).aggregate(**measures)
    columns = ["month", by, *MEASURES]
    frame = total.select(*columns).union(units.select(*columns)).to_pandas()
    frame = in_order(frame.assign(month=pd.to_datetime(frame["month"]).dt.strftime("%Y-%m")), ["month", by])
    days = frame["pupil_days"].where(frame["pupil_days"] > 0)
    counts = dict.fromkeys(("pupils", "pupil_days", "suspected", "away"), "int64")
    return frame.astype(counts).assign(unexcused_per_1000=1000 * frame["unexcused_days"] / days)


def _month_cube(known: Known) -> ibis.Table:
    """The panel summed over pupils who share a month and every unit: small, and every table is a sum of it."""
    there = on_registry(known).mutate(seen_on=ibis._.snapshot_on)
    rows = described(there.select("pupil", "seen_on", "school_code", "registration"), known)
    units = [name for name in UNITS if name not in {"stage", "grade", "school_code"}]
    told = rows.select("pupil", *units, snapshot_on="seen_on")
    panel = pupil_months(known)
    keys = ["pupil", "snapshot_on"]
    months = panel.left_join(told, keys).drop(*(f"{key}_right" for key in keys))
    return months.group_by("month", *UNITS).aggregate(
        pupils=months.pupil.count(),
        pupil_days=months.rolled_days.sum(),
        unexcused_days=months.unexcused_days.sum(),
        suspected=months.is_suspected.sum(),
        away=months.is_away.sum(),
    )
