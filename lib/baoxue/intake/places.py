"""The files of a drop folder: which source each belongs to, by where it lies, and the day of a snapshot."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePath

from baoxue.contracts import ANSWERS, SOURCES, Source
from baoxue.intake import IntakeError
from baoxue.intake.dates import read_date
from baoxue.intake.numbers import fold, without_identifiers

BOOKS = frozenset({".xlsx", ".xlsm"})
ENDINGS = frozenset({".xlsx", ".xls", ".xlsm", ".csv", ".txt"})
TRUTH = "truth"
"""The demo county's answers; intake never looks there."""

_LITTER = ("~$", ".", "Thumbs.db", "desktop.ini", "__MACOSX", "README")


@dataclass(frozen=True)
class Found:
    """A file of the drop: where it is, its name in the account, its source, the day of a snapshot.

    `unread` says why it is not read at all (an entry `file_...` of the catalogue); empty if it is.
    """

    path: Path
    name: str
    source: Source | None
    snapshot_on: dt.date | None = None
    unread: str = ""

    @property
    def sha256(self) -> str:
        """The digest of its content; empty if it cannot be opened."""
        try:
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return ""


def files(drop: Path) -> list[Found]:
    """Every file of the drop folder in the order it is read: schools and terms first, then as the contract lists them.

    Raises IntakeError if the folder is not there or holds no file of any source.
    """
    if not drop.is_dir():
        raise IntakeError("drop_missing", drop=drop)
    found = [_found(drop, path) for path in sorted(_walk(drop))]
    if not any(file.source for file in found):
        raise IntakeError("drop_empty", drop=drop, folders="、".join(source.folder for source in SOURCES))
    order = {source.table: place for place, source in enumerate(SOURCES)}
    return sorted(found, key=lambda f: (order[f.source.table] if f.source else len(order), _natural(f.name)))


def answers(given: list[Path]) -> list[Found]:
    """The workbooks among these files and in these folders, as files of 反馈/, in order.

    Raises IntakeError if one is not there, or there is no workbook at all.
    """
    found = []
    for place in given:
        if not place.exists():
            raise IntakeError("feedback_missing", file=place)
        inside = sorted(_walk(place)) if place.is_dir() else [place]
        top = place if place.is_dir() else place.parent
        books = [path for path in inside if path.suffix.lower() in BOOKS and path.is_file()]
        found += [Found(path, without_identifiers(path.relative_to(top).as_posix()), ANSWERS) for path in books]
    if not found:
        raise IntakeError("feedback_empty", files="、".join(map(str, given)))
    return found


def stamp(path: Path) -> tuple[int, int]:
    """Size and time of change, by which a file that is still being copied is noticed."""
    try:
        found = path.stat()
    except OSError:
        return (-1, -1)
    return (found.st_size, found.st_mtime_ns)


def _natural(name: str) -> list[tuple[int, str]]:
    """So that 9月 is read before 10月, because of two versions of a row the one read last wins."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def _walk(drop: Path) -> list[Path]:
    paths = []
    for folder, folders, names in os.walk(drop):
        folders[:] = [f for f in folders if not f.startswith(_LITTER) and not (Path(folder) == drop and f == TRUTH)]
        paths += [Path(folder) / name for name in names if not name.startswith(_LITTER)]
    return paths


def _found(drop: Path, path: Path) -> Found:
    relative = path.relative_to(drop)
    name = without_identifiers(relative.as_posix()).encode("utf-8", "replace").decode()
    parts = [fold(part) for part in relative.parts]
    matches = [(source, depth) for source in SOURCES if (depth := _depth(source, parts)) is not None]
    if not matches:
        return Found(path, name, None, unread="nowhere")
    source, depth = max(matches, key=lambda match: match[1])
    if not path.is_file():
        return Found(path, name, source, unread="no_file")
    if path.suffix.lower() not in ENDINGS:
        return Found(path, name, None, unread="ending")
    if not source.snapshot:
        return Found(path, name, source)
    day = read_date(parts[depth]) if len(parts) > depth + 1 else None
    if not isinstance(day, dt.date):
        return Found(path, name, source, unread="no_snapshot_day")
    return Found(path, name, source, snapshot_on=day)


def _depth(source: Source, parts: list[str]) -> int | None:
    """How many leading parts of a path say that it belongs to the source; None if it does not."""
    folder = source.folder.split("/")
    *above, last = folder
    if parts[: len(folder)] == folder and len(parts) > len(folder):
        return len(folder)
    is_file_of_that_name = len(parts) == len(folder) and parts[:-1] == above and len(folder) > 1
    return len(above) if is_file_of_that_name and PurePath(parts[-1]).stem.startswith(last) else None
