"""A paper in the official layout (GB/T 9704-2012): A4, 22 lines of 28 characters, page numbers outside, as .docx.

Faces and sizes stand in `layout/styles.xml`. Officials edit a paper before they stamp it, so everything in it is
plain text in named styles. The same content gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm
from docx.text.paragraph import Paragraph

TOP, BOTTOM, LEFT, RIGHT = Mm(37), Mm(35), Mm(28), Mm(26)
TEXT_WIDTH = Mm(156)
LINE_PITCH = 579
"""The pitch of lines in twentieths of a point: 22 lines on 225 mm."""
FOOTER_FROM_EDGE = Mm(23)
CHARACTER_TWIPS = 320

BLANK = "＿"
"""Stands for one character of a ruled blank that a hand fills in."""

NO_BREAK_SPACE, _SPACES = "\u00a0", 4
"""A blank is ruled spaces that no line breaks or swallows, four as wide as a character."""

_UNBREAKABLE = re.compile(f"{BLANK}|[0-9]{{8}}")
"""A blank, or a number as long as a telephone's: no line is broken within."""
_UNUSED = ("stylesWithEffects", "customXml", "webSettings", "numbering", "thumbnail")
_ZIPPED_ON = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Span:
    """A piece of a paragraph: its text, and whether it stands out."""

    text: str
    is_bold: bool = False


Line = str | Sequence[Span]


class Paper:
    """A paper that grows from top to bottom; `write` gives it to a file.

    `day` is the day it is drawn up, which dates the file too. `lang` is that of its text: Chinese papers number what
    has no number yet 一、 and （一） under it. `header` stands small at the head of every page (that all is simulated).
    """

    def __init__(self, day: dt.date, lang: str = "zh", header: str = "") -> None:
        self._document = docx.Document()
        self._day = day
        self.lang = lang
        self._dress()
        self._lay_out(header)

    def add(self, line: Line, style: str = "Normal") -> Paragraph:
        """Add a paragraph in a style of `layout/styles.xml`, by its id; `＿` in it becomes a ruled blank.

        Raises KeyError for a style that there is not.
        """
        if self._document.styles.element.get_by_id(style) is None:
            raise KeyError(f"no style {style!r} in layout/styles.xml")
        paragraph = self._document.add_paragraph()
        set_line(paragraph, line, style)
        return paragraph

    def picture(self, png: bytes, alt: str) -> None:
        """Add a picture in the middle, no wider than the text, with its sentence for those who cannot see it."""
        shape = self.add("", "Figure").add_run().add_picture(io.BytesIO(png))
        scale = min(1.0, TEXT_WIDTH / shape.width)
        shape.width, shape.height = Emu(int(shape.width * scale)), Emu(int(shape.height * scale))
        shape._inline.docPr.set("descr", alt)

    def sign(self, organ: str) -> None:
        """Add the signature: two lines below the text the organ, and below it, four characters from the right, the day.

        The organ stands over the middle of the day, as far as the margin lets it (GB/T 9704-2012, 7.3.5.1); the last
        paragraph goes with it, so that no page holds a signature alone.
        """
        for paragraph in self._document.paragraphs[-1:]:
            paragraph.paragraph_format.keep_with_next = paragraph.paragraph_format.keep_together = True
        day = written_day(self._day)
        over = (text_width(organ) - text_width(day)) / 2
        self.add("", "Flush").paragraph_format.keep_with_next = True
        for text, right in ((organ, max(0.0, 4 - over)), (day, max(4.0, over))):
            paragraph = self.add(text, "Signature")
            paragraph.paragraph_format.right_indent = Emu(round(right * CHARACTER_TWIPS * 635))
            paragraph.paragraph_format.keep_with_next = text == organ

    def break_page(self) -> None:
        """Begin a new page."""
        self.add("", "Flush").add_run().add_break(WD_BREAK.PAGE)

    def insert(self, block: Any) -> None:
        """Add a block made elsewhere (a table) as it is."""
        for paragraph in self._document.paragraphs[-1:]:
            # what leads to a table stands on its page
            paragraph.paragraph_format.keep_with_next = True
        body = self._document.element.body
        body.insert(len(body) - 1, block)

    def write(self, file: Path, title: str) -> None:
        """Write the paper; `title` goes to the properties of the file."""
        properties = self._document.core_properties
        made = dt.datetime(self._day.year, self._day.month, self._day.day)
        properties.title, properties.author, properties.last_modified_by, properties.comments = title, "", "", ""
        properties.created = properties.modified = made
        properties.language, properties.revision = {"zh": "zh-CN", "en": "en-US"}[self.lang], 1
        whole = io.BytesIO()
        self._document.save(whole)
        file.write_bytes(_undated(whole.getvalue()))

    def _dress(self) -> None:
        """Our styles, faces and settings in place of those python-docx begins with."""
        part = self._document.part
        part._styles_part._element = parse_xml(_layout("styles.xml"))
        part._settings_part._element = parse_xml(_layout("settings.xml"))
        for key, relation in list(part.rels.items()):
            kind = relation.reltype.split("/")[-1]
            if kind == "fontTable":
                relation.target_part._blob = _layout("fonts.xml")
            if kind in _UNUSED:
                del part.rels[key]
        package = part.package
        for key, relation in list(package.rels.items()):
            if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
                del package.rels[key]

    def _lay_out(self, header: str) -> None:
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = TOP, BOTTOM, LEFT, RIGHT
        section.header_distance, section.footer_distance = Mm(15), FOOTER_FROM_EDGE
        grid = section._sectPr.find(qn("w:docGrid"))
        grid.set(qn("w:type"), "lines")
        grid.set(qn("w:linePitch"), str(LINE_PITCH))
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            _number_pages(footer, side)
        for place in (section.header, section.even_page_header) if header else ():
            place.is_linked_to_previous = False
            set_line(place.paragraphs[0], header, "Header")


