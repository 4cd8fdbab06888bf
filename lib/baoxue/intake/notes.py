"""What was noted of single rows and cells, in the order of the files: rows refused, cells emptied."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq

from baoxue.intake import shape
from baoxue.intake.account import FileAccount
from baoxue.intake.journal import Writer


class Notes:
    """The refused rows (`rejects`) and emptied cells (`warnings`) of a drop, and their sums in the account."""

    def __init__(self, drop: str) -> None:
        self._drop = drop
        self._tables: dict[str, dict[int, list[pa.Table]]] = {"rejects": {}, "warnings": {}}

    def add(self, index: int, entry: FileAccount, rows: pa.Table, *, refused: bool) -> None:
        """Note rows of the file of that number: columns `sheet, row, column, value_class, reason`."""
        if not rows.num_rows:
            return
        tally = Counter(zip(rows["column"].to_pylist(), rows["reason"].to_pylist(), strict=True))
        counts = entry.rejects if refused else entry.warnings
        for (column, reason), count in sorted(tally.items(), key=lambda item: (-item[1], item[0])):
            counts[f"{column}:{reason}"] = counts.get(f"{column}:{reason}", 0) + count
        entry.rejected += rows.num_rows if refused else 0
        constant = {"drop": self._drop, "file": entry.file}
        columns = {n: pa.array([v] * rows.num_rows, pa.string()) for n, v in constant.items()}
        columns |= {name: rows[name] for name in ("sheet", "row", "column", "value_class", "reason")}
        of_kind = self._tables["rejects" if refused else "warnings"]
        of_kind.setdefault(index, []).append(pa.table(columns).cast(shape.REJECTS))

    def write(self, writer: Writer) -> None:
        """Lay both tables aside for the commit."""
        for folder, by_file in self._tables.items():
            tables = [table for index in sorted(by_file) for table in by_file[index]]
            if tables:
                pq.write_table(pa.concat_tables(tables), writer.place(f"{folder}/{self._drop}.parquet"))
