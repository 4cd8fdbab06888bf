"""A process that reads files one after another, so that a hostile workbook takes down itself and not the intake.

Speaks JSON lines: the first line it is sent holds the key, each further line a task; it answers each with what came of
it. `pool` starts it, and ends it if it takes too much memory.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from baoxue.intake import excerpts
from baoxue.intake.pseudonyms import Pseudonyms
from baoxue.intake.reading import FileReading, Task, read_file


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer tasks until there are no more."""
    pseudonyms = Pseudonyms(bytes.fromhex(json.loads(requests.readline())["key"]))
    for line in requests:
        task = Task(**json.loads(line))
        answers.write(json.dumps(asdict(attempt(task, pseudonyms)), ensure_ascii=True) + "\n")
        answers.flush()


def attempt(task: Task, pseudonyms: Pseudonyms) -> FileReading:
    """Read a file; what nobody foresaw is reported by its place in the code, never with a value of the file."""
    try:
        return excerpts.quote(task, pseudonyms) if task.wanted else read_file(task, pseudonyms)
    except Exception as error:  # noqa: BLE001 - one file's surprise must not cost the others, and is told by its place
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__}, {Path(last.filename).name}:{last.lineno}"
        return _left_nothing(task, "unforeseen", {"where": where})


def _left_nothing(task: Task, reason: str, values: dict[str, str]) -> FileReading:
    task.part.unlink(missing_ok=True)
    task.notes.unlink(missing_ok=True)
    return FileReading(task.index, reason=reason, values=values)


if __name__ == "__main__":
    answering = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin, answering)