def set_line(paragraph: Paragraph, line: Line, style: str) -> None:
    """Write a line into an empty paragraph in a style, its blanks ruled."""
    if style != "Normal":
        paragraph._p.style = style
    spans = [Span(line)] if isinstance(line, str) else line
    if style == "Normal" and any(_UNBREAKABLE.search(span.text) for span in spans):
        # spread to the margins, a line before it would fall apart
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    for span in spans:
        for text in re.split(f"({BLANK}+)", span.text):
            if not text:
                continue
            is_blank = text[0] == BLANK
            run = paragraph.add_run(NO_BREAK_SPACE * _SPACES * len(text) if is_blank else text)
            if is_blank:
                run.underline = True
            if span.is_bold:
                run.bold = True


def blank(characters: int) -> str:
    """A ruled blank of so many characters."""
    return BLANK * characters


def written_day(day: dt.date) -> str:
    """A day as official papers write it: 2024年11月30日."""
    return f"{day.year}年{day.month}月{day.day}日"


def text_width(text: str) -> float:
    """Width in Chinese characters: a Latin letter or digit is half of one, and a quarter stands where the two meet."""
    wide = [unicodedata.east_asian_width(letter) in "WFA" for letter in text]
    meetings = sum(first != second for first, second in pairwise(wide))
    return sum(1.0 if is_wide else 0.5 for is_wide in wide) + meetings / 4


def _number_pages(footer: Any, side: str) -> None:
    """`— 1 —` in the footer, one character from the outer edge."""
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    indent = f' w:{side}Chars="100" w:{side}="280"'
    for old in list(paragraph._p):
        paragraph._p.remove(old)
    paragraph._p.append(
        parse_xml(f'<w:pPr {nsdecls("w")}><w:pStyle w:val="Footer"/><w:ind{indent}/><w:jc w:val="{side}"/></w:pPr>')
    )
    dashes = [f'<w:r><w:t xml:space="preserve">{dash}</w:t></w:r>' for dash in ("— ", " —")]
    runs = f'{dashes[0]}<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>{dashes[1]}'
    for child in parse_xml(f"<w:p {nsdecls('w')}>{runs}</w:p>"):
        paragraph._p.append(child)


@cache
def _layout(name: str) -> bytes:
    return files("baoxue.forms").joinpath("paper_parts", name).read_bytes()


def _undated(package: bytes) -> bytes:
    """The package with its parts in order and none of them dated by the clock."""
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as given, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as written:
        for name in given.namelist():
            entry = zipfile.ZipInfo(name, _ZIPPED_ON)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            written.writestr(entry, given.read(name))
    return whole.getvalue()
