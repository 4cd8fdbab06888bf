"""What a file says, piece by piece, each with its place: text, tables, workbooks, letters, notebooks, archives."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_TEXT = {".html", ".htm", ".txt", ".md", ".svg", ".xml", ".yaml", ".yml", ".log", ".css", ".js", ".tsv", ".jsonl"}
_JSON = {".json", ".ipynb"}
_WORKBOOK = {".xlsx", ".xlsm", ".xls"}
_LETTER = {".docx", ".pptx"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EMBEDDED = re.compile(r"data:(?:image|font|application)/[\w.+-]+;base64,[A-Za-z0-9+/=\s]+")


class Encrypted(Exception):
    """The file is encrypted: nothing in it can be read, which is as it should be."""


class Unreadable(Exception):
    """The file is broken, or not what its name says."""


@dataclass(frozen=True)
class Piece:
    """A piece of what a file says: where it stands, its text, and the heading of the column it stands under."""

    place: str
    text: str
    heading: str = ""


def is_read(name: str) -> bool:
    """Whether a file of this name is one whose content can be looked through."""
    return PurePosixPath(name).suffix.lower() in _TEXT | _JSON | _WORKBOOK | _LETTER | {".csv", ".parquet", ".zip"}


def pieces(file: Path) -> Iterator[Piece]:
    """Every piece of a file. Raises Encrypted or Unreadable; a kind that is not read (see `is_read`) has no pieces."""
    return _pieces(file.name, file.read_bytes())


def _pieces(name: str, content: bytes) -> Iterator[Piece]:
    kind = PurePosixPath(name).suffix.lower()
    try:
        if kind in _TEXT:
            yield from _lines(_decode(content))
        elif kind in _JSON:
            yield from _json(json.loads(_decode(content)), "")
        elif kind == ".csv":
            yield from _csv(_decode(content))
        elif kind in _WORKBOOK:
            yield from _workbook(content)
        elif kind in _LETTER:
            yield from _office_parts(_unzipped(content), skip=())
        elif kind == ".parquet":
            yield from _parquet(content)
        elif kind == ".zip":
            yield from _archive(content)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile, csv.Error) as error:
        raise Unreadable(type(error).__name__) from error


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("neither UTF-8 nor GB18030")


def _lines(text: str) -> Iterator[Piece]:
    plain = _EMBEDDED.sub("", text)
    for number, line in enumerate(plain.splitlines(), start=1):
        yield Piece(f"line {number}", html.unescape(line))


def _json(value: object, place: str) -> Iterator[Piece]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.startswith("image/") and key != "image/svg+xml":
                continue  # the bytes of a picture
            yield Piece(f"{place}.{key} (key)".lstrip("."), key)
            yield from _json(inner, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _json(inner, f"{place}[{number}]")
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield Piece(place, html.unescape(_EMBEDDED.sub("", str(value))))


def _csv(text: str) -> Iterator[Piece]:
    rows = list(csv.reader(io.StringIO(text)))
    headings = rows[0] if rows else []
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            heading = headings[column] if column < len(headings) else ""
            yield Piece(f"row {number}, column {column + 1}", cell, heading if number > 1 else "")


def _workbook(content: bytes) -> Iterator[Piece]:
    import python_calamine

    if content.startswith(_OLE) and _is_encrypted(content):
        raise Encrypted
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]
    except python_calamine.CalamineError as error:
        raise Unreadable(type(error).__name__) from error
    for name, rows in sheets:
        yield Piece(f"sheet {name} (name)", name)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if cell != "":
                    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
                    yield Piece(f"sheet {name}, {_letters(column)}{number}", text)
    if content.startswith(b"PK"):
        # properties, comments, headers and footers, names; the cells were read above
        yield from _office_parts(_unzipped(content), skip=("xl/sharedStrings", "xl/styles", "xl/theme"))


def _is_encrypted(content: bytes) -> bool:
    import msoffcrypto
    from msoffcrypto.exceptions import FileFormatError

    try:
        return bool(msoffcrypto.OfficeFile(io.BytesIO(content)).is_encrypted())
    except FileFormatError as error:
        raise Unreadable(type(error).__name__) from error


def _letters(column: int) -> str:
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _unzipped(content: bytes) -> zipfile.ZipFile:
    if content.startswith(_OLE) and _is_encrypted(content):
        raise Encrypted
    return zipfile.ZipFile(io.BytesIO(content))


def _office_parts(archive: zipfile.ZipFile, skip: tuple[str, ...]) -> Iterator[Piece]:
    """Paragraph by paragraph, because one word may be cut into several runs; then the attributes that hold text."""
    from lxml import etree

    for part in sorted(archive.namelist()):
        if not part.endswith((".xml", ".rels")) or part.startswith(skip):
            continue
        try:
            root = etree.fromstring(archive.read(part), etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            raise Unreadable(part) from error
        for cells in root.findall(".//{*}sheetData"):
            cells.clear()
        paragraphs = root.findall(".//{*}p") or [child for child in root.iter() if child.text and child.text.strip()]
        for number, paragraph in enumerate(paragraphs, start=1):
            yield Piece(f"{part}, paragraph {number}", "".join(str(text) for text in paragraph.itertext()))
        for element in root.iter():
            for key, value in element.attrib.items():
                if etree.QName(key).localname in {"name", "descr", "title", "Target", "tooltip", "author", "val"}:
                    yield Piece(f"{part}, {etree.QName(element).localname}", str(value))


def _parquet(content: bytes) -> Iterator[Piece]:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(content))
    for name in table.column_names:
        yield Piece(f"column {name} (name)", name)
        column = table[name]
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_integer(column.type):
            for value in pc.unique(column.drop_null()).to_pylist():
                yield Piece(f"column {name}", str(value), name)
    for key, value in (table.schema.metadata or {}).items():
        yield Piece(f"metadata {key.decode(errors='replace')}", value.decode(errors="replace"))


def _archive(content: bytes) -> Iterator[Piece]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    for member in sorted(archive.namelist()):
        yield Piece(f"{member} (name)", member)
        if is_read(member):
            for piece in _pieces(member, archive.read(member)):
                yield Piece(f"{member}: {piece.place}", piece.text, piece.heading)
