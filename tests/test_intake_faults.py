"""Whatever happens while a drop is read, the store is as it was or holds all of it."""

import datetime as dt
import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from baoxue.intake import IntakeError, journal
from baoxue.intake.journal import COMMITTED, INCOMING, Writer
from baoxue.store import Store, take_in
from given import handed_in, id_number

KEY = b"a key that is only for tests"
DAY = dt.date(2025, 1, 17)
TERMS = "学年学期|开始日期|结束日期\n2024学年第{}学期|2024-09-01|2025-01-17"
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that it forks: no fork on this system")
NURSERY = """
import datetime as dt, os, sys
import pandera.pandas
from baoxue.store import Store, take_in
for line in sys.stdin:
    drop, store, wait = line.rstrip().split("|")
    child = os.fork()
    if not child:
        take_in(drop, Store(store), key=%r, arrived_on=dt.date(2025, 1, 17), wait=float(wait))
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()
    print(os.waitpid(child, 0)[1], flush=True)
""" % (KEY,)  # noqa: UP031 - braces would have to be doubled in code


def rows(count, day="2024-10-08"):
    lines = ["学籍号|日期|缺勤类别|时段", *(f"{id_number('2015-10-01', n)}|{day}|病假|全天" for n in range(count))]
    return "\n".join(lines)


class Nursery:
    """A process that has imported everything once and lets others read drops, one after another."""

    def __init__(self):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([sys.executable, "-c", NURSERY], stdin=pipe, stdout=pipe, text=True)
        assert self.process.stdin is not None and self.process.stdout is not None
        self.orders, self.answers = self.process.stdin, self.process.stdout

    def read(self, drop, store, wait=0):
        """Another process that begins to read the drop now: its id."""
        self.orders.write(f"{drop}|{store}|{wait}\n")
        self.orders.flush()
        return int(self.answers.readline())

    def ended(self):
        """How the reading ended, when it has: 0 for well. Until this is asked its process can be killed."""
        self.orders.write("\n")
        self.orders.flush()
        return int(self.answers.readline())


@pytest.fixture
def nursery():
    started = Nursery()
    yield started
    started.process.kill()
    started.process.communicate()


def seen(store):
    """Everything a reader sees, and every file that anybody else may look at."""
    tables = {t: len(store.known_by(DAY).table(t).to_pandas()) for t in ("terms", "absences")}
    files = sorted(f.relative_to(store.path) for f in store.path.rglob("*.parquet") if INCOMING not in f.parts)
    return tables, store.fingerprint(), len(store.account()), files


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "store")
    take_in(handed_in(tmp_path / "first", {"校历/学期.csv": TERMS.format("一")}), store, key=KEY, arrived_on=DAY)
    return store


@needs_fork
def test_killed_at_any_moment_the_store_is_unchanged_or_complete_and_the_drop_can_be_read_again(
    tmp_path, store, nursery
):
    """Twenty moments at random over the time that reading takes."""
    drop = handed_in(tmp_path / "drop", {f"考勤/缺勤/{n}.csv": rows(300, f"2024-10-{n:02d}") for n in range(8, 12)})
    before = seen(store)
    nursery.read(drop, shutil.copytree(store.path, tmp_path / "whole"))
    started = time.monotonic()
    assert nursery.ended() == 0
    takes, complete = time.monotonic() - started, seen(Store(tmp_path / "whole"))
    assert complete[0] == {"terms": 1, "absences": 1200}
    moment, unchanged = random.Random(7), 0
    for n in range(20):
        copy = shutil.copytree(store.path, tmp_path / f"copy{n}")
        child = nursery.read(drop, copy)
        time.sleep(moment.uniform(0, takes))
        os.kill(child, signal.SIGKILL)
        assert nursery.ended() in (0, signal.SIGKILL)
        found = seen(Store(copy))
        unchanged += found == before
        assert found in (before, complete)
    assert unchanged, "at least one was killed before the commit"
    again = Store(copy)
    take_in(drop, again, key=KEY, arrived_on=DAY)
    assert seen(again)[0] == complete[0]
    assert not (again.path / INCOMING).exists() and not (again.path / COMMITTED).exists()


