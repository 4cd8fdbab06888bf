"""What was known on a day: the tables of a store as of a date, as expressions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from baoxue.contracts import SOURCE_OF, Source
from baoxue.intake import shape
from baoxue.store import engine

LINKS = "links"
"""The table that says which two pseudonyms are one child; not one of the contract's."""

Files = Callable[[str], list[Path]]
"""The files of a table, in the order they came in."""


class Known:
    """What was known on a day: every table of the contract, as if nothing later had been written.

    `known.absences` and `known.table("absences")` are ibis tables on one connection, so they can be joined. A row is
    there if it was known by then, and of the rows of a key the one known last; columns with a later date of their own
    are empty. Rows about nobody (`pupil` empty) all remain.
    """

    def __init__(self, files: Files, as_of: dt.date, other: ibis.BaseBackend | None = None) -> None:
        self.as_of = as_of
        self._files = files
        self._engine = other
        self._tables: dict[str, ibis.Table] = {}

    @cached_property
    def connection(self) -> ibis.BaseBackend:
        """The one connection of all tables of this day, DuckDB in process if no other engine was given."""
        return self._engine if self._engine is not None else engine.connect()

    @cached_property
    def state(self) -> str:
        """The day and every file of the store by place, size and time of writing: where equal, so are the rows."""
        files = [file for table in (*SOURCE_OF, LINKS) for file in self._files(table)]
        return f"{self.as_of} {[(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]}"

    def table(self, name: str) -> ibis.Table:
        """A table of the contract as known by then. Raises KeyError for a table that the contract does not have."""
        if name not in SOURCE_OF:
            raise KeyError(f"no table {name!r}; there are {', '.join(SOURCE_OF)}")
        if name not in self._tables:
            # on a connection of its own a table is called alike on all days, so that questions to it are
            view = name if self._engine is None else f"{name}_by_{self.as_of:%Y%m%d}"
            self._tables[name] = self.connection.create_view(view, self._as_known(SOURCE_OF[name]), overwrite=True)
        return self._tables[name]

    def __getattr__(self, name: str) -> ibis.Table:
        if name not in SOURCE_OF:
            raise AttributeError(f"{type(self).__name__} has no table or attribute {name!r}")
        return self.table(name)

    def _as_known(self, source: Source) -> ibis.Table:
        files = self._files(source.table)
        rows = self._read(source.table, files, shape.stored(source))
        rows = rows.filter(rows.known_on <= ibis.literal(self.as_of))
        rows, is_linked = self._linked(rows, source)
        if is_linked or any(_has_corrections(file) for file in files):
            rows = _last_per_key(rows, source)
        return rows.select(**{name: _visible(rows, name, source, self.as_of) for name in shape.content(source)})

    def _read(self, name: str, files: Sequence[Path], schema: pa.Schema) -> ibis.Table:
        if not files:
            return self.connection.create_table(f"_{name}", schema=ibis.Schema.from_pyarrow(schema), temp=True)
        return self.connection.read_parquet([str(file) for file in files], table_name=f"_{name}")

    def known_by(self, as_of: dt.date | str) -> Known:
        """What was known on an earlier day, or on this. Raises ValueError for a later one."""
        day = dt.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
        if day > self.as_of:
            raise ValueError(f"what was known on {day} cannot be told from what was known on {self.as_of}")
        return Known(self._files, day, self._engine)

    @cached_property
    def _links(self) -> ibis.Table | None:
        files = self._files(LINKS)
        if not files:
            return None
        links = self._read(LINKS, files, shape.LINKS)
        links = links.filter(links.known_on <= ibis.literal(self.as_of))
        latest = links.group_by("alias").agg(linked_pupil=links.pupil.argmax(links.drop_number))
        latest = latest.filter(latest["linked_pupil"] != latest["alias"])
        linked = self.connection.create_table("_linked_pupils", latest, temp=True)
        return linked if linked.count().execute() else None

    def _linked(self, rows: ibis.Table, source: Source) -> tuple[ibis.Table, bool]:
        """Rows under a pseudonym that is known by then to be another child's, put under that child's."""
        if not source.person or self._links is None:
            return rows, False
        written = ibis.coalesce(rows.pupil, rows.candidate) if "candidate" in rows.columns else rows.pupil
        joined = rows.mutate(_written=written).left_join(self._links, ibis._["_written"] == self._links["alias"])
        if not joined.filter(joined.linked_pupil.notnull()).limit(1).count().execute():
            return rows, False
        return joined.mutate(pupil=ibis.coalesce(joined.linked_pupil, joined.pupil)), True


def _last_per_key(rows: ibis.Table, source: Source) -> ibis.Table:
    order = [rows.known_on.desc(), rows.drop_number.desc(), rows.drop_line.desc()]
    place = ibis.row_number().over(ibis.window(group_by=list(source.key), order_by=order))
    about_nobody = rows.pupil.isnull() if source.person else ibis.literal(False)
    placed = rows.mutate(_is_kept=(place == 0) | about_nobody)
    return placed.filter(placed["_is_kept"])


def _visible(rows: ibis.Table, name: str, source: Source, as_of: dt.date) -> ibis.Value:
    day = shape.hidden(source).get(name)
    if day is None:
        return rows[name]
    seen_on = rows[day] if day == name else ibis.coalesce(rows[day], rows.received_on)
    return ibis.ifelse(seen_on <= ibis.literal(as_of), rows[name], ibis.null(rows[name].type()))


def _has_corrections(file: Path) -> bool:
    """Whether a file has a row whose key was there before, by the file's statistics."""
    metadata = pq.read_metadata(file)
    column = metadata.schema.names.index("is_correction")
    groups = [metadata.row_group(i).column(column) for i in range(metadata.num_row_groups)]
    return any(group.statistics is None or not group.statistics.has_min_max or group.statistics.max for group in groups)
