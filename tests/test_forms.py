"""Official forms: laid out as they are handed in, their check formulas true, read back from the workbook."""

import datetime as dt
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from baoxue.briefs import Period
from baoxue.disclosure import check
from baoxue.forms import layout, official
from baoxue.forms.layout import Column, Form
from baoxue.run.places import places
from conftest import County

FILES = {
    "month": {"month_table"},
    "quarter": {"quarter_table", "ledger_table", "review_table"},
    "term": {"term_table", "ledger_table", "change_table"},
    "year": {"year_table", "ledger_table", "change_table", "retention_table", "two_ways_table"},
}


@pytest.fixture(scope="module")
def written(county: County, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """The forms of each kind of report on the tiny county, written through the door."""
    kinds = {}
    for kind in FILES:
        period = Period(county.store, "2024-11-30", kind, places=places())
        kinds[kind] = official.write(period, str(tmp_path_factory.mktemp(kind)))
    return kinds


def sheet(files: list[Path], name: str) -> Worksheet:
    """The sheet of a form among the files."""
    return openpyxl.load_workbook(next(file for file in files if file.stem == name)).worksheets[0]


def table(form: Worksheet) -> dict[str, list]:
    """The rows under the row of column numbers by their first cell, up to 说明; each as the numbers 1, 2, … of it."""
    rows = list(form.iter_rows(values_only=True))
    start = next(place for place, row in enumerate(rows) if row[0] == "甲")
    end = next(place for place, row in enumerate(rows) if str(row[0]).startswith("说明"))
    return {row[0]: [row[0], *row[1:]] for row in rows[start + 1 : end]}


def test_each_kind_of_report_hands_in_its_forms_below_restricted(written: dict[str, list[Path]]) -> None:
    assert {kind: {file.stem for file in files} for kind, files in written.items()} == FILES
    assert {file.parent.parent.name for files in written.values() for file in files} == {"restricted"}
    assert {oct(file.stat().st_mode & 0o777) for files in written.values() for file in files} == {"0o600"}


def test_a_form_has_title_office_date_unit_notes_and_signatures(written: dict[str, list[Path]]) -> None:
    form = sheet(written["month"], "month_table")
    words = [str(cell) for row in form.iter_rows(values_only=True) for cell in row if cell is not None]
    assert words[0] == "乐清市2024年11月义务教育控辍保学情况月报表"
    assert {"填报单位（盖章）：乐清市教育局", "填报时间：2024年11月30日", "单位：人"} <= set(words)
    assert words[-1] == layout.FOOTER and any("校验" in word for word in words)
    setup = form.page_setup
    assert (setup.orientation, int(setup.paperSize)) == ("landscape", 9)
    assert form.sheet_properties.pageSetUpPr.fitToPage and form.print_title_rows == "$1:$6"


def test_the_first_row_is_the_total_and_a_quiet_township_reports_zero(written: dict[str, list[Path]]) -> None:
    rows = table(sheet(written["month"], "month_table"))
    assert list(rows)[:3] == ["合计", "小学", "初中"]
    towns = [rows[name] for name in list(rows)[3:]]
    assert [sum(row[1] for row in towns)] == [rows["合计"][1]]
    quiet = [row for row in towns if row[3] == row[5] == row[6] == 0]
    assert quiet and all(row[9] == "零报告" for row in quiet)


def test_townships_stand_in_the_order_of_their_codes(written: dict[str, list[Path]]) -> None:
    names = list(table(sheet(written["quarter"], "ledger_table")))[1:]
    order = [town.name for town in places().townships.values()]
    assert names == sorted(names, key=order.index)


def test_the_check_formulas_printed_under_the_forms_hold(written: dict[str, list[Path]]) -> None:
    change = table(sheet(written["year"], "change_table"))
    ledger = table(sheet(written["year"], "ledger_table"))
    review = table(sheet(written["quarter"], "review_table"))
    assert all(row[20] == row[1] + row[2] - row[8] + row[18] - row[19] for row in change.values())
    assert all(row[2] == row[3] + row[4] + row[5] + row[7] for row in change.values())
    assert all(row[8] == sum(row[9:15]) + row[16] for row in change.values())
    assert all(row[1] == sum(row[2:9]) and row[9] == row[10] + row[11] for row in ledger.values())
    assert all(row[3] == row[2] - row[1] and row[9] == row[8] - row[7] for row in review.values())
    causes = [sum(int(n.replace("−", "-")) for n in re.findall(r"[+−]\d+", row[10] or "")) for row in review.values()]
    assert causes == [row[3] + row[6] + row[9] for row in review.values()]


def test_retention_is_capped_and_the_raw_value_stands_in_the_notes(written: dict[str, list[Path]]) -> None:
    rows = table(sheet(written["year"], "retention_table"))
    assert next(iter(rows)).startswith("合计")
    told = [row for row in rows.values() if row[5] != layout.NOTHING]
    assert told and all(row[5] <= 100 for row in told)
    over = [row for row in told if row[1] > row[2]]
    assert all(row[6] == f"原始比值{100 * row[1] / row[2]:.2f}%" for row in over)


def test_headings_of_several_levels_are_merged_across_and_down(tmp_path: Path) -> None:
    counts = (Column(("人数", "上报"), "a"), Column(("人数", "核实"), "b"))
    columns = (Column(("学校",), "unit"), *counts, Column(("率",), "c", decimals=2))
    rows = pd.DataFrame({"unit": ["合计", "甲校"], "a": [2, 0], "b": [2, 0], "c": [1.5, None], "level": [0, 1]})
    form = Form("x", "某表", "人", columns, rows, ("口径。",))
    layout.write(form, tmp_path / "x.xlsx", "某局", dt.date(2024, 11, 30))
    read = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[0]
    assert {"A4:A5", "B4:C4", "D4:D5"} <= {str(area) for area in read.merged_cells.ranges}
    assert [cell.value for cell in read[6]] == ["甲", "1", "2", "3"]
    assert [cell.value for cell in read[8]] == ["甲校", 0, 0, "—"]  # zero is 0, nothing is a dash


def test_forms_pass_the_check_of_what_leaves(written: dict[str, list[Path]]) -> None:
    assert [check(files[0].parents[2]).findings for files in written.values()] == [()] * len(written)


def test_the_same_forms_are_the_same_bytes(county: County, written: dict[str, list[Path]], tmp_path: Path) -> None:
    again = official.write(Period(county.store, "2024-11-30", "month", places=places()), str(tmp_path))
    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in written["month"]]


def test_without_a_run_folder_no_form_is_written(county: County) -> None:
    assert official.write(Period(county.store, "2024-11-30"), "") == []
