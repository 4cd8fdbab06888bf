"""Tables of one run hidden together: where one gives another's hidden count away, more is hidden until none does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from baoxue.disclosure.audit import Leak, leaks
from baoxue.disclosure.published import Cell, Place, Published, Sum, published, sums
from baoxue.disclosure.tiers import HIDDEN, DisclosureError

Follows = Mapping[str, Mapping[str, Sequence[str]]]
"""Table -> its counts -> the columns hidden with each (rate, interval, base)."""


def protect(files: Mapping[str, Path], follows: Follows) -> dict[str, int]:
    """Rewrite the public tables of a run (name -> file) until no hidden count follows from them; table -> cells hidden.

    Each table was hidden by itself (`hide`). Where the tables together narrow a hidden count to one child, a cell of
    what gives it away is hidden in every table that shows it: a part that is not 0 before the total, the smallest
    first. A table of which nothing more is hidden stays as it is. Raises DisclosureError if hiding cannot help.
    """
    before = {name: _hidden(file) for name, file in files.items()}
    while True:
        found = published(files, {name: list(columns) for name, columns in follows.items()})
        ties = sums(found)
        weak = leaks(found, ties)
        if not weak:
            return {name: _hidden(file) - before[name] for name, file in files.items()}
        places = _next(weak[0], ties, found)
        for name in sorted({place.file for place in places}):
            _hide(files[name], [place for place in places if place.file == name], follows.get(name, {}))


def _next(leak: Leak, ties: Sequence[Sum], found: Published) -> list[Place]:
    """The places to hide next, so that the leak narrows."""
    if found.values[leak.cell] is not None:
        return _open(leak.cell, found)
    for cell in _linked(leak.cell, ties, found):
        for tie in ties:
            if cell in tie.cells and any(found.values[other] is not None for other in tie.cells):
                return _open(_smallest(tie, found), found)
    place = leak.places[0]
    raise DisclosureError(f"{place.file}: the hidden count in row {place.row + 2} follows from rates left open")


def _linked(cell: Cell, ties: Sequence[Sum], found: Published) -> Iterator[Cell]:
    """The hidden cells that a cell is tied to, itself first, then from near to far."""
    waiting, reached = [cell], {cell}
    for current in waiting:
        yield current
        for other in (c for tie in ties if current in tie.cells for c in tie.cells):
            if found.values[other] is None and other not in reached:
                reached.add(other)
                waiting.append(other)


def _smallest(tie: Sum, found: Published) -> Cell:
    told = [(value, place) for place, part in enumerate(tie.parts) if (value := found.values[part]) is not None]
    positive = sorted(entry for entry in told if entry[0] > 0)
    if positive:
        return tie.parts[positive[0][1]]
    return tie.total if found.values[tie.total] is not None else tie.parts[told[0][1]]


def _open(cell: Cell, found: Published) -> list[Place]:
    return [place for place in found.places[cell] if place not in found.hidden]


def _hide(file: Path, places: Sequence[Place], follows: Mapping[str, Sequence[str]]) -> None:
    table = _read(file)
    for place in places:
        # a base is hidden with its count, so what hides a base hides the count and all that goes with it
        owners = [count for count, others in follows.items() if place.column in (count, *others)] or [place.column]
        columns = {place.column, *(name for count in owners for name in (count, *follows.get(count, ())))}
        table.loc[place.row, [column for column in table if column in columns]] = HIDDEN
    table.to_csv(file, index=False, encoding="utf-8-sig", lineterminator="\n")


def _read(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig").astype(object)


def _hidden(file: Path) -> int:
    return int((_read(file) == HIDDEN).to_numpy().sum())
