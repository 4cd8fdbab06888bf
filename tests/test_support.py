"""Support and the calendar of duty: aid against receipt, places, the way to school, departments, what was done when."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from baoxue import support
from baoxue.briefs import support as brief
from baoxue.briefs import support_lists
from baoxue.charts import axes, save
from baoxue.charts import support as figures
from baoxue.intake.pseudonyms import Pseudonyms
from baoxue.store import Store
from baoxue.words import LANGS
from conftest import County
from given import given

AS_OF = dt.date(2024, 11, 30)
SINCE = dt.date(2024, 1, 1)
NORTH, SOUTH = "3133000001", "2133000002"
TERMS = """
term             | starts_on  | ends_on
2023学年第二学期 | 2024-02-26 | 2024-07-05
2024学年第一学期 | 2024-09-02 | 2025-01-17
"""
SCHOOLS = f"""
school_code | school_name | school_type | township_code
{NORTH}     | 北山中学    | 初级中学    | 330382101
{SOUTH}     | 南塘小学    | 小学        | 330382122
"""
ENROLMENTS = f"""
pupil | snapshot_on | school_code | registration | grade | class | cohort | boarding | distance_km | transport | disability | needs_aid
ann   | 2024-03-29  | {NORTH}     | r1           | 7     | 01    | 2017   | 住校     | 12          | 步行      | 无残疾     | 否
bo    | 2024-03-29  | {SOUTH}     | r2           | 3     | 01    | 2021   | 走读     | 4           | 步行      | 无残疾     | 是
cai   | 2024-03-29  | {SOUTH}     | r3           | 2     | 01    | 2022   | 走读     | 1           | 步行      | 智力残疾   | -
ann   | 2024-09-30  | {NORTH}     | r1           | 8     | 01    | 2017   | 住校     | 12          | 步行      | 无残疾     | 否
bo    | 2024-09-30  | {SOUTH}     | r2           | 4     | 01    | 2021   | 走读     | 4           | 步行      | 无残疾     | 是
cai   | 2024-09-30  | {SOUTH}     | r3           | 3     | 01    | 2022   | 走读     | 1           | 步行      | 智力残疾   | -
dan   | 2024-09-30  | {SOUTH}     | r4           | 1     | 01    | 2024   | 走读     | 9           | 校车      | 肢体残疾   | -
"""  # noqa: E501 - a table that is read across
LISTS = {
    "low_income": """
        pupil | hardship | listed_on
        ann   | 低保     | 2023-03-01
        bo    | 特困     | 2023-04-01
        cai   | 低保     | 2024-06-01
    """,
    "disabled": """
        pupil | disability | listed_on  | placement
        cai   | 智力残疾   | 2022-05-01 | 送教上门
        dan   | 肢体残疾   | 2023-05-01 | -
    """,
    "aid": """
        pupil | term             | aid            | amount_yuan | paid_on
        ann   | 2023学年第二学期 | 寄宿生生活补助 | 625         | 2024-06-10
        cai   | 2023学年第二学期 | 营养餐         | 500         | 2024-06-10
    """,
}
LESSONS = """
    pupil | taught_on  | hours
    cai   | 2024-09-11 | 3
    cai   | 2024-10-16 | 3
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return given(
        tmp_path_factory.mktemp("county"), terms=TERMS, schools=SCHOOLS, enrolments=ENROLMENTS, home_lessons=LESSONS,
        **LISTS,
    )  # fmt: skip


def test_due_is_who_was_on_the_list_on_the_first_day_of_the_last_completed_term(store: Store) -> None:
    due = support.aid_due(store.known_by(AS_OF))
    assert due[["pupil", "hardship", "aid", "is_paid", "township_code"]].to_numpy().tolist() == [
        ["ann", "低保", "寄宿生生活补助", True, "330382101"], ["bo", "特困", "营养餐", False, "330382122"],
    ]  # fmt: skip
    assert support.aid_by_hardship(due).to_numpy().tolist() == [["低保", 1, 1, 0], ["特困", 1, 0, 1]]
    assert support.aid_by_township(due)["missing"].tolist() == [0, 1]


def test_nobody_is_due_before_a_term_is_completed(store: Store) -> None:
    early = brief.Support(store.known_by("2024-05-31"), SINCE, "en")
    assert early.due.empty
    assert brief.aid_sentence(early).startswith("No term is completed yet")


def test_lists_that_entitle_stand_low_income_first_with_who_was_reached(store: Store) -> None:
    assert support.reached_by_list(store.known_by(AS_OF)).to_numpy().tolist() == [
        ["low_income", 3, 2, 1], ["disabled", 1, 1, 0],
    ]  # fmt: skip


