"""Refused rows go back to the school they are of, in its own columns, and are taken in once put right."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from baoxue.intake import returned
from baoxue.returns import hand_back
from baoxue.store import Store, take_in
from given import handed_in, id_number, workbook

KEY = b"a key that is only for tests"
DAY, LATER, LAST = dt.date(2024, 10, 10), dt.date(2024, 11, 11), dt.date(2024, 12, 12)
A, B = "2133000001", "2133000002"
ZHANG, LI, WANG = (id_number("2015-10-01", n) for n in (907, 908, 911))
SCHOOLS = f"学校标识码|学校名称|办学类型|乡镇街道代码\n{A}|第一小学|小学|330382101\n{B}|第二小学|小学|330382101"
HEAD = "学校标识码|学生姓名|身份证号|年级|班号|备用列"
REGISTRY = (
    f"{HEAD}\n{A}|张三|{ZHANG}|3|1|甲\n{A}|李四|{LI[:-1]}|3|1|乙\n{B}|王五|{WANG}1|3|1|丙\n213|赵六|3.3E+17|3|1|丁"
)
ABSENCES = f"学籍号|日期|缺勤类别|时段\n{ZHANG}|2024-10-08|旷课了|全天\n{LI}|2024-10-08|旷课|上午"
FILES = {"学校/学校名单.csv": SCHOOLS, "学籍/2024-09-01/全县.csv": REGISTRY, "考勤/缺勤/10月.csv": ABSENCES}


def take(drop: Path, store: Store, day: dt.date = DAY):
    return take_in(drop, store, key=KEY, arrived_on=day)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Three rows of a registry and one absence refused: two of school A, one of B, one of nobody known."""
    store = Store(tmp_path / "store")
    take(handed_in(tmp_path / "drop", FILES), store)
    return store


def sheets(file: Path) -> dict[str, list[list[str]]]:
    """The sheets of a return but the first, as rows of texts below the line that names the folder."""
    book = openpyxl.load_workbook(file)
    rows = {s.title: [["" if c is None else str(c) for c in row] for row in s.values] for s in book.worksheets[1:]}
    return {name: lines[1:] for name, lines in rows.items()}


def put_right(file: Path, to: Path, changes: dict[tuple[str, str], str]) -> Path:
    """The return with cells changed, `(number of the refusal, header) -> text`, as a clerk saves it."""
    book = openpyxl.load_workbook(file)
    for sheet in book.worksheets[1:]:
        head = [cell.value for cell in sheet[2]]
        for row in sheet.iter_rows(min_row=3):
            for (number, header), text in changes.items():
                if row[0].value == number and header in head:
                    row[head.index(header)].value = text
    to.parent.mkdir(parents=True, exist_ok=True)
    book.save(to)
    return to


def states(store: Store) -> dict[str, str]:
    return dict(store.refusals()[["number", "state"]].itertuples(index=False, name=None))


def test_each_school_gets_its_own_refused_rows_and_the_bureau_those_of_nobody(store: Store, tmp_path: Path) -> None:
    record = hand_back(store, DAY, tmp_path / "out")
    assert record.values.tolist() == [
        ["", "returns/bureau.xlsx", 1],
        [A, f"returns/{A}.xlsx", 2],
        [B, f"returns/{B}.xlsx", 1],
    ]
    found = {f.stem: sheets(f) for f in sorted((tmp_path / "out/restricted/returns").iterdir())}
    named = {
        code: [row[4] for name, rows in own.items() if "学籍" in name for row in rows[1:]]
        for code, own in found.items()
    }
    assert named == {A: ["李四"], B: ["王五"], "bureau": ["赵六"]}
    assert found[A]["考勤 缺勤"][1][3:] == [ZHANG, "2024-10-08", "旷课了", "全天"]


def test_a_return_has_the_columns_of_the_school_as_it_wrote_them_and_says_what_is_wrong(
    store: Store, tmp_path: Path
) -> None:
    hand_back(store, DAY, tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / f"out/restricted/returns/{A}.xlsx")
    registry = book["学籍 2024-09-01"]
    assert registry["A1"].value == "交回文件夹：学籍/2024-09-01"
    assert [cell.value for cell in registry[2]] == [*returned.HEADERS, *HEAD.split("|")]
    wrong = registry["F3"]
    assert wrong.value == LI[:-1] and wrong.number_format == "@" and wrong.fill.fgColor.rgb == "FFF8C9C4"
    assert "不是 18 位" in wrong.comment.text and "户口簿" in wrong.comment.text
    assert [cell.comment for cell in registry[3] if cell is not wrong] == [None] * 8
    first = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows(min_row=4)]
    assert [row[1:4] for row in first] == [["学籍/2024-09-01/全县.csv", "", "3"], ["考勤/缺勤/10月.csv", "", "2"]]
    assert first[0][4].startswith("身份证号：身份证件号不是 18 位") and first[0][5:] == [
        "学籍/2024-09-01",
        "学籍 2024-09-01",
    ]


