"""The workers of a run: each does one job after another; one that dies is replaced, all end with the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from baoxue.remembered import MEMORY
from baoxue.run.folders import BASE
from baoxue.run.parents import HANDED_DOWN, SWITCH, WarmParent, can_fork
from baoxue.run.worker import Job

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_PATIENCE_S = 5


class Crew:
    """Up to `at_once` workers, whose passing files lie in a folder, with one warm parent if there is enough to do."""

    def __init__(self, folder: Path, at_once: int, jobs: int) -> None:
        self.folder = folder
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        self._all: list[Worker] = []
        self._environment = _environment(folder, at_once)
        # a parent takes as long to warm up as a notebook to import what it needs
        self._parent = WarmParent.started(self._environment, folder) if can_fork() and jobs > at_once else None
        self._environment[SWITCH] = "1" if self._parent else "0"
        self._is_stopped = False

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def do(self, job: Job, on_cell: Callable[[int, int], object]) -> Mapping[str, object]:
        """Let a worker do a job; the outcome as the worker tells it, or how it died."""
        worker = self._worker()
        told = worker.do(job, on_cell)
        if told is None:
            return worker.died()
        self._idle.put(worker)
        return told

    def stop(self) -> None:
        """End every worker, its kernel and the warm parent."""
        self._is_stopped = True
        for worker in self._all:
            worker.end()
        if self._parent:
            self._parent.close()

    def _worker(self) -> Worker:
        with suppress(Empty):
            return self._idle.get_nowait()
        if self._is_stopped:
            raise InterruptedError("the run was stopped")
        worker = Worker(self.folder / f"worker-{len(self._all)}.log", self._environment, self._parent)
        self._all.append(worker)
        return worker


class Worker:
    """A worker process, its jobs, and what it says when it dies."""

    def __init__(self, log: Path, environment: Mapping[str, str], parent: WarmParent | None) -> None:
        self._log = log
        handed_down = [parent.requests.fileno()] if parent else []
        if parent:
            environment = {**environment, HANDED_DOWN: str(parent.requests.fileno())}
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "baoxue.run.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
                env=dict(environment),
                pass_fds=handed_down,
                start_new_session=os.name != "nt",
            )

    def do(self, job: Job, on_cell: Callable[[int, int], object]) -> Mapping[str, object] | None:
        """The outcome it tells; None if it ends without one."""
        assert self._process.stdin and self._process.stdout
        with suppress(BrokenPipeError):
            self._process.stdin.write(job.as_json() + "\n")
            self._process.stdin.flush()
        for line in self._process.stdout:
            message = json.loads(line)
            if "cell" not in message:
                return message
            on_cell(message["cell"], message["of"])
        return None

    def died(self) -> Mapping[str, object]:
        """The outcome of a job in which it ended: what it said last, or that it was killed."""
        code = self._process.wait()
        said = self._log.read_text(encoding="utf-8", errors="replace").strip()
        last = said.splitlines()[-1] if said and code > 0 else f"the worker ended with code {code} (killed for memory?)"
        return {"failed": f"WorkerDied: {last}", "traceback": said[-4000:]}

    def end(self) -> None:
        """The worker and whatever it started, gone; nothing happens if it has ended."""
        if self._process.poll() is not None:
            return
        if os.name == "nt":
            self._process.kill()
        else:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(timeout=_PATIENCE_S)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _environment(folder: Path, at_once: int) -> dict[str, str]:
    """The workers' environment: their share of the processors, so that two kernels do not fight, and their folder.

    Who started the run may have given a memory of their own, which then outlives it.
    """
    share = str(max(1, (os.cpu_count() or 1) // at_once))
    own = {BASE: str(folder), "PYTHONIOENCODING": "utf-8"}
    return {**dict.fromkeys(_THREADS, share), MEMORY: str(folder / "memory"), **os.environ, **own}
