"""下一步工作: what is due, with whom, and what has waited longest; every step follows from a figure of the report."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from baoxue import registers
from baoxue.briefs.period import Period
from baoxue.briefs.spoken import day
from baoxue.cases.states import Owner
from baoxue.registers import responsible
from baoxue.words import label, say

A_YEAR, PLACES_NAMED = 365, 3
CHECKERS = ("school", "township", "bureau")


def next_steps(period: Period) -> str:
    """What is to be done next and by whom, as a numbered markdown list; steps with nothing to do are left out.

    First what has been overdue for longer than a year, for the leading group; then the open cases by whose move it is,
    the most overdue first, each with the state in which most are overdue and the places that have most of them; then
    the register findings by who checks them, each with the kind that has waited longest; then cases for whose next
    step nobody is named; last the duty of the county's calendar in the month that follows `as_of`.
    """
    steps = [
        *_long_overdue(period), *_case_steps(period), *_register_steps(period), *_duty_gaps(period),
        *_calendar_steps(period),
    ]  # fmt: skip
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))


def _case_steps(period: Period) -> list[str]:
    end = pd.Timestamp(period.as_of) + pd.offsets.MonthEnd(1)
    open_cases = period.cases[period.cases["is_open"]]
    due = open_cases[open_cases["due_on"] <= end].assign(is_late=lambda table: table["overdue_days"] > 0)
    counts = due.groupby("owner").agg(cases=("case", "size"), overdue=("is_late", "sum")).reset_index()
    counts = counts.sort_values(["overdue", "cases", "owner"], ascending=[False, False, True])
    return [_case_step(due[due["owner"] == owner], str(owner), end, period) for owner in counts["owner"]]


def _case_step(due: pd.DataFrame, owner: str, end: pd.Timestamp, period: Period) -> str:
    lang = period.lang
    late = due[due["is_late"]]
    values = {"owner": label(owner, lang), "until": day(end, lang), "cases": len(due), "overdue": len(late)}
    if late.empty:
        return say("report.step_cases_in_time", lang, **values)
    states = late["state"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    most = {"state": label(str(states.index[0]), lang), "most": int(states.iloc[0])}
    told = say("report.step_cases", lang, **values, **most, days=int(late["overdue_days"].max()))
    return told + _places(late, owner, period)


def _places(late: pd.DataFrame, owner: str, period: Period) -> str:
    """The schools or townships with most overdue cases, at most three; nothing for an office of the county."""
    columns = {Owner.SCHOOL.value: "school_code", Owner.TOWNSHIP.value: "township_code"}
    counts = late[columns[owner]].value_counts() if owner in columns else pd.Series(dtype=int)
    if counts.empty:
        return ""
    first = (
        counts.rename_axis("place").reset_index(name="cases").sort_values(["cases", "place"], ascending=[False, True])
    )
    named = [
        say("report.place_counted", period.lang, place=period.names.get(place, place), cases=cases)
        for place, cases in first.head(PLACES_NAMED).itertuples(index=False)
    ]
    return say("report.step_places", period.lang, places=say("report.comma", period.lang).join(named))


def _long_overdue(period: Period) -> list[str]:
    """Cases whose next step has been overdue for longer than a year: no office will move them by itself."""
    late = period.cases[period.cases["is_open"] & (period.cases["overdue_days"] > A_YEAR)]
    if late.empty:
        return []
    children = {"cases": len(late), "poor": int(late["is_low_income"].sum()), "of_age": int(late["is_of_age"].sum())}
    return [say("report.step_long", period.lang, **children)]


def _register_steps(period: Period) -> list[str]:
    found = period.found.assign(checker=responsible(period.found))
    found["place"] = found["school_code"].where(found["checker"] == "school", found["township_code"])
    return [
        _register_step(found[found["checker"] == checker], checker, period)
        for checker in CHECKERS
        if (found["checker"] == checker).any()
    ]


def _register_step(found: pd.DataFrame, checker: str, period: Period) -> str:
    oldest = registers.waiting(found, period.as_of).sort_values("longest_days", ascending=False, kind="stable").iloc[0]
    told = say(f"report.step_{checker}", period.lang, findings=len(found), places=found["place"].nunique())
    finding = say(f"registers.finding_{oldest['finding']}", period.lang)
    return told + say("report.step_oldest", period.lang, finding=finding, days=int(oldest["longest_days"]))


def _duty_gaps(period: Period) -> list[str]:
    """Open cases for whose next step the duty chain names nobody."""
    unanswered = int(period.board["unanswered"].sum()) if len(period.board) else 0
    return [say("report.step_unanswered", period.lang, cases=unanswered)] if unanswered else []


def _calendar_steps(period: Period) -> list[str]:
    following = (period.as_of.replace(day=1) + dt.timedelta(days=32)).month
    return [say(f"report.duty_{following}", period.lang)]
