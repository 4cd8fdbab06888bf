"""Tables that leave together, as anybody who holds all of them reads them: cells, and what ties cells to each other.

A cell is a heading and what its row is restricted to, so the same cell of two tables is one: one heading means one
population. A row of totals (合计) is restricted in fewer columns than its parts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import pandas as pd

from baoxue.calendar import stage_of
from baoxue.disclosure.tiers import HIDDEN

Keys = frozenset[tuple[str, str]]
"""What a row is restricted to: pairs of a dimension and a value."""
Cell = tuple[str, Keys]
"""A heading and what its row is restricted to."""

TOTALS = {"合计", "总计", "全县", "Total", "total", "all"}
COUNTS_NOBODY = re.compile(
    r"(?i)(?:年|月|日|周|期|级|班|码|号|序|天|次|公里|year|month|day|date|week|term|grade|class|code|no\.?|number|rank|km|days)$"
)
"""Headings of whole numbers that count no children."""
_WHOLE = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"(\d{4})(?:学年|/\d{2})?")
_YEAR_HEADINGS = {"学年", "school year", "school_year", "时段", "period"}


@dataclass(frozen=True)
class Place:
    """Where a cell stands: file, index of the row, heading."""

    file: str
    row: int
    column: str


@dataclass(frozen=True)
class Sum:
    """A cell and the cells that add up to it."""

    total: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The total, then its parts."""
        return (self.total, *self.parts)


@dataclass
class Published:
    """Every cell of some tables: its number (None where every table hides it), its places, the hidden ones.

    `rates` are the cells with decimals, as they are written; `rows` the cells of each table row by row; `levels` the
    cells of each table, heading and set of dimensions.
    """

    values: dict[Cell, int | None] = field(default_factory=dict)
    places: dict[Cell, list[Place]] = field(default_factory=lambda: defaultdict(list))
    hidden: set[Place] = field(default_factory=set)
    contradicting: set[Place] = field(default_factory=set)
    rates: dict[Cell, str] = field(default_factory=dict)
    rows: dict[str, list[Keys]] = field(default_factory=lambda: defaultdict(list))
    headings: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    levels: dict[tuple[str, str, frozenset[str]], list[Cell]] = field(default_factory=lambda: defaultdict(list))


def published(files: Mapping[str, Path], counts: Mapping[str, Iterable[str] | None]) -> Published:
    """The cells of the tables (name -> file). `counts`: name -> the columns declared to count children, None if no
    one declared any: then whole numbers count, unless their heading says that they count nobody."""
    found = Published()
    for name, file in files.items():
        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        _read(name, table, set(counts.get(name) or ()), found)
    return found


def sums(found: Published) -> list[Sum]:
    """What adds up: rows of a table to a published total, of the same table or another, and columns to a column.

    A way of adding that any row without hidden cells contradicts is none.
    """
    every = list(_sums_of_rows(found)) + list(_sums_of_columns(found))
    return list(dict.fromkeys(every))


def from_rates(found: Published) -> dict[Cell, tuple[float, float]]:
    """Hidden counts whose rate and base stand open somewhere: between which numbers they lie.

    A column is the rate of a count on a base where it is 100 × count ÷ base in every row that shows all three, and
    more than one such row has anybody to count.
    """
    bounds: dict[Cell, tuple[float, float]] = {}
    for name, headings in found.headings.items():
        written = {heading for heading, _ in found.rates}
        rates = [heading for heading in headings if heading in written]
        whole = [heading for heading in headings if heading not in rates]
        for rate, count, base in ((r, c, b) for r in rates for c in whole for b in whole if c != b):
            if _is_rate(found, found.rows[name], rate, count, base):
                bounds |= _bounded(found, rate, count, base)
    return bounds


def _read(name: str, table: pd.DataFrame, declared: set[str], found: Published) -> None:
    texts = {str(heading): [text.strip() for text in table[heading]] for heading in table}
    kinds = {heading: _kind(heading, column, declared) for heading, column in texts.items()}
    seen: set[Keys] = set()
    for row in range(len(table)):
        told = {heading: texts[heading][row] for heading in texts if kinds[heading] == "key"}
        keys = frozenset(_restricted(told))
        keys = keys | {("row", f"{name} {row}")} if keys in seen else keys
        seen.add(keys)
        found.rows[name].append(keys)
        for heading in (heading for heading in texts if kinds[heading] != "key"):
            _take(found, Place(name, row, heading), (heading, keys), texts[heading][row], kinds[heading])
    found.headings[name] = [heading for heading in texts if kinds[heading] != "key"]


def _kind(heading: str, column: list[str], declared: set[str]) -> str:
    """`count`, `rate` or `key`: what a column of texts holds."""
    shown = [text for text in column if text not in {"", "—", HIDDEN}]
    if heading in declared or (HIDDEN in column and all(_WHOLE.fullmatch(text) for text in shown)):
        return "count"
    if not shown or not all(_NUMBER.fullmatch(text) for text in shown):
        return "key"
    if all(_WHOLE.fullmatch(text) for text in shown):
        return "key" if COUNTS_NOBODY.search(heading) else "count"
    return "rate"


