"""Small stores and small drops drawn as text tables one can count by eye.

>>> store = given(tmp_path, absences='''
...     pupil | date       | absence | session
...     p1    | 2024-11-04 | 旷课    | 全天
... ''')
>>> store.known_by("2024-11-05").absences.count().execute()
1
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import xlsxwriter

from baoxue.contracts import ALWAYS_KNOWN, IDENTITY_COLUMNS, SOURCE_OF, Source
from baoxue.intake import shape
from baoxue.intake.numbers import check_digit
from baoxue.store import Store

RECEIVED_ON = dt.date(2025, 1, 17)
"""The day a drawn store was handed in, if the test does not say."""


def given(path: Path, *, received_on: dt.date = RECEIVED_ON, identity: str | None = None, **tables: str) -> Store:
    """A store under `path` that holds the tables drawn, each as `header | header` and rows below.

    Called again on the same path it adds a later drop. Columns not drawn are empty; an empty cell or `-` is empty.
    `known_on`, if not drawn, is the contract's known column of the row (of an absence without one, the day after; of
    an admission, 1 July), else ALWAYS_KNOWN. Yes and no are written `yes`/`no`. `identity` draws the restricted table.
    """
    store = Store(path)
    drawn = {name: _table(SOURCE_OF[name], text) for name, text in tables.items()}
    store.append(drawn, received_on=received_on, identity=_identity(identity) if identity else None)
    return store


def _rows(text: str) -> list[dict[str, str | None]]:
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if line.strip()]
    header, *rows = [line for line in lines if set("".join(line)) - set("-+")]
    for row in rows:
        assert len(row) == len(header), f"a row has {len(row)} cells under {len(header)} headers: {row}"
    return [{name: None if cell in {"", "-"} else cell for name, cell in zip(header, row, strict=True)} for row in rows]


def _table(source: Source, text: str) -> pa.Table:
    rows = _rows(text)
    types = shape.content(source)
    unknown = {name for row in rows for name in row} - set(types)
    assert not unknown, f"{source.table} has no column {sorted(unknown)}; it has {list(types)}"
    cells = [{name: _cell(row.get(name), kind) for name, kind in types.items()} for row in rows]
    for row in cells:
        row["known_on"] = row["known_on"] or _known_on(source, row)
    return pa.Table.from_pylist(cells, schema=pa.schema(types))


def _cell(text: str | None, kind: pa.DataType) -> object:
    if text is None:
        return None
    if pa.types.is_date(kind):
        return dt.date.fromisoformat(text)
    if pa.types.is_boolean(kind):
        return {"yes": True, "no": False, "true": True, "false": False, "是": True, "否": False}[text.lower()]
    if pa.types.is_integer(kind):
        return int(text)
    return float(text) if pa.types.is_floating(kind) else text


def _known_on(source: Source, row: dict) -> dt.date:
    if source.known and row.get(source.known):
        return row[source.known]
    if source.table == "absences" and row["date"]:
        return row["date"] + dt.timedelta(days=1)
    if source.table == "admissions" and row["admission_year"]:
        return dt.date(row["admission_year"], 7, 1)
    return dt.date.fromisoformat(ALWAYS_KNOWN)


def _identity(text: str) -> pa.Table:
    rows = _rows(text)
    dates = {"birth_date", "known_on"}
    types = {name: pa.date32() if name in dates else pa.string() for name in IDENTITY_COLUMNS}
    cells = [{name: _cell(row.get(name), kind) for name, kind in types.items()} for row in rows]
    for row in cells:
        row["known_on"] = row["known_on"] or dt.date.fromisoformat(ALWAYS_KNOWN)
    return pa.Table.from_pylist(cells, schema=pa.schema(types))


def handed_in(folder: Path, files: dict[str, str], *, encoding: str = "utf-8-sig") -> Path:
    """A drop folder with the files drawn: `.csv` in the encoding, `.xlsx` with every cell as text.

    A file is drawn like a table, `header | header` and rows below; cells are written as drawn, `-` too.
    """
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if line.strip()]
        if file.suffix == ".csv":
            with file.open("w", encoding=encoding, newline="") as opened:
                csv.writer(opened).writerows(rows)
        else:
            workbook(file, {"Sheet1": rows})
    return folder


def workbook(file: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """An .xlsx with these sheets; texts stay texts, numbers numbers, dates dates."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(file), {"strings_to_numbers": False, "strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if isinstance(cell, dt.date):
                        sheet.write_datetime(r, c, dt.datetime.combine(cell, dt.time()), day)
                    elif cell != "" and cell is not None:
                        sheet.write(r, c, cell)
    return file


def id_number(birth: str, sequence: int = 1, area: str = "339901") -> str:
    """An identity number with a right check digit: odd sequences are boys. The area is one that no prefecture has."""
    first = f"{area}{birth.replace('-', '')}{sequence:03d}"
    return first + check_digit(first)


def j_number(birth: str, sequence: int = 1) -> str:
    """A registry number that holds no identity number."""
    return "J" + id_number(birth, sequence, area="339902")
