"""A school's list as a workbook that prints on A4: what to ask about, what to do, who, until when, room to answer."""

from __future__ import annotations

import datetime as dt
import io
import math
import unicodedata
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from baoxue.codes import AnswerResult, Objection
from baoxue.intake.sealed import ANSWERS, SHEET, Sealed
from baoxue.words import say

HEADINGS = {
    "序号": 5, "编号": 11, "年级": 8, "班级": 6, "姓名": 10, "需要走访的情况": 32, "建议措施": 36,
    "责任人": 10, "反馈期限": 10, "走访日期": 11, "走访结果": 15, "异议": 11, "备注": 14,
}  # fmt: skip
"""The columns of a list and their widths in characters; those of `sealed.ANSWERS` are for the answer."""
PRINTED = len(HEADINGS) - len(ANSWERS)
IN_HAND_HEADINGS = {"年级": 8, "班级": 6, "姓名": 9, "办理情况": 48}
RESULTS = tuple(result.value for result in AnswerResult)
"""走访结果 to choose from."""
OBJECTIONS = tuple(objection.value for objection in Objection)
"""异议 to choose from; empty where there is none."""

HEADER_ROW = 4
LINE_PT = 16
GRADES = "一二三四五六七八九"
_BOX = {"border": 1, "valign": "vcenter", "font_name": "宋体", "font_size": 11}
_STYLES: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 18, "align": "center", "valign": "vcenter", "font_name": "黑体"},
    "plain": {"font_size": 11, "valign": "vcenter", "font_name": "宋体"},
    "note": {"font_size": 11, "text_wrap": True, "valign": "vcenter", "font_name": "楷体"},
    "head": _BOX | {"bold": True, "align": "center", "bg_color": "#E7ECF2", "text_wrap": True},
    "centre": _BOX | {"align": "center", "text_wrap": True},
    "text": _BOX | {"text_wrap": True, "indent": 1},
    "answer": _BOX | {"text_wrap": True, "locked": False},
    "answer_day": _BOX | {"align": "center", "num_format": "yyyy-mm-dd", "locked": False},
}
Formats = dict[str, Format]


def workbook(
    school: str, as_of: dt.date, visits: pd.DataFrame, in_hand: pd.DataFrame,
    *, school_code: str, answer_by: dt.date, key: bytes,
) -> bytes:  # fmt: skip
    """The list of one school, not yet encrypted: `visits` and `in_hand` as in `lists.Rows`, one school's rows.

    First sheet: title, what the list is and is not, the table (header in row 5, repeated on every printed page) and a
    line for signatures; answer cells are open, the others protected against a slip of the hand. A second sheet, only if
    there is somebody on it: pupils already in hand, who need no further visit. A hidden sheet carries the list once
    more, sealed with the county's key, so that the answers can be taken in and a change in anything else is noticed
    (`intake.sealed`). Same rows, same bytes.
    """
    page = io.BytesIO()
    book = xlsxwriter.Workbook(page, {"in_memory": True})
    made_on = dt.datetime.combine(as_of, dt.time())
    book.set_properties({"title": say("lists.title", "zh", school=school), "created": made_on})
    formats = {name: book.add_format(style) for name, style in _STYLES.items()}
    _visit_sheet(book.add_worksheet(say("lists.sheet", "zh")), school, as_of, visits, formats)
    if len(in_hand):
        _in_hand_sheet(book.add_worksheet(say("lists.sheet_in_hand", "zh")), in_hand, formats)
    printed = tuple(_cells(number, row) for number, row in enumerate(visits.to_dict("records"), 1))
    _seal(book.add_worksheet(SHEET), Sealed(school_code, as_of, answer_by, tuple(HEADINGS), printed).lines(key))
    book.close()
    return page.getvalue()


def _visit_sheet(sheet: Worksheet, school: str, as_of: dt.date, visits: pd.DataFrame, formats: Formats) -> None:
    last = len(HEADINGS) - 1
    _lay_out(sheet, HEADINGS, HEADER_ROW)
    _across(sheet, 0, last, say("lists.title", "zh", school=school), formats["title"], 32)
    _across(sheet, 1, last, say("lists.as_of", "zh", day=_day(as_of), pupils=len(visits)), formats["plain"], 20)
    _across(sheet, 2, last, say("lists.note", "zh"), formats["note"], 32)
    _across(sheet, 3, last, say("lists.note_answer", "zh"), formats["note"], 32)
    sheet.write_row(HEADER_ROW, 0, HEADINGS, formats["head"])
    for number, row in enumerate(visits.to_dict("records"), 1):
        _write_pupil(sheet, HEADER_ROW + number, number, row, formats)
    end = HEADER_ROW + max(len(visits), 1)
    if visits.empty:
        _across(sheet, end, last, say("lists.nobody", "zh"), formats["centre"], 48)
    else:
        _ask_for_answers(sheet, HEADER_ROW + 1, end, as_of)
    _across(sheet, end + 1, last, say("lists.signatures", "zh"), formats["plain"], 36)


