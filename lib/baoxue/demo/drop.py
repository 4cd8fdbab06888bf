"""The simulated county's drop folder, file by file, in the places and forms in which a county keeps its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from baoxue import codes
from baoxue.demo import (
    admissions, attendance, changes, damages, duties, headings, marks, places, snapshots, template,
    timeline,
)  # fmt: skip
from baoxue.demo.damages import Damages
from baoxue.demo.truth import Facts
from baoxue.demo.workbooks import Sheet, write_csv, write_workbook

SIMULATED = "模拟数据（不是真实学校和学生）"
ENCODINGS = ("utf-8-sig", "gb18030", "utf-8")
VERSION_A_UNTIL = np.datetime64("2022-12-31")
BY_SCHOOL = (8,)
"""Registry snapshots handed in as one workbook per school; the others come per township, or as one workbook."""

ONE_WORKBOOK = (1, 7)
NOBODY = "G33990120110101901X"
"""A registry number in good order that no simulated child has (its sequence is 901)."""

_YES_NO_COLUMNS = tuple(h for h in template.VERSION_B if h.startswith("是否") and h != "是否留守儿童")
_ABROAD = {"2021学年": "学籍异动类别", "2022学年": "学生变动"}


@dataclass
class Drop:
    """A drop being written: where, of what, how large, and which damage was done on the way."""

    out: Path
    facts: Facts
    where: places.Places
    cases: pd.DataFrame
    visits: pd.DataFrame
    aid: pd.DataFrame
    size: str
    seed: int
    done: Damages = field(default_factory=Damages)

    @property
    def is_large(self) -> bool:
        """Whether to write many smaller files where a small county hands in one."""
        return self.size == "county"

    def rng(self, topic: str) -> np.random.Generator:
        """A random stream for the handwriting of a file."""
        return timeline.stream(self.seed, f"file {topic}")


def write(drop: Drop, progress: Callable[[int], None]) -> None:
    """Write every folder of the drop; `progress(done)` is called with the number of those written, of `STEPS`."""
    for number, step in enumerate(_FOLDERS, 1):
        step(drop)
        progress(number)


def _schools(drop: Drop) -> None:
    schools = drop.where.schools.assign(
        inspector_name="模拟督学", office_phone=[f"0577-0000{n:04d}" for n in range(len(drop.where.schools))]
    )
    table = headings.headed("schools", schools)
    titles = (f"乐清市中小学校名单——{SIMULATED}", "填报单位：教育局（模拟）")
    write_workbook(drop.out / "学校" / "学校名单.xlsx", [Sheet(table, "学校名单", titles)])
    holders = duties.duty_holders(drop.facts.lives, drop.where, drop.seed)
    sheets = [
        Sheet(headings.headed("duty_holders", rows), line, (f"控辍保学{line}责任人——{SIMULATED}",))
        for line, rows in holders.groupby("line", sort=False)
    ]
    write_workbook(drop.out / "学校" / "责任人.xlsx", sheets)


def _calendar(drop: Drop) -> None:
    write_csv(drop.out / "校历" / "学期.csv", headings.headed("terms", timeline.terms()))
    write_csv(drop.out / "校历" / "调整.csv", headings.headed("calendar_days", timeline.adjustments()), "gb18030")


def _registry(drop: Drop) -> None:
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
        names = (schools["school_code"] + schools["school_name"]).to_numpy()
        return {names[school]: [("学生信息", table.loc[at])] for school, at in rows.groupby("school").groups.items()}
    township = schools["township"].to_numpy()[rows["school"]]
    label = (drop.where.townships["code"] + drop.where.townships["name"]).to_numpy()
    parts = {label[each]: table.loc[at] for each, at in rows.groupby(township).groups.items()}
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
        if number == 7:
            table = table.assign(学校自用备注="").rename(columns={"姓名": " 姓 名 ", "身份证件号": "身份证号"})
        made.append(Sheet(table, name, titles))
    if number == 6:
        made.append(Sheet(pd.DataFrame({"填表说明": ["本表为模拟数据", "请勿改动表头"]}), "填表说明"))
    write_workbook(drop.out / file, made)


_BAD_REGISTRY_ROWS: list[dict[str, str]] = [
    {"姓名": "", "身份证件号": "", "全国学籍号": "", "column": "姓名", "damage": "name_missing"},
    {"姓名": "模拟错号", "身份证件号": "339901201101019999", "全国学籍号": "G33990120110101", "column": "身份证件号",
     "damage": "number_invalid"},
]  # fmt: skip


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


def _rosters(drop: Drop) -> None:
    facts = drop.facts
    for number, day in enumerate(timeline.REGISTRY_DAYS):
        rows = snapshots.roster(
            facts.lives, facts.away, facts.followed, facts.chosen, facts.everyone, drop.where, day
        )
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


def _changes(drop: Drop) -> None:
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
    for year, part in rows.groupby("school_year"):
        label, file = f"{year}学年", f"学籍变动/{year}学年学籍变动.xlsx"
        style = {2021: headings.COMPACT, 2023: headings.REAL_DATES}.get(int(year), headings.ISO)
        table = headings.headed("changes", part.reset_index(drop=True), style)
        if label in _ABROAD:
            table["变动类别"] = _change_codes(table["变动类别"], _ABROAD[label])
            table = table.rename(columns={"变动类别": _ABROAD[label]})
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
    from baoxue.codes import CHANGE_CODES

    number = {word.value: code for code, word in CHANGE_CODES[header].items()}
    return words.map(lambda word: number.get(word, word))


def _absences(drop: Drop) -> None:
    rows = drop.facts.attended.absences
    days = timeline.clock().school_days[rows["day"].to_numpy()]
    numbers = pa.array(drop.facts.lives.people["registry_number"].tolist(), pa.string())
    period = _period_of(drop, days)
    rng = drop.rng("absences")
    for number, name in enumerate(np.unique(period)):
        at = np.flatnonzero(period == name)
        file, part, day = f"考勤/缺勤/{name}.csv", rows.iloc[at], days[at]
        entered = np.where(rng.random(len(at)) < 0.05, timeline.NEVER, day + part["delay"].to_numpy())
        table = headings.arrow(
            "absences",
            {
                "person_number": numbers.take(pa.array(part["pupil"].to_numpy())), "date": headings.days_as_text(day),
                "absence": headings.words(attendance.KINDS, part["kind"].to_numpy()),
                "session": headings.words(attendance.SESSIONS, part["session"].to_numpy()),
                "recorded_on": headings.days_as_text(entered),
            },
        )  # fmt: skip
        if number % 5 == 2:
            _write_careless_absences(drop, file, table.to_pandas(), ENCODINGS[number % 3], rng)
        else:
            write_csv(drop.out / file, table, ENCODINGS[number % 3])


def _write_careless_absences(
    drop: Drop, file: str, table: pd.DataFrame, encoding: str, rng: np.random.Generator
) -> None:
    """With rows nobody can use, and a page pasted twice."""
    bad = [
        {"日期": "2023-02-30", "学籍号": NOBODY, "column": "日期", "damage": "date_impossible"},
        {"缺勤类别": "没来", "学籍号": NOBODY, "column": "缺勤类别", "damage": "kind_unknown"},
        {"学籍号": "3.39901E+17", "column": "学籍号", "damage": "digits_lost"},
    ]
    table = damages.add_rows(table, bad, file, 2, drop.done, rng)
    table = damages.repeat_rows(table, 12, file, 2, drop.done, rng)
    write_csv(drop.out / file, table, encoding)


def _period_of(drop: Drop, days: np.ndarray) -> np.ndarray:
    """The file in which a day's rows lie: the month in a large county, else the term."""
    if drop.is_large:
        return days.astype("datetime64[M]").astype(str)
    terms = np.array([term.label for term in timeline.TERM_DATES])
    return terms[np.searchsorted(np.array([last for _, last in timeline.TERM_DATES.values()], "datetime64[D]"), days)]


