"""Lists handed back: answers taken in, everything else refused by its cell, and the next month's list knows."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import msoffcrypto
import openpyxl
import pandas as pd
import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl.worksheet.worksheet import Worksheet

from baoxue import lists
from baoxue.cases import answered, detection, states
from baoxue.codes import AnswerResult
from baoxue.intake import IntakeError
from baoxue.intake.account import Account
from baoxue.intake.answered import feedback
from baoxue.store import Store, take_answers_in, take_in
from conftest import ARRIVED_ON, County
from given import given, workbook
from test_lists import AS_OF, EAST, ENROLMENTS, KEY, NORTH, SCHOOLS, SOUTH

FIRST, LAST = 6, 7
"""Rows of the two pupils on the list of North, as Excel shows them: 薄一凡 (bo), then 安小雨 (ann)."""
NAMES = {"bo": "薄一凡", "ann": "安小雨", "eve": "伊文"}
RECEIVED_ON = dt.date(2024, 12, 14)
Change = Callable[[Worksheet], None]


@pytest.fixture
def store(tmp_path: Path, small: Store) -> Store:
    """A county of eight pupils, to which the test may add."""
    shutil.copytree(small.path, tmp_path / "store")
    return Store(tmp_path / "store")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The same, to look at."""
    return given(tmp_path_factory.mktemp("county"), schools=SCHOOLS, enrolments=ENROLMENTS)


def _list(school: str, pupils: list[str], as_of: dt.date = AS_OF) -> bytes:
    """The list of a school as it is handed out, before it is locked."""
    rows = [
        {"school_code": school, "reference": lists.reference(KEY, pupil, as_of), "grade": 7, "class": "01",
         "full_name": NAMES[pupil], "signs": "1. 缺勤增多\n2. 转学", "actions": "1. 谈心\n2. 家访",
         "holder_name": "王建国", "answer_by": as_of + dt.timedelta(days=14)}
        for pupil in pupils
    ]  # fmt: skip
    none = pd.DataFrame(columns=["grade", "class", "full_name", "handled"])
    sealed = {"school_code": school, "answer_by": as_of + dt.timedelta(days=14), "key": KEY}
    return lists.workbook("学校", as_of, pd.DataFrame(rows), none, **sealed)


