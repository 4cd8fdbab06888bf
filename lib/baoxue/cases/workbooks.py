"""Ledgers as a workbook to print and sign: A4 landscape, official title and footer, 零报告 where nothing happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xlsxwriter

from baoxue.cases.ledgers import LEDGERS, Column, Ledger, Unit, codes
from baoxue.cases.people import People

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from baoxue.store import Known, Store

FOOTER = "单位负责人：                    填表人：                    联系电话：                    填报日期："
ZERO = "本单位截至填报日无应登记事项，零报告。"
_NAMES_TOWNSHIPS = {"township_name": "township_code", "unit_word": "unit_word"}
"""Column of the forms that names a township -> the column in which its code stands."""
_HEAD_ROWS = 3
_LINE_POINTS = 13.5
_PAGE_WIDTH, _SMALLEST_SCALE = 101.0, 0.5
"""The widths of columns that an A4 landscape page holds even where the default font is a wide one, and the scale below
which a table goes on two pages."""


CALLED = "控辍保学台账"


class Ledgers:
    """The ledgers of a county as of a day: rows worked out once, then a workbook for any unit."""

    def __init__(self, store: Store, known: Known, townships: Mapping[str, str]) -> None:
        self.known = known
        self._store = store
        self._townships = dict(townships)
        self._rows: dict[str, pd.DataFrame] = {}
        self._places: dict[tuple[str, str], Mapping[Any, Any]] = {}

    def rows(self, ledger: Ledger, unit: Unit) -> pd.DataFrame:
        """The rows of a ledger that belong to a unit, without identities."""
        return self.whole(ledger).take(self.places(ledger, unit)).reset_index(drop=True)

    def whole(self, ledger: Ledger) -> pd.DataFrame:
        """All rows of a ledger, worked out once."""
        if ledger.name not in self._rows:
            rows = ledger.rows(self.known)
            named = {
                name: rows[column].replace(self._townships)
                for name, column in _NAMES_TOWNSHIPS.items()
                if column in rows
            }
            self._rows[ledger.name] = rows.assign(**named)
        return self._rows[ledger.name]

    def places(self, ledger: Ledger, unit: Unit) -> np.ndarray:
        """Where among all rows of a ledger those of a unit stand, worked out once for all units of a kind."""
        if (ledger.name, unit.kind) not in self._places:
            rows = self.whole(ledger)
            found = rows.groupby(codes(rows, unit.kind).to_numpy(), sort=False).indices
            self._places[ledger.name, unit.kind] = found
        return np.asarray(self._places[ledger.name, unit.kind].get(unit.code, ()), dtype=int)

    def write(
        self, unit: Unit, file: Path, ledgers: Sequence[Ledger] = LEDGERS, filled: Filled | None = None,
        called: str = CALLED,
    ) -> None:  # fmt: skip
        """Write a unit's ledgers to an .xlsx file, a sheet each; identities are opened for it if none are given."""
        forms = filled or Filled(self, self._people([unit], ledgers))
        day = self.known.as_of
        book = xlsxwriter.Workbook(str(file))
        # a fixed date of creation, so that the same ledgers are the same bytes
        created = dt.datetime(day.year, day.month, day.day)
        book.set_properties({"title": unit.name + called, "created": created})
        looks = _looks(book)
        for ledger in ledgers:
            _sheet(book.add_worksheet(ledger.title), ledger, unit, *forms.of(ledger, unit), day, looks)
        book.close()

    def write_all(
        self, units: Sequence[Unit], folder: Path, release: Callable[..., object],
        ledgers: Sequence[Ledger] = LEDGERS, called: str = CALLED,
    ) -> list[Path]:  # fmt: skip
        """Write the workbook of every unit through `release(path, write, tier=…, title=…)`; the files written.

        `called` is what a workbook is called after the unit's name.
        """
        filled = Filled(self, self._people(units, ledgers))
        files = []
        for unit in units:
            files.append(folder / f"ledgers_{unit.code.replace('/', '_') or unit.kind}.xlsx")
            release(
                files[-1],
                lambda draft, unit=unit: self.write(unit, draft, ledgers, filled, called),
                tier=unit.tier,
                title=unit.name + called,
            )
        return files

    def _people(self, units: Sequence[Unit], ledgers: Sequence[Ledger]) -> People:
        rows = [self.rows(ledger, unit) for ledger in ledgers for unit in units]
        why = "ledgers of " + ", ".join(unit.code or unit.kind for unit in units)
        return People.opened(self._store, self.known, rows, why)


