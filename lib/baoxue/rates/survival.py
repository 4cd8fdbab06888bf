"""How many of those who begin a stage are still in school month by month: survival of cohorts, with bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baoxue.cases.leavings import leavings
from baoxue.rates.cube import TOTAL
from baoxue.rates.fates import AT_OPENING, DROPPED_OUT, IN_SCHOOL, fates
from baoxue.rates.intervals import share_interval
from baoxue.rates.policy import indicators

if TYPE_CHECKING:
    from baoxue.store import Known

MONTHS = 12
_COUNTS = ["entered", "left", "censored"]


def survival(known: Known, first_grade: int = 7) -> pd.DataFrame:
    """Share of a cohort not lost to 辍学 by each month since its first September: grades 7-9, or 1-9 from grade 1.

    A row per cohort and month: `cohort` (the year it began, as text; 合计: all cohorts together, each seen while the
    registry saw it), `month` (1 = the end of September of the first grade), `grade`, `at_risk` in that month, `left`
    in it, `survival_pct, low_pct, high_pct`. Kaplan-Meier; 合计 with delayed entry, so that grades of different
    cohorts make one curve (a period curve: what today's rates would do to a child that goes through all of them).

    A pupil has left from the first absence of a leaving that has not ended by the end of the school year, or by
    `as_of`. Who moved, went abroad, died, is on leave or unaccounted for is censored in the middle of the year. Band:
    `share_interval` on the effective sample size (Cutler and Ederer 1958; Dorey and Korn 1987), which stays honest
    without any event. A cohort's curve begins where the registry has its first year; one it does not have is not drawn.
    """
    last_grade = 9
    spells = _spells(known, first_grade, last_grade)
    counts = spells.group_by("cohort", "month").aggregate(**{name: spells[name].sum() for name in _COUNTS})
    frame = counts.order_by("cohort", "month").to_pandas()
    begun = frame[(frame["month"] == 0) & (frame["entered"] > 0)]["cohort"]
    cohorts = [(str(year), frame[frame["cohort"] == year]) for year in sorted(begun)]
    parts = [_curve(rows).assign(cohort=name) for name, rows in [(TOTAL, frame), *cohorts] if len(rows)]
    if not parts:
        return pd.DataFrame(columns=_COLUMNS)
    curve = pd.concat(parts, ignore_index=True)
    return curve.assign(grade=first_grade + (curve["month"] - 1) // MONTHS)[_COLUMNS]


_COLUMNS = ["cohort", "month", "grade", "at_risk", "left", "survival_pct", "low_pct", "high_pct"]


def _spells(known: Known, first_grade: int, last_grade: int) -> ibis.Table:
    """Pupil-years as counts: `cohort, month, entered, left, censored`; month 0 is the first September's beginning."""
    years = fates(known)
    years = years.filter(years.grade.between(first_grade, last_grade))
    out = leavings(known).select("pupil", "left_on", "ended_on")
    ends = ibis.date(years.school_year + 1, 8, 31)
    until = ibis.least(ends, ibis.literal(known.as_of))
    years = years.mutate(_until=until, _starts=ibis.date(years.school_year, 9, 1))
    pairs = years.select("school_year", "pupil", "_until").inner_join(out, "pupil")
    away = pairs.filter((pairs.left_on <= pairs._until) & (pairs.ended_on.isnull() | (pairs.ended_on > pairs._until)))
    gone = away.group_by("school_year", "pupil").aggregate(left_on=away.left_on.max())
    keys = ["school_year", "pupil"]
    rows = years.left_join(gone, keys).drop(*(f"{key}_right" for key in keys))
    offset = (rows.grade - first_grade) * MONTHS
    lived = _months_between(rows._starts, rows._until) + 1
    lost = _months_between(rows._starts, rows.left_on).clip(0, MONTHS - 1)
    entry = ibis.ifelse(rows.joined == AT_OPENING, 0, _months_between(rows._starts, rows.seen_on).clip(0, MONTHS - 1))
    is_left = (rows.fate == DROPPED_OUT) & rows.left_on.notnull()
    leaves = ibis.cases((is_left, lost), (rows.fate == IN_SCHOOL, lived), else_=lived // 2)
    told = rows.mutate(
        cohort=rows.school_year - (rows.grade - first_grade), _entry=ibis.least(entry, leaves) + offset,
        _exit=leaves + offset, _is_left=is_left,
    )  # fmt: skip
    zero = ibis.literal(0)
    entered = told.select("cohort", month=told._entry, entered=1, left=zero, censored=zero)
    ended = told.select("cohort", month=told._exit, entered=zero, left=told._is_left.cast("int8"),
                        censored=(~told._is_left).cast("int8"))  # fmt: skip
    return entered.union(ended)


def _months_between(start: ibis.Value, end: ibis.Value) -> ibis.Value:
    return (end.year() - start.year()) * MONTHS + end.month() - start.month()


def _curve(rows: pd.DataFrame) -> pd.DataFrame:
    """Months 1, 2, … of one cohort: who was at risk in each, who left, and the survival after it."""
    counts = rows.groupby("month")[_COUNTS].sum()
    counts = counts.reindex(range(int(counts.index.max()) + 1), fill_value=0)
    entered = counts["entered"].cumsum()
    gone_before = (counts["left"] + counts["censored"]).cumsum().shift(fill_value=0)
    at_risk = (entered - gone_before - counts["censored"]).to_numpy(dtype=float)
    left = counts["left"].to_numpy(dtype=float)
    seen = at_risk > 0
    at_risk, left = at_risk[seen], left[seen]
    prob, low, high = _banded(at_risk, left)
    can_tell = at_risk >= indicators().smallest_population
    shown = [100 * np.where(can_tell, values, np.nan) for values in (prob, low, high)]
    columns = {"month": np.flatnonzero(seen) + 1, "at_risk": at_risk.astype(int), "left": left.astype(int)}
    return pd.DataFrame(columns | dict(zip(("survival_pct", "low_pct", "high_pct"), shown, strict=True)))


def _banded(at_risk: NDArray, left: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Kaplan-Meier and its band on the effective sample size: as many children as would give so exact a share."""
    prob = np.cumprod(1 - left / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(np.where(left < at_risk, left / (at_risk * (at_risk - left)), 0.0))
        effective = np.where(left.cumsum() > 0, (1 - prob) / (prob * greenwood), at_risk)
    effective = np.where(np.isfinite(effective), np.minimum(effective, np.maximum.accumulate(at_risk)), at_risk)
    low, high = share_interval(effective * (1 - prob), effective)
    return prob, 1 - high, 1 - low
