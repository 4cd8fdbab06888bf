"""What a run will do: which units are executed, which are kept as an earlier run left them, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

from baoxue.run import premises
from baoxue.run.drafts import broken_off
from baoxue.run.earlier import Finished, finished
from baoxue.run.errors import unknown
from baoxue.run.params import RunParams
from baoxue.run.record import Origin, origin
from baoxue.run.units import Unit, total, units

Action = Literal["run", "keep", "not_asked"]


@dataclass(frozen=True)
class Step:
    """A unit of the plan: executed, kept, or not asked for. `why` names what changed; empty if it is new."""

    unit: Unit
    action: Action
    earlier: Finished | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The steps of a run in order, what it is made from, and the draft of a broken-off run that it takes up."""

    steps: tuple[Step, ...]
    made_from: Origin
    taken_up: Path | None

    @property
    def to_run(self) -> list[Unit]:
        """The units that are executed."""
        return [step.unit for step in self.steps if step.action == "run"]

    @property
    def kept(self) -> list[Finished]:
        """What is kept of earlier runs."""
        return [step.earlier for step in self.steps if step.earlier]

    @property
    def not_asked(self) -> list[str]:
        """The units that are neither kept nor executed."""
        return [step.unit.name for step in self.steps if step.action == "not_asked"]


def plan(params: RunParams, *, only: Sequence[str] = (), resume: bool = False) -> Plan:
    """A step for each unit of a run, in order.

    A unit is kept if the delivered run finished it from the same inputs and its files are whole; with `resume`, also
    if a run did that was broken off since. With `only`, names of notebooks or units (or patterns), no other is
    executed but those that they read. Raises RunError if a name of `only` fits none.
    """
    given = units(params, params.folder)
    made_from = origin(params, premises.simulated(params), given)
    taken_up = broken_off(params.folder) if resume else None
    before = finished(params.folder) | (finished(taken_up) if taken_up else {})
    asked = _asked(given, only)
    steps = [_step(unit, made_from.inputs[unit.name], before.get(unit.name), unit.name in asked) for unit in given]
    return Plan(tuple(steps), made_from, taken_up)


def _step(unit: Unit, inputs: dict[str, str], earlier: Finished | None, is_asked: bool) -> Step:
    if earlier and earlier.unit.get("fingerprint") == total(inputs) and earlier.is_whole:
        return Step(unit, "keep", earlier)
    if not is_asked:
        return Step(unit, "not_asked")
    then = earlier.unit.get("inputs", {}) if earlier else {}
    changed = tuple(name for name, value in inputs.items() if then.get(name) != value)
    return Step(unit, "run", None, (changed or ("files",)) if earlier else ())


def _asked(given: Sequence[Unit], only: Sequence[str]) -> set[str]:
    names = [unit.name for unit in given]
    for pattern in only:
        if not any(_fits(unit, pattern) for unit in given):
            raise unknown("unit", pattern, {*names, *(unit.notebook.stem for unit in given)}, file="--only")
    asked = {unit.name for unit in given if not only or any(_fits(unit, pattern) for pattern in only)}
    for unit in reversed(given):
        if unit.name in asked:
            asked |= set(unit.after)
    return asked


def _fits(unit: Unit, pattern: str) -> bool:
    return fnmatch(unit.name, pattern) or unit.notebook.stem == pattern