class Filled:
    """Whole ledgers with the people in them, filled in once for all units that see them alike; then cut by unit."""

    def __init__(self, ledgers: Ledgers, people: People) -> None:
        self._ledgers = ledgers
        self._people = people
        self._forms: dict[tuple[str, bool], tuple[pd.DataFrame, np.ndarray]] = {}

    def of(self, ledger: Ledger, unit: Unit) -> tuple[pd.DataFrame, np.ndarray]:
        """The cells of a unit's rows, and how many lines each row needs."""
        key = (ledger.name, unit.sees_all)
        if key not in self._forms:
            cells = _cells(self._people.named(self._ledgers.whole(ledger), ledger, unit), ledger)
            self._forms[key] = cells, _lines(cells, ledger.columns)
        (cells, lines), places = self._forms[key], self._ledgers.places(ledger, unit)
        return cells.take(places), lines[places]


def units(known: Known, kinds: Sequence[str], county: str, townships: Mapping[str, str]) -> list[Unit]:
    """The units of those kinds, in the order of codes: the county, its townships, villages and schools.

    `county` is its name, `townships` the name of each township code.
    """
    frame = known.table("schools").select("school_code", "school_name").order_by("school_code").to_pandas()
    homes = known.table("households").select("township_code", "village").distinct().to_pandas().dropna()
    homes = homes.sort_values(["township_code", "village"])
    there = sorted({*homes["township_code"], *known.table("schools").township_code.to_pandas().dropna()})
    found = {
        "county": [Unit("county", "", county)],
        "township": [Unit("township", code, f"{county}{townships.get(code, code)}") for code in there],
        "village": [
            Unit("village", f"{code}/{village}", f"{townships.get(code, code)}{village}")
            for code, village in zip(homes["township_code"], homes["village"], strict=True)
        ],
        "school": [Unit("school", row.school_code, row.school_name) for row in frame.itertuples()],
    }
    return [unit for kind in kinds for unit in found[kind]]


def _cells(rows: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """The values of the form's columns in order, an empty cell as None; headings may repeat: columns are numbered."""
    columns = {n: rows[c.source] if c.source else None for n, c in enumerate(ledger.columns)}
    frame = pd.DataFrame(columns, index=rows.index, dtype="object")
    return frame.where(frame.notna(), None)


def _looks(book: xlsxwriter.Workbook) -> dict[str, Any]:
    small = {"font_name": "仿宋", "font_size": 10, "valign": "vcenter"}
    cell = small | {"border": 1, "text_wrap": True, "align": "center"}
    return {
        "title": book.add_format(
            {"font_name": "方正小标宋简体", "font_size": 18, "align": "center", "valign": "vcenter"}
        ),
        "left": book.add_format(small),
        "right": book.add_format(small | {"align": "right"}),
        "head": book.add_format(cell | {"font_name": "黑体", "bg_color": "#EDEDED"}),
        "text": book.add_format(cell | {"num_format": "@"}),
        "date": book.add_format(cell | {"num_format": "yyyy-mm-dd"}),
        "number": book.add_format(cell | {"num_format": "General"}),
        "note": book.add_format(small | {"font_size": 9}),
    }


def _sheet(
    sheet: Worksheet, ledger: Ledger, unit: Unit, rows: pd.DataFrame, lines: np.ndarray, as_of: dt.date,
    looks: Mapping[str, Any],
) -> None:  # fmt: skip
    columns = (Column("序号", width=5), *ledger.columns)
    parts = _pages(columns)
    day = f"{as_of.year}年{as_of.month}月{as_of.day}日"
    for number, (first, last) in enumerate(parts):
        more = "（续）" if number else ""
        sheet.merge_range(0, first, 0, last, f"{unit.name}{ledger.title}{more}", looks["title"])
        sheet.write_string(1, last, f"填报时间：{day}  共{len(rows)}条", looks["right"])
    sheet.write_string(1, 0, f"填报单位（盖章）：{unit.name}", looks["left"])
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width)
        sheet.write_string(_HEAD_ROWS - 1, number, column.heading, looks["head"])
    _body(sheet, rows, lines * _LINE_POINTS + 4, looks)
    if rows.empty:
        sheet.merge_range(_HEAD_ROWS, 0, _HEAD_ROWS, parts[0][1], ZERO, looks["text"])
    end = _HEAD_ROWS + max(len(rows), 1)
    # not under the columns that the second page repeats
    begins = _names(columns) + 1 if len(parts) > 1 else 0
    for number, line in enumerate([*(f"说明：{note}" for note in ledger.notes), FOOTER]):
        look = looks["left"] if line == FOOTER else looks["note"]
        sheet.merge_range(end + number, begins, end + number, parts[0][1], line, look)
    _page(sheet, columns, parts, end + len(ledger.notes))


