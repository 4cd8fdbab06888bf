"""The numbers of the tiny county's past, kept: `make expected` writes them, test_whole compares.

What is kept of a run: its tables as they are, and of each restricted table the rows and a digest of every column.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

import pandas as pd

EXPECTED = Path(__file__).parent / "expected" / "tiny-2024-11-30"


def numbers(run: Path) -> dict[str, str]:
    """File name -> text, for every table of a run and a summary of its restricted ones."""
    tables = {file.name: file.read_text(encoding="utf-8-sig") for file in sorted((run / "tables").glob("*.csv"))}
    restricted = sorted((run / "restricted").glob("*.parquet"))
    return tables | {"restricted.csv": "file,column,rows,sha256\n" + "".join(map(_summary, restricted))}


def _summary(file: Path) -> str:
    frame = pd.read_parquet(file)
    digests = {name: hashlib.sha256("\n".join(frame[name].map(repr)).encode()).hexdigest()[:16] for name in frame}
    return "".join(f"{file.stem},{name},{len(frame)},{digest}\n" for name, digest in digests.items())


def keep(run: Path) -> None:
    """Write the numbers of a run to tests/expected, in place of those kept before."""
    EXPECTED.mkdir(parents=True, exist_ok=True)
    for file in EXPECTED.iterdir():
        file.unlink()
    for name, text in numbers(run).items():
        (EXPECTED / name).write_text(text, encoding="utf-8-sig")


def main() -> None:
    """Make the tiny county, take it in, run the demo on it, and keep its numbers."""
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
            sys.exit("\n".join(["the demo run is not complete; nothing was kept", *failed]))
        keep(delivery.folder)


if __name__ == "__main__":
    main()
