"""The simulated county measured as a statistician would: who is in it, who leaves, when, and how many stay out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue.demo import engagement, payments, presence, timeline
from baoxue.demo.filing import Drop
from baoxue.demo.timeline import LAST

WHOLE_YEARS = timeline.YEARS[:3]
"""School years that lie wholly in the drop."""

_LAST_YEAR = len(timeline.YEARS) - 1
_FOUR_WEEKS = 20


def composition(made: Drop) -> dict[str, float]:
    """Who sits in the county's classes in autumn 2024, shares in per cent: groups, boarding, stages, entering class."""
    people, grade = made.facts.lives.people, made.facts.lives.seats.grade
    now = grade[:, _LAST_YEAR].astype(int)
    here, primary, junior = now > 0, (now > 0) & (now < 7), now >= 7
    boards = np.asarray(payments.boards(people, now))
    schools = np.unique(made.facts.lives.seats.school[primary, _LAST_YEAR])
    entering = [(grade[:, year] == 1).sum() for year in (_LAST_YEAR - 1, _LAST_YEAR)]
    return {
        "primary_per_junior": primary.sum() / junior.sum(),
        "pupils_per_primary_school": primary.sum() / len(schools),
        "entrants_change_pct": 100 * (entering[1] / entering[0] - 1),
        "migrant_pct": _pct(people["is_migrant"], here),
        "left_behind_pct": _pct(people["left_behind"] > 0, here),
        "disabled_pct": _pct(people["disability"] != "", here),
        "low_income_pct": _pct(people["is_poor"], here),
        "boarding_primary_pct": _pct(boards, primary),
        "boarding_junior_pct": _pct(boards, junior),
    }


def leaving(made: Drop) -> dict[str, float]:
    """Who leaves in the three whole school years: ratios of yearly rates, the share of spring, what is left of nine."""
    rates = by_grade(made)
    stage = rates.groupby(rates.index >= 7)[["left", "here"]].sum()
    rate = stage["left"] / stage["here"]
    single = rates["left"] / rates["here"]
    months = by_month(made)
    return {
        "leaving_pct": 100 * rates["left"].sum() / rates["here"].sum(),
        "junior_against_primary": _ratio(rate.get(True, np.nan), rate.get(False, np.nan)),
        "grade_8_against_7": _ratio(single[8], single[7]),
        "spring_pct": 100 * months.loc[[2, 3]].sum(),
        "returned_pct": 100 * made.facts.followed["returned_on"].notna().mean(),
        "slow_pct": 100 * (made.facts.followed["way"] == engagement.SLOW).mean(),
        "consolidation_pct": 100 * float(np.prod(1 - rates["out_at_end"].to_numpy() / rates["here"].to_numpy())),
    }


def by_grade(made: Drop) -> pd.DataFrame:
    """Per grade over the whole years: `here` when the year began, `left` in it, `out_at_end` of it (pupils)."""
    seats, rows = made.facts.lives.seats.grade.astype(int), made.facts.followed
    table = pd.DataFrame(0, index=range(1, 10), columns=["here", "left", "out_at_end"])
    for at, year in enumerate(WHOLE_YEARS):
        first, last = timeline.term_start(year, 1), timeline.september(year + 1)
        left = rows[(rows["left_on"] >= first) & (rows["left_on"] < last)]
        out = left[~(left["returned_on"] < last)]
        for name, pupils in (("here", np.arange(len(seats))), ("left", left["pupil"]), ("out_at_end", out["pupil"])):
            grade = seats[np.unique(pupils), at]
            table[name] += np.bincount(grade[grade > 0], minlength=10)[1:]
    return table


def by_month(made: Drop) -> pd.Series:
    """Calendar month -> share of the leavings of the whole years."""
    left = made.facts.followed["left_on"]
    left = left[left < pd.Timestamp(timeline.september(WHOLE_YEARS[-1] + 1))]
    return left.dt.month.value_counts(normalize=True).reindex(range(1, 13), fill_value=0.0)


def absence(made: Drop) -> dict[str, float]:
    """Days missed in four weeks of October 2024 by those in class, whatever the reason: none at all, ten and more."""
    lives, rows = made.facts.lives, made.facts.attended.absences
    first = int(timeline.clock().at(np.array([np.datetime64("2024-10-08")]))[0])
    here = presence.sitting(lives, made.facts.away, np.datetime64("2024-10-08"))
    rows = rows[(rows["day"] >= first) & (rows["day"] < first + _FOUR_WEEKS)]
    days = rows.drop_duplicates(["pupil", "day"]).groupby("pupil").size().reindex(np.flatnonzero(here), fill_value=0)
    return {"absent_never_pct": 100 * (days == 0).mean(), "absent_ten_days_pct": 100 * (days >= 10).mean()}


def stock(made: Drop) -> pd.DataFrame:
    """Children out of school at the end of each school year, and at the end of the drop: `on, left, open`.

    `left` are leavings so far; `open` those whose case was concluded by then and neither closed nor ended by a return.
    """
    cases = made.cases[made.cases["is_leaving"] & (made.cases["concluded_on"] <= pd.Timestamp(LAST))]
    days = [pd.Timestamp(timeline.september(year + 1)) - pd.Timedelta(days=1) for year in WHOLE_YEARS]
    rows = []
    for day in [*days, pd.Timestamp(LAST)]:
        concluded = cases[cases["concluded_on"] <= day]
        left = int((made.facts.followed["left_on"] <= day).sum())
        rows.append((day.date(), left, int((~(concluded["closed_on"] <= day)).sum())))
    return pd.DataFrame(rows, columns=["on", "left", "open"])


def _pct(marked: pd.Series | np.ndarray, among: np.ndarray) -> float:
    return 100 * float(np.asarray(marked)[: len(among)][among].mean())


def _ratio(rate: float, other: float) -> float:
    return float(rate / other) if other else np.nan
