"""A run from its params file to its folder: checked first, made as a draft, named only when it is whole."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from baoxue import disclosure, policy
from baoxue.disclosure import Tier
from baoxue.run import drafts, premises, site
from baoxue.run.earlier import JOURNAL, read_record, write_down
from baoxue.run.factory import Event, Factory, Listener
from baoxue.run.neighbours import tie
from baoxue.run.params import RunParams, load
from baoxue.run.plan import Plan, plan
from baoxue.run.record import parameters_of, written
from baoxue.run.units import TIERS, Outcome, Unit
from baoxue.run.worker import Job


@dataclass(frozen=True)
class Delivery:
    """What a run made: its folder, and how each unit went, so many of them `kept` from an earlier run.

    `refused` are files written past `disclosure`, `not_asked` units that were neither kept nor to be executed.
    """

    folder: Path
    outcomes: tuple[Outcome, ...]
    refused: tuple[str, ...]
    kept: int = 0
    not_asked: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every unit that was asked for finished and every file came through the door."""
        return not self.refused and all(outcome.status == "finished" for outcome in self.outcomes)


def prepare(file: Path, overrides: Sequence[str] = ()) -> RunParams:
    """The checked params of a run: every key, type, notebook parameter, place, day and file, before any kernel starts.

    Raises RunError, PolicyError or NotebookError.
    """
    params = load(file if file.exists() else policy.path(file), overrides)
    premises.check(params)
    return params


def deliver(params: RunParams, listener: Listener = lambda event: None, chosen: Plan | None = None) -> Delivery:
    """Execute a run and put its products at `params.folder`, in place of what an earlier run left there.

    What is executed is said by the plan chosen, else by `plan(params)`; where nothing is, the folder stays as it is. A
    unit that fails leaves no product; the others stay. If the run itself is broken off, the earlier products stay as
    they were, and what has finished waits in the draft to be taken up.
    """
    started = dt.datetime.now().astimezone()
    todo = chosen or plan(params)
    if _is_made(params, todo):
        return Delivery(params.folder, tuple(_kept(todo, params.folder)), (), len(todo.steps))
    draft = drafts.begin(params.folder, todo.taken_up, todo.kept)
    try:
        outcomes = _settled(_executed(params, todo, draft, listener), draft)
        refused = _refuse_strays(outcomes, draft)
        outcomes = _hidden_together(outcomes, draft)
        _finish(params, todo, outcomes, draft, started, refused)
        drafts.name(draft, params.folder)
    except BaseException:
        drafts.leave(draft, [one for one in todo.kept if one.folder == params.folder])
        raise
    return Delivery(params.folder, tuple(outcomes), tuple(refused), len(todo.kept), tuple(todo.not_asked))


def _is_made(params: RunParams, todo: Plan) -> bool:
    """Whether the delivered run is what would come out, to the last parameter."""
    record = read_record(params.folder)
    kept = [one.unit["name"] for one in todo.kept if one.folder == params.folder]
    is_all = len(kept) == len(todo.steps) and kept == [unit["name"] for unit in record.get("units", ())]
    return is_all and record["status"] == "complete" and record["parameters"] == parameters_of(params)


def _kept(todo: Plan, folder: Path) -> list[Outcome]:
    return [step.earlier.outcome(_into(step.unit, folder), folder) for step in todo.steps if step.earlier]


def _into(unit: Unit, folder: Path) -> Unit:
    """The unit, writing into a folder."""
    if "out" not in unit.parameters:
        return unit
    return replace(unit, parameters={**unit.parameters, "out": str(folder)})


def _executed(params: RunParams, todo: Plan, draft: Path, listener: Listener) -> list[Outcome]:
    """The outcomes of all units but those not asked for; each that finishes is written down at once."""

    def told(event: Event) -> None:
        if event.outcome and event.outcome.status == "finished":
            # where there is no room for the journal, the unit is only not there to be taken up
            with suppress(OSError):
                write_down(event.outcome, todo.made_from.inputs[event.unit], draft)
        listener(event)

    given = [_into(step.unit, draft) for step in todo.steps if step.action != "not_asked"]
    is_simulated = bool(todo.made_from.store["is_simulated"])
    factory = Factory(params.at_once, told)
    return factory.execute(given, lambda unit: _job(params, unit, draft, is_simulated), _kept(todo, draft))


