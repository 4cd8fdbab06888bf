"""What was handed to whom: a record that only grows, each line tied to the one before it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from baoxue.run.errors import RunError

RECORD = "handed.jsonl"


def append(file: Path, entries: Iterable[Mapping[str, object]]) -> None:
    """Add entries at the end of the record (mode 0600), each with the SHA-256 of the line before it in `after`.

    Raises RunError if a line of the record was changed or taken out since it was written.
    """
    read(file)
    lines = _lines(file)
    last = _digest(lines[-1]) if lines else ""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as record:
        for entry in entries:
            line = json.dumps({**entry, "after": last}, ensure_ascii=False)
            record.write(line + "\n")
            last = _digest(line)


def read(file: Path) -> list[dict[str, object]]:
    """The entries of a record, the oldest first; none if there is no record yet. Raises RunError if it was changed.

    A last line that was cut off or taken away cannot be told from one never written; the line's digest in the
    release it belongs to can.
    """
    last = ""
    entries = []
    for number, line in enumerate(_lines(file), start=1):
        entry = _entry(line)
        if entry.get("after") != last:
            raise RunError("record_changed", file=file.name, line=number)
        entries.append(entry)
        last = _digest(line)
    return entries


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def _entry(line: str) -> dict[str, object]:
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return {}


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()
