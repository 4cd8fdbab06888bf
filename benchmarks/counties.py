"""Simulated counties as a model sees them: examples of all settled days, with the true hazard beside each row.

A county is written, taken in and turned into examples once; what is kept is one Parquet file, so that a benchmark over
many counties can be stopped and taken up again.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from baoxue import demo, features, labels
from baoxue.demo import timeline
from baoxue.store import Store, take_in

HORIZON = "true_horizon"
"""Chance of leaving within the horizon by the true monthly hazards, blows still to come included."""
NEXT_MONTH = "true_month"
"""The true hazard of the month after the as-of date: the state of that day, and nothing of what is still to come."""


def county(seed: int, size: str, work: Path) -> pd.DataFrame:
    """`labels.examples` of a simulated county, a row per pupil and settled day, made once and then read from `work`.

    Columns: those of `features.TABLE` and `features.GROUPS`, `labels.ABOUT`, `left`, `precursor`, `seed`, HORIZON and
    NEXT_MONTH.
    """
    file = work / f"{size}-{seed}.parquet"
    if not file.exists():
        place = work / f"{size}-{seed}"
        demo.write(place / "drop", size=size, seed=seed)
        store = Store(place / "store")
        take_in(place / "drop", store, key=demo.key(seed), arrived_on=timeline.LAST_DAY)
        examples_of(store, place / "drop", seed).to_parquet(file)
        shutil.rmtree(place)
    return pd.read_parquet(file)


def examples_of(store: Store, drop: Path, seed: int) -> pd.DataFrame:
    """The rows of `county` from a store and the drop with its truth."""
    rows = examples_without_truth(store, seed)
    return rows.assign(**_true(store, drop, rows))


def examples_without_truth(store: Store, seed: int) -> pd.DataFrame:
    """The same from a store alone, without the true hazards."""
    given = labels.examples(store, labels.learnable(store, timeline.AS_OF))
    known = given.about.drop(columns=["grade"]).assign(left=given.y, precursor=given.precursor, seed=seed)
    rows = given.X.join(known).join(given.groups)
    return rows.assign(as_of=pd.to_datetime(rows["as_of"]))


def _true(store: Store, drop: Path, rows: pd.DataFrame) -> dict[str, pd.Series]:
    people = store.identity(reader="benchmarks", why="true hazards of a simulated county")
    pupil = people.set_index(people["id_number"].fillna(people["registry_number"]))["pupil"]
    pupil = pupil[~pupil.index.duplicated()]
    hazards = pd.read_parquet(drop / "truth" / "hazards.parquet")
    hazards = hazards.assign(pupil=hazards["id_number"].map(pupil)).dropna(subset=["pupil"])
    wide = hazards.pivot_table(index="pupil", columns="month", values="hazard", aggfunc="first")
    found = {name: pd.Series(np.nan, index=rows.index) for name in (HORIZON, NEXT_MONTH)}
    for day, part in rows.groupby("as_of"):
        months = [month for month in _horizon(pd.Timestamp(day).date()) if month in wide]
        ahead = wide.reindex(part["pupil"])[months].fillna(0.0)
        found[HORIZON][part.index] = 1 - (1 - ahead).prod(axis=1).to_numpy()
        found[NEXT_MONTH][part.index] = ahead[months[0]].to_numpy()
    return found


def _horizon(as_of: dt.date) -> list[str]:
    """The months of the horizon, `2024-10`; as-of dates are month ends, so the next month is the first."""
    end = features.horizon_end(as_of, features.visits().horizon_months)
    return [str(month) for month in pd.period_range(as_of, end, freq="M")[1:]]
