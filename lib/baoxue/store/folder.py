"""A store: a folder of Parquet tables, the identities apart, and the account of every drop."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from baoxue.contracts import IDENTITY_COLUMNS, REJECT_COLUMNS, SOURCE_OF, Source
from baoxue.intake import door, shape
from baoxue.intake.account import Account
from baoxue.intake.journal import ACCOUNT, COMMITTED, Writer, roll_forward
from baoxue.store import notes, restricted
from baoxue.store.known import LINKS, Known
from baoxue.store.restricted import StoreError


class Store:
    """A folder of Parquet tables, the identities apart, and the account of every drop."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        roll_forward(self.path)

    def known_by(self, as_of: dt.date | str, engine: ibis.BaseBackend | None = None) -> Known:
        """What was known on that day (inclusive). The only way to read.

        `engine` is an ibis backend other than DuckDB in process. Raises StoreError if there is no store yet.
        """
        drops = self.account()
        if not drops:
            raise StoreError(f"{self.path}: no store here; make one with `baoxue intake DROP --store {self.path}`")
        day = dt.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
        return Known(partial(self.files, drops=len(drops)), day, engine)

    def files(self, table: str, drops: int | None = None) -> list[Path]:
        """The files of a table in the order they came in, of the first `drops` drops (all that are accounted for)."""
        return self._files(f"tables/{table}", len(self.account()) if drops is None else drops)

    def everything(self) -> dict[str, list[Path]]:
        """The files of every table by its name, `links`, `identity`, `rejects`, `answered_refusals` among them."""
        drops = len(self.account())
        files = {table: self.files(table, drops) for table in (*SOURCE_OF, LINKS)}
        apart = {"identity": "identity", "rejects": "rejects", "answered_refusals": "answers"}
        return files | {name: self._files(folder, drops) for name, folder in apart.items()}

    def notes_files(self, name: str) -> list[Path]:
        """The files of what was noted of rows (`rejects`, `answers`), in the order they came in."""
        return self._files(name, len(self.account()))

    def account(self) -> list[dict]:
        """The drops read so far, as in `intake.json`."""
        for file in (self.path / COMMITTED / ACCOUNT, self.path / ACCOUNT):
            try:
                return json.loads(file.read_text(encoding="utf-8"))
            except (FileNotFoundError, NotADirectoryError):
                continue
        return []

    def rejects(self) -> pd.DataFrame:
        """Every refused row: where it stands and why; never what it says. Columns as in the contract."""
        return self._notes("rejects")

    def refusals(self) -> pd.DataFrame:
        """Every refused row with its `number`, `source`, `school_code` (empty: the bureau's) and `state`.

        The other columns are those of the rejects. A state is `open`, `accepted` or `withdrawn` (answered), or
        `replaced` (it came again and was refused anew, under a number of its own). Ordered as they came in.
        """
        return notes.refusals(self.notes_files("rejects"), self.notes_files("answers"))

    def refused_rows(self, *, reader: str, why: str) -> pd.DataFrame:
        """The open refusals as the schools wrote them, in the columns of `shape.QUOTED`; the opening is logged."""
        rows = self.refusals()
        still_open = rows.loc[rows["state"] == "open", "number"]
        quoted = notes.quoted(self._files("identity/refused", len(self.account())), still_open)
        restricted.log_opening(self.path / "identity", reader=reader, why=why, what="refused", how_many=len(quoted))
        return quoted

    def warnings(self) -> pd.DataFrame:
        """Every cell that was emptied in a row that was taken in, in the columns of the rejects."""
        return self._notes("warnings")

    def fingerprint(self) -> str:
        """SHA-256 over the names and contents of all table files: two stores with the same one hold the same rows."""
        digest = hashlib.sha256()
        for table in (*SOURCE_OF, LINKS):
            for file in self.files(table):
                with file.open("rb") as content:
                    said = hashlib.file_digest(content, "sha256").hexdigest()
                digest.update(f"{table}/{file.name}:{said}\n".encode())
        return digest.hexdigest()

    def identity(
        self,
        *,
        reader: str,
        why: str,
        pupils: Iterable[str] | None = None,
        columns: Sequence[str] = IDENTITY_COLUMNS,
    ) -> pd.DataFrame:
        """Who the pupils are (all, or those asked for), a row each: of every column the value known last.

        `columns` may ask for more than the contract's (`shape.IDENTITY`: the second guardian, a telephone of each).
        The opening is logged with `reader`, `why` and the number of pupils; where it cannot be, StoreError is raised.
        """
        drops = len(self.account())
        asked = None if pupils is None else sorted(set(pupils))
        rows = restricted.latest(self._files("identity", drops), self.files(LINKS, drops), asked)
        restricted.log_opening(self.path / "identity", reader=reader, why=why, what="identity", how_many=len(rows))
        return rows[list(columns)]

    def details(self, table: str, *, reader: str, why: str) -> pd.DataFrame:
        """Names and notes that stand in a table but are not the child's own (visitor, reviewer), with the row's key.

        The opening is logged as that of the identities. Empty if the table has none.
        """
        source = SOURCE_OF[table]
        files = self._files(f"identity/details/{table}", len(self.account()))
        columns = [*source.key, *shape.details(source), "known_on"]
        rows = pd.concat([pd.read_parquet(file) for file in files]) if files else pd.DataFrame(columns=columns)
        restricted.log_opening(self.path / "identity", reader=reader, why=why, what=table, how_many=len(rows))
        return rows.reset_index(drop=True)

    def append(
        self,
        tables: Mapping[str, pa.Table],
        *,
        received_on: dt.date,
        identity: pa.Table | None = None,
    ) -> None:
        """Add rows as they are: each table has the columns of `shape.content`, `known_on` among them.

        Nothing is told apart here: a row whose key is there already counts as its correction. Raises DoorError for rows
        that do not fit the contract, IntakeError if the store cannot be written.
        """
        with Writer(self.path) as writer:
            number = len(self.account()) + 1
            for name, rows in tables.items():
                traced = self._traced(SOURCE_OF[name], rows, received_on, number)
                file = writer.place(f"tables/{name}/{number:06d}.parquet")
                door.write(name, traced.to_batches(), file, is_whole=False)
            if identity is not None:
                pq.write_table(_as_identity(identity, number), writer.place(f"identity/{number:06d}.parquet"))
            writer.commit([*self.account(), Account(f"{number:06d}", received_on, []).as_dict()])

    def link(self, pairs: Mapping[str, str], *, known_on: dt.date, why: str) -> None:
        """Say that a pseudonym is another child's (`alias -> pupil`), as a human has confirmed, known from that day on.

        An alias may be a candidate of the rosters (`candidate`). Raises IntakeError if the store cannot be written.
        """
        with Writer(self.path) as writer:
            number = len(self.account()) + 1
            told = {"why": why, "known_on": known_on, "drop_number": number}
            rows = [{"alias": a, "pupil": p} | told for a, p in sorted(pairs.items())]
            file = writer.place(f"tables/{LINKS}/{number:06d}.parquet")
            pq.write_table(pa.Table.from_pylist(rows, shape.LINKS), file)
            writer.commit([*self.account(), Account(f"{number:06d}", known_on, []).as_dict()])

    def _files(self, folder: str, drops: int) -> list[Path]:
        """Files of a folder, also those committed and not yet moved; what no account knows of is not there."""
        places = (self.path / COMMITTED / folder, self.path / folder)
        found = {file.name: file for place in places for file in place.glob("*.parquet")}
        return [found[name] for name in sorted(found) if int(name.split(".")[0]) <= drops]

    def _notes(self, folder: str) -> pd.DataFrame:
        tables = [pq.read_table(file, columns=list(REJECT_COLUMNS)) for file in self.notes_files(folder)]
        return pa.concat_tables([shape.REJECTS.empty_table(), *tables]).to_pandas()

    def _traced(self, source: Source, rows: pa.Table, received_on: dt.date, number: int) -> pa.Table:
        there = [pq.read_table(file, columns=list(source.key)) for file in self.files(source.table)]
        keys = pa.concat_tables([*there, rows.select(list(source.key))]).to_pandas()
        seen = keys.duplicated().to_numpy()[len(keys) - rows.num_rows :]
        trace = {
            "received_on": pa.array([received_on] * rows.num_rows, pa.date32()),
            "drop_number": pa.array([number] * rows.num_rows, pa.int32()),
            "drop_line": pa.array(range(rows.num_rows), pa.int64()),
            "identity_digest": pa.nulls(rows.num_rows, pa.int64()),
            "is_correction": pa.array(seen, pa.bool_()),
        }
        for name, values in trace.items():
            rows = rows.append_column(name, values)
        return rows.select(shape.stored(source).names).cast(shape.stored(source)).combine_chunks()


def _as_identity(rows: pa.Table, number: int) -> pa.Table:
    given = {name: rows[name] for name in rows.column_names}
    given |= {"drop_number": pa.array([number] * rows.num_rows), "drop_line": pa.array(range(rows.num_rows))}
    nothing = {field.name: pa.nulls(rows.num_rows, field.type) for field in shape.IDENTITY if field.name not in given}
    return pa.table(given | nothing).select(shape.IDENTITY.names).cast(shape.IDENTITY)
