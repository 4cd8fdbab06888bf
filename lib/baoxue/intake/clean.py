"""A sheet's rows cleaned, whole columns at a time: every distinct value is read once, every row accepted or refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from baoxue.codes import Status
from baoxue.contracts import Column, Source
from baoxue.intake import headers, kinds, shape
from baoxue.intake.cells import Cell, says_something, texts
from baoxue.intake.headers import Layout, Place
from baoxue.intake.numbers import Problem
from baoxue.intake.people import People, derived
from baoxue.intake.pseudonyms import Pseudonyms

FINE = 0
"""The number of no problem."""

PRESENT = frozenset({Status.ENROLLED.value, Status.RESUMED.value})
"""States in which a pupil sits in a class, so that grade and class must be there; an empty state counts as 在读."""


@dataclass(frozen=True)
class Noted:
    """A cell that was refused or left empty: the row as Excel shows it, the column's header, and why."""

    row: int
    column: str
    problem: Problem


@dataclass(frozen=True)
class Cleaned:
    """Some rows of a sheet, cleaned: those accepted, and what was noted about the others and about single cells."""

    rows_read: int
    accepted: pa.Table
    refused: list[Noted]
    warned: list[Noted]


@dataclass(frozen=True)
class _Read:
    """A column as read: its values, the number of each row's problem, and which cells are blank."""

    header: str
    values: pa.Array
    problem: np.ndarray
    blank: np.ndarray


@dataclass
class _Memory:
    """What the values of one column were read to so far."""

    read: kinds.Reader
    known: dict[str, tuple[kinds.Value, int]] = field(default_factory=dict)


