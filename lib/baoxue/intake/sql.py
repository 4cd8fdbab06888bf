"""The store's files as tables of a DuckDB connection, also where there are none yet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from baoxue.contracts import SOURCE_OF
from baoxue.intake import shape

_OTHERS = {
    "identity": shape.IDENTITY, "links": shape.LINKS, "rejects": shape.REFUSALS, "answers": shape.ANSWERS,
}  # fmt: skip


def rows_of(con: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path]) -> None:
    """Make the view `name` of the rows of these files of a table; an empty one if there are no files."""
    if files:
        con.read_parquet([str(file) for file in files], union_by_name=True).create_view(name)
        return
    schema: pa.Schema = _OTHERS[name] if name in _OTHERS else shape.stored(SOURCE_OF[name])
    con.register(name, schema.empty_table())
