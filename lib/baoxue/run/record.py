"""The record of a run: what it was given, what it was made with, how each unit went, and a digest of every file."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distributions
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from baoxue import policy
from baoxue.contracts import SOURCE_OF
from baoxue.disclosure.doors import Release
from baoxue.run.params import RunParams
from baoxue.run.units import TIERS, Outcome, Unit, fingerprints, total
from baoxue.store import Store


@dataclass(frozen=True)
class Origin:
    """What a run is made from: commit, code, packages and store."""

    commit: str
    is_changed: bool
    code: str
    versions: dict[str, str]
    store: dict[str, object]
    inputs: dict[str, dict[str, str]]
    """The inputs of each unit by name."""


def origin(params: RunParams, simulated: bool, given: Sequence[Unit]) -> Origin:
    """What this run is made from. `commit` is empty where the project is no git checkout."""
    commit = _git("rev-parse", "HEAD")
    is_changed = bool(commit) and bool(_git("status", "--porcelain", "--", "lib", "notebooks", "params"))
    store = _store(params, simulated)
    packages = hashlib.sha256(json.dumps(versions()).encode()).hexdigest()
    inputs = fingerprints(given, code(), packages, str(store["fingerprint"]))
    return Origin(commit, is_changed, code(), versions(), store, inputs)


def written(
    params: RunParams,
    made_from: Origin,
    outcomes: Sequence[Outcome],
    folder: Path,
    started: dt.datetime,
    refused: Sequence[str],
    not_asked: Sequence[str] = (),
) -> dict[str, object]:
    """The content of run.json for the products that lie in `folder`.

    `refused` are files a notebook wrote past `disclosure`, which were taken away; `not_asked` are units that this run
    was told to leave out. Paths are relative to the folder, or
    to the project; none names a place on the machine.
    """
    now = dt.datetime.now().astimezone()
    complete = not refused and not not_asked and all(outcome.status == "finished" for outcome in outcomes)
    return {
        "run": params.run,
        "title": params.title,
        "status": "complete" if complete else "incomplete",
        "state": "draft",
        "released": None,
        "as_of": params.as_of.isoformat() if params.as_of else None,
        "lang": params.lang,
        "started_at": started.isoformat(timespec="seconds"),
        "duration_s": round((now - started).total_seconds(), 1),
        "parameters": parameters_of(params),
        "commit": made_from.commit,
        "has_local_changes": made_from.is_changed,
        "code": made_from.code,
        "versions": made_from.versions,
        "store": made_from.store,
        "not_asked": list(not_asked),
        "units": [unit_of(outcome, made_from.inputs[outcome.unit.name], folder) for outcome in outcomes],
        "refused": list(refused),
        "files": sorted((file for outcome in outcomes for file in files_of(outcome, folder)), key=itemgetter("file")),
    }


def relative(text: str) -> str:
    """A place as the record shows it: relative to the project, or only its name where it lies elsewhere.

    >>> relative(str(policy.ROOT / "data" / "store"))
    'data/store'
    """
    place = Path(text)
    if not place.is_absolute():
        return place.as_posix() if text else ""
    return place.relative_to(policy.ROOT).as_posix() if place.is_relative_to(policy.ROOT) else place.name


def digest(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@cache
def code() -> str:
    """SHA-256 over the package and the county's settings: two equal ones compute the same."""
    settings = [file for name in ("policy", "datasets") for file in (policy.ROOT / "params" / name).glob("*.yaml")]
    files = [*Path(__file__).resolve().parents[1].rglob("*.*"), *settings]
    total = hashlib.sha256()
    kinds = {".py", ".yaml", ".mplstyle", ".css", ".j2", ".js", ".xml"}
    for file in sorted(file for file in files if file.suffix in kinds):
        total.update(f"{file.parent.name}/{file.name}".encode() + digest(file).encode())
    return total.hexdigest()


@cache
def versions() -> dict[str, str]:
    """Python, the system and every installed package with its version, in order."""
    installed = {distribution.metadata["Name"]: distribution.version for distribution in distributions()}
    system = {"python": platform.python_version(), "system": platform.system()}
    return system | dict(sorted(installed.items(), key=lambda item: item[0].lower()))


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=policy.ROOT, capture_output=True, text=True, encoding="utf-8", check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _store(params: RunParams, simulated: bool) -> dict[str, object]:
    store = Store(policy.path(params.store))
    if not params.store or not store.account():
        return {"path": "", "fingerprint": "", "drops": 0, "is_simulated": False, "last_arrived_on": "", "rows": {}}
    rows = {name: sum(pq.read_metadata(file).num_rows for file in store.files(name)) for name in SOURCE_OF}
    arrived = max(str(entry["arrived_on"]) for entry in store.account())
    return {
        "path": relative(params.store),
        "fingerprint": store.fingerprint(),
        "drops": len(store.account()),
        "is_simulated": simulated,
        "last_arrived_on": arrived,
        "rows": rows,
    }


def parameters_of(params: RunParams) -> dict[str, Any]:
    """The params file as the record shows it."""
    given = params.model_dump(mode="json")
    places = {"store": relative(params.store), "outputs": relative(params.outputs)}
    everywhere = {name: _shown(value) for name, value in params.params.items()}
    lines = [{**line, "notebook": relative(line["notebook"])} for line in given["notebooks"]]
    return {**given, **places, "params": everywhere, "notebooks": lines}


def _shown(value: object) -> object:
    return relative(value) if isinstance(value, str) and Path(value).is_absolute() else value


def unit_of(outcome: Outcome, inputs: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """A unit as the record tells it: what it was given, how it went, which files it yielded."""
    unit = outcome.unit
    return {
        "name": unit.name,
        "title": unit.title,
        "reader": unit.reader,
        "status": outcome.status,
        "duration_s": outcome.duration_s,
        "parameters": {name: _shown(value) for name, value in unit.parameters.items() if name != "out"},
        "inputs": dict(inputs),
        "fingerprint": total(inputs),
        "last_line": outcome.last_line,
        "traceback": outcome.traceback,
        "files": sorted(_own_files(outcome, folder)),
    }


def files_of(outcome: Outcome, folder: Path) -> list[dict[str, Any]]:
    """The files of a finished unit as the record tells them, in order; none of any other."""
    return [_file(folder, place, outcome, entry) for place, entry in sorted(_own_files(outcome, folder).items())]


def _own_files(outcome: Outcome, folder: Path) -> dict[str, Release | None]:
    """The files of a finished unit by their place in the folder: its page, its notebook, what it released."""
    if outcome.status != "finished":
        return {}
    name = outcome.unit.name
    released = {entry.path.relative_to(folder).as_posix(): entry for entry in outcome.releases}
    return {f"reports/{name}.html": None, f"notebooks/{name}.ipynb": None, **released}


def _file(folder: Path, place: str, outcome: Outcome, entry: Release | None) -> dict[str, Any]:
    file = folder / place
    facts: dict[str, object] = {
        "file": place,
        "unit": outcome.unit.name,
        "bytes": file.stat().st_size,
        "sha256": digest(file),
    }
    if entry is None:
        return {**facts, "tier": TIERS[outcome.unit.reader].value, "title": outcome.unit.title}
    return {
        **facts,
        "tier": entry.tier.value,
        "title": entry.title,
        "rows": entry.rows,
        "counts": list(entry.counts),
        "hidden": entry.hidden,
    }
