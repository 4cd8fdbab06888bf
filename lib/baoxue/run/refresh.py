"""Execute notebooks again where they lie, with their own defaults, and keep their outputs: `make notebooks`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat

from baoxue import policy
from baoxue.run.execution import Failed, execute

_CELL_TIMEOUT_S = 600


def refresh(notebook: Path) -> None:
    """Execute a notebook with its defaults and write it back with its outputs; as it was, if it fails.

    Raises Failed.
    """
    scrub = {f"{policy.ROOT}/": "", str(policy.ROOT): ".", sys.prefix: "python", str(Path.home()): "~"}
    executed = execute(notebook, {}, cell_timeout_s=_CELL_TIMEOUT_S, scrub=scrub, on_cell=lambda done, of: None)
    draft = notebook.with_suffix(".draft")
    nbformat.write(executed, draft)
    draft.replace(notebook)


def main(places: Sequence[str]) -> int:
    """Refresh every notebook below the places given, in order; the number that failed."""
    notebooks = sorted(file for place in places for file in Path(place).rglob("*.ipynb") if ".ipynb_" not in str(file))
    failed = 0
    for number, notebook in enumerate(notebooks, start=1):
        sys.stdout.write(f"[{number}/{len(notebooks)}] {notebook} … ")
        sys.stdout.flush()
        try:
            refresh(notebook)
            sys.stdout.write("done\n")
        except Failed as error:
            failed += 1
            sys.stdout.write(f"failed\n{error.traceback}\n{error.last_line}\n")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["notebooks"]))
