"""Ledgers as a workbook to print and sign: A4 landscape, official title and footer, 零报告 where nothing is to report.

Names and numbers come in here and nowhere else, through `Store.identity`, each opening logged; what a unit may see of
them depends on its tier (DOMAIN 4.3): a township or village sees numbers and telephones masked, the telephone of a
guardian in full only while the child's case is open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xlsxwriter

from baoxue.cases.ledgers import LEDGERS, Column, Ledger, Unit
from baoxue.cases.states import OPEN, states

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from baoxue.store import Known, Store

READER = "cases"
FOOTER = "单位负责人：                    填表人：                    联系电话：                    填报日期："
ZERO = "本单位截至填报日无应登记事项，零报告。"
HAND = ("full_name", "id_number", "registry_number", "birth_date", "guardian", "phone", "address")
MORE = ("guardian_phone", "head_name", "disability_number")
_HEAD_ROWS = 3
_LINE_POINTS = 13.5
_PAGE_WIDTH, _SMALLEST_SCALE = 132.0, 0.62
"""The widths of columns that an A4 landscape page holds, and the scale below which a table goes on two pages."""


class Ledgers:
    """The ledgers of a county as of a day: rows worked out once, then a workbook for any unit."""

    def __init__(self, store: Store, known: Known, townships: Mapping[str, str]) -> None:
        self.known = known
        self._store = store
        self._townships = dict(townships)
        self._rows: dict[str, pd.DataFrame] = {}

    def rows(self, ledger: Ledger, unit: Unit) -> pd.DataFrame:
        """The rows of a ledger that belong to a unit, without identities."""
        if ledger.name not in self._rows:
            self._rows[ledger.name] = ledger.rows(self.known)
        rows = self._rows[ledger.name]
        return rows[unit.holds(rows)].reset_index(drop=True)

    def named(self, ledger: Ledger, unit: Unit) -> pd.DataFrame:
        """The rows of a ledger of a unit as the form shows them: its headings, names filled in, masked by tier."""
        rows = self.rows(ledger, unit)
        rows = rows.assign(township_name=rows["township_code"].map(self._townships).fillna(rows["township_code"]))
        rows = self._with_people(rows, ledger, unit)
        cells = {f"{n}": rows[c.source] if c.source else None for n, c in enumerate(ledger.columns)}
        frame = pd.DataFrame(cells, index=rows.index, dtype="object")
        return frame.set_axis([column.heading for column in ledger.columns], axis="columns")

    def write(self, unit: Unit, file: Path, ledgers: Sequence[Ledger] = LEDGERS) -> None:
        """Write a unit's ledgers to an .xlsx file, a sheet each."""
        book = xlsxwriter.Workbook(str(file), {"default_date_format": "yyyy-mm-dd", "nan_inf_to_errors": True})
        # a fixed date of creation, so that the same ledgers are the same bytes
        book.set_properties({"title": f"{unit.name}控辍保学台账", "created": dt.datetime(*self.known.as_of.timetuple()[:3])})
        looks = _looks(book)
        for ledger in ledgers:
            _sheet(book.add_worksheet(ledger.title), ledger, unit, self.named(ledger, unit), self.known.as_of, looks)
        book.close()

    def write_all(
        self, units: Sequence[Unit], folder: Path, release: Callable[..., object], ledgers: Sequence[Ledger] = LEDGERS
    ) -> list[Path]:
        """Write the workbook of every unit through `release(path, write, tier=…, title=…)`; the files written."""
        files = []
        for unit in units:
            name = unit.code.replace("/", "_") or unit.kind
            files.append(folder / f"ledgers_{name}.xlsx")
            release(files[-1], self._writer(unit, ledgers), tier=unit.tier, title=f"{unit.name}控辍保学台账")
        return files

    def _writer(self, unit: Unit, ledgers: Sequence[Ledger]) -> Callable[[Path], None]:
        return lambda draft: self.write(unit, draft, ledgers)

    def _with_people(self, rows: pd.DataFrame, ledger: Ledger, unit: Unit) -> pd.DataFrame:
        """`rows` with the columns of identity that the form has, and no other."""
        asked = {column.source for column in ledger.columns}
        why = f"{unit.kind} {unit.code}: {ledger.name}"
        if asked & {*HAND, *MORE, "reach_phone"}:
            rows = self._with_children(rows, why)
            rows = rows if unit.kind in ("county", "school") else _masked(rows, self._open)
        for name, place in _HOLDERS.items():
            if name in asked:
                rows = rows.assign(**{name: rows[place].map(self._staff(rows[place], why)["full_name"])})
        if "holder_name" in asked:
            staff = self._staff(rows["holder"], why)
            rows = rows.assign(holder_name=rows["holder"].map(staff["full_name"]), holder_phone=rows["holder"].map(staff["phone"]))
        for table, name in _DETAILS.items():
            if name in asked:
                rows = self._with_detail(rows, table, name, why)
        return rows

    def _with_children(self, rows: pd.DataFrame, why: str) -> pd.DataFrame:
        pupils = rows["pupil"].dropna().unique().tolist()
        people = self._store.identity(reader=READER, why=why, pupils=pupils, columns=("pupil", *HAND, *MORE))
        joined = rows.merge(people, on="pupil", how="left")
        return joined.assign(reach_phone=joined["guardian_phone"].fillna(joined["phone"]))

    def _staff(self, holders: pd.Series, why: str) -> pd.DataFrame:
        asked = holders.dropna().unique().tolist()
        found = self._store.identity(reader=READER, why=why, pupils=asked, columns=("pupil", "full_name", "phone"))
        return found.set_index("pupil")

    def _with_detail(self, rows: pd.DataFrame, table: str, name: str, why: str) -> pd.DataFrame:
        keys = ["case", "pupil", "attempt"] if table == "visits" else ["case", "pupil"]
        details = self._store.details(table, reader=READER, why=why)
        last = details.sort_values("known_on", kind="stable").drop_duplicates(keys, keep="last")
        return rows.merge(last[[*keys, name]], on=keys, how="left")

    @cached_property
    def _open(self) -> set[str]:
        now = states(self.known)
        return set(now.filter(now.state.isin(OPEN)).pupil.to_pandas())


