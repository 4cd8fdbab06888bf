"""Files read by workers beside one another; a worker that dies costs its file and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from baoxue.contracts import ANSWERS
from baoxue.intake.pseudonyms import Pseudonyms
from baoxue.intake.reading import FileReading, Task
from baoxue.intake.sheets import kind_of
from baoxue.intake.unreadable import Unreadable
from baoxue.intake.worker import attempt

MEMORY = 2 * 2**30
"""Bytes a worker may take; a registry workbook of 150,000 pupils takes 1.3 GB."""

SMALL = 20 * 2**20
"""Bytes of text files that are read without a worker of their own."""

_GLANCE = 0.05


def read_all(tasks: Sequence[Task], key: bytes, workers: int = 2) -> Iterator[FileReading]:
    """What came of each file, as soon as it is known. Workbooks are never opened in this process."""
    texts = [task for task in tasks if _is_text(task)]
    if sum(_size(task) for task in texts) > SMALL:
        texts = []
    pseudonyms = Pseudonyms(key)
    yield from (attempt(task, pseudonyms) for task in texts)
    in_texts = {task.index for task in texts}
    largest_first = sorted((t for t in tasks if t.index not in in_texts), key=lambda t: -_size(t))
    if largest_first:
        yield from _by_workers(largest_first, key, min(workers, len(largest_first)))


def _is_text(task: Task) -> bool:
    if task.table == ANSWERS.table:
        return False
    try:
        return kind_of(Path(task.path)) == "text"
    except (Unreadable, OSError):
        return True


def _size(task: Task) -> int:
    try:
        return Path(task.path).stat().st_size
    except OSError:
        return 0


def _by_workers(tasks: Sequence[Task], key: bytes, workers: int) -> Iterator[FileReading]:
    idle: SimpleQueue[_Worker] = SimpleQueue()
    for _ in range(workers):
        idle.put(_Worker(key))
    with ThreadPoolExecutor(workers) as threads:
        futures = [threads.submit(_lend, idle, task) for task in tasks]
        try:
            yield from (future.result() for future in as_completed(futures))
        finally:
            for future in futures:
                future.cancel()
            for _ in range(workers):
                idle.get().stop()


def _lend(idle: SimpleQueue[_Worker], task: Task) -> FileReading:
    worker = idle.get()
    try:
        return worker.read(task)
    finally:
        idle.put(worker)


class _Worker:
    """One worker process, started when there is something to read and again after it died."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._process: subprocess.Popen[str] | None = None

    def read(self, task: Task) -> FileReading:
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        with _watched(process):
            try:
                process.stdin.write(json.dumps(task.as_dict()) + "\n")
                process.stdin.flush()
                answer = process.stdout.readline()
            except BrokenPipeError:
                answer = ""
        if answer:
            return FileReading(**json.loads(answer))
        self.stop()
        for left in (task.part, task.notes):
            left.unlink(missing_ok=True)
        return FileReading(task.index, reason="reader_died")

    def stop(self) -> None:
        """End the process, if there is one."""
        if self._process is None:
            return
        self._process.kill()
        self._process.communicate()
        self._process = None

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "baoxue.intake.worker"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True, encoding="ascii", env=_environment(),
            )  # fmt: skip
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps({"key": self._key.hex()}) + "\n")
            self._process.stdin.flush()
        return self._process


@contextmanager
def _watched(process: subprocess.Popen[str]) -> Iterator[None]:
    """End a worker that takes too much memory, where the system tells what it takes.

    From outside and not by a limit of the system, because a reader that is refused memory may hang.
    """
    answered = threading.Event()

    def watch() -> None:
        while not answered.wait(_GLANCE):
            if _resident(process.pid) > MEMORY:
                process.kill()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        answered.set()
        watcher.join()


def _resident(pid: int) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _environment() -> dict[str, str]:
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
