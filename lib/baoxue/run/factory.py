"""The units of a run executed, several at a time, each in processes of its own; one that fails stops no other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from baoxue.disclosure import mask
from baoxue.disclosure.doors import LEDGER, releases
from baoxue.run.kernels import BASE, short_folder
from baoxue.run.units import Outcome, Unit
from baoxue.run.worker import Job

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True)
class Event:
    """What a run reports while it goes: a unit begins, has executed a cell, or is done (then `outcome` is there)."""

    unit: str
    cell: int = 0
    of: int = 0
    outcome: Outcome | None = None


Listener = Callable[[Event], object]


@dataclass
class Factory:
    """Executes jobs in worker processes and can stop them all."""

    at_once: int
    listener: Listener
    _running: dict[str, subprocess.Popen] = field(default_factory=dict)

    def execute(self, units: Sequence[Unit], job_of: Callable[[Unit], Job]) -> list[Outcome]:
        """Every unit's outcome, in the order given. A unit begins when the units it names in `after` have finished."""
        outcomes: dict[str, Outcome] = {}
        waiting = list(units)
        with _passing_folder() as folder, ThreadPoolExecutor(self.at_once) as pool:
            going: set[Future[Outcome]] = set()
            try:
                while waiting or going:
                    for unit in [unit for unit in waiting if set(unit.after) <= set(outcomes)]:
                        waiting.remove(unit)
                        blocked = next((name for name in unit.after if outcomes[name].status != "finished"), "")
                        if blocked:
                            outcomes[unit.name] = self._tell(Outcome(unit, "left_out", last_line=blocked))
                        else:
                            going.add(pool.submit(self._one, unit, job_of(unit), Path(folder)))
                    done, going = wait(going, return_when=FIRST_COMPLETED)
                    outcomes |= {future.result().unit.name: future.result() for future in done}
            except BaseException:
                self.stop()
                raise
        return [outcomes[unit.name] for unit in units]

    def stop(self) -> None:
        """End every worker and its kernel."""
        for process in list(self._running.values()):
            _end(process)

    def _one(self, unit: Unit, job: Job, folder: Path) -> Outcome:
        self.listener(Event(unit.name))
        ledger, errors = folder / f"{unit.name}.jsonl", folder / f"{unit.name}.log"
        began = time.monotonic()
        told = self._work(unit, job, ledger, errors)
        seconds = round(time.monotonic() - began, 1)
        written = tuple(releases(ledger))
        if told.get("finished"):
            return self._tell(Outcome(unit, "finished", seconds, releases=written))
        last, trace = mask(_scrubbed(str(told["failed"]), job)), mask(_scrubbed(str(told["traceback"]), job))
        return self._tell(Outcome(unit, "failed", seconds, last, trace, written))

    def _work(self, unit: Unit, job: Job, ledger: Path, errors: Path) -> Mapping[str, object]:
        with errors.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "baoxue.run.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                cwd=unit.notebook.parent,
                env=_environment(self.at_once, ledger),
                start_new_session=os.name != "nt",
            )
        self._running[unit.name] = process
        try:
            return self._listen(process, job, unit.name) or _died(process.returncode, errors)
        finally:
            _end(process)
            del self._running[unit.name]

    def _listen(self, process: subprocess.Popen, job: Job, name: str) -> Mapping[str, object] | None:
        """The outcome a worker tells; None if it ends without one."""
        assert process.stdin and process.stdout
        with process.stdin as there:
            there.write(job.as_json())
        told = None
        for line in process.stdout:
            message = json.loads(line)
            if "cell" in message:
                self.listener(Event(name, message["cell"], message["of"]))
            else:
                told = message
        process.wait()
        return told

    def _tell(self, outcome: Outcome) -> Outcome:
        self.listener(Event(outcome.unit.name, outcome=outcome))
        return outcome


def _passing_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for ledgers, logs and kernels that is gone when the run is."""
    return tempfile.TemporaryDirectory(prefix="bx", dir=short_folder(), ignore_cleanup_errors=True)


def _died(code: int, errors: Path) -> Mapping[str, object]:
    """The outcome of a worker that ended without one: what it said last, or that it was killed."""
    said = errors.read_text(encoding="utf-8", errors="replace").strip()
    last = said.splitlines()[-1] if said and code > 0 else f"the worker ended with code {code} (killed for memory?)"
    return {"failed": f"WorkerDied: {last}", "traceback": said[-4000:]}


def _environment(at_once: int, ledger: Path) -> dict[str, str]:
    """The worker's environment: its ledger, and its share of the processors, so that two kernels do not fight."""
    share = str(max(1, (os.cpu_count() or 1) // at_once))
    return {
        **dict.fromkeys(_THREADS, share),
        **os.environ,
        LEDGER: str(ledger),
        BASE: str(ledger.parent),
        "PYTHONIOENCODING": "utf-8",
    }


def _end(process: subprocess.Popen) -> None:
    """The worker and whatever it started, gone; nothing happens if it has ended."""
    if process.poll() is not None:
        return
    if os.name == "nt":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _scrubbed(text: str, job: Job) -> str:
    for found in sorted(job.scrub, key=len, reverse=True):
        text = text.replace(found, job.scrub[found])
    return text
