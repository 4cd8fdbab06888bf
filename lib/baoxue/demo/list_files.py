"""Lists and ledgers as files: 学校, 校历, 学籍变动, 资助, 招生, 部门名单, 劝返."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue.codes import CHANGE_CODES
from baoxue.demo import admissions, changes, damages, duties, headings, template, timeline
from baoxue.demo.filing import NOBODY, SIMULATED, Drop
from baoxue.demo.workbooks import Sheet, write_csv, write_workbook

CODED_CHANGES = {"2021学年": "学籍异动类别", "2022学年": "学生变动"}


def write_schools(drop: Drop) -> None:
    """学校: the list of schools under two title rows, and the chain of duty, a sheet for each line."""
    schools = drop.where.schools.assign(
        inspector_name="模拟督学", office_phone=[f"0577-0000{n:04d}" for n in range(len(drop.where.schools))]
    )
    table = headings.headed("schools", schools)
    titles = (f"乐清市中小学校名单——{SIMULATED}", "填报单位：教育局（模拟）")
    write_workbook(drop.out / "学校" / "学校名单.xlsx", [Sheet(table, "学校名单", titles)])
    holders = duties.duty_holders(drop.facts.lives, drop.where, drop.seed)
    sheets = [
        Sheet(headings.headed("duty_holders", rows), str(line), (f"控辍保学{line}责任人——{SIMULATED}",))
        for line, rows in holders.groupby("line", sort=False)
    ]
    write_workbook(drop.out / "学校" / "责任人.xlsx", sheets)


def write_calendar(drop: Drop) -> None:
    """校历: terms and the days that depart from the week."""
    write_csv(drop.out / "校历" / "学期.csv", headings.headed("terms", timeline.terms()))
    write_csv(drop.out / "校历" / "调整.csv", headings.headed("calendar_days", timeline.adjustments()), "gb18030")


def write_changes(drop: Drop) -> None:
    """A workbook a school year; two of them with codes under the header that names their list."""
    rows = changes.changes(drop.facts.lives, drop.facts.followed, drop.where, drop.seed)
    p, schools = drop.facts.lives.people, drop.where.schools
    code = schools["school_code"].to_numpy()
    rows = rows.assign(
        person_number=p["registry_number"].to_numpy()[rows["pupil"]], full_name=p["name"].to_numpy()[rows["pupil"]],
        from_grade=rows["grade"].where(rows["grade"] > 0, "").astype(str).replace("0", ""),
        from_class=np.where(rows["grade"] > 0, template.two_digits(rows["class_number"]), ""),
        from_school_code=_codes_at(code, rows["from_school"]), to_school_code=_codes_at(code, rows["to_school"]),
    )  # fmt: skip
    rng = drop.rng("changes")
    for year in timeline.YEARS:
        part = rows[rows["school_year"] == year]
        label, file = f"{year}学年", f"学籍变动/{year}学年学籍变动.xlsx"
        style = {2021: headings.COMPACT, 2023: headings.REAL_DATES}.get(year, headings.ISO)
        table = headings.headed("changes", part.reset_index(drop=True), style)
        if label in CODED_CHANGES:
            table["变动类别"] = _change_codes(table["变动类别"], CODED_CHANGES[label])
            table = table.rename(columns={"变动类别": CODED_CHANGES[label]})
        if year == 2024:
            table["受理日期"] = headings.mixed_dates(part["accepted_on"].reset_index(drop=True), rng)
            table = damages.identifiers(table, "学籍号", file, 2, drop.done, rng)
            bad = {"变动类别": "21", "学籍号": NOBODY, "column": "变动类别", "damage": "bare_code"}
            table = damages.add_rows(table, [bad], file, 2, drop.done, rng)
        write_workbook(drop.out / file, [Sheet(table, "学籍变动")])


def _codes_at(code: np.ndarray, school: pd.Series) -> np.ndarray:
    known = school.notna().to_numpy()
    return np.where(known, code[school.fillna(0).astype(int)], "")


def _change_codes(words: pd.Series, header: str) -> pd.Series:
    number = {word.value: code for code, word in CHANGE_CODES[header].items()}
    return words.map(lambda word: number.get(word, word))


def write_aid(drop: Drop) -> None:
    """资助: a workbook a term, by registry number and by ID number in turn."""
    people_of = drop.facts.lives.people
    for number, (term, part) in enumerate(drop.aid.groupby("term", sort=False)):
        by_id = number % 2 == 1
        column = "id_number" if by_id else "registry_number"
        fallback = people_of["registry_number"].to_numpy()[part["pupil"]]
        own = people_of[column].to_numpy()[part["pupil"]]
        has_id = people_of["has_id"].to_numpy()[part["pupil"]]
        table = headings.headed("aid", part.assign(person_number=np.where(has_id, own, fallback)), headings.SLASH)
        table = table.rename(columns={"学籍号": "学籍号/身份证件号"})
        write_workbook(drop.out / f"资助/{term}资助发放.xlsx", [Sheet(table, "发放表", (f"资助发放表——{SIMULATED}",))])


def write_admissions(drop: Drop) -> None:
    """招生: a workbook a year with a sheet for each passage."""
    facts = drop.facts
    for year in timeline.YEARS:
        rows = admissions.admissions(facts.lives, facts.everyone, facts.chosen, drop.where, year, drop.seed)
        table = headings.headed("admissions", rows, headings.DOT if year == 2022 else headings.ISO)
        sheets = [Sheet(part, str(name)) for name, part in table.groupby("学段", sort=False)]
        write_workbook(drop.out / f"招生/{year}年招生.xlsx", sheets)


def write_lists(drop: Drop) -> None:
    """部门名单: the three lists, as a workbook with a title, a CSV and a workbook with real dates."""
    made, everyone, rng = drop.facts.made, drop.facts.everyone, drop.rng("lists")
    townships, villages = drop.where.townships["code"].to_numpy(), drop.where.villages["village"].to_numpy()

    def named(rows: pd.DataFrame) -> pd.DataFrame:
        p = everyone.iloc[rows["child"]]
        return rows.assign(
            full_name=p["name"].to_numpy(), id_number=p["id_number"].to_numpy(),
            township_code=townships[p["township"]], village=villages[p["village"]],
        )  # fmt: skip

    file = "部门名单/低收入农户/低收入农户子女.xlsx"
    table = headings.headed("low_income", named(made.low_income), headings.CHINESE)
    table = damages.identifiers(table, "身份证件号", file, 3, drop.done, rng)
    write_workbook(drop.out / file, [Sheet(table, "名单", (f"低收入农户子女名单——{SIMULATED}",))])
    table = headings.headed("disabled", named(made.disabled), headings.SLASH)
    write_csv(drop.out / "部门名单/残疾儿童/残疾儿童.csv", table, "gb18030")
    table = headings.headed("care", named(made.care), headings.REAL_DATES)
    write_workbook(drop.out / "部门名单/留守困境儿童/留守困境儿童.xlsx", [Sheet(table, "名单")])


def write_cases(drop: Drop) -> None:
    """劝返: the case files as a workbook with real dates, the visits as a CSV."""
    p = drop.facts.lives.people
    names = drop.rng("cases")
    for name, rows in (("cases", drop.cases), ("visits", drop.visits)):
        number = p["registry_number"].to_numpy()[rows["pupil"]]
        who = names.choice(["模拟教师甲", "模拟教师乙", "模拟干部丙", "模拟网格员丁"], len(rows))
        rows = rows.assign(
            person_number=number, visitor_name=who, reviewer_name=np.where(rows["case"] != "", "模拟审核人", "")
        )
        if name == "cases":
            table = headings.headed("cases", rows, headings.REAL_DATES)
            write_workbook(
                drop.out / "劝返/案件/控辍保学案件.xlsx", [Sheet(table, "案件", (f"控辍保学案件台账——{SIMULATED}",))]
            )
        else:
            write_csv(drop.out / "劝返/劝返记录/劝返记录.csv", headings.headed("visits", rows), "gb18030")