def test_a_child_without_a_place_and_one_taught_too_seldom_are_named(store: Store) -> None:
    known = store.known_by(AS_OF)
    children = support.disabled_children(known)
    assert support.without_place(children)["pupil"].tolist() == ["dan"]
    table = support.placement_table(children).set_index("placement")["children"]
    assert table[table > 0].to_dict() == {"送教上门": 1, "未安置": 1}
    home = support.taught_at_home(known, children)
    assert home[["pupil", "lessons", "months", "per_month", "is_few"]].to_numpy().tolist() == [
        ["cai", 2, 3.0, 0.7, True]
    ]


def test_without_any_lesson_handed_in_nobody_is_called_taught_too_seldom(store: Store) -> None:
    before = store.known_by("2024-09-05")
    assert support.taught_at_home(before, support.disabled_children(before)).empty


def test_far_is_by_stage_and_a_day_pupil_without_bus_goes_by_own_means(store: Store) -> None:
    ways = support.travels(store.known_by(AS_OF)).set_index("pupil")
    assert ways.index[ways["is_far"]].tolist() == ["ann", "bo", "dan"]
    assert ways.index[ways["is_own_way"]].tolist() == ["bo"]
    table = support.far_by_township(ways.reset_index())
    assert table.drop(columns="far_pct").to_numpy().tolist() == [
        ["330382101", 1, 1, 1, 0, 0],
        ["330382122", 3, 2, 0, 2, 1],
    ]
    assert table["far_pct"].isna().all(), "of so few no share is shown"
    bands = support.bands(ways.reset_index())
    assert bands.loc[bands["pupils"] > 0, ["stage", "band", "pupils", "boarders", "own_way"]].to_numpy().tolist() == [
        ["小学", "0-1", 1, 0, 0], ["小学", "3-5", 1, 0, 1], ["小学", "5-10", 1, 0, 0], ["初中", "10+", 1, 1, 0],
    ]  # fmt: skip


def test_marks_stand_against_the_departments_lists(store: Store) -> None:
    table = support.marks_against_lists(store.known_by(AS_OF)).set_index("group")
    assert table.loc["low_income"].to_dict() == {"listed": 3, "marked": 1, "unmarked": 1, "silent": 1}
    assert table.loc["disabled"].to_dict() == {"listed": 2, "marked": 2, "unmarked": 0, "silent": 0}


WORK = {
    "publicity": f"""
        township_code | school_code | held_on    | form
        330382101     | -           | 2024-03-12 | 集中宣讲
        330382122     | -           | 2024-04-20 | 入户宣传
        330382101     | -           | 2024-08-31 | 集中宣讲
        -             | {NORTH}     | 2024-03-01 | 家长会
    """,
    "inspections": f"""
        school_code | inspected_on | item     | verdict  | mend_by    | mended_on
        {NORTH}     | 2024-10-10   | 学生出勤 | 需整改   | 2024-11-09 | 2024-11-20
        {SOUTH}     | 2024-10-11   | 学生出勤 | 需整改   | 2024-11-10 | -
        {NORTH}     | 2024-11-05   | 学生资助 | 符合要求 | -          | -
    """,
    "meetings": """
        meeting        | held_on    | subject
        领导小组会议   | 2024-09-10 | 部署
        专题会议       | 2024-05-21 | 通报
    """,
    "referrals": """
        referral | department | kind           | referred_on | answered_on | outcome
        m1       | 民政局     | 关爱帮扶       | 2024-10-01  | 2024-10-16  | 已办结
        m2       | 人力社保局 | 违法招用未成年人 | 2024-10-01 | 2024-10-17  | 经查不属实
        m3       | 司法局     | 法律援助       | 2024-10-01  | -           | -
        m4       | 司法局     | 法律援助       | 2024-11-25  | -           | -
    """,
    "village_rules": """
        township_code | village | has_rules | has_schooling | reported_on
        330382101     | 甲村    | yes       | yes           | 2024-01-10
        330382101     | 乙村    | yes       | no            | 2024-01-10
        330382122     | 丙村    | no        | no            | 2024-01-10
    """,
    "households": """
        pupil | snapshot_on | township_code | village | residence | cohort
        bo    | 2024-09-30  | 330382122     | 丁村    | 本籍在本  | 2021
    """,
}


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return given(tmp_path_factory.mktemp("work"), terms=TERMS, schools=SCHOOLS, **WORK)


@pytest.fixture(scope="module")
def duties(at_work: Store) -> pd.DataFrame:
    return support.planned(at_work.known_by(AS_OF), SINCE)


def states(duties: pd.DataFrame, duty: str) -> dict[tuple[str, str], str]:
    rows = duties[duties["duty"] == duty]
    return {(row.unit, f"{row.due_on:%Y-%m-%d}"): row.state for row in rows.itertuples()}


