"""The factory against plain papermill: `python benchmarks/factory.py pages|nbval|month [--store STORE]`.

`pages`: a page for each unit of the county, by `baoxue run` and by a loop of papermill.execute_notebook with its
defaults and nbconvert's page, two workers each (`--units 200`; where the county has fewer places they come again); the
outputs are compared. `nbval`: pytest --nbval
over all notebooks, with the warm kernel and without. `month`: params/month.yaml, first from nothing and then again,
with the most memory that all its processes held at once.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import nbformat

from baoxue import policy
from baoxue.run.delivery import prepare
from baoxue.run.parents import SWITCH
from baoxue.run.units import Unit, units

WORKERS = 2
KINDS = ("township", "zone", "school")
AS_OF = "2024-11-30"
_EVERY_S = 2.0


def say(text: str) -> None:
    """A line, at once: a long run shows how far it is."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def measured(what: str) -> Iterator[dict[str, float]]:
    """Seconds, processor seconds of the children that ended, and the most memory that all processes below hold."""
    found = {"seconds": 0.0, "cpu": 0.0, "memory_gb": 0.0}
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_EVERY_S):
            found["memory_gb"] = max(found["memory_gb"], held(os.getpid()) / 2**30)

    watching = threading.Thread(target=watch)
    watching.start()
    began, cpu = time.monotonic(), sum(os.times()[2:4])
    try:
        yield found
    finally:
        found["seconds"], found["cpu"] = time.monotonic() - began, sum(os.times()[2:4]) - cpu
        done.set()
        watching.join()
        say(f"{what}: {found['seconds']:.1f} s, processor {found['cpu']:.1f} s, memory {found['memory_gb']:.2f} GB")


def held(process: int) -> int:
    """Bytes that the processes below one hold, shared ones counted in parts (PSS)."""
    total = 0
    for child in children(process):
        try:
            told = Path(f"/proc/{child}/smaps_rollup").read_text()
        except OSError:  # it has ended since
            continue
        total += int(told.split("\nPss:")[1].split()[0]) * 1024 + held(child)
    return total


def children(process: int) -> list[int]:
    """The processes that a process started."""
    try:
        lists = [(task / "children").read_text() for task in Path(f"/proc/{process}/task").iterdir()]
    except OSError:
        return []
    return [int(child) for text in lists for child in text.split()]


def params_file(folder: Path, notebook: str, store: str, times: int) -> Path:
    """A params file with a line for each kind of unit, under so many names of the notebook."""
    source = policy.path(notebook)
    copies = [folder / f"{source.stem}_{number}" for number in range(times)]
    for place in copies:
        place.with_suffix(".ipynb").write_bytes(source.read_bytes())
    lines = "\n".join(
        f"  - {{notebook: '{place}', reader: bureau, for_each: {kind}}}" for place in copies for kind in KINDS
    )
    head = f"run: pages\ntitle: {{zh: 页, en: Pages}}\nstore: '{store}'\nas_of: {AS_OF}\nat_once: {WORKERS}\n"
    file = folder / "pages.yaml"
    file.write_text(f"{head}outputs: '{folder / 'outputs'}'\nnotebooks:\n{lines}\n", encoding="utf-8")
    return file


def pages(notebook: str, store: str, most: int, of_loop: int) -> None:
    """Both ways over the same units, and how the outputs compare."""
    with tempfile.TemporaryDirectory(prefix="pages") as name:
        folder = Path(name)
        places = len(units(prepare(params_file(folder, notebook, store, 1)), folder))
        file = params_file(folder, notebook, store, math.ceil(most / places))
        given = units(prepare(file), folder)[:most]
        say(f"{most} unit pages of {Path(notebook).name} for {places} places, {WORKERS} workers each")
        only = [f"--only={unit.name}" for unit in given]
        with measured("baoxue run") as ours:
            command = [sys.executable, "-m", "baoxue", "run", str(file), *only]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            sys.exit(done.stdout[-4000:])
        looped = given[:: math.ceil(most / (of_loop or most))]
        with measured(f"loop of papermill.execute_notebook over {len(looped)} of them") as theirs:
            loop(looped, folder / "loop")
        share = len(looped) / len(given)
        told = [theirs[what] / share / ours[what] for what in ("seconds", "cpu")]
        say(f"ratio {told[0]:.1f}, of processor time {told[1]:.1f}")
        differing = [unit.name for unit in looped if not same(folder, unit.name)]
        say(f"outputs equal in {len(looped) - len(differing)} of {len(looped)} notebooks {differing[:5]}")


