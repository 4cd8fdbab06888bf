"""Workbooks and CSV files written quickly, and byte for byte the same each time.

A county's registry is some eighty million cells; xlsxwriter writes 130,000 a second, this module about a million,
because a sheet here is nothing but text, numbers and dates in rows, with no look of its own.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

_ROWS_AT_A_TIME = 5_000
_EXCEL_EPOCH = pd.Timestamp("1899-12-30")
_STAMP = (1980, 1, 1, 0, 0, 0)
_LEVEL = 3

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/>'
    '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True)
class Sheet:
    """A worksheet: title rows (each merged over all columns), the header row, then the rows of `table`.

    Text is written as text, numbers as numbers, dates as real Excel dates; a blank or missing value is left out.
    """

    table: pd.DataFrame
    name: str = "Sheet1"
    titles: tuple[str, ...] = ()

    @property
    def first_row(self) -> int:
        """The number of the first data row, as Excel shows it."""
        return len(self.titles) + 2


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write an .xlsx with these sheets, in order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as book:
        for name, text in _frame_parts(sheets).items():
            book.writestr(_entry(name), _XML + text)
        for number, sheet in enumerate(sheets, 1):
            with book.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w", force_zip64=True) as part:
                for text in _sheet_parts(sheet):
                    part.write(text.encode())


def write_csv(
    path: Path, table: pd.DataFrame | pa.Table, encoding: str = "utf-8-sig", titles: Sequence[str] = ()
) -> None:
    """Write a CSV in an encoding (`utf-8-sig` has a BOM, as Excel wants it); a missing value is an empty cell.

    An Arrow table is written without any quoting, so its values must hold no comma, quotation mark or line break.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    head = "".join(f"{title}\n" for title in titles)
    if isinstance(table, pd.DataFrame):
        text = head + table.to_csv(index=False, lineterminator="\n")
    else:
        rows = pa.BufferOutputStream()
        options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
        pyarrow.csv.write_csv(table, rows, options)
        text = head + ",".join(table.column_names) + "\n" + rows.getvalue().to_pybytes().decode()
    path.write_bytes(text.encode(encoding))


def column_letter(position: int) -> str:
    """Excel's name of a column.

    >>> column_letter(0), column_letter(70)
    ('A', 'BS')
    """
    letters, rest = "", position + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _frame_parts(sheets: Sequence[Sheet]) -> dict[str, str]:
    """Everything in the file but the sheets' rows."""
    numbers = range(1, len(sheets) + 1)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>' for n in numbers
    )
    listed = "".join(
        f'<sheet name="{escape(sheet.name)}" sheetId="{n}" r:id="rId{n}"/>' for n, sheet in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{links}<Relationship Id="rIdStyles" '
        f'Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }


def _sheet_parts(sheet: Sheet) -> Iterator[str]:
    width = len(sheet.table.columns)
    yield f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'
    for number, title in enumerate(sheet.titles, 1):
        yield f'<row r="{number}">{_text(f"A{number}", title)}</row>'
    number = len(sheet.titles) + 1
    header = "".join(_text(f"{column_letter(i)}{number}", str(name)) for i, name in enumerate(sheet.table.columns))
    yield f'<row r="{number}">{header}</row>'
    for start in range(0, len(sheet.table), _ROWS_AT_A_TIME):
        yield _rows(sheet.table.iloc[start : start + _ROWS_AT_A_TIME], sheet.first_row + start)
    yield "</sheetData>"
    if sheet.titles and width > 1:
        spans = "".join(
            f'<mergeCell ref="A{n}:{column_letter(width - 1)}{n}"/>' for n in range(1, len(sheet.titles) + 1)
        )
        yield f'<mergeCells count="{len(sheet.titles)}">{spans}</mergeCells>'
    yield "</worksheet>"


def _rows(table: pd.DataFrame, first: int) -> str:
    columns = [_cells(table.iloc[:, i], column_letter(i), first) for i in range(len(table.columns))]
    shown = [column for column in columns if column]
    if not shown:
        return "".join(f'<row r="{n}"/>' for n in range(first, first + len(table)))
    return "".join(f'<row r="{n}">{"".join(cells)}</row>' for n, cells in enumerate(zip(*shown, strict=True), first))


def _cells(column: pd.Series, letter: str, first: int) -> list[str]:
    """The cells of a column from a row on; nothing at all if every one is blank."""
    if pd.api.types.is_datetime64_any_dtype(column):
        serial = (column - _EXCEL_EPOCH).dt.days
        return [
            "" if pd.isna(day) else f'<c r="{letter}{n}" s="1"><v>{int(day)}</v></c>'
            for n, day in enumerate(serial, first)
        ]
    if pd.api.types.is_numeric_dtype(column):
        return ["" if pd.isna(v) else f'<c r="{letter}{n}"><v>{v}</v></c>' for n, v in enumerate(column, first)]
    values = column.tolist()
    if not any(values):
        return []
    if _is_plain(values):
        return [
            f'<c r="{letter}{n}" t="inlineStr"><is><t>{v}</t></is></c>' if v else ""
            for n, v in enumerate(values, first)
        ]
    return [_any(f"{letter}{n}", value) for n, value in enumerate(values, first)]


def _is_plain(values: list[object]) -> bool:
    """Whether all values are texts without a character that XML or Excel would treat specially."""
    try:
        text = "".join(values)  # type: ignore[arg-type]
    except TypeError:
        return False
    return not any(character in text for character in "&<> ")


def _any(place: str, value: object) -> str:
    """A cell of whatever type a person may have typed there."""
    if value is None or value == "" or value is pd.NaT:
        return ""
    if isinstance(value, int | float | np.integer | np.floating):
        return f'<c r="{place}"><v>{value}</v></c>'
    if isinstance(value, dt.date):
        return f'<c r="{place}" s="1"><v>{(pd.Timestamp(value) - _EXCEL_EPOCH).days}</v></c>'
    return _text(place, str(value))


def _text(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
