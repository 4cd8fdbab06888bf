"""What became of the files handed in: rows by source, files to look at, rows refused by reason."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from baoxue.contracts import SOURCES
from baoxue.intake.account import Account, FileAccount
from baoxue.registers.rules import TOTAL
from baoxue.words import say

COUNTS = ("rows_read", "accepted", "rejected", "duplicates")


def rows_by_source(account: Sequence[dict]) -> pd.DataFrame:
    """`source, files, rows_read, accepted, rejected, duplicates` over all drops, total first, then in reading order.

    `account` is `Store.account()`. A file of no source is `none`. Always: read = accepted + rejected + duplicates.
    """
    rows = pd.DataFrame(
        [{"source": file.source or "none", "files": 1} | _counts(file) for file in _files(account)],
        columns=["source", "files", *COUNTS],
    )
    order = [source.table for source in SOURCES] + ["none"]
    sums = rows.groupby("source").sum()
    sums = sums.reindex([source for source in order if source in sums.index])
    return pd.concat([rows.drop(columns="source").sum().to_frame(TOTAL).T, sums]).rename_axis("source").reset_index()


def files_to_look_at(account: Sequence[dict], lang: str = "zh") -> pd.DataFrame:
    """`file, rows_read, accepted, rejected, note`: files with refused rows or not read at all, and why; by name."""
    files = sorted((file for file in _files(account) if file.rejected or file.reason), key=lambda file: file.file)
    rows = [{"file": file.file, **_counts(file), "note": file.why(lang) or _refused(file, lang)} for file in files]
    return pd.DataFrame(rows, columns=["file", "rows_read", "accepted", "rejected", "note"])


def refusals(rejects: pd.DataFrame) -> pd.DataFrame:
    """`reason, column, rows`: refused rows by reason and column, most first; `rejects` is `Store.rejects()`."""
    counted = rejects.groupby(["reason", "column"], dropna=False).size().rename("rows").reset_index()
    return counted.sort_values(["rows", "reason", "column"], ascending=[False, True, True], ignore_index=True)


def answered(refused: pd.DataFrame) -> pd.DataFrame:
    """`school_code, refused_rows, answered, open_rows`: refused rows of each school and what became of them.

    `refused` is `Store.refusals()`. A row that came again and was refused anew counts once. The total first, then by
    code, rows of no known school (the bureau's) last. Always: refused = answered + open.
    """
    rows = refused[refused["state"] != "replaced"]
    counts = rows.assign(is_open=rows["state"] == "open").groupby(rows["school_code"].fillna(""))["is_open"]
    table = pd.DataFrame({"refused_rows": counts.size(), "open_rows": counts.sum()})
    table = pd.concat([table.sum().to_frame(TOTAL).T, table[table.index != ""], table[table.index == ""]]).astype(int)
    table.insert(1, "answered", table["refused_rows"] - table["open_rows"])
    table = table.rename_axis("school_code").reset_index()
    return table.assign(school_code=table["school_code"].mask(table["school_code"] == ""))


def _files(account: Sequence[dict]) -> list[FileAccount]:
    return [file for drop in account for file in Account.from_dict(drop).files]


def _refused(file: FileAccount, lang: str) -> str:
    """What was wrong in the refused rows of a file: column, reason, number of rows."""
    parts = [(*entry.rpartition(":")[::2], rows) for entry, rows in file.rejects.items()]
    told = [
        say("registers.note_refused", lang, column=column, reason=say(f"intake.reason_{reason}", lang), rows=rows)
        for column, reason, rows in parts
    ]
    return say("registers.note_and", lang).join(told)


def _counts(file: FileAccount) -> dict[str, int]:
    return {name: int(getattr(file, name)) for name in COUNTS}
