"""双向核对表: pupils' whereabouts against the changes on record, each difference with its reason."""

from __future__ import annotations

from baoxue import rates
from baoxue.briefs import Period
from baoxue.briefs.problems import reasons_said
from baoxue.forms.layout import Column, Form
from baoxue.forms.places import county

COLUMNS = (
    Column(("变动类别",), "kind", 20),
    Column(("按学生去向",), "by_status", 10),
    Column(("按变动登记",), "by_records", 10),
    Column(("差异",), "difference", 9),
    Column(("差异原因（人次）",), "reasons", 66, text=True),
)
NOTES = (
    "按学生去向：逐生比对两次学年初学籍；按变动登记：学籍变动台账未被退回的登记，以登记可为学籍知悉之日定学年。",
    "辍学一行，按去向为逐人认定辍学的人次；末行为逐人认定与学生变动情况表“其中：辍学”的比对。招生、毕业在学籍内流转，不比对。",
    "校验：3＝2−1；各原因之和＝3。“变动已登记而学籍仍在读”及其后各类须更正学籍或补登变动。",
)


def two_ways_form(period: Period) -> Form | None:
    """The check of the last table of changes; None where there is no such table."""
    if period.changes.empty:
        return None
    first = int(period.changes["school_year"].iloc[0])
    table = rates.two_ways(period.known)
    table = table[table["school_year"] == first].reset_index(drop=True)
    rows = table.assign(reasons=[reasons_said(row, "zh") for _, row in table.iterrows()])
    title = f"{county(period)}{first}—{first + 1}学年学生变动双向核对表"
    return Form("two_ways_table", title, "人次", COLUMNS, rows, NOTES)
