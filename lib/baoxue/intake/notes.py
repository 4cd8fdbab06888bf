"""What was noted of single rows and cells, in the order of the files: rows refused, cells emptied."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq

from baoxue.intake import returned, shape
from baoxue.intake.account import FileAccount
from baoxue.intake.journal import Writer

_NOTED = pa.schema(
    [*shape.REJECTS, pa.field("_file", pa.int32()), pa.field("sheet_at", pa.int32()), pa.field("answers", pa.string()),
     pa.field("source", pa.string())]
)  # fmt: skip


class Notes:
    """The refused rows and emptied cells of a drop, and their sums in the account."""

    def __init__(self, drop: str) -> None:
        self._drop = drop
        self._tables: dict[bool, dict[int, list[pa.Table]]] = {True: {}, False: {}}

    def add(self, index: int, entry: FileAccount, rows: pa.Table, *, refused: bool) -> None:
        """Note rows of the file of that number: `sheet, row, column, value_class, reason, sheet_at, answers`."""
        if not rows.num_rows:
            return
        tally = Counter(zip(rows["column"].to_pylist(), rows["reason"].to_pylist(), strict=True))
        counts = entry.rejects if refused else entry.warnings
        for (column, reason), count in sorted(tally.items(), key=lambda item: (-item[1], item[0])):
            counts[f"{column}:{reason}"] = counts.get(f"{column}:{reason}", 0) + count
        entry.rejected += rows.num_rows if refused else 0
        constant = {"drop": self._drop, "file": entry.file, "_file": index, "source": entry.source}
        columns = {name: pa.array([value] * rows.num_rows) for name, value in constant.items()}
        columns |= {name: rows[name] for name in rows.column_names if name not in columns}
        self._tables[refused].setdefault(index, []).append(pa.table(columns).select(_NOTED.names).cast(_NOTED))

    def refused(self) -> pa.Table:
        """Every refused row in the order of the files: the columns of the rejects, its place, and its `number`."""
        rows = self._all(refused=True)
        numbers = [returned.number(self._drop, place) for place in range(1, rows.num_rows + 1)]
        return rows.append_column("number", pa.array(numbers, pa.string()))

    def write_warnings(self, writer: Writer) -> None:
        """Lay the emptied cells aside for the commit."""
        rows = self._all(refused=False)
        if rows.num_rows:
            pq.write_table(rows.select(shape.REJECTS.names), writer.place(f"warnings/{self._drop}.parquet"))

    def _all(self, *, refused: bool) -> pa.Table:
        by_file = self._tables[refused]
        return pa.concat_tables([_NOTED.empty_table(), *(t for index in sorted(by_file) for t in by_file[index])])
