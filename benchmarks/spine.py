"""The two commands of the README in a fresh clone, measured: `python benchmarks/spine.py [--folder FOLDER] [--test]`.

Clones the committed project into a folder whose name holds a space and Chinese characters, makes the environment and
runs `make report` twice from nothing under two values of PYTHONHASHSEED, then compares the products: every file byte
for byte, the encrypted lists by their cells. Prints for each step the wall time, the processor time and the peak of
memory (proportional set sizes of all processes together). `--test` runs `make test` twice as well. Linux only: reads
/proc.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import msoffcrypto
import openpyxl
import pandas as pd
import psutil

ROOT = Path(__file__).resolve().parents[1]
RUN = Path("outputs/demo/2024-11-30")
MAY_DIFFER = {"run.json"}
"""Holds durations."""


@dataclass(frozen=True)
class Cost:
    """What a step took: seconds on the clock, seconds of processor, peak of memory in GB."""

    step: str
    wall_s: float
    cpu_s: float
    memory_gb: float


def main() -> None:
    """Measure and print; exit 1 if a bar is missed or a product differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where to clone to; a temporary folder if not given")
    parser.add_argument("--test", action="store_true", help="run `make test` twice as well")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="baoxue-") as temporary:
        clone = (given.folder or Path(temporary)) / "全 县" / "baoxue"
        costs, differing = measured(clone, given.test)
    print(pd.DataFrame(costs).round({"wall_s": 0, "cpu_s": 0, "memory_gb": 2}).to_string(index=False))
    print("differing products:", ", ".join(differing) or "none")
    reports = [cost for cost in costs if cost.step.startswith("report")]
    tests = [cost for cost in costs if cost.step.startswith("test")]
    met = all(cost.wall_s <= 240 and cost.memory_gb <= 3 for cost in reports) and all(
        cost.wall_s <= 720 for cost in tests
    )
    print("bars (report 4 min and 3 GB, test 12 min):", "met" if met else "missed")
    sys.exit(0 if met and not differing else 1)


def measured(clone: Path, with_tests: bool) -> tuple[list[Cost], list[str]]:
    """Every step's cost, and the products that differ between the two reports."""
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    shared = ROOT.parent / "shared"
    if shared.is_dir() and not (clone.parent / "shared").exists():
        (clone.parent / "shared").symlink_to(shared)
    costs = [timed("environment", ["make", ".venv/.ready"], clone)]
    for number, seed in ((1, "0"), (2, "20241130")):
        subprocess.run(["make", "--quiet", "clean"], cwd=clone, check=True)
        costs.append(timed(f"report {number}", ["make", "report"], clone, PYTHONHASHSEED=seed))
        shutil.copytree(clone / RUN, clone.parent / f"report {number}")
    differing = compared(clone.parent / "report 1", clone.parent / "report 2")
    if with_tests:
        costs += [timed(f"test {seed}", ["make", "test"], clone, PYTHONHASHSEED=seed) for seed in ("1", "777")]
    return costs, differing


def timed(step: str, command: list[str], folder: Path, **environment: str) -> Cost:
    """Run a command and watch it; raises CalledProcessError, its output printed, if it fails."""
    before, started = os.times(), time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            command, cwd=folder, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        )
        peak = [0.0]
        watcher = threading.Thread(target=_watch, args=(process, peak), daemon=True)
        watcher.start()
        process.wait()
        watcher.join()
        if process.returncode:
            said.seek(0)
            print(said.read(), file=sys.stderr)
            raise subprocess.CalledProcessError(process.returncode, command)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    cost = Cost(step, time.monotonic() - started, spent, peak[0])
    print(f"{step}: {cost.wall_s:.0f} s, {cost.memory_gb:.2f} GB", flush=True)
    return cost


def compared(one: Path, other: Path) -> list[str]:
    """The products that are not the same in both folders."""
    files = {path.relative_to(folder).as_posix() for folder in (one, other) for path in folder.rglob("*.*")}
    return sorted(
        file
        for file in files - MAY_DIFFER
        if not ((one / file).is_file() and (other / file).is_file()) or content(one, file) != content(other, file)
    )


def content(folder: Path, file: str) -> object:
    """A file as bytes; of a locked list the cells, of a notebook the outputs, of the index all but when it was made."""
    path = folder / file
    if path.parent.name == "lists":
        return _cells(path, folder / "restricted/passwords.csv")
    if path.suffix == ".ipynb":
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [(cell["source"], cell.get("outputs")) for cell in cells]
    if path.name == "index.html":
        return re.sub(rb"<time [^>]*>.*?</time>", b"", path.read_bytes())
    return path.read_bytes()


def _cells(path: Path, passwords: Path) -> list[tuple[object, ...]]:
    words = pd.read_csv(passwords, dtype=str, encoding="utf-8-sig").set_index("school_code")["password"]
    plain = io.BytesIO()
    locked = msoffcrypto.OfficeFile(io.BytesIO(path.read_bytes()))
    locked.load_key(password=words[path.stem])
    locked.decrypt(plain)
    return [row for sheet in openpyxl.load_workbook(plain) for row in sheet.iter_rows(values_only=True)]


def _watch(process: subprocess.Popen[bytes], peak: list[float]) -> None:
    root = psutil.Process(process.pid)
    while process.poll() is None:
        peak[0] = max(peak[0], _memory_gb(root))
        time.sleep(2)


def _memory_gb(root: psutil.Process) -> float:
    total = 0
    for one in [root, *root.children(recursive=True)]:
        try:
            total += one.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / 1e9


if __name__ == "__main__":
    main()
