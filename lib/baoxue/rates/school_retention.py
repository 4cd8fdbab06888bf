"""巩固率统计表: three and six years of retention school by school, as the schools fill the form in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.rates.cube import TOTAL, in_order
from baoxue.rates.fates import GONE, IN_SCHOOL, fates
from baoxue.rates.intervals import with_share
from baoxue.rates.policy import indicators
from baoxue.rates.populations import opening_snapshots
from baoxue.rates.retention import SPANS, Span

if TYPE_CHECKING:
    from baoxue.store import Known

STAGES = tuple(span for span in SPANS if span.years < 9)
"""六年 and 三年巩固率: those of one stage, which a school answers for."""

_NUMBERS = ["entrants", "joined", "moved_out", "graduates"]


def stage_retention_by_school(known: Known) -> pd.DataFrame:
    """六年, 三年巩固率 by school: a row per span, graduating school year and school that had pupils of the cohort, 合计
    first.

    `entrants`: 6 (3) 年前招生数, in the first grade at this school at the beginning; `joined`, `moved_out`: 转入 and
    转出 since, from and to other schools of the county too, so that 合计 is the sum of the schools; as in
    `stage_retention_on_registry`; `graduates`: 当年毕业生数, in school here at the end of the last year. `base` =
    entrants + joined - moved_out; `rate_pct` = graduates / base, the form's 巩固率, with its Clopper-Pearson interval;
    `raw_pct` = graduates / entrants, which may exceed 100, for the notes. Rates of fewer than `smallest_population`
    are empty. `can_tell` is false, and everything but the graduates empty, where the registry does not reach back.

    Source: 巩固率统计表 (学校名称, 当年毕业生数, 6(3)年前招生数, 转入, 转出, 巩固率, 备注).
    """
    rows = fates(known).select("school_year", "pupil", "school_code", "grade", "fate", "is_complete")
    frame = pd.concat([_schools(rows, span) for span in STAGES], ignore_index=True)
    first = frame["school_year"] - frame["years"] + 1
    frame["can_tell"] = first.isin(list(opening_snapshots(known)))
    frame["base"] = frame["entrants"] + frame["joined"] - frame["moved_out"]
    told = ["entrants", "joined", "moved_out", "base"]
    frame[told] = frame[told].where(frame["can_tell"])
    enough = frame["entrants"].where(frame["entrants"] >= indicators().smallest_population)
    frame["raw_pct"] = 100 * frame["graduates"] / enough
    frame = with_share(frame.drop(columns="years"), "graduates", "base")
    return in_order(frame, ["span", "school_year", "school_code"])


def _schools(rows: ibis.Table, span: Span) -> pd.DataFrame:
    """The four counts per graduating year and school, and their sums."""
    pupils = _pupils(rows, span)
    counts = pupils.group_by(school_year=pupils.graduates_in, school_code=pupils.school_code).aggregate(
        entrants=pupils.began.sum(),
        joined=(~pupils.began).sum(),
        moved_out=pupils.moved.sum(),
        graduates=pupils.graduated.sum(),
        is_over=pupils.is_over.any(),
    )
    frame = counts.order_by("school_year", "school_code").to_pandas()
    over = frame.loc[frame["is_over"], "school_year"].unique()
    frame = frame[frame["school_year"].isin(over)].drop(columns="is_over")
    total = frame.groupby("school_year", as_index=False)[_NUMBERS].sum().assign(school_code=TOTAL)
    both = pd.concat([total, frame], ignore_index=True)
    return both.assign(span=span.name, years=span.years)[["span", "years", "school_year", "school_code", *_NUMBERS]]


def _pupils(rows: ibis.Table, span: Span) -> ibis.Table:
    """A row per pupil, graduating year and school the pupil was at: `began` here, `moved` away, `graduated` here."""
    last_grade = span.first_grade + span.years - 1
    lived = rows.filter(rows.grade.between(span.first_grade, last_grade))
    lived = lived.mutate(graduates_in=lived.school_year + last_grade - lived.grade)
    latest = ibis.window(group_by=["pupil", "graduates_in"], order_by=lived.school_year.desc())
    lived = lived.mutate(_last=ibis.row_number().over(latest) == 0)
    is_final = lived.school_year == lived.graduates_in
    stays = lived.group_by("pupil", "graduates_in", "school_code").aggregate(
        began=(lived.grade == span.first_grade).any(),
        graduated=(is_final & lived.is_complete & (lived.fate == IN_SCHOOL)).any(),
        is_gone=(lived._last & lived.fate.isin(GONE)).any(),
        ends_here=lived._last.any(),
        is_over=(is_final & lived.is_complete).any(),
    )
    return stays.mutate(moved=stays.is_gone | ~stays.ends_here)
