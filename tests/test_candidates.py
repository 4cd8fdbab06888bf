"""Entries that share no number are one child only when a human has said so, and no longer once a human denies it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from baoxue.returns import ask_who
from baoxue.returns.candidates import FILE
from baoxue.store import Store, take_in
from given import handed_in, id_number, j_number

KEY = b"a key that is only for tests"
DAY, ANSWERED, CHANGED = dt.date(2024, 10, 10), dt.date(2024, 11, 11), dt.date(2024, 12, 12)
ZHANG, NAMESAKE, WANG = id_number("2015-10-01", 907), id_number("2015-03-01", 909), id_number("2014-05-01", 911)
WANG_J = j_number("2014-05-01")
A, B = "2133000001", "2133000002"
SCHOOLS = f"""学校标识码 | 学校名称 | 办学类型 | 乡镇街道代码
{A} | 第一小学 | 小学 | 330382101
{B} | 第二小学 | 小学 | 330382102"""
REGISTRY = f"""学校标识码 | 姓名 | 身份证件号 | 全国学籍号 | 年级 | 班级号
{A} | 张三 | {ZHANG} | | 3 | 1
{A} | 张三 | {NAMESAKE} | | 3 | 2
{A} | 王五 | | {WANG_J} | 4 | 1
{A} | 孙七 | {id_number("2015-01-01", 915)} | | 3 | 1"""
ROSTER = f"""学校标识码 | 年级 | 班级号 | 姓名 | 身份证件号
{A} | 3 | 1 | 张三 |
{A} | 3 | 1 | 孙七 |
{B} | 3 | 1 | 孙七 |
{B} | 3 | 1 | 赵六 |"""
HOUSEHOLDS = f"""身份证件号 | 姓名 | 出生日期 | 乡镇街道代码 | 户籍标记
{WANG} | 王五 | 2014-05-01 | 330382101 | 本籍在本
{id_number("2014-06-01", 913)} | 王五 | 2014-06-01 | 330382101 | 本籍在本
{id_number("2016-01-01", 917)} | 赵六 | 2016-01-01 | 330382101 | 本籍在本"""
FILES = {
    "学校/学校名单.csv": SCHOOLS,
    "学籍/2024-09-01/a.csv": REGISTRY,
    "在校/2024-10-08/a.csv": ROSTER,
    "户籍/2024-08-15/a.csv": HOUSEHOLDS,
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    take(handed_in(tmp_path / "drop", FILES), store, DAY)
    return store


def take(drop: Path, store: Store, day: dt.date):
    return take_in(drop, store, key=KEY, arrived_on=day)


def listed(store: Store, out: Path) -> dict[tuple[str, str], str]:
    """The pairs on the review list, `(name and class of the entry, birth of the child) -> review number`."""
    ask_who(store, DAY, KEY, out)
    sheet = openpyxl.load_workbook(out / FILE).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    return {(row[1].split("，")[0], row[2].split("，")[1][:10]): row[0] for row in rows}


def answer(store: Store, out: Path, answers: dict[str, str], day: dt.date, name: str):
    """The list as it lies in `out` with these answers, handed in on a day."""
    book = openpyxl.load_workbook(out / FILE)
    for row in book.active.iter_rows(min_row=4):
        row[4].value = answers.get(row[0].value)
    file = out.parent / name / "复核" / "清单.xlsx"
    file.parent.mkdir(parents=True)
    book.save(file)
    return take(file.parents[1], store, day)


def pupil_of(store: Store, number: str) -> str:
    people = store.identity(reader="test", why="test")
    return str(people.loc[people["id_number"] == number, "pupil"].item())


def on_roster(store: Store, day: dt.date) -> list[str | None]:
    """The pupils of the roster's four rows as known by a day; nobody where none is known."""
    rows = store.known_by(day).rosters.to_pandas()
    return [pupil if isinstance(pupil, str) else None for pupil in rows["pupil"]]


