"""Whatever goes wrong while a run goes: the rest goes on or the run is taken up, and no product is half-written."""

from __future__ import annotations

import html
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from baoxue.run import delivery as delivering
from baoxue.run.delivery import deliver, prepare
from baoxue.run.earlier import read_record
from baoxue.run.parents import SWITCH
from baoxue.run.plan import plan
from baoxue.run.record import digest
from conftest import eventually, is_alive
from notebooks_drawn import notebook, params

pytestmark = pytest.mark.skipif(os.name == "nt", reason="acts with signals")

NOTED = "from pathlib import Path; Path({place!r}).open('a').write('{name} ')"
"""A cell that notes in a file that it was executed."""


def whole(folder: Path) -> list[str]:
    """The products in a folder, all of which the record knows by their digest; nothing else may lie there."""
    record = read_record(folder)
    for entry in record["files"]:
        assert digest(folder / entry["file"]) == entry["sha256"]
    known = {entry["file"] for entry in record["files"]} | {"run.json", "index.html"}
    assert {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} == known
    return sorted(entry["file"] for entry in record["files"] if entry["file"].startswith("reports/"))


class Run:
    """A run of units a, b, c, one after another, of which each notes that it was executed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.noted = folder, folder / "noted"
        self.products = folder / "outputs" / "probe" / "now"
        self.write(b="0")

    def write(self, b: str, more: str = "") -> None:
        """The notebooks and the params file; `b` is a cell of the second."""
        self.write_all({"a": "0", "b": b, "c": "0"}, f"at_once: 1\n{more}")

    def write_all(self, cells: Mapping[str, str], more: str) -> None:
        """A notebook for each cell, and their params file."""
        noted = {name: NOTED.format(place=str(self.noted), name=name) for name in cells}
        names = [notebook(self.folder, name, noted[name], cell) for name, cell in cells.items()]
        self.file = params(self.folder, *[f"{{notebook: {name}, reader: bureau}}" for name in names], more=more)

    def started(self, *more: str, **environment: str) -> subprocess.Popen:
        """The run as a process of its own."""
        command = [sys.executable, "-m", "baoxue", "run", str(self.file), *more]
        given = {**os.environ, "BAOXUE_LANG": "en", "COLUMNS": "200", **environment}
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=given)

    @property
    def executed(self) -> str:
        """The names of the units that were executed, in order."""
        return self.noted.read_text() if self.noted.exists() else ""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv(SWITCH, "0")
    return Run(tmp_path)


WAITS = "import os, time; Path({place!r}).write_text(str(os.getpid())); time.sleep(600)"


FAULTS = {
    "error": ("1 / 0", "ZeroDivisionError: division by zero"),
    "dies": ("import os; os.abort()", "DeadKernelError: the kernel died (memory?)"),
    "killed": ("import os; os.kill(os.getpid(), 9)", "DeadKernelError: the kernel died (memory?)"),
    "memory": (
        "import resource\n"
        "used = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + (200 << 20),) * 2)\n"
        "held = bytearray(1 << 30)",
        "MemoryError",
    ),
    "slow": ("import time; time.sleep(60)", "CellTimeoutError: a cell took longer than 6 s"),
    "disk": ("raise OSError(28, 'No space left on device')", "OSError: [Errno 28] No space left on device"),
    "good": ("0", ""),
}
"""Cells that fail in every way a notebook can, and what is said of each."""


@pytest.mark.parametrize("warm", ["1", "0"], ids=["warm kernels", "plain kernels"])
def test_units_that_fail_fail_alone_and_the_next_run_makes_only_them(
    run: Run, monkeypatch: pytest.MonkeyPatch, warm: str
) -> None:
    monkeypatch.setenv(SWITCH, warm)
    run.write_all({name: cell for name, (cell, _) in FAULTS.items()}, "cell_timeout_s: 6")
    first = deliver(prepare(run.file))
    assert {outcome.unit.name: outcome.last_line for outcome in first.outcomes} == {
        name: said for name, (_, said) in FAULTS.items()
    }
    assert not first.is_complete and whole(run.products) == ["reports/good.html"]
    index = html.unescape((run.products / "index.html").read_text("utf-8"))
    assert all(said in index for _, said in FAULTS.values())
    run.write_all(dict.fromkeys(FAULTS, "0"), "cell_timeout_s: 6")
    assert deliver(prepare(run.file)).is_complete
    assert Counter(run.executed.split()) == Counter([*FAULTS, *FAULTS]) - Counter(["good"])
    assert whole(run.products) == sorted(f"reports/{name}.html" for name in FAULTS)


@pytest.mark.parametrize(
    ("blow", "warm"),
    [(signal.SIGINT, "0"), (signal.SIGTERM, "0"), (signal.SIGKILL, "0"), (signal.SIGKILL, "1")],
    ids=["Ctrl-C", "kill", "kill -9", "kill -9, warm kernels"],
)
def test_a_run_that_is_ended_leaves_what_was_there_and_is_taken_up_where_it_was(
    run: Run, monkeypatch: pytest.MonkeyPatch, blow: signal.Signals, warm: str
) -> None:
    monkeypatch.setenv(SWITCH, warm)
    assert deliver(prepare(run.file)).is_complete
    before = {file: digest(file) for file in run.products.rglob("*") if file.is_file()}
    pid, passing = run.folder / "pid", run.folder / "t"
    passing.mkdir()
    run.write(WAITS.format(place=str(pid)), "title: {zh: 二, en: Second}\nlang: en")
    going = run.started(TMPDIR=str(passing))
    assert eventually(lambda: pid.exists() and pid.read_text() != "", 90)
    family = processes_below(going.pid)
    going.send_signal(blow)
    assert going.wait(60) != 0
    said = going.stdout.read() if going.stdout else ""
    assert blow is not signal.SIGINT or "--continue" in said
    assert {file: digest(file) for file in before} == before
    assert len(family) >= 2 + int(warm) and eventually(lambda: not any(map(is_alive, family)), 20)
    assert eventually(lambda: not list(passing.iterdir()), 10), "sockets, logs and ledgers are gone too"
    run.write("0", "title: {zh: 二, en: Second}\nlang: en")
    again = run.started("--continue")
    assert again.wait(120) == 0
    assert run.executed == "a b c a b b c "
    assert whole(run.products) == ["reports/a.html", "reports/b.html", "reports/c.html"]
    assert [place.name for place in run.products.parent.iterdir()] == ["now"]


def break_off(run: Run) -> None:
    """Start a run whose second notebook waits, and kill the runner once it does."""
    pid = run.folder / "pid"
    run.write(WAITS.format(place=str(pid)))
    going = run.started()
    assert eventually(lambda: pid.exists() and pid.read_text() != "", 90)
    going.kill()
    going.wait()


def processes_below(process: int) -> list[int]:
    """Every process that a process started, and those that these started."""
    children = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=False).stdout.split()
    return [below for child in map(int, children) for below in (child, *processes_below(child))]


def test_without_continue_a_run_that_was_broken_off_is_made_anew(run: Run) -> None:
    break_off(run)
    run.write("0")
    asked = prepare(run.file)
    assert [step.action for step in plan(asked, resume=True).steps] == ["keep", "run", "run"]
    assert [step.action for step in plan(asked).steps] == ["run", "run", "run"]


def test_a_disk_that_is_full_when_the_record_is_written_leaves_the_earlier_run_and_can_be_taken_up(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert deliver(prepare(run.file)).is_complete
    before = {file: digest(file) for file in run.products.rglob("*") if file.is_file()}
    run.write("1")
    real = delivering._finish

    def no_room(*given: object) -> None:
        real(*given)  # type: ignore[arg-type]
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space left"):
        patched.setattr(delivering, "_finish", no_room)
        deliver(prepare(run.file))
    assert {file: digest(file) for file in before} == before
    todo = plan(prepare(run.file), resume=True)
    assert todo.to_run == []
    assert deliver(prepare(run.file), chosen=todo).is_complete
    assert run.executed == "a b c b " and len(whole(run.products)) == 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk; the other tests act a full one out")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_fills_up_fails_the_units_that_do_not_fit(run: Run, small_disk: Path) -> None:
    big = (
        "from IPython.display import HTML; import random; display(HTML(str(random.Random(1).randbytes(900_000).hex())))"
    )
    run.write(big)
    asked = prepare(run.file, [f"outputs={small_disk}"])
    done = deliver(asked)
    assert [outcome.status for outcome in done.outcomes] == ["finished", "failed", "finished"]
    assert done.outcomes[1].last_line == "OSError: No space left on device"
    assert whole(asked.folder) == ["reports/a.html", "reports/c.html"]


def test_a_worker_that_is_killed_is_replaced(run: Run) -> None:
    kills = f"""import subprocess, time
