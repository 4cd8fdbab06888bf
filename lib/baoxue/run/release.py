"""`baoxue release`: a run signed off by somebody, and what each township and school is handed of it."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from baoxue import policy, registers
from baoxue.disclosure import Report
from baoxue.run import handed, packages, site
from baoxue.run.earlier import read_record
from baoxue.run.errors import RunError
from baoxue.run.leaving import look
from baoxue.run.places import places
from baoxue.run.record import digest
from baoxue.run.soundness import HANDOVER, is_run
from baoxue.store import Store


class Refused(RunError):
    """A run that may not be signed off, with the report that says why."""

    def __init__(self, key: str, report: Report, **values: object) -> None:
        super().__init__(key, **values)
        self.report = report


@dataclass(frozen=True)
class Signed:
    """A run that was signed off: its folder, the packages written, where it stands to whom they are handed."""

    folder: Path
    packages: tuple[packages.Package, ...]
    record: Path


def release(folder: Path, *, by: str, because: str = "", store: Path | None = None) -> Signed:
    """Sign a run off: who, when, a digest of every file; and write its packages and the record of who is handed what.

    `store` is where the children's names to look for are, by default the run's own. `because` explains numbers that
    moved by more than the county lets pass. Raises Refused if `look` finds anything else, or such a number and nothing
    is said; RunError if the folder is no run, was signed off before, or nobody signs.
    """
    if not is_run(folder):
        raise RunError("no_run", path=folder)
    record = read_record(folder)
    if record["released"]:
        raise RunError("released_before", folder=folder.name, **_signature(record))
    if not by.strip():
        raise RunError("nobody_signs")
    known = store or store_of(record)
    _refuse(look(folder, known), because)
    signed = {
        **record, "state": "released",
        "released": {"by": by.strip(), "at": _now(), "because": because.strip(), "packages": []},
    }  # fmt: skip
    return _hand_over(folder, signed, _names(known, record))


def store_of(record: Mapping[str, Any]) -> Path | None:
    """The store that a run was made from; None if it read none. Raises RunError if it is not there."""
    place = record["parameters"]["store"]
    if not record["store"]["fingerprint"]:
        return None
    store = policy.path(place)
    if not (store / "intake.json").is_file():
        raise RunError("store_moved", store=place)
    return store


def _signature(record: Mapping[str, Any]) -> dict[str, str]:
    return {"by": record["released"]["by"], "day": record["released"]["at"][:10]}


def _refuse(report: Report, because: str) -> None:
    against = [found for found in report.findings if found.kind != "change"]
    if against:
        raise Refused("not_fit", report, count=len(against))
    if report.findings and not because.strip():
        raise Refused("change_unexplained", report, count=len(report.findings))


def _names(store: Path | None, record: Mapping[str, Any]) -> dict[str, str]:
    if store is None or not record["as_of"]:
        return {}
    return registers.place_names(Store(store).known_by(record["as_of"]), places().townships, record["lang"])


def _hand_over(folder: Path, record: dict[str, Any], names: Mapping[str, str]) -> Signed:
    """Packages first, at a draft place, then the record; the run counts as signed off when run.json says so."""
    draft = folder / f".{HANDOVER}-{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    try:
        made = packages.packages(record, names)
        secret = packages.passwords(folder, [package.code for package in made])
        for package in made:
            packages.write(package, folder, draft / package.place, secret[package.code], record)
        listed = [_listed(package, draft) for package in made]
        _write_passwords(secret, draft)
        _replace(draft, folder / HANDOVER)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    record["released"]["packages"] = listed
    file = folder.parent / handed.RECORD
    handed.append(file, [_entry(record, package) for package in listed])
    _sign(folder, record)
    return Signed(folder, tuple(made), file)


def _listed(package: packages.Package, draft: Path) -> dict[str, Any]:
    file = draft / package.place
    return {
        "kind": package.kind,
        "code": package.code,
        "name": package.name,
        "file": f"{HANDOVER}/{package.place}",
        "files": [entry["file"] for entry in package.files],
        "rows": _rows(package),
        "sha256": digest(file),
    }


def _rows(package: packages.Package) -> int | None:
    """How many rows about children the package holds; None where a document does not say how many it has."""
    rows = [entry.get("rows") for entry in package.files if entry["file"].startswith("restricted/")]
    return sum(int(number) for number in rows if number is not None) if None not in rows else None


def _write_passwords(secret: Mapping[str, str], draft: Path) -> None:
    frame = pd.DataFrame({"code": list(secret), "password": list(secret.values())})
    file = draft / "passwords.csv"
    frame.to_csv(file, index=False, encoding="utf-8-sig", lineterminator="\n")
    file.chmod(0o600)


def _replace(draft: Path, final: Path) -> None:
    """What an earlier release that was broken off left goes; the new packages get their name."""
    if final.exists():
        shutil.rmtree(final)
    draft.rename(final)


def _sign(folder: Path, record: Mapping[str, Any]) -> None:
    files = {entry["file"]: entry["sha256"] for entry in record["files"]}
    said = {key: record["released"][key] for key in ("by", "at", "because")}
    sheet = {"run": record["run"], "as_of": record["as_of"], **said, "files": files}
    _write(folder / "release.json", sheet)
    _write(folder / "run.json", record)
    site.write(folder)


def _write(file: Path, content: Mapping[str, Any]) -> None:
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draft.replace(file)


def _entry(record: Mapping[str, Any], package: Mapping[str, Any]) -> dict[str, object]:
    told = {key: record[key] for key in ("run", "as_of")} | {key: record["released"][key] for key in ("by", "at")}
    return {**told, **{key: package[key] for key in ("kind", "code", "name", "file", "files", "rows", "sha256")}}


def _now() -> str:
    return dt.datetime.now().astimezone().isoformat(timespec="seconds")
