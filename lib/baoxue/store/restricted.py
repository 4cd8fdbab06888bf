"""The restricted tables: who the pupils are. Each opening is logged, or does not happen."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd

from baoxue.intake import shape

LOG = "openings.jsonl"


class StoreError(RuntimeError):
    """A store that cannot be read, in words a clerk can act on."""


def latest(files: Sequence[Path], links: Sequence[Path], pupils: Sequence[str] | None) -> pd.DataFrame:
    """A row a pupil, of every column of `shape.IDENTITY` the value known last, two pseudonyms of a child put together.

    Ordered by pupil; `pupils` asks for some of them.
    """
    if not files:
        return shape.IDENTITY.empty_table().to_pandas()
    said = [name for name in shape.IDENTITY.names if name not in {"pupil", "known_on"}]
    last = ", ".join(f"arg_max({name}, (known_on, drop_number, drop_line)) AS {name}" for name in said)
    linked = "SELECT alias, arg_max(pupil, drop_number) AS child FROM read_parquet($links) GROUP BY alias"
    query = f"""
        WITH linked AS ({linked if links else "SELECT '' AS alias, '' AS child WHERE false"})
        SELECT pupil, {last}, max(known_on) AS known_on FROM (
            SELECT i.* REPLACE (coalesce(child, pupil) AS pupil)
            FROM read_parquet($files, union_by_name = true) AS i LEFT JOIN linked ON alias = pupil
        ) {"WHERE pupil IN (SELECT unnest($pupils))" if pupils is not None else ""}
        GROUP BY pupil ORDER BY pupil"""
    given: dict[str, object] = {"files": [str(file) for file in files]}
    given |= {"links": [str(file) for file in links]} if links else {}
    given |= {"pupils": list(pupils)} if pupils is not None else {}
    with duckdb.connect() as con:
        return con.execute(query, given).df()


def log_opening(folder: Path, *, reader: str, why: str, what: str, how_many: int) -> None:
    """Write down who opened what, why, when and for how many. Raises StoreError where that is impossible."""
    when = dt.datetime.now().isoformat(timespec="seconds")
    entry = {"when": when, "who": reader, "why": why, "what": what, "how_many": how_many}
    log = folder / LOG
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    except OSError as error:
        raise StoreError(f"{log}: the opening cannot be logged ({error.strerror}); identities stay closed") from error
