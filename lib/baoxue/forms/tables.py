"""Tables of a paper: ruled, 仿宋五号, the head repeated on every page, columns as wide as what stands in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from baoxue.forms.paper import Paper, set_line, text_width

TWIPS_PER_MM = 1440 / 25.4
TEXT_TWIPS = 8844
"""The width of the text, 156 mm, in twentieths of a point."""
NARROWEST, WIDEST = 3.5, 24.0
"""In characters: no column is set narrower, and a longer text is broken into lines."""
LEFT_FROM = 12.0
"""A column with a cell of more characters is set to the left, any other in the middle."""
WHOLE_TO = 14
"""A table of so many rows is kept on one page."""
TIGHT = 40.0
"""Characters of 五号 that fit beside each other; a wider table is set one size smaller (小五)."""
FITTING = 49.0
"""Characters of 小五 that fit beside each other."""
PADDING = 1.3
"""Characters of 小五 that the two margins of a cell take."""
_UNBROKEN = re.compile(r"[!-~—−…]+")
"""A number or a Latin word: breaking it would make another of it."""


@dataclass(frozen=True)
class Cell:
    """A cell: its text, how many columns and rows it covers, and whether it is a heading."""

    text: str
    columns: int = 1
    rows: int = 1
    is_head: bool = False


Element = Any
"""An element of the document's XML."""
_NO_PART: Any = None
"""A paragraph that is not in a document yet belongs to no part of it."""
Grid = Sequence[Sequence[Cell]]
Owners = dict[tuple[int, int], tuple[int, int, Cell]]
"""For each place of the grid the place where the cell that covers it begins, and the cell."""


def add_table(
    paper: Paper, grid: Grid, *, head_rows: int = 1, widths: Sequence[float] = (), row_mm: float = 0.0
) -> None:
    """Add a table to a paper; its first `head_rows` rows stand on every page on which it goes on.

    `grid` holds the cells that begin in each row, in order, as in HTML. `widths` are the shares of the columns; without
    them each column is as wide as its longest cell, within bounds. An empty grid adds nothing.
    """
    owners = _owners(grid)
    if not owners:
        return
    count = 1 + max(column for _, column in owners)
    natural = _natural(owners, count)
    shares = list(widths) or _squeezed(natural, _least(owners, count))
    twips = [round(TEXT_TWIPS * share / sum(shares)) for share in shares]
    table = _table(twips)
    is_left = [any(text_width(cell.text) > LEFT_FROM for cell in _column(owners, place)) for place in range(count)]
    for row in range(len(grid)):
        line = _row(row_mm, is_head=row < head_rows)
        for column in range(count):
            first_row, first_column, cell = owners.get((row, column), (row, column, Cell("")))
            if first_column == column:
                style = "CellHead" if cell.is_head else "CellText" if is_left[column] else "Cell"
                width = sum(twips[column : column + cell.columns])
                place = _cell(cell, width, style, begins=first_row == row, small=sum(natural) > TIGHT)
                line.append(_kept(place) if row + 1 < len(grid) <= WHOLE_TO else place)
        table.append(line)
    paper.insert(table)
    paper.add("", "AfterTable")


def _owners(grid: Grid) -> Owners:
    """Who covers what. A cell reaches no further than its row is free, nor below the last row."""
    owners: Owners = {}
    for row, cells in enumerate(grid):
        column = 0
        for cell in cells:
            while (row, column) in owners:
                column += 1
            free = next((n for n in range(1, cell.columns) if (row, column + n) in owners), cell.columns)
            fitted = replace(cell, columns=free, rows=min(cell.rows, len(grid) - row))
            for down in range(fitted.rows):
                owners |= {(row + down, column + along): (row, column, fitted) for along in range(free)}
            column += free
    return owners


