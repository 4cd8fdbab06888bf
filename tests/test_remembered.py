"""What a run remembers: computed once, given to each as its own, only for the same store, day and arguments."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from baoxue.remembered import MEMORY, in_memory, kept, remembered
from baoxue.store import Known, Store
from conftest import County

computed: list[tuple] = []


@remembered
def schools(known: Known, least: int = 0) -> pd.DataFrame:
    """How many schools there are; every computing is noted."""
    computed.append((known.as_of, least))
    return pd.DataFrame({"schools": [known.table("schools").count().execute()], "least": [least]})


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    computed.clear()
    monkeypatch.setenv(MEMORY, str(tmp_path / "memory"))
    return tmp_path / "memory"


def test_a_result_is_computed_once_and_each_caller_has_one_of_its_own(county: County, memory: Path) -> None:
    first = schools(county.store.known_by("2024-11-30"))
    kept = first.copy()
    first["schools"] = 0
    pd.testing.assert_frame_equal(schools(county.store.known_by("2024-11-30")), kept)
    assert len(computed) == 1 and memory.stat().st_mode & 0o777 == 0o700


def test_another_day_argument_or_store_is_computed_anew(county: County, tmp_path: Path) -> None:
    shutil.copytree(county.store.path, tmp_path / "store")
    for known in (county.store.known_by("2024-11-30"), county.store.known_by("2024-11-29")):
        schools(known)
        schools(known, least=1)
    schools(Store(tmp_path / "store").known_by("2024-11-30"))
    assert len(computed) == 5


def test_outside_a_run_a_result_lasts_as_long_as_its_day_and_nothing_is_written(
    county: County, monkeypatch: pytest.MonkeyPatch, memory: Path
) -> None:
    monkeypatch.delenv(MEMORY)
    known = county.store.known_by("2024-11-30")
    first = schools(known)
    first["schools"] = 0
    assert schools(known)["schools"].item() > 0
    schools(known, least=1)
    assert len(computed) == 2
    schools(county.store.known_by("2024-11-30"))
    assert len(computed) == 3 and not memory.exists()


def test_a_kept_table_is_read_once_for_a_day_and_another_day_reads_its_own(county: County) -> None:
    def cases(day: str) -> tuple[Known, pd.DataFrame]:
        known = county.store.known_by(day)
        return known, in_memory(known, kept(known, "cases_kept", lambda: known.table("cases")))

    (known, rows), (_, earlier) = cases("2024-11-30"), cases("2023-01-01")
    assert in_memory(known, kept(known, "cases_kept", lambda: known.table("cases"))) is rows
    assert len(earlier) < len(rows)


SLOW = """import sys, time
from baoxue.remembered import remembered
from baoxue.store import Store
@remembered
def slow(known):
    print("computed", flush=True)
    time.sleep(1)
    return 1
slow(Store(sys.argv[1]).known_by("2024-11-30"))"""


def test_of_two_processes_that_ask_at_once_one_computes(county: County) -> None:
    command = [sys.executable, "-c", SLOW, str(county.store.path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert "".join(process.communicate(timeout=120)[0] for process in both) == "computed\n"
