"""A run from its params file to its folder: checked first, made as a draft, named only when it is whole."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from baoxue import disclosure, policy
from baoxue.disclosure import Tier
from baoxue.run import premises
from baoxue.run.factory import Factory, Listener
from baoxue.run.params import RunParams, load
from baoxue.run.record import Origin, origin, written
from baoxue.run.site import index
from baoxue.run.units import TIERS, Outcome, Unit, units
from baoxue.run.worker import Job

_FOLDERS = ("reports", "notebooks", "tables", "restricted")


@dataclass(frozen=True)
class Delivery:
    """What a run made: its folder, and how each unit went; `refused` are files written past `disclosure`."""

    folder: Path
    outcomes: tuple[Outcome, ...]
    refused: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every unit finished and every file came through the door."""
        return not self.refused and all(outcome.status == "finished" for outcome in self.outcomes)


def prepare(file: Path, overrides: Sequence[str] = ()) -> RunParams:
    """The checked params of a run: every key, type, notebook parameter, place, day and file, before any kernel starts.

    Raises RunError, PolicyError or NotebookError.
    """
    params = load(file if file.exists() else policy.path(file), overrides)
    premises.check(params)
    return params


def deliver(params: RunParams, listener: Listener = lambda event: None) -> Delivery:
    """Execute a run and put its products at `params.folder`, in place of what an earlier run left there.

    A unit that fails leaves no product; the others stay. If the run itself is broken off, the earlier products stay as
    they were and nothing of the draft remains.
    """
    started = dt.datetime.now().astimezone()
    is_simulated = premises.simulated(params)
    made_from = origin(params, is_simulated)
    draft = _draft(params.folder)
    factory = Factory(params.at_once, listener)
    try:
        outcomes = factory.execute(units(params, draft), lambda unit: _job(params, unit, draft, is_simulated))
        outcomes = _settled(outcomes, draft)
        refused = _refuse_strays(outcomes, draft)
        outcomes = _hidden_together(outcomes, draft)
        _finish(params, made_from, outcomes, draft, started, refused)
        _name(draft, params.folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Delivery(params.folder, tuple(outcomes), tuple(refused))


def _draft(folder: Path) -> Path:
    """A hidden folder beside the final one, named by this process; those of processes that were killed are removed."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    _clear_up(folder)
    draft = folder.parent / f".{folder.name}.draft-{os.getpid()}"
    draft.mkdir()
    for name in _FOLDERS:
        (draft / name).mkdir(mode=0o700 if name == "restricted" else 0o755)
    return draft


def _clear_up(folder: Path) -> None:
    """What runs that were killed left: an earlier run's folder comes back if it was moved aside, drafts go."""
    for left in folder.parent.glob(f".{folder.name}.draft-*"):
        found = re.search(r"-(\d+)(-earlier)?$", left.name)
        if not found or _is_alive(int(found[1])):
            continue
        if found[2] and not folder.exists():
            left.rename(folder)
        else:
            shutil.rmtree(left)


def _is_alive(process: int) -> bool:
    if os.name == "nt":
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


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
    made_from: Origin,
    outcomes: Sequence[Outcome],
    draft: Path,
    started: dt.datetime,
    refused: list[str],
) -> None:
    record = written(params, made_from, outcomes, draft, started, refused)
    (draft / "run.json").write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (draft / "index.html").write_text(index(record, params.lang), encoding="utf-8")
    for folder in sorted((place for place in draft.rglob("*") if place.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def _name(draft: Path, folder: Path) -> None:
    """Give the draft its final name, in place of an earlier run's folder."""
    earlier = draft.with_name(f"{draft.name}-earlier")
    if folder.exists():
        folder.rename(earlier)
    draft.rename(folder)
    if earlier.exists():
        shutil.rmtree(earlier)