class SheetCleaner:
    """Cleans the rows of one sheet, some at a time; what a value means is remembered from one time to the next."""

    def __init__(self, source: Source, layout: Layout, pseudonyms: Pseudonyms, snapshot_on: dt.date | None) -> None:
        self.source, self.layout, self.pseudonyms, self.snapshot_on = source, layout, pseudonyms, snapshot_on
        self.problems: list[Problem] = [Problem("", "")]
        self._number_of: dict[Problem, int] = {self.problems[FINE]: FINE}
        self._memory: dict[tuple[str, int], _Memory] = {}

    def clean(self, rows: Sequence[Sequence[Cell]], numbers: Sequence[int], refused_as: Sequence[str]) -> Cleaned:
        """Read rows (lists of cells of one width), with their row numbers; rows without content are no rows.

        `refused_as` says per row why it is refused before it is looked at (a reason of the catalogue), else is empty.
        """
        columns, people = self._read_all(rows)
        filled = ~np.logical_and.reduce([read.blank for found in columns.values() for read in found])
        for at in np.flatnonzero(~filled):
            filled[at] = says_something(rows[int(at)])
        problem, column = self._refusals(columns, people, refused_as)
        accepted = filled & (problem == FINE)
        row = np.asarray(numbers, dtype=np.int64)
        return Cleaned(
            rows_read=int(filled.sum()),
            accepted=self._table(columns, people, row).filter(pa.array(accepted)),
            refused=self._noted(row, filled & (problem != FINE), problem, column),
            warned=self._warnings(columns, row, accepted),
        )

    def whole(self, rows: Sequence[Sequence[Cell]], numbers: Sequence[int]) -> pa.Table:
        """Every row as if it were accepted: what can be read of it, its person, and `_row`."""
        return self._table(*self._read_all(rows), np.asarray(numbers, dtype=np.int64))

    def _read_all(self, rows: Sequence[Sequence[Cell]]) -> tuple[dict[str, list[_Read]], People]:
        cells = list(zip(*rows, strict=True)) if rows else [()] * (1 + max(self._positions(), default=0))
        columns = {column.name: self._column(column, cells) for column in self.source.columns}
        values = {name: [read.values for read in found] for name, found in columns.items()}
        return columns, People.of(self.source, values)

    def _positions(self) -> set[int]:
        return {place.position for places in self.layout.places.values() for place in places}

    def _column(self, column: Column, cells: Sequence[Sequence[Cell]]) -> list[_Read]:
        places = self.layout.places.get(column.name, ())
        if not places:
            length = len(cells[0]) if cells else 0
            nothing = pa.nulls(length, shape.type_of(column))
            return [_Read(column.header, nothing, np.zeros(length, np.int32), np.ones(length, bool))]
        return [self._read(column, place, cells[place.position]) for place in places]

    def _read(self, column: Column, place: Place, cells: Sequence[Cell]) -> _Read:
        coded = texts(cells).dictionary_encode()
        memory = self._memory.setdefault((column.name, place.position), _Memory(self._reader(column, place)))
        distinct = coded.dictionary.to_pylist()
        for text in distinct:
            if text not in memory.known:
                memory.known[text] = self._value(memory.read, text)
        read = [memory.known[text] for text in distinct]
        values = pa.array([value for value, _ in read], shape.type_of(column))
        problems = np.array([number for _, number in read], np.int32)
        blank = np.array([not text or text.isspace() for text in distinct], bool)
        at = coded.indices.to_numpy(zero_copy_only=False)
        return _Read(place.header, values.take(coded.indices), problems[at], blank[at])

    def _reader(self, column: Column, place: Place) -> kinds.Reader:
        in_key = column.name in self.source.key
        secret: Callable[[str], str] | None = (lambda text: self.pseudonyms.of("x", text)) if in_key else None
        return kinds.reader(column, place.header, secret)

    def _value(self, read: kinds.Reader, text: str) -> tuple[kinds.Value, int]:
        value = read(text) if text and not text.isspace() else None
        return (None, self._number(value)) if isinstance(value, Problem) else (value, FINE)

    def _number(self, problem: Problem) -> int:
        if problem not in self._number_of:
            self._number_of[problem] = len(self.problems)
            self.problems.append(problem)
        return self._number_of[problem]

    def _refusals(
        self, columns: dict[str, list[_Read]], people: People, refused_as: Sequence[str]
    ) -> tuple[np.ndarray, np.ndarray]:
        """The number of each row's first problem that refuses it, and the header under which it stands."""
        before = [self._number(Problem(reason, "mixed")) if reason else FINE for reason in refused_as]
        problem = np.array(before, np.int32)
        header = np.full(len(problem), "", dtype=object)
        for group in headers.needed(self.source):
            found = [read for name in group for read in columns[name]]
            lacking = np.logical_and.reduce([_null(read.values) for read in found])
            if group in headers.NEEDED_TOGETHER.get(self.source.table, ()):
                lacking &= _present(columns["status"][0].values)
            self._refuse(problem, header, lacking, found)
        if self.source.person and not self._allows_candidates:
            self._refuse(problem, header, ~people.known, [r for name in self.source.person for r in columns[name]])
        return problem, header

    @property
    def _allows_candidates(self) -> bool:
        return not any(name in group for group in headers.needed(self.source) for name in self.source.person)

    def _refuse(self, problem: np.ndarray, header: np.ndarray, lacking: np.ndarray, found: list[_Read]) -> None:
        open_rows = lacking & (problem == FINE)
        empty = self._number(Problem("required_empty", "empty"))
        for read in found:
            said = open_rows & (problem == FINE) & (read.problem != FINE)
            problem[said], header[said] = read.problem[said], read.header
        rest = open_rows & (problem == FINE)
        problem[rest], header[rest] = empty, found[0].header

    def _warnings(self, columns: dict[str, list[_Read]], row: np.ndarray, accepted: np.ndarray) -> list[Noted]:
        noted: list[Noted] = []
        for found in columns.values():
            for read in found:
                header = np.full(len(row), read.header, dtype=object)
                noted += self._noted(row, accepted & (read.problem != FINE), read.problem, header)
        return noted

    def _noted(self, row: np.ndarray, where: np.ndarray, problem: np.ndarray, header: np.ndarray) -> list[Noted]:
        at = np.flatnonzero(where)
        return [Noted(int(row[i]), str(header[i]), self.problems[problem[i]]) for i in at]

    def _table(self, columns: dict[str, list[_Read]], people: People, row: np.ndarray) -> pa.Table:
        first = {name: coalesce([read.values for read in found]) for name, found in columns.items()}
        content = {c.name: first[c.name] for c in self.source.columns if not c.identity}
        return pa.table(
            content | derived(self.source, first, people, self.pseudonyms, self.snapshot_on) | {"_row": row}
        )


def coalesce(arrays: Sequence[pa.Array]) -> pa.Array:
    """Per row the first value that is there."""
    return arrays[0] if len(arrays) == 1 else pc.coalesce(*arrays)


def _null(values: pa.Array) -> np.ndarray:
    return pc.is_null(values).to_numpy(zero_copy_only=False)


def _present(status: pa.Array) -> np.ndarray:
    states = pa.array(sorted(PRESENT))
    return pc.or_(pc.is_null(status), pc.fill_null(pc.is_in(status, states), False)).to_numpy(zero_copy_only=False)
