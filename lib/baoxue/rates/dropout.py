"""学年辍学率: by cases on the registry's population, and as the statistical tables would have it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.calendar import SchoolYear
from baoxue.cases.leavings import leavings, school_year_of
from baoxue.rates.cube import counted, joined
from baoxue.rates.intervals import with_rate
from baoxue.rates.populations import described, openings
from baoxue.remembered import kept, remembered

if TYPE_CHECKING:
    from baoxue.store import Known


@remembered
def dropout_rate_on_registry(
    known: Known, by: Sequence[str] = ("stage",), *, same_period: bool = False
) -> pd.DataFrame:
    """学年辍学率 (case-based): pupils confirmed as dropouts in the school year per hundred on the registry at its
    beginning.

    A row per school year and unit, 合计 first. `population`: 上学年初在校生, that is on 1 September of the year in
    which they left (`openings`). `dropouts`: pupils whose leaving was confirmed (认定) in the year; one who left
    twice counts once. `returned`: those of them back in school by the year's end or, before that, by `as_of`;
    `net_dropouts`: the rest. `rate_pct` and `net_rate_pct` in per cent, each with a Jeffreys interval
    (`with_rate`), empty where the population is unknown or small. `until` is the last day counted, `is_complete`
    whether the year was over by then.

    `by` names any columns of `openings`. A leaver counts in the unit where last seen; one the registry never had counts
    in 合计 only. With `same_period` each year is cut at the month and day of `as_of` (同期), so that an unfinished year
    can be set against earlier ones. Transfers, deaths and approved leave are never dropouts.

    Source: two-basics audit rules, with confirmed cases in place of balances: pupil by pupil, net of returns.
    """
    population = openings(known)
    left = leavers(known, same_period=same_period)
    people = counted(population, by, {"population": population.pupil.count()})
    events = counted(left, by, {"dropouts": left.pupil.count(), "returned": left.is_back.sum()})
    frame = joined(people, events, by, zeros=("dropouts", "returned"))
    frame = frame.assign(net_dropouts=frame["dropouts"] - frame["returned"])
    frame = with_rate(frame, "dropouts", "population")
    frame = with_rate(frame, "net_dropouts", "population", prefix="net_")
    return _with_period(frame, known.as_of, same_period=same_period)


def leavers(known: Known, *, same_period: bool = False) -> ibis.Table:
    """Pupils confirmed as dropouts: one row per pupil and school year of confirmation, the last leaving of that year.

    `school_year`, the columns of `leavings` and `described`, and `is_back`: back in school by the end of the year, or
    by `as_of`, or, with `same_period`, by the month and day of `as_of` in that year.
    """
    name = "_leavers_same_period" if same_period else "_leavers"
    return kept(known, name, lambda: _leavers(known, same_period=same_period))


def leavings_described(known: Known) -> ibis.Table:
    """Every leaving with what the registry and the school list say of the child (`described`)."""
    return kept(known, "_leavings_described", lambda: described(leavings(known), known))


def _leavers(known: Known, *, same_period: bool) -> ibis.Table:
    left = leavings_described(known)
    left = left.mutate(school_year=school_year_of(left.known_on))
    left = left.mutate(_until=_until(left.school_year, known.as_of, same_period=same_period))
    left = left.filter(left.known_on <= left._until)
    window = ibis.window(group_by=["pupil", "school_year"], order_by=[left.left_on.desc()])
    last = left.mutate(_rank=ibis.row_number().over(window)).filter(ibis._._rank == 0)
    is_back = (last.returned_on <= last._until).fill_null(False)
    return last.mutate(is_back=is_back).drop("_rank", "_until")


def _until(year: ibis.Value, as_of: dt.date, *, same_period: bool) -> ibis.Value:
    if same_period:
        return ibis.date(year + int(as_of.month < 9), as_of.month, _common_day(as_of))
    return ibis.least(ibis.date(year + 1, 8, 31), ibis.literal(as_of))


def _with_period(frame: pd.DataFrame, as_of: dt.date, *, same_period: bool) -> pd.DataFrame:
    years = [SchoolYear(int(year)) for year in frame["school_year"]]
    cut = [
        dt.date(year.first + int(as_of.month < 9), as_of.month, _common_day(as_of))
        if same_period
        else min(year.ends_on, as_of)
        for year in years
    ]
    ends = pd.to_datetime(pd.Series([year.ends_on for year in years], dtype="object"))
    until = pd.to_datetime(pd.Series(cut, dtype="object"))
    return frame.assign(until=until, is_complete=until >= ends)


def _common_day(day: dt.date) -> int:
    """The day of the month, as every year has it: 29 February counts as the 28th."""
    return min(day.day, 28) if day.month == 2 else day.day
