"""What the refused rows of a drop say, read from their files once more by the workers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from baoxue.intake import places, pool
from baoxue.intake.excerpts import EXCERPT
from baoxue.intake.reading import Task

QUOTED = EXCERPT.append(pa.field("_file", pa.int32()))


def quoted(
    refused: pa.Table, tasks: Mapping[int, Task], stamps: Mapping[int, tuple[int, int]], parts: Path, key: bytes,
    workers: int,
) -> pa.Table:  # fmt: skip
    """An excerpt (`EXCERPT` and `_file`) of each refused row (`_file, sheet_at, row`), read by `tasks` of their files.

    Of a file that has changed since it was read (`stamps`), or cannot be opened any more, there is none. A second
    reading, because which rows a drop refuses is known only when all of it has been read.
    """
    wanted: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in refused.select(["_file", "sheet_at", "row"]).to_pylist():
        wanted[row["_file"]].append((row["sheet_at"], row["row"]))
    parts.mkdir()
    asked = {index: replace(tasks[index], parts=str(parts), wanted=rows) for index, rows in sorted(wanted.items())}
    found = [QUOTED.empty_table()]
    for reading in pool.read_all(list(asked.values()), key, workers):
        task = asked[reading.index]
        if reading.has_part and places.stamp(Path(task.path)) == stamps[task.index]:
            table = pq.read_table(task.part)
            found.append(table.append_column("_file", pa.array([task.index] * table.num_rows, pa.int32())))
    return pa.concat_tables(found)
