"""What changed since the period before: the same run as of an earlier day, its tables compared number by number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from baoxue.disclosure import HIDDEN
from baoxue.disclosure.published import COUNTS_NOBODY
from baoxue.run.earlier import read_record

_NUMBER = re.compile(r"[-−+]?\d+(?:\.\d+)?%?")
_EMPTY = {"", HIDDEN, "—"}


@dataclass(frozen=True)
class Change:
    """A number that is another one now: the words of its row, its column, what it was and what it is."""

    row: str
    column: str
    before: str
    after: str

    @property
    def is_hidden(self) -> bool:
        """Whether one of the two is hidden or empty, so that no difference can be told."""
        return self.before in _EMPTY or self.after in _EMPTY

    @property
    def difference(self) -> float:
        """After less before; 0 where one of the two is hidden."""
        return 0.0 if self.is_hidden else value(self.after) - value(self.before)


@dataclass(frozen=True)
class TableChanges:
    """A table in two periods: numbers that stayed, those that changed (largest first), rows only one of them has."""

    file: str
    title: str
    same: int
    changes: tuple[Change, ...]
    new_rows: int
    gone_rows: int


def value(text: str) -> float:
    """The number that a cell of a table shows.

    >>> value("0.31%")
    0.31
    """
    return float(text.replace("−", "-").rstrip("%"))


def period_before(folder: Path) -> Path | None:
    """The folder of the same run and language with the latest as-of date before this one's; None if there is none."""
    this = read_record(folder)
    if not this["as_of"]:
        return None
    others = (file.parent for file in folder.parent.glob("[!.]*/run.json") if file.parent != folder)
    earlier = [
        (told["as_of"], other)
        for other in others
        if (told := read_record(other)) and (told["run"], told["lang"]) == (this["run"], this["lang"])
        if told["as_of"] and told["as_of"] < this["as_of"]
    ]
    return max(earlier, default=("", None))[1]


def changes(before: Path, after: Path) -> list[TableChanges]:
    """Every .csv table that two runs have under one name and with one heading, compared; in order of the later run."""
    names = [entry for entry in read_record(after)["files"] if re.fullmatch(r"tables/.+\.csv", entry["file"])]
    there = [entry for entry in names if (before / entry["file"]).is_file()]
    compared = (_compared(entry, read(before / entry["file"]), read(after / entry["file"])) for entry in there)
    return [table for table in compared if table is not None]


def read(file: Path) -> pd.DataFrame:
    """A table as it is written: every cell a text."""
    return pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _compared(entry: Mapping[str, Any], before: pd.DataFrame, after: pd.DataFrame) -> TableChanges | None:
    if list(before) != list(after):
        return None
    numbers = [
        str(name) for name in after if _is_number(str(name), before[name]) and _is_number(str(name), after[name])
    ]
    then, now = (_by_row(frame, numbers) for frame in (before, after))
    shared = [row for row in now.index if row in then.index]
    found = list(_differing(then, now, shared, numbers))
    found.sort(key=lambda change: (-abs(change.difference), change.row, change.column))
    title = entry.get("title") or Path(entry["file"]).stem
    same = len(shared) * len(numbers) - len(found)
    return TableChanges(entry["file"], title, same, tuple(found), len(now) - len(shared), len(then) - len(shared))


def _is_number(heading: str, column: pd.Series) -> bool:
    """Whether a column holds numbers that may move: not a year, a code or another name of the row."""
    filled = [text for text in column if text not in _EMPTY]
    return not COUNTS_NOBODY.search(heading.strip()) and all(map(_NUMBER.fullmatch, filled))


def _by_row(frame: pd.DataFrame, numbers: list[str]) -> pd.DataFrame:
    """The numbers under the words of their row; rows of the same words are told apart by their order."""
    keys = [name for name in frame if name not in numbers]
    words = frame[keys].agg(" · ".join, axis=1) if keys else pd.Series("", index=frame.index)
    again = words.groupby(words).cumcount()
    return frame[numbers].set_axis(words.where(again == 0, words + " (" + (again + 1).astype(str) + ")"))


def _differing(then: pd.DataFrame, now: pd.DataFrame, rows: list[str], numbers: list[str]) -> Iterator[Change]:
    for name in numbers:
        pairs = pd.DataFrame({"before": then.loc[rows, name], "after": now.loc[rows, name]})
        for row, before, after in pairs[pairs["before"] != pairs["after"]].itertuples():
            yield Change(row, name, before, after)
