"""What was written as Markdown or HTML, set into a paper: headings numbered as official papers number them.

Used for the letters' wording and for the reports' cells alike. `<h1>` is the title, `<h2>` 一、, `<h3>` （一）, `<h4>`
1.; the `class` of a paragraph names its style: `organ`, `to` (addressee), `number` (文号), `attachments` (a line each),
`note`, `copies`; `sign` signs with the organ it holds. `<hr>` begins a new page; a `<table class="form">` has no head
row, `data-widths` are the shares of its columns, `data-row-mm` is the least height of its rows.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator

import mistune
from lxml import html
from lxml.html import HtmlElement

from baoxue.forms.paper import Paper, Span
from baoxue.forms.tables import Cell, add_table

STYLE_OF = {
    "organ": "Title", "to": "Flush", "number": "Number", "attachments": "Attachments", "note": "Note",
    "copies": "Copies",
}  # fmt: skip
_NUMERALS = "一二三四五六七八九十"
_OWN_NUMBER = re.compile(
    r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d+\s*[.．、]|第[一二三四五六七八九十]+)"
)
_markdown: Callable[[str], str] = mistune.create_markdown(escape=False, plugins=["table", "strikethrough"])  # type: ignore[assignment]


class Fragments:
    """Sets fragments into one paper, one after the other, and keeps count of its headings.

    Where any heading of a level carries its own number, as `numbered` says, that level is left as it is written.
    """

    def __init__(self, paper: Paper, own_numbers: frozenset[int] = frozenset()) -> None:
        self._paper = paper
        self._own = own_numbers
        self._counts = [0, 0, 0]

    def markdown(self, text: str) -> None:
        """Set a text of Markdown; HTML in it stands as it is."""
        self.html(_markdown(text))

    def html(self, fragment: str) -> None:
        """Set a fragment of HTML; scripts and styles are left out."""
        if fragment.strip():
            for block in html.fragment_fromstring(fragment, create_parent="div"):
                self._block(block)

    def _block(self, block: HtmlElement) -> None:
        kind = block.tag if isinstance(block.tag, str) else ""
        if re.fullmatch("h[1-6]", kind):
            self._heading(int(kind[1]), block)
        elif kind == "table":
            self._table(block)
        elif kind in ("ol", "ul"):
            for number, item in enumerate(block.findall("li"), 1):
                self._item(item, f"{number}. " if kind == "ol" else "")
        elif kind == "hr":
            self._paper.break_page()
        elif kind == "pre":
            for line in block.text_content().rstrip("\n").split("\n"):
                self._paper.add(line, "Note")
        elif kind == "p" or (kind == "div" and not len(block)):
            self._paragraph(block)
        elif kind and kind not in ("style", "script"):
            for inner in block:
                self._block(inner)

    def _heading(self, level: int, block: HtmlElement) -> None:
        if level == 1:
            for line in _lines(block):
                self._paper.add("".join(span.text for span in line).strip(), "Title")
            self._paper.add("", "Flush")
            return
        text = _words(block)
        place = min(level, 5) - 2
        if place < 3:
            self._counts[place] += 1
            self._counts[place + 1 :] = [0] * (2 - place)
        numbered = self._paper.lang == "zh" and level not in self._own and place < 3
        self._paper.add((_number(place, self._counts[place]) if numbered else "") + text, f"Heading{place + 1}")

    def _paragraph(self, block: HtmlElement) -> None:
        kind = block.get("class", "")
        if kind == "sign":
            self._paper.sign(_words(block))
            return
        for picture in block.iter("img"):
            self._picture(picture)
        style = STYLE_OF.get(kind, "Normal")
        for line in _lines(block):
            if any(span.text.strip() for span in line):
                self._paper.add(line, style)
                style = "AttachmentsNext" if style == "Attachments" else style

    def _item(self, item: HtmlElement, mark: str) -> None:
        for line in _lines(item, skip=("ol", "ul")):
            if any(span.text.strip() for span in line):
                self._paper.add([Span(mark), *line])
                mark = ""
        for inner in item:
            if inner.tag in ("ol", "ul"):
                self._block(inner)

    def _picture(self, picture: HtmlElement) -> None:
        found = re.match(r"data:image/png;base64,(.*)", picture.get("src", ""), re.DOTALL)
        if found:
            self._paper.picture(base64.b64decode(found[1]), picture.get("alt", ""))

    def _table(self, table: HtmlElement) -> None:
        rows = [[_cell(cell) for cell in row if cell.tag in ("th", "td")] for row in table.iter("tr")]
        is_form = table.get("class", "") == "form"
        head = 0 if is_form else max(1, len(table.findall("thead/tr")))
        for caption in table.iter("caption"):
            self._paper.add(_words(caption), "Caption")
        heads = [
            [Cell(cell.text, cell.columns, cell.rows, True) if number < head else cell for cell in row]
            for number, row in enumerate(rows)
        ]
        widths = [float(share) for share in table.get("data-widths", "").split()]
        add_table(self._paper, heads, head_rows=head, widths=widths, row_mm=float(table.get("data-row-mm", 0)))


def own_numbers(texts: list[tuple[int, str]]) -> frozenset[int]:
    """The levels at which a heading carries its own number, of `(level, text)`.

    >>> own_numbers([(2, "本月要点"), (2, "一、基本情况"), (3, "近况")])
    frozenset({2})
    """
    return frozenset(level for level, text in texts if _OWN_NUMBER.match(text))


def _number(place: int, count: int) -> str:
    numeral = _NUMERALS[count - 1] if count <= 10 else f"十{_NUMERALS[count - 11]}"
    return (f"{numeral}、", f"（{numeral}）", f"{count}. ")[place]


def _words(element: HtmlElement) -> str:
    return re.sub(r"\s+", " ", element.text_content()).strip()


def _cell(cell: HtmlElement) -> Cell:
    lines = ["".join(span.text for span in line).strip() for line in _lines(cell)]
    text = "\n".join(line for line in lines if line)
    return Cell(text, int(cell.get("colspan", 1)), int(cell.get("rowspan", 1)), cell.get("class", "") == "label")


def _lines(block: HtmlElement, skip: tuple[str, ...] = ()) -> list[list[Span]]:
    """The text of a block in spans, a list a line."""
    lines: list[list[Span]] = [[]]
    for text, is_bold in _texts(block, False, skip):
        if text == "\n":
            lines.append([])
        else:
            lines[-1].append(Span(text, is_bold))
    return lines


def _texts(element: HtmlElement, is_bold: bool, skip: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """Texts with their weight, a line break as `\\n`."""
    if element.text:
        yield re.sub(r"\s+", " ", element.text), is_bold
    for inner in element:
        if inner.tag == "br":
            yield "\n", False
        elif inner.tag not in skip:
            yield from _texts(inner, is_bold or inner.tag in ("strong", "b"), skip)
        if inner.tail:
            yield re.sub(r"\s+", " ", inner.tail), is_bold
