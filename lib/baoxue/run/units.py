"""The units of a run: a notebook with its parameters each; what it is given, what it yields, how it went."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

from baoxue import policy
from baoxue.disclosure import Release, Tier
from baoxue.run.declared import read
from baoxue.run.languages import title
from baoxue.run.lines import Line, Reader, in_order, sources
from baoxue.run.params import RunParams, arguments
from baoxue.run.premises import FILES, places_of
from baoxue.words import say

Status = Literal["finished", "failed", "left_out"]

TIERS: dict[Reader, Tier] = {
    "bureau": Tier.BUREAU,
    "township": Tier.TOWNSHIP,
    "school": Tier.SCHOOL,
    "research": Tier.RESEARCH,
}
"""Who may hold the page and the notebook that a unit makes for a reader."""


@dataclass(frozen=True)
class Unit:
    """A notebook with its parameters, for a reader; `after` names the units whose files it reads.

    `has_document`: its report is written as .docx too.
    """

    name: str
    title: str
    notebook: Path
    reader: Reader
    parameters: dict[str, object]
    after: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    has_document: bool = False

    def inputs(self, code: str, packages: str, store: str) -> dict[str, str]:
        """A digest of each thing that decides its products, but for what it reads of other units."""
        given = {name: value for name, value in self.parameters.items() if name != "out"}
        files = [policy.path(str(given[name])) for name in FILES if given.get(name)]
        # by size and time: a digest of a key file would let its guesses be tried
        seen = [[file.stat().st_size, file.stat().st_mtime_ns] for file in files if file.is_file()]
        return {
            "notebook": _digest(self.notebook.read_bytes()),
            "parameters": _digest(json.dumps([given, seen, self.has_document], sort_keys=True).encode()),
            "code": code,
            "packages": packages,
            "store": store if "store" in given else "",
        }

    def breach(self, written: Iterable[str]) -> str:
        """What it did not write or wrote besides, against what its params file says it writes; empty if all is well.

        Reports are not told: every unit has one.
        """
        files = [file for file in written if not file.startswith("reports/")]
        missing = [pattern for pattern in self.writes if not any(fnmatch(file, pattern) for file in files)]
        if missing:
            return f"FileNotFoundError: {missing[0]} was to be written and was not"
        more = [file for file in files if self.writes and not any(fnmatch(file, pattern) for pattern in self.writes)]
        return f"FileExistsError: {more[0]} is not among what it says it writes" if more else ""


@dataclass(frozen=True)
class Outcome:
    """How a unit went. A failed one has the last line of its traceback; one left out names the unit it waited for."""

    unit: Unit
    status: Status
    duration_s: float = 0.0
    last_line: str = ""
    traceback: str = ""
    releases: tuple[Release, ...] = ()


def units(params: RunParams, out: Path) -> list[Unit]:
    """The units of a run, each after those whose files it reads; their `out` is the folder the run writes to."""
    names: dict[str, dict[str, str]] = {}
    made: dict[str, list[Unit]] = {}
    for line in in_order(params.notebooks):
        if line.for_each and line.for_each not in names:
            names[line.for_each] = places_of(params, line.for_each)
        after = [unit.name for other in sources(line, params.notebooks) for unit in made[other.name]]
        each = names[line.for_each] if line.for_each else {"": ""}
        made[line.name] = [_unit(params, line, out, tuple(after), code, name) for code, name in each.items()]
    return [unit for found in made.values() for unit in found]


def fingerprints(given: Sequence[Unit], code: str, packages: str, store: str) -> dict[str, dict[str, str]]:
    """The inputs of each unit by name, with a digest of those of the units it reads; equal inputs, equal products."""
    found: dict[str, dict[str, str]] = {}
    for unit in given:
        read_of = [found[name] for name in unit.after if name in found]
        found[unit.name] = unit.inputs(code, packages, store) | {"reads": total(*read_of) if read_of else ""}
    return found


def total(*inputs: Mapping[str, str]) -> str:
    """One digest for the inputs of a unit, or of several."""
    return _digest(*(json.dumps(given, sort_keys=True).encode() for given in inputs))


def _unit(params: RunParams, line: Line, out: Path, after: tuple[str, ...], code: str, place: str) -> Unit:
    words = title(read(line.file), params.lang, line.name)
    if line.for_each:
        words = say("run.unit_title", params.lang, title=words, unit=place)
    name = f"{line.name}-{code}" if line.for_each else line.name
    writes = tuple(pattern.replace("{unit}", code) for pattern in line.writes)
    given = arguments(params, line, out, code)
    return Unit(name, words, line.file, line.reader, given, after, writes, line.document)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
