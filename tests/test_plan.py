"""A run does what has to be done and nothing else: in the order that files dictate, for each unit, what has changed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from baoxue.run.delivery import Delivery, deliver, prepare
from baoxue.run.errors import RunError
from baoxue.run.plan import Plan, plan
from baoxue.run.record import digest
from baoxue.run.units import units
from conftest import County
from notebooks_drawn import PARAMETERS, notebook, params

WRITES = """import pandas as pd
from pathlib import Path
from baoxue.disclosure import write_table
write_table(pd.DataFrame({"n": [1]}), Path(out) / "restricted" / "{name}.parquet", tier="T3")"""
PLACED = f'{PARAMETERS}\nstore: str = "data/demo/store"  # store\nas_of: str = "2024-11-30"  # day'
UNIT = f'{PLACED}\nkind: str = "township"  # school, township or zone\ncode: str = ""  # its code'


def writing(name: str) -> str:
    return WRITES.replace("{name}", name)


def line(name: str, more: str = "", reader: str = "bureau") -> str:
    return f"{{notebook: {name}, reader: {reader}{', ' if more else ''}{more}}}"


def actions(todo: Plan) -> dict[str, str]:
    return {step.unit.name: step.action for step in todo.steps}


def reasons(file: Path, *overrides: str) -> dict[str, tuple[str, ...]]:
    return {step.unit.name: step.why for step in plan(prepare(file, overrides)).steps if step.action == "run"}


class TestOrder:
    """The order follows from files, whatever the order of the params file."""

    def test_a_notebook_comes_after_those_whose_files_it_reads(self, tmp_path: Path) -> None:
        a, b, c = (notebook(tmp_path, name, "1") for name in "abc")
        file = params(
            tmp_path,
            line(c, "reads: [restricted/*]"),
            line(b, "writes: [restricted/b.parquet]"),
            line(a, "writes: [tables/a.csv]"),
        )
        found = units(prepare(file), tmp_path)
        assert [unit.name for unit in found] == ["b", "c", "a"]
        assert {unit.name: unit.after for unit in found} == {"b": (), "c": ("b",), "a": ()}

    def test_what_no_notebook_writes_names_the_nearest(self, tmp_path: Path) -> None:
        a, b = (notebook(tmp_path, name, "1") for name in "ab")
        file = params(tmp_path, line(a, "writes: [tables/left.csv]"), line(b, "reads: [tables/lift.csv]"))
        with pytest.raises(RunError, match=r"'tables/left\.csv'"):
            prepare(file)

    def test_two_that_wait_for_each_other_and_two_that_write_one_file_are_refused(self, tmp_path: Path) -> None:
        a, b = (notebook(tmp_path, name, "1") for name in "ab")
        circle = [
            line(a, "writes: [tables/a.csv], reads: [tables/b.csv]"),
            line(b, "writes: [tables/b.csv], reads: [tables/a.csv]"),
        ]
        with pytest.raises(RunError, match="wait for each other"):
            prepare(params(tmp_path, *circle))
        with pytest.raises(RunError, match="written by b and by another"):
            prepare(params(tmp_path, *[line(name, "writes: [tables/a.csv]") for name in (b, a)]))


def test_a_notebook_that_writes_not_what_it_says_has_failed_and_who_reads_it_does_not_run(tmp_path: Path) -> None:
    cells = {"less": "1", "more": writing("other"), "waits": "1"}
    flow = {
        "less": "writes: [tables/l.csv]",
        "more": "writes: [restricted/more.parquet]",
        "waits": "reads: [tables/l.csv]",
    }
    lines = [line(notebook(tmp_path, name, code), flow[name]) for name, code in cells.items()]
    delivery = deliver(prepare(params(tmp_path, *lines)))
    assert {outcome.unit.name: (outcome.status, outcome.last_line) for outcome in delivery.outcomes} == {
        "less": ("failed", "FileNotFoundError: tables/l.csv was to be written and was not"),
        "more": ("failed", "FileNotFoundError: restricted/more.parquet was to be written and was not"),
        "waits": ("left_out", "less"),
    }


class TestForEach:
    """One line of a params file for every school, township or zone of the store."""

    @pytest.mark.parametrize(
        ("kind", "column"), [("school", "school_code"), ("township", "township_code"), ("zone", "zone")]
    )
    def test_a_unit_for_each_with_its_own_code_name_and_files(
        self, tmp_path: Path, county: County, kind: str, column: str
    ) -> None:
        name = notebook(tmp_path, "u", "1", parameters=UNIT)
        more = f"store: {county.store.path}\nas_of: 2024-11-30"
        file = params(
            tmp_path, line(name, f"for_each: {kind}, writes: ['restricted/{{unit}}.parquet']", "school"), more=more
        )
        found = units(prepare(file), tmp_path)
        codes = sorted(county.store.known_by("2024-11-30").table("schools").to_pandas()[column].dropna().unique())
        assert [unit.name for unit in found] == [f"u-{kind}-{code}" for code in codes]
        assert [(unit.parameters["kind"], unit.parameters["code"]) for unit in found] == [
            (kind, code) for code in codes
        ]
        assert found[0].writes == (f"restricted/{codes[0]}.parquet",)
        assert len({unit.title for unit in found}) == len(codes) and found[0].title.startswith("标题u（")

    def test_a_notebook_that_takes_no_unit_is_refused(self, tmp_path: Path) -> None:
        file = params(tmp_path, line(notebook(tmp_path, "a", "1"), "for_each: school"))
        with pytest.raises(RunError, match="kind, code"):
            prepare(file)
        name = notebook(tmp_path, "u", "1", parameters=UNIT)
        with pytest.raises(RunError, match="which sets code"):
            prepare(params(tmp_path, line(name, "for_each: school, params: {code: '1'}")))

    def test_a_page_for_each_is_made_by_one_warm_parent(self, tmp_path: Path, county: County) -> None:
        name = notebook(tmp_path, "u", "import os; print(kind, code, os.getppid())", parameters=UNIT)
        more = f"store: {county.store.path}\nas_of: 2024-11-30"
        delivery = deliver(prepare(params(tmp_path, line(name, "for_each: township", "township"), more=more)))
        said = [page_text(delivery, outcome.unit.name).split() for outcome in delivery.outcomes]
        assert delivery.is_complete and len(said) > 2
        assert [(kind, code) for kind, code, _ in said] == [
            ("township", o.unit.parameters["code"]) for o in delivery.outcomes
        ]
        assert len({parent for _, _, parent in said}) == 1
        for outcome in delivery.outcomes:
            page = (delivery.folder / "reports" / f"{outcome.unit.name}.html").read_text("utf-8")
            assert f"<title>{outcome.unit.title}</title>" in page


def page_text(delivery: Delivery, name: str) -> str:
    """What the last cell of a unit's notebook printed."""
    executed = json.loads((delivery.folder / "notebooks" / f"{name}.ipynb").read_text("utf-8"))
    return "".join(executed["cells"][-1]["outputs"][0]["text"])


