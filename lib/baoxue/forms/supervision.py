"""The 督办单: for each unit whose move it is, its cases overdue for longer than the county allows, on one paper."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from baoxue.cases.states import Owner
from baoxue.forms import offices
from baoxue.forms.histories import plain
from baoxue.forms.offices import Names

JUSTICE, NOBODY = "justice", "unknown"
"""Codes of the justice bureau, and of the unit of cases whose place nobody knows."""


@dataclass(frozen=True)
class Supervision:
    """One 督办单: the code and name of the unit, its number, and the rows of a `case_table` that stand on it."""

    code: str
    unit: str
    number: str
    cases: pd.DataFrame


def supervisions(late: pd.DataFrame, names: Names, day: dt.date) -> list[Supervision]:
    """The 督办单 of a day for the rows of a `case_table` that are overdue, in the order of the units' codes.

    Numbered by the month and the place of the unit in it: the third of November 2024 is 〔2024〕1103号.
    """
    sign = f"{offices.rules().signs.supervision}〔{day.year}〕{day.month}"
    return [
        Supervision(str(unit), _called(str(unit), names), f"{sign}{place:02d}号", rows.sort_values(["case", "pupil"]))
        for place, (unit, rows) in enumerate(late.groupby(units(late), sort=True), 1)
    ]


def units(late: pd.DataFrame) -> pd.Series:
    """The code of the unit whose move each case is: the school's, the township's, or the justice bureau's."""
    code = late["school_code"].mask(late["owner"].eq(Owner.TOWNSHIP), late["township_code"])
    return code.mask(late["owner"].eq(Owner.JUSTICE), JUSTICE).fillna(NOBODY)


def values(paper: Supervision, day: dt.date) -> dict[str, Any]:
    """What the wording of a 督办单 says."""
    rules = offices.rules()
    rows: list[Any] = paper.cases[["case", "state", "due_on", "overdue_days"]].to_dict("records")
    cases = [{name: plain(value) for name, value in row.items()} for row in rows]
    answer_on = day + dt.timedelta(days=rules.supervised_answer_days)
    late_days = rules.supervised_after_days
    return {"number": paper.number, "unit": paper.unit, "cases": cases, "late_days": late_days, "answer_on": answer_on}


def _called(code: str, names: Names) -> str:
    if code == JUSTICE:
        return names.of(JUSTICE)
    return names.school(code) if code in names.schools else names.township(code)