def loop(given: list[Unit], folder: Path) -> None:
    """Papermill's way: a process a worker, one notebook after another, all defaults; then nbconvert's page."""
    folder.mkdir()
    jobs = [(str(unit.notebook), str(folder / f"{unit.name}.ipynb"), {**unit.parameters, "out": ""}) for unit in given]
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        for _ in pool.map(one, jobs):
            continue


def one(job: tuple[str, str, dict[str, object]]) -> None:
    """One notebook in the loop."""
    import papermill
    from nbconvert import HTMLExporter

    notebook, executed, parameters = job
    papermill.execute_notebook(notebook, executed, parameters=parameters, progress_bar=False)
    html, _ = HTMLExporter(exclude_input=True).from_filename(executed)
    Path(executed).with_suffix(".html").write_text(html, encoding="utf-8")


def same(folder: Path, name: str) -> bool:
    """Whether both ways gave a notebook the same outputs, pictures too."""
    ours = folder / "outputs" / "pages" / AS_OF / "notebooks" / f"{name}.ipynb"
    return outputs(ours) == outputs(folder / "loop" / f"{name}.ipynb")


def outputs(file: Path) -> list[object]:
    """What the cells of a notebook show, without the parameters that were injected."""
    cells = [cell for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
    return [[(o.get("data"), o.get("text")) for o in cell.outputs] for cell in cells]


def nbval() -> None:
    """The notebooks under nbval, with the warm kernel and without."""
    base = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "notebooks"]
    taken = {}
    for what, switch in (("with the warm kernel", "1"), ("without", "0")):
        with measured(f"nbval {what}") as found:
            done = subprocess.run(
                [*base, "--nbval-kernel-name", "baoxue"],
                cwd=policy.ROOT, env={**os.environ, SWITCH: switch}, stdout=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
        say(done.stdout.strip().splitlines()[-1])
        taken[switch] = found["seconds"]
    say(f"ratio {taken['0'] / taken['1']:.1f}")


def month(store: str) -> None:
    """A month's run from nothing, then again with nothing changed."""
    with tempfile.TemporaryDirectory(prefix="month") as folder:
        given = ["-p", f"store={store}", "-p", f"as_of={AS_OF}", "-p", f"outputs={folder}"]
        for what in ("from nothing", "nothing changed"):
            with measured(f"a month's run, {what}"):
                command = [sys.executable, "-m", "baoxue", "run", "params/month.yaml", *given]
                done = subprocess.run(command, cwd=policy.ROOT, stdout=subprocess.PIPE, text=True, check=False)
            say("\n".join(done.stdout.strip().splitlines()[-8:]))
        record = json.loads((Path(folder) / "month" / AS_OF / "run.json").read_text(encoding="utf-8"))
        slowest = sorted(record["units"], key=lambda unit: -unit["duration_s"])[:8]
        say("slowest: " + ", ".join(f"{unit['name']} {unit['duration_s']:.0f} s" for unit in slowest))


def main() -> None:
    """Read the command line and run."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("what", nargs="+", choices=["pages", "nbval", "month"])
    given.add_argument("--units", type=int, default=200, help="so many unit pages")
    given.add_argument("--notebook", default="notebooks/80_unit.ipynb", help="takes `kind` and `code`")
    given.add_argument("--store", default="data/demo/store")
    given.add_argument("--of-loop", type=int, default=0, help="so many of them by papermill's loop, scaled up; 0 = all")
    asked = given.parse_args()
    if "pages" in asked.what:
        pages(asked.notebook, asked.store, asked.units, asked.of_loop)
    if "nbval" in asked.what:
        nbval()
    if "month" in asked.what:
        month(asked.store)


if __name__ == "__main__":
    main()