_HOLDERS = {
    "holder_school_name": "holder_school",
    "holder_township_name": "holder_township",
    "holder_village_name": "holder_village",
}
_DETAILS = {"cases": "reviewer_name", "visits": "visitor_name"}


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


def _masked(rows: pd.DataFrame, open_pupils: set[str]) -> pd.DataFrame:
    """What a township or village may see: the last four digits, the year and month of birth, no street address."""
    is_open = rows["pupil"].isin(open_pupils)
    ends = {name: _last_four(rows[name]) for name in ("id_number", "registry_number", "disability_number")}
    phone = rows["reach_phone"].str.replace(r"^(\d{3})\d+(\d{4})$", r"\1****\2", regex=True)
    born = pd.to_datetime(rows["birth_date"]).dt.strftime("%Y-%m")
    return rows.assign(**ends, reach_phone=rows["reach_phone"].where(is_open, phone), birth_date=born, address=None)


def _last_four(numbers: pd.Series) -> pd.Series:
    return numbers.str.replace(r"^.*(.{4})$", r"**************\1", regex=True)


def _looks(book: xlsxwriter.Workbook) -> dict[str, Any]:
    small = {"font_name": "仿宋", "font_size": 10, "valign": "vcenter"}
    cell = small | {"border": 1, "text_wrap": True, "align": "center"}
    return {
        "title": book.add_format({"font_name": "方正小标宋简体", "font_size": 18, "align": "center", "valign": "vcenter"}),
        "left": book.add_format(small),
        "right": book.add_format(small | {"align": "right"}),
        "head": book.add_format(cell | {"font_name": "黑体", "bg_color": "#EDEDED"}),
        "text": book.add_format(cell | {"num_format": "@"}),
        "date": book.add_format(cell | {"num_format": "yyyy-mm-dd"}),
        "number": book.add_format(cell | {"num_format": "General"}),
        "note": book.add_format(small | {"font_size": 9}),
    }


