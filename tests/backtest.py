"""The numbers of the tiny county's past, kept: `make expected` writes them, test_whole and the restore drill compare.

What is kept of a run: its tables as they are, and of each restricted table the rows and a digest of every column, whose
fractions are rounded, since two processors do not agree on the last digits.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pandas as pd

from baoxue.run.compared import is_same_number

EXPECTED = Path(__file__).parent / "expected" / "tiny-2024-11-30"


def numbers(run: Path) -> dict[str, str]:
    """File name -> text, for every table of a run and a summary of its restricted ones."""
    tables = {file.name: file.read_text(encoding="utf-8-sig") for file in sorted((run / "tables").glob("*.csv"))}
    restricted = sorted((run / "restricted").glob("*.parquet"))
    return tables | {"restricted.csv": "file,column,rows,sha256\n" + "".join(map(_summary, restricted))}


def _summary(file: Path) -> str:
    frame = pd.read_parquet(file)
    digests = {name: hashlib.sha256("\n".join(frame[name].map(_told)).encode()).hexdigest()[:16] for name in frame}
    return "".join(f"{file.stem},{name},{len(frame)},{digest}\n" for name, digest in digests.items())


def _told(value: object) -> str:
    return repr(round(value, 9) + 0.0) if isinstance(value, float) else repr(value)


def moved(kept: dict[str, str], now: dict[str, str]) -> list[str]:
    """Where the numbers of two runs are not the same: the file, or its line and both cells."""
    if kept.keys() != now.keys():
        return sorted(kept.keys() ^ now.keys())
    return [where for name in kept for where in _moved_in(name, kept[name].splitlines(), now[name].splitlines())]


def _moved_in(name: str, kept: list[str], now: list[str]) -> Iterator[str]:
    if len(kept) != len(now):
        yield f"{name}: {len(kept)} lines were kept, now {len(now)}"
        return
    for number, (line, other) in enumerate(zip(kept, now, strict=True), start=1):
        for cell, says in zip_longest(line.split(","), other.split(","), fillvalue=""):
            if cell != says and not is_same_number(cell, says):
                yield f"{name}, line {number}: {cell} was kept, now {says}"


def keep(run: Path) -> None:
    """Write the numbers of a run to tests/expected, in place of those kept before."""
    EXPECTED.mkdir(parents=True, exist_ok=True)
    for file in EXPECTED.iterdir():
        file.unlink()
    for name, text in numbers(run).items():
        (EXPECTED / name).write_text(text, encoding="utf-8-sig")


def kept() -> dict[str, str]:
    """The numbers kept of the past: file name -> text."""
    return {file.name: file.read_text(encoding="utf-8-sig") for file in sorted(EXPECTED.iterdir())}


def main() -> None:
    """Make the tiny county, take it in, run the demo on it, and keep its numbers; with --compare, compare them."""
    from baoxue import demo, policy
    from baoxue.run.delivery import deliver, prepare
    from baoxue.store import Store, take_in
    from conftest import ARRIVED_ON, SEED

    with tempfile.TemporaryDirectory() as name:
        drop, store = Path(name) / "drop", Path(name) / "store"
        demo.write(drop, size="tiny", seed=SEED)
        take_in(drop, Store(store), key=demo.key(SEED), arrived_on=ARRIVED_ON)
        key = Path(name) / "key"
        key.write_text(demo.key(0).hex(), encoding="ascii")
        given = [f"store={store}", f"key={key}", f"outputs={name}/outputs"]
        delivery = deliver(prepare(policy.ROOT / "params" / "demo.yaml", given))
        failed = [f"{one.unit.name}: {one.last_line}" for one in delivery.outcomes if one.status != "finished"]
        if failed or not delivery.is_complete:
            sys.exit("\n".join(["the demo run is not complete; nothing was kept or compared", *failed]))
        if sys.argv[1:] == ["--compare"]:
            sys.exit("\n".join(moved(kept(), numbers(delivery.folder))) or None)
        keep(delivery.folder)


if __name__ == "__main__":
    main()