def test_a_publicity_month_asks_every_township_and_school_and_a_month_later_is_late(duties: pd.DataFrame) -> None:
    assert states(duties, "publicity") == {
        ("330382101", "2024-03-31"): "done", ("330382122", "2024-03-31"): "late",
        ("330382101", "2024-08-31"): "done", ("330382122", "2024-08-31"): "missed",
        (NORTH, "2024-03-31"): "done", (SOUTH, "2024-03-31"): "missed",
        (NORTH, "2024-08-31"): "missed", (SOUTH, "2024-08-31"): "missed",
    }  # fmt: skip


def test_a_school_is_inspected_in_every_month_of_teaching_since_the_first_record(duties: pd.DataFrame) -> None:
    assert states(duties, "inspection") == {
        (NORTH, "2024-10-31"): "done", (SOUTH, "2024-10-31"): "done",
        (NORTH, "2024-11-30"): "done", (SOUTH, "2024-11-30"): "ahead",
    }  # fmt: skip


def test_a_problem_is_mended_by_its_day_or_late_or_not(at_work: Store, duties: pd.DataFrame) -> None:
    assert states(duties, "mending") == {(NORTH, "2024-11-09"): "late", (SOUTH, "2024-11-10"): "missed"}
    assert support.mending(at_work.known_by(AS_OF)).to_numpy().tolist() == [["学生出勤", 2, 0, 1, 1, 1]]
    assert support.mending(at_work.known_by("2024-11-09")).to_numpy().tolist() == [["学生出勤", 2, 0, 0, 2, 0]]


def test_meetings_are_due_by_term_and_by_quarter_from_the_first_on(duties: pd.DataFrame) -> None:
    assert states(duties, "leading_group") == {("", "2025-01-17"): "done"}
    assert states(duties, "special_meeting") == {
        ("", "2024-06-30"): "done", ("", "2024-09-30"): "missed", ("", "2024-12-31"): "ahead",
    }  # fmt: skip


def test_departments_answer_within_the_days_the_county_has_set(at_work: Store, duties: pd.DataFrame) -> None:
    table = support.referral_table(at_work.known_by(AS_OF))
    assert table.set_index("referral")["state"].to_dict() == {
        "m1": "answered", "m2": "answered_late", "m3": "overdue", "m4": "waiting",
    }  # fmt: skip
    by_department = support.referrals_by_department(table)
    assert by_department.to_numpy().tolist() == [
        ["民政局", 1, 1, 0, 0, 0], ["司法局", 2, 0, 0, 1, 1], ["人力社保局", 1, 0, 1, 0, 0],
    ]  # fmt: skip
    assert list(states(duties, "referral").values()) == ["done", "late", "missed", "ahead"]


def test_every_village_is_told_by_its_rules_or_by_its_silence(at_work: Store) -> None:
    rows = support.villages(at_work.known_by(AS_OF))
    assert rows.set_index("village")["state"].to_dict() == {
        "甲村": "with_schooling", "乙村": "without_schooling", "丙村": "no_rules", "丁村": "not_reported",
    }  # fmt: skip
    assert support.village_table(rows).to_numpy().tolist() == [
        ["330382101", 2, 1, 1, 0, 0],
        ["330382122", 2, 0, 0, 1, 1],
    ]


def test_a_term_s_start_asks_each_school_for_its_classes_and_a_passage_for_every_child(tmp_path) -> None:
    store = given(
        tmp_path, terms=TERMS, schools=SCHOOLS,
        rosters=f"""
            pupil | snapshot_on | school_code | grade | class
            ann   | 2024-09-20  | {NORTH}     | 8     | 01
            bo    | 2024-10-20  | {SOUTH}     | 4     | 01
        """,
        admissions=f"""
            pupil | admission_year | passage | to_school_code | arrival | arrived_on | whereabouts | whereabouts_checked_on
            ann   | 2024           | 小升初  | {NORTH}        | 已报到  | 2024-09-01 | -           | -
            bo    | 2024           | 幼升小  | {SOUTH}        | 已报到  | 2024-09-01 | -           | -
            cai   | 2024           | 幼升小  | {SOUTH}        | -       | -          | 省外就读    | 2024-10-09
        """,  # noqa: E501
    )  # fmt: skip
    asked = support.planned(store.known_by(AS_OF), SINCE)
    assert states(asked, "term_start") == {(NORTH, "2024-10-07"): "done", (SOUTH, "2024-10-07"): "late"}
    assert states(asked, "passage") == {(NORTH, "2024-09-30"): "done", (SOUTH, "2024-09-30"): "late"}
    before = support.planned(store.known_by("2024-10-05"), SINCE)
    assert states(before, "passage") == {(NORTH, "2024-09-30"): "done", (SOUTH, "2024-09-30"): "missed"}