def _locked(file: Path, book: bytes, school: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as opened:
        OOXMLFile(io.BytesIO(book)).encrypt(lists.password(KEY, school, AS_OF), opened)
    return file


def _back(to: Path, school: str, *changes: Change, pupils: str = "bo ann", as_of: dt.date = AS_OF) -> Path:
    """The list as its school hands it back: opened, changed, saved without the password."""
    book = openpyxl.load_workbook(io.BytesIO(_list(school, pupils.split(), as_of)))
    for change in changes:
        change(book.worksheets[0])
    to.parent.mkdir(parents=True, exist_ok=True)
    book.save(to)
    return to


def _answer(row: int, result: str, day: str = "2024-12-03", objection: str = "", note: str = "") -> Change:
    def fill(sheet: Worksheet) -> None:
        sheet[f"J{row}"], sheet[f"K{row}"] = dt.datetime.fromisoformat(day), result
        sheet[f"L{row}"], sheet[f"M{row}"] = objection or None, note or None

    return fill


def _taken(store: Store, *files: Path, on: dt.date = RECEIVED_ON) -> dict[str, str]:
    """Why each file was refused (empty: it was taken in), in English."""
    account = take_answers_in(files, store, key=KEY, arrived_on=on)
    return {file.file: file.why("en") for file in account.files}


def _given(store: Store, as_of: dt.date = RECEIVED_ON) -> dict[str, str]:
    rows = answered.answers(store.known_by(as_of)).to_pandas()
    return dict(zip(rows["pupil"], rows["result"], strict=True))


def test_an_answer_becomes_a_row_known_on_the_day_of_the_visit(store: Store, tmp_path: Path) -> None:
    file = _back(tmp_path / f"{NORTH}.xlsx", NORTH, _answer(FIRST, "需继续关注", note="家长在外地"))
    assert _taken(store, file) == {f"{NORTH}.xlsx": ""}
    assert _given(store) == {"bo": "需继续关注"}
    assert _given(store, dt.date(2024, 12, 2)) == {}
    row = store.known_by(RECEIVED_ON).table("answers").to_pandas().set_index("pupil")
    assert row["known_on"].unique().tolist() == [pd.Timestamp("2024-12-01")]
    assert row.loc["bo", ["school_code", "list_as_of", "answer_due_on"]].tolist() == [
        NORTH, pd.Timestamp("2024-11-30"), pd.Timestamp("2024-12-14"),
    ]  # fmt: skip
    notes = store.details("answers", reader="test", why="the note is kept apart")
    assert notes[["pupil", "note"]].to_numpy().tolist() == [["bo", "家长在外地"]]
    assert "note" not in row


def test_a_locked_list_opens_with_its_school_s_password_and_one_of_nobody_comes_back_as_such(
    store: Store, tmp_path: Path
) -> None:
    files = [_locked(tmp_path / "南塘.xlsx", _list(SOUTH, ["eve"]), SOUTH),
             _locked(tmp_path / f"{EAST}.xlsx", _list(EAST, []), EAST)]  # fmt: skip
    account = take_answers_in(files, store, key=KEY, arrived_on=RECEIVED_ON)
    assert [(f.why("en"), f.rows_read, f.accepted) for f in account.files] == [("", 1, 1), ("", 0, 0)]


def test_a_list_filled_in_later_extends_what_was_handed_out_and_read_again_changes_nothing(
    store: Store, tmp_path: Path
) -> None:
    _taken(store, _back(tmp_path / "empty.xlsx", NORTH), on=dt.date(2024, 12, 2))
    assert lists.alerts(store.known_by(dt.date(2024, 12, 2)))["fate"].tolist() == ["waiting"] * 2
    filled = _back(tmp_path / "filled.xlsx", NORTH, _answer(FIRST, "在校正常"))
    _taken(store, filled)
    assert _given(store) == _given(store, dt.date(2024, 12, 3)) == {"bo": "在校正常"}
    before = store.fingerprint()
    saved_again = _back(tmp_path / "saved again.xlsx", NORTH, _answer(FIRST, "在校正常"), _set("M5", "备注 "))
    account = take_answers_in([filled, saved_again], store, key=KEY, arrived_on=dt.date(2024, 12, 20))
    assert (account.total("rows_read"), account.total("duplicates")) == (4, 4)
    assert store.fingerprint() == before


def test_the_drop_folder_is_read_the_same_way(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "drop" / "反馈" / "2024-12"
    _back(folder / f"{NORTH}.xlsx", NORTH, _answer(FIRST, "在校正常"))
    _back(folder / f"{SOUTH}.xlsx", SOUTH, _set("E6", "别人"), pupils="eve")
    account = take_in(tmp_path / "drop", store, key=KEY, arrived_on=RECEIVED_ON)
    assert {f.file: f.reason for f in account.files} == {
        f"反馈/2024-12/{SOUTH}.xlsx": "answers_changed", f"反馈/2024-12/{NORTH}.xlsx": "",
    }  # fmt: skip
    assert account.failed
    assert _given(store) == {"bo": "在校正常"}


def _swap(sheet: Worksheet) -> None:
    for column in range(2, 10):
        upper, lower = sheet.cell(FIRST, column), sheet.cell(LAST, column)
        upper.value, lower.value = lower.value, upper.value


def _clear(sheet: Worksheet) -> None:
    for column in range(1, 10):
        sheet.cell(FIRST, column).value = None


def _add(sheet: Worksheet) -> None:
    sheet.unmerge_cells("A8:M8")
    for column, value in enumerate(("3", "ABCDEFGH", "七年级", "1班", "又一人"), 1):
        sheet.cell(8, column).value = value


def _set(cell: str, value: object) -> Change:
    return lambda sheet: sheet.__setitem__(cell, value)


TAMPERED: dict[str, tuple[Change, str, tuple[str, ...]]] = {
    "a pupil removed": (_clear, "answers_removed", ("B6", "row 6", "should be")),
    "a row deleted": (lambda sheet: sheet.delete_rows(FIRST), "answers_moved", ("B6", "belongs in row 7")),
    "a reference emptied": (_set("B6", None), "answers_removed", ("B6", "row 6", "should be")),
    "a pupil added": (_add, "answers_added", ("B8", "row 8", "delete the row")),
    "pupils moved": (_swap, "answers_moved", ("B6", "belongs in row 7")),
    "a reference changed": (_set("B6", "ABCDEFGH"), "answers_changed", ("B6", "编号")),
    "a name changed": (_set("E7", "别人"), "answers_changed", ("E7", "姓名", "see the original")),
    "a class changed": (_set("D6", "3班"), "answers_changed", ("D6", "expected: 1班")),
    "a sign changed": (_set("F6", "没有"), "answers_changed", ("F6", "需要走访的情况")),
    "a heading changed": (_set("K5", "结果"), "answers_heading", ("K5", "走访结果", "结果")),
    "a column added": (_set("N5", "联系电话"), "answers_heading", ("N5", "联系电话")),
    "an answer before the list": (_answer(FIRST, "在校正常", "2024-11-02"), "answers_day", ("J6", "2024-11-30")),
    "an answer that is none": (_answer(FIRST, "很好"), "answers_result", ("K6", "在校正常")),
    "an objection that is none": (_answer(FIRST, "在校正常", objection="不同意"), "answers_objection", ("L6",)),
    "a result without a day": (_set("K7", "在校正常"), "answers_half", ("J7", "is empty")),
}


@pytest.fixture(scope="module")
def refused(small: Store, tmp_path_factory: pytest.TempPathFactory) -> Account:
    """Every tampered list handed in at once, after which the store is as it was."""
    to, before = tmp_path_factory.mktemp("back"), small.fingerprint()
    files = [_back(to / f"{name}.xlsx", NORTH, change) for name, (change, _, _) in TAMPERED.items()]
    account = take_answers_in(files, small, key=KEY, arrived_on=RECEIVED_ON)
    assert account.total("rows_read") == 0
    assert small.fingerprint() == before
    return account


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_changed_is_refused_by_its_cell_and_leaves_nothing(name: str, refused: Account) -> None:
    (entry,) = [file for file in refused.files if file.file == f"{name}.xlsx"]
    _, reason, said = TAMPERED[name]
    assert entry.reason == reason
    assert not [part for part in said if part not in entry.why("en")], entry.why("en")


def test_no_message_names_a_pupil(refused: Account) -> None:
    told = refused.text("zh") + str(refused.as_dict())
    assert not [name for name in (*NAMES.values(), "别人", "又一人") if name in told]


def test_lists_of_another_school_or_county_and_workbooks_that_are_none_are_refused(
    store: Store, tmp_path: Path
) -> None:
    under_north = _back(tmp_path / "a" / f"{NORTH}.xlsx", SOUTH, _answer(FIRST, "在校正常"), pupils="eve")
    locked = _locked(tmp_path / NORTH / "locked.xlsx", _list(SOUTH, ["eve"]), SOUTH)
    copied = workbook(tmp_path / "copied.xlsx", {"需要走访": [["序号", "编号", "姓名"], ["1", "ABCDEFGH", "某某"]]})
    foreign = _locked(tmp_path / "foreign.xlsx", _list(NORTH, ["bo"]), SOUTH + "0")
    touched = _back(tmp_path / "touched.xlsx", NORTH, _touch_the_seal)
    said = list(_taken(store, under_north, locked, copied, foreign, touched).values())
    assert said[0] == said[1]
    assert said[0].startswith(f"is the list of school {SOUTH}, handed in under the name of school {NORTH}")
    parts = ("no visit list", "no password of", "was changed")
    assert [part for part, text in zip(parts, said[2:], strict=True) if part not in text] == []
    assert _given(store) == {}


def _touch_the_seal(sheet: Worksheet) -> None:
    lines = sheet.parent["核对"]
    lines["A3"] = str(lines["A3"].value).replace(NAMES["bo"], "别人")


def test_a_list_is_stale_once_a_later_one_was_answered(store: Store, tmp_path: Path) -> None:
    later = dt.date(2024, 12, 31)
    new = _back(tmp_path / "new.xlsx", NORTH, _answer(FIRST, "在校正常", "2025-01-03"), pupils="ann", as_of=later)
    assert _taken(store, new, on=dt.date(2025, 1, 9)) == {"new.xlsx": ""}
    old = _back(tmp_path / "old.xlsx", NORTH, _answer(FIRST, "在校正常"))
    assert "has answered that of 2024-12-31 already" in _taken(store, old)["old.xlsx"]


@pytest.mark.parametrize("beyond", [0, 1])
def test_a_list_is_stale_once_the_registry_has_gone_on(beyond: int, store: Store, tmp_path: Path) -> None:
    day = AS_OF + dt.timedelta(days=feedback().accepted_days + beyond)
    given(store.path, enrolments=ENROLMENTS.replace("2024-09-02", day.isoformat()))
    said = _taken(store, _back(tmp_path / "old.xlsx", NORTH), on=day)["old.xlsx"]
    assert (f"the registry has gone on to {day}" in said) == bool(beyond)


def test_what_is_not_there_or_holds_no_list_is_said(store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place, to, said in (
        (tmp_path / "none", store, "no such file or folder"),
        (tmp_path / "empty", store, "no .xlsx list"),
        (tmp_path, Store(tmp_path / "nowhere"), "no store here"),
    ):
        with pytest.raises(IntakeError, match=said):
            take_answers_in([place], to, key=KEY, arrived_on=AS_OF)


def test_who_was_visited_is_not_listed_again_and_an_objection_waits_for_its_answer(
    store: Store, tmp_path: Path
) -> None:
    _taken(store, _back(tmp_path / "n.xlsx", NORTH, _answer(FIRST, "在校正常", objection="家长有异议")),
           _back(tmp_path / "s.xlsx", SOUTH, _answer(FIRST, "需继续关注"), pupils="eve"))  # fmt: skip
    next_list = store.known_by("2024-12-31")
    assert lists.handled(next_list).to_dict() == {"bo": "objection", "eve": "visited"}
    asked = answered.open_objections(next_list).to_pandas()["reference"][0]
    given(
        store.path,
        objection_replies=f"""
        list_as_of | reference | replied_on | reply
        2024-11-30 | {asked}   | 2025-01-06 | 已更正记录
    """,
    )
    assert lists.handled(store.known_by("2025-01-05")).to_dict() == {"bo": "objection"}
    assert lists.handled(store.known_by("2025-01-06")).to_dict() == {}


def test_an_answer_that_a_child_will_not_come_is_a_suspicion_for_a_person(store: Store, tmp_path: Path) -> None:
    _taken(store, _back(tmp_path / "n.xlsx", NORTH, _answer(FIRST, "不愿到校待劝返"), _answer(LAST, "未见到人")))
    known = store.known_by(RECEIVED_ON)
    clues = detection.to_confirm(known).filter(lambda t: t.finding == "visit_answer").to_pandas()
    assert clues[["pupil", "clue", "outcome", "school_code"]].to_numpy().tolist() == [
        ["bo", "走访反馈", "待核实", NORTH]
    ]
    assert clues["evidence"].tolist() == ["学校按名单走访后反馈：不愿到校待劝返。"]
    assert known.table("cases").count().to_pandas() == 0, "a person opens the case"


def test_an_answer_moves_the_case_a_child_has_by_then(store: Store, tmp_path: Path) -> None:
    given(
        store.path,
        cases="""
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on
        c1   | bo    | 考勤 | 2024-12-02 | 2024-12-01      | 辍学       | 2024-12-02
    """,
    )
    _taken(store, _back(tmp_path / "n.xlsx", NORTH, _answer(FIRST, "在校正常")))
    path = states.history(store.known_by(RECEIVED_ON)).to_pandas()
    assert path["state"].tolist() == ["已认定待劝返", "有据待销案"]
    assert path["since"].dt.date.tolist() == [dt.date(2024, 12, 2), dt.date(2024, 12, 3)]


def test_what_became_of_every_alert_is_counted(store: Store, tmp_path: Path) -> None:
    assert "No list has been read in yet" in lists.alert_sentence(lists.alerts(store.known_by(RECEIVED_ON)), "en")
    _taken(store, _back(tmp_path / "s.xlsx", SOUTH, pupils="eve"),
           _back(tmp_path / "n.xlsx", NORTH, _answer(FIRST, "需继续关注", objection="学生有异议")))  # fmt: skip
    given(
        store.path,
        cases="""
        case | pupil | clue | opened_on
        c1   | eve   | 考勤 | 2024-12-10
    """,
    )
    found = lists.alerts(store.known_by(dt.date(2024, 12, 20)))
    assert found.set_index("pupil")["fate"].to_dict() == {"bo": "answered", "ann": "overdue", "eve": "case"}
    assert lists.alert_table(found, "en").to_numpy().tolist() == [[3, 1, 1, 1, 1, 0, 1, 1]]
    assert lists.result_table(found, "en").reset_index().to_numpy().tolist() == [["to be followed", 1, 0, 0]]
    assert lists.alert_sentence(found, "en").endswith("1 are answered, 1 are overdue; 1 objections wait for an answer.")
    lists.write_alerts(found, tmp_path / "run")
    drop = tmp_path / "drop" / "反馈" / "异议答复"
    drop.mkdir(parents=True)
    form = pd.read_csv(tmp_path / "run" / "restricted" / "objections.csv", dtype=str)
    form.assign(答复日期="2024-12-19", 处理结果="已说明情况").to_csv(drop / "答复.csv", index=False)
    assert not take_in(tmp_path / "drop", store, key=KEY, arrived_on=RECEIVED_ON).failed
    answered_now = lists.alerts(store.known_by(dt.date(2024, 12, 20)))
    assert lists.alert_table(answered_now, "en")["not answered yet"].tolist() == [0]


def test_every_school_s_list_comes_back_as_it_was_filled_in(county: County, tmp_path: Path) -> None:
    """The round trip of all schools of the simulated county, locked as handed out or saved without the password."""
    shutil.copytree(county.store.path, tmp_path / "store")
    store, as_of = Store(tmp_path / "store"), dt.date(2024, 11, 30)
    known = store.known_by(as_of)
    chosen = lists.choose(lists.score(known, None), lists.handled(known))
    record = lists.hand_over(store, known, chosen, county.key, tmp_path / "run")
    wanted = _filled_in(tmp_path / "run" / "restricted", list(record["school_code"]), tmp_path / "back")
    account = take_answers_in([tmp_path / "back"], store, key=county.key, arrived_on=ARRIVED_ON)
    assert not account.failed, account.text("en")
    assert account.total("accepted") == int(record["pupils"].sum()) == int(chosen["listed"].sum()) > 0
    rows = answered.answers(store.known_by(ARRIVED_ON)).to_pandas()
    assert dict(zip(rows["reference"], rows["result"], strict=True)) == wanted
    numbers = pd.read_parquet(tmp_path / "run" / "restricted" / "scores.parquet").set_index("reference")["pupil"]
    assert rows["pupil"].tolist() == numbers[rows["reference"]].tolist()
    assert set(rows["pupil"]) <= set(lists.handled(store.known_by("2024-12-20")).index)


def _filled_in(restricted: Path, schools: list[str], to: Path) -> dict[str, str]:
    """Every list opened with its password, answered by a script, and saved without."""
    secrets = pd.read_csv(restricted / "passwords.csv", dtype=str).set_index("school_code")["password"]
    results, wanted = [result.value for result in AnswerResult], {}
    to.mkdir()
    for number, school in enumerate(schools):
        with (restricted / "lists" / f"{school}.xlsx").open("rb") as file:
            locked, page = msoffcrypto.OfficeFile(file), io.BytesIO()
            locked.load_key(password=str(secrets[school]))
            locked.decrypt(page)
        book = openpyxl.load_workbook(page)
        sheet = book.worksheets[0]
        for row in (row for row in range(FIRST, sheet.max_row) if sheet.cell(row, 5).value):
            result = results[(number + row) % len(results)]
            _answer(row, result)(sheet)
            wanted[str(sheet.cell(row, 2).value)] = result
        book.save(to / f"{school}.xlsx")
    return wanted
