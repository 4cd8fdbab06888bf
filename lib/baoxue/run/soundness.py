"""Whether a run may be signed off: all of it came about, nothing was altered, no number moved without a reason."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
from pydantic import Field

from baoxue import policy
from baoxue.disclosure import Finding
from baoxue.run.changes import Change, changes, period_before, value
from baoxue.run.earlier import read_record
from baoxue.run.record import digest

OWN_FILES = {"index.html", "run.json", "release.json"}
HANDOVER = "handover"


class Thresholds(policy.Policy):
    """The content of params/policy/release.yaml."""

    change_pct: float = Field(gt=0)
    change_from: int = Field(ge=1)
    change_sd: float = Field(gt=0)


def thresholds() -> Thresholds:
    """What the county has set; PolicyError if the file does not fit."""
    return policy.load("release", Thresholds)


def findings(folder: Path) -> list[Finding]:
    """What speaks against signing off the run in a folder, beside the content of its files, in order.

    Kinds: `failed` (a unit, a check of a notebook, a file written past the door), `altered` (a file that is not as the
    run left it, is missing, or is none of the run's), `change` (a number to be explained).
    """
    record = read_record(folder)
    return sorted(found for look in LOOKS for found in look(folder, record))


def is_run(folder: Path) -> bool:
    """Whether a folder is that of a run."""
    return (folder / "run.json").is_file()


def _failed(folder: Path, record: Mapping[str, Any]) -> Iterator[Finding]:
    for unit in record["units"]:
        if unit["status"] != "finished":
            yield Finding(f"notebooks/{unit['name']}.ipynb", unit["last_line"], "failed")
    for file in record["refused"]:
        yield Finding(file, "", "failed")
    for entry in record["files"]:
        notebook = folder / entry["file"]
        if notebook.suffix == ".ipynb" and notebook.is_file():
            yield from _errors(notebook, entry["file"])


def _errors(notebook: Path, shown: str) -> Iterator[Finding]:
    for number, cell in enumerate(nbformat.read(notebook, as_version=4).cells, start=1):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                yield Finding(shown, f"cell {number}: {output.ename}", "failed")


def _altered(folder: Path, record: Mapping[str, Any]) -> Iterator[Finding]:
    recorded = {entry["file"]: entry["sha256"] for entry in record["files"]}
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    there = {name for name in files if name not in OWN_FILES and not name.startswith(f"{HANDOVER}/")}
    for name in sorted(there | set(recorded)):
        if name not in there:
            yield Finding(name, "missing", "altered")
        elif name not in recorded:
            yield Finding(name, "not of this run", "altered")
        elif digest(files[name]) != recorded[name]:
            yield Finding(name, "changed since", "altered")


def _changed(folder: Path, record: Mapping[str, Any]) -> Iterator[Finding]:
    before = period_before(folder)
    for table in changes(before, folder) if before else []:
        for change in table.changes:
            if is_large(change):
                place = " · ".join(part for part in (change.row, change.column) if part)
                yield Finding(table.file, place, "change", f"{change.before} → {change.after}")


def is_large(change: Change) -> bool:
    """Whether a count moved by more than the county lets pass: in per cent, in size, and by more than chance.

    Rates and hidden counts are not asked about.

    >>> is_large(Change("合计", "在校", "100", "104")), is_large(Change("合计", "在校", "100", "200"))
    (False, True)
    """
    if change.is_hidden or not (change.before.isdigit() and change.after.isdigit()):
        return False
    limit = thresholds()
    before, after = value(change.before), value(change.after)
    moved = abs(after - before)
    by_pct = moved > before * limit.change_pct / 100
    return by_pct and max(before, after) >= limit.change_from and moved > limit.change_sd * math.sqrt(before + after)


LOOKS: tuple[Callable[[Path, Mapping[str, Any]], Iterable[Finding]], ...] = (_failed, _altered, _changed)
"""What is looked at in a run; each takes its folder and its record. An audit of hidden cells joins here."""
