"""A drop taken in, from the files found to the tables laid aside for the commit."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from baoxue.contracts import ANSWERS, SOURCES, Source
from baoxue.intake import (
    IntakeError,
    candidates,
    door,
    handed,
    identities,
    places,
    pool,
    quoting,
    refusals,
    resolve,
    settle,
    shape,
)
from baoxue.intake.account import Account, FileAccount
from baoxue.intake.journal import Writer
from baoxue.intake.notes import Notes
from baoxue.intake.places import Found
from baoxue.intake.pseudonyms import Pseudonyms
from baoxue.intake.reading import DISK_FULL, FileReading, Task

Progress = Callable[[str, int, int, int], None]
"""Called after each file: its name, the rows read, how many files are done, how many there are."""

Stored = dict[str, list[Path]]
"""The store's files by table, with `links`, `identity`, `rejects` and `answered_refusals` among them."""


class Taking:
    """The files of one drop on their way into a store; `run` does it all but the commit."""

    def __init__(
        self,
        found: Sequence[Found],
        writer: Writer,
        stored: Stored,
        previous: Sequence[Account],
        key: bytes,
        received_on: dt.date,
    ) -> None:
        self.found, self.writer, self.stored, self.previous = found, writer, stored, previous
        self.key, self.received_on = key, received_on
        self.number = len(previous) + 1
        self.name = f"{self.number:06d}"
        self.accounts: list[FileAccount] = []
        self.tasks: dict[int, Task] = {}
        self._stamps: dict[int, tuple[int, int]] = {}
        self._notes = Notes(self.name)
        self._matched = candidates.PAIRS.empty_table().select(["alias", "pupil"])

    def run(self, progress: Progress | None = None, workers: int = 2) -> Account:
        """Read every file and lay aside what is new. Raises IntakeError if the drop as a whole cannot be taken in."""
        self.accounts = [_entry(file) for file in self.found]
        self._tell_repeated(self.found)
        readings = self._read(self.found, progress, workers)
        con = resolve.connect(self.writer.workshop)
        try:
            refusals.start(con, self.stored["rejects"], self.stored["answered_refusals"], self._names())
            self._take_tables(con, readings)
            self._write_restricted(con)
            answered = self._write_refusals(con, workers)
        finally:
            con.close()
        self._notes.write_warnings(self.writer)
        return Account(self.name, self.received_on, self.accounts, answered)

    def _names(self) -> dict[int, str]:
        return {index: self.accounts[index].file for index in self.tasks}

    def _tell_repeated(self, found: Sequence[Found]) -> None:
        """A file that was read before, in this drop or an earlier one, is all duplicates and is not opened again."""
        seen = {
            _fingerprint(f): f.rows_read
            for account in self.previous
            for f in account.files
            if f.sha256 and not f.reason
        }
        for index, (file, entry) in enumerate(zip(found, self.accounts, strict=True)):
            if file.source is None or file.unread:
                continue
            self._stamps[index] = places.stamp(file.path)
            entry.sha256 = file.sha256
            if entry.sha256 and _fingerprint(entry) in seen:
                entry.rows_read = entry.duplicates = seen[_fingerprint(entry)]
                continue
            day = file.snapshot_on.isoformat() if file.snapshot_on else None
            handed = str(self._handed) if file.source is ANSWERS else ""
            self.tasks[index] = Task(index, str(file.path), file.source.table, day, str(self.writer.workshop), handed)

    def _read(self, found: Sequence[Found], progress: Progress | None, workers: int) -> dict[int, FileReading]:
        copies = self._copies()
        readings: dict[int, FileReading] = {}
        wanted = [task for index, task in self.tasks.items() if index not in copies]
        done = len(found) - len(wanted)
        for reading in pool.read_all(wanted, self.key, workers):
            if reading.reason == DISK_FULL:
                raise IntakeError("disk_full", store=self.writer.store)
            if places.stamp(Path(self.tasks[reading.index].path)) != self._stamps[reading.index]:
                reading = FileReading(reading.index, reason="changed")
            readings[reading.index] = reading
            self._enter(self.accounts[reading.index], reading)
            done += 1
            if progress is not None:
                progress(self.accounts[reading.index].file, reading.rows_read, done, len(found))
        for copy, original in copies.items():
            self._enter_copy(self.accounts[copy], self.accounts[original])
        return readings

    @cached_property
    def _handed(self) -> Path:
        """What lists that come back are held against, written for the workers."""
        file = self.writer.workshop / "handed.json"
        handed.known(self.stored).write(file)
        return file

    def _copies(self) -> dict[int, int]:
        """Files of this drop with the content of another one before it -> that other one."""
        first: dict[tuple[object, ...], int] = {}
        copies = {}
        for index in self.tasks:
            original = first.setdefault(_fingerprint(self.accounts[index]), index)
            if original != index and self.accounts[index].sha256:
                copies[index] = original
        return copies

    def _enter(self, entry: FileAccount, reading: FileReading) -> None:
        entry.rows_read, entry.reason, entry.values = reading.rows_read, reading.reason, reading.values
        entry.other_sheets, entry.unknown_columns = reading.other_sheets, reading.unknown_columns
        notes = self.tasks[reading.index].notes
        if notes.exists() and not entry.reason:
            table = pq.read_table(notes)
            for refused in (True, False):
                rows = table.filter(pa.compute.equal(table["is_refused"], refused))
                self._notes.add(reading.index, entry, rows, refused=refused)

    def _enter_copy(self, entry: FileAccount, original: FileAccount) -> None:
        entry.rows_read = entry.duplicates = original.rows_read
        entry.reason, entry.values = original.reason, original.values

    def _take_tables(self, con: duckdb.DuckDBPyConnection, readings: dict[int, FileReading]) -> None:
        parts: dict[str, list[Path]] = defaultdict(list)
        for index in sorted(readings):
            if readings[index].has_part:
                parts[self.tasks[index].table].append(self.tasks[index].part)
        lost = {index: reading.digits_lost for index, reading in readings.items()}
        resolve.gather(con, parts, self.stored, lost)
        identities.start(con, self.stored["identity"])
        if "reviews" in parts:
            candidates.judge(con, candidates.pairs(self.stored, Pseudonyms(self.key)))
        for source in SOURCES:
            if source.table in parts:
                self._take_table(con, source)

    def _take_table(self, con: duckdb.DuckDBPyConnection, source: Source) -> None:
        resolve.prepare(con, source, self.received_on)
        self._refuse_late(con, source)
        refusals.accepted(con, source)
        self._count_undated(con, source)
        identities.collect(con, source, self.number)
        settle.settle(con, source, self.stored[source.table], self.received_on, self.number)
        for index, count in con.execute("SELECT _file, count(*) FROM duplicates GROUP BY _file").fetchall():
            self.accounts[index].duplicates += count
        for index, count in con.execute("SELECT _file, count(*) FROM settled GROUP BY _file").fetchall():
            self.accounts[index].accepted += count
        rows = con.sql("SELECT * EXCLUDE (_file) FROM settled ORDER BY drop_line")
        if con.execute("SELECT count(*) FROM settled").fetchall()[0][0]:
            batches = rows.to_arrow_reader(door.ROWS_IN_A_GROUP)
            door.write(source.table, batches, self.writer.place(f"tables/{source.table}/{self.name}.parquet"))
        if source.table == "reviews":
            self._matched = candidates.matched(con)
        details = identities.details(con, source)
        if details is not None:
            _write(details, self.writer.place(f"identity/details/{source.table}/{self.name}.parquet"))

    def _refuse_late(self, con: duckdb.DuckDBPyConnection, source: Source) -> None:
        """Rows refused only when the whole drop was there: in the account and the rejects like the others."""
        rows = con.sql(
            "SELECT _file, _sheet AS sheet, _row AS row, _refused AS reason, _sheet_at AS sheet_at, "
            "_answers AS answers FROM fresh "
            "WHERE _refused IS NOT NULL ORDER BY drop_line"
        ).to_arrow_table()
        for index in sorted(set(rows["_file"].to_pylist())):
            of_file = rows.filter(pa.compute.equal(rows["_file"], index))
            reasons = of_file["reason"].to_pylist()
            headers = [_header(source, reason) for reason in reasons]
            table = of_file.append_column("column", pa.array(headers, pa.string()))
            self._notes.add(
                index,
                self.accounts[index],
                table.append_column("value_class", pa.array(["digits"] * len(reasons), pa.string())),
                refused=True,
            )

    def _count_undated(self, con: duckdb.DuckDBPyConnection, source: Source) -> None:
        """Where a date that says since when something is known is missing, the day of arrival serves: counted here."""
        conditions = {source.column(source.known).header: "_undated"} if _is_column(source, source.known) else {}
        dates = {day for name, day in shape.hidden(source).items() if day != name}
        for day in sorted(dates):
            said = [name for name, with_day in shape.hidden(source).items() if with_day == day and name != day]
            there = " OR ".join(f'"{name}" IS NOT NULL' for name in said)
            conditions[source.column(day).header] = f'"{day}" IS NULL AND ({there})'
        for header, condition in conditions.items():
            counted = f"SELECT _file, count(*) FROM fresh WHERE _refused IS NULL AND {condition} GROUP BY _file"
            for index, count in con.execute(counted).fetchall():
                self.accounts[index].warnings[f"{header}:date_missing"] = count

    def _write_restricted(self, con: duckdb.DuckDBPyConnection) -> None:
        if con.execute("SELECT count(*) FROM identity").fetchall()[0][0]:
            rows = con.sql(f"SELECT {', '.join(shape.IDENTITY.names)} FROM identity ORDER BY source, drop_line")
            _write(rows, self.writer.place(f"identity/{self.name}.parquet"), shape.IDENTITY)
        con.register("matched", self._matched)
        links = con.sql(
            """
            SELECT alias, pupil, why, CAST($day AS DATE) AS known_on, CAST($drop AS INTEGER) AS drop_number FROM (
                SELECT alias, pupil, 'registry' AS why FROM links
                WHERE is_new AND alias NOT IN (SELECT alias FROM matched)
                UNION ALL SELECT alias, pupil, 'review' FROM matched
            ) ORDER BY alias
            """,
            params={"day": self.received_on, "drop": self.number},
        ).to_arrow_table()
        if links.num_rows:
            pq.write_table(links.cast(shape.LINKS), self.writer.place(f"tables/links/{self.name}.parquet"))

    def _write_refusals(self, con: duckdb.DuckDBPyConnection, workers: int) -> int:
        """Lay aside the refused rows, their numbers apart from what they say; how many earlier ones are answered."""
        refused = self._notes.refused()
        parts = self.writer.workshop / "quoted"
        said = quoting.quoted(refused, self.tasks, self._stamps, parts, self.key, workers)
        enrolments = [*self.stored["enrolments"], *self.writer.laid_aside("tables/enrolments")]
        rows = refusals.located(con, refused, said, enrolments)
        answered = refusals.answers(con, self.name)
        if rows.num_rows:
            numbered = rows.select(shape.REFUSALS.names).cast(shape.REFUSALS)
            pq.write_table(numbered, self.writer.place(f"rejects/{self.name}.parquet"))
            back = refusals.going_back(rows, {index: task.snapshot_on for index, task in self.tasks.items()})
            pq.write_table(back, self.writer.place(f"identity/refused/{self.name}.parquet"))
        if answered.num_rows:
            pq.write_table(answered, self.writer.place(f"answers/{self.name}.parquet"))
        return answered.num_rows


def _entry(file: Found) -> FileAccount:
    return FileAccount(
        file.name,
        file.source.table if file.source else None,
        reason=file.unread,
        snapshot_on=file.snapshot_on.isoformat() if file.snapshot_on else None,
    )


def _fingerprint(entry: FileAccount) -> tuple[object, ...]:
    return (entry.source, entry.snapshot_on, entry.sha256)


def _header(source: Source, reason: str) -> str:
    if reason == "digits_lost":
        return source.column(source.person[0]).header
    if source.table == "reviews":
        return source.column(source.key[0]).header
    return next(column.header for column in source.columns if column.kind == "grade")


def _is_column(source: Source, name: str) -> bool:
    return any(column.name == name for column in source.columns)


def _write(rows: duckdb.DuckDBPyRelation, file: Path, schema: pa.Schema | None = None) -> None:
    table = rows.to_arrow_table()
    pq.write_table(table.cast(schema) if schema else table, file, compression="zstd")
