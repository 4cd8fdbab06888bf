"""Ledgers in the forms' own columns: for each unit its own rows, names by tier, printable, zero reported as zero."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from baoxue.cases.ledgers import LEDGER_OF, LEDGERS, Unit
from baoxue.cases.workbooks import FOOTER, ZERO, Ledgers, units
from baoxue.contracts import IDENTITY_COLUMNS
from baoxue.store import Store
from cases_drawn import across
from given import given

TOWNSHIPS = {"330382001": "城东街道", "330382002": "乐成街道"}

TABLES: dict[str, Any] = {
    "terms": """
        term              | starts_on  | ends_on
        2024学年第一学期 | 2024-09-01 | 2025-01-17
    """,
    "schools": """
        school_code | school_name | zone     | township_code
        3133990001  | 甲初中      | 乐成学区 | 330382001
        2133990002  | 乙小学      | 乐成学区 | 330382002
    """,
    "enrolments": """
        pupil | snapshot_on | school_code | grade | class | status | sex | cohort | left_behind | disability
        p1    | 2024-09-01  | 3133990001  | 8     | 01    | 在读   | 男  | 2017   | 双亲留守儿童 | 无残疾
        p2    | 2024-09-01  | 3133990001  | 8     | 01    | 在读   | 女  | 2017   | 非留守儿童  | 智力残疾
        p3    | 2024-09-01  | 2133990002  | 2     | 02    | 在读   | 女  | 2023   | 非留守儿童  | 无残疾
    """,
    "households": """
        pupil | snapshot_on | township_code | village | residence | cohort | head_relation
        p1    | 2024-09-01  | 330382001     | 甲村    | 本籍在本  | 2017   | 子
        p3    | 2024-09-01  | 330382002     | 乙村    | 外籍在本  | 2023   | 女
        p4    | 2024-09-01  | 330382002     | 乙村    | 本籍在本  | 2020   | 子
        p5    | 2024-09-01  | 330382002     | 乙村    | 本籍在本  | 2003   | 子
    """,
    "cases": across("""
        case            | a          | b
        pupil           | p1         | p3
        clue            | 考勤       | 考勤
        opened_on       | 2024-09-05 | 2024-09-05
        first_absent_on | 2024-09-02 | 2024-09-02
        conclusion      | 辍学       | 返校
        concluded_on    | 2024-09-29 | 2024-09-10
        dropout_reason  | 外出务工   | -
        closed_on       | -          | 2024-09-12
        closing         | -          | 返校复学
    """),
    "visits": """
        case | pupil | attempt | visited_on | way  | measure | result
        a    | p1    | 1       | 2024-09-06 | 电话 | 感情    | 未见到人
        a    | p1    | 2       | 2024-09-07 | 家访 | 感情    | 学生拒绝
    """,
    "changes": """
        pupil | change | changed_on | accepted_on | reviewed_on | review | to_school_name
        p3    | 转出   | 2024-10-20 | 2024-10-21  | 2024-11-05  | 通过   | 外省某校
        p2    | 休学   | 2024-09-20 | 2024-09-23  | -           | -      | -
    """,
    "duty_holders": """
        line   | level | unit           | holder  | post   | starts_on
        行政线 | 村居  | 甲村           | s1      | 村主任 | 2024-01-01
        教育线 | 学校  | 3133990001-8   | s2      | 校长   | 2024-01-01
    """,
}  # fmt: skip
IDENTITY = """
    pupil | full_name | id_number          | registry_number     | birth_date | guardian | phone       | address
    p1    | 甲生      | 339901201101019023 | G339901201101019023 | 2011-01-01 | 甲父     | 12000000001 | 甲村1号
    p2    | 乙生      | 339901201101019031 | G339901201101019031 | 2011-01-01 | 乙父     | 12000000002 | 甲村2号
    p3    | 丙生      | 339901201701019024 | G339901201701019024 | 2017-01-01 | 丙父     | 12000000003 | 乙村3号
    p4    | 丁生      | 339901201401019025 | -                   | 2014-01-01 | 丁父     | 12000000004 | 乙村4号
    s1    | 村主任甲  | -                  | -                   | -          | -        | 12000000008 | -
    s2    | 校长乙    | -                  | -                   | -          | -        | 12000000009 | -
