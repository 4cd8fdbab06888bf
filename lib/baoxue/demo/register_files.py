"""The registers as files: 学籍, 在校, 户籍, each snapshot in a folder named by its day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import damages, headings, households, snapshots, template, timeline
from baoxue.demo.filing import ENCODINGS, SIMULATED, Drop
from baoxue.demo.workbooks import Sheet, write_csv, write_workbook

VERSION_A_UNTIL = np.datetime64("2022-12-31")

BY_SCHOOL = (8,)
"""Registry snapshots handed in as one workbook per school; the others come per township, or as one workbook."""

ONE_WORKBOOK = (1, 7)

_YES_NO_COLUMNS = tuple(h for h in template.VERSION_B if h.startswith("是否") and h != "是否留守儿童")

_BAD_REGISTRY_ROWS: list[dict[str, str]] = [
    {"姓名": "", "身份证件号": "", "全国学籍号": "", "column": "姓名", "damage": "name_missing"},
    {"姓名": "模拟错号", "身份证件号": "339901201101019999", "全国学籍号": "G33990120110101", "column": "身份证件号",
     "damage": "number_invalid"},
]  # fmt: skip


def write_registry(drop: Drop) -> None:
    """学籍: the national template, version A until 2022, then B; per school, per township or in one workbook."""
    facts = drop.facts
    constant = template.constant_columns(facts.lives.people, drop.where)
    for number, day in enumerate(timeline.REGISTRY_DAYS):
        rows = snapshots.registry(facts.lives, facts.followed, facts.made, facts.chosen, drop.where, day)
        filled = template.filled(constant, rows)
        filled = _restyled(filled, number)
        under = template.version_a if day < VERSION_A_UNTIL else template.version_b
        table = under(filled)
        for name, sheets in _registry_books(drop, table, rows, number).items():
            _write_registry(drop, f"学籍/{day}/{name}.xlsx", sheets, number)


def _registry_books(
    drop: Drop, table: pd.DataFrame, rows: pd.DataFrame, number: int
) -> dict[str, list[tuple[str, pd.DataFrame]]]:
    """Workbook name -> its sheets, by school, by township, or all townships in one workbook."""
    schools = drop.where.schools
    if number in BY_SCHOOL:
        names = schools["school_code"] + schools["school_name"]
        by_school = rows.groupby(names.to_numpy()[rows["school"]]).groups
        return {str(name): [("学生信息", table.loc[at])] for name, at in by_school.items()}
    label = drop.where.townships["code"] + drop.where.townships["name"]
    township = label.to_numpy()[schools["township"].to_numpy()[rows["school"]]]
    parts = {str(name): table.loc[at] for name, at in rows.groupby(township).groups.items()}
    if number in ONE_WORKBOOK:
        return {"全市学籍": [(name[9:], part) for name, part in parts.items()]}
    return {name: [("学生信息", part)] for name, part in parts.items()}


def _write_registry(drop: Drop, file: str, sheets: list[tuple[str, pd.DataFrame]], number: int) -> None:
    """One workbook; in some snapshots with title rows, an extra column, or damaged identifiers."""
    titles = (f"学生基础信息——{SIMULATED}",) if number == 2 else ()
    rng = drop.rng(file)
    made = []
    for name, table in sheets:
        first = len(titles) + 2
        if number in (3, 5):
            table = damages.identifiers(table, "身份证件号", file, first, drop.done, rng, lossy_beside="全国学籍号")
        if number in (6, 8):
            table = damages.identifiers(table, "全国学籍号", file, first, drop.done, rng)
        if number == 4:
            table = damages.add_rows(table, _BAD_REGISTRY_ROWS, file, first, drop.done, rng)
        if number == 9:
            table = table.assign(学校标识码=table["学校标识码"].astype("int64"))
        if number == 7:
            table = table.assign(学校自用备注="").rename(columns={"姓名": " 姓 名 ", "身份证件号": "身份证号"})
        made.append(Sheet(table, name, titles))
    if number == 6:
        made.append(Sheet(pd.DataFrame({"填表说明": ["本表为模拟数据", "请勿改动表头"]}), "填表说明"))
    write_workbook(drop.out / file, made)


def _restyled(table: pd.DataFrame, number: int) -> pd.DataFrame:
    """Coded columns as this snapshot's system wrote them: as words, as `1-男`, or as bare codes."""
    style = {3: "code-name", 5: "code"}.get(number)
    if number == 1:
        return table.assign(学籍状态=table["学籍状态"].where(table["学籍状态"] != codes.Status.ENROLLED, ""))
    if style is None:
        return table
    lists = {"性别": codes.Sex, "就读方式": codes.Boarding, "学籍状态": codes.Status, "是否留守儿童": codes.LeftBehind}
    made = {header: headings.coded(table[header], words, style) for header, words in lists.items()}
    made |= {h: headings.yes_no_coded(table[h], style) for h in _YES_NO_COLUMNS if h in table}
    return table.assign(**made)


def write_rosters(drop: Drop) -> None:
    """在校: by zone in a large county; one snapshot without ID numbers, one with a few children without any number."""
    facts = drop.facts
    for number, day in enumerate(timeline.REGISTRY_DAYS):
        rows = snapshots.roster(facts.lives, facts.away, facts.followed, facts.chosen, facts.everyone, drop.where, day)
        if number == 5:
            nameless = drop.rng("rosters").choice(len(rows), max(2, len(rows) // 3000), replace=False)
            rows.loc[nameless, ["id_number", "registry_number"]] = ""
        table = headings.headed("rosters", rows)
        if number == 7:
            table = table.drop(columns="身份证件号").assign(班级号=lambda t: "(" + t["班级号"].str.lstrip("0") + ")班")
            table["年级"] = [f"{'零一二三四五六七八九'[g]}年级" for g in rows["grade"]]
            kept = rows["registry_number"] != ""
            table = table[kept.to_numpy()]
        zone = drop.where.schools["zone"].to_numpy()[rows["school"].loc[table.index]]
        if not drop.is_large:
            write_workbook(drop.out / f"在校/{day}/在校学生.xlsx", [Sheet(table, "在校学生")])
            continue
        for name, part in table.groupby(zone):
            write_workbook(drop.out / f"在校/{day}/{name}.xlsx", [Sheet(part, "在校学生")])


def write_households(drop: Drop) -> None:
    """户籍: a workbook with title rows, in a large county a CSV; birth dates of all styles in the latest ones."""
    facts, rng = drop.facts, drop.rng("households")
    for number, day in enumerate(timeline.HOUSEHOLD_DAYS):
        rows = households.households(facts.lives, facts.everyone, facts.chosen, drop.where, day, facts.seen)
        rows = rows.sort_values(["township_code", "household_number", "child"], kind="stable", ignore_index=True)
        table = headings.headed("households", rows)
        if number >= 3:
            table["出生日期"] = headings.mixed_dates(rows["birth_date"], rng)
        name = "适龄儿童户籍"
        file = f"户籍/{day}/{name}.{'csv' if drop.is_large else 'xlsx'}"
        bad = {
            "身份证件号": "339901201101019999",
            "姓名": "模拟错号",
            "column": "身份证件号",
            "damage": "number_invalid",
        }
        first = 2 if drop.is_large else 4
        table = damages.add_rows(table, [bad], file, first, drop.done, rng)
        if drop.is_large:
            write_csv(drop.out / file, table, ENCODINGS[number % 2])
        else:
            titles = (f"适龄儿童少年户籍信息——{SIMULATED}", f"数据时点：{day}")
            write_workbook(drop.out / file, [Sheet(table, "户籍", titles)])