def _column(owners: Owners, column: int) -> list[Cell]:
    """The cells, no headings, that begin in a column and cover no other."""
    begins = [(place, cell) for place, (row, first, cell) in owners.items() if place == (row, first)]
    return [cell for (_, at), cell in begins if at == column and cell.columns == 1 and not cell.is_head]


def _natural(owners: Owners, count: int) -> list[float]:
    """The width of each column in characters: of its longest cell; a heading may be broken into two lines."""
    widths = [NARROWEST] * count
    for (row, column), (first_row, first_column, cell) in owners.items():
        if (row, column) == (first_row, first_column) and cell.columns == 1:
            longest = max(map(text_width, cell.text.split("\n")))
            widths[column] = max(widths[column], min(WIDEST, (longest / 2 if cell.is_head else longest) + 1))
    return widths


def _least(owners: Owners, count: int) -> list[float]:
    """What each column needs so that no number in it is broken, in characters of 小五; a Latin letter may be wide."""
    widths = [0.0] * count
    for (row, column), (first_row, first_column, cell) in owners.items():
        if (row, column) == (first_row, first_column) and cell.columns == 1:
            longest = max(map(len, _UNBROKEN.findall(cell.text)), default=0)
            widths[column] = max(widths[column], min(WIDEST, 0.66 * longest + PADDING))
    return widths


def _squeezed(natural: list[float], least: list[float]) -> list[float]:
    """Widths that fit beside each other: where there is too little room, columns give up what they need least."""
    natural = [max(need, width) for need, width in zip(least, natural, strict=True)]
    room, spare = FITTING - sum(least), sum(natural) - sum(least)
    if sum(natural) <= FITTING or room <= 0:
        return natural
    return [need + (width - need) * room / spare for need, width in zip(least, natural, strict=True)]


def _table(twips: Sequence[int]) -> Element:
    table, properties, columns = OxmlElement("w:tbl"), OxmlElement("w:tblPr"), OxmlElement("w:tblGrid")
    properties.append(_element("w:tblStyle", val="TableGrid"))
    properties.append(_element("w:tblW", w=sum(twips), type="dxa"))
    properties.append(_element("w:jc", val="center"))
    properties.append(_element("w:tblLayout", type="fixed"))
    for width in twips:
        columns.append(_element("w:gridCol", w=width))
    table.append(properties)
    table.append(columns)
    return table


def _row(row_mm: float, *, is_head: bool) -> Element:
    line, properties = OxmlElement("w:tr"), OxmlElement("w:trPr")
    properties.append(_element("w:cantSplit"))
    if row_mm:
        properties.append(_element("w:trHeight", val=round(row_mm * TWIPS_PER_MM), hRule="atLeast"))
    if is_head:
        properties.append(_element("w:tblHeader"))
    line.append(properties)
    return line


def _cell(cell: Cell, width: int, style: str, *, begins: bool, small: bool) -> Element:
    place, properties = OxmlElement("w:tc"), OxmlElement("w:tcPr")
    properties.append(_element("w:tcW", w=width, type="dxa"))
    if cell.columns > 1:
        properties.append(_element("w:gridSpan", val=cell.columns))
    if cell.rows > 1:
        properties.append(_element("w:vMerge", val="restart" if begins else "continue"))
    properties.append(_element("w:vAlign", val="center"))
    place.append(properties)
    for text in cell.text.split("\n") if begins else [""]:
        paragraph: Element = OxmlElement("w:p")
        set_line(Paragraph(paragraph, _NO_PART), text, style)
        for size in paragraph.iter(qn("w:rPr")) if small else ():
            size.append(_element("w:sz", val=18))
        place.append(paragraph)
    return place


def _kept(place: Element) -> Element:
    """The cell, kept on the page of the row below."""
    for properties in place.iter(qn("w:pPr")):
        properties.insert(1, _element("w:keepNext"))
    return place


def _element(name: str, **attributes: object) -> Element:
    return OxmlElement(name, attrs={qn(f"w:{key}"): str(value) for key, value in attributes.items()})
