"""Whether tables that leave together let a hidden cell be worked out: an audit by linear programming over all of
them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from baoxue.disclosure.published import Cell, Place, Published, Sum, from_rates, published, sums

if TYPE_CHECKING:
    from scipy.sparse import csr_array

WITHIN = 1
"""A hidden count counts as worked out when it is known to so many children."""
_NOTHING_ABOVE = 3
"""The status by which linprog says that there is no largest value."""


@dataclass(frozen=True)
class Leak:
    """A hidden cell that the tables together narrow down: where it stands, and the numbers it must lie between."""

    cell: Cell
    places: tuple[Place, ...]
    low: int
    high: int


def audit(
    files: Mapping[str, Path], counts: Mapping[str, Iterable[str] | None] | None = None, within: int = WITHIN
) -> list[Leak]:
    """Hidden cells that whoever holds all the tables can work out to `within` children, in the order they stand.

    Everything is used that the tables say: rows that add up to a total in the same table or in another one, columns
    that add up, a cell that one table hides and another shows, a rate left beside its base, the same total over two
    different sets of parts (differencing). Nothing else is assumed of a hidden cell than that it is not negative.
    The smallest and the largest value of each follow from the constraints by linear programming (HiGHS).
    """
    found = published(files, counts or {})
    return leaks(found, sums(found), within)


def leaks(found: Published, ties: Sequence[Sum], within: int = WITHIN) -> list[Leak]:
    """The leaks among cells already read, tied by `ties` (see `audit`)."""
    shown = {
        cell: (found.values[cell], found.values[cell])
        for cell, places in found.places.items()
        if found.values[cell] is not None and found.hidden.intersection(places)
    }
    unknown = [cell for cell, value in found.values.items() if value is None]
    reached = shown | _ranges(unknown, ties, found.values, from_rates(found))
    told = [
        Leak(cell, tuple(place for place in found.places[cell] if place in found.hidden), int(low), int(high))
        for cell, (low, high) in reached.items()
        if low is not None and high is not None and high - low <= 2 * within
    ]
    return sorted(told, key=lambda leak: (leak.places[0].file, leak.places[0].row, leak.places[0].column))


def _ranges(
    unknown: list[Cell],
    ties: Sequence[Sum],
    values: Mapping[Cell, int | None],
    bounds: Mapping[Cell, tuple[float, float]],
) -> dict[Cell, tuple[float, float]]:
    """The smallest and largest whole number each unknown cell may have; without a largest, infinity."""
    from scipy.sparse.csgraph import connected_components

    place = {cell: number for number, cell in enumerate(unknown)}
    weights, known = _equations([tie for tie in ties if any(cell in place for cell in tie.cells)], place, values)
    limits = np.array([bounds.get(cell, (0.0, np.inf)) for cell in unknown], dtype=float).reshape(-1, 2)
    groups = connected_components(abs(weights.T) @ abs(weights), directed=False)[1] if unknown else []
    found: dict[Cell, tuple[float, float]] = {}
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        inside = weights[:, members]
        touched = np.flatnonzero(np.diff(inside.indptr))
        ranges = _group_ranges(inside[touched], known[touched], limits[members])
        found |= {unknown[member]: pair for member, pair in zip(members, ranges, strict=True)}
    return found


def _equations(
    ties: Sequence[Sum], place: Mapping[Cell, int], values: Mapping[Cell, int | None]
) -> tuple[csr_array, NDArray]:
    """Parts minus total = 0, the open cells moved to the right-hand side."""
    from scipy.sparse import csr_array

    lines, columns, signs = [], [], []
    known = np.zeros(len(ties))
    for line, tie in enumerate(ties):
        for cell, sign in [(tie.total, -1), *((part, 1) for part in tie.parts)]:
            value = values[cell]
            if value is None:
                lines.append(line)
                columns.append(place[cell])
                signs.append(sign)
            else:
                known[line] -= sign * value
    return csr_array((signs, (lines, columns)), shape=(len(ties), len(place)), dtype=float), known


def _group_ranges(weights: csr_array, known: NDArray, limits: NDArray) -> list[tuple[float, float]]:
    from scipy.optimize import linprog

    if not weights.shape[0]:
        return [(math.ceil(low - 1e-6), high if high == np.inf else math.floor(high + 1e-6)) for low, high in limits]
    weights, known = _agreeing(weights, known, limits)
    ranges = []
    for aim in np.eye(len(limits)):
        low, high = (
            linprog(sign * aim, A_eq=weights, b_eq=known, bounds=limits, method="highs") for sign in (1, -1)
        )  # fmt: skip
        largest = np.inf if high.status == _NOTHING_ABOVE else math.floor(-high.fun + 1e-6)
        ranges.append((math.ceil(low.fun - 1e-6), largest))
    return ranges


def _agreeing(weights: csr_array, known: NDArray, limits: NDArray) -> tuple[csr_array, NDArray]:
    """The equations that can hold together: those that cannot are no sums, and nobody can compute with them."""
    from scipy.optimize import linprog
    from scipy.sparse import eye_array, hstack

    lines, cells = weights.shape
    slack = hstack([weights, eye_array(lines), -eye_array(lines)], format="csr")
    free = np.vstack([limits, np.tile([0.0, np.inf], (2 * lines, 1))])
    cost = np.concatenate([np.zeros(cells), np.ones(2 * lines)])
    least = linprog(cost, A_eq=slack, b_eq=known, bounds=free, method="highs")
    off = least.x[cells : cells + lines] + least.x[cells + lines :]
    holds = off < 1e-6
    return weights[holds], known[holds]
