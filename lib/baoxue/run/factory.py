"""The units of a run executed, several at a time, by a crew of workers; one that fails stops no other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from baoxue.disclosure import mask
from baoxue.disclosure.doors import LEDGER, releases
from baoxue.run.crew import Crew
from baoxue.run.folders import passing_folder
from baoxue.run.units import Outcome, Status, Unit
from baoxue.run.worker import Job


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
    """Executes units, so many at once, and tells a listener how it goes."""

    at_once: int
    listener: Listener

    def execute(
        self, units: Sequence[Unit], job_of: Callable[[Unit], Job], kept: Sequence[Outcome] = ()
    ) -> list[Outcome]:
        """Every unit's outcome, in the order given; `kept` are those of units that need not be executed.

        A unit begins when the units it names in `after` have finished.
        """
        outcomes = {outcome.unit.name: outcome for outcome in kept}
        waiting = [unit for unit in units if unit.name not in outcomes]
        if not waiting:
            return [outcomes[unit.name] for unit in units]
        with (
            passing_folder() as name,
            Crew(Path(name), self.at_once, len(waiting)) as crew,
            ThreadPoolExecutor(self.at_once) as pool,
        ):
            going: set[Future[Outcome]] = set()
            try:
                while waiting or going:
                    for unit in [unit for unit in waiting if set(unit.after) <= set(outcomes)]:
                        waiting.remove(unit)
                        blocked = next((name for name in unit.after if outcomes[name].status != "finished"), "")
                        if blocked:
                            outcomes[unit.name] = self._tell(Outcome(unit, "left_out", last_line=blocked))
                        else:
                            going.add(pool.submit(self._one, unit, job_of(unit), crew))
                    done, going = wait(going, return_when=FIRST_COMPLETED)
                    outcomes |= {future.result().unit.name: future.result() for future in done}
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                crew.stop()
                raise
        return [outcomes[unit.name] for unit in units]

    def _one(self, unit: Unit, job: Job, crew: Crew) -> Outcome:
        self.listener(Event(unit.name))
        ledger = crew.folder / f"{unit.name}.jsonl"
        began = time.monotonic()
        job = replace(job, environment={LEDGER: str(ledger)})
        told = crew.do(job, lambda cell, of: self.listener(Event(unit.name, cell, of)))
        seconds = round(time.monotonic() - began, 1)
        written = tuple(releases(ledger))
        if told.get("finished"):
            breach = unit.breach(_within(entry.path, str(unit.parameters.get("out", ""))) for entry in written)
            status: Status = "failed" if breach else "finished"
            return self._tell(Outcome(unit, status, seconds, breach, releases=written))
        last, trace = mask(_scrubbed(str(told["failed"]), job)), mask(_scrubbed(str(told["traceback"]), job))
        return self._tell(Outcome(unit, "failed", seconds, last, trace, written))

    def _tell(self, outcome: Outcome) -> Outcome:
        self.listener(Event(outcome.unit.name, outcome=outcome))
        return outcome


def _within(file: Path, folder: str) -> str:
    return file.relative_to(folder).as_posix() if folder and file.is_relative_to(folder) else file.as_posix()


def _scrubbed(text: str, job: Job) -> str:
    for found in sorted(job.scrub, key=len, reverse=True):
        text = text.replace(found, job.scrub[found])
    return text
