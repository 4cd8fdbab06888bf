"""The periodic report: its table counted by eye, its sentences computed, its steps said to the right people."""

import inspect
from collections.abc import Callable
from pathlib import Path

import pytest

import given as drawn
from baoxue import briefs, words
from baoxue.briefs import Period, Section, section
from baoxue.run.places import places
from baoxue.store import Store
from conftest import County

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
def month(store: Store) -> Period:
    return Period(store, "2024-11-30")


def test_the_monthly_table_counts_what_the_eye_counts(month):
    table = briefs.period_table(month).set_index("stage")
    assert table.loc["合计"].to_dict() == {
        "enrolled": 5, "in_class": 4, "suspected": 1, "suspected_open": 1, "confirmed": 1, "returned": 1,
        "year_confirmed": 2, "balance": 1,
    }  # fmt: skip
    assert table.loc["小学"].sum() == 4  # two on the registry, two in class, nothing else
    assert list(table.loc["初中", ["confirmed", "returned", "balance"]]) == [1, 1, 1]


def test_a_month_in_which_nothing_happened_is_a_zero_report(store):
    quiet = Period(store, "2024-09-30")
    assert (briefs.period_table(quiet).set_index("stage").loc["合计"].drop(["enrolled", "in_class"]) == 0).all()
    assert "零报告" in briefs.key_points(quiet)


def test_the_key_points_say_the_numbers_of_the_table(month):
    first = briefs.key_points(month).splitlines()[0]
    assert "新增疑似辍学1人，认定辍学1人，劝返复学1人" in first


def test_the_brief_sees_nothing_that_became_known_later(store):
    before = Period(store, "2024-11-04")
    assert before.flow("confirmed") == 0 and before.flow("confirmed", period="2024-10") == 1


def test_visits_are_those_of_the_month_by_result(month):
    visits = briefs.visits_by_result(month)
    assert visits.to_dict("records") == [{"result": "监护人拒绝", "visits": 2, "children": 1}]


def test_without_visits_a_sentence_says_so(store):
    section = briefs.work.visits(Period(store, "2024-09-30"))
    assert "没有劝返记录" in section.text and section.table is None


def test_every_check_of_a_whole_brief_holds(month):
    assert briefs.checked(month).count("通过") == 3


def test_numbers_that_contradict_each_other_stop_the_brief(store):
    month = Period(store, "2024-11-30")
    month.flows["balance"] += 1
    with pytest.raises(briefs.ChecksFailed, match="余额"):
        briefs.checked(month)


def test_next_steps_end_with_the_duty_of_the_following_month(month):
    assert "12月" in briefs.next_steps(month).splitlines()[-1]


def test_every_month_has_its_duty_in_both_languages():
    for number in range(1, 13):
        assert all(words.say(f"report.duty_{number}", lang) for lang in words.LANGS)


def test_the_english_report_has_no_chinese_but_the_names_of_schools(store):
    month = Period(store, "2024-11-30", lang="en")
    said = [briefs.title(month), briefs.basis(month), briefs.conclusion(month), briefs.key_points(month)]
    assert not _chinese([*said, briefs.next_steps(month), briefs.checked(month)], month)


def test_an_unknown_kind_of_report_is_refused(store):
    with pytest.raises(ValueError, match="month"):
        briefs.opened("week", store, "2024-11-30")


def test_a_quarter_and_a_term_are_those_in_which_the_day_lies(store):
    quarter, term = Period(store, "2024-11-30", "quarter"), Period(store, "2024-11-30", "term")
    assert quarter.name == "2024年第四季度"
    assert (str(quarter.starts_on), str(quarter.ends_on)) == ("2024-10-01", "2024-11-30")
    assert quarter.flow("suspected") == 3 and quarter.flow("confirmed") == 2
    assert not quarter.is_complete and "尚未结束" in briefs.basis(quarter)
    assert (term.name, str(term.starts_on)) == ("2024学年第一学期", "2024-09-01")


def test_a_term_is_over_with_its_last_school_day(store):
    assert not Period(store, "2025-01-16", "term").is_complete
    assert Period(store, "2025-01-17", "term").is_complete


