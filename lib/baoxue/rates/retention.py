"""巩固率: who is still in school at the end of the year, of the stage, of nine years; raw and corrected for flows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import ibis
import pandas as pd

from baoxue.rates.cube import counted, joined
from baoxue.rates.fates import AT_OPENING, DROPPED_OUT, GONE, IN_SCHOOL, SUSPENDED, UNCONFIRMED, UNEXPLAINED, fates
from baoxue.rates.intervals import with_share
from baoxue.rates.policy import indicators
from baoxue.rates.populations import described, opening_snapshots
from baoxue.remembered import remembered

if TYPE_CHECKING:
    from baoxue.store import Known


class Span(NamedTuple):
    """A stretch of grades that one cohort passes through."""

    name: str
    first_grade: int
    years: int


SPANS = (Span("六年巩固率", 1, 6), Span("三年巩固率", 7, 3), Span("九年巩固率", 1, 9))

COUNTS = {
    "moved_out": GONE,
    "suspended": (SUSPENDED,),
    "dropped_out": (DROPPED_OUT,),
    "unconfirmed": (UNCONFIRMED,),
    "unexplained": (UNEXPLAINED,),
}
"""Column -> the fates it counts: what stands between the pupils of the beginning and those of the end."""


@remembered
def year_retention_on_registry(known: Known, by: Sequence[str] = ("stage",)) -> pd.DataFrame:
    """年巩固率: pupils at the end of the school year, per hundred at its beginning; raw and corrected for flows.

    `start`: in school on the registry at the beginning; `joined`: came during the year; `moved_out`: transferred (the
    receiving school has confirmed or still may), abroad or dead; `end`: in school at the end, or on `as_of`. What is
    between them is named: `suspended, dropped_out, unconfirmed` (transfer no school confirmed in time), `unexplained`
    (gone from the registry without a record). start + joined - moved_out - the four = end.

    `raw_pct` = end / start, may exceed 100. `rate_pct` = end / (start + joined - moved_out), the corrected rate, with
    its Jeffreys interval (`with_share`); official tables print it capped (`capped`). Graduates stayed to the
    end. Source: 年巩固率 = 学年末学生数 ÷ 学年初学生数; corrected as 六年/三年巩固率 are.
    """
    rows = fates(known)
    rows = described(rows, known) if set(by) - {"stage", "grade", "school_code"} else rows
    is_new = rows.joined != AT_OPENING
    counts = {"start": (~is_new).sum(), "joined": is_new.sum(), "unfinished": (~rows.is_complete).sum()}
    told = counted(rows, by, counts | _measures(rows))
    is_complete = told.groupby("school_year")["unfinished"].sum() == 0
    start, ended = told[["school_year", *by, "start"]], told.drop(columns=["start", "unfinished"])
    frame = joined(start, ended, by, zeros=[str(name) for name in ended if name not in {"school_year", *by}])
    frame["base"] = frame["start"] + frame["joined"] - frame["moved_out"]
    frame["raw_pct"] = 100 * frame["end"] / frame["start"].where(frame["start"] >= indicators().smallest_population)
    frame = with_share(frame, "end", "base").assign(is_complete=frame["school_year"].map(is_complete))
    numbers = ["start", "joined", "moved_out", *(name for name in COUNTS if name != "moved_out"), "end", "base"]
    return frame[["school_year", *by, *numbers, "raw_pct", "rate_pct", "low_pct", "high_pct", "is_complete"]]


def stage_retention_on_registry(known: Known) -> pd.DataFrame:
    """六年, 三年, 九年巩固率 of each cohort whose last year is over: graduates per hundred who began, raw and
    corrected.

    A row per span and graduating school year. `entrants`: in the first grade at the beginning, six (three, nine)
    years of school before; `joined` and `moved_out` since, pupil by pupil; `graduates`: in school in the last grade
    at the end of the last year. `raw_pct` = graduates / entrants; `capped_pct` as official tables print it, at 100;
    `rate_pct` = graduates / (entrants + joined - moved_out), Jeffreys interval. A pupil who repeated or
    skipped a grade has left the cohort and is not subtracted.

    `can_tell` is false, and everything but the graduates empty, where the registry does not reach back to the cohort's
    first year. Source: 巩固率统计表 (当年毕业生数, 6(3)年前招生数, 转入, 转出).
    """
    rows = fates(known).select("school_year", "pupil", "grade", "fate", "is_complete")
    years = opening_snapshots(known)
    parts = [_cohorts(rows, span) for span in SPANS]
    frame = pd.concat(parts, ignore_index=True)
    told = (frame["school_year"] - frame["years"] + 1).isin(list(years))
    frame["can_tell"] = told
    numbers = ["entrants", "joined", "moved_out", "base"]
    frame["base"] = frame["entrants"] + frame["joined"] - frame["moved_out"]
    frame[numbers] = frame[numbers].where(told)
    frame["raw_pct"] = 100 * frame["graduates"] / frame["entrants"].where(frame["entrants"] > 0)
    frame["capped_pct"] = frame["raw_pct"].clip(upper=indicators().cap_pct)
    return with_share(frame.drop(columns="years"), "graduates", "base")


def _measures(rows: ibis.Table) -> dict[str, ibis.Value]:
    return {"end": (rows.fate == IN_SCHOOL).sum()} | {
        name: rows.fate.isin(words).sum() for name, words in COUNTS.items()
    }


def _cohorts(rows: ibis.Table, span: Span) -> pd.DataFrame:
    """One row per graduating school year of a span, counted pupil by pupil over the cohort's years."""
    inside = rows.filter(rows.grade.between(span.first_grade, span.first_grade + span.years - 1))
    lived = inside.mutate(graduates_in=inside.school_year + span.first_grade + span.years - 1 - inside.grade)
    last_first = ibis.window(group_by=["pupil", "graduates_in"], order_by=lived.school_year.desc())
    lived = lived.mutate(_last=ibis.row_number().over(last_first) == 0)
    is_final = lived.school_year == lived.graduates_in
    pupils = lived.group_by("pupil", "graduates_in").aggregate(
        began=(lived.grade == span.first_grade).any(),
        graduated=(is_final & lived.is_complete & (lived.fate == IN_SCHOOL)).any(),
        moved=(lived._last & lived.fate.isin(GONE)).any(),
        is_over=(is_final & lived.is_complete).any(),
    )
    cohorts = pupils.group_by(school_year=pupils.graduates_in).aggregate(
        entrants=pupils.began.sum(),
        joined=(~pupils.began).sum(),
        moved_out=pupils.moved.sum(),
        graduates=pupils.graduated.sum(),
        is_over=pupils.is_over.any(),
    )
    frame = cohorts.filter(cohorts.is_over).drop("is_over").order_by("school_year").to_pandas()
    return frame.assign(span=span.name, years=span.years)[
        ["span", "years", *(c for c in frame if c not in {"span", "years"})]
    ]
