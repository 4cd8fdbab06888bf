"""季度复核表: what each school reported, what the county's comparison found, the difference, its cause, what to do."""

from __future__ import annotations

import pandas as pd

from baoxue.briefs import Period, name_of
from baoxue.briefs.problems import causes_said
from baoxue.forms.layout import Column, Form
from baoxue.forms.places import county, named
from baoxue.rates import CAUSES, ITEMS
from baoxue.rates.cube import TOTAL

_ITEM = {"in_school": "在校生", "suspected": "疑似辍学（本季度）", "left": "辍学未返校（期末）"}
_PART = {"reported": "上报", "checked": "核实", "difference": "差异"}
COLUMNS = (
    Column(("学校",), "unit", 25),
    *(Column((_ITEM[item], word), f"{item}_{part}", 6.5) for item in ITEMS for part, word in _PART.items()),
    Column(("差异原因（人）",), "cause", 30, text=True),
    Column(("处理",), "action", 30, text=True),
)
ACTIONS = {
    "not_in_class": "学校当日核查去向并立案",
    "change_pending": "学校更新学籍",
    "other_roster": "两校核对名册，补办转学",
    "no_registry": "学校建籍或核定接续",
    "other_registry": "两校补办转学",
    "other_status": "学校办理复学",
    "no_number": "学校补全证件号",
    "no_case": "学校核实线索，属实立案",
    "left_without_case": "学校补立案，按程序劝返",
}
"""What follows from a cause; of who is away with approval nothing does."""
NOTES = (
    "上报：在校生为最近一次学籍名册在读数，疑似辍学为本季度立案数，辍学未返校为已立案而未返校、未销案数。",
    "核实：在校生为最近一次在校名册实有人数，扣除名在人不在的；疑似、辍学另加四查三比对发现而未立案的。",
    "差异＝核实−上报，逐人归因，原因之和等于差异；“不详”为不在任何学校的儿童，由乡镇（街道）核查。没有差异的填“0”。",
    "校验：3＝2−1；6＝5−4；9＝8−7；合计＝各校之和。",
)


def review_form(period: Period) -> Form:
    """Every school of the county in the order of codes, whether it differs or not."""
    table = period.review
    rows = table.assign(
        unit=named(table["school_code"], period),
        cause=[causes_said(row, "zh") for _, row in table.iterrows()],
        action=[_actions(row) for _, row in table.iterrows()],
        level=(table["school_code"] != TOTAL).astype(int),
    )
    title = f"{county(period)}{name_of(period, 'zh')}控辍保学季度复核表"
    return Form("review_table", title, "人", COLUMNS, rows, NOTES)


def _actions(row: pd.Series) -> str:
    """What the causes of a school call for; nothing in the row of sums."""
    causes = [cause for item in ITEMS for cause in CAUSES[item] if row[cause] and cause in ACTIONS]
    return "" if row["school_code"] == TOTAL else "；".join(dict.fromkeys(ACTIONS[cause] for cause in causes))