def test_a_commit_interrupted_between_two_files_is_finished_by_whoever_opens_the_store_next(
    tmp_path, store, monkeypatch
):
    drop = handed_in(tmp_path / "drop", {"考勤/缺勤.csv": rows(3), "校历/学期.csv": TERMS.format("二")})

    def moves_one_file_and_dies(path):
        file = next((path / COMMITTED).rglob("*.parquet"))
        (path / file.relative_to(path / COMMITTED)).parent.mkdir(parents=True, exist_ok=True)
        file.rename(path / file.relative_to(path / COMMITTED))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        real, dies = journal.roll_forward, moves_one_file_and_dies
        patched.setattr(journal, "roll_forward", lambda p: dies(p) if (p / COMMITTED).exists() else real(p))
        take_in(drop, store, key=KEY, arrived_on=DAY)
    assert (store.path / COMMITTED).exists()
    assert len(store.account()) == 2, "a reader that was open before sees the whole commit too"
    assert len(store.known_by(DAY).terms.to_pandas()) == 2
    assert seen(Store(store.path))[0] == {"terms": 2, "absences": 3}
    assert not (store.path / COMMITTED).exists()


def test_an_error_half_way_leaves_the_store_unchanged(tmp_path, store, monkeypatch):
    before = seen(store)
    drop = handed_in(tmp_path / "drop", {"考勤/缺勤.csv": rows(3)})

    def no_room(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Writer, "commit", no_room)
    with pytest.raises(IntakeError, match="disk is full"):
        take_in(drop, store, key=KEY, arrived_on=DAY)
    assert seen(store) == before and not (store.path / INCOMING).exists()


def test_a_second_intake_says_that_another_one_is_writing(tmp_path, store):
    drop = handed_in(tmp_path / "drop", {"考勤/缺勤.csv": rows(3)})
    with Writer(store.path), pytest.raises(IntakeError, match="another intake"):
        take_in(drop, store, key=KEY, arrived_on=DAY)
    assert take_in(drop, store, key=KEY, arrived_on=DAY).total("accepted") == 3


@needs_fork
def test_a_second_intake_waits_when_told_to_and_then_finds_the_rows_there(tmp_path, store, nursery):
    drop = handed_in(tmp_path / "drop", {"考勤/缺勤.csv": rows(3)})
    with Writer(store.path) as writer:
        nursery.read(drop, store.path, wait=60)
        time.sleep(0.5)
        assert len(store.account()) == 1, "it has not written while the first holds the store"
        writer.commit([*store.account(), {"drop": "000002", "arrived_on": "2025-01-17", "files": []}])
    assert nursery.ended() == 0
    assert len(store.account()) == 3
    told = []
    take_in(drop, store, key=KEY, arrived_on=DAY, wait=1, on_wait=lambda: told.append("waiting"))
    assert told == [], "nobody holds the store any more"


def test_a_store_that_cannot_be_written_says_so_and_can_still_be_read(tmp_path, store, monkeypatch):
    """Where tests run as root no folder is read-only, so the system's refusal is acted out at its only door."""
    before, drop = seen(store), handed_in(tmp_path / "drop", {"考勤/缺勤.csv": rows(3)})
    really = Path.mkdir

    def refused(path, *args, **kwargs):
        if path.is_relative_to(store.path) and not path.exists():
            raise OSError(errno.EROFS, "Read-only file system")
        return really(path, *args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(IntakeError, match="cannot be written") as said:
        take_in(drop, store, key=KEY, arrived_on=DAY)
    assert "权限" in said.value.say("zh")
    assert seen(Store(store.path)) == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_a_store_that_cannot_be_written(tmp_path, store):
    store.path.chmod(0o500)
    with pytest.raises(IntakeError, match="cannot be written"):
        take_in(handed_in(tmp_path / "drop", {"考勤/缺勤.csv": rows(3)}), store, key=KEY, arrived_on=DAY)
    store.path.chmod(0o700)


def test_a_file_that_changes_while_it_is_read_is_not_taken_in(tmp_path, store):
    drop = handed_in(tmp_path / "drop", {"考勤/缺勤/a.csv": rows(3), "考勤/缺勤/b.csv": rows(4, "2024-10-09")})

    def still_copying(name, *_):
        if name.endswith("a.csv"):
            with (drop / "考勤/缺勤/b.csv").open("a", encoding="utf-8") as file:
                file.write(f"{id_number('2015-10-01', 99)},2024-10-09,病假,全天\n")

    account = take_in(drop, store, key=KEY, arrived_on=DAY, progress=still_copying)
    assert [(f.accepted, f.reason) for f in account.files] == [(3, ""), (0, "changed")]
    assert take_in(drop, store, key=KEY, arrived_on=DAY).total("accepted") == 5


def test_what_was_never_committed_is_swept_away_by_the_next_intake(tmp_path, store):
    (store.path / INCOMING / "ready" / "tables").mkdir(parents=True)
    (store.path / INCOMING / "ready" / "tables" / "left.parquet").write_bytes(b"half a file")
    take_in(handed_in(tmp_path / "drop", {"考勤/缺勤.csv": rows(3)}), store, key=KEY, arrived_on=DAY)
    assert not (store.path / INCOMING).exists()
    assert not list(store.path.rglob("left.parquet"))
