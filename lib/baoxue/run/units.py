"""The units of a run: a notebook with its parameters each; what it is given, what it yields, how it went."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from baoxue.disclosure import Release, Tier
from baoxue.run.declared import read
from baoxue.run.languages import title
from baoxue.run.params import Line, Reader, RunParams, arguments

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
    has_document: bool = False

    def fingerprint(self, code: str, store: str) -> str:
        """SHA-256 over what decides its products: the notebook, its parameters, the code and the store."""
        given = {name: value for name, value in self.parameters.items() if name != "out"}
        parts = [self.notebook.read_bytes(), json.dumps(given, sort_keys=True).encode(), code.encode(), store.encode()]
        return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


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
    """The units of a run, in the order of its params file; their `out` is the folder the run writes to."""
    return [_unit(params, line, out) for line in params.notebooks]


def _unit(params: RunParams, line: Line, out: Path) -> Unit:
    words = title(read(line.file), params.lang, line.name)
    return Unit(line.name, words, line.file, line.reader, arguments(params, line, out), line.after, line.document)
