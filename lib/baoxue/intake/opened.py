"""A sheet whose header row has been looked for: what stands where, and the rows below it, some at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from baoxue.contracts import Source
from baoxue.intake import headers, returned
from baoxue.intake.cells import Cell, texts
from baoxue.intake.sheets import Sheet

CELLS_AT_A_TIME = 1_500_000
"""So many cells are cleaned together: enough for values to repeat, few enough for a small machine."""

Row = Sequence[Cell]


class Opened:
    """A sheet read as one of a source: `layout` of its header row, and the marks of a returned one, if it is one."""

    def __init__(self, sheet: Sheet, source: Source) -> None:
        self.source, self._is_ragged, self._rows = source, sheet.is_ragged, sheet.rows
        self._top = list(islice(sheet.rows, headers.TITLE_ROWS + 1))
        written = [texts(row).to_pylist() for row in self._top]
        self.layout = headers.find(source, written)
        self._marks = returned.marks(self.layout.cells, written[: self.layout.row])
        last = [place.position for places in self.layout.places.values() for place in places]
        self.width = max(len(self.layout.cells), 1 + max(last, default=0))

    @property
    def says_anything(self) -> bool:
        """Whether its first rows have any content."""
        return any(str(cell).strip() for row in self._top for cell in row)

    def belongs_to(self, snapshot_on: str | None) -> bool:
        """Whether a returned sheet lies in the folder it says it goes back to; any other sheet does."""
        return self._marks is None or self._marks.home in {"", returned.home(self.source, snapshot_on)}

    def batches(self) -> Iterator[tuple[int, list[Row]]]:
        """The rows below the header, some at a time, each time with the number of the first as Excel shows it."""
        rows: Iterator[Row] = chain(self._top[self.layout.row + 1 :], self._rows)
        first, most = self.layout.row + 2, max(1, CELLS_AT_A_TIME // self.width)
        while batch := list(islice(rows, most)):
            yield first, batch
            first += len(batch)

    def evened(self, rows: Sequence[Row]) -> list[Row]:
        """Rows with as many cells as the sheet is wide."""
        width = self.width
        return [row if len(row) == width else [*row[:width], *[""] * (width - len(row))] for row in rows]

    def own(self, row: Sequence[str]) -> list[str]:
        """The school's own cells of a row of texts: without those that a return has put before them."""
        names = self.layout.cells
        kept = [cell for at, cell in enumerate(row) if at >= len(names) or names[at].strip() not in returned.HEADERS]
        while kept and not kept[-1].strip():
            kept.pop()
        return kept

    def marked(self, rows: Sequence[Row]) -> tuple[list[str], dict[int, str]]:
        """Why each row is refused before it is looked at, else empty; and row -> number of the refusal it answers."""
        refused_as = [""] * len(rows)
        if self._is_ragged:
            width = self.width
            longer = [len(row) > width and any(str(c).strip() for c in row[width:]) for row in rows]
            refused_as = ["too_many_cells" if is_longer else "" for is_longer in longer]
        if self._marks is None:
            return refused_as, {}
        written = [texts(row).to_pylist() for row in self.evened(rows)]
        numbers = {at: found for at, row in enumerate(written) if (found := self._marks.number(row))}
        said = (self._marks.refused_as(row) for row in written)
        return [before or now for before, now in zip(refused_as, said, strict=True)], numbers