def test_the_list_names_who_shares_name_and_township_and_birth_where_both_have_one(
    store: Store, tmp_path: Path
) -> None:
    asked = listed(store, tmp_path / "out")
    assert set(asked) == {
        ("张三", "2015-10-01"), ("张三", "2015-03-01"), ("王五", "2014-05-01"), ("孙七", "2015-01-01"),
    }, "赵六 lives elsewhere, one 王五 was born on another day, the other 孙七 is at another school"  # fmt: skip


def test_two_rows_of_one_roster_are_two_children(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    roster = f"学校标识码|年级|班级号|姓名|身份证件号\n{A}|3|1|张三|\n{A}|3|1|张三|{ZHANG}"
    take(
        handed_in(tmp_path / "drop", {"学校/学校名单.csv": SCHOOLS, "在校/2024-10-08/a.csv": roster}),
        store,
        DAY,
    )
    assert ask_who(store, DAY, KEY, tmp_path / "out").empty and not (tmp_path / "out").exists()


def test_nothing_is_a_match_before_a_human_has_said_so(store: Store, tmp_path: Path) -> None:
    listed(store, tmp_path / "out")
    assert on_roster(store, DAY) == [None] * 4 and not store.files("links")
    account = answer(store, tmp_path / "out", {}, ANSWERED, "back")
    assert account.files[0].accepted == 4 and on_roster(store, ANSWERED) == [None] * 4
    assert len(listed(store, tmp_path / "again")) == 4, "an empty answer leaves the question open"


def test_a_yes_makes_them_one_child_from_the_day_it_comes_in(store: Store, tmp_path: Path) -> None:
    asked = listed(store, tmp_path / "out")
    said = {asked["张三", "2015-10-01"]: "是", asked["王五", "2014-05-01"]: "是", asked["孙七", "2015-01-01"]: "否"}
    answer(store, tmp_path / "out", said, ANSWERED, "back")
    assert on_roster(store, DAY) == [None] * 4
    assert [pupil for pupil in on_roster(store, ANSWERED) if pupil] == [pupil_of(store, ZHANG)]
    registry = store.known_by(ANSWERED).enrolments.to_pandas()
    assert pupil_of(store, WANG) in set(registry["pupil"]) and registry["pupil"].nunique() == 4
    assert ask_who(store, ANSWERED, KEY, tmp_path / "again").empty, "no pair is asked about twice"


def test_a_no_after_a_yes_undoes_it_from_then_on(store: Store, tmp_path: Path) -> None:
    asked = listed(store, tmp_path / "out")
    answer(store, tmp_path / "out", {asked["张三", "2015-10-01"]: "是"}, ANSWERED, "back")
    answer(
        store,
        tmp_path / "out",
        {asked["张三", "2015-10-01"]: "否", asked["张三", "2015-03-01"]: "否"},
        CHANGED,
        "later",
    )
    assert [pupil for pupil in on_roster(store, ANSWERED) if pupil] == [pupil_of(store, ZHANG)]
    assert on_roster(store, CHANGED) == [None] * 4


def test_an_entry_cannot_be_two_children_and_an_unknown_number_is_no_answer(store: Store, tmp_path: Path) -> None:
    asked = listed(store, tmp_path / "out")
    both = {asked["张三", "2015-10-01"]: "是", asked["张三", "2015-03-01"]: "是"}
    account = answer(store, tmp_path / "out", both, ANSWERED, "back")
    assert account.files[0].rejects == {"复核编号:review_contradicts": 2} and on_roster(store, ANSWERED) == [None] * 4
    typed = handed_in(tmp_path / "typed", {"复核/a.csv": "复核编号|是否同一人\nvbcdfghjkmnpq|是"})
    assert take(typed, store, CHANGED).files[0].rejects == {"复核编号:review_unknown": 1}


def test_the_same_answers_read_again_change_nothing(store: Store, tmp_path: Path) -> None:
    asked = listed(store, tmp_path / "out")
    answer(store, tmp_path / "out", {asked["王五", "2014-05-01"]: "是"}, ANSWERED, "back")
    before = store.fingerprint()
    account = take(tmp_path / "back", store, CHANGED)
    assert account.total("duplicates") == account.total("rows_read") == 4 and store.fingerprint() == before