def _job(params: RunParams, unit: Unit, draft: Path, simulated: bool) -> Job:
    return Job(
        notebook=str(unit.notebook),
        parameters=unit.parameters,
        cell_timeout_s=params.cell_timeout_s,
        scrub=_scrub(params, draft),
        executed=str(draft / "notebooks" / f"{unit.name}.ipynb"),
        page=str(draft / "reports" / f"{unit.name}.html"),
        document=str(_document(unit, draft)) if unit.has_document else "",
        lang=params.lang,
        run=params.title.get(params.lang, params.run),
        as_of=params.as_of.isoformat() if params.as_of else "",
        simulated=simulated,
        title=unit.title,
    )


def _document(unit: Unit, draft: Path) -> Path:
    """The place of a unit's report as .docx; the name says its tier, but for the bureau's."""
    tier = TIERS[unit.reader]
    return draft / "reports" / (f"{unit.name}.docx" if tier is Tier.BUREAU else f"{unit.name}_{tier}.docx")


def _scrub(params: RunParams, draft: Path) -> dict[str, str]:
    """What stands for each place of this machine in an executed notebook: the shorter, relative name of it."""
    final = params.folder
    shown = (
        final.relative_to(policy.ROOT).as_posix() if final.is_relative_to(policy.ROOT) else f"{params.run}/{final.name}"
    )
    places = {str(draft): shown, f"{policy.ROOT}{os.sep}": "", str(policy.ROOT): ".", sys.prefix: "python"}
    values = [
        params.store,
        *params.params.values(),
        *(value for line in params.notebooks for value in line.params.values()),
    ]
    places |= {value: Path(value).name for value in values if isinstance(value, str) and Path(value).is_absolute()}
    return places | {str(Path.home()): "~"}


def _settled(outcomes: Sequence[Outcome], draft: Path) -> list[Outcome]:
    """The outcomes, where a unit that wrote a file of another has failed; what failed units wrote is removed."""
    owner: dict[Path, str] = {}
    settled = []
    for outcome in outcomes:
        clash = next((entry.path for entry in outcome.releases if entry.path in owner), None)
        if clash and outcome.status == "finished":
            why = f"FileExistsError: {clash.relative_to(draft).as_posix()} is written by {owner[clash]} too"
            outcome = Outcome(outcome.unit, "failed", outcome.duration_s, why, "", outcome.releases)
        if outcome.status == "finished":
            owner |= {entry.path: outcome.unit.name for entry in outcome.releases}
        settled.append(outcome)
    for outcome in settled:
        if outcome.status != "finished":
            for file in [entry.path for entry in outcome.releases if entry.path not in owner] + _pages(outcome, draft):
                file.unlink(missing_ok=True)
    return settled


def _pages(outcome: Outcome, draft: Path) -> list[Path]:
    name = outcome.unit.name
    return [draft / "reports" / f"{name}.html", draft / "notebooks" / f"{name}.ipynb"]


def _refuse_strays(outcomes: Sequence[Outcome], draft: Path) -> list[str]:
    """Files that a notebook wrote past the one door: removed, and named so that the run does not pass for whole."""
    known = {entry.path for outcome in outcomes for entry in outcome.releases}
    known |= {page for outcome in outcomes for page in _pages(outcome, draft)}
    known.add(draft / JOURNAL)
    strays = sorted(file for file in draft.rglob("*") if file.is_file() and file not in known)
    for file in strays:
        file.unlink()
    return [file.relative_to(draft).as_posix() for file in strays]


def _hidden_together(outcomes: Sequence[Outcome], draft: Path) -> list[Outcome]:
    """The outcomes, after the public tables of all units were hidden so that none gives another's counts away."""
    finished = [entry for outcome in outcomes if outcome.status == "finished" for entry in outcome.releases]
    public = [entry for entry in finished if entry.tier is Tier.PUBLIC and entry.path.suffix == ".csv"]
    named = {entry.path.relative_to(draft).as_posix(): entry for entry in public}
    tables = {name: entry.path for name, entry in sorted(named.items())}
    more = disclosure.protect(tables, {name: entry.follows for name, entry in named.items()})
    added = {tables[name]: count for name, count in more.items()}
    return [
        replace(o, releases=tuple(replace(e, hidden=e.hidden + added.get(e.path, 0)) for e in o.releases))
        for o in outcomes
    ]


def _finish(
    params: RunParams,
    todo: Plan,
    outcomes: Sequence[Outcome],
    draft: Path,
    started: dt.datetime,
    refused: list[str],
) -> None:
    tie(draft, [(outcome.unit.name, outcome.unit.title) for outcome in outcomes], params.lang)
    record = written(params, todo.made_from, outcomes, draft, started, refused, todo.not_asked)
    (draft / "run.json").write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    site.write(draft)
    for folder in sorted((place for place in draft.rglob("*") if place.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
