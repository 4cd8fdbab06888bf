"""The store's door: nothing goes in that does not fit the contract, and what does not is never shown.

pandera is imported where it is used: whoever only reads a store need not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from baoxue import codes
from baoxue.contracts import SOURCE_OF, Column
from baoxue.intake import shape
from baoxue.intake.numbers import IDENTIFIER

if TYPE_CHECKING:
    import pandera.pandas as pandera

ROWS_IN_A_GROUP = 122_880


class DoorError(ValueError):
    """Rows that do not fit the contract: which table, which column, which rule, how many; never what they say."""


def write(table: str, batches: Iterable[pa.RecordBatch], file: Path, *, is_whole: bool = True) -> int:
    """Write the rows of a table to a Parquet file, each batch checked first; the number of rows.

    `is_whole` demands the columns that the contract requires. Raises DoorError.
    """
    target, rows = shape.stored(SOURCE_OF[table]), 0
    with pq.ParquetWriter(file, target, compression="zstd") as writer:
        for batch in batches:
            checked = pa.Table.from_batches([batch]).select(target.names).cast(target)
            check(table, checked, is_whole=is_whole)
            writer.write_table(checked, row_group_size=ROWS_IN_A_GROUP)
            rows += checked.num_rows
    return rows


def check(table: str, rows: pa.Table, *, is_whole: bool = True) -> None:
    """Check rows of a table against the contract. Raises DoorError, which holds no value."""
    import pandera.pandas as pandera

    frame = rows.to_pandas(types_mapper=_text_as_arrow)
    try:
        schema(table, is_whole).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        broken = errors.failure_cases.groupby(["column", "check"], dropna=False).size()
        said = "; ".join(f"{column}: {rule} ({count} rows)" for (column, rule), count in broken.items())
        raise DoorError(f"table {table}: {said}") from None


@cache
def schema(table: str, is_whole: bool = True) -> pandera.DataFrameSchema:
    """The contract of a stored table: codes from their lists, grades 1-9, no identifiers in any text."""
    import pandera.pandas as pandera

    source = SOURCE_OF[table]
    by_name = {column.name: column for column in source.columns}
    columns = {}
    for field in shape.stored(source):
        column = by_name.get(field.name)
        is_needed = field.name == "known_on" or (is_whole and column is not None and column.required)
        columns[field.name] = pandera.Column(checks=_checks(field, column), nullable=not is_needed)
    return pandera.DataFrameSchema(columns, strict=True, name=table)


def _checks(field: pa.Field, column: Column | None) -> list[pandera.Check]:
    import pandera.pandas as pandera

    if column is not None and (column.coded or column.kind == "change"):
        return [pandera.Check.isin([member.value for member in column.coded or codes.Change], name="code of its list")]
    if column is not None and column.kind == "grade":
        return [pandera.Check.in_range(1, 9, name="grade 1-9")]
    if pa.types.is_string(field.type):
        return [pandera.Check(_holds_no_identifier, name="no identifier in a text")]
    return []


def _holds_no_identifier(values: pd.Series) -> bool:
    return not any(IDENTIFIER.search(value) for value in values.dropna().unique())


def _text_as_arrow(kind: pa.DataType) -> object:
    return pd.StringDtype("pyarrow") if pa.types.is_string(kind) else None
