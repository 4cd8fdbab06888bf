"""三、存在问题: what is late, what does not agree, what nobody has looked at, section by section."""

from __future__ import annotations

import pandas as pd

from baoxue import rates, registers
from baoxue.briefs.period import Period
from baoxue.briefs.section import Section, section
from baoxue.rates.casework import UNPLACED
from baoxue.rates.cube import TOTAL
from baoxue.words import say

CAUSES = [cause for causes in rates.CAUSES.values() for cause in causes]


def board(period: Period) -> Section | None:
    """Whose move it is: open cases by owner and state, overdue, unanswered."""
    return section(period, "board", period.board)


def moves(period: Period) -> Section | None:
    """The register findings: before, cleared, new, now, and for how many days the oldest has been open."""
    waiting = registers.waiting(period.found, period.as_of)[["finding", "longest_days"]]
    return section(period, "moves", period.moves.merge(waiting, on="finding", how="left"))


def review(period: Period) -> Section | None:
    """季度复核: schools whose reported and checked numbers differ, with the causes; of a quarter."""
    if period.kind != "quarter":
        return None
    table = period.review
    differs = table[[f"{item}_difference" for item in rates.ITEMS]].ne(0).any(axis=1)
    total = table.iloc[0]
    told: dict[str, object] = {name: signed(int(total[f"{name}_difference"])) for name in rates.ITEMS}
    is_school = ~table["school_code"].isin([TOTAL, UNPLACED])
    schools = int((differs & is_school).sum())
    shown = table[differs | (table["school_code"] == TOTAL)].reset_index(drop=True)
    columns = ["school_code", *(f"{item}_{part}" for item in rates.ITEMS for part in ("reported", "checked"))]
    rows = shown[columns].assign(cause=[causes_said(row, period.lang) for _, row in shown.iterrows()])
    return section(period, "review", rows, told | {"schools": schools, "of": int(is_school.sum())}, names=period.names)


def two_ways(period: Period) -> Section | None:
    """双向核对 of the table of changes: each kind by status and by record, differences by reason; of a school year."""
    if period.kind != "year" or period.changes.empty:
        return None
    table = rates.two_ways(period.known)
    table = table[table["school_year"] == period.changes["school_year"].iloc[0]].reset_index(drop=True)
    to_correct = int(table[list(rates.REASONS[4:])].abs().to_numpy().sum())
    rows = table[["kind", "by_status", "by_records", "difference"]]
    rows = rows.assign(reasons=[reasons_said(row, period.lang) for _, row in table.iterrows()])
    total = int(table["difference"].abs().sum())
    return section(period, "two_ways", rows, {"differences": total, "to_correct": to_correct})


def causes_said(row: pd.Series, lang: str) -> str:
    """The causes of a row of `rates.quarter_review` in words, each with its number; empty if nothing differs."""
    return _listed([(f"report.cause_{name}", int(row[name])) for name in CAUSES], lang)


def reasons_said(row: pd.Series, lang: str) -> str:
    """The reasons of a row of `rates.two_ways` in words, each with its signed number."""
    return _listed([(f"report.reason_{number}", int(row[name])) for number, name in enumerate(rates.REASONS)], lang)


def _listed(parts: list[tuple[str, int]], lang: str) -> str:
    told = [say("report.counted", lang, what=say(key, lang), count=signed(count)) for key, count in parts if count]
    return say("report.between", lang).join(told)


def signed(count: int) -> str:
    """A difference with its sign, which no line breaks off.

    >>> signed(7), signed(-7)
    ('+7', '−7')
    """
    return f"{count:+d}".replace("-", "−")