def _sheet(
    sheet: Worksheet, ledger: Ledger, unit: Unit, rows: pd.DataFrame, as_of: dt.date, looks: Mapping[str, Any]
) -> None:
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
    _body(sheet, rows, columns, looks)
    if rows.empty:
        sheet.merge_range(_HEAD_ROWS, 0, _HEAD_ROWS, parts[0][1], ZERO, looks["text"])
    end = _HEAD_ROWS + max(len(rows), 1)
    for number, line in enumerate([*(f"说明：{note}" for note in ledger.notes), FOOTER]):
        look = looks["left"] if line == FOOTER else looks["note"]
        sheet.merge_range(end + number, 0, end + number, parts[0][1], line, look)
    _page(sheet, columns, parts, end + len(ledger.notes))


def _body(sheet: Worksheet, rows: pd.DataFrame, columns: Sequence[Column], looks: Mapping[str, Any]) -> None:
    heights = _lines(rows, columns[1:]) * _LINE_POINTS + 4
    for number, values in enumerate(rows.itertuples(index=False, name=None)):
        sheet.set_row(_HEAD_ROWS + number, heights.iloc[number])
        sheet.write_number(_HEAD_ROWS + number, 0, number + 1, looks["number"])
        for place, value in enumerate(values, 1):
            _cell(sheet, _HEAD_ROWS + number, place, value, looks)


def _lines(rows: pd.DataFrame, columns: Sequence[Column]) -> pd.Series:
    """How many lines the fullest cell of each row needs; a Chinese character is as wide as two digits."""
    lines = pd.Series(1, index=rows.index)
    for place, column in enumerate(columns):
        text = rows.iloc[:, place].map(lambda value: value if isinstance(value, str) else "")
        wide = text.str.len() + text.str.count("[\u2e80-\uffef]")
        lines = lines.combine((wide / (column.width - 1)).apply(np.ceil), max)
    return lines


def _cell(sheet: Worksheet, row: int, column: int, value: object, looks: Mapping[str, Any]) -> None:
    if value is None or pd.isna(value):
        sheet.write_blank(row, column, None, looks["text"])
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), looks["date"])
    elif isinstance(value, str):
        sheet.write_string(row, column, value, looks["text"])
    else:
        sheet.write_number(row, column, float(value), looks["number"])


def _pages(columns: Sequence[Column]) -> list[tuple[int, int]]:
    """First and last column of each page across: one, or two of about the same width if one would be too small to read."""
    widths = np.cumsum([column.width for column in columns])
    if widths[-1] <= _PAGE_WIDTH / _SMALLEST_SCALE:
        return [(0, len(columns) - 1)]
    named = widths[_names(columns)]
    middle = int(np.searchsorted(widths, (widths[-1] + named) / 2))
    return [(0, middle - 1), (middle, len(columns) - 1)]


def _names(columns: Sequence[Column]) -> int:
    """The column up to which a second page across repeats the first: the child's name if it stands near, else the number."""
    places = [place for place, column in enumerate(columns) if column.heading == "姓名"]
    return places[0] if places and places[0] <= 2 else 0


def _page(sheet: Worksheet, columns: Sequence[Column], parts: Sequence[tuple[int, int]], last_row: int) -> None:
    """A4 landscape; title and headings on every page, number and name beside the second part of a wide table."""
    repeated = sum(column.width for column in columns[: _names(columns) + 1]) if len(parts) > 1 else 0
    widths = [sum(column.width for column in columns[first : last + 1]) + repeated * bool(first) for first, last in parts]
    sheet.set_landscape()
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
