"""The notebooks of a run as its params file lists them, and the order that follows from what they read and write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Literal

from pydantic import Field

from baoxue import policy
from baoxue.run.errors import RunError, unknown

Reader = Literal["bureau", "township", "school", "research"]

OWN = ("store", "as_of", "lang", "out")
"""Parameters of a notebook that the run itself fills in, from the fields of the same name and its folder."""

UNIT = ("kind", "code")
"""Parameters of a notebook that is executed for each school, township or zone: which of the three, and its code."""

Kind = Literal["school", "township", "zone"]


class Line(policy.Policy):
    """One notebook of a run: which, for whom, with which parameters, for each of what, what it reads and writes.

    `reads` are files of the run's folder that another notebook `writes` (patterns like `restricted/lists/*`; `{unit}`
    stands for the code of the unit). A notebook that says what it writes must write all of that and nothing else.
    `document`: its report comes as .docx too, to be edited and stamped.
    """

    notebook: str
    reader: Reader
    params: dict[str, object] = Field(default_factory=dict)
    for_each: Kind | None = None
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    document: bool = False

    @property
    def file(self) -> Path:
        """Where the notebook lies: below notebooks/, or at an absolute path."""
        return policy.path(Path("notebooks") / f"{self.notebook}.ipynb")

    @property
    def name(self) -> str:
        """The name of its products, or how the names of its units begin."""
        own = Path(self.notebook).name
        return f"{own}-{self.for_each}" if self.for_each else own


def sources(line: Line, lines: Iterable[Line]) -> list[Line]:
    """The notebooks that write what a notebook reads."""
    return [other for other in lines if any(_meet(mine, theirs) for mine in line.reads for theirs in other.writes)]


def in_order(lines: Sequence[Line], file: str = "") -> list[Line]:
    """The notebooks so that each comes after those whose files it reads, else as they were. RunError on a circle."""
    before = {line.name: {other.name for other in sources(line, lines)} for line in lines}
    try:
        list(TopologicalSorter(before).static_order())
    except CycleError as error:
        raise RunError("circle", file=file, names=", ".join(error.args[1])) from error
    ordered: list[Line] = []
    while len(ordered) < len(lines):
        done = {line.name for line in ordered}
        ordered.append(next(line for line in lines if line.name not in done and before[line.name] <= done))
    return ordered


def check_reads(line: Line, lines: Sequence[Line], file: str) -> None:
    """Raise RunError if a notebook reads what none writes, or writes what another does."""
    written = [theirs for other in lines for theirs in other.writes]
    for mine in line.reads:
        if not any(_meet(mine, theirs) for theirs in written):
            raise unknown("file", mine, written, file=f"{file}, {line.name}")
    others = [theirs for other in lines if other is not line for theirs in other.writes]
    for mine in line.writes:
        if mine in others:
            raise RunError("written_twice", file=file, name=line.name, what=mine)


def _meet(mine: str, theirs: str) -> bool:
    """Whether two patterns may mean one file; `{unit}` may stand for anything."""
    one, other = mine.replace("{unit}", "*"), theirs.replace("{unit}", "*")
    return fnmatch(one, other) or fnmatch(other, one)
