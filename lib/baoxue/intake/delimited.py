"""Text files of rows: their encoding, their separator, their quotation marks, found out and not asked for."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from baoxue.intake.headers import TITLE_ROWS
from baoxue.intake.unreadable import Unreadable

_SEPARATORS = ",\t;|"
_CHUNK = 2**22


def rows(path: Path) -> Iterator[list[object]]:
    """The records of a text file, as lists of texts; a damaged character shows as U+FFFD, so that its cell is refused.

    Raises Unreadable if there is no table in it.
    """
    encoding = encoding_of(path)
    separator = _separator(path, encoding)
    quoting = _quoting(path, encoding, separator)
    try:
        for record in _records(path, encoding, separator, quoting):
            yield list(record) if quoting == csv.QUOTE_MINIMAL else [cell.strip('"') for cell in record]
    except csv.Error as error:
        raise Unreadable("not_a_table") from error


def encoding_of(path: Path) -> str:
    """UTF-16 or UTF-8 if its mark or every byte says so, else GB18030 (which holds GBK).

    A file that is damaged under both is read in the one that damages less of it.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start.startswith(codecs.BOM_UTF8) or _decodes(path, "utf-8"):
        return "utf-8-sig"
    if _decodes(path, "gb18030"):
        return "gb18030"
    content = path.read_bytes()
    return min(("utf-8-sig", "gb18030"), key=lambda name: content.decode(name, "replace").count("\ufffd"))


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _separator(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        top = [line[:_CHUNK] for line in islice(file, TITLE_ROWS + 1)]
    return max(_SEPARATORS, key=lambda separator: max((line.count(separator) for line in top), default=0))


def _records(path: Path, encoding: str, separator: str, quoting: int) -> Iterator[list[str]]:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        if quoting == csv.QUOTE_MINIMAL:
            yield from csv.reader(file, delimiter=separator, strict=True)
        else:
            yield from csv.reader(file, delimiter=separator, quoting=csv.QUOTE_NONE)


def _quoting(path: Path, encoding: str, separator: str) -> int:
    """A quotation mark that is never closed would swallow the rows below it: then marks are read as characters."""
    with path.open("rb") as file:
        if not any(b'"' in chunk for chunk in iter(lambda: file.read(_CHUNK), b"")):
            return csv.QUOTE_MINIMAL
    try:
        records = _records(path, encoding, separator, csv.QUOTE_MINIMAL)
        swallows = any(
            _holds_rows(cell, separator, len(record)) for record in records for cell in record if "\n" in cell
        )
    except csv.Error:
        swallows = True
    return csv.QUOTE_NONE if swallows else csv.QUOTE_MINIMAL


def _holds_rows(cell: str, separator: str, width: int) -> bool:
    return any(line.count(separator) >= max(1, width - 1) for line in cell.splitlines()[1:])
