"""An official statistics table as a sheet: title, 填报单位, headings of several levels, notes, signatures, A4."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

FOOTER = "单位负责人：                  填表人：                  联系电话：                  填报日期："
NOTHING = "—"
"""What stands in a cell that has no value; 0 is 0 (零报告)."""
_TOP, _LINE_POINTS = 3, 14.0
"""Rows above the headings, the height of a line in points."""


@dataclass(frozen=True)
class Column:
    """A column of a form: its headings from the outermost in, where its values come from, its width and decimals.

    A heading may say more lines; `text` columns keep to the left and break into lines.
    """

    headings: tuple[str, ...]
    source: str
    width: float = 9
    decimals: int = 0
    text: bool = False


@dataclass(frozen=True)
class Form:
    """A table to be handed in: its name as a file, title, unit of measure, columns, rows and 说明.

    `rows` has the columns' sources and may have `level`: 0 for 合计, 1 for a stage or unit, 2 for what is inside it.
    """

    name: str
    title: str
    unit: str
    columns: tuple[Column, ...]
    rows: pd.DataFrame
    notes: Sequence[str] = field(default=())

    @property
    def depth(self) -> int:
        """How many rows of headings there are."""
        return max(len(column.headings) for column in self.columns)


def write(form: Form, file: Path, office: str, day: dt.date) -> None:
    """Write a form to an .xlsx file as of a day: `office` is the 填报单位."""
    book = xlsxwriter.Workbook(str(file))
    # a fixed date of creation, so that the same form is the same bytes
    book.set_properties({"title": form.title, "created": dt.datetime(day.year, day.month, day.day)})
    looks = _looks(book)
    sheet = book.add_worksheet(form.title.split("（")[0][:31])
    _head(sheet, form, office, day, looks)
    _body(sheet, form, looks)
    end = _foot(sheet, form, looks)
    _page(sheet, form, end)
    book.close()


def _looks(book: xlsxwriter.Workbook) -> dict[str, Any]:
    plain = {"font_name": "仿宋", "font_size": 11, "valign": "vcenter"}
    cell = plain | {"border": 1, "align": "center"}
    looks = {
        "title": {"font_name": "方正小标宋简体", "font_size": 20, "align": "center", "valign": "vcenter"},
        "left": plain,
        "right": plain | {"align": "right"},
        "head": cell | {"font_name": "黑体", "text_wrap": True},
        "number": cell | {"font_size": 9, "italic": True},
        "note": plain | {"font_size": 10, "text_wrap": True, "valign": "top"},
        "words": cell | {"align": "left", "text_wrap": True, "font_size": 10},
    }
    for level in range(3):
        bold = {"bold": True} if level == 0 else {}
        looks[f"name{level}"] = cell | bold | {"align": "left", "indent": level, "text_wrap": True}
        looks[f"count{level}"] = cell | bold | {"num_format": "0"}
        looks[f"rate{level}"] = cell | bold | {"num_format": "0.00"}
    return {name: book.add_format(look) for name, look in looks.items()}


def _head(sheet: Worksheet, form: Form, office: str, day: dt.date, looks: Mapping[str, Any]) -> None:
    """Title, the lines under it, headings merged across groups and down, and the row of column numbers."""
    last = len(form.columns) - 1
    sheet.merge_range(0, 0, 0, last, form.title, looks["title"])
    sheet.write_string(1, 0, f"填报单位（盖章）：{office}", looks["left"])
    sheet.write_string(1, last, f"填报时间：{day.year}年{day.month}月{day.day}日", looks["right"])
    sheet.write_string(2, last, f"单位：{form.unit}", looks["right"])
    for level in range(form.depth):
        _headings(sheet, form, level, looks["head"])
    for place, column in enumerate(form.columns):
        sheet.set_column(place, place, column.width)
        sheet.write(_TOP + form.depth, place, numbered(form)[place], looks["number"])


def numbered(form: Form) -> list[str]:
    """The row of column numbers that check formulas refer to: 甲, 乙, 丙 for words, 1, 2, … for numbers."""
    words, numbers = iter("甲乙丙丁"), iter(range(1, len(form.columns)))
    is_words = [column.text or not place for place, column in enumerate(form.columns)]
    return [next(words) if is_word else str(next(numbers)) for is_word in is_words]


def _headings(sheet: Worksheet, form: Form, level: int, look: Any) -> None:
    """One row of headings: cells with the same headings down to this level become one; a last heading reaches down."""
    reaching = [(place, column.headings[: level + 1]) for place, column in enumerate(form.columns)]
    for above, cells in groupby(reaching, key=lambda cell: cell[1]):
        if len(above) <= level:
            continue
        places = [place for place, _ in cells]
        is_last = all(len(form.columns[place].headings) == level + 1 for place in places)
        first, last, row = places[0], places[-1], _TOP + level
        bottom = _TOP + form.depth - 1 if is_last else row
        if (first, row) == (last, bottom):
            sheet.write_string(row, first, above[-1], look)
        else:
            sheet.merge_range(row, first, bottom, last, above[-1], look)


def _body(sheet: Worksheet, form: Form, looks: Mapping[str, Any]) -> None:
    top = _TOP + form.depth + 1
    levels = form.rows.get("level", pd.Series(1, index=form.rows.index)).tolist()
    for place, column in enumerate(form.columns):
        for number, (value, level) in enumerate(zip(form.rows[column.source], levels, strict=True)):
            _cell(sheet, top + number, place, value, column, level, looks)
    for number, lines in enumerate(_lines(form)):
        sheet.set_row(top + number, 6 + lines * _LINE_POINTS)


def _cell(
    sheet: Worksheet, row: int, place: int, value: Any, column: Column, level: int, looks: Mapping[str, Any]
) -> None:
    if column.text or not place:
        sheet.write_string(
            row, place, "" if pd.isna(value) else str(value), looks["words" if place else f"name{level}"]
        )
    elif pd.isna(value):
        sheet.write_string(row, place, NOTHING, looks[f"count{level}"])
    else:
        sheet.write_number(row, place, float(value), looks[f"{'rate' if column.decimals else 'count'}{level}"])


def _lines(form: Form) -> list[int]:
    """How many lines the fullest cell of text of each row needs; a Chinese character is as wide as two digits."""
    most = [1] * len(form.rows)
    for column in form.columns:
        if column.text or column is form.columns[0]:
            widths = [_width(str(value)) for value in form.rows[column.source].fillna("")]
            most = [max(lines, -(-width // int(column.width))) for lines, width in zip(most, widths, strict=True)]
    return most


def _width(text: str) -> int:
    return sum(2 if character > "\u2e7f" else 1 for character in text)


def _foot(sheet: Worksheet, form: Form, looks: Mapping[str, Any]) -> int:
    """说明 with 口径 and check formulas, then the signatures; gives the last row."""
    last, row = len(form.columns) - 1, _TOP + form.depth + 1 + len(form.rows)
    room = int(sum(column.width for column in form.columns))
    for number, note in enumerate(form.notes, 1):
        line = f"{'说明：' if number == 1 else '　　　'}{number}.{note}"
        sheet.merge_range(row, 0, row, last, line, looks["note"])
        sheet.set_row(row, 3 + _LINE_POINTS * -(-_width(line) // room))
        row += 1
    sheet.merge_range(row, 0, row, last, FOOTER, looks["left"])
    sheet.set_row(row, 30)
    return row


def _page(sheet: Worksheet, form: Form, last_row: int) -> None:
    """A4 landscape, one page wide, headings on every page, page numbers as in official papers."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.set_margins(left=0.6, right=0.6, top=0.8, bottom=0.7)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, _TOP + form.depth)
    sheet.print_area(0, 0, last_row, len(form.columns) - 1)
    sheet.set_footer('&C&"宋体"&14— &P —')
    sheet.set_row(0, 36)
    for level in range(form.depth):
        sheet.set_row(_TOP + level, 30)
    sheet.freeze_panes(_TOP + form.depth + 1, 1)
    sheet.set_selection(xl_rowcol_to_cell(_TOP + form.depth + 1, 1))
