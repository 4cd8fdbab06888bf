"""学生变动情况表: 上学年初 + 增加 − 减少 = 本学年初 by stage and grade, with its check formulas."""

from __future__ import annotations

from baoxue.briefs import Period
from baoxue.forms.layout import Column, Form
from baoxue.forms.places import county
from baoxue.rates.cube import TOTAL

GRADES = dict(zip("123456789", "一二三四五六七八九", strict=True))
COLUMNS = (
    Column(("学段、年级",), "unit", 11),
    Column(("上学年初报表在校生数",), "opening", 8),
    Column(("增加学生数", "合计"), "increase", 7),
    Column(("增加学生数", "招生"), "admitted", 7),
    Column(("增加学生数", "复学"), "resumed", 6),
    Column(("增加学生数", "转入"), "moved_in", 6),
    Column(("增加学生数", "其中：县区内"), "moved_in_county", 7),
    Column(("增加学生数", "其他"), "other_in", 6),
    Column(("减少学生数", "合计"), "decrease", 7),
    Column(("减少学生数", "毕业"), "graduated", 7),
    Column(("减少学生数", "结业"), "completed", 6),
    Column(("减少学生数", "休学"), "suspended", 6),
    Column(("减少学生数", "退学"), "withdrawn", 6),
    Column(("减少学生数", "死亡"), "dead", 6),
    Column(("减少学生数", "转出"), "moved_out", 6),
    Column(("减少学生数", "其中：县区内"), "moved_out_county", 7),
    Column(("减少学生数", "其他"), "other_out", 6),
    Column(("减少学生数", "其中：辍学"), "dropped_out", 7),
    Column(("年级间变动", "升入"), "up_in", 7),
    Column(("年级间变动", "升出"), "up_out", 7),
    Column(("本学年初报表在校生数",), "closing", 8),
)
NOTES = (
    "逐生比对两次学年初学籍名册（状态“在读”）；休学、流失学生在籍不在校，不计入在校生数。当年离校又返校的不计增减。",
    "县区内转学在转入、转出两边都计；小学毕业升入县内初中，小学计毕业，初中计招生。其他减少含辍学、出国（境）、去向不明。",
    "年级间变动为升级（含跳级），只列年级行，学段行、合计行相互抵消不计；留级不变动。义务教育阶段不得退学、开除，12有数即须核查。",
    "校验：每行20＝1＋2−8＋18−19；2＝3＋4＋5＋7；8＝9＋10＋11＋12＋13＋14＋16；合计＝小学＋初中；学段＝所属各年级之和（18、19除外）。",
)


def change_form(period: Period) -> Form | None:
    """The table of the last two openings; None where the registry has no two."""
    table = period.changes
    if table.empty:
        return None
    levels = table["unit"].map(lambda unit: 0 if unit == TOTAL else 2 if unit in GRADES else 1)
    units = table["unit"].map(lambda unit: f"{GRADES[unit]}年级" if unit in GRADES else unit)
    first = int(table["school_year"].iloc[0])
    opened, closed = (f"{table[name].iloc[0]:%Y-%m-%d}" for name in ("opened_on", "closed_on"))
    title = f"{county(period)}{first}—{first + 1}学年义务教育学生变动情况表"
    notes = (f"上学年初为{opened}学籍名册，本学年初为{closed}学籍名册。", *NOTES)
    return Form("change_table", title, "人", COLUMNS, table.assign(unit=units, level=levels), notes)
