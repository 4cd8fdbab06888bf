"""One file read into a part: its accepted rows, cleaned, and a note of every row and cell that was not."""

from __future__ import annotations

import datetime as dt
import errno
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from baoxue.contracts import ANSWERS, SOURCE_OF, Source
from baoxue.intake import answered, headers
from baoxue.intake.clean import Cleaned, Noted, SheetCleaner
from baoxue.intake.handed import Handed
from baoxue.intake.numbers import without_identifiers
from baoxue.intake.opened import Opened
from baoxue.intake.pseudonyms import Pseudonyms
from baoxue.intake.sheets import Sheet, sheets
from baoxue.intake.unreadable import Unreadable

DISK_FULL = "disk_full"
"""The one reason that is not the file's: the whole drop stops."""

NOTES = pa.schema(
    {"sheet": pa.string(), "row": pa.int64(), "column": pa.string(), "value_class": pa.string(), "reason": pa.string(),
     "is_refused": pa.bool_(), "sheet_at": pa.int32(), "answers": pa.string()}
)  # fmt: skip
"""`sheet_at` is the place of the sheet in its file, `answers` the number of the refusal that the row came back for."""


@dataclass
class FileReading:
    """What came of one file; its rows lie in the part, its refused rows and emptied cells in the notes beside it."""

    index: int
    rows_read: int = 0
    reason: str = ""
    """Why nothing of the file was read (an entry `file_...` of the catalogue); empty if it was."""
    values: dict[str, str] = field(default_factory=dict)
    other_sheets: list[str] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    digits_lost: int = 0
    """Identity numbers of the file that Excel was seen to have cut."""
    has_part: bool = False


@dataclass(frozen=True)
class Task:
    """A file to be read: its number in the drop, where it is, the table it feeds, the day of a snapshot.

    `wanted` asks for some of its rows as they stand there (place of the sheet, row as Excel shows it), see `excerpts`.
    """

    index: int
    path: str
    table: str
    snapshot_on: str | None
    parts: str
    handed: str = ""
    """Where it is written what a list that comes back is held against."""
    wanted: Sequence[tuple[int, int]] = ()

    @property
    def part(self) -> Path:
        """Where the accepted rows go."""
        return Path(self.parts) / f"{self.index:05d}.rows.parquet"

    @property
    def notes(self) -> Path:
        """Where the notes go."""
        return Path(self.parts) / f"{self.index:05d}.notes.parquet"

    @property
    def day(self) -> dt.date | None:
        """The day of a snapshot."""
        return dt.date.fromisoformat(self.snapshot_on) if self.snapshot_on else None

    def as_dict(self) -> dict[str, object]:
        """Its fields, to be sent to a worker."""
        return asdict(self)


def read_file(task: Task, pseudonyms: Pseudonyms) -> FileReading:
    """Read one file completely or not at all; a file that cannot be read has a reason and leaves nothing behind."""
    reading = FileReading(task.index)
    writers = _Writers(task)
    try:
        for place, sheet in enumerate(sheets_of(task, pseudonyms)):
            _read_sheet(sheet, place, task, pseudonyms, reading, writers)
        if not writers.sheets:
            raise Unreadable("no_header", headers=_expected(SOURCE_OF[task.table]), rows=headers.TITLE_ROWS + 1)
    except Unreadable as why:
        writers.discard()
        return FileReading(task.index, reason=why.reason, values=why.values)
    except OSError as error:
        writers.discard()
        reason = DISK_FULL if error.errno in {errno.ENOSPC, errno.EDQUOT} else "not_opened"
        return FileReading(task.index, reason=reason, values={"why": error.strerror or type(error).__name__})
    writers.close()
    reading.has_part = writers.part is not None
    return reading


def sheets_of(task: Task, pseudonyms: Pseudonyms) -> Iterator[Sheet]:
    """The sheets of the task's file; of a list that comes back the one that its answers make."""
    if task.table != ANSWERS.table:
        return sheets(Path(task.path))
    return answered.sheets(Path(task.path), Handed.read(Path(task.handed)), pseudonyms.key)


def _read_sheet(
    sheet: Sheet, place: int, task: Task, pseudonyms: Pseudonyms, reading: FileReading, writers: _Writers
) -> None:
    opened = Opened(sheet, SOURCE_OF[task.table])
    name = without_identifiers(sheet.name)
    if not opened.layout.is_header or not opened.belongs_to(task.snapshot_on):
        if opened.says_anything:
            reading.other_sheets.append(name)
        return
    layout = opened.layout
    if layout.missing:
        raise Unreadable("missing_column", sheet=name, column="、".join(layout.missing), headers="、".join(layout.seen))
    reading.unknown_columns += [header for header in layout.unknown if header not in reading.unknown_columns]
    writers.sheets += 1
    cleaner = SheetCleaner(opened.source, layout, pseudonyms, task.day)
    for first, batch in opened.batches():
        refused_as, answers = opened.marked(batch)
        cleaned = cleaner.clean(opened.evened(batch), range(first, first + len(batch)), refused_as)
        writers.write(name, place, cleaned, {first + at: number for at, number in answers.items()})
        reading.rows_read += cleaned.rows_read
        reading.digits_lost += Counter(n.problem.reason for n in [*cleaned.refused, *cleaned.warned])["digits_lost"]


def _expected(source: Source) -> str:
    return "、".join("/".join(source.column(name).header for name in group) for group in headers.needed(source))


class _Writers:
    """The two files of a part, opened when there is something to write."""

    def __init__(self, task: Task) -> None:
        self.task, self.sheets, self.rows = task, 0, 0
        self.part: pq.ParquetWriter | None = None
        self.notes: pq.ParquetWriter | None = None

    def write(self, sheet: str, sheet_at: int, cleaned: Cleaned, answers: Mapping[int, str]) -> None:
        count = cleaned.accepted.num_rows
        answered = [answers.get(row) for row in cleaned.accepted["_row"].to_pylist()] if answers else [None] * count
        table = cleaned.accepted.append_column("_sheet", pa.array([sheet] * count, pa.string()))
        table = table.append_column("_file", pa.array([self.task.index] * count, pa.int32()))
        table = table.append_column("_place", pa.array(range(self.rows, self.rows + count), pa.int64()))
        table = table.append_column("_sheet_at", pa.array([sheet_at] * count, pa.int32()))
        table = table.append_column("_answers", pa.array(answered, pa.string()))
        self.rows += count
        if count:
            self.part = self.part or pq.ParquetWriter(self.task.part, table.schema, compression="lz4")
            self.part.write_table(table)
        noted = [_note(sheet, n, True) for n in cleaned.refused] + [_note(sheet, n, False) for n in cleaned.warned]
        noted = [note | {"sheet_at": sheet_at, "answers": answers.get(note["row"])} for note in noted]
        if noted:
            self.notes = self.notes or pq.ParquetWriter(self.task.notes, NOTES)
            self.notes.write_table(pa.Table.from_pylist(noted, schema=NOTES))

    def close(self) -> None:
        for writer in (self.part, self.notes):
            if writer is not None:
                writer.close()

    def discard(self) -> None:
        with suppress(OSError):
            self.close()
        self.task.part.unlink(missing_ok=True)
        self.task.notes.unlink(missing_ok=True)


def _note(sheet: str, noted: Noted, is_refused: bool) -> dict[str, Any]:
    reason, value_class = noted.problem
    return {
        "sheet": sheet, "row": noted.row, "column": noted.column, "value_class": value_class, "reason": reason,
        "is_refused": is_refused,
    }  # fmt: skip
