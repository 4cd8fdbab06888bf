"""What the registers find in a simulated county is what is true in it: all of it, nothing else, since the right day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from baoxue import registers
from baoxue.demo import timeline
from baoxue.remembered import MEMORY
from baoxue.store import Store
from conftest import County


def compared(drop: Path, store: Store) -> pd.DataFrame:
    """Truth and findings side by side: `id_number, finding, since_true, since_found`; where one has none, empty."""
    found = registers.findings(store.known_by(timeline.AS_OF))
    people = store.identity(reader="test_registers_truth", why="compare findings with the truth", pupils=found["pupil"])
    number = people["id_number"].fillna(people["registry_number"]).set_axis(people["pupil"])
    found = found.assign(id_number=found["pupil"].map(number), since_found=pd.to_datetime(found["since"]))
    true = pd.read_parquet(drop / "truth" / "findings.parquet").rename(columns={"since": "since_true"})
    keys = ["id_number", "finding"]
    return true.merge(found[[*keys, "since_found"]], on=keys, how="outer")


def told(rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(rows[["finding", "since_true", "since_found"]].astype(str).itertuples(index=False, name=None))


def assert_found_and_nothing_else(drop: Path, store: Store) -> None:
    rows = compared(drop, store)
    assert set(rows["finding"]) == set(registers.FINDINGS), "nothing of a kind planted proves nothing of it"
    assert told(rows[rows["since_found"].isna()]) == [], "true and not found"
    assert told(rows[rows["since_true"].isna()]) == [], "found and not true"
    assert told(rows[rows["since_true"] != rows["since_found"]]) == [], "found since another day"


def test_all_that_is_true_is_found_and_nothing_is_invented(county: County) -> None:
    assert_found_and_nothing_else(county.drop, county.store)


@pytest.mark.parametrize("seed", [2, 3])
def test_so_it_is_in_another_county(counties: Callable[[int], County], seed: int) -> None:
    other = counties(seed)
    assert_found_and_nothing_else(other.drop, other.store)


def test_no_child_who_moved_died_emigrated_or_is_on_approved_leave_is_called_out_of_school(county: County) -> None:
    ended = pd.read_parquet(county.drop / "truth" / "outcomes.parquet")
    explained = set(ended.loc[ended["kind"].isin(["transfer", "death", "emigration"]), "id_number"])
    rows = compared(county.drop, county.store).dropna(subset=["since_found"])
    called = rows[rows["finding"].isin(["never_enrolled", "on_roll_not_in_class", "not_arrived"])]
    assert explained and not explained & set(called["id_number"])


def test_the_same_store_gives_the_same_findings_twice(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MEMORY)
    first, second = (registers.findings(county.store.known_by(timeline.AS_OF)) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
