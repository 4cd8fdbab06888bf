"""Cells of a workbook as text, whatever type Excel keeps them in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pyarrow as pa

Cell = object
"""A text, a number, a truth value, a day, a time, or nothing."""

_EXACT = 1e15
"""From here on a number of Excel has lost digits."""


def texts(cells: Sequence[Cell]) -> pa.Array:
    """Cells as text: what Excel keeps as a number or a date is written out; a number with digits lost shows it."""
    try:
        made = pa.array(cells, pa.string())
        if not made.null_count:
            return made
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        pass
    return pa.array([cell if type(cell) is str else _text(cell) for cell in cells], pa.string())


def says_something(row: Sequence[Cell]) -> bool:
    """Whether a row has content under headers that nobody knows; a lone running number is none."""
    texts_of_row = [_text(cell).strip() if type(cell) is not str else cell.strip() for cell in row]
    content = [text for text in texts_of_row if text]
    return len(content) > 1 or any(not text.isdigit() for text in content)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if abs(cell) >= _EXACT:
            return f"{cell:.14E}"
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)
