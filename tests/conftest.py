"""What several tests share: one tiny simulated county, made and taken in once a test run."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from baoxue.store import Store, take_in

if TYPE_CHECKING:
    from baoxue.briefs import Period

SEED = 1
ARRIVED_ON = dt.date(2025, 1, 17)
_PATIENCE_S = 600


@dataclass(frozen=True)
class County:
    """The tiny county: its drop (with truth/), its store and its key. Tests read it and change nothing."""

    drop: Path
    store: Store
    key: bytes


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> County:
    """The tiny demo county, written and taken in once, however many processes the tests run in."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    from baoxue import demo

    made = _once(shared / "county", _make)
    return County(made / "drop", Store(made / "store"), demo.key(SEED))


@pytest.fixture(scope="session")
def reports(county: County) -> dict[str, Period]:
    """A quarter in English and a school year in Chinese of the tiny county: every table of them is worked out once."""
    from baoxue.briefs import Period
    from baoxue.run.places import places

    langs = {"quarter": "en", "year": "zh"}
    return {kind: Period(county.store, "2024-11-30", kind, lang, places()) for kind, lang in langs.items()}


def _make(folder: Path) -> None:
    from baoxue import demo

    demo.write(folder / "drop", size="tiny", seed=SEED)
    account = take_in(folder / "drop", Store(folder / "store"), key=demo.key(SEED), arrived_on=ARRIVED_ON)
    assert not account.failed


def _once(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder, made by the first process that asks; the others wait until it has its name."""
    draft = folder.with_name(f"{folder.name}.draft")
    try:
        draft.mkdir()
    except FileExistsError:
        return _awaited(folder)
    if folder.exists():
        draft.rmdir()
        return folder
    make(draft)
    draft.rename(folder)
    return folder


def _awaited(folder: Path) -> Path:
    until = time.monotonic() + _PATIENCE_S
    while not folder.exists():
        assert time.monotonic() < until, "the process that makes the county has not finished"
        time.sleep(0.2)
    return folder
