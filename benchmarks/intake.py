"""A county's files at full size, measured: `python benchmarks/intake.py [--size small] [--folder FOLDER] [--findings]`.

Prints a line for each bar: measured, bar, passed. Registry workbooks read by intake's reader against a loop of
`pandas.read_excel` (same files, same columns out); the simulated county written; its intake; its findings. Times are
wall clock on whatever else the machine is doing, so the seconds of processor are printed beside them; memory is the
largest sum over the tree of processes. With `--findings` it measures instead what the registers find against the truth,
three seeds of the tiny and the small county. Exit code 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pandas as pd

from baoxue import demo, registers
from baoxue.contracts import ENROLMENTS
from baoxue.demo import timeline
from baoxue.intake import headers, places, pool
from baoxue.intake.reading import Task
from baoxue.store import Store, take_in

ARRIVED_ON = "2025-01-17"
SEED, SEEDS = 1, (1, 2, 3)
MOST_BYTES = 20 * 2**20
"""Of workbooks read by both readers: enough to time, few enough for the slower one."""

T = TypeVar("T")


@dataclass(frozen=True)
class Bar:
    """One line of the table: what was measured, in which unit, and the bar it is held against."""

    what: str
    value: float
    bar: float
    unit: str
    at_least: bool = False
    beside: str = ""

    @property
    def passed(self) -> bool:
        """Whether the bar holds."""
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    def line(self) -> str:
        """The bar as a line of text."""
        sign = "≥" if self.at_least else "≤"
        verdict = "passed" if self.passed else "MISSED"
        held = f"{self.value:>9.1f} {self.unit:<3} {sign} {self.bar:g} {self.unit:<4} {verdict}"
        return f"{self.what:<44} {held}  {self.beside}"


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds on the clock, seconds of processor, gigabytes of its processes together."""

    wall_s: float
    cpu_s: float
    peak_gb: float


def run(command: Sequence[str]) -> Cost:
    """Run a command of this interpreter and watch its processes. Raises CalledProcessError if it fails."""
    before, started = os.times(), time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    peak, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.25):
            peak[0] = max(peak[0], _resident(process.pid))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    code = process.wait()
    ended.set()
    watcher.join()
    if code:
        raise subprocess.CalledProcessError(code, [sys.executable, *command])
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(time.perf_counter() - started, cpu, peak[0] / 2**30)


def _resident(root: int) -> int:
    """Bytes of memory of a process and all below it, each page counted for every process that has it."""
    parents, pages = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            pages[int(folder.name)] = int((folder / "statm").read_text(encoding="ascii").split()[1])
        except (OSError, IndexError):
            continue
        parents[int(folder.name)] = int(stat[1])
    tree, grown = {root}, 0
    while len(tree) > grown:
        grown = len(tree)
        tree |= {child for child, parent in parents.items() if parent in tree}
    return sum(pages.get(process, 0) for process in tree) * os.sysconf("SC_PAGE_SIZE")


def reading(drop: Path) -> Bar:
    """How many times faster intake reads registry workbooks, cells cleaned too, than a loop of `pandas.read_excel`."""
    found = [f for f in places.files(drop) if f.source is ENROLMENTS and f.path.suffix == ".xlsx"]
    latest = [f for f in reversed(found) if f.snapshot_on == found[-1].snapshot_on]
    chosen, size = [], 0
    for file in latest:
        if chosen and size + file.path.stat().st_size > MOST_BYTES:
            break
        chosen.append(file)
        size += file.path.stat().st_size
    with tempfile.TemporaryDirectory() as parts:
        tasks = [Task(n, str(f.path), "enrolments", str(f.snapshot_on), parts) for n, f in enumerate(chosen)]
        ours, rows = _timed(lambda: sum(r.rows_read for r in pool.read_all(tasks, demo.key(SEED))))
    theirs, frames = _timed(lambda: [_by_pandas(f.path) for f in chosen])
    same = sum(map(len, frames))
    assert rows == same, f"{rows} rows against {same}"
    beside = f"{len(chosen)} files, {rows:,} rows: {ours:.1f} s against {theirs:.1f} s"
    return Bar("registry workbooks against pandas.read_excel", theirs / ours, 8, "x", True, beside)


