"""What is about to leave, looked through: identifiers, names, small counts, characters that did not print."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from baoxue.disclosure.audit import audit
from baoxue.disclosure.contents import Encrypted, Piece, Unreadable, is_read, pieces
from baoxue.disclosure.doors import PERSON_KEYS, identity_headings
from baoxue.disclosure.identifiers import identifiers
from baoxue.disclosure.names import Names
from baoxue.disclosure.published import COUNTS_NOBODY
from baoxue.disclosure.tiers import HIDDEN, Tier, settings, tier_of

Kind = Literal[
    "name", "id_number", "registry_number", "phone", "identity_column", "person_column", "small_count",
    "missing_character", "unreadable", "not_encrypted", "worked_out", "failed", "altered", "change",
]  # fmt: skip

_DOCUMENTS = {".xlsx", ".xlsm", ".xls", ".docx"}
_LOST = re.compile(r"\ufffd|Glyph \d+ .{0,80}missing from|\.notdef")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, order=True)
class Finding:
    """Something that must not leave like this: in which file, where, what; the value only masked."""

    file: str
    place: str
    kind: Kind
    masked: str = ""


@dataclass(frozen=True)
class Report:
    """What a check looked at and what it found. `opaque` are files of a kind that is not read (pictures, PDF)."""

    looked_at: tuple[str, ...] = ()
    encrypted: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass
class _Collected:
    looked_at: list[str] = field(default_factory=list)
    encrypted: list[str] = field(default_factory=list)
    opaque: list[str] = field(default_factory=list)
    findings: set[Finding] = field(default_factory=set)


def check(path: str | Path, *, names: Iterable[str] = (), own_words: Iterable[str] = ()) -> Report:
    """Look through a file, or every file below a folder: content, hidden properties, metadata and file names.

    `names` are the names of people to look for, `own_words` texts whose words are no names (schools, places). Below
    `restricted/` a workbook must be encrypted when it lies in a folder of lists, and a document of a tier that may
    name a child may do so; tables may not, anywhere. Raises FileNotFoundError if there is nothing at `path`.
    """
    top = Path(path)
    if not top.exists():
        raise FileNotFoundError(top)
    files = [top] if top.is_file() else sorted(file for file in top.rglob("*") if file.is_file())
    looked_for = Names(names, own_words)
    seen = _Collected()
    for file in files:
        _look(file, _shown(file, top), looked_for, seen)
    seen.findings |= set(_worked_out(files, top))
    return Report(tuple(seen.looked_at), tuple(seen.encrypted), tuple(seen.opaque), tuple(sorted(seen.findings)))


def _shown(file: Path, top: Path) -> str:
    return file.relative_to(top).as_posix() if file != top else file.name


def _look(file: Path, shown: str, names: Names, seen: _Collected) -> None:
    seen.findings |= set(_in_text(shown, Piece("file name", shown), names))
    if not is_read(file.name):
        seen.opaque.append(shown)
        return
    tier = tier_of(file)
    may_name = "restricted" in file.parts and tier in settings().names_a_child and file.suffix in _DOCUMENTS
    try:
        found = list(_in_file(file, shown, names, may_name=may_name))
    except Encrypted:
        seen.encrypted.append(shown)
        return
    except Unreadable as error:
        seen.findings.add(Finding(shown, str(error), "unreadable"))
        return
    seen.looked_at.append(shown)
    seen.findings |= set(found)
    if may_name and file.parent.name == "lists":
        seen.findings.add(Finding(shown, "", "not_encrypted"))
    if tier is Tier.PUBLIC and file.suffix == ".csv":
        seen.findings |= set(_small_counts(file, shown))


def _in_file(file: Path, shown: str, names: Names, *, may_name: bool) -> Iterator[Finding]:
    table = file.suffix in {".csv", ".parquet"}
    forbidden = identity_headings() if table else set()
    if table and tier_of(file) in (Tier.PUBLIC, Tier.TOWNSHIP, Tier.SCHOOL):
        forbidden = forbidden | PERSON_KEYS
    for piece in pieces(file):
        if piece.heading in forbidden and piece.text:
            kind: Kind = "person_column" if piece.heading in PERSON_KEYS else "identity_column"
            yield Finding(shown, f"column {piece.heading}", kind)
        if may_name:
            yield from _lost(shown, piece)
        else:
            yield from _in_text(shown, piece, names)


def _in_text(shown: str, piece: Piece, names: Names) -> Iterator[Finding]:
    for hit in identifiers(piece.text):
        yield Finding(shown, piece.place, hit.kind, hit.masked)
    for name in names.find(piece.text) if len(names) else ():
        yield Finding(shown, piece.place, "name", name.masked)
    yield from _lost(shown, piece)


def _lost(shown: str, piece: Piece) -> Iterator[Finding]:
    if _LOST.search(piece.text):
        yield Finding(shown, piece.place, "missing_character")


def _small_counts(file: Path, shown: str) -> Iterator[Finding]:
    """Counts from 1 to the smallest shown, less one, that stand open in a public table."""
    table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    declared = _declared_counts(file)
    headings = list(map(str, table))
    columns = [c for c in headings if (c in declared if declared is not None else _counts(c, table[c]))]
    for column in columns:
        for row, text in enumerate(table[column], start=2):
            if _NUMBER.fullmatch(text) and 1 <= int(text) < settings().smallest_shown:
                yield Finding(shown, f"row {row}, column {column}", "small_count", text)


def _worked_out(files: Iterable[Path], top: Path) -> Iterator[Finding]:
    """Hidden counts that the public tables of one run, taken together, give away."""
    runs: dict[Path, dict[str, Path]] = {}
    for file in files:
        if file.suffix == ".csv" and tier_of(file) is Tier.PUBLIC:
            runs.setdefault(_run_of(file), {})[_shown(file, top)] = file
    for tables in runs.values():
        declared = {name: _declared_counts(file) for name, file in tables.items()}
        for leak in audit(tables, declared):
            for place in leak.places:
                yield Finding(place.file, f"row {place.row + 2}, column {place.column}", "worked_out")


def _run_of(file: Path) -> Path:
    """The folder of the run that a table belongs to: the nearest with a record, else the one around `tables`."""
    recorded = next((folder for folder in file.parents[:4] if (folder / "run.json").is_file()), None)
    return recorded or (file.parent.parent if file.parent.name == "tables" else file.parent)


def _counts(heading: str, column: pd.Series) -> bool:
    """Whether a column whose meaning nobody declared looks like a count of children: whole, no year or code."""
    filled = [text for text in column if text not in {"", HIDDEN}]
    whole = bool(filled) and all(_NUMBER.fullmatch(text) for text in filled)
    return whole and not COUNTS_NOBODY.search(heading.strip())


def _declared_counts(file: Path) -> list[str] | None:
    """The columns of a table that count children, as the record of its run says; None if there is no record of it."""
    for folder in file.parents[:4]:
        record = folder / "run.json"
        if record.is_file():
            written = json.loads(record.read_text("utf-8"))["files"]
            place = file.relative_to(folder).as_posix()
            return next((entry.get("counts") for entry in written if entry["file"] == place), None)
    return None
