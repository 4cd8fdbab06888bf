"""二、主要做法及成效: what was done and what came of it, section by section."""

from __future__ import annotations

import pandas as pd

from baoxue import rates
from baoxue.briefs.period import Period, visits_by_result
from baoxue.briefs.section import Section, section
from baoxue.briefs.support import Support, sentences
from baoxue.calendar import SchoolYear
from baoxue.words import say


def agreement(period: Period) -> Section | None:
    """四查三比对: how many children agree in each comparison of registers."""
    compared = period.agreement
    told = {"disagree": int(compared["disagree"].sum()), "compared": int(compared["compared"].sum())}
    return section(period, "agreement", compared, told)


def visits(period: Period) -> Section | None:
    """Persuasion visits of the period by result; a sentence where there were none."""
    rows = visits_by_result(period)
    if rows.empty:
        return section(period, "no_visits")
    return section(period, "visits", rows, {"visits": int(rows["visits"].sum())})


def returned(period: Period) -> Section | None:
    """劝返率 and the 清零 balance by stage; of a quarter, term or school year."""
    if period.kind == "month":
        return None
    rows = rates.return_rate_on_cases(period.known, period.kind)
    rows = rows[rows["period"] == period.name]
    columns = ["stage", "to_return", "returned", "rate_pct", "low_pct", "high_pct", "balance", "is_cleared"]
    cleared = rows["is_cleared"].map({True: "yes", False: "no"})
    table = rows.assign(is_cleared=cleared)[columns].rename(columns={"rate_pct": "return_rate_pct"})
    return section(period, "returned", table)


def in_time(period: Period) -> Section | None:
    """及时率 of each step whose clock began in the period; of a quarter, term or school year."""
    if period.kind == "month":
        return None
    rows = rates.timeliness_on_cases(period.known, since=pd.Timestamp(period.starts_on))
    columns = ["step", "fell_due", "in_time", "late", "not_done", "in_time_pct", "late_days_median"]
    return section(period, "in_time", rows[columns])


def supported(period: Period) -> Section:
    """资助、安置、上学路程、部门协作 and the calendar of duty since 1 September, as numbered sentences."""
    work = Support(period.known, SchoolYear.of(period.as_of).starts_on, period.lang)
    return Section(say("report.section_support", period.lang), sentences(work))
