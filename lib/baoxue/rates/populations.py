"""The populations that rates stand on: the registry at the beginning of a school year, the household register."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.calendar import SchoolYear
from baoxue.panel import FACTS, places, snapshots
from baoxue.rates.policy import indicators
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known

OF_PUPIL = FACTS
OF_SCHOOL = ("school_type", "ownership", "urban_rural", "township_code", "zone")
DISTANCE_BANDS = ((1, "1公里以内"), (3, "1—3公里"), (5, "3—5公里"))
FARTHER = "5公里以上"


def openings(known: Known) -> ibis.Table:
    """上学年初在校生: one row per pupil and school year, from the registry at the beginning of that year.

    Columns: `school_year, pupil, seen_on, school_code, grade, class, stage` and the columns of `described`. The
    snapshot nearest to 1 September counts (of two as near, the later), if within `opening_within_days`; a school year
    without one has no rows. Pupils on leave (休学) are on the registry but not in school, and are not counted here.
    """
    return kept(known, "_openings", lambda: _openings(known))


def opening_snapshots(known: Known) -> dict[int, dt.date]:
    """School year -> the registry snapshot that stands for its beginning, oldest first (see `openings`)."""
    return _nearest_to_september(list(snapshots(known).date))


def described(rows: ibis.Table, known: Known) -> ibis.Table:
    """`rows` with what the registry and the school list say of each child, by `pupil, seen_on, school_code,
    registration`.

    Adds `OF_PUPIL` (留守 as the registry defines it), `OF_SCHOOL` and `distance_band`. Empty where the registry never
    had the child or the school is on no list.
    """
    enrolments = known.table("enrolments")
    keys = ["pupil", "seen_on", "school_code", "registration"]
    seen = enrolments.select(*(k for k in keys if k != "seen_on"), *OF_PUPIL, seen_on=enrolments.snapshot_on)
    return with_units(rows.left_join(seen, keys).drop(*(f"{key}_right" for key in keys)), known)


def with_units(rows: ibis.Table, known: Known) -> ibis.Table:
    """`rows` that have `OF_PUPIL`, with `OF_SCHOOL` and `distance_band`."""
    joined = with_schools(rows, known)
    return joined.mutate(distance_band=distance_band(joined.distance_km))


def with_schools(rows: ibis.Table, known: Known) -> ibis.Table:
    """`rows` that have a `school_code`, with `OF_SCHOOL`; empty for a school on no list."""
    schools = known.table("schools").select("school_code", *OF_SCHOOL)
    return rows.left_join(schools, "school_code").drop("school_code_right")


def distance_band(distance_km: ibis.Value) -> ibis.Value:
    """The word for how far a pupil lives from school; empty where nobody entered it."""
    bands = ((distance_km <= limit, word) for limit, word in DISTANCE_BANDS)
    return ibis.cases(*bands, (distance_km.notnull(), FARTHER))


def households(known: Known) -> ibis.Table:
    """适龄儿童少年 on the household register: one row per child and school year, with the age on its 1 September.

    Columns: `school_year, pupil, age, residence, township_code, sex, schooling, schooling_checked_on`. The snapshot is
    chosen as in `openings`. Children of every age on the register are here; the indicators pick theirs by `age`
    (full years), which follows from `cohort`. A child listed twice in a snapshot counts once.
    """
    register = known.table("households")
    taken = register.select("snapshot_on").distinct().to_pandas()["snapshot_on"]
    chosen = _nearest_to_september(sorted(pd.to_datetime(taken).dt.date))
    there = register.inner_join(by_year(chosen, "snapshot_on"), "snapshot_on")
    order = [there.residence, there.township_code, there.village]
    rank = ibis.row_number().over(ibis.window(group_by=["pupil", "school_year"], order_by=order))
    once = there.mutate(_rank=rank, age=6 + there.school_year - there.cohort).filter(ibis._._rank == 0)
    told = ["residence", "township_code", "sex", "schooling", "schooling_checked_on"]
    return once.select("school_year", "pupil", "age", *told)


def _openings(known: Known) -> ibis.Table:
    there = places(known).inner_join(by_year(opening_snapshots(known), "snapshot_on"), "snapshot_on")
    columns = ["school_year", "pupil", "registration", "school_code", "grade", "class", "stage", *OF_PUPIL]
    return with_units(there.select(*columns, seen_on=there.snapshot_on), known)


def by_year(days: dict[int, dt.date], name: str) -> ibis.Table:
    """School years and a day of each, as a table `school_year, <name>` to be joined."""
    frame = pd.DataFrame({"school_year": list(days), name: list(days.values())}, dtype="object")
    return ibis.memtable(frame, schema=ibis.schema({"school_year": "int32", name: "date"}))


def _nearest_to_september(snapshots: list[dt.date]) -> dict[int, dt.date]:
    """School year -> the snapshot nearest to its 1 September within the window; later snapshots win a draw."""
    within = indicators().opening_within_days
    chosen: dict[int, dt.date] = {}
    for day in snapshots:
        year = day.year if day.month >= 5 else day.year - 1
        distance = _days_from_opening(day, year)
        if distance <= within and (year not in chosen or distance <= _days_from_opening(chosen[year], year)):
            chosen[year] = day
    return chosen


def _days_from_opening(day: dt.date, year: int) -> int:
    return abs((day - SchoolYear(year).starts_on).days)