def test_a_year_is_the_last_one_that_was_over(reports: dict[str, Period]):
    year = reports["year"]
    assert (year.name, str(year.ends_on)) == ("2023学年", "2024-08-31")
    assert briefs.title(year).startswith("2023—2024学年")
    assert year.yearly["school_year"].max() == 2023 and year.changes["school_year"].eq(2023).all()


def test_before_a_school_year_was_over_there_is_no_yearly_report(store):
    with pytest.raises(ValueError, match="no year"):
        Period(store, "2024-11-30", "year")


def test_the_conclusion_says_whether_all_are_back_and_who_is_late(month):
    told = briefs.conclusion(month)
    assert "仍有1人未返校，未清零" in told and "现有" in told and "逾期" in told


SECTIONS = {
    "quarter": "flows months yearly ledgers agreement visits returned in_time board moves review",
    "year": "flows months yearly changes retention coverage ledgers agreement visits returned in_time board moves"
    " two_ways",
}


@pytest.mark.parametrize("kind", SECTIONS)
def test_a_report_has_the_sections_of_its_kind_and_no_empty_one(reports: dict[str, Period], kind: str):
    made = {name: make(reports[kind]) for name, make in _sections().items()}
    there = {name: section for name, section in made.items() if section is not None}
    assert set(there) == set(SECTIONS[kind].split())
    assert all(section.heading and section.text for section in there.values())
    assert all(len(section.table) for section in there.values() if section.table is not None)
    assert briefs.checked(reports[kind])
    if kind == "quarter":
        period = reports[kind]
        said = [briefs.key_points(period), briefs.next_steps(period), *(section.text for section in there.values())]
        assert not _chinese(said, period)


def test_a_month_leaves_out_what_is_told_quarter_by_quarter(month):
    later = "changes retention coverage ledgers returned in_time review two_ways"
    assert not [name for name in later.split() if _sections()[name](month) is not None]


def _sections() -> dict[str, Callable[[Period], Section | None]]:
    """Every function of the three parts that makes a section, by its name."""
    parts = (briefs.situation, briefs.work, briefs.problems)
    made = [thing for part in parts for thing in vars(part).values() if inspect.isfunction(thing)]
    return {thing.__name__: thing for thing in made if _gives(thing) == "Section | None" and thing is not section}


def _gives(function: Callable) -> object:
    return inspect.signature(function).return_annotation


def _chinese(said: list[str], period: Period) -> list[str]:
    """The Chinese characters left when the names of places are taken out: schools have no English name."""
    text = "\n".join(said)
    for name in period.names.values():
        text = text.replace(name, "")
    return [character for character in text if "一" <= character <= "鿿"]


def test_next_steps_name_what_is_oldest_and_where_most_is_overdue(county: County):
    period = Period(county.store, "2024-03-31", "month", "zh", places())
    cases = period.cases
    # the county settles its old cases; here those that are late have waited a year more
    period.cases = cases.assign(overdue_days=cases["overdue_days"].where(~(cases["overdue_days"] > 0), 400))
    told = briefs.next_steps(period)
    still = period.cases[period.cases["is_open"]]
    late = still[(still["owner"] == "乡镇街道") & (still["overdue_days"] > 0)]
    most = late["township_code"].value_counts()
    town = places().townships[min(most[most == most.max()].index)].name
    assert f"逾期较多的：{town}{most.max()}件" in told
    assert "挂账最久的是" in told
    years = int((still["overdue_days"] > 365).sum())
    assert years and f"逾期超过一年的案件{years}件" in told


def test_the_table_by_township_sums_to_the_table_by_stage(reports: dict[str, Period]):
    stages = briefs.period_table(reports["quarter"]).set_index("stage")
    towns = briefs.period_table_by_township(reports["quarter"]).set_index("township_code")
    assert (towns.loc["合计"] == stages.loc["合计"]).all()
    assert (towns.drop(index="合计").sum() == towns.loc["合计"]).all()


def test_the_written_table_is_the_bureau_s_and_reads_in_excel(month, tmp_path: Path):
    briefs.write_period_table(month, str(tmp_path))
    file = tmp_path / "tables" / "month_T3.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert file.read_text(encoding="utf-8-sig").splitlines()[0].startswith("学段,在籍,在校")


def test_without_a_run_folder_nothing_is_written(month, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    briefs.write_period_table(month, "")
    assert list(tmp_path.iterdir()) == []
