"""Months of schooling by unit: who was on the registry, which days were missed, who was suspected or away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.cases.leavings import leavings, stage_of_grade, suspicions
from baoxue.codes import Absence, Session
from baoxue.panel import CLASS, moved_out, places, snapshot_months
from baoxue.rates.cube import in_order, with_total
from baoxue.rates.populations import distance_band, with_schools
from baoxue.remembered import kept, remembered

if TYPE_CHECKING:
    from baoxue.store import Known

UNITS = (
    "stage", "grade", "sex", "township_code", "zone", "school_code", "urban_rural", "boarding", "distance_band",
)  # fmt: skip
"""What trends are told by."""
_OWN = ("school_code", "grade", "sex", "boarding", "distance_band")
"""The units from which the others follow."""

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
    units = months.group_by("month", **{by: months[by].cast("string")})
    counts = units.aggregate(**{name: months[name].sum() for name in MEASURES}).to_pandas()
    frame = with_total(counts, "month", [by])
    frame = in_order(frame.assign(month=pd.to_datetime(frame["month"]).dt.strftime("%Y-%m")), ["month", by])
    days = frame["pupil_days"].where(frame["pupil_days"] > 0)
    whole = dict.fromkeys(("pupils", "pupil_days", "suspected", "away"), "int64")
    return frame.astype(whole).assign(unexcused_per_1000=1000 * frame["unexcused_days"] / days)


def _month_cube(known: Known) -> ibis.Table:
    """`panel.pupil_months` summed over pupils who share a month and every unit: small, and every table is a sum of it.

    Counted from the snapshots, a row a class and not a row a pupil and month, less those who had moved out since.
    """
    seen, months = places(known), snapshot_months(known).select("month", "ends_on", "snapshot_on")
    gone = kept(known, "_gone_by_month", lambda: _gone(seen, months, known))
    parts = [
        _present(seen, months, gone, known),
        _missed(seen, months, gone, known),
        _standing(seen, months, gone, known),
    ]
    every = ibis.union(*(part.select("month", *_OWN, **_only(part)) for part in parts))
    cube = every.group_by("month", *_OWN).aggregate(**{name: every[name].sum() for name in MEASURES})
    return with_schools(cube, known).mutate(stage=stage_of_grade(cube.grade))


def _own(rows: ibis.Table, *columns: str) -> ibis.Table:
    """Some columns, and the units that others do not follow from."""
    return rows.mutate(distance_band=distance_band(rows.distance_km)).select(*columns, *_OWN)


def _gone(seen: ibis.Table, months: ibis.Table, known: Known) -> ibis.Table:
    """Pupils in months whose snapshot still has them though they had moved out by then."""
    moved = moved_out(known)
    pairs = seen.inner_join(moved, "pupil").inner_join(months, "snapshot_on")
    late = pairs.filter((pairs.snapshot_on < pairs.gone_on) & (pairs.month > pairs.gone_on))
    return _own(late, "pupil", "month", "class").distinct()


def _present(seen: ibis.Table, months: ibis.Table, gone: ibis.Table, known: Known) -> ibis.Table:
    """`pupils` and the `pupil_days` on which their class's roll was taken."""
    placed = _own(seen, "snapshot_on", "class", "pupil")
    there = placed.group_by("snapshot_on", "class", *_OWN).aggregate(pupils=placed.pupil.count())
    there = there.inner_join(months, "snapshot_on")
    columns = ["month", "class", *_OWN]
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
    rows = days.inner_join(months, "month").inner_join(seen, ["pupil", "snapshot_on"])
    return _own(rows, "pupil", "month", "unexcused_days").anti_join(gone, ["pupil", "month"])


def _standing(seen: ibis.Table, months: ibis.Table, gone: ibis.Table, known: Known) -> ibis.Table:
    """`suspected` and `away`: pupils with an open case, and who had left, at the month's end, each once."""
    away = leavings(known).select("pupil", since="left_on", until="ended_on", as_what=ibis.literal("away"))
    suspected = suspicions(known).select(
        "pupil", since="opened_on", until="settled_on", as_what=ibis.literal("suspected")
    )
    spells = away.union(suspected)
    pairs = spells.inner_join(seen, "pupil").inner_join(months, "snapshot_on")
    covered = (pairs.since <= pairs.ends_on) & (pairs.until.isnull() | (pairs.until > pairs.ends_on))
    rows = _own(pairs.filter(covered), "pupil", "month", "as_what").distinct()
    rows = rows.anti_join(gone, ["pupil", "month"])
    return rows.mutate(away=(rows.as_what == "away").cast("int8"), suspected=(rows.as_what == "suspected").cast("int8"))


def _only(part: ibis.Table) -> dict[str, ibis.Value]:
    """Every measure of a part: its own, and 0 for the others."""
    return {name: (part[name] if name in part.columns else ibis.literal(0)).cast("float64") for name in MEASURES}
