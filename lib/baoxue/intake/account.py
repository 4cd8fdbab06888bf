"""The account of a drop: what became of every row of every file, for the county to read and for the store to keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from baoxue import words

UNREQUIRED = frozenset({"nowhere", "ending"})
"""Reasons for which a file is left alone without the drop having failed: it is no file of any source."""


@dataclass
class FileAccount:
    """A file of a drop: rows read = accepted + rejected + duplicates, and what else there is to say of it.

    `reason` is why nothing of it was read (an entry `file_...` of the catalogue, filled from `values`). `rejects` count
    the refused rows, `warnings` the cells emptied and dates missing in rows taken in, by `column:reason`.
    """

    file: str
    source: str | None
    rows_read: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0
    reason: str = ""
    values: dict[str, str] = field(default_factory=dict)
    snapshot_on: str | None = None
    sha256: str = ""
    other_sheets: list[str] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    warnings: dict[str, int] = field(default_factory=dict)
    rejects: dict[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether a file of a source could not be read."""
        return bool(self.reason) and self.reason not in UNREQUIRED

    def why(self, lang: str = "zh") -> str:
        """Why nothing of it was read, in words; empty if it was."""
        return words.say(f"intake.file_{self.reason}", lang, **self.values) if self.reason else ""


@dataclass
class Account:
    """The account of one drop."""

    drop: str
    arrived_on: dt.date
    files: list[FileAccount]
    answered: int = 0
    """Rows refused in earlier drops that this one answers: corrected, withdrawn, or refused anew."""

    @property
    def failed(self) -> bool:
        """Whether any file of a source could not be read, though everything else was taken in."""
        return any(file.failed for file in self.files)

    def total(self, name: str) -> int:
        """The sum over all files of `rows_read`, `accepted`, `rejected` or `duplicates`."""
        return sum(getattr(file, name) for file in self.files)

    def as_dict(self) -> dict[str, object]:
        """As it stands in `intake.json`; what is empty is left out of a file's entry."""
        always = {"file", "source", "rows_read", "accepted", "rejected", "duplicates"}
        files = [{k: v for k, v in vars(f).items() if k in always or v} for f in self.files]
        answered = {"answered": self.answered} if self.answered else {}
        return {"drop": self.drop, "arrived_on": self.arrived_on.isoformat(), **answered, "files": files}

    @classmethod
    def from_dict(cls, entry: dict) -> Account:
        """The account that `as_dict` wrote."""
        files = [FileAccount(**file) for file in entry["files"]]
        return cls(entry["drop"], dt.date.fromisoformat(entry["arrived_on"]), files, entry.get("answered", 0))

    def text(self, lang: str = "zh") -> str:
        """The account as a table of text, a line a file, then what a clerk should know about some of them."""
        heads = [words.say(f"intake.{name}", lang) for name in (*_COUNTS, "file")]
        lines = [[*map(_number, _counts(file)), _place(file)] for file in self.files]
        total = [*(_number(self.total(name)) for name in _COUNTS), words.say("intake.total", lang)]
        table = _table([heads, *lines, total])
        answered = [words.say("intake.answered", lang, count=_number(self.answered))] if self.answered else []
        return "\n".join([*table, *answered, *_remarks(self.files, lang)])


_COUNTS = ("rows_read", "accepted", "rejected", "duplicates")


def _counts(file: FileAccount) -> list[int]:
    return [getattr(file, name) for name in _COUNTS]


def _place(file: FileAccount) -> str:
    return f"{file.file} !" if file.failed else file.file


def _number(count: int) -> str:
    return f"{count:,}"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(_width(row[i]) for row in rows) for i in range(len(_COUNTS))]
    padded = [[" " * (w - _width(cell)) + cell for cell, w in zip(row, widths, strict=False)] for row in rows]
    return ["  ".join([*cells, row[-1]]) for cells, row in zip(padded, rows, strict=True)]


def _width(text: str) -> int:
    """Columns on a screen: a Chinese character takes two."""
    return sum(2 if letter >= "\u1100" else 1 for letter in text)


def _remarks(files: Sequence[FileAccount], lang: str) -> list[str]:
    remarks: list[str] = []
    for file in files:
        said = [file.why(lang)] if file.reason else []
        said += [_tally("refused", file.rejects, lang)] if file.rejects else []
        said += [_tally("emptied", file.warnings, lang)] if file.warnings else []
        if file.unknown_columns:
            said.append(words.say("intake.unknown_columns", lang, columns=_listed(file.unknown_columns)))
        if file.other_sheets:
            said.append(words.say("intake.other_sheets", lang, sheets=_listed(file.other_sheets)))
        remarks += [f"{file.file}: {line}" for line in said]
    return ["", *remarks] if remarks else []


def _tally(key: str, counts: dict[str, int], lang: str) -> str:
    def shown(entry: str) -> str:
        column, _, reason = entry.rpartition(":")
        return f"{column} {words.say(f'intake.reason_{reason}', lang)}".strip()

    return words.say(f"intake.{key}", lang, tally="; ".join(f"{shown(e)} × {_number(n)}" for e, n in counts.items()))


def _listed(names: Sequence[str], most: int = 12) -> str:
    more = f" … (+{len(names) - most})" if len(names) > most else ""
    return "、".join(names[:most]) + more
