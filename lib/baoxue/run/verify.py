"""`baoxue verify`: a run made again from the store as it was then, and every number of the two compared."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baoxue import policy
from baoxue.intake.journal import ACCOUNT
from baoxue.run import premises
from baoxue.run.compared import Compared, compare
from baoxue.run.delivery import deliver
from baoxue.run.earlier import read_record
from baoxue.run.errors import RunError
from baoxue.run.factory import Listener
from baoxue.run.folders import passing_folder
from baoxue.run.params import RunParams
from baoxue.run.record import code
from baoxue.run.soundness import is_run
from baoxue.store import Store
from baoxue.store.restricted import LOG


@dataclass(frozen=True)
class Verified:
    """What a run made again gave: `compared` file by file; `is_same_code` is whether the same code made both."""

    compared: Compared
    is_same_code: bool

    @property
    def is_equal(self) -> bool:
        """Whether every number is the same."""
        return not self.compared.differences


def verify(folder: Path, *, store: Path | None = None, listener: Listener = lambda event: None) -> Verified:
    """Make the run in a folder again, apart from it, from the drops its store held then, and compare the two.

    What came in later does not count, be it about the past or not. `store` says where the store is now. Nothing of the
    rebuilt run remains. Raises RunError if the folder is no run, or the store is not the one the run was made from.
    """
    if not is_run(folder):
        raise RunError("no_run", path=folder)
    record = read_record(folder)
    with passing_folder() as name:
        passing = Path(name)
        asked = _again(folder, store, passing)
        premises.check(asked)
        made = deliver(asked, listener)
        return Verified(compare(folder, made.folder), record["code"] == code())


def _again(folder: Path, store: Path | None, passing: Path) -> RunParams:
    """The params of the run, its products below `passing` and its store as it was then."""
    record = read_record(folder)
    given = {**record["parameters"], "outputs": str(passing / "outputs")}
    given["notebooks"] = [{**line, "notebook": _notebook(line["notebook"], folder)} for line in given["notebooks"]]
    if record["store"]["fingerprint"]:
        now = store or policy.path(given["store"])
        given["store"] = str(as_it_was(now, record["store"], passing / Path(given["store"]).name))
    return RunParams.model_validate(given)


def _notebook(name: str, folder: Path) -> str:
    """The notebook of the project; one that lies elsewhere is taken as the run kept it."""
    kept = folder.absolute() / "notebooks" / Path(name).name
    return name if (policy.ROOT / "notebooks" / f"{name}.ipynb").is_file() else str(kept)


def as_it_was(now: Path, then: Mapping[str, Any], place: Path) -> Path:
    """A store at `place` that holds what `now` held after so many drops (`then`, of run.json), file by file linked.

    An opening of its identities is logged in the store itself. Raises RunError if the store is not there, or its first
    drops are not those of then.
    """
    if not (now / ACCOUNT).is_file():
        raise RunError("store_moved", store=now)
    held = Store(now)
    account = held.account()[: then["drops"]]
    for file in sorted(now.rglob("*.parquet")):
        if int(file.name.split(".")[0]) <= then["drops"]:
            _link(file, place / file.relative_to(now))
    (now / "identity").mkdir(mode=0o700, exist_ok=True)
    (now / "identity" / LOG).touch(mode=0o600)
    _link(now / "identity" / LOG, place / "identity" / LOG)
    (place / ACCOUNT).write_text(json.dumps(account, ensure_ascii=False), encoding="utf-8")
    if Store(place).fingerprint() != then["fingerprint"]:
        raise RunError("store_other", store=now.name)
    return place


def _link(file: Path, place: Path) -> None:
    """The same file at another place: a symbolic link, where the system allows none a copy."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "nt":
        shutil.copy2(file, place)
    else:
        place.symlink_to(file.resolve())


def shown(compared: Compared, most: int) -> Sequence[tuple[str, str, str, str]]:
    """The first differences as rows: file, place, then, now."""
    return [(one.file, one.place, one.before, one.after) for one in compared.differences[:most]]
