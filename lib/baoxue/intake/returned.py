"""Rows that come back: by which marks intake knows a row that it refused before, and what is said of it.

A refused row goes back to its school in a workbook with the school's own columns and three before them: the number of
the refusal, what is wrong, and whether the row was corrected or is withdrawn. The line above names the folder.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from baoxue.contracts import Source

NUMBER, WHY, DECISION = "退回编号", "退回原因", "退回处理"
HEADERS = (NUMBER, WHY, DECISION)
CORRECTED, WITHDRAWN = "已更正", "作废"
"""What a clerk may choose under DECISION; left empty it means corrected."""

HOME = "交回文件夹："
"""Begins the line that names the folder of the drop to which a sheet goes back."""


def number(drop: str, place: int) -> str:
    """The number of a refusal: the drop in which the row was refused, and its place among the refused rows of it.

    >>> number("000012", 7)
    'R12-0007'
    """
    return f"R{int(drop)}-{place:04d}"


def home(source: Source, snapshot_on: dt.date | str | None) -> str:
    """The folder of the drop in which rows of a source lie, of a snapshot with its day."""
    return f"{source.folder}/{snapshot_on}" if snapshot_on else source.folder


@dataclass(frozen=True)
class Marks:
    """Where a returned sheet has its marks: positions of the number, the decision, and of cells without a header."""

    number_at: int
    decision_at: int | None
    nameless_at: tuple[int, ...]
    home: str
    """The folder it says it goes back to; empty if the line is gone."""

    def number(self, row: Sequence[str]) -> str | None:
        """The number of the refusal that a row (of texts) answers."""
        return row[self.number_at].strip() or None

    def refused_as(self, row: Sequence[str]) -> str:
        """Why a row is not taken in before it is looked at (a reason of the catalogue); empty if it is."""
        if self.decision_at is not None and row[self.decision_at].strip() == WITHDRAWN:
            return "withdrawn"
        return "too_many_cells" if any(row[at].strip() for at in self.nameless_at) else ""


def marks(header: Sequence[str], above: Sequence[Sequence[str]]) -> Marks | None:
    """The marks of a sheet with that header row and those rows above it; None if it is no returned sheet."""
    names = [name.strip() for name in header]
    if NUMBER not in names:
        return None
    said = [cell.strip() for row in above for cell in row if cell.strip().startswith(HOME)]
    return Marks(
        names.index(NUMBER),
        names.index(DECISION) if DECISION in names else None,
        tuple(at for at, name in enumerate(names) if not name),
        said[0].removeprefix(HOME).strip() if said else "",
    )
