"""Execute notebooks again where they lie, with their own defaults, and keep their outputs: `make notebooks`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from baoxue import policy
from baoxue.run.factory import Factory
from baoxue.run.telling import Show, language
from baoxue.run.units import Outcome, Unit
from baoxue.run.worker import Job

_AT_ONCE = 2
_CELL_TIMEOUT_S = 600


def refresh(notebooks: Sequence[Path], console: Console) -> list[Outcome]:
    """Execute the notebooks with their defaults and write them back with outputs; one that fails stays as it was."""
    units = [Unit(file.stem, file.stem, file.absolute(), "research", {}) for file in notebooks]
    with Show(console, units, language()) as show:
        outcomes = Factory(_AT_ONCE, show).execute(units, _job)
    for outcome in outcomes:
        draft = _draft(outcome.unit)
        if outcome.status == "finished":
            draft.replace(outcome.unit.notebook)
        draft.unlink(missing_ok=True)
    return outcomes


def _job(unit: Unit) -> Job:
    return Job(
        notebook=str(unit.notebook),
        parameters={},
        cell_timeout_s=_CELL_TIMEOUT_S,
        scrub={f"{policy.ROOT}/": "", str(policy.ROOT): ".", sys.prefix: "python", str(Path.home()): "~"},
        executed=str(_draft(unit)),
    )


def _draft(unit: Unit) -> Path:
    return unit.notebook.with_suffix(".draft")


def main(places: Sequence[str]) -> int:
    """Refresh the notebooks given, and every one below the folders given; the number that failed."""
    console = Console()
    found = (file for place in map(Path, places) for file in ([place] if place.is_file() else place.rglob("*.ipynb")))
    notebooks = sorted(file for file in found if ".ipynb_" not in str(file))
    outcomes = refresh(notebooks, console)
    for outcome in outcomes:
        if outcome.traceback:
            console.print(outcome.traceback, markup=False, highlight=False, soft_wrap=True)
    return sum(outcome.status != "finished" for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["notebooks"]))
