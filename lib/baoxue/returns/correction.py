"""A workbook of refused rows: the school's own columns as it wrote them, what is wrong in red, where it goes back."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from baoxue.contracts import SOURCE_OF
from baoxue.intake import returned
from baoxue.words import say

MARKS = len(returned.HEADERS)
"""Columns that stand before the school's own."""

HEADER_ROW = 1
LIST_HEADER_ROW = 2
_LIST = {"number": 12, "file": 34, "sheet": 14, "row": 8, "what": 60, "home": 22, "here": 22}
_BOX = {"border": 1, "valign": "vcenter", "font_name": "宋体", "font_size": 11}
_STYLES: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 16, "font_name": "黑体", "valign": "vcenter"},
    "note": {"font_size": 11, "font_name": "楷体", "text_wrap": True, "valign": "vcenter"},
    "home": {"bold": True, "font_size": 11, "font_name": "宋体"},
    "head": _BOX | {"bold": True, "bg_color": "#E7ECF2", "align": "center", "text_wrap": True},
    "mark": _BOX | {"bg_color": "#F4F4F4", "text_wrap": True, "num_format": "@"},
    "cell": _BOX | {"num_format": "@"},
    "wrong": _BOX | {"bg_color": "#F8C9C4", "num_format": "@"},
    "text": _BOX | {"text_wrap": True},
    "answer": _BOX | {"text_wrap": True, "align": "center", "locked": False, "num_format": "@"},
    "link": _BOX | {"font_color": "#1F4E9E", "underline": 1, "text_wrap": True},
}  # fmt: skip
_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True)
class _Group:
    """Rows that stood under the same headers of the same source: one sheet."""

    name: str
    home: str
    headers: tuple[str, ...]
    rows: pd.DataFrame


def workbook(place: str, as_of: dt.date, rows: pd.DataFrame) -> bytes:
    """The refused rows of one place (columns of `shape.QUOTED`) as a workbook. Same rows, same bytes.

    First sheet: what to do, and for each row its file, sheet and row number, what is wrong and where it goes back. Then
    a sheet for each source and layout, its first line naming the folder, with number, reason and decision before the
    school's own columns; a wrong cell is red and commented, every cell is text, so that a number typed stays whole.
    """
    page = io.BytesIO()
    book = xlsxwriter.Workbook(page, {"in_memory": True})
    title = say("returns.title", "zh", place=place)
    book.set_properties({"title": title, "created": dt.datetime.combine(as_of, dt.time())})
    formats = styles(book)
    rows = rows.assign(snapshot_on=rows["snapshot_on"].fillna(""))
    groups = list(_groups(rows))
    _list_sheet(book.add_worksheet(say("returns.sheet", "zh")), title, rows, groups, formats)
    for group in groups:
        _own_sheet(book.add_worksheet(group.name), group, formats)
    book.close()
    return page.getvalue()


def styles(book: xlsxwriter.Workbook) -> dict[str, Format]:
    """The looks of a workbook that is answered and comes back, by name."""
    return {name: book.add_format(style) for name, style in _STYLES.items()}


def put(book: bytes, draft: Path) -> None:
    """Write a workbook to its draft place."""
    draft.write_bytes(book)


