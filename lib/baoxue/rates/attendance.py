"""Months of schooling by unit: who was on the registry, which days were missed, who was suspected or away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.cases.leavings import leavings, suspicions
from baoxue.codes import Absence, Session
from baoxue.panel import CLASS, moved_out, places, registry_months
from baoxue.rates.cube import TOTAL, in_order
from baoxue.rates.populations import with_units
from baoxue.remembered import kept, remembered

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
    """`panel.pupil_months` summed over pupils who share a month and every unit: small, and every table is a sum of it.

    Counted from the snapshots, a row a class and not a row a pupil and month, less those who had moved out since.
    """
    seen, months = kept(known, "_units_on_registry", lambda: _seen(known)), registry_months(known)
    gone = kept(known, "_gone_by_month", lambda: _gone(seen, months, known))
    left = leavings(known).select("pupil", since="left_on", until="ended_on")
    suspected = suspicions(known).select("pupil", since="opened_on", until="settled_on")
    parts = [
        _present(seen, months, gone, known),
        _missed(seen, months, gone, known),
        _standing(seen, months, gone, left, "away"),
        _standing(seen, months, gone, suspected, "suspected"),
    ]
    every = ibis.union(*(part.select("month", *UNITS, **_only(part)) for part in parts))
    return every.group_by("month", *UNITS).aggregate(**{name: every[name].sum() for name in MEASURES})


def _seen(known: Known) -> ibis.Table:
    """Where every pupil was on every snapshot, with the units."""
    return with_units(places(known), known).select("pupil", "class", "snapshot_on", *UNITS)


def _gone(seen: ibis.Table, months: ibis.Table, known: Known) -> ibis.Table:
    """Pupils in months whose snapshot still has them though they had moved out by then."""
    moved = moved_out(known)
    pairs = seen.inner_join(moved, "pupil").inner_join(months.select("month", "snapshot_on"), "snapshot_on")
    late = pairs.filter((pairs.snapshot_on < pairs.gone_on) & (pairs.month > pairs.gone_on))
    return late.select("pupil", "month", "class", *UNITS).distinct()


def _present(seen: ibis.Table, months: ibis.Table, gone: ibis.Table, known: Known) -> ibis.Table:
    """`pupils` and the `pupil_days` on which their class's roll was taken."""
    there = seen.group_by("snapshot_on", "class", *UNITS).aggregate(pupils=seen.pupil.count())
    there = there.inner_join(months.select("month", "snapshot_on"), "snapshot_on")
    columns = ["month", "class", *UNITS]
    less = gone.group_by(*columns).aggregate(pupils=-gone.pupil.count())
    rows = there.select(*columns, "pupils").union(less.select(*columns, "pupils"))
    rolls = known.table("rolls").filter(ibis._.is_taken)
    rolled = rolls.group_by(*CLASS, month=rolls.date.truncate("M")).aggregate(days=rolls.date.count())
    keys = [*CLASS, "month"]
    rows = rows.left_join(rolled, keys).drop(*(f"{key}_right" for key in keys))
    return rows.mutate(pupil_days=rows.pupils * rows.days.fill_null(0))


def _missed(seen: ibis.Table, months: ibis.Table, gone: ibis.Table, known: Known) -> ibis.Table:
    """`unexcused_days` of the pupils on the registry."""
    absences = known.table("absences").filter(ibis._.absence == Absence.UNEXCUSED)
    part = ibis.ifelse(absences.session == Session.DAY, 1.0, 0.5)
    days = absences.group_by("pupil", month=absences.date.truncate("M")).aggregate(unexcused_days=part.sum())
    rows = days.inner_join(months.select("month", "snapshot_on"), "month").inner_join(seen, ["pupil", "snapshot_on"])
    return rows.anti_join(gone, ["pupil", "month"])


def _standing(seen: ibis.Table, months: ibis.Table, gone: ibis.Table, spells: ibis.Table, name: str) -> ibis.Table:
    """Pupils with a spell that covers the month's end, each once."""
    pairs = spells.inner_join(seen, "pupil").inner_join(months.select("month", "snapshot_on", "ends_on"), "snapshot_on")
    covered = (pairs.since <= pairs.ends_on) & (pairs.until.isnull() | (pairs.until > pairs.ends_on))
    rows = pairs.filter(covered).select("pupil", "month", *UNITS).distinct()
    return rows.anti_join(gone, ["pupil", "month"]).mutate(**{name: 1})


def _only(part: ibis.Table) -> dict[str, ibis.Value]:
    """Every measure of a part: its own, and 0 for the others."""
    return {name: (part[name] if name in part.columns else ibis.literal(0)).cast("float64") for name in MEASURES}
