"""巩固率统计表 by school: capped at 100, the raw value in the notes."""

from __future__ import annotations

from baoxue.briefs import Period
from baoxue.forms.layout import Column, Form
from baoxue.forms.places import county, named
from baoxue.rates import indicators
from baoxue.rates.cube import TOTAL

COLUMNS = (
    Column(("学校名称",), "unit", 30),
    Column(("当年毕业生数",), "graduates", 11),
    Column(("6（3）年前招生数",), "entrants", 11),
    Column(("转入",), "joined"),
    Column(("转出",), "moved_out"),
    Column(("巩固率（%）",), "shown_pct", 11, decimals=2),
    Column(("备注",), "note", 34, text=True),
)
NOTES = (
    "小学为六年巩固率，初中为三年巩固率：5＝1÷（2＋3−4）×100%，最高填100；学籍回溯不足六（三）年的不列。",
    "转入、转出逐生核对，含县区内转学，转出须有接收学校确认、出国（境）或死亡证明；合计＝各校之和。",
    "备注列出未扣除流动的原始比值（1÷2）超过100%的学校；人数不足的学校比率不填，以“—”表示。",
)


def retention_form(period: Period) -> Form | None:
    """The form of the last graduating year; None where the registry reaches back to no cohort's beginning."""
    table = period.retention
    if table.empty:
        return None
    cap = indicators().cap_pct
    shown = table["rate_pct"].clip(upper=cap)
    over = table["raw_pct"] > cap
    raw = table["raw_pct"].map("原始比值{:.2f}%".format, na_action="ignore")
    span = table["span"].str[:2]
    is_total = table["school_code"] == TOTAL
    unit = named(table["school_code"], period).where(~is_total, "合计（" + span + "巩固率）")
    rows = table.assign(unit=unit, shown_pct=shown, note=raw.where(over, ""), level=(~is_total).astype(int))
    first = int(table["school_year"].iloc[0])
    return Form("retention_table", f"{county(period)}{first + 1}届义务教育巩固率统计表", "人、%", COLUMNS, rows, NOTES)
