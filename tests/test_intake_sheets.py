"""Opening what counties hand in: every encoding, every mislabelled, damaged, locked and hostile file."""

import datetime as dt
import shutil
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import msoffcrypto.format.ooxml
import pytest

from baoxue.intake import pool, sheets
from baoxue.intake.unreadable import Unreadable
from baoxue.store import Store, take_in
from given import handed_in, id_number, workbook

KEY = b"a key that is only for tests"
DAY = dt.date(2025, 1, 17)
TERMS = """
学年学期 | 开始日期 | 结束日期
2024学年第一学期 | 2024-09-01 | 2025-01-17
"""
HEAD = ["学年学期", "开始日期", "结束日期"]
TERM = ["2024学年第一学期", "2024-09-01", "2025-01-17"]


def take(tmp_path, workers=1):
    """The drop `tmp_path/drop` taken into `tmp_path/store`: the account of its only file, and the terms stored."""
    store = Store(tmp_path / "store")
    account = take_in(tmp_path / "drop", store, key=KEY, arrived_on=DAY, workers=workers)
    return account.files[0], store.known_by(DAY).terms.to_pandas()["term"].tolist()


def refused(tmp_path, content, name="学期.xlsx"):
    """Why a file with that content is not read."""
    file = tmp_path / "drop" / "校历" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    entry, terms = take(tmp_path)
    assert (entry.rows_read, terms, entry.failed) == (0, [], True)
    assert entry.why("zh") and entry.why("en")
    return entry.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_text_file_is_read_in_every_encoding(tmp_path, encoding):
    handed_in(tmp_path / "drop", {"校历/学期.csv": TERMS}, encoding=encoding)
    entry, terms = take(tmp_path)
    assert (entry.rows_read, entry.accepted, terms) == (1, 1, ["2024学年第一学期"])


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_text_file_is_read_with_every_separator(tmp_path, separator):
    file = tmp_path / "drop" / "校历" / "学期.csv"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(separator.join(row) for row in (["校历"], HEAD, TERM)), encoding="gbk")
    assert take(tmp_path)[1] == ["2024学年第一学期"]


def test_a_character_that_cannot_be_decoded_costs_its_row_and_no_other(tmp_path):
    file = tmp_path / "drop" / "考勤" / "点名.csv"
    file.parent.mkdir(parents=True)
    head = "学校标识码,年级,班级号,日期,应到人数,实到人数,是否点名\n"
    rows = ["2133000001,3,01,2024-09-02,40,40,是\n", "2133000001,3,\ufffe班,2024-09-03,40,40,是\n"]
    file.write_bytes((head + "".join(rows)).encode("gb18030").replace("\ufffe".encode("gb18030"), b"\xff\xff"))
    account = take_in(tmp_path / "drop", Store(tmp_path / "store"), key=KEY, arrived_on=DAY)
    assert account.files[0].rejects == {"班级号:undecodable": 1}
    assert (account.files[0].rows_read, account.files[0].accepted) == (2, 1)


def test_an_unclosed_quotation_mark_swallows_no_rows(tmp_path):
    file = tmp_path / "drop" / "校历" / "调整.csv"
    file.parent.mkdir(parents=True)
    text = '日期,类型,说明\n2024-10-08,停课,"台风\n2024-10-12,上课,补课\n2024-10-13,上课,"补""课"\n'
    file.write_text(text, encoding="utf-8")
    account = take_in(tmp_path / "drop", Store(tmp_path / "store"), key=KEY, arrived_on=DAY)
    assert (account.files[0].rows_read, account.files[0].accepted) == (3, 3)


def test_a_line_break_inside_quotation_marks_is_part_of_its_cell(tmp_path):
    file = tmp_path / "drop" / "校历" / "调整.csv"
    file.parent.mkdir(parents=True)
    file.write_text('日期,类型,说明\n2024-10-08,停课,"台风\n第二天"\n2024-13-12,上课,补课\n', encoding="utf-8")
    store = Store(tmp_path / "store")
    take_in(tmp_path / "drop", store, key=KEY, arrived_on=DAY)
    assert store.known_by(DAY).calendar_days.to_pandas()["note"].tolist() == ["台风 第二天"]
    assert store.rejects()["row"].tolist() == [3]


