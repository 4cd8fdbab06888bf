"""Cases against the simulated county's truth: is every child who left found, and nobody accused who did not leave?

    python benchmarks/cases.py [--demo data/demo] [--as-of 2024-11-30]

Every true dropout of the last year by how it is known: a case, a clue of the registers or the roll call, a long absence
that nobody registered, or not found, each with its reason. Then who is concluded as a dropout and is none.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import pandas as pd

from baoxue.cases.board import case_table
from baoxue.cases.detection import suspicions
from baoxue.cases.facts import LEFT
from baoxue.cases.overlooked import overlooked
from baoxue.store import Store

YOUNG_DAYS = 30
"""An absence younger than this cannot be seen by the registers yet; one over sooner leaves no trace in them."""


def endings(demo: Path, store: Store) -> pd.DataFrame:
    """Every ending that truly happened, with the child's pseudonym."""
    truth = pd.read_parquet(demo / "drop" / "truth" / "outcomes.parquet")
    people = store.identity(reader="benchmarks", why="truth of the demo county", columns=("pupil", "id_number"))
    rows = truth.merge(people, on="id_number", how="left")
    return rows.assign(left_on=pd.to_datetime(rows["left_on"]), returned_on=pd.to_datetime(rows["returned_on"]))


def how_known(rows: pd.DataFrame, store: Store, as_of: dt.date) -> pd.Series:
    """For each true dropout how it is known on that day, or why it is not."""
    known, day = store.known_by(as_of), pd.Timestamp(as_of)
    ways = {
        "case": set(case_table(known)["pupil"]),
        "clue": set(suspicions(known).to_pandas()["pupil"]),
        "overlooked": set(overlooked(known).to_pandas()["pupil"]),
    }
    young = rows["left_on"] > day - pd.Timedelta(days=YOUNG_DAYS)
    soon = rows["returned_on"] - rows["left_on"] < pd.Timedelta(days=YOUNG_DAYS)
    told = pd.Series("not found: no reason", index=rows.index)
    told = told.mask(soon, "not found: back within 30 days").mask(young, "not found: left within the last 30 days")
    for way in reversed(ways):
        told = told.mask(rows["pupil"].isin(ways[way]), way)
    return told


def accused(rows: pd.DataFrame, store: Store, as_of: dt.date) -> pd.DataFrame:
    """Children concluded as dropouts who truly died, moved, emigrated, graduated or were on approved leave."""
    left = set(rows.loc[rows["kind"] == "dropout", "pupil"].dropna())
    others = rows[~rows["kind"].isin(["dropout", "not_arrived"]) & (rows["left_on"] <= pd.Timestamp(as_of))]
    table = case_table(store.known_by(as_of))
    concluded = table[table["conclusion"].isin(list(LEFT))]
    return concluded[concluded["pupil"].isin(set(others["pupil"].dropna()) - left)]


def main() -> None:
    """Print both answers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", type=Path, default=Path("data/demo"))
    parser.add_argument("--as-of", type=dt.date.fromisoformat, default=dt.date(2024, 11, 30))
    asked = parser.parse_args()
    store = Store(asked.demo / "store")
    rows = endings(asked.demo, store)
    year_ago = pd.Timestamp(asked.as_of) - pd.DateOffset(years=1)
    left = rows[(rows["kind"] == "dropout") & rows["left_on"].between(year_ago, pd.Timestamp(asked.as_of))]
    print(f"true dropouts in the year to {asked.as_of}: {len(left)}")
    print(how_known(left, store, asked.as_of).value_counts().to_string())
    wrongly = accused(rows, store, asked.as_of)
    print(f"concluded as dropouts who died, moved, emigrated or were on leave: {len(wrongly)}")


if __name__ == "__main__":
    main()