def test_what_the_schools_wrote_lies_in_the_restricted_part_alone(store: Store, tmp_path: Path) -> None:
    restricted = store.path / "identity" / "refused" / "000001.parquet"
    assert oct(restricted.stat().st_mode & 0o777) == "0o600" and "李四" in str(
        pd.read_parquet(restricted)["cells"].tolist()
    )
    open_files = [f for f in store.path.rglob("*.parquet") if "identity" not in f.parts]
    assert not any("李四" in pd.read_parquet(f).astype(str).to_csv() for f in open_files)
    hand_back(store, DAY, tmp_path / "out")
    assert '"what": "refused"' in (store.path / "identity" / "openings.jsonl").read_text(encoding="utf-8")
    assert {oct(f.stat().st_mode & 0o777) for f in (tmp_path / "out/restricted/returns").iterdir()} == {"0o600"}


def test_a_row_put_right_is_taken_in_and_the_rest_stays_open(store: Store, tmp_path: Path) -> None:
    hand_back(store, DAY, tmp_path / "out")
    back = tmp_path / "back"
    for folder in ("学籍/2024-09-01", "考勤/缺勤"):
        put_right(
            tmp_path / f"out/restricted/returns/{A}.xlsx", back / folder / "退回.xlsx", {("R1-0001", "身份证号"): LI}
        )
    account = take(back, store, LATER)
    assert account.answered == 2 and "2" in account.text("zh").split("已有答复的行：")[1]
    assert [(f.rows_read, f.accepted, f.rejected) for f in account.files] == [(1, 1, 0), (1, 0, 1)]
    assert states(store) == {
        "R1-0001": "accepted",
        "R1-0002": "open",
        "R1-0003": "open",
        "R1-0004": "replaced",
        "R2-0001": "open",
    }
    pupils = store.known_by(LATER).enrolments.to_pandas()
    assert len(pupils) == 2 and set(pupils["school_code"]) == {A}
    record = hand_back(store, LATER, tmp_path / "again")
    assert record["rows"].tolist() == [1, 1, 1], "the absence that came back unchanged goes back again"
    assert "学籍 2024-09-01" not in sheets(tmp_path / f"again/restricted/returns/{A}.xlsx")


def test_a_sheet_is_read_only_in_the_folder_it_names(store: Store, tmp_path: Path) -> None:
    hand_back(store, DAY, tmp_path / "out")
    put_right(
        tmp_path / f"out/restricted/returns/{A}.xlsx",
        tmp_path / "back/学籍/2024-12-01/a.xlsx",
        {("R1-0001", "身份证号"): LI},
    )
    account = take(tmp_path / "back", store, LATER)
    assert account.total("rows_read") == 0 and account.failed and set(states(store).values()) == {"open"}


def test_a_row_may_be_withdrawn(store: Store, tmp_path: Path) -> None:
    hand_back(store, DAY, tmp_path / "out")
    back = tmp_path / "back/学籍/2024-09-01/a.xlsx"
    put_right(tmp_path / f"out/restricted/returns/{B}.xlsx", back, {("R1-0002", returned.DECISION): returned.WITHDRAWN})
    account = take(tmp_path / "back", store, LATER)
    assert (account.files[0].rejects, account.answered) == ({":withdrawn": 1}, 1)
    assert (
        states(store)["R1-0002"] == "withdrawn"
        and B not in hand_back(store, LATER, tmp_path / "again")["school_code"].tolist()
    )


def test_a_snapshot_handed_in_again_answers_by_the_place_and_another_file_does_not(
    store: Store, tmp_path: Path
) -> None:
    right = REGISTRY.replace(f"{LI[:-1]}|", f"{LI}|")
    take(
        handed_in(
            tmp_path / "again",
            {"学籍/2024-09-01/全县.csv": right, "考勤/缺勤/10月.csv": ABSENCES.replace("旷课了", "旷课")},
        ),
        store,
        LATER,
    )
    assert states(store) == {
        "R1-0001": "accepted", "R1-0002": "replaced", "R1-0003": "replaced", "R1-0004": "open", "R2-0001": "open",
        "R2-0002": "open",
    }  # fmt: skip