def test_a_row_with_more_cells_than_headers_is_refused_and_not_shifted(tmp_path):
    file = tmp_path / "drop" / "校历" / "调整.csv"
    file.parent.mkdir(parents=True)
    file.write_text("日期,类型,说明\n2024-10-08,停课,台风,第二天\n2024-10-09,停课,,,\n", encoding="utf-8")
    account = take_in(tmp_path / "drop", Store(tmp_path / "store"), key=KEY, arrived_on=DAY)
    assert account.files[0].rejects == {":too_many_cells": 1}
    assert account.files[0].accepted == 1


def test_every_sheet_with_a_header_row_is_read_and_the_others_are_named(tmp_path):
    other = ["2024学年第二学期", dt.date(2025, 2, 8), 45838]
    titled: Sequence[Sequence[object]] = [["校历"], [], HEAD, other, ["", "", ""], ["合计"]]
    workbook(
        tmp_path / "drop" / "校历" / "学期.xlsx",
        {"第一学期": [HEAD, TERM], "第二学期": titled, "填表说明": [["请按样表填写"]], "空": []},
    )
    entry, terms = take(tmp_path)
    assert terms == ["2024学年第一学期", "2024学年第二学期"]
    assert (entry.rows_read, entry.accepted, entry.rejected, entry.other_sheets) == (3, 2, 1, ["填表说明"])
    rejects = Store(tmp_path / "store").rejects()
    assert rejects[["sheet", "row", "reason"]].values.tolist() == [["第二学期", 6, "term_form"]]


def test_a_workbook_that_is_really_text_and_text_that_is_really_a_workbook_are_read(tmp_path):
    handed_in(tmp_path / "drop", {"校历/学期.csv": TERMS})
    (tmp_path / "drop/校历/学期.csv").rename(tmp_path / "drop/校历/学期.xlsx")
    assert take(tmp_path)[1] == ["2024学年第一学期"]
    there = workbook(tmp_path / "other/drop/校历/学期.xlsx", {"a": [HEAD, TERM]})
    there.rename(there.with_suffix(".csv"))
    assert take(tmp_path / "other")[1] == ["2024学年第一学期"]


def test_an_encrypted_workbook_says_so(tmp_path):
    plain = workbook(tmp_path / "plain.xlsx", {"a": [HEAD, TERM]})
    locked = BytesIO()
    with plain.open("rb") as file:
        msoffcrypto.format.ooxml.OOXMLFile(file).encrypt("secret", locked)
    assert refused(tmp_path, locked.getvalue()) == "encrypted"


def test_a_truncated_workbook_says_so(tmp_path):
    whole = workbook(tmp_path / "whole.xlsx", {"a": [HEAD, *[TERM] * 500]}).read_bytes()
    assert refused(tmp_path, whole[: len(whole) // 2]) == "damaged"


def test_a_workbook_with_a_broken_sheet_says_so(tmp_path):
    whole = workbook(tmp_path / "whole.xlsx", {"a": [HEAD, TERM]})
    broken = BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[:200] if "sheet1" in name else old.read(name))
    assert refused(tmp_path, broken.getvalue()) in {"damaged", "reader_died"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "web_page"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "not_a_table"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000, "damaged"),
        ("只有一句话".encode(), "no_header"),
    ],
)
def test_what_is_no_table_says_what_it_is(tmp_path, content, reason):
    assert refused(tmp_path, content) == reason


def test_a_zip_that_is_no_workbook_says_so(tmp_path):
    other = BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert refused(tmp_path, other.getvalue()) == "not_a_table"


def test_a_workbook_that_says_it_unpacks_to_more_than_the_limit_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "LARGEST_UNPACKED", 2**22)
    file = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(2**22))
    assert file.stat().st_size < 2**14
    with pytest.raises(Unreadable, match="too_large"):
        sheets.kind_of(file)


