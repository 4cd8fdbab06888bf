"""The monthly brief: its table counted by eye, its sentences computed, its steps said to the right people."""

from pathlib import Path

import pytest

import given as drawn
from baoxue import briefs, words
from baoxue.briefs import Month
from baoxue.store import Store

TABLES = {
    "schools": """
        school_code | school_name | school_type | township_code
        2133000001  | 一小        | 小学        | 330382001
        3133000001  | 一中        | 初级中学    | 330382001
    """,
    "terms": """
        term             | starts_on  | ends_on
        2024学年第一学期 | 2024-09-01 | 2025-01-17
    """,
    "enrolments": """
        pupil | school_code | grade | class | status | snapshot_on | registration
        p1    | 2133000001  | 3     | 01    | 在读   | 2024-09-10  | r1
        p2    | 2133000001  | 3     | 01    | 在读   | 2024-09-10  | r2
        p3    | 3133000001  | 8     | 01    | 在读   | 2024-09-10  | r3
        p4    | 3133000001  | 8     | 01    | 在读   | 2024-09-10  | r4
        p5    | 3133000001  | 8     | 01    | 在读   | 2024-09-10  | r5
    """,
    "rosters": """
        pupil | school_code | grade | class | snapshot_on
        p1    | 2133000001  | 3     | 01    | 2024-09-10
        p2    | 2133000001  | 3     | 01    | 2024-09-10
        p3    | 3133000001  | 8     | 01    | 2024-09-10
        p4    | 3133000001  | 8     | 01    | 2024-09-10
    """,
    "cases": """
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
        c1   | p5    | 考勤 | 2024-10-10 | 2024-10-08      | 辍学       | 2024-11-05   | -          | -
        c2   | p4    | 考勤 | 2024-10-20 | 2024-10-18      | 辍学       | 2024-10-25   | 2024-11-12 | 返校复学
        c3   | p3    | 考勤 | 2024-11-20 | 2024-11-18      | -          | -            | -          | -
    """,
    "visits": """
        case | pupil | attempt | visited_on | result
        c1   | p5    | 1       | 2024-11-06 | 监护人拒绝
        c1   | p5    | 2       | 2024-11-13 | 监护人拒绝
        c2   | p4    | 1       | 2024-10-26 | 承诺返校
    """,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return drawn.given(tmp_path_factory.mktemp("brief"), received_on=drawn.RECEIVED_ON, identity=None, **TABLES)


@pytest.fixture(scope="module")
def month(store: Store) -> Month:
    return Month(store, "2024-11-30")


def test_the_monthly_table_counts_what_the_eye_counts(month):
    table = briefs.month_table(month).set_index("stage")
    assert table.loc["合计"].to_dict() == {
        "enrolled": 5, "in_class": 4, "suspected": 1, "suspected_open": 1, "confirmed": 1, "returned": 1,
        "year_confirmed": 2, "balance": 1,
    }  # fmt: skip
    assert table.loc["小学"].sum() == 4  # two on the registry, two in class, nothing else
    assert list(table.loc["初中", ["confirmed", "returned", "balance"]]) == [1, 1, 1]


def test_a_month_in_which_nothing_happened_is_a_zero_report(store):
    quiet = Month(store, "2024-09-30")
    assert (briefs.month_table(quiet).set_index("stage").loc["合计"].drop(["enrolled", "in_class"]) == 0).all()
    assert "零报告" in briefs.key_points(quiet)


def test_the_key_points_say_the_numbers_of_the_table(month):
    first = briefs.key_points(month).splitlines()[0]
    assert "新增疑似辍学1人，认定辍学1人，劝返复学1人" in first


def test_the_brief_sees_nothing_that_became_known_later(store):
    before = Month(store, "2024-11-04")
    assert before.flow("confirmed") == 0 and before.flow("confirmed", period="2024-10") == 1


def test_visits_are_those_of_the_month_by_result(month):
    visits = briefs.visits_by_result(month.known)
    assert visits.to_dict("records") == [{"result": "监护人拒绝", "visits": 2, "children": 1}]


def test_without_visits_a_sentence_says_so(store):
    assert "没有" in briefs.visits_shown(Month(store, "2024-09-30")).data


def test_every_check_of_a_whole_brief_holds(month):
    assert briefs.checked(month).count("通过") == 3


def test_numbers_that_contradict_each_other_stop_the_brief(store):
    month = Month(store, "2024-11-30")
    month.flows["balance"] += 1
    with pytest.raises(briefs.ChecksFailed, match="余额"):
        briefs.checked(month)


def test_next_steps_end_with_the_duty_of_the_following_month(month):
    assert "12月" in briefs.next_steps(month).splitlines()[-1]


def test_every_month_has_its_duty_in_both_languages():
    for number in range(1, 13):
        assert all(words.say(f"report.duty_{number}", lang) for lang in words.LANGS)


def test_the_english_brief_has_no_chinese_in_it(store):
    month = Month(store, "2024-11-30", lang="en")
    said = "\n".join([briefs.basis(month), briefs.key_points(month), briefs.next_steps(month), briefs.checked(month)])
    assert not [character for character in said if "一" <= character <= "鿿"]


def test_an_unknown_kind_of_brief_is_refused(store):
    with pytest.raises(ValueError, match="month"):
        briefs.opened("week", store, "2024-11-30")


def test_the_written_table_is_the_bureau_s_and_reads_in_excel(month, tmp_path: Path):
    briefs.write_month_table(month, str(tmp_path))
    file = tmp_path / "tables" / "month_T3.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert file.read_text(encoding="utf-8-sig").splitlines()[0].startswith("学段,在籍,在校")


def test_without_a_run_folder_nothing_is_written(month, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    briefs.write_month_table(month, "")
    assert list(tmp_path.iterdir()) == []
