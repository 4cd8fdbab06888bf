"""Everyday damage: what Excel, tired clerks and old systems do to files, written down so that intake can be checked.

Damage is of two kinds. *Repaired*: nothing is lost, intake must read the row as it was meant. *Refused*: a row that was
added for this purpose, about nobody, and must end among the rejects. So no damage changes what the registers find.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from baoxue.demo.identities import check_digit

REPAIRED, REFUSED, DUPLICATE = "repaired", "refused", "duplicate"
A_ROW_IN = 400
"""Of the rows of a file chosen for damage: one in so many, and at least a few."""

_FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


@dataclass
class Damages:
    """The record of all damage done: `file, row (as Excel shows it), column, damage, fate`."""

    rows: list[tuple[str, int, str, str, str]] = field(default_factory=list)

    def note(self, file: str, rows: np.ndarray, column: str, damage: str, fate: str) -> None:
        """Write down damage done to the same column of several rows."""
        self.rows.extend((file, int(row), column, damage, fate) for row in rows)

    def table(self) -> pd.DataFrame:
        """All of it, in order of file and row."""
        rows = pd.DataFrame(self.rows, columns=["file", "row", "column", "damage", "fate"])
        return rows.sort_values(["file", "row", "column", "damage"], kind="stable", ignore_index=True)


def identifiers(
    table: pd.DataFrame, column: str, file: str, first_row: int, done: Damages, rng: np.random.Generator,
    *, lossy_beside: str = "",
) -> pd.DataFrame:  # fmt: skip
    """Spoil some identifiers as people do: apostrophes, spaces, lower-case x, full-width digits.

    Where another column (`lossy_beside`) says the same in full, some also as Excel does: scientific notation, and the
    last three digits gone.
    """
    values = table[column].astype(object).copy()
    filled = np.flatnonzero((values != "").to_numpy())
    ways = ["apostrophe", "spaces", "full_width", "lower_x"] + ["scientific", "lost_digits"] * bool(lossy_beside)
    count = min(len(filled), max(len(ways), len(filled) // A_ROW_IN))
    for number, at in enumerate(np.sort(rng.choice(filled, count, replace=False))):
        way = _possible(str(values.iloc[at]), ways[number % len(ways)])
        values.iloc[at] = _spoiled(str(values.iloc[at]), way)
        done.note(file, np.array([first_row + at]), column, way, REPAIRED)
    return table.assign(**{column: values})


def _possible(value: str, way: str) -> str:
    """Not lost digits where what is left still passes the check: nobody could tell that from another child's number."""
    number = np.array([int(value[:15] + "00")]) if way == "lost_digits" else np.zeros(0, int)
    return "scientific" if len(number) and check_digit(number)[0] == "0" else way


def _spoiled(value: str, way: str) -> str:
    if way == "apostrophe":
        return f"'{value}"
    if way == "spaces":
        return f" {value[:6]} {value[6:14]} {value[14:]} "
    if way == "full_width":
        return value.translate(_FULL_WIDTH)
    if way == "lower_x":
        return value.lower()
    if way == "scientific":
        return f"{int(value[:17]) / 10**16:.5f}E+17"
    return value[:15] + "000"


def add_rows(
    table: pd.DataFrame, bad: list[dict[str, str]], file: str, first_row: int, done: Damages, rng: np.random.Generator
) -> pd.DataFrame:
    """Put rows that must be refused among the others; each of `bad` names its `column` and `damage` beside its cells.

    The rest of such a row is copied from any row of the table, without what would make it a real child.
    """
    places = np.sort(rng.choice(len(table) + 1, len(bad)))
    parts, start = [], 0
    for number, (place, row) in enumerate(zip(places, bad, strict=True)):
        cells: dict[str, object] = dict(table.iloc[int(place) % len(table)])
        cells |= row
        column, damage = cells.pop("column"), cells.pop("damage")
        done.note(file, np.array([first_row + place + number]), str(column), str(damage), REFUSED)
        parts += [table.iloc[start:place], pd.DataFrame([cells], columns=table.columns)]
        start = place
    return pd.concat([*parts, table.iloc[start:]], ignore_index=True)


def repeat_rows(
    table: pd.DataFrame, count: int, file: str, first_row: int, done: Damages, rng: np.random.Generator
) -> pd.DataFrame:
    """Append exact copies of some rows, as when a page is pasted twice."""
    again = table.iloc[np.sort(rng.choice(len(table), min(count, len(table)), replace=False))]
    done.note(file, first_row + len(table) + np.arange(len(again)), "", "pasted_twice", DUPLICATE)
    return pd.concat([table, again], ignore_index=True)
