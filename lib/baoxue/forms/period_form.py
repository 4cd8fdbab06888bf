"""控辍保学月报表 (季, 学期, 学年), with 零报告 for a township in which nothing happened."""

from __future__ import annotations

import pandas as pd

from baoxue.briefs import Period, name_of, period_table, period_table_by_township
from baoxue.forms.layout import Column, Form
from baoxue.forms.places import county, named
from baoxue.rates.cube import TOTAL

TITLES = {"month": "月报表", "quarter": "季报表", "term": "学期报表", "year": "学年报表"}
COLUMNS = (
    Column(("学段、乡镇（街道）",), "unit", 20),
    Column(("学生数", "在籍"), "enrolled"),
    Column(("学生数", "在校"), "in_class"),
    Column(("疑似辍学", "本期新增"), "suspected"),
    Column(("疑似辍学", "期末待核实"), "suspected_open"),
    Column(("辍学", "本期认定"), "confirmed"),
    Column(("辍学", "本期复学"), "returned"),
    Column(("辍学", "本学年累计"), "year_confirmed"),
    Column(("辍学", "期末未返校（余额）"), "balance", 11),
    Column(("备注",), "note", 12, text=True),
)
NOTES = (
    "在籍为最近一次学籍名册中状态“在读”的学生；在校为其中列入本校最近一次在校名册的学生。",
    "疑似辍学指立案待认定的学生；辍学指案件认定或学籍变动登记为辍学，不含转学、死亡、出国（境）和经批准的休学。",
    "失学（从未入学）无学段，只计入合计，不计入小学、初中；乡镇（街道）按学校所在地，“不详”为不在任何学校的儿童。",
    "没有发生的填“0”，本期新增、认定、复学均为0的备注“零报告”。余额为0即清零。",
    "校验：合计行1＝小学＋初中，1＝各乡镇（街道）之和；2≤1；5≤7（跨学年的报告期除外）。",
)


def period_form(period: Period) -> Form:
    """The table by 合计, 小学, 初中 and then by township, and what its columns count."""
    stages = period_table(period).rename(columns={"stage": "unit"})
    towns = period_table_by_township(period).rename(columns={"township_code": "unit"})
    towns = towns[towns["unit"] != TOTAL]
    levels = [0, *[1] * (len(stages) + len(towns) - 1)]
    rows = pd.concat([stages, towns.assign(unit=named(towns["unit"], period))], ignore_index=True)
    is_quiet = (rows[["suspected", "confirmed", "returned"]] == 0).all(axis=1)
    rows = rows.assign(level=levels, note=is_quiet.map({True: "零报告", False: ""}))
    title = f"{county(period)}{name_of(period, 'zh')}义务教育控辍保学情况{TITLES[period.kind]}"
    return Form(f"{period.kind}_table", title, "人", COLUMNS, rows, NOTES)