subprocess.run(["pkill", "-9", "-P", "{os.getpid()}", "-f", "baoxue.run.worker"])
time.sleep(60)"""
    run.write(kills)
    done = deliver(prepare(run.file))
    assert [outcome.status for outcome in done.outcomes] == ["finished", "failed", "finished"]
    assert done.outcomes[1].last_line == "WorkerDied: the worker ended with code -9 (killed for memory?)"
    assert whole(run.products) == ["reports/a.html", "reports/c.html"]


def test_a_warm_parent_that_is_killed_costs_the_unit_that_goes_and_the_rest_gets_plain_kernels(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, "1")
    run.write("import os, signal; os.kill(os.getppid(), signal.SIGKILL); import time; time.sleep(60)")
    done = deliver(prepare(run.file))
    assert [outcome.status for outcome in done.outcomes] == ["finished", "failed", "finished"]
    assert done.outcomes[1].last_line == "DeadKernelError: the kernel died (memory?)"
    assert whole(run.products) == ["reports/a.html", "reports/c.html"]


def test_a_journal_whose_last_line_was_cut_off_gives_what_stands_before_it(run: Run) -> None:
    break_off(run)
    asked = prepare(run.file)
    taken_up = plan(asked, resume=True).taken_up
    assert taken_up is not None
    journal = taken_up / ".finished.jsonl"
    first = json.loads(journal.read_text("utf-8"))
    assert first["unit"]["name"] == "a"
    with journal.open("a", encoding="utf-8") as cut:
        cut.write(journal.read_text("utf-8")[:100])
    assert [step.action for step in plan(asked, resume=True).steps] == ["keep", "run", "run"]