def _body(sheet: Worksheet, rows: pd.DataFrame, heights: np.ndarray, looks: Mapping[str, Any]) -> None:
    for number, values in enumerate(rows.itertuples(index=False, name=None)):
        sheet.set_row(_HEAD_ROWS + number, heights[number])
        sheet.write_number(_HEAD_ROWS + number, 0, number + 1, looks["number"])
        for place, value in enumerate(values, 1):
            _cell(sheet, _HEAD_ROWS + number, place, value, looks)


def _lines(rows: pd.DataFrame, columns: Sequence[Column]) -> np.ndarray:
    """How many lines the fullest cell of each row needs."""
    lines = np.ones(len(rows))
    for place, column in enumerate(columns):
        wide = np.array([_width(value) for value in rows.iloc[:, place]])
        if wide.max(initial=0) >= column.width:
            lines = np.maximum(lines, np.ceil(wide / (column.width - 1)))
    return lines


def _width(value: Any) -> float:
    """In digits: a Chinese character has three bytes and the width of two."""
    return (len(value) + len(value.encode())) / 2 if isinstance(value, str) else 0.0


def _cell(sheet: Worksheet, row: int, column: int, value: Any, looks: Mapping[str, Any]) -> None:
    if value is None:
        sheet.write_blank(row, column, None, looks["text"])
    elif isinstance(value, str):
        sheet.write_string(row, column, value, looks["text"])
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), looks["date"])
    else:
        sheet.write_number(row, column, float(value), looks["number"])


def _pages(columns: Sequence[Column]) -> list[tuple[int, int]]:
    """First and last column of each page across: one, or two of about the same width if one were too small to read."""
    widths = np.cumsum([column.width for column in columns])
    if widths[-1] <= _PAGE_WIDTH / _SMALLEST_SCALE:
        return [(0, len(columns) - 1)]
    named = widths[_names(columns)]
    middle = int(np.searchsorted(widths, (widths[-1] + named) / 2))
    return [(0, middle - 1), (middle, len(columns) - 1)]


def _names(columns: Sequence[Column]) -> int:
    """The column up to which a second page across repeats the first: the child's name if near, else the number."""
    places = [place for place, column in enumerate(columns) if column.heading == "姓名"]
    return places[0] if places and places[0] <= 2 else 0


def _page(sheet: Worksheet, columns: Sequence[Column], parts: Sequence[tuple[int, int]], last_row: int) -> None:
    """A4 landscape; title and headings on every page, number and name beside the second part of a wide table."""
    repeated = sum(column.width for column in columns[: _names(columns) + 1]) if len(parts) > 1 else 0
    widths = [
        sum(column.width for column in columns[first : last + 1]) + repeated * bool(first) for first, last in parts
    ]
    sheet.set_landscape()
    sheet.center_horizontally()
    sheet.set_paper(9)
    sheet.set_margins(left=0.45, right=0.45, top=0.6, bottom=0.6)
    sheet.set_print_scale(int(min(100, 100 * _PAGE_WIDTH / max(widths))))
    sheet.set_v_pagebreaks([first for first, _ in parts[1:]])
    sheet.repeat_rows(0, _HEAD_ROWS - 1)
    if len(parts) > 1:
        sheet.repeat_columns(0, _names(columns))
    sheet.print_area(0, 0, last_row, len(columns) - 1)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.set_row(0, 30)
    sheet.set_row(_HEAD_ROWS - 1, 32)
    sheet.freeze_panes(_HEAD_ROWS, 3)
