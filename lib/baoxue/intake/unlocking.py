"""A list that comes back, opened: as it was locked for its school, or as somebody saved it without the password."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path

from msoffcrypto import OfficeFile
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

from baoxue.calendar import SchoolYear
from baoxue.intake.handed import Handed
from baoxue.intake.references import password
from baoxue.intake.sheets import kind_of
from baoxue.intake.unreadable import Unreadable

_CODE = re.compile(r"(?<!\d)\d{10}(?!\d)")


def school_named(path: Path, handed: Handed) -> str:
    """The school whose code stands in the name of the file or of its folder; empty if none does."""
    found = [code for part in (path.name, path.parent.name) for code in _CODE.findall(part)]
    return next((code for code in found if code in handed.pupils), "")


def unlocked(path: Path, handed: Handed, key: bytes) -> io.BytesIO:
    """The workbook without its password. Raises Unreadable if it is none, or no school's password opens it."""
    try:
        if kind_of(path) != "xlsx":
            raise Unreadable("answers_not_a_list")
        return io.BytesIO(path.read_bytes())
    except Unreadable as why:
        if why.reason != "encrypted":
            raise
    return _decrypted(path, handed, key)


def _decrypted(path: Path, handed: Handed, key: bytes) -> io.BytesIO:
    named = school_named(path, handed)
    try:
        locked = OfficeFile(io.BytesIO(path.read_bytes()))
        for secret in _passwords(named, handed, key):
            try:
                locked.load_key(password=secret, verify_password=True)
            except InvalidKeyError:
                continue
            bare = io.BytesIO()
            locked.decrypt(bare)
            bare.seek(0)
            return bare
    except (DecryptionError, FileFormatError, ParseError) as error:
        raise Unreadable("damaged") from error
    raise Unreadable("answers_password", school=named or "—")


def _passwords(named: str, handed: Handed, key: bytes) -> Iterator[str]:
    """Of the school that the file names, then of all others, of this school year and the one before."""
    this_year = SchoolYear.of(handed.latest)
    days = (handed.latest, this_year.starts_on - dt.timedelta(days=1))
    schools = [named] if named else []
    schools += sorted(school for school in handed.pupils if school != named)
    return (password(key, school, day) for school in schools for day in days)
