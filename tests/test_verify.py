"""`baoxue verify`: a past run made again gives the same numbers whatever came in since, and says which do not."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from baoxue.run.compared import Difference, compare
from baoxue.run.delivery import deliver, prepare
from baoxue.run.errors import RunError
from baoxue.run.verify import as_it_was, verify
from baoxue.store import Store
from baoxue.store.restricted import LOG
from given import given
from notebooks_drawn import notebook, params

AUGUST = "pupil | date | absence | session\np1 | 2024-08-05 | 旷课 | 全天\np2 | 2024-08-06 | 旷课 | 全天"
LATE = "pupil | date | absence | session\np3 | 2024-08-07 | 旷课 | 全天"
ENROLMENTS = "pupil | school_code | grade | class | status | snapshot_on | known_on\n" + "\n".join(
    f"{pupil} | s1 | 7 | 1 | 在读 | 2024-08-01 | 2024-08-01" for pupil in ("p1", "p2", "p3")
)
IDENTITY = "pupil | full_name\np1 | 甲\np2 | 乙\np3 | 丙"
COUNTS = """import pandas as pd
from pathlib import Path
from baoxue.disclosure import write_table
from baoxue.store import Store
opened = Store(store)
absent = opened.known_by(as_of).absences.pupil.nunique().execute()
opened.identity(reader="probe", why="count")
table = pd.DataFrame({"absent": [absent], "drops": [len(opened.account())]})
write_table(table, Path(out) / "tables" / "absent.csv", tier="T0", counts=[], plain=["absent", "drops"])
write_table(table, Path(out) / "restricted" / "absent.parquet", tier="T3")
print(absent, "absent")"""
OWN = (
    'store: str = "data/demo/store"  # store\nas_of: str = "2024-08-31"  # day\n'
    'lang: str = "zh"  # language\nout: str = ""  # folder'
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as it was at the end of August and a run on it; the folder of both."""
    folder = tmp_path_factory.mktemp("past")
    given(folder / "store", received_on=date(2024, 8, 31), absences=AUGUST, enrolments=ENROLMENTS, identity=IDENTITY)
    line = f"{{notebook: '{notebook(folder, 'counts', COUNTS, parameters=OWN)}', reader: bureau}}"
    run = prepare(params(folder, line, more=f"store: {folder / 'store'}\nas_of: 2024-08-31"))
    assert deliver(run).is_complete
    return folder


@pytest.fixture
def past(made: Path, tmp_path: Path) -> Path:
    """A copy of both that a test may change."""
    shutil.copytree(made, tmp_path / "past")
    return tmp_path / "past"


def three_months_later(store: Path) -> None:
    """Another drop, with a row about August that came late, as it does."""
    given(store, received_on=date(2024, 11, 30), absences=LATE)


def test_a_run_of_three_months_ago_made_again_has_every_number_equal(past: Path) -> None:
    three_months_later(past / "store")
    assert Store(past / "store").known_by("2024-08-31").absences.count().execute() == 3
    done = verify(past / "outputs" / "probe" / "now", store=past / "store")
    assert done.is_equal and done.is_same_code
    assert (done.compared.files, done.compared.numbers) == (3, 5)
    assert done.compared.other == ("reports/counts.html",)


def test_it_opens_identities_in_the_store_itself_and_leaves_nothing_else(past: Path) -> None:
    before = (past / "store" / "identity" / LOG).read_text("utf-8").splitlines()
    there = sorted(past.rglob("*"))
    verify(past / "outputs" / "probe" / "now", store=past / "store")
    after = (past / "store" / "identity" / LOG).read_text("utf-8").splitlines()
    assert len(after) == len(before) + 1 and json.loads(after[-1])["who"] == "probe"
    assert sorted(past.rglob("*")) == there


def test_a_number_that_was_changed_is_told_with_its_place(past: Path) -> None:
    run = past / "outputs" / "probe" / "now"
    again = past / "again"
    shutil.copytree(run, again)
    (again / "tables" / "absent.csv").write_text("absent,drops\n3,1\n", encoding="utf-8-sig")
    pd.DataFrame({"absent": [2], "drops": [7]}).to_parquet(again / "restricted" / "absent.parquet")
    book = again / "notebooks" / "counts.ipynb"
    book.write_text(book.read_text("utf-8").replace("2 absent", "3 absent"), encoding="utf-8")
    found = compare(run, again).differences
    assert [(one.file, one.place) for one in found] == [
        ("notebooks/counts.ipynb", "cell 4"),
        ("restricted/absent.parquet", "row 1, column drops"),
        ("tables/absent.csv", "row 1, column absent"),
    ]
    assert found[2] == Difference("tables/absent.csv", "row 1, column absent", "'2'", "'3'")


def test_a_file_that_only_one_of_them_has_is_a_difference(past: Path) -> None:
    run, again = past / "outputs" / "probe" / "now", past / "again"
    shutil.copytree(run, again)
    record = json.loads((again / "run.json").read_text("utf-8"))
    record["files"] = [entry for entry in record["files"] if not entry["file"].endswith(".csv")]
    (again / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert compare(run, again).differences == (Difference("tables/absent.csv", "", "there", "—"),)


def test_another_store_and_a_store_that_was_changed_are_refused(past: Path) -> None:
    run = past / "outputs" / "probe" / "now"
    with pytest.raises(RunError, match="--store"):
        verify(run, store=past / "none")
    other = given(past / "other", received_on=date(2024, 8, 31), absences=LATE)
    with pytest.raises(RunError, match="not the store"):
        verify(run, store=other.path)
    with pytest.raises(RunError, match=r"run\.json"):
        verify(past)


def test_a_store_as_it_was_holds_the_first_drops_only(past: Path) -> None:
    then = json.loads((past / "outputs" / "probe" / "now" / "run.json").read_text("utf-8"))["store"]
    three_months_later(past / "store")
    there = Store(as_it_was(past / "store", then, past / "then"))
    assert len(there.account()) == 1 and there.fingerprint() == then["fingerprint"]
    assert there.known_by("2024-08-31").absences.count().execute() == 2
