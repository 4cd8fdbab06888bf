"""Every bar of the early warning, section by section: `python benchmarks/risk.py [--only public few leaks …]`.

All models and rules on the same splits; intervals by bootstrap over schools or courses. Each section prints what it
measured and closes with bar, measured, met. CatBoost and LightGBM take part where they are installed. Sections:

public      five public tables: ours against tuned peers and their average
few         hsls09 with 30, 75 and 150 events to learn from
leaks       leaks planted into a county's features, and the clean ones
reasons     contributions + intercept against every score
lists       lists of simulated counties, decrypted: no other school's pupil, no group, no score
county      time and memory of the store given, and idiomatic pandas beside it
one_county  learning from one county, beside models taught by others and beside the true hazard
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from bars import Bar, say, table
from counties import county, examples_without_truth
from county_size import county_size
from leaking import leaks
from listing import handed, reasons
from one_county import one_county
from public_tables import TABLES, few_events, public
from threadpoolctl import threadpool_limits

from baoxue import policy
from baoxue.store import Store

FIRST_OTHER = 101
"""Seeds of the counties that teach the ceiling begin here."""


def main() -> None:
    """Read the command line and run the sections asked for."""
    asked = _asked()
    asked.work.mkdir(parents=True, exist_ok=True)
    bars: list[Bar] = []
    for name in asked.only:
        bars += SECTIONS[name](asked)
        say("\n" + table([bar for bar in bars if bar.section == name]))
    if len(asked.only) > 1:
        say("\n## all bars\n\n" + table(bars))


SECTIONS: dict[str, Callable[[argparse.Namespace], list[Bar]]] = {
    "public": lambda asked: _on_one_thread(lambda: public(asked.data, asked.tables)),
    "few": lambda asked: _on_one_thread(lambda: few_events(asked.data, asked.repeats)),
    "leaks": lambda asked: leaks(Store(asked.store)),
    "reasons": lambda asked: reasons(Store(asked.store)),
    "lists": lambda asked: handed(asked.seeds, asked.list_size, asked.work),
    "county": lambda asked: county_size(Store(asked.store)),
    "one_county": lambda asked: one_county(asked.seeds, _others(asked), asked.size, asked.work),
}


def _others(asked: argparse.Namespace) -> pd.DataFrame:
    """The examples that teach the ceiling: of the simulated counties asked for, and of a store given beside them."""
    seeds = range(FIRST_OTHER, FIRST_OTHER + asked.others)
    parts = [county(seed, asked.other_size, asked.work) for seed in seeds]
    if asked.elsewhere:
        parts.append(examples_without_truth(Store(asked.elsewhere), seed=-1))
    return pd.concat(parts, ignore_index=True)


def _on_one_thread(section: Callable[[], list[Bar]]) -> list[Bar]:
    # on small matrices threads wait for each other: thirty times as long on a busy machine
    with threadpool_limits(1):
        return section()


def _asked() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = policy.ROOT.parent / "shared" / "data"
    given.add_argument("--only", nargs="+", default=list(SECTIONS), choices=list(SECTIONS), help="which sections")
    given.add_argument("--data", type=Path, default=Path(os.environ.get("BAOXUE_SHARED_DATA") or beside))
    given.add_argument("--tables", nargs="+", default=list(TABLES), choices=list(TABLES), help="of the public section")
    given.add_argument("--repeats", type=int, default=20, help="draws for each number of events")
    given.add_argument("--store", type=Path, default=policy.path("data/demo/store"), help="for leaks, reasons, county")
    given.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="counties learned from and listed in")
    given.add_argument("--size", default="small", help="of the counties learned from")
    given.add_argument("--list-size", default="tiny", help="of the counties whose lists are read")
    given.add_argument("--others", type=int, default=40, help="counties that teach the ceiling")
    given.add_argument("--other-size", default="small", help="of those")
    given.add_argument("--elsewhere", type=Path, help="a store that teaches the ceiling too")
    given.add_argument("--work", type=Path, default=policy.path("outputs/benchmarks"), help="keeps simulated counties")
    return given.parse_args()


if __name__ == "__main__":
    main()
