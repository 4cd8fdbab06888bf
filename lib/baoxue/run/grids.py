"""A frame as pandas writes it in HTML, made fit to be read: one row of headings, words left, numbers right."""

from __future__ import annotations

import re
import unicodedata

from lxml import html
from lxml.html import HtmlElement

_NUMBER = re.compile(r"[-−+±]?[\d.,\s]*\d\s*[%‰]?|[*—-]|")

_BRIEF = 16
"""A heading of such a width stays on one line; a longer one gets room for about as much on each."""

_SHORT = 24
"""A column whose widest cell has such a width, in Latin letters, is not broken into lines."""


def tidy(fragment: str) -> str:
    """The HTML with every `table.dataframe` in it tidied; anything else stays as it is.

    The second row of headings, in which pandas puts the names of the index, goes into the first. A column in which
    every cell is a number, `*` or empty keeps to the right, any other to the left.
    """
    if "dataframe" not in fragment:
        return fragment
    root = html.fragment_fromstring(fragment, create_parent="div")
    for style in [style for style in root.iter("style") if ".dataframe" in (style.text or "")]:
        style.getparent().remove(style)
    for table in root.iterfind(".//table"):
        if "dataframe" in table.get("class", "").split():
            _tidy(table)
    return (root.text or "") + "".join(html.tostring(child, encoding="unicode") for child in root)


def _tidy(table: HtmlElement) -> None:
    for attribute in ("border", "style"):
        table.attrib.pop(attribute, None)
    heads = table.findall("thead/tr")
    if len(heads) == 2 and _is_index_row(heads):
        for cell, name in zip(heads[0], heads[1], strict=False):
            if name.text:
                cell.text = name.text
        heads[1].getparent().remove(heads[1])
    for row in table.iter("tr"):
        row.attrib.pop("style", None)
    _align(table)


def _is_index_row(heads: list[HtmlElement]) -> bool:
    """Whether a second row only names the index: each column is headed in exactly one of the two."""
    pairs = list(zip(heads[0], heads[1], strict=False))
    return len(heads[0]) == len(heads[1]) and all(bool(above.text) != bool(below.text) for above, below in pairs)


def _align(table: HtmlElement) -> None:
    rows = [list(row) for row in table.findall("tbody/tr")]
    if any(cell.get("rowspan") or cell.get("colspan") for row in rows for cell in row):
        return  # positions do not tell the column
    for place in range(max(map(len, rows), default=0)):
        column = [row[place] for row in rows if len(row) > place]
        texts = [cell.text_content().strip() for cell in column]
        kind = "number" if all(map(_NUMBER.fullmatch, texts)) else "words"
        kind += " short" if max(map(_width, texts)) <= _SHORT else ""
        for cell in column:
            cell.attrib.pop("style", None)
            cell.set("class", kind)
        for head in [list(head)[place] for head in table.findall("thead/tr") if len(head) > place]:
            head.attrib.pop("style", None)
            head.set("class", f"{kind} {'brief' if _width(head.text_content()) <= _BRIEF else 'long'}")


def _width(text: str) -> int:
    """How wide a text stands, in Latin letters: a Chinese character is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