def test_a_workbook_that_takes_too_much_memory_costs_itself_and_not_the_others(tmp_path, monkeypatch):
    """A cell in the last row and column makes a reader lay out seventeen thousand million cells."""
    file = workbook(tmp_path / "drop" / "校历" / "学期.xlsx", {"a": [HEAD, TERM]})
    far = BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(far, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            text = old.read(name)
            new.writestr(name, text.replace(b"</sheetData>", cell) if "sheet1" in name else text)
    file.write_bytes(far.getvalue())
    workbook(tmp_path / "drop" / "校历" / "学期2.xlsx", {"a": [HEAD, TERM]})
    monkeypatch.setattr(pool, "MEMORY", 400 * 2**20)
    account = take_in(tmp_path / "drop", Store(tmp_path / "store"), key=KEY, arrived_on=DAY)
    assert sorted((f.file, f.reason, f.accepted) for f in account.files) == [
        ("校历/学期.xlsx", "reader_died", 0),
        ("校历/学期2.xlsx", "", 1),
    ]
    assert account.failed


def test_a_sheet_of_a_thousand_columns_is_read_by_its_headers(tmp_path):
    wide = [*(f"列{i}" for i in range(500)), *HEAD, *(f"列{i}" for i in range(500, 1000))]
    workbook(tmp_path / "drop/校历/学期.xlsx", {"a": [wide, [*[""] * 500, *TERM, *["x"] * 500]]})
    entry, terms = take(tmp_path)
    assert terms == ["2024学年第一学期"] and len(entry.unknown_columns) == 1000


def test_a_file_that_cannot_be_opened_does_not_stop_the_others(tmp_path):
    handed_in(tmp_path / "drop", {"校历/学期/a.csv": TERMS})
    (tmp_path / "drop/校历/学期/b.csv").symlink_to(tmp_path / "nowhere.csv")
    account = take_in(tmp_path / "drop", Store(tmp_path / "store"), key=KEY, arrived_on=DAY)
    assert [(f.reason, f.accepted) for f in account.files] == [("", 1), ("no_file", 0)]


def test_rows_of_a_sheet_keep_the_numbers_that_excel_shows(tmp_path):
    rows: Sequence[Sequence[object]] = [["花名册"], [], ["学校标识码", "年级", "班级号", "姓名", "身份证件号"], [],
            ["2133000001", 3.0, "1", "张三", id_number("2015-10-01")],
            ["2133000001", "十", "1", "李四", ""]]  # fmt: skip
    workbook(tmp_path / "drop/在校/2024-10-08/a.xlsx", {"三年级": rows})
    store = Store(tmp_path / "store")
    account = take_in(tmp_path / "drop", store, key=KEY, arrived_on=DAY)
    assert (account.files[0].rows_read, account.files[0].accepted) == (2, 1)
    reject = store.rejects().iloc[0]
    assert (reject["row"], reject["column"], reject["value_class"]) == (6, "年级", "chinese")
    assert reject["file"] == "在校/2024-10-08/a.xlsx"


def test_formula_text_and_formula_results_are_values(tmp_path):
    file = workbook(tmp_path / "a.xlsx", {"a": [["=1+1", "@x"]]})
    assert [list(row) for sheet in sheets.sheets(file) for row in sheet.rows] == [["=1+1", "@x"]]


def test_a_workbook_of_the_old_format_is_read_like_a_new_one(tmp_path):
    store = Store(tmp_path / "store")
    file = tmp_path / "drop" / "学籍" / "2024-09-01" / "交来" / "再交来" / "模拟.xls"
    file.parent.mkdir(parents=True)
    shutil.copy(Path(__file__).parent / "fixtures" / "simulated.xls", file)
    assert file.read_bytes().startswith(b"\xd0\xcf\x11\xe0"), "an OLE file, as Excel 97 to 2003 wrote them"
    account = take_in(tmp_path / "drop", store, key=KEY, arrived_on=DAY)
    read = account.files[0]
    assert (read.reason, read.rows_read, read.accepted) == ("", 4, 3)
    assert (read.rejects, read.other_sheets) == ({"身份证件号:digits_lost": 1}, ["填表说明"])
    rows = store.known_by(DAY).enrolments.to_pandas().sort_values(["grade", "class"])
    assert rows[["school_code", "grade", "class"]].values.tolist() == [["2133990001", 3, "01"]] * 2 + [
        ["2133990001", 4, "01"]
    ]
    names = store.identity(reader="test", why="test")["full_name"]
    assert set(names) == {"模拟甲", "模拟丙·𬭎", "模拟丁"}
    assert store.rejects()[["sheet", "row"]].values.tolist() == [["学生信息", 4]]