def _rolls(drop: Drop) -> None:
    rows = drop.facts.attended.rolls
    days = timeline.clock().school_days[rows["day"].to_numpy()]
    code = pa.array(drop.where.schools["school_code"].tolist(), pa.string())
    number_text = pa.array([f"{n:02d}" for n in range(100)])
    period = _period_of(drop, days)
    for number, name in enumerate(np.unique(period)):
        at = np.flatnonzero(period == name)
        part = rows.iloc[at]
        table = headings.arrow(
            "rolls",
            {
                "school_code": code.take(pa.array(part["school"].to_numpy())), "grade": pa.array(part["grade"].to_numpy()),
                "class": number_text.take(pa.array(part["class_number"].to_numpy())),
                "date": headings.days_as_text(days[at], headings.COMPACT if number % 3 == 1 else headings.ISO),
                "expected": pa.array(part["expected"].to_numpy()), "present": pa.array(part["present"].to_numpy()),
                "is_taken": headings.words(("否", "是"), part["is_taken"].to_numpy().astype(int)),
            },
        )  # fmt: skip
        write_csv(drop.out / f"考勤/点名/{name}.csv", table, ENCODINGS[number % 3])


def _marks(drop: Drop) -> None:
    facts = drop.facts
    rows = marks.marks(facts.lives, facts.away, len(drop.where.schools), drop.seed)
    numbers = pa.array(facts.lives.people["registry_number"].tolist(), pa.string())
    subjects = tuple(marks.SUBJECTS)
    for number, (term, part) in enumerate(rows.groupby("term", sort=False)):
        values = part["mark"].to_numpy()
        position = pd.Categorical(part["subject"], categories=list(subjects)).codes.astype(int)
        table = headings.arrow(
            "marks",
            {
                "person_number": numbers.take(pa.array(part["pupil"].to_numpy())), "term": pa.array([term] * len(part)),
                "subject": headings.words(subjects, position),
                "mark": pa.array(np.where(np.isnan(values), 0, values).astype(int), mask=np.isnan(values)),
                "full_mark": pa.array(part["full_mark"].to_numpy()),
                "missed_exam": headings.words(("否", "是"), part["missed_exam"].to_numpy().astype(int)),
                "exam_on": headings.days_as_text(part["exam_on"].to_numpy().astype("datetime64[D]")),
            },
        )  # fmt: skip
        write_csv(drop.out / f"成绩/{term}.csv", table, ENCODINGS[number % 3])


