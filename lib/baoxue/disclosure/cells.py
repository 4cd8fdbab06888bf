"""Small counts hidden in one table, so that no total gives them away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue.disclosure.tiers import HIDDEN, DisclosureError

Cell = tuple[int, str]
"""Position of the row, name of the column."""


@dataclass(frozen=True)
class Relation:
    """A published cell and the cells that add up to it."""

    total: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The total, then its parts."""
        return (self.total, *self.parts)


def hide(
    frame: pd.DataFrame,
    *,
    counts: Mapping[str, Sequence[str]] | Sequence[str],
    plain: Sequence[str] = (),
    totals: Mapping[str, str] | None = None,
    sums: Mapping[str, Sequence[str]] | None = None,
    smallest: int,
) -> pd.DataFrame:
    """The table with every count from 1 to `smallest` - 1 shown as `*`, and whatever would give it away hidden too.

    `counts` are the columns that count children, each with the columns hidden with it (its rate, interval and base).
    `totals` says which label of a key column marks the row of totals (`{"stage": "合计"}`), `sums` which column is the
    sum of others. `plain` are numbers that count nobody (a year, a distance). Every other column is a key. A hidden
    cell cannot be worked out from the table closer than `smallest`; a cell hidden to protect another may be 0.
    Raises DisclosureError for a number column that is declared nowhere, and for a count that is negative or broken.

    >>> schools = pd.DataFrame({"stage": ["小学", "初中", "合计"], "left": [2, 9, 11]})
    >>> list(hide(schools, counts=["left"], totals={"stage": "合计"}, smallest=5)["left"])
    ['*', '*', 11]
    """
    following = {name: tuple(counts[name]) if isinstance(counts, Mapping) else () for name in counts}
    _refuse_undeclared(frame, following, plain)
    values = _values(frame, following)
    counted = {*following, *(column for columns in following.values() for column in columns)}
    keys = [name for name in map(str, frame) if name not in counted]
    relations = _row_totals(frame, keys, totals or {}, list(following), values) + _column_sums(sums or {}, values)
    small = {cell for cell, value in values.items() if 1 <= value < smallest}
    hidden = _protect(small, relations, values, following, smallest)
    shown = frame.astype(object).reset_index(drop=True)
    for row, name in sorted(hidden):
        shown.loc[row, [name, *following[name]]] = HIDDEN
    return shown.set_axis(frame.index)


def _refuse_undeclared(frame: pd.DataFrame, following: Mapping[str, Sequence[str]], plain: Sequence[str]) -> None:
    declared = {*following, *plain, *(c for columns in following.values() for c in columns)}
    missing = sorted(declared - set(frame))
    if missing:
        raise DisclosureError(f"the table has no column {', '.join(missing)}; it has {', '.join(map(str, frame))}")
    numbers = [str(name) for name in frame.select_dtypes("number") if name not in declared]
    if numbers:
        raise DisclosureError(f"say what {', '.join(numbers)} is: a count, hidden with a count, or plain")


def _values(frame: pd.DataFrame, counts: Mapping[str, Sequence[str]]) -> dict[Cell, int]:
    values: dict[Cell, int] = {}
    for name in counts:
        column = pd.to_numeric(frame[name]).to_numpy(dtype=float, na_value=np.nan)
        if ((column < 0) | (column % 1 > 0)).any():
            raise DisclosureError(f"{name} is declared a count and holds a value that is negative or not whole")
        values |= {(row, name): int(value) for row, value in enumerate(column) if not np.isnan(value)}
    return values


def _row_totals(
    frame: pd.DataFrame, keys: list[str], totals: Mapping[str, str], counts: list[str], values: Mapping[Cell, int]
) -> list[Relation]:
    relations = []
    table = frame.reset_index(drop=True)
    for key, label in totals.items():
        others = [name for name in keys if name != key]
        groups = table.groupby(others, dropna=False, sort=False).indices.values() if others else [table.index]
        for rows in groups:
            top = [int(row) for row in rows if table[key].iloc[row] == label]
            parts = [int(row) for row in rows if table[key].iloc[row] != label]
            if len(top) == 1 and parts:
                relations += [_relation((top[0], name), [(row, name) for row in parts], values) for name in counts]
    return [relation for relation in relations if relation is not None]


