"""Single rows of a file as they stand there, read once more: what a return shows of the rows that were refused."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa
import pyarrow.parquet as pq

from baoxue.contracts import SOURCE_OF, Source
from baoxue.intake.cells import texts
from baoxue.intake.clean import SheetCleaner
from baoxue.intake.opened import Opened, Row
from baoxue.intake.pseudonyms import Pseudonyms
from baoxue.intake.reading import FileReading, Task, sheets_of
from baoxue.intake.sheets import Sheet
from baoxue.intake.unreadable import Unreadable

EXCERPT = pa.schema(
    {"sheet_at": pa.int32(), "row": pa.int64(), "headers": pa.list_(pa.string()), "cells": pa.list_(pa.string()),
     "own_school": pa.string(), "day": pa.date32(), "person": pa.string(), "alias": pa.string(),
     "row_digest": pa.int64()}
)  # fmt: skip
"""Rows by their place; the school they name, the day they speak of and the pseudonyms of their child where these can be
read, and a keyed digest of source and cells."""


def quote(task: Task, pseudonyms: Pseudonyms) -> FileReading:
    """The rows that the task wants, as texts under the headers of their sheet, written to the task's part.

    A file that cannot be opened any more has its reason, and leaves nothing.
    """
    wanted: dict[int, set[int]] = defaultdict(set)
    for sheet_at, row in task.wanted:
        wanted[sheet_at].add(row)
    try:
        found = [
            _excerpt(sheet, place, wanted[place], task, pseudonyms)
            for place, sheet in enumerate(sheets_of(task, pseudonyms))
            if place in wanted
        ]
    except Unreadable as why:
        return FileReading(task.index, reason=why.reason, values=why.values)
    except OSError as error:
        return FileReading(task.index, reason="not_opened", values={"why": error.strerror or type(error).__name__})
    pq.write_table(pa.concat_tables([EXCERPT.empty_table(), *found]), task.part)
    return FileReading(task.index, has_part=True)


def _excerpt(sheet: Sheet, place: int, wanted: set[int], task: Task, pseudonyms: Pseudonyms) -> pa.Table:
    opened = Opened(sheet, SOURCE_OF[task.table])
    picked: list[tuple[int, Row]] = []
    last = max(wanted)
    for first, batch in opened.batches():
        picked += [(first + at, row) for at, row in enumerate(batch) if first + at in wanted]
        if first + len(batch) > last:
            break
    numbers = [number for number, _ in picked]
    cleaner = SheetCleaner(opened.source, opened.layout, pseudonyms, task.day)
    read = cleaner.whole(opened.evened([row for _, row in picked]), numbers)
    cells = [texts(row).to_pylist() for _, row in picked]
    own = opened.source.school
    nothing = pa.nulls(len(picked), pa.string())
    columns = {
        "sheet_at": pa.array([place] * len(picked), pa.int32()),
        "row": pa.array(numbers, pa.int64()),
        "headers": pa.array([opened.own(opened.layout.cells)] * len(picked), EXCERPT.field("headers").type),
        "cells": pa.array([opened.own(row) for row in cells], EXCERPT.field("cells").type),
        "own_school": read[own] if own in read.column_names else nothing,
        "day": _day(read, _dated(opened.source)),
        "person": read["_person"],
        "alias": read["_alias"],
        "row_digest": pa.array([pseudonyms.digest(_said(task.table, opened.own(row))) for row in cells], pa.int64()),
    }
    return pa.table(columns).cast(EXCERPT)


def _said(table: str, cells: list[str]) -> str:
    return "\x1f".join([table, *(cell.strip() for cell in cells)])


def _dated(source: Source) -> str:
    """The column of the day that a row speaks of."""
    return next((c.name for c in source.columns if c.kind == "date" and c.required), source.known)


def _day(read: pa.Table, column: str) -> pa.Array:
    return read[column] if column in read.column_names else pa.nulls(read.num_rows, pa.date32())
