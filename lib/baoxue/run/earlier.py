"""What an earlier run left that need not be made again: finished units whose inputs are the same and files whole."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baoxue.disclosure import Release, Tier
from baoxue.run.record import digest, files_of, unit_of
from baoxue.run.units import Outcome, Unit

JOURNAL = ".finished.jsonl"
"""In a draft: a line a unit that has finished, so that a run that is broken off can be continued."""

_writing = threading.Lock()


@dataclass(frozen=True)
class Finished:
    """A finished unit as a record or a journal tells it, and the folder its files lie in."""

    folder: Path
    unit: Mapping[str, Any]
    files: tuple[Mapping[str, Any], ...]

    @property
    def is_whole(self) -> bool:
        """Whether every file is there as it was written."""
        return all(_is_intact(self.folder / file["file"], file["sha256"]) for file in self.files)

    def outcome(self, unit: Unit, folder: Path) -> Outcome:
        """The outcome of that unit, as if it had just been executed into a folder."""
        released = [file for file in self.files if "rows" in file]
        return Outcome(
            unit, "finished", self.unit["duration_s"], releases=tuple(_release(file, folder) for file in released)
        )

    def copy(self, folder: Path) -> None:
        """Its files to the same places in another folder."""
        for file in self.files:
            place = folder / file["file"]
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.folder / file["file"], place)


def finished(folder: Path) -> dict[str, Finished]:
    """The finished units in a folder by name: from the record of a delivered run, or the journal of a draft."""
    return {told["unit"]["name"]: Finished(folder, told["unit"], tuple(told["files"])) for told in _told(folder)}


def write_down(outcome: Outcome, inputs: Mapping[str, str], draft: Path) -> None:
    """Add a unit that has finished to the journal of a draft."""
    journal(draft, [Finished(draft, unit_of(outcome, inputs, draft), tuple(files_of(outcome, draft)))])


def journal(draft: Path, units: Iterable[Finished]) -> None:
    """Add finished units to the journal of a draft."""
    lines = [json.dumps({"unit": one.unit, "files": one.files}, ensure_ascii=False) + "\n" for one in units]
    with _writing, (draft / JOURNAL).open("a", encoding="utf-8") as written:
        written.writelines(lines)


def read_record(folder: Path) -> dict[str, Any]:
    """The record of the run delivered in a folder; empty if there is none, or none that can be read."""
    try:
        return json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _told(folder: Path) -> Iterator[dict[str, Any]]:
    record = read_record(folder)
    for unit in record.get("units", ()):
        if unit["status"] == "finished":
            yield {"unit": unit, "files": [file for file in record["files"] if file["unit"] == unit["name"]]}
    if record:  # written last of all: what the journal says of pages was before they were tied to each other
        return
    written = folder / JOURNAL
    for line in written.read_text(encoding="utf-8").splitlines(keepends=True) if written.exists() else ():
        if line.endswith("\n"):  # the last one may have been cut off
            yield json.loads(line)


def _is_intact(file: Path, sha256: str) -> bool:
    return file.is_file() and digest(file) == sha256


def _release(file: Mapping[str, Any], folder: Path) -> Release:
    counts = tuple(file["counts"])
    return Release(folder / file["file"], Tier(file["tier"]), file["title"], file["rows"], counts, file["hidden"])
