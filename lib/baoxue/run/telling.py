"""What the command line shows of a run: its plan, a bar over the notebooks where there is a screen, else lines."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from baoxue.run.factory import Event
from baoxue.run.plan import Action, Plan
from baoxue.run.units import Outcome, Unit
from baoxue.words import say

_SHADES: dict[Action, str] = {"run": "green", "keep": "", "not_asked": "yellow"}
_NAMED = 3
_MARKS = {"finished": "green", "failed": "red", "left_out": "yellow"}


def language() -> str:
    """The language to speak to the user in: BAOXUE_LANG, else the system's; English if neither is known."""
    asked = next(
        (os.environ[name] for name in ("BAOXUE_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    if not asked and os.name == "nt":
        import locale

        asked = locale.getlocale()[0] or ""
    return "zh" if asked.lower().startswith(("zh", "chinese")) else "en"


def bars(console: Console) -> Progress:
    """The look of every progress bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


class Show:
    """Listens to a run and shows it: one bar over all units, one a unit that is going, a line a unit that is done."""

    def __init__(self, console: Console, units: list[Unit], lang: str) -> None:
        self._console, self._lang, self._of = console, lang, len(units)
        self._titles = {unit.name: unit.title for unit in units}
        self._bars = bars(console)
        self._tasks: dict[str, TaskID] = {}
        self._done = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Show:
        self._bars.__enter__()
        self._all = self._bars.add_task(say("run.cli_notebooks", self._lang), total=self._of)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.__exit__(kind, error, trace)

    def __call__(self, event: Event) -> None:
        with self._lock:
            if event.outcome is not None:
                self._finish(event.outcome)
            elif event.unit not in self._tasks:
                self._tasks[event.unit] = self._bars.add_task(f"  {event.unit}", total=None)
            else:
                self._bars.update(self._tasks[event.unit], completed=event.cell, total=event.of)

    def _finish(self, outcome: Outcome) -> None:
        self._done += 1
        name = outcome.unit.name
        if name in self._tasks:
            self._bars.remove_task(self._tasks[name])
        self._bars.advance(self._all)
        word = say(f"run.cli_{outcome.status}", self._lang)
        line = f"[{self._done}/{self._of}] {name}  {word}  {outcome.duration_s:.1f} s  {outcome.last_line}".rstrip()
        self._console.print(line, style=_MARKS[outcome.status], highlight=False, markup=False, soft_wrap=True)


def steps(console: Console, todo: Plan, lang: str) -> None:
    """Show what a run would do: a line a unit, and how many there are of each kind."""
    table = Table(*(say(f"run.cli_plan_{head}", lang) for head in ("unit", "action", "after", "why")))
    counts = Counter(step.action for step in todo.steps)
    for step in todo.steps:
        reasons = step.why or (("new",) if step.action == "run" else ())
        why = ", ".join(say(f"run.cli_plan_{reason}", lang) for reason in reasons)
        action = say(f"run.cli_plan_{step.action}", lang)
        table.add_row(step.unit.name, action, _after(step.unit.after), why, style=_SHADES[step.action])
    console.print(table)
    total = {action: counts[action] for action in _SHADES}
    console.print(say("run.cli_plan_total", lang, **total), highlight=False)


def _after(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
