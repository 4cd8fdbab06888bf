"""一、基本情况: how things stand, section by section; None where data are missing or the kind has no such section."""

from __future__ import annotations

import pandas as pd

from baoxue import charts, rates
from baoxue.briefs.period import Period
from baoxue.briefs.period_table import period_table
from baoxue.briefs.section import Section, section
from baoxue.briefs.spoken import day, school_year
from baoxue.rates.cube import TOTAL

CHANGES = (
    "unit", "opening", "admitted", "resumed", "moved_in", "other_in", "graduated", "suspended", "dead", "moved_out",
    "other_out", "dropped_out", "closing",
)  # fmt: skip
LEDGERS = (
    "township_code", "children", "in_school", "on_leave", "left", "to_verify", "suspected", "suspected_open",
    "dropouts", "dropouts_closed", "dropouts_open", "never_enrolled",
)  # fmt: skip
LEDGERS_TOLD = ("children", "to_verify", "dropouts_open", "never_enrolled")
STAGE_OF = {"三年巩固率": "初中", "六年巩固率": "小学"}
LISTED = {"children": "of_age", "suspected": "suspected_listed", "dropouts": "dropouts_listed"}


def flows(period: Period) -> Section | None:
    """控辍保学月报表 (季, 学期, 学年): on the registry, in class, suspected, confirmed, returned, not back."""
    return section(period, "flows", period_table(period))


def months(period: Period) -> Section | None:
    """The months up to the end of the period as a strip."""
    ax = charts.monthly_strip(charts.axes(10.5, 3.2), period.months, period.lang)
    picture = charts.picture(ax, charts.monthly_strip_alt(period.months, period.lang))
    return section(period, "months", picture=picture)


def yearly(period: Period) -> Section | None:
    """学年辍学率 of each year: at the same day, or over whole years beside the version of the statistical tables."""
    columns = ["school_year", "stage", "population", "dropouts", "rate_pct", "low_pct", "high_pct", "net_rate_pct"]
    if period.kind != "year":
        return section(period, "yearly", period.yearly[columns])
    tables = rates.dropout_rate_in_tables(period.known).rename(columns={"rate_pct": "table_rate_pct"})
    both = period.yearly[columns].merge(
        tables[["school_year", "stage", "table_dropouts", "table_rate_pct"]], on=["school_year", "stage"], how="left"
    )
    return section(period, "yearly_whole", both.rename(columns={"dropouts": "year_dropouts"}))


def changes(period: Period) -> Section | None:
    """学生变动情况表 of the last two openings, with the check that it adds up; of a term or school year."""
    table = period.changes
    if period.kind not in ("term", "year") or table.empty:
        return None
    told: dict[str, object] = {name: day(table[name].iloc[0], period.lang) for name in ("opened_on", "closed_on")}
    told |= {"rows": len(table), "balanced": int(rates.balances(table).sum())}
    told |= {"year": school_year(int(table["school_year"].iloc[0]), period.lang)}
    return section(period, "changes", table[list(CHANGES)], told)


def retention(period: Period) -> Section | None:
    """年巩固率 of the school year and, where the registry reaches back, 三年 and 六年巩固率; of a school year."""
    if period.kind != "year":
        return None
    year = rates.year_retention_on_registry(period.known)
    year = year[year["school_year"] == period.year.first].assign(span="年巩固率")
    stages = rates.stage_retention_on_registry(period.known)
    stages = stages[stages["can_tell"] & (stages["school_year"] == period.year.first)]
    stages = stages.rename(columns={"entrants": "start", "graduates": "end"})
    parts = [year, stages.assign(stage=stages["span"].map(STAGE_OF))]
    both = pd.concat(parts, ignore_index=True)
    both = both.rename(columns={"rate_pct": "share_pct"})
    columns = ["span", "stage", "start", "joined", "moved_out", "end", "raw_pct", "share_pct", "low_pct", "high_pct"]
    return section(period, "retention", both[columns], _year_of(period))


def coverage(period: Period) -> Section | None:
    """净入学率, 毛入学率, 完成率, 残疾儿童少年入学率 of the last school year that has them; of a school year."""
    if period.kind != "year":
        return None
    known = period.known
    net = rates.net_enrolment_on_households(known)
    parts = {
        "净入学率": net.rename(columns={"enrolled": "counted"}),
        "毛入学率": rates.gross_enrolment_on_households(known).rename(columns={"enrolled": "counted"}),
        "完成率": rates.completion_on_households(known).rename(columns={"completed": "counted"}),
        "残疾儿童少年入学率": rates.disabled_enrolment_on_list(known).rename(columns={"enrolled": "counted"}),
    }
    frame = pd.concat([rows.assign(indicator=name) for name, rows in parts.items()], ignore_index=True)
    frame = frame[(frame["school_year"] == period.year.first) & frame["rate_pct"].notna()]
    columns = ["indicator", "stage", "base", "counted", "share_pct", "low_pct", "high_pct"]
    frame = frame.rename(columns={"population": "base", "rate_pct": "share_pct"}).assign(
        stage=frame["stage"].fillna(TOTAL)
    )
    return section(period, "coverage", frame[columns], _year_of(period))


def ledgers(period: Period) -> Section | None:
    """三本台账汇总 by township; of a quarter, term or school year."""
    if period.kind == "month":
        return None
    total = period.ledgers.iloc[0]
    told: dict[str, object] = {name: total[name] for name in LEDGERS_TOLD}
    table = period.ledgers[list(LEDGERS)].rename(columns=LISTED)
    return section(period, "ledgers", table, told | {"as_of": day(period.as_of, period.lang)}, names=period.names)


def _year_of(period: Period) -> dict[str, object]:
    return {"year": school_year(period.year.first, period.lang)}