def _column_sums(sums: Mapping[str, Sequence[str]], values: Mapping[Cell, int]) -> list[Relation]:
    rows = sorted({row for row, _ in values})
    relations = [
        _relation((row, total), [(row, part) for part in parts], values)
        for total, parts in sums.items()
        for row in rows
    ]
    return [relation for relation in relations if relation is not None]


def _relation(total: Cell, parts: Sequence[Cell], values: Mapping[Cell, int]) -> Relation | None:
    """The relation if all its cells are published and the parts add up; else nobody can compute with it."""
    if any(cell not in values for cell in (total, *parts)):
        return None
    if values[total] != sum(values[part] for part in parts):
        return None
    return Relation(total, tuple(parts))


def _protect(
    small: set[Cell],
    relations: list[Relation],
    values: Mapping[Cell, int],
    following: Mapping[str, Sequence[str]],
    smallest: int,
) -> set[Cell]:
    """The small cells and, added one by one, the cells that keep them from being worked out."""
    hidden = set(small)
    while True:
        # a base declared as a count of its own is hidden like one
        hidden |= {(row, c) for row, name in hidden for c in following[name] if c in following and (row, c) in values}
        weak = next((r for r in relations if _gives_away(r, hidden, values, smallest)), None)
        if weak is None:
            narrow = (cell for cell in sorted(small) if _width(cell, relations, hidden, values) < smallest)
            cell = next(narrow, None)
            if cell is None:
                return hidden
            weak = _nearest_open(cell, relations, hidden)
            if weak is None:
                return hidden
        hidden.add(_next(weak, hidden, values))


def _gives_away(relation: Relation, hidden: set[Cell], values: Mapping[Cell, int], smallest: int) -> bool:
    missing = [cell for cell in relation.cells if cell in hidden]
    if len(missing) == 1:
        return True
    return bool(missing) and relation.total not in hidden and sum(values[cell] for cell in missing) < smallest


def _next(relation: Relation, hidden: set[Cell], values: Mapping[Cell, int]) -> Cell:
    """The part to hide next: the smallest that is not 0, else the total, else a 0."""
    parts = sorted((values[part], part) for part in relation.parts if part not in hidden)
    positive = [part for value, part in parts if value > 0]
    if positive:
        return positive[0]
    return relation.total if relation.total not in hidden else parts[0][1]


def _nearest_open(cell: Cell, relations: list[Relation], hidden: set[Cell]) -> Relation | None:
    """The relation to hide more of: one of the cell itself that shows something, else one of the cells linked to it."""
    linked = _linked(cell, relations, hidden)
    shows = [r for r in relations if any(c not in hidden for c in r.cells)]
    return next((r for c in linked for r in shows if c in r.cells), None)


def _linked(cell: Cell, relations: list[Relation], hidden: set[Cell]) -> list[Cell]:
    """The hidden cells that the cell is tied to, itself first, then from near to far."""
    reached, unknown = {cell}, [cell]
    for current in unknown:
        neighbours = {c for r in relations if current in r.cells for c in r.cells if c in hidden} - reached
        reached |= neighbours
        unknown += sorted(neighbours)
    return unknown


def _width(cell: Cell, relations: list[Relation], hidden: set[Cell], values: Mapping[Cell, int]) -> float:
    """How far apart the smallest and the largest value are that the published cells allow the hidden one to have."""
    from scipy.optimize import linprog

    unknown = _linked(cell, relations, hidden)
    reached = set(unknown)
    place = {c: number for number, c in enumerate(unknown)}
    touching = [r for r in relations if reached.intersection(r.cells)]
    if not touching:
        return np.inf
    weights = np.zeros((len(touching), len(unknown)))
    known = np.zeros(len(touching))
    for line, relation in enumerate(touching):
        for c, sign in [(relation.total, -1), *((part, 1) for part in relation.parts)]:
            if c in place:
                weights[line, place[c]] += sign
            else:
                known[line] -= sign * values[c]
    aim = np.eye(len(unknown))[0]
    low, high = (linprog(sign * aim, A_eq=weights, b_eq=known, bounds=(0, None)) for sign in (1, -1))
    return np.inf if high.status == 3 else float(-high.fun - low.fun)