class TestWhatIsKept:
    """What has been made from the same things is not made again."""

    @pytest.fixture
    def made(self, tmp_path: Path) -> Path:
        """A params file whose run has been delivered: b reads what a writes, c stands alone."""
        names = {name: notebook(tmp_path, name, code) for name, code in (("a", writing("a")), ("b", "2"), ("c", "3"))}
        flow = {"a": "writes: [restricted/a.parquet]", "b": "reads: [restricted/a.parquet]", "c": ""}
        file = params(tmp_path, *[line(names[name], more) for name, more in flow.items()], more="at_once: 3")
        assert deliver(prepare(file)).is_complete
        return file

    def test_nothing_has_changed_nothing_is_touched(self, made: Path) -> None:
        asked = prepare(made)
        before = {file: (digest(file), file.stat().st_mtime_ns) for file in asked.folder.rglob("*") if file.is_file()}
        again = deliver(asked)
        assert (again.kept, again.is_complete, len(again.outcomes)) == (3, True, 3)
        assert {file: (digest(file), file.stat().st_mtime_ns) for file in before} == before

    def test_a_changed_notebook_is_executed_again_with_those_that_read_it_and_no_other(self, made: Path) -> None:
        notebook(made.parent, "a", "0", writing("a"))
        assert reasons(made) == {"a": ("notebook",), "b": ("reads",)}
        executed: list[str] = []
        delivery = deliver(prepare(made), lambda event: executed.append(event.unit) if event.outcome else None)
        assert (sorted(executed), delivery.kept, delivery.is_complete) == (["a", "b"], 1, True)
        record = json.loads((delivery.folder / "run.json").read_text("utf-8"))
        assert {entry["file"]: entry["sha256"] for entry in record["files"]} == {
            place: digest(delivery.folder / place) for place in (entry["file"] for entry in record["files"])
        }
        assert (delivery.folder / "reports" / "c.html").exists() and (
            delivery.folder / "restricted" / "a.parquet"
        ).exists()

    def test_a_parameter_or_a_lost_or_altered_file_is_a_reason(self, made: Path) -> None:
        assert reasons(made, "lang=en") == {"a": ("parameters",), "b": ("parameters", "reads"), "c": ("parameters",)}
        folder = prepare(made).folder
        (folder / "reports" / "c.html").write_text("altered")
        assert reasons(made) == {"c": ("files",)}
        (folder / "restricted" / "a.parquet").unlink()
        assert set(reasons(made)) == {"a", "c"}

    def test_the_store_is_a_reason_for_those_that_read_it(self, tmp_path: Path, county: County) -> None:
        shutil.copytree(county.store.path, tmp_path / "store")
        reads, not_ = notebook(tmp_path, "r", "1", parameters=PLACED), notebook(tmp_path, "n", "1")
        file = params(tmp_path, line(reads), line(not_), more=f"store: {tmp_path / 'store'}\nas_of: 2024-11-30")
        deliver(prepare(file))
        some = next((tmp_path / "store" / "tables" / "absences").glob("*.parquet"))
        some.with_name("0.parquet").write_bytes(some.read_bytes())
        assert reasons(file) == {"r": ("store",)}

    def test_only_names_what_is_executed_and_the_rest_is_not_claimed(self, made: Path) -> None:
        for name in "abc":
            notebook(made.parent, name, "'changed'", writing("a") if name == "a" else "0")
        asked = prepare(made)
        assert actions(plan(asked, only=["b"])) == {"a": "run", "b": "run", "c": "not_asked"}
        assert actions(plan(asked, only=["[ab]"])) == actions(plan(asked, only=["b"]))
        delivery = deliver(asked, chosen=plan(asked, only=["b"]))
        record = json.loads((delivery.folder / "run.json").read_text("utf-8"))
        assert delivery.is_complete and delivery.not_asked == ("c",)
        assert (record["status"], record["not_asked"]) == ("incomplete", ["c"])
        assert not (delivery.folder / "reports" / "c.html").exists()
        assert actions(plan(asked)) == {"a": "keep", "b": "keep", "c": "run"}
        with pytest.raises(RunError, match="did you mean 'a'"):
            plan(asked, only=["aa"])


def test_a_draft_of_a_run_that_goes_on_is_not_taken_up(tmp_path: Path) -> None:
    asked = prepare(params(tmp_path, line(notebook(tmp_path, "a", "1"))))
    (tmp_path / "outputs" / "probe" / f".now.draft-{os.getppid()}").mkdir(parents=True)
    assert plan(asked, resume=True).taken_up is None
