"""The sentences of the monthly brief: every one computed, facts first, no adjective about a child."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from baoxue.briefs.month import Month
from baoxue.calendar import SchoolYear
from baoxue.rates import compare
from baoxue.rates.cube import TOTAL
from baoxue.registers import responsible
from baoxue.words import label, say


def basis(month: Month) -> str:
    """What the numbers rest on: the day, the latest registry and roster, the definitions (口径)."""
    enrolments, rosters = month.known.table("enrolments"), month.known.table("rosters")
    registry_on, roster_on = enrolments.snapshot_on.max().execute(), rosters.snapshot_on.max().execute()
    dates = {"as_of": month.as_of, "registry_on": registry_on, "roster_on": roster_on}
    return say("report.basis", month.lang, **{name: _day(day, month.lang) for name, day in dates.items()})


def key_points(month: Month) -> str:
    """The month in at most five numbered points, as markdown: cases, comparison, rate, what is late, registers."""
    points = [
        _flow_point(month),
        _comparison_point(month),
        _rate_point(month),
        overdue_sentence(month),
        moves_sentence(month),
    ]
    return "\n".join(f"{number}. {point}" for number, point in enumerate(points, 1))


def overdue_sentence(month: Month) -> str:
    """How many open cases have a step past its limit, and by how long the latest is."""
    board = month.board
    if board.empty:
        return say("report.no_open_cases", month.lang)
    late = int(board["overdue"].sum())
    open_cases = int(board["cases"].sum())
    if not late:
        return say("report.nothing_overdue", month.lang, cases=open_cases)
    longest = int(board["overdue_days_max"].max())
    return say("report.overdue", month.lang, cases=open_cases, late=late, days=longest)


def moves_sentence(month: Month) -> str:
    """The register findings: how many there are, new and cleared since the end of the month before."""
    sums = {name: int(month.moves[name].sum()) for name in ("before", "cleared", "new", "now")}
    return say("report.moves", month.lang, children=month.found["pupil"].nunique(), **sums)


def next_steps(month: Month) -> str:
    """What is to be done next month and by whom, as a numbered markdown list; steps with nothing to do are left out."""
    steps = [*_case_steps(month), *_register_steps(month), *_calendar_steps(month)]
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))


def _flow_point(month: Month) -> str:
    names = ("suspected", "suspected_open", "confirmed", "returned", "balance")
    numbers = {name: month.flow(name) or 0 for name in names}
    key = (
        "report.point_zero"
        if not any(numbers[n] for n in ("suspected", "confirmed", "returned"))
        else "report.point_flows"
    )
    return say(key, month.lang, month=_month(month.as_of, month.lang), **numbers)


def _comparison_point(month: Month) -> str:
    last_year = month.flow("confirmed", period=f"{month.as_of.year - 1}-{month.as_of:%m}")
    last_month = month.flow("confirmed", period=f"{month.as_of.replace(day=1) - dt.timedelta(days=1):%Y-%m}")
    now = month.flow("confirmed") or 0
    if last_year is None or last_month is None:
        return say("report.point_no_comparison", month.lang)
    is_whole = bool(month.flows.loc[month.flows["period"] == month.name, "is_complete"].all())
    verdict = say(f"report.verdict_{compare(now, 1, last_year, 1).verdict}", month.lang)
    said = say(
        "report.point_comparison", month.lang, now=now, last_year=last_year, last_month=last_month, verdict=verdict
    )
    return said if is_whole else said + say("report.unfinished", month.lang)


def _rate_point(month: Month) -> str:
    year = SchoolYear.of(month.as_of).first
    rows = month.yearly[(month.yearly["school_year"] == year) & (month.yearly["stage"] == TOTAL)]
    if rows.empty or pd.isna(rows["rate_pct"].iloc[0]):
        return say("report.point_no_rate", month.lang, year=_year(year, month.lang))
    row = rows.iloc[0]
    values = {name: f"{row[name]:.2f}" for name in ("rate_pct", "low_pct", "high_pct", "net_rate_pct")}
    return say(
        "report.point_rate", month.lang, year=_year(year, month.lang), dropouts=int(row["dropouts"]),
        population=int(row["population"]), **values,
    )  # fmt: skip


def _case_steps(month: Month) -> list[str]:
    end = pd.Timestamp(month.as_of) + pd.offsets.MonthEnd(1)
    open_cases = month.cases[month.cases["is_open"]]
    due = open_cases[open_cases["due_on"] <= end].assign(is_late=lambda table: table["overdue_days"] > 0)
    counts = due.groupby("owner").agg(cases=("case", "size"), overdue=("is_late", "sum"))
    steps = zip(counts.index.astype(str), counts["cases"], counts["overdue"], strict=True)
    return [_case_step(owner, int(cases), int(overdue), end, month.lang) for owner, cases, overdue in steps]


def _case_step(owner: str, cases: int, overdue: int, end: pd.Timestamp, lang: str) -> str:
    values = {"owner": label(owner, lang), "until": _day(end, lang), "cases": cases, "overdue": overdue}
    return say("report.step_cases" if overdue else "report.step_cases_in_time", lang, **values)


def _register_steps(month: Month) -> list[str]:
    found = month.found.assign(checker=responsible(month.found))
    found["place"] = found["school_code"].where(found["checker"] == "school", found["township_code"])
    counts = found.groupby("checker").agg(findings=("finding", "size"), places=("place", "nunique"))
    order = [checker for checker in ("school", "township", "bureau") if checker in counts.index]
    return [
        say(f"report.step_{checker}", month.lang, findings=row["findings"], places=row["places"])
        for checker, row in counts.loc[order].iterrows()
    ]


def _calendar_steps(month: Month) -> list[str]:
    following = (month.as_of.replace(day=1) + dt.timedelta(days=32)).month
    return [say(f"report.duty_{following}", month.lang)]


def _day(day: object, lang: str) -> str:
    date = pd.Timestamp(day)  # type: ignore[arg-type]
    return "—" if pd.isna(date) else say("report.date", lang, year=date.year, month=date.month, day=date.day)


def _year(first: int, lang: str) -> str:
    return say("report.school_year", lang, first=first, second=first + 1)


def _month(day: dt.date, lang: str) -> str:
    return say("report.year_month", lang, year=day.year, month=day.month)
