"""The sentences of a periodic report: every one computed, facts first, no adjective about a child."""

from __future__ import annotations

import pandas as pd

from baoxue import rates
from baoxue.briefs.period import Period
from baoxue.briefs.spoken import day, decimals, name_of, school_year, words_of
from baoxue.rates.cube import TOTAL
from baoxue.words import label, say


def title(period: Period) -> str:
    """What the report is called, with its period in it."""
    return say(f"report.title_{period.kind}", period.lang, period=name_of(period))


def basis(period: Period) -> str:
    """What the numbers rest on: the span and the day, the latest registry and roster, the definitions (口径)."""
    enrolments, rosters = period.known.table("enrolments"), period.known.table("rosters")
    days = {
        "starts_on": period.starts_on,
        "ends_on": period.ends_on,
        "as_of": period.as_of,
        "registry_on": enrolments.snapshot_on.max().execute(),
        "roster_on": rosters.snapshot_on.max().execute(),
    }
    told = say("report.basis", period.lang, **{name: day(value, period.lang) for name, value in days.items()})
    return told if period.is_complete else told + say("report.unfinished", period.lang, **words_of(period))


def conclusion(period: Period) -> str:
    """The report in one sentence, for a reader who has ten seconds: cleared or not, how much is late, and with whom."""
    balance = period.flow("balance") or 0
    counts = {"confirmed": period.flow("confirmed") or 0, "returned": period.flow("returned") or 0, "balance": balance}
    late = period.board.groupby("owner")["overdue"].sum() if len(period.board) else pd.Series(dtype=int)
    told = say(f"report.conclusion_{'open' if balance else 'cleared'}", period.lang, **words_of(period), **counts)
    if not late.sum():
        return f"**{told}{say('report.conclusion_in_time', period.lang)}**"
    most = {"owner": label(str(late.idxmax()), period.lang), "most": int(late.max())}
    return f"**{told}{say('report.conclusion_late', period.lang, late=int(late.sum()), **most)}**"


def key_points(period: Period) -> str:
    """The period in at most six numbered points, as markdown: cases, comparison, rate, work, late, registers."""
    points = [
        _flow_point(period), _comparison_point(period), _rate_point(period), work_sentence(period),
        overdue_sentence(period), moves_sentence(period),
    ]  # fmt: skip
    return "\n".join(f"{number}. {point}" for number, point in enumerate(filter(None, points), 1))


def work_sentence(period: Period) -> str:
    """劝返率 of the period and the step done in time least often (及时率); empty where nobody was to return."""
    rows = rates.return_rate_on_cases(period.known, period.kind)
    row = rows[(rows["period"] == period.name) & (rows["stage"] == TOTAL)].iloc[0]
    if not row["to_return"]:
        return ""
    shares = decimals(row, "rate_pct", "low_pct", "high_pct", places=1)
    told = say(
        "report.return_rate", period.lang, **words_of(period), returned=int(row["returned"]),
        to_return=int(row["to_return"]), **shares,
    )  # fmt: skip
    steps = rates.timeliness_on_cases(period.known, since=pd.Timestamp(period.starts_on))
    steps = steps[steps["told"]].sort_values("in_time_pct", kind="stable")
    if steps.empty:
        return told
    least = steps.iloc[0]
    counts = {"step": label(least["step"], period.lang), "in_time": least["in_time"], "fell_due": least["fell_due"]}
    return told + say("report.least_in_time", period.lang, **counts, **decimals(least, "in_time_pct", places=1))


def overdue_sentence(period: Period) -> str:
    """How many open cases have a step past its limit, and by how long the latest is."""
    board = period.board
    if board.empty:
        return say("report.no_open_cases", period.lang)
    late = int(board["overdue"].sum())
    open_cases = int(board["cases"].sum())
    if not late:
        return say("report.nothing_overdue", period.lang, cases=open_cases)
    longest = int(board["overdue_days_max"].max())
    return say("report.overdue", period.lang, cases=open_cases, late=late, days=longest)


def moves_sentence(period: Period) -> str:
    """The register findings: how many there are, new and cleared since the day before the period began."""
    sums = {name: int(period.moves[name].sum()) for name in ("before", "cleared", "new", "now")}
    return say("report.moves", period.lang, children=period.found["pupil"].nunique(), **sums, **words_of(period))


def _flow_point(period: Period) -> str:
    names = ("suspected", "suspected_open", "confirmed", "returned", "balance")
    numbers = {name: period.flow(name) or 0 for name in names}
    is_quiet = not any(numbers[name] for name in ("suspected", "confirmed", "returned"))
    key = "report.point_zero" if is_quiet else "report.point_flows"
    return say(key, period.lang, period=name_of(period), **numbers, **words_of(period))


def _comparison_point(period: Period) -> str:
    before, year_ago = (name and period.flow("confirmed", period=name) for name in period.earlier())
    if before is None or year_ago is None:
        return say("report.point_no_comparison", period.lang)
    now = period.flow("confirmed") or 0
    verdict = say(f"report.verdict_{rates.compare(now, 1, int(year_ago), 1).verdict}", period.lang)
    key = "report.point_comparison_year" if period.kind == "year" else "report.point_comparison"
    told = say(key, period.lang, now=now, last=before, last_year=year_ago, verdict=verdict, **words_of(period))
    return told if period.is_complete else told + say("report.unfinished", period.lang, **words_of(period))


def _rate_point(period: Period) -> str:
    year = period.year.first
    rows = period.yearly[(period.yearly["school_year"] == year) & (period.yearly["stage"] == TOTAL)]
    if rows.empty or pd.isna(rows["rate_pct"].iloc[0]):
        return say("report.point_no_rate", period.lang, year=school_year(year, period.lang))
    row = rows.iloc[0]
    values = decimals(row, "rate_pct", "low_pct", "high_pct", "net_rate_pct")
    key = "report.point_rate_whole" if period.kind == "year" else "report.point_rate"
    return say(
        key, period.lang, year=school_year(year, period.lang), dropouts=int(row["dropouts"]),
        population=int(row["population"]), **values,
    )  # fmt: skip
