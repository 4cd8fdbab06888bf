"""三本台账汇总表: 适龄儿童少年, 疑似辍学, 辍学 by township; 失学 apart."""

from __future__ import annotations

from baoxue.briefs import Period
from baoxue.forms.layout import Column, Form
from baoxue.forms.places import county, named
from baoxue.rates.cube import TOTAL

COLUMNS = (
    Column(("乡镇（街道）",), "unit", 13),
    Column(("适龄儿童少年台账", "合计"), "children", 8),
    Column(("适龄儿童少年台账", "在校"), "in_school", 8),
    Column(("适龄儿童少年台账", "送教上门"), "taught_at_home", 7),
    Column(("适龄儿童少年台账", "休学"), "on_leave", 6),
    Column(("适龄儿童少年台账", "缓学"), "deferred", 6),
    Column(("适龄儿童少年台账", "未入学"), "not_entered", 7),
    Column(("适龄儿童少年台账", "辍学"), "left", 6),
    Column(("适龄儿童少年台账", "待核实"), "to_verify", 7),
    Column(("疑似辍学台账", "本学年登记"), "suspected", 8),
    Column(("疑似辍学台账", "已认定、销案"), "suspected_settled", 8),
    Column(("疑似辍学台账", "待认定"), "suspected_open", 7),
    Column(("辍学台账", "在册"), "dropouts", 7),
    Column(("辍学台账", "本学年销案"), "dropouts_closed", 8),
    Column(("辍学台账", "未销案"), "dropouts_open", 7),
    Column(("失学", "另列"), "never_enrolled", 7),
)
NOTES = (
    "按儿童现居乡镇（街道）统计。适龄指9月1日年满6周岁至14周岁，另列学籍在读而超龄的学生。",
    "待核实指户籍在册、学籍查无，又无经核实去向的，须入户核查，不等于失学；失学为四查三比对结果，另列，不计入辍学。",
    "辍学台账在册为认定辍学、失联而未销案的和本学年销案的；第7列为已离校未返校的学生，含尚未立案的，与第14列可不相等。",
    "校验：1＝2＋3＋4＋5＋6＋7＋8；9＝10＋11；12＝13＋14；合计＝各乡镇（街道）之和。",
)


def ledger_form(period: Period) -> Form:
    """The three ledgers in numbers, as of the day."""
    table = period.ledgers
    levels = (table["township_code"] != TOTAL).astype(int)
    rows = table.assign(unit=named(table["township_code"], period), level=levels)
    title = f"{county(period)}义务教育控辍保学三本台账汇总表"
    return Form("ledger_table", title, "人", COLUMNS, rows, NOTES)