def test_the_summary_adds_up_and_shows_the_longest_delay(duties: pd.DataFrame) -> None:
    table = support.summary(duties).set_index("duty")
    assert table.loc["publicity"].to_dict() == {
        "planned": 8, "done": 3, "late": 1, "missed": 4, "ahead": 0, "late_days_max": 244,
    }  # fmt: skip
    assert (table["done"] + table["late"] + table["missed"] == table["planned"]).all()


def test_a_county_that_keeps_no_record_of_its_work_is_asked_for_nothing(store: Store) -> None:
    work = brief.Support(store.known_by(AS_OF), SINCE, "en")
    assert work.duties.empty
    assert work.handed_in == ("home_lessons",)
    told = brief.sentences(work)
    assert "duties due" not in told and "villages" not in told.split("Records of")[0]
    assert "Records of these were not handed in and are not shown: publicity months" in told


@pytest.mark.parametrize("lang", LANGS)
def test_every_sentence_table_and_figure_speaks_both_languages(
    lang: str, store: Store, at_work: Store, tmp_path
) -> None:
    here, there = brief.Support(store.known_by(AS_OF), SINCE, lang), brief.Support(at_work.known_by(AS_OF), SINCE, lang)
    told = brief.sentences(here) + brief.sentences(there) + brief.checked(here)
    assert bool([c for c in told if "一" <= c <= "鿿"]) == (lang == "zh")
    counts, far = support.aid_by_hardship(here.due), support.far_by_township(here.ways)
    done, names = support.summary(there.duties), {"330382101": "A", "330382122": "B"}
    drawn = (
        (figures.aid_received(axes(), counts, lang), figures.aid_received_alt(counts, lang)),
        (figures.far_to_school(axes(), far, names, lang), figures.far_to_school_alt(far, names, lang)),
        (figures.duties_done(axes(), done, lang), figures.duties_done_alt(done, lang)),
    )
    for number, (ax, alt) in enumerate(drawn):
        assert alt.strip() and save(ax, tmp_path / f"{number}.png").stat().st_size > 5000
    for table in (done, far, support.village_table(there.villages), support.marks_against_lists(here.known)):
        assert len(brief.shown(table, lang, names)) == len(table)


def test_work_lists_go_to_whoever_has_to_look_into_them(store: Store, at_work: Store, tmp_path) -> None:
    work = brief.Support(store.known_by(AS_OF), SINCE)
    files = support_lists.write(str(tmp_path), store, work, "county,township,school", "乐清市", {})
    assert [file.removeprefix("restricted/") for file in files] == [
        "duties_due.csv", "support/ledgers_county.xlsx", "support/ledgers_330382101.xlsx",
        "support/ledgers_330382122.xlsx", f"support/ledgers_{SOUTH}.xlsx", f"support/ledgers_{NORTH}.xlsx",
    ]  # fmt: skip
    rows = {
        ledger.name: ledger.rows(work.known)["pupil"].tolist() for ledger in support_lists.work_lists(work, "county")
    }
    assert rows == {"aid": ["bo"], "place": ["dan", "cai"], "far": ["bo"]}
    assert [ledger.name for ledger in support_lists.work_lists(work, "school")] == ["far"]
    assert support_lists.write("", store, work, "county", "乐清市", {}) == []


def test_what_was_planted_in_aid_places_and_duties_is_all_found(county: County) -> None:
    """Against the truth of the simulated county: gaps in aid, in places and lessons, in publicity and inspections."""
    work = brief.Support(county.store.known_by(AS_OF), dt.date(2023, 9, 1))
    truth = {name: pd.read_parquet(county.drop / "truth" / f"{name}.parquet")
             for name in ("findings", "support_gaps", "work_gaps")}  # fmt: skip
    code = Pseudonyms(county.key).of

    def children(rows: pd.DataFrame) -> set[str]:
        return {code("p", number) for number in rows["id_number"]}

    unpaid = truth["findings"][truth["findings"]["finding"] == "aid_missing"]
    assert set(work.due.loc[~work.due["is_paid"], "pupil"]) == children(unpaid) != set()
    gaps = truth["support_gaps"].groupby("gap")
    assert set(support.without_place(work.disabled)["pupil"]) == children(gaps.get_group("placement_none"))
    assert set(work.at_home.loc[work.at_home["is_few"], "pupil"]) == children(gaps.get_group("home_lessons_few"))
    rows = work.duties[work.duties["duty"].isin(["publicity", "inspection"]) & (work.duties["due_on"] < "2024-11-30")]
    found = {(r.duty, r.unit, r.due_on.date(), r.state) for r in rows.itertuples() if r.state in ("late", "missed")}
    planted = truth["work_gaps"][pd.to_datetime(truth["work_gaps"]["due_on"]) < "2024-11-30"]
    assert found == {(r.duty, r.unit, r.due_on, r.state) for r in planted.itertuples()}
