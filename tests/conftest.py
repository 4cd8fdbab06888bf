"""What several tests share, made once a test run: a tiny simulated county taken in, the demo run on it, a browser."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from baoxue import policy
from baoxue.remembered import MEMORY
from baoxue.store import Store, take_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from baoxue.briefs import Period

SEED = 1
ARRIVED_ON = dt.date(2025, 1, 17)
_PATIENCE_S = 600
_LONGEST = (
    "test_whole.py", "50_risk_model.ipynb", "test_faults.py", "test_site.py", "test_briefs.py", "test_cases_states.py",
    "test_features.py", "test_rates.py", "test_rates_change_table.py", "test_labels.py", "test_feedback.py",
    "test_risk_public.py", "test_forms_letters.py", "test_intake_drop.py", "test_returns.py", "test_rates_official.py",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """One memory for a test run, as a run has: what was computed for a store and a day is not computed again.

    It is inherited by the processes that the tests start; a test that needs none deletes the variable.
    """
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="baoxue-tests-")
        os.environ[MEMORY] = folder
        # each of two processes on two processors: more threads would only wait for each other
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        # what a shell starts in the background is deaf to Ctrl-C, and so would be the runs that tests break off
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: a process left with one of them at the end would keep the others waiting."""
    place = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@dataclass(frozen=True)
class County:
    """The tiny county: its drop (with truth/), its store and its key. Tests read it and change nothing."""

    drop: Path
    store: Store
    key: bytes


@pytest.fixture(scope="session")
def counties(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[int], County]:
    """Tiny demo counties by their seed, each written and taken in once, however many processes the tests run in."""
    from baoxue import demo

    def of(seed: int) -> County:
        made = _once(_shared(tmp_path_factory, worker_id) / f"county-{seed}", partial(_make, seed))
        return County(made / "drop", Store(made / "store"), demo.key(seed))

    return of


@pytest.fixture(scope="session")
def county(counties: Callable[[int], County]) -> County:
    """The tiny demo county of most tests."""
    return counties(SEED)


@pytest.fixture(scope="session")
def demo_run(county: County, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of the demo run on the tiny county, in Chinese. Tests read it and change nothing."""
    outputs = _once(_shared(tmp_path_factory, worker_id) / "outputs", lambda folder: _run(county, folder))
    return outputs / "demo" / "2024-11-30"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium. Where there is none the test fails, unless BAOXUE_WITHOUT_BROWSER=1 says to do without."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.environ.get("BAOXUE_WITHOUT_BROWSER") == "1":
        pytest.skip("NOT TESTED IN A BROWSER: no chromium here, and BAOXUE_WITHOUT_BROWSER=1 says to do without")
    if found is None:
        pytest.fail(
            "no chromium on this machine (Debian: apt-get install chromium); BAOXUE_WITHOUT_BROWSER=1 leaves the "
            "tests of the site in a browser out",
            pytrace=False,
        )
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=quiet)
        yield opened
        opened.close()


def _shared(factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder that all processes of a test run share."""
    base = factory.getbasetemp()
    return base if worker_id == "master" else base.parent


def _run(county: County, folder: Path) -> None:
    from baoxue.run.delivery import deliver, prepare

    given = [f"store={county.store.path}", f"outputs={folder}"]
    deliver(prepare(policy.ROOT / "params" / "demo.yaml", given))


@pytest.fixture(scope="session")
def reports(county: County) -> dict[str, Period]:
    """A quarter in English and a school year in Chinese of the tiny county: every table of them is worked out once."""
    from baoxue.briefs import Period
    from baoxue.run.places import places

    langs = {"quarter": "en", "year": "zh"}
    return {kind: Period(county.store, "2024-11-30", kind, lang, places()) for kind, lang in langs.items()}


def _make(seed: int, folder: Path) -> None:
    from baoxue import demo

    demo.write(folder / "drop", size="tiny", seed=seed)
    account = take_in(folder / "drop", Store(folder / "store"), key=demo.key(seed), arrived_on=ARRIVED_ON)
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