"""
COUNTY = Unit("county", "", "乐清市")
TOWNSHIP = Unit("township", "330382001", "乐清市城东街道")
VILLAGE = Unit("village", "330382002/乙村", "乐成街道乙村")
SCHOOL = Unit("school", "3133990001", "甲初中")


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return given(tmp_path_factory.mktemp("ledgers"), identity=IDENTITY, **TABLES)


@pytest.fixture(scope="module")
def ledgers(store) -> Ledgers:
    return Ledgers(store, store.known_by("2024-11-30"), TOWNSHIPS)


def read(ledgers: Ledgers, unit: Unit, tmp_path: Path) -> openpyxl.Workbook:
    file = tmp_path / "ledgers.xlsx"
    ledgers.write(unit, file)
    return openpyxl.load_workbook(file)


def rows_of(book: openpyxl.Workbook, name: str) -> list[dict]:
    """The rows of a sheet by its headings; a heading that repeats keeps its first column."""
    sheet = book[LEDGER_OF[name].title]
    headings = [cell.value for cell in sheet[3]]
    found = []
    for line in sheet.iter_rows(min_row=4, values_only=True):
        if not isinstance(line[0], int):
            break
        found.append(dict(reversed(list(zip(headings, line, strict=True)))))
    return found


def test_every_column_of_every_form_has_its_value_or_is_left_for_the_hand(ledgers, store):
    people = {*IDENTITY_COLUMNS, "reach_phone", "head_name", "disability_number", "reviewer_name", "visitor_name"}
    people |= {f"holder_{who}name" for who in ("", "school_", "township_", "village_")} | {"holder_phone"}
    for ledger in LEDGERS:
        rows = ledgers.rows(ledger, COUNTY)
        assert {c.source for c in ledger.columns if c.source} - set(rows.columns) <= people, ledger.name
        assert not set(rows.columns) & ({*IDENTITY_COLUMNS} - {"pupil", "known_on"}), ledger.name


def test_the_three_ledgers_of_the_county_have_the_children_they_should(ledgers):
    who = {
        name: ledgers.rows(LEDGER_OF[name], COUNTY)["pupil"].tolist() for name in ("admission", "dropouts", "closings")
    }
    assert sorted(who["admission"]) == ["p1", "p2", "p3", "p4"]  # p5 is of age
    assert who["dropouts"] == ["p1"]
    assert who["closings"] == ["p3"]


def test_the_state_of_schooling_says_what_is_known_and_no_more(ledgers):
    rows = ledgers.rows(LEDGER_OF["admission"], COUNTY).set_index("pupil")["schooling_state"]
    assert rows.to_dict() == {"p1": "辍学", "p2": "在校", "p3": "在校", "p4": "待核实"}


def test_every_row_of_the_county_belongs_to_one_township_and_none_to_another_school(ledgers):
    known = ledgers.known
    townships = units(known, ["township"], "乐清市", TOWNSHIPS)
    schools = units(known, ["school"], "乐清市", TOWNSHIPS)
    for name in ("admission", "suspected", "dropouts", "visits", "changes"):
        whole = ledgers.rows(LEDGER_OF[name], COUNTY)
        parts = [ledgers.rows(LEDGER_OF[name], unit) for unit in townships]
        assert sum(map(len, parts)) == len(whole), name
        for school in schools:
            assert set(ledgers.rows(LEDGER_OF[name], school)["school_code"]) <= {school.code}


def test_the_bureau_reads_everything_a_form_asks_for(ledgers, tmp_path):
    row = rows_of(read(ledgers, COUNTY, tmp_path), "admission")[0]
    assert (row["儿童姓名"], row["身份证件号"], row["学籍号"]) == ("甲生", "339901201101019023", "G339901201101019023")
    assert (row["联系电话"], row["年级"], row["班级"], row["乡镇（街道）"]) == (
        "12000000001",
        "八年级",
        "1班",
        "城东街道",
    )


def test_a_township_reads_masked_numbers_and_only_the_telephones_of_open_cases(ledgers, tmp_path):
    book = read(ledgers, TOWNSHIP, tmp_path)
    rows = {row["儿童姓名"]: row for row in rows_of(book, "admission")}
    assert rows["甲生"]["身份证件号"] == "**************9023" and rows["甲生"]["学籍号"] == "**************9023"
    assert rows["甲生"]["联系电话"] == "12000000001"  # the case is open
    assert rows["乙生"]["联系电话"] == "120****0002"
    assert rows["甲生"]["现居住地"] is None and rows["甲生"]["出生日期"] == "2011-01"


def test_a_village_sees_only_its_own_children(ledgers, tmp_path):
    assert {row["儿童姓名"] for row in rows_of(read(ledgers, VILLAGE, tmp_path), "admission")} == {"丙生", "丁生"}


def test_the_dropouts_name_the_three_who_answer_and_say_key_group_without_saying_which(ledgers, tmp_path):
    row = rows_of(read(ledgers, SCHOOL, tmp_path), "dropouts")[0]
    assert (row["校包保责任人"], row["村包保责任人"], row["乡镇包保责任人"]) == ("校长乙", "村主任甲", None)
    assert (row["重点群体"], row["当前状态"], row["学校劝返次数"], row["末次劝返结果"]) == (
        "是",
        "劝返中",
        2,
        "学生拒绝",
    )


def test_days_missed_are_school_days_to_the_conclusion(ledgers, tmp_path):
    rows = rows_of(read(ledgers, COUNTY, tmp_path), "suspected")
    assert [row["连续未到校天数（教学日）"] for row in rows] == [20, 7]
    assert (rows[0]["电话核查结果"], rows[0]["家访结果"]) == ("未见到人", "学生拒绝")


def test_a_change_that_took_the_office_too_long_says_so(ledgers, tmp_path):
    rows = {row["姓名"]: row for row in rows_of(read(ledgers, COUNTY, tmp_path), "changes")}
    assert (rows["丙生"]["是否超10个工作日"], rows["丙生"]["转入（目标）校"]) == ("是", "外省某校")  # due on 4 November
    assert (rows["乙生"]["是否超10个工作日"], rows["乙生"]["审核状态"]) == ("是", "审核中")


def test_gaps_stand_in_the_list_of_duty_holders(ledgers, tmp_path):
    rows = rows_of(read(ledgers, COUNTY, tmp_path), "duties")
    named = {row["责任对象"]: row for row in rows if row["层级"] == "村居"}
    assert named["甲村"]["责任人"] == "村主任甲" and named["甲村"]["联系电话"] == "12000000008"
    assert named["乙村"]["责任人"] is None and named["乙村"]["备注"] == "空缺"
    assert [row["责任对象"] for row in rows if row["层级"] == "市领导"] == ["城东街道", "乐成街道"]


def test_a_ledger_with_nothing_in_it_is_a_zero_report(ledgers, tmp_path):
    sheet = read(ledgers, SCHOOL, tmp_path)[LEDGER_OF["aid"].title]
    assert sheet["A4"].value == ZERO
    assert "共0条" in next(cell.value for cell in sheet[2] if cell.value and "填报时间" in cell.value)


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda ledger: ledger.name)
def test_a_sheet_prints_on_a4_landscape_with_its_title_its_headings_and_the_official_footer(ledger, ledgers, tmp_path):
    sheet = read(ledgers, COUNTY, tmp_path)[ledger.title]
    assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
    assert sheet.print_title_rows == "$1:$3"
    assert sheet["A1"].value == f"乐清市{ledger.title}"
    assert [cell.value for cell in sheet[3]] == ["序号", *(column.heading for column in ledger.columns)]
    assert FOOTER in {cell.value for row in sheet.iter_rows() for cell in row}


def test_identifiers_are_text_and_dates_are_dates(ledgers, tmp_path):
    sheet = read(ledgers, COUNTY, tmp_path)[LEDGER_OF["dropouts"].title]
    headings = [cell.value for cell in sheet[3]]
    cells = dict(zip(headings, sheet[4], strict=True))
    assert cells["身份证件号"].data_type == "s" and cells["身份证件号"].number_format == "@"
    assert cells["辍学日期"].is_date and str(cells["辍学日期"].value.date()) == "2024-09-02"


def test_the_same_ledgers_are_the_same_bytes(ledgers, tmp_path):
    for name in ("first.xlsx", "second.xlsx"):
        ledgers.write(SCHOOL, tmp_path / name)
    assert (tmp_path / "first.xlsx").read_bytes() == (tmp_path / "second.xlsx").read_bytes()


def test_identities_are_opened_once_for_all_units_and_the_opening_is_logged(store, ledgers, tmp_path):
    log = store.path / "identity" / "openings.jsonl"
    before = len(log.read_text(encoding="utf-8").splitlines())
    written = []

    def release(path: Path, write, *, tier: str, title: str) -> None:
        write(path)
        written.append((path.name, tier))

    ledgers.write_all([TOWNSHIP, SCHOOL], tmp_path, release)
    assert written == [("ledgers_330382001.xlsx", "T1"), ("ledgers_3133990001.xlsx", "T2")]
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()[before:]]
    assert [entry["what"] for entry in entries].count("identity") == 1
    assert {entry["who"] for entry in entries} == {"cases"}
    assert all(entry["why"] == "ledgers of 330382001, 3133990001" for entry in entries)


def test_units_come_in_the_order_of_codes_and_two_villages_of_one_name_are_two(ledgers):
    found = units(ledgers.known, ["county", "township", "village", "school"], "乐清市", TOWNSHIPS)
    assert [unit.code for unit in found] == [
        "", "330382001", "330382002", "330382001/甲村", "330382002/乙村", "2133990002", "3133990001",
    ]  # fmt: skip
    with pytest.raises(KeyError):
        units(ledgers.known, ["street"], "乐清市", TOWNSHIPS)


def test_a_row_of_a_child_without_an_identity_is_kept_with_empty_names(tmp_path):
    store = given(tmp_path, **TABLES)
    ledgers = Ledgers(store, store.known_by("2024-11-30"), TOWNSHIPS)
    rows = rows_of(read(ledgers, COUNTY, tmp_path), "dropouts")
    assert [row["姓名"] for row in rows] == [None] and rows[0]["案件编号"] == "a"


def test_no_ledger_changes_the_rows_it_was_given(ledgers):
    before = ledgers.rows(LEDGER_OF["dropouts"], COUNTY).copy()
    ledgers.rows(LEDGER_OF["dropouts"], SCHOOL)
    pd.testing.assert_frame_equal(before, ledgers.rows(LEDGER_OF["dropouts"], COUNTY))