def _aid(drop: Drop) -> None:
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


def _households(drop: Drop) -> None:
    facts, rng = drop.facts, drop.rng("households")
    for number, day in enumerate(timeline.HOUSEHOLD_DAYS):
        rows = snapshots.households(facts.lives, facts.everyone, facts.chosen, drop.where, day, facts.seen)
        rows = rows.sort_values(["township_code", "household_number", "child"], kind="stable", ignore_index=True)
        table = headings.headed("households", rows)
        if number >= 3:
            table["出生日期"] = headings.mixed_dates(rows["birth_date"], rng)
        name = "适龄儿童户籍"
        file = f"户籍/{day}/{name}.{'csv' if drop.is_large else 'xlsx'}"
        bad = {"身份证件号": "339901201101019999", "姓名": "模拟错号", "column": "身份证件号", "damage": "number_invalid"}
        first = 2 if drop.is_large else 4
        table = damages.add_rows(table, [bad], file, first, drop.done, rng)
        if drop.is_large:
            write_csv(drop.out / file, table, ENCODINGS[number % 2])
        else:
            titles = (f"适龄儿童少年户籍信息——{SIMULATED}", f"数据时点：{day}")
            write_workbook(drop.out / file, [Sheet(table, "户籍", titles)])


def _admissions(drop: Drop) -> None:
    facts = drop.facts
    for year in timeline.YEARS:
        rows = admissions.admissions(facts.lives, facts.everyone, facts.chosen, drop.where, year, drop.seed)
        table = headings.headed("admissions", rows, headings.DOT if year == 2022 else headings.ISO)
        sheets = [Sheet(part, str(name)) for name, part in table.groupby("学段", sort=False)]
        write_workbook(drop.out / f"招生/{year}年招生.xlsx", sheets)


def _lists(drop: Drop) -> None:
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


def _cases(drop: Drop) -> None:
    p = drop.facts.lives.people
    names = drop.rng("cases")
    for name, rows in (("cases", drop.cases), ("visits", drop.visits)):
        number = p["registry_number"].to_numpy()[rows["pupil"]]
        who = names.choice(["模拟教师甲", "模拟教师乙", "模拟干部丙", "模拟网格员丁"], len(rows))
        rows = rows.assign(person_number=number, visitor_name=who, reviewer_name=np.where(rows["case"] != "", "模拟审核人", ""))
        if name == "cases":
            table = headings.headed("cases", rows, headings.REAL_DATES)
            write_workbook(drop.out / "劝返/案件/控辍保学案件.xlsx", [Sheet(table, "案件", (f"控辍保学案件台账——{SIMULATED}",))])
        else:
            write_csv(drop.out / "劝返/劝返记录/劝返记录.csv", headings.headed("visits", rows), "gb18030")


_FOLDERS: tuple[Callable[[Drop], None], ...] = (
    _schools, _calendar, _registry, _rosters, _changes, _absences, _rolls, _marks, _aid, _households, _admissions, _lists,
    _cases,
)  # fmt: skip
STEPS = len(_FOLDERS)
"""How many folders are written."""