def print_well(sheet: Worksheet, header_row: int) -> None:
    """A4 across, heads on every page, and a line that says it is internal."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header_row)
    sheet.set_header("&R" + say("returns.confidential", "zh"))


def _groups(rows: pd.DataFrame) -> Iterator[_Group]:
    known = rows[rows["headers"].map(lambda headers: headers is not None and len(headers) > 0)]
    key = [known["source"], known["snapshot_on"], known["headers"].map(tuple)]
    taken: set[str] = set()
    for _, own in known.groupby(key, sort=False):
        first = own.iloc[0]
        home, header = returned.home(SOURCE_OF[first["source"]], first["snapshot_on"]), tuple(first["headers"])
        name = _free(_SHEET_NAME.sub(" ", home)[:26], taken)
        yield _Group(name, home, header, own)


def _free(name: str, taken: set[str]) -> str:
    tried, number = name, 1
    while tried in taken:
        number += 1
        tried = f"{name} {number}"
    taken.add(tried)
    return tried


def _list_sheet(
    sheet: Worksheet, title: str, rows: pd.DataFrame, groups: list[_Group], formats: dict[str, Format]
) -> None:
    last = len(_LIST) - 1
    for column, width in enumerate(_LIST.values()):
        sheet.set_column(column, column, width)
    sheet.merge_range(0, 0, 0, last, title, formats["title"])
    sheet.merge_range(1, 0, 1, last, say("returns.how", "zh"), formats["note"])
    sheet.set_row(0, 30)
    sheet.set_row(1, 66)
    sheet.write_row(LIST_HEADER_ROW, 0, [say(f"returns.head_{name}", "zh") for name in _LIST], formats["head"])
    here = {number: (group, at) for group in groups for at, number in enumerate(group.rows["number"])}
    for at, row in enumerate(rows.to_dict("records"), LIST_HEADER_ROW + 1):
        home = returned.home(SOURCE_OF[row["source"]], row["snapshot_on"])
        cells = [row["number"], row["file"], row["sheet"], str(row["row"]), _what(row), home]
        sheet.set_row(at, 34)
        for column, cell in enumerate(cells):
            sheet.write_string(at, column, str(cell), formats["text"])
        if row["number"] not in here:
            sheet.write_string(at, last, say("returns.unquoted", "zh"), formats["text"])
            continue
        group, place = here[row["number"]]
        cell = xl_rowcol_to_cell(HEADER_ROW + 1 + place, _first_wrong(row))
        sheet.write_url(at, last, f"internal:'{group.name}'!{cell}", formats["link"], group.name)
    sheet.freeze_panes(LIST_HEADER_ROW + 1, 0)
    print_well(sheet, LIST_HEADER_ROW)


def _own_sheet(sheet: Worksheet, group: _Group, formats: dict[str, Format]) -> None:
    sheet.write_string(0, 0, returned.HOME + group.home, formats["home"])
    widths = [12, 46, 10, *(max(8, min(24, 2 * len(name) + 2)) for name in group.headers)]
    for column, (name, width) in enumerate(zip([*returned.HEADERS, *group.headers], widths, strict=True)):
        sheet.set_column(column, column, width, formats["cell"] if column >= MARKS else None)
        sheet.write_string(HEADER_ROW, column, name, formats["head"])
    for at, row in enumerate(group.rows.to_dict("records"), HEADER_ROW + 1):
        _own_row(sheet, at, row, formats)
    last = HEADER_ROW + len(group.rows)
    decision = MARKS - 1
    choice = {"validate": "list", "source": [returned.CORRECTED, returned.WITHDRAWN]}
    sheet.data_validation(HEADER_ROW + 1, decision, last, decision, choice)
    sheet.freeze_panes(HEADER_ROW + 1, MARKS)


def _own_row(sheet: Worksheet, at: int, row: dict, formats: dict[str, Format]) -> None:
    what = _what(row)
    for column, mark in enumerate([row["number"], what, ""]):
        sheet.write_string(at, column, mark, formats["mark"])
    wrong = {int(position) for position in row["wrong_at"]}
    for position in range(max(len(row["headers"]), len(row["cells"]))):
        text = row["cells"][position] if position < len(row["cells"]) else ""
        # written as text, so that no name can be taken for a formula
        sheet.write_string(at, MARKS + position, text, formats["wrong" if position in wrong else "cell"])
    sheet.write_comment(at, _first_wrong(row), what, {"x_scale": 2, "author": ""})
    sheet.set_row(at, 32)


def _first_wrong(row: dict) -> int:
    """The column of the first wrong cell; that of the number where the missing column is not in the sheet at all."""
    return MARKS + int(min(row["wrong_at"])) if len(row["wrong_at"]) else 0


def _what(row: dict) -> str:
    said = {"reason": say(f"intake.reason_{row['reason']}", "zh"), "fix": say(f"returns.fix_{row['reason']}", "zh")}
    if not row["column"]:
        return say("returns.what_row", "zh", **said)
    return say("returns.what", "zh", column=row["column"], **said)