def test_a_cell_too_many_is_shown_where_it_stood_and_must_be_moved(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    take(
        handed_in(
            tmp_path / "drop",
            {"学校/学校名单.csv": SCHOOLS, "学籍/2024-09-01/a.csv": f"{HEAD}\n{A}|张,三|{ZHANG}|3|1|甲|乙"},
        ),
        store,
    )
    hand_back(store, DAY, tmp_path / "out")
    back = tmp_path / "back/学籍/2024-09-01/a.xlsx"
    put_right(tmp_path / f"out/restricted/returns/{A}.xlsx", back, {})
    assert take(tmp_path / "back", store, LATER).files[0].rejects == {":too_many_cells": 1}


def test_rows_refused_only_when_the_whole_drop_was_there_go_back_too(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    rows = [
        ["学校标识码", "姓名", "身份证件号", "年级", "班级号"],
        [A, "张三", ZHANG, "2010", "1"],
        [A, "李四", LI, "3", "1"],
    ]
    handed_in(tmp_path / "drop", {"学校/学校名单.csv": SCHOOLS})
    workbook(tmp_path / "drop/学籍/2024-09-01/a.xlsx", {"说明": [["请勿改动"]], "名单": rows})
    take(tmp_path / "drop", store)
    record = hand_back(store, DAY, tmp_path / "out")
    assert record["school_code"].tolist() == [A]
    assert sheets(tmp_path / f"out/restricted/returns/{A}.xlsx")["学籍 2024-09-01"][1][3:] == rows[1]


def test_a_file_that_changed_after_it_was_read_is_named_and_not_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from baoxue.intake import excerpts, pool

    def gone(task, pseudonyms):
        Path(task.path).unlink(missing_ok=True)
        return excerpts.quote(task, pseudonyms)

    attempt = pool.attempt
    monkeypatch.setattr(pool, "attempt", lambda task, p: gone(task, p) if task.wanted else attempt(task, p))
    store = Store(tmp_path / "store")
    take(handed_in(tmp_path / "drop", FILES), store)
    record = hand_back(store, DAY, tmp_path / "out")
    assert record.values.tolist() == [["", "returns/bureau.xlsx", 4]]
    first = openpyxl.load_workbook(tmp_path / "out/restricted/returns/bureau.xlsx").worksheets[0]
    assert [row[1].value for row in first.iter_rows(min_row=4)] == ["学籍/2024-09-01/全县.csv"] * 3 + [
        "考勤/缺勤/10月.csv"
    ]


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@for_all(
    rows=st.lists(
        st.tuples(st.sampled_from([A, B, "9999999999", "x", ""]), st.booleans(), st.booleans()), min_size=1, max_size=8
    )
)
def test_every_refused_row_is_in_exactly_one_return_and_no_school_gets_anothers(tmp_path_factory, rows) -> None:
    path = tmp_path_factory.mktemp("returns")
    lines = [
        f"{code}|甲{n}|{id_number('2015-10-01', 10 + n) if has_id else '33'}|{'3' if has_grade else '三年'}|1|"
        for n, (code, has_id, has_grade) in enumerate(rows)
    ]
    store = Store(path / "store")
    take(
        handed_in(path / "drop", {"学校/学校名单.csv": SCHOOLS, "学籍/2024-09-01/a.csv": "\n".join([HEAD, *lines])}),
        store,
    )
    hand_back(store, DAY, path / "out")
    found: list[str] = []
    for file in sorted((path / "out").rglob("*.xlsx")):
        own = [row for body in sheets(file).values() for row in body[1:]]
        found += [row[0] for row in own]
        mine = {A, B} & {row[3] for row in own}
        assert mine == ({file.stem} if file.stem != "bureau" else set())
    refused = store.refusals()
    assert sorted(found) == sorted(refused["number"]) and len(found) == len(store.rejects())
    right = {
        (number, header): text
        for number in found
        for header, text in (("学校标识码", A), ("身份证号", ZHANG), ("年级", "3"))
    }
    for n, file in enumerate(sorted((path / "out").rglob("*.xlsx"))):
        put_right(file, path / f"back/学籍/2024-09-01/{n}.xlsx", right)
    if found:
        account = take(path / "back", store, LATER)
        assert account.total("rejected") == 0 and account.answered == len(found)
        assert "open" not in set(states(store).values())
    shutil.rmtree(path)