def _by_pandas(file: Path) -> pd.DataFrame:
    """The contract's columns of a workbook as text."""
    wanted = {headers.normal(name) for column in ENROLMENTS.columns for name in column.headers}
    return pd.read_excel(file, dtype=str, engine="openpyxl", usecols=lambda name: headers.normal(str(name)) in wanted)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    made = work()
    return time.perf_counter() - started, made


def county(folder: Path, size: str) -> list[Bar]:
    """The simulated county written, taken in and checked, each by its own process; the store stays in `folder`."""
    drop, store, key = folder / "drop", folder / "store", folder / "key"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(store, ignore_errors=True)
    written = run(["-m", "baoxue", "demo", "--size", size, "--out", str(drop), "--key", str(key)])
    taken = run(
        ["-m", "baoxue", "intake", str(drop), "--store", str(store), "--key", str(key), "--arrived-on", ARRIVED_ON]
    )
    found = run([__file__, "--only-findings", str(store)])
    return [
        reading(drop),
        *_bars("demo county written", written, 480, 6),
        *_bars("intake of it", taken, 300, 4),
        _bars("findings of it", found, 60, 4)[0],
    ]


def _bars(what: str, cost: Cost, wall_s: float, peak_gb: float) -> list[Bar]:
    time_bar = Bar(what, cost.wall_s, wall_s, "s", beside=f"{cost.cpu_s:.0f} s of processor")
    return [time_bar, Bar(f"{what}, memory", cost.peak_gb, peak_gb, "GB")]


def findings(store: Path) -> int:
    """How many findings the registers have, as of the day of the truth."""
    return len(registers.findings(Store(store).known_by(timeline.AS_OF)))


def against_truth(size: str, seed: int) -> list[Bar]:
    """Recall and precision of the findings in a county of that size and seed, and whether `since` is right too."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        demo.write(folder / "drop", size=size, seed=seed)
        store = Store(folder / "store")
        account = take_in(folder / "drop", store, key=demo.key(seed), arrived_on=dt.date.fromisoformat(ARRIVED_ON))
        assert not account.failed, "a file was not read, so the findings say nothing"
        found = registers.findings(store.known_by(timeline.AS_OF))
        people = store.identity(reader="benchmark", why="compare findings with the truth", pupils=found["pupil"])
        true = pd.read_parquet(folder / "drop" / "truth" / "findings.parquet")
    number = people["id_number"].fillna(people["registry_number"]).set_axis(people["pupil"])
    key = ["id_number", "finding", "since"]
    found = found.assign(id_number=found["pupil"].map(number), since=pd.to_datetime(found["since"]))[key]
    true = true.assign(since=pd.to_datetime(true["since"]))[key]
    both = found.merge(true, on=key)
    return [
        Bar(f"recall, {size}, seed {seed}", 100 * len(both) / len(true), 100, "%", True, f"{len(true)} true"),
        Bar(f"precision, {size}, seed {seed}", 100 * len(both) / len(found), 100, "%", True, f"{len(found)} found"),
    ]


def main() -> None:
    """Measure, print, and say by the exit code whether every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="county", choices=["tiny", "small", "county"])
    parser.add_argument("--folder", type=Path, help="keep drop, store and key here; else they are thrown away")
    parser.add_argument("--findings", action="store_true", help="recall and precision, three seeds, tiny and small")
    parser.add_argument("--only-findings", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only_findings:
        sys.stdout.write(str(findings(asked.only_findings)) + "\n")
        return
    if asked.findings:
        bars = [bar for size in ("tiny", "small") for seed in SEEDS for bar in against_truth(size, seed)]
    elif asked.folder:
        bars = county(asked.folder, asked.size)
    else:
        with tempfile.TemporaryDirectory() as place:
            bars = county(Path(place), asked.size)
    sys.stdout.write("\n".join(bar.line() for bar in bars) + "\n")
    sys.exit(0 if all(bar.passed for bar in bars) else 1)


if __name__ == "__main__":
    main()
