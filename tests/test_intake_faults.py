"""Whatever happens while a drop is read, the store is as it was or holds all of it."""

import datetime as dt
import errno
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from given import handed_in, id_number

from baoxue.intake import IntakeError, journal
from baoxue.intake.journal import COMMITTED, INCOMING, Writer
from baoxue.store import Store, take_in

KEY = b"a key that is only for tests"
DAY = dt.date(2025, 1, 17)
TERMS = "学年学期|开始日期|结束日期\n2024学年第{}学期|2024-09-01|2025-01-17"
READ = """
import sys, datetime as dt
from baoxue.store import Store, take_in
print("ready", flush=True)
take_in(sys.argv[1], Store(sys.argv[2]), key=%r, arrived_on=dt.date(2025, 1, 17), wait=float(sys.argv[3]))
""" % (KEY,)  # noqa: UP031 - braces would have to be doubled in code


def rows(count, day="2024-10-08"):
    lines = ["学籍号|日期|缺勤类别|时段", *(f"{id_number('2015-10-01', n)}|{day}|病假|全天" for n in range(count))]
    return "\n".join(lines)


def reading(drop, store, wait=0):
    """Another process that reads the drop; returned when it is about to begin."""
    process = subprocess.Popen(
        [sys.executable, "-c", READ, str(drop), str(store), str(wait)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


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


def test_killed_at_any_moment_the_store_is_unchanged_or_complete_and_the_drop_can_be_read_again(tmp_path, store):
    """Twenty moments spread over the time that reading takes, the last of them at the commit itself."""
    drop = handed_in(tmp_path / "drop", {f"考勤/缺勤/{n}.csv": rows(300, f"2024-10-{n:02d}") for n in range(8, 12)})
    before = seen(store)
    shutil.copytree(store.path, tmp_path / "whole")
    started = time.monotonic()
    assert reading(drop, tmp_path / "whole").wait() == 0
    takes, complete = time.monotonic() - started, seen(Store(tmp_path / "whole"))
    assert complete[0] == {"terms": 1, "absences": 1200}
    moment = random.Random(7)
    outcomes = set()
    for n in range(20):
        copy = Store(shutil.copytree(store.path, tmp_path / f"copy{n}"))
        process = reading(drop, copy.path)
        time.sleep(moment.uniform(0, takes))
        process.kill()
        process.communicate()
        found = seen(Store(copy.path))
        outcomes.add(found == before)
        assert found in (before, complete)
    assert True in outcomes, "at least one was killed before the commit"
    take_in(drop, copy, key=KEY, arrived_on=DAY)
    assert seen(copy)[0] == complete[0]
    assert not (copy.path / INCOMING).exists() and not (copy.path / COMMITTED).exists()


def test_a_commit_interrupted_between_two_files_is_finished_by_whoever_opens_the_store_next(tmp_path, store, monkeypatch):
    drop = handed_in(tmp_path / "drop", {"考勤/缺勤.csv": rows(3), "校历/学期.csv": TERMS.format("二")})

    def moves_one_file_and_dies(path):
        file = next((path / COMMITTED).rglob("*.parquet"))
        (path / file.relative_to(path / COMMITTED)).parent.mkdir(parents=True, exist_ok=True)
        file.rename(path / file.relative_to(path / COMMITTED))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        real = journal.roll_forward
        patched.setattr(journal, "roll_forward", lambda p: moves_one_file_and_dies(p) if (p / COMMITTED).exists() else real(p))
        take_in(drop, store, key=KEY, arrived_on=DAY)
    assert (store.path / COMMITTED).exists()
    assert len(store.account()) == 2, "a reader that was open before sees the whole commit too"
    assert len(store.known_by(DAY).terms.to_pandas()) == 2
    assert seen(Store(store.path))[0] == {"terms": 2, "absences": 3}
    assert not (store.path / COMMITTED).exists()


def test_an_error_half_way_leaves_the_store_unchanged(tmp_path, store, monkeypatch):
    before = seen(store)
    drop = handed_in(tmp_path / "drop", {"考勤/缺勤.csv": rows(3)})
    monkeypatch.setattr(Writer, "commit", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(IntakeError, match="disk is full"):
        take_in(drop, store, key=KEY, arrived_on=DAY)
    assert seen(store) == before and not (store.path / INCOMING).exists()


def test_a_second_intake_says_that_another_one_is_writing(tmp_path, store):
    drop = handed_in(tmp_path / "drop", {"考勤/缺勤.csv": rows(3)})
    with Writer(store.path), pytest.raises(IntakeError, match="another intake"):
        take_in(drop, store, key=KEY, arrived_on=DAY)
    assert take_in(drop, store, key=KEY, arrived_on=DAY).total("accepted") == 3


def test_a_second_intake_waits_when_told_to_and_then_finds_the_rows_there(tmp_path, store):
    drop = handed_in(tmp_path / "drop", {"考勤/缺勤.csv": rows(3)})
    with Writer(store.path) as writer:
        process = reading(drop, store.path, wait=60)
        time.sleep(0.5)
        assert process.poll() is None
        writer.commit([*store.account(), {"drop": "000002", "arrived_on": "2025-01-17", "files": []}])
    assert process.wait(60) == 0
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
