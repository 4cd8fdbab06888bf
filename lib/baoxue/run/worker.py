"""A process that executes one notebook after another and draws their pages: jobs on stdin, answers on stdout.

A job is a line of JSON. The answer is a line a finished cell, `{"cell": 3, "of": 20}`, then one with the outcome:
`{"finished": true}` or `{"failed": last line of the traceback, "traceback": …}`. When stdin ends, so does the process,
in the middle of a notebook too: nobody waits for it any more.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import SimpleQueue

import nbformat
from nbformat import NotebookNode

from baoxue.run.execution import Failed, execute
from baoxue.run.folders import BASE


@dataclass(frozen=True)
class Job:
    """A notebook, what it is given, and where the executed notebook, its page and its document go ("" = none).

    `environment`: variables that its kernel finds besides those of the run.
    """

    notebook: str
    parameters: dict[str, object]
    cell_timeout_s: int
    scrub: dict[str, str]
    executed: str
    environment: dict[str, str] = field(default_factory=dict)
    page: str = ""
    document: str = ""
    lang: str = "zh"
    run: str = ""
    as_of: str = ""
    simulated: bool = False
    title: str = ""

    def as_json(self) -> str:
        """The job as the worker reads it."""
        return json.dumps(asdict(self))


def work(job: Job) -> Mapping[str, object]:
    """Do a job, in the notebook's folder; the outcome as it is told."""
    source = Path(job.notebook)
    os.chdir(source.parent)
    os.environ.update(job.environment)
    try:
        notebook = execute(
            source,
            job.parameters,
            cell_timeout_s=job.cell_timeout_s,
            scrub=job.scrub,
            on_cell=lambda done, of: _tell({"cell": done, "of": of}),
        )
        if job.page:
            _draw(job, notebook)
        nbformat.write(notebook, job.executed)
    except Failed as error:
        return {"failed": error.last_line, "traceback": error.traceback}
    except OSError as error:
        # a full disk, say: this unit has failed, the next may fit if this one leaves its room
        for half in filter(None, (job.executed, job.page)):
            Path(half).unlink(missing_ok=True)
        return {"failed": f"{type(error).__name__}: {error.strerror}", "traceback": traceback.format_exc()}
    return {"finished": True}


def _draw(job: Job, notebook: NotebookNode) -> None:
    """The page of an executed notebook, and its document if there is to be one."""
    from baoxue.run.pages import Around, page

    around = Around(job.run, job.as_of, job.simulated, job.title)
    Path(job.page).write_text(page(notebook, job.lang, around, Path(job.notebook).stem), encoding="utf-8")
    if job.document:
        from baoxue.run.documents import write_document

        write_document(notebook, job.lang, around, Path(job.document))


def _tell(message: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _listen(jobs: SimpleQueue[Job]) -> None:
    """Jobs as they come; at the end of stdin the whole process ends, and its kernel with it."""
    for line in sys.stdin:
        jobs.put(Job(**json.loads(line)))
    shutil.rmtree(os.environ[BASE], ignore_errors=True)
    os._exit(0)


def main() -> None:
    """Do every job that comes."""
    jobs: SimpleQueue[Job] = SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    while True:
        _tell(work(jobs.get()))


if __name__ == "__main__":
    main()