def _restricted(told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the key columns of a row restrict it to, and what follows from that: a month is of a school year, a grade
    of a stage."""
    for heading, value in told.items():
        month, year = _MONTH.fullmatch(value), _YEAR.fullmatch(value)
        if value in TOTALS or not value:
            continue
        if month:
            first = int(month[1]) - (int(month[2]) < 9)
            yield from (("月", value), ("学年", str(first)))
        elif year and heading in _YEAR_HEADINGS:
            yield "学年", year[1]
        elif heading in {"年级", "grade"} and value in set("123456789"):
            yield from (("年级", value), ("学段", stage_of(int(value)).value))
        else:
            yield ("学段" if heading == "stage" else heading), value


def _take(found: Published, place: Place, cell: Cell, text: str, kind: str) -> None:
    if kind == "rate":
        if _NUMBER.fullmatch(text):
            found.rates[cell] = text
        return
    if text != HIDDEN and not _WHOLE.fullmatch(text):
        return
    found.places[cell].append(place)
    found.levels[place.file, cell[0], frozenset(key for key, _ in cell[1])].append(cell)
    if text == HIDDEN:
        found.hidden.add(place)
        found.values.setdefault(cell, None)
    else:
        before = found.values.get(cell)
        if before is not None and before != int(text):
            found.contradicting.add(place)
        found.values[cell] = int(text)


def _sums_of_rows(found: Published) -> Iterator[Sum]:
    by_dimensions: dict[tuple[str, frozenset[str]], set[Cell]] = defaultdict(set)
    for cell in found.values:
        by_dimensions[cell[0], frozenset(key for key, _ in cell[1])].add(cell)
    for (_, heading, level), parts in found.levels.items():
        for (other, dimensions), totals in by_dimensions.items():
            if other == heading and dimensions < level:
                yield from _standing(_grouped(parts, dimensions, totals), found)


def _grouped(parts: list[Cell], dimensions: frozenset[str], totals: set[Cell]) -> list[Sum]:
    groups: dict[Cell, list[Cell]] = defaultdict(list)
    for heading, keys in parts:
        total = (heading, frozenset(pair for pair in keys if pair[0] in dimensions))
        groups[total].append((heading, keys))
    return [Sum(total, tuple(cells)) for total, cells in groups.items() if total in totals]


def _sums_of_columns(found: Published) -> Iterator[Sum]:
    """A column called 合计, or any that is the sum of two others wherever all three stand open, at least twice."""
    for name, rows in found.rows.items():
        counts = [heading for heading in found.headings[name] if any((heading, keys) in found.values for keys in rows)]
        for total in counts:
            others = [heading for heading in counts if heading != total]
            named = total in TOTALS
            for parts in [tuple(others)] if named else combinations(others, 2):
                tied = [Sum((total, keys), tuple((part, keys) for part in parts)) for keys in rows]
                tied = [tie for tie in tied if all(cell in found.values for cell in tie.cells)]
                if named or _seen_adding(tied, found) >= 2:
                    yield from _standing(tied, found)


def _seen_adding(ties: Iterable[Sum], found: Published) -> int:
    """In how many rows without hidden cells two numbers above 0 add up."""
    parts = [[found.values[part] for part in tie.parts] for tie in ties if found.values[tie.total] is not None]
    return sum(all(part is not None and part > 0 for part in told) for told in parts)


def _standing(ties: list[Sum], found: Published) -> list[Sum]:
    """The ties, or none of them if one is contradicted by what stands open."""
    for tie in ties:
        total, parts = found.values[tie.total], [found.values[part] for part in tie.parts]
        known = sum(part for part in parts if part is not None)
        if total is not None and (known > total or (None not in parts and known != total)):
            return []
    return ties


def _is_rate(found: Published, rows: list[Keys], rate: str, count: str, base: str) -> bool:
    seen = 0
    for keys in rows:
        text, part, whole = (
            found.rates.get((rate, keys)), found.values.get((count, keys)), found.values.get((base, keys))
        )  # fmt: skip
        if text is None or part is None or not whole:
            continue
        if abs(100 * part / whole - float(text)) > _rounding(text):
            return False
        seen += part > 0
    return seen >= 2


def _bounded(found: Published, rate: str, count: str, base: str) -> dict[Cell, tuple[float, float]]:
    bounds = {}
    for (heading, keys), text in found.rates.items():
        whole = found.values.get((base, keys))
        if heading == rate and (count, keys) in found.values and found.values[count, keys] is None and whole:
            middle, reach = float(text) * whole / 100, _rounding(text) * whole / 100
            bounds[count, keys] = (max(0.0, middle - reach), middle + reach)
    return bounds


def _rounding(text: str) -> float:
    """Half a unit of the last decimal."""
    return 0.5 * 10.0 ** -len(text.partition(".")[2]) + 1e-9
