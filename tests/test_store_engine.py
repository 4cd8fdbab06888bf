"""The store's engine: the SQL of plain ibis, made once a question whatever the day, and nothing kept of a day."""

from __future__ import annotations

import gc
import os
import weakref
from collections.abc import Callable
from pathlib import Path

import ibis
import pytest

from baoxue import remembered
from baoxue.cases.leavings import _leavings
from baoxue.remembered import MEMORY
from baoxue.store import engine
from conftest import County

DAYS = ("2022-11-30", "2024-11-30")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was turned into SQL since the test began, outside a run."""
    texts: list[str] = []
    monkeypatch.delenv(MEMORY, raising=False)
    monkeypatch.setattr(remembered, "_texts", {})

    def text(about: str, make: Callable[[], str]) -> str:
        return remembered.text(about, lambda: texts.append(about) or make())

    monkeypatch.setattr(engine, "text", text)
    return texts


def _made_again(*_: object, **__: object) -> None:
    raise AssertionError("SQL was made again")


def test_a_question_has_the_sql_and_the_answer_that_plain_ibis_gives(county: County) -> None:
    known = county.store.known_by(DAYS[1])
    asked = _leavings(known).order_by("left_on", "pupil")
    assert known.connection.compile(asked) == ibis.duckdb.connect().compile(asked)
    changes = known.table("changes")
    counted = changes.group_by("change").agg(n=changes.count()).to_pandas().set_index("change")["n"]
    assert counted.to_dict() == changes.to_pandas()["change"].value_counts().to_dict() and len(counted)


def test_the_same_question_of_another_day_is_not_made_again_and_has_that_days_answer(
    county: County, made: list[str]
) -> None:
    early, late = (county.store.known_by(day) for day in DAYS)
    first = _leavings(early).count().execute()
    before = len(made)
    assert first < _leavings(late).count().execute()
    assert before and all("datetime.date(2024, 11, 30)" in about for about in made[before:])


def test_questions_that_differ_in_a_value_its_type_a_name_or_a_limit_differ(county: County) -> None:
    rows = county.store.known_by(DAYS[1]).table("changes")
    values = (ibis.literal(1), ibis.literal(1, "int64"), ibis.literal(True), ibis.literal(1.0), ibis.literal(-1))
    asked = [rows.mutate(x=value) for value in values]
    asked += [rows.mutate(x=ibis.literal(-2)), rows.mutate(y=ibis.literal(1)), rows.limit(1), rows.limit(2), rows]
    assert len({str(engine.shape(one.op())) for one in asked}) == len(asked)
    assert len(rows.to_pandas(limit=3)) == 3 < len(rows.to_pandas())


def test_rows_in_memory_are_asked_anew_each_time(county: County) -> None:
    known = county.store.known_by(DAYS[1])
    for change in ("转出", "休学"):
        given = ibis.memtable({"change": [change]})
        assert engine.shape(given.op()) is None
        found = known.table("changes").semi_join(given, "change").select("change").distinct().to_pandas()
        assert found["change"].tolist() == [change]


def test_the_tables_of_a_day_go_with_it(county: County) -> None:
    known = county.store.known_by(DAYS[0])
    _leavings(known).to_pandas()
    gone = weakref.ref(known.connection)
    del known
    gc.collect()
    assert gone() is None


def test_in_a_run_sql_is_made_once_for_all_its_processes(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MEMORY, str(tmp_path / "memory"))
    monkeypatch.setattr(remembered, "_texts", {})
    known = county.store.known_by(DAYS[0])
    first = known.table("cases").count().execute()
    assert (tmp_path / "memory").stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(remembered, "_texts", {})
    monkeypatch.setattr(engine.DuckDBCompiler, "to_sqlglot", _made_again)
    assert county.store.known_by(DAYS[0]).table("cases").count().execute() == first


@pytest.mark.parametrize(("given", "threads"), [("1", 1), ("3", 3), ("", os.cpu_count()), ("all", os.cpu_count())])
def test_duckdb_has_as_many_threads_as_numbers_are_given(
    given: str, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert engine.connect().raw_sql("SELECT current_setting('threads')").fetchone() == (threads,)