def _in_hand_sheet(sheet: Worksheet, in_hand: pd.DataFrame, formats: Formats) -> None:
    last = len(IN_HAND_HEADINGS) - 1
    _lay_out(sheet, IN_HAND_HEADINGS, 1)
    _across(sheet, 0, last, say("lists.note_in_hand", "zh"), formats["note"], 48)
    sheet.write_row(1, 0, IN_HAND_HEADINGS, formats["head"])
    for number, row in enumerate(in_hand.to_dict("records"), 2):
        cells = [_grade(row["grade"]), _class(row["class"]), row["full_name"], row["handled"]]
        sheet.set_row(number, LINE_PT + 6)
        for column, cell in enumerate(cells):
            sheet.write_string(number, column, str(cell), formats["centre"])


def _seal(sheet: Worksheet, lines: Sequence[str]) -> None:
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line)
    sheet.protect()
    sheet.very_hidden()


def _cells(number: int, pupil: Mapping[Hashable, Any]) -> tuple[str, ...]:
    """The printed cells of a pupil, as texts."""
    place = (_grade(pupil["grade"]), _class(pupil["class"]), str(pupil["full_name"]))
    until = f"{pupil['answer_by'].month}月{pupil['answer_by'].day}日"
    told = (pupil["signs"], pupil["actions"], pupil["holder_name"])
    return (str(number), str(pupil["reference"]), *place, *map(str, told), until)


def _write_pupil(sheet: Worksheet, row: int, number: int, pupil: Mapping[Hashable, Any], formats: Formats) -> None:
    cells = _cells(number, pupil)
    for column, cell in enumerate(cells):
        # written as text, so that no name or sign can be taken for a formula
        sheet.write_string(row, column, cell, formats["text" if "\n" in cell or column in (5, 6) else "centre"])
    sheet.write_blank(row, len(cells), None, formats["answer_day"])
    for column in range(len(cells) + 1, len(HEADINGS)):
        sheet.write_blank(row, column, None, formats["answer"])
    widths = list(HEADINGS.values())
    lines = max(_lines(cell, widths[column]) for column, cell in enumerate(cells))
    sheet.set_row(row, LINE_PT * max(2, lines) + 4)


def _ask_for_answers(sheet: Worksheet, first: int, last: int, as_of: dt.date) -> None:
    day, result, objection = PRINTED, PRINTED + 1, PRINTED + 2
    sheet.data_validation(first, day, last, day, {
        "validate": "date", "criteria": ">=", "value": as_of,
        "input_title": say("lists.ask_day", "zh"), "input_message": say("lists.ask_day_how", "zh"),
        "error_title": say("lists.ask_day", "zh"),
        "error_message": say("lists.ask_day_wrong", "zh", day=as_of.isoformat()),
    })  # fmt: skip
    sheet.data_validation(first, result, last, result, {
        "validate": "list", "source": list(RESULTS),
        "error_title": say("lists.ask_result", "zh"), "error_message": say("lists.ask_result_wrong", "zh"),
    })  # fmt: skip
    sheet.data_validation(first, objection, last, objection, {
        "validate": "list", "source": list(OBJECTIONS),
        "input_title": say("lists.ask_objection", "zh"), "input_message": say("lists.ask_objection_how", "zh"),
        "error_title": say("lists.ask_objection", "zh"), "error_message": say("lists.ask_result_wrong", "zh"),
    })  # fmt: skip


def _lay_out(sheet: Worksheet, headings: dict[str, int], header_row: int) -> None:
    for column, width in enumerate(headings.values()):
        sheet.set_column(column, column, width)
    sheet.set_row(header_row, 24)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.repeat_rows(header_row)
    sheet.freeze_panes(header_row + 1, 0)
    sheet.set_header("&R" + say("lists.confidential", "zh"))
    sheet.set_footer("&C" + say("lists.page", "zh"))
    sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})


def _across(sheet: Worksheet, row: int, last: int, text: str, style: Format, height: float) -> None:
    sheet.merge_range(row, 0, row, last, text, style)
    sheet.set_row(row, height)


def _lines(text: str, width: int) -> int:
    """How many lines a cell needs: a Chinese character is two characters wide."""
    wide = [sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in text.split("\n")]
    return sum(max(1, math.ceil(length / (width - 3))) for length in wide)


def _grade(grade: int) -> str:
    return f"{GRADES[int(grade) - 1]}年级"


def _class(number: str | float) -> str:
    return f"{number.lstrip('0') or number}班" if isinstance(number, str) else "—"


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
