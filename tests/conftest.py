"""What several tests share: one tiny simulated county, made and taken in once a test run."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from baoxue.store import Store, take_in

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


def eventually(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether something comes to hold within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.2)
    return False


def is_alive(process: int) -> bool:
    """Whether a process runs; one that has ended and is only waited for does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return (
        "Z" not in Path(f"/proc/{process}/stat").read_text().split() if Path(f"/proc/{process}/stat").exists() else True
    )
