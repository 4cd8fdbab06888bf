"""Opening one file, whatever it really is, as sheets of rows; a file that cannot be read says why."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from baoxue.intake import delimited
from baoxue.intake.unreadable import Unreadable

LARGEST_UNPACKED = 3 * 2**30
"""Bytes a workbook may say it unpacks to; a county's largest registry workbook takes a third of it. One that lies meets
the memory limit of the worker that reads it."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name (empty for a text file) and its rows from the first on, as lists of cells."""

    name: str
    rows: Iterator[Sequence[object]]
    is_ragged: bool
    """Whether a row may have more cells than the header row, which then stand under the wrong headers."""


def sheets(path: Path) -> Iterator[Sheet]:
    """The sheets of a workbook or a text file, told apart by content and not by extension.

    Raises Unreadable for what cannot be opened: empty, truncated, encrypted, too large, a web page, no table at all.
    """
    kind = kind_of(path)
    if kind == "text":
        yield Sheet("", delimited.rows(path), is_ragged=True)
    else:
        yield from _workbook(path)


def kind_of(path: Path) -> str:
    """`xlsx`, `xls` or `text`, by the first bytes. Raises Unreadable for what is none."""
    with path.open("rb") as file:
        start = file.read(4096)
    if not start:
        raise Unreadable("empty_file")
    if start.startswith(_ZIP):
        _check_zip(path)
        return "xlsx"
    if start.startswith(_OLE):
        if _ENCRYPTED in path.read_bytes():
            raise Unreadable("encrypted")
        return "xls"
    head = start.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head")):
        raise Unreadable("web_page")
    if b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("not_a_table")
    return "text"


def _workbook(path: Path) -> Iterator[Sheet]:
    import python_calamine

    with path.open("rb") as file:
        try:
            book = python_calamine.CalamineWorkbook.from_object(file)
            for entry in book.sheets_metadata:
                if entry.typ is python_calamine.SheetTypeEnum.WorkSheet:
                    yield Sheet(entry.name, book.get_sheet_by_name(entry.name).iter_rows(), is_ragged=False)
        except python_calamine.PasswordError as error:
            raise Unreadable("encrypted") from error
        except python_calamine.CalamineError as error:
            raise Unreadable("damaged") from error


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, struct.error, OSError, ValueError) as error:
        raise Unreadable("damaged") from error
    if not any(name.startswith("xl/") for name in names):
        raise Unreadable("not_a_table")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("encrypted")
    declared = sum(entry.file_size for entry in entries)
    if declared > LARGEST_UNPACKED:
        raise Unreadable("too_large", gigabytes=declared // 2**30)
