"""A process that executes one notebook and draws its page: the job as JSON on stdin, lines of JSON on stdout.

A line a finished cell, `{"cell": 3, "of": 20}`, then one with the outcome: `{"finished": true}` or
`{"failed": last line of the traceback, "traceback": …}`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat

from baoxue.run.execution import Failed, execute


@dataclass(frozen=True)
class Job:
    """A notebook, what it is given, and where the executed notebook and the page go ("" = no page)."""

    notebook: str
    parameters: dict[str, object]
    cell_timeout_s: int
    scrub: dict[str, str]
    executed: str
    page: str = ""
    lang: str = "zh"
    run: str = ""
    as_of: str = ""
    simulated: bool = False

    def as_json(self) -> str:
        """The job as the worker reads it."""
        return json.dumps(asdict(self))


def work(job: Job) -> Mapping[str, object]:
    """Do a job; the outcome as it is told."""
    source = Path(job.notebook)
    try:
        notebook = execute(
            source,
            job.parameters,
            cell_timeout_s=job.cell_timeout_s,
            scrub=job.scrub,
            on_cell=lambda done, of: _tell({"cell": done, "of": of}),
        )
        if job.page:
            from baoxue.run.pages import Around, page

            around = Around(job.run, job.as_of, job.simulated)
            Path(job.page).write_text(page(notebook, job.lang, around, source.stem), encoding="utf-8")
    except Failed as error:
        return {"failed": error.last_line, "traceback": error.traceback}
    nbformat.write(notebook, job.executed)
    return {"finished": True}


def _tell(message: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _tell(work(Job(**json.loads(sys.stdin.read()))))
