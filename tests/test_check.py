"""`baoxue check`: what is planted in an output is found, wherever it hides, and is never printed."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import docx
import msoffcrypto.format.ooxml
import nbformat
import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from baoxue.disclosure import Report, check
from baoxue.disclosure.names import Names
from baoxue.run.leaving import look
from given import given

NAME, SHORT_NAME = "郑雨涵", "陈静"
ID = "11010519491231002X"
REGISTRY = f"G{ID}"
PHONE = "13812345678"
VALUES = [("name", NAME), ("id_number", ID), ("registry_number", REGISTRY), ("phone", PHONE)]

planted = pytest.mark.parametrize(("kind", "value"), VALUES, ids=[kind for kind, _ in VALUES])


def found(report: Report) -> set[tuple[str, str]]:
    return {(finding.file, finding.kind) for finding in report.findings}


@planted
def test_it_is_found_in_a_page(tmp_path: Path, kind: str, value: str) -> None:
    (tmp_path / "index.html").write_text(f"<p title='{value}'>全县情况</p>", encoding="utf-8")
    assert found(check(tmp_path, names=[NAME])) == {("index.html", kind)}


@planted
def test_it_is_found_in_a_notebook_s_metadata_and_in_its_outputs(tmp_path: Path, kind: str, value: str) -> None:
    notebook = nbformat.v4.new_notebook(metadata={"papermill": {"parameters": {"pupil": value}}})
    nbformat.write(notebook, tmp_path / "a.ipynb")
    output = nbformat.v4.new_output("stream", text=f"第1名 {value} 同学\n")
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])]), tmp_path / "b.ipynb")
    report = check(tmp_path, names=[NAME])
    assert found(report) == {("a.ipynb", kind), ("b.ipynb", kind)}
    assert {finding.place for finding in report.findings if finding.file == "a.ipynb"} == {
        "metadata.papermill.parameters.pupil"
    }


@planted
def test_it_is_found_in_a_file_s_name(tmp_path: Path, kind: str, value: str) -> None:
    (tmp_path / f"个案_{value}.png").write_bytes(b"")
    assert [(finding.kind, finding.place) for finding in check(tmp_path, names=[NAME]).findings] == [
        (kind, "file name")
    ]


@planted
def test_it_is_found_in_a_workbook_s_cell_sheet_name_and_properties(tmp_path: Path, kind: str, value: str) -> None:
    book = xlsxwriter.Workbook(tmp_path / "list.xlsx")
    book.add_worksheet(value).write(4, 1, f"备注：{value}")
    book.set_properties({"author": value})
    book.close()
    report = check(tmp_path, names=[NAME])
    places = {finding.place for finding in report.findings if finding.kind == kind}
    assert f"sheet {value}, B5" in places and f"sheet {value} (name)" in places
    assert any(place.startswith("docProps/core.xml") for place in places)


@planted
def test_it_is_found_in_a_comment_and_a_header_of_a_workbook(tmp_path: Path, kind: str, value: str) -> None:
    book = xlsxwriter.Workbook(tmp_path / "list.xlsx")
    sheet = book.add_worksheet("表")
    sheet.write_comment("A1", f"问{value}")
    sheet.set_header(f"&C{value}")
    book.close()
    places = {finding.place.split(",")[0] for finding in check(tmp_path, names=[NAME]).findings if finding.kind == kind}
    assert {"xl/comments1.xml", "xl/worksheets/sheet1.xml"} <= places


@planted
def test_it_is_found_in_a_letter_even_where_the_text_is_cut_into_runs(tmp_path: Path, kind: str, value: str) -> None:
    letter = docx.Document()
    paragraph = letter.add_paragraph("兹有")
    paragraph.add_run(value[:2])
    paragraph.add_run(value[2:])
    letter.save(str(tmp_path / "brief.docx"))
    assert found(check(tmp_path, names=[NAME])) == {("brief.docx", kind)}


@planted
def test_it_is_found_in_tables_json_and_archives(tmp_path: Path, kind: str, value: str) -> None:
    (tmp_path / "tables").mkdir()
    pd.DataFrame({"备注": [value]}).to_csv(tmp_path / "tables" / "a.csv", index=False, encoding="utf-8-sig")
    pd.DataFrame({"remark": [value]}).to_parquet(tmp_path / "scores.parquet")
    (tmp_path / "run.json").write_text(json.dumps({"files": [], "note": value}), encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as archive:
        archive.writestr("inner/readme.txt", value)
    everywhere = {"tables/a.csv", "scores.parquet", "run.json", "package.zip"}
    assert found(check(tmp_path, names=[NAME])) == {(file, kind) for file in everywhere}


def test_an_id_number_kept_as_a_number_is_found(tmp_path: Path) -> None:
    pd.DataFrame({"n": [110105194912310021, 5]}).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.json").write_text("[110105194912310021]")
    assert {file for file, _ in found(check(tmp_path))} == {"a.parquet", "a.json"}


@planted
def test_no_value_is_repeated_in_the_report(tmp_path: Path, kind: str, value: str) -> None:
    (tmp_path / "a.txt").write_text(value, encoding="utf-8")
    (finding,) = check(tmp_path, names=[NAME]).findings
    assert value not in str(finding) and finding.masked


def test_a_scores_table_below_restricted_must_carry_no_identifier_either(tmp_path: Path) -> None:
    (tmp_path / "restricted").mkdir()
    frame = pd.DataFrame({"pupil": ["pbcd"], "id_number": ["x"], "remark": [PHONE]})
    frame.to_parquet(tmp_path / "restricted" / "scores.parquet")
    assert {kind for _, kind in found(check(tmp_path))} == {"identity_column", "phone"}


def test_a_case_letter_below_restricted_may_name_the_child(tmp_path: Path) -> None:
    (tmp_path / "restricted").mkdir()
    letter = docx.Document()
    letter.add_paragraph(f"{NAME}同学，身份证件号{ID}")
    letter.save(str(tmp_path / "restricted" / "report.docx"))
    assert not check(tmp_path, names=[NAME]).findings


def test_a_report_may_not_name_a_child_whoever_reads_it(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    letter = docx.Document()
    letter.add_paragraph(f"{NAME}同学")
    letter.save(str(tmp_path / "reports" / "brief.docx"))
    assert found(check(tmp_path, names=[NAME])) == {("reports/brief.docx", "name")}


def test_a_list_below_restricted_must_be_encrypted(tmp_path: Path) -> None:
    folder = tmp_path / "restricted" / "lists"
    folder.mkdir(parents=True)
    plain = io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = NAME
    book.save(plain)
    (folder / "2133012345.xlsx").write_bytes(plain.getvalue())
    assert found(check(tmp_path, names=[NAME])) == {("restricted/lists/2133012345.xlsx", "not_encrypted")}
    with (folder / "2133012345.xlsx").open("wb") as encrypted:
        msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt("word", encrypted)
    report = check(tmp_path, names=[NAME])
    assert not report.findings and report.encrypted == ("restricted/lists/2133012345.xlsx",)


def test_a_pseudonym_in_a_public_table_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("pupil,乡镇\npbcd,虹桥镇\n", encoding="utf-8")
    assert found(check(tmp_path)) == {("a.csv", "person_column")}


def test_a_small_count_that_stands_open_in_a_public_table_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "年份,乡镇,辍学人数\n2024,虹桥镇,3\n2024,柳市镇,*\n2024,大荆镇,0\n2024,南塘镇,5\n", encoding="utf-8"
    )
    (tmp_path / "a_T3.csv").write_text("乡镇,辍学人数\n虹桥镇,3\n", encoding="utf-8")
    (finding,) = check(tmp_path).findings
    assert (finding.file, finding.place, finding.kind) == ("a.csv", "row 2, column 辍学人数", "small_count")


def test_what_a_run_declared_as_counts_is_looked_at_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "a.csv").write_text("学校数,辍学人数\n3,7\n4,2\n", encoding="utf-8")
    record = {"files": [{"file": "tables/a.csv", "counts": ["辍学人数"]}]}
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert [finding.place for finding in check(tmp_path).findings] == ["row 3, column 辍学人数"]


def test_a_lost_character_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>虹桥\ufffd</p>", encoding="utf-8")
    (tmp_path / "b.txt").write_text("Glyph 38215 (CJK) missing from current font.", encoding="utf-8")
    assert found(check(tmp_path)) == {("a.html", "missing_character"), ("b.txt", "missing_character")}


@pytest.mark.parametrize("name", ["a.xlsx", "a.docx", "a.parquet", "a.json", "a.ipynb", "a.zip"])
def test_a_file_that_cannot_be_read_is_a_finding_not_a_pass(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00broken")
    assert found(check(tmp_path)) == {(name, "unreadable")}


def test_a_clean_folder_has_no_findings_and_says_what_was_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>截至2024年11月30日，在籍12013人。</p>", encoding="utf-8")
    (tmp_path / "a.png").write_bytes(b"")
    report = check(tmp_path, names=[NAME])
    assert (report.looked_at, report.opaque, report.findings) == (("a.html",), ("a.png",), ())


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("陈静", True),
        ("姓名：陈静，女", True),
        ("学生陈静已返校", True),
        ("陈静同学", True),
        ("小陈静静听课", False),
    ],
)
def test_a_name_of_two_characters_is_found_where_a_name_may_stand(text: str, is_found: bool) -> None:
    assert bool(Names([SHORT_NAME]).find(text)) is is_found


def test_a_longer_name_is_found_in_the_middle_of_a_sentence_and_rare_characters_count() -> None:
    names = Names([NAME, "王𬭎", "扎西·模拟·次仁"])
    assert [hit.masked for hit in names.find("昨日郑雨涵未到校，王𬭎、扎西·模拟·次仁已返校")] == [
        "郑**",
        "王*",
        "扎*******",
    ]


def test_the_words_of_the_suite_are_no_names() -> None:
    assert not Names(["小学", "寄宿生", "全县"], own_words=["全县情况"]).find("全县寄宿生补助：小学")


def test_with_a_store_the_names_it_knows_are_found_and_the_opening_is_logged(tmp_path: Path) -> None:
    store = given(
        tmp_path / "store",
        schools="""
            school_code | school_name | school_type | township_code
            2133000001  | 模拟第一小学 | 小学        | 330382108
        """,
        identity="""
            pupil | full_name | id_number          | guardian
            p1    | 郑雨涵     | 11010519491231002X | 郑建国
        """,
    )
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.html").write_text("<p>郑建国之女郑雨涵</p>", encoding="utf-8")
    report = look(tmp_path / "out", store.path)
    assert {finding.masked for finding in report.findings} == {"郑**"}
    log = next((tmp_path / "store").rglob("*.jsonl")).read_text(encoding="utf-8")
    assert "baoxue check" in log
