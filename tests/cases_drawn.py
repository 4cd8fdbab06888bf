"""Tables of cases drawn with a case a column, because a case has more dates than a line has room."""

from __future__ import annotations


def across(drawn: str) -> str:
    """A table drawn with a row a column, turned into one with a row a line as `given` reads it."""
    lines = [[cell.strip() for cell in line.split("|")] for line in drawn.strip().splitlines()]
    return "\n".join("|".join(row) for row in zip(*lines, strict=True))
