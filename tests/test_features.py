"""Features: what each says of a pupil one can count by eye, and that none knows more than the day did."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st

from baoxue import features
from baoxue.policy import PolicyError
from baoxue.store import Store
from baoxue.words import LANGS
from given import given

TERM = """
term             | starts_on  | ends_on
2023学年第二学期 | 2024-02-19 | 2024-06-28
2024学年第一学期 | 2024-09-02 | 2025-01-17
"""

CLASS = """
pupil | snapshot_on | school_code | registration | grade | class | cohort
ann   | 2024-09-01  | s1          | r1           | 7     | 1     | 2018
bo    | 2024-09-01  | s1          | r2           | 7     | 1     | 2017
cai   | 2024-09-01  | s1          | r3           | 7     | 2     | 2018
"""

ROLLS = """
school_code | grade | class | date       | expected | present | is_taken
s1          | 7     | 1     | 2024-11-25 | 2        | 2       | yes
s1          | 7     | 1     | 2024-11-26 | 2        | 1       | yes
s1          | 7     | 1     | 2024-11-27 | 2        | 0       | no
s1          | 7     | 1     | 2024-11-28 | 2        | 1       | yes
"""

ABSENCES = """
pupil | date       | absence | session
ann   | 2024-11-26 | 旷课    | 全天
ann   | 2024-11-28 | 旷课    | 上午
ann   | 2024-11-28 | 旷课    | 下午
bo    | 2024-11-25 | 病假    | 上午
bo    | 2024-11-25 | 迟到    | 下午
"""


def matrix(store: Store, as_of: str = "2024-11-30", **options: bool) -> pd.DataFrame:
    return features.matrix(store.known_by(as_of), **options)


@pytest.fixture
def one_class(tmp_path: Path) -> Store:
    return given(tmp_path, terms=TERM, enrolments=CLASS, rolls=ROLLS, absences=ABSENCES)


def test_a_day_without_a_roll_is_missing_and_not_attended(one_class: Store) -> None:
    found = matrix(one_class)
    assert found["seen_recent_days"].to_dict() == {"ann": 3, "bo": 3, "cai": 0}
    assert found["unexcused_recent_pct"].to_dict() == pytest.approx(
        {"ann": 200 / 3, "bo": 0, "cai": np.nan}, nan_ok=True
    )
    assert np.isnan(found["longest_run_days"]["cai"])


def test_a_written_absence_makes_a_day_without_a_roll_a_day_seen(tmp_path: Path) -> None:
    absences = ABSENCES + "bo | 2024-11-27 | 旷课 | 全天\n"
    store = given(tmp_path, terms=TERM, enrolments=CLASS, rolls=ROLLS, absences=absences)
    assert matrix(store)["seen_recent_days"].to_dict() == {"ann": 3, "bo": 4, "cai": 0}


def test_half_days_count_half_and_late_counts_times(one_class: Store) -> None:
    bo = matrix(one_class).loc["bo"]
    assert bo["sick_long_pct"] == pytest.approx(100 * 0.5 / 3)
    assert bo["late_long_pct"] == pytest.approx(100 / 3)


def test_a_run_goes_on_over_a_day_without_a_roll_and_ends_with_a_day_in_class(one_class: Store, tmp_path: Path) -> None:
    assert matrix(one_class).loc[["ann"], ["longest_run_days", "current_run_days"]].to_numpy().tolist() == [[2, 2]]
    back = ROLLS + "s1 | 7 | 1 | 2024-11-29 | 2 | 2 | yes\n"
    store = given(tmp_path / "back", terms=TERM, enrolments=CLASS, rolls=back, absences=ABSENCES)
    assert matrix(store).loc[["ann"], ["longest_run_days", "current_run_days"]].to_numpy().tolist() == [[2, 0]]


def test_the_as_of_day_itself_is_not_read_because_its_absences_are_not_known_yet(one_class: Store) -> None:
    thursday = matrix(one_class, "2024-11-28")
    assert thursday["seen_recent_days"].to_dict() == {"ann": 2, "bo": 2, "cai": 0}
    assert thursday.loc["ann", "current_run_days"] == 1


def test_a_run_follows_a_pupil_into_another_class(tmp_path: Path) -> None:
    moved = CLASS + "ann | 2024-11-28 | s1 | r1 | 7 | 2 | 2018\nbo | 2024-11-28 | s1 | r2 | 7 | 1 | 2017\n"
    rolls = ROLLS + "s1 | 7 | 2 | 2024-11-28 | 1 | 0 | yes\n"
    store = given(tmp_path, terms=TERM, enrolments=moved, rolls=rolls, absences=ABSENCES)
    assert matrix(store).loc["ann", "current_run_days"] == 2


def test_the_change_compares_the_near_window_with_the_rest_of_the_far_one(tmp_path: Path) -> None:
    days = pd.bdate_range("2024-09-02", "2024-11-29")
    days = days[
        ~days.isin(pd.to_datetime(["2024-09-16", "2024-09-17", *pd.date_range("2024-10-01", "2024-10-07").astype(str)]))
    ]
    rolls = "school_code | grade | class | date | expected | present | is_taken\n" + "".join(
        f"s1 | 7 | 1 | {day.date()} | 2 | 2 | yes\n" for day in days
    )
    absences = "pupil | date | absence | session\n" + "".join(
        f"ann | {day.date()} | 事假 | 全天\n" for day in days[-4:]
    )
    store = given(tmp_path, terms=TERM, enrolments=CLASS, rolls=rolls, absences=absences)
    assert matrix(store).loc["ann", "absence_change_points"] == pytest.approx(100 * 4 / 20)
    assert matrix(store).loc["bo", "absence_change_points"] == 0


def test_classmates_absence_leaves_the_pupils_own_out(one_class: Store) -> None:
    found = matrix(one_class)["class_absence_pct"]
    assert found["ann"] == pytest.approx(100 * 0.5 / 3)
    assert found["bo"] == pytest.approx(100 * 2 / 3)
    assert np.isnan(found["cai"])


MARK_HEADER = "pupil | term | subject | mark | full_mark | missed_exam | exam_on\n"


def marks(subject: str, points: list[int], term: str = "2023学年第二学期") -> str:
    return "".join(f"p{n} | {term} | {subject} | {mark} | 100 | no | 2024-06-20\n" for n, mark in enumerate(points))


def test_a_mark_is_a_place_in_grade_subject_and_term(tmp_path: Path) -> None:
    pupils = "".join(f"p{n} | {day} | s1 | r{n} | 7 | 1\n" for n in range(11) for day in ("2024-06-01", "2024-09-01"))
    store = given(
        tmp_path,
        terms=TERM,
        enrolments="pupil | snapshot_on | school_code | registration | grade | class\n" + pupils,
        marks="pupil | term | subject | mark | full_mark | missed_exam | exam_on\n"
        + marks("语文", [50, 50, *range(60, 69)]),
    )
    place = matrix(store)["mark_place_pct"]
    assert place["p0"] == place["p1"] == 0
    assert place["p2"] == 20
    assert place["p10"] == 100


def test_a_place_among_few_is_no_place_and_a_missed_exam_is_no_mark(tmp_path: Path) -> None:
    rows = marks("语文", [50, 60, 70]) + "p0 | 2023学年第二学期 | 数学 | - | 100 | yes | 2024-06-20\n"
    pupils = "".join(f"p{n} | 2024-06-01 | s1 | r{n} | 7 | 1\n" for n in range(3))
    store = given(
        tmp_path,
        terms=TERM,
        enrolments="pupil | snapshot_on | school_code | registration | grade | class\n" + pupils,
        marks=MARK_HEADER + rows,
    )
    found = matrix(store)
    assert found["mark_place_pct"].isna().all()
    assert found["missed_exams_pct"].to_dict() == {"p0": 50, "p1": 0, "p2": 0}


def test_the_change_of_place_is_against_the_term_before(tmp_path: Path) -> None:
    pupils = "".join(f"p{n} | {day} | s1 | r{n} | 7 | 1\n" for n in range(11) for day in ("2024-06-01", "2024-09-01"))
    now = marks("语文", [99, *range(61, 71)], "2024学年第一学期").replace("2024-06-20", "2024-11-10")
    store = given(
        tmp_path,
        terms=TERM,
        enrolments="pupil | snapshot_on | school_code | registration | grade | class\n" + pupils,
        marks="pupil | term | subject | mark | full_mark | missed_exam | exam_on\n"
        + marks("语文", [*range(60, 71)])
        + now,
    )
    change = matrix(store)["mark_change_points"]
    assert change["p0"] == 100
    assert change["p10"] == -10


def test_the_place_is_the_mean_of_the_last_terms(tmp_path: Path) -> None:
    pupils = "".join(f"p{n} | {day} | s1 | r{n} | 7 | 1\n" for n in range(11) for day in ("2024-06-01", "2024-09-01"))
    now = marks("语文", [99, *range(61, 71)], "2024学年第一学期").replace("2024-06-20", "2024-11-10")
    store = given(
        tmp_path,
        terms=TERM,
        enrolments="pupil | snapshot_on | school_code | registration | grade | class\n" + pupils,
        marks=MARK_HEADER + marks("语文", [*range(60, 71)]) + now,
    )
    assert matrix(store)["mark_place_pct"]["p0"] == 50
    assert matrix(store)["mark_place_pct"]["p10"] == 95


def test_over_age_is_counted_in_school_years_and_never_below_none(tmp_path: Path) -> None:
    rows = """
    pupil | snapshot_on | school_code | registration | grade | class | cohort
    due   | 2024-09-01  | s1          | r1           | 7     | 1     | 2018
    older | 2024-09-01  | s1          | r2           | 7     | 1     | 2016
    early | 2024-09-01  | s1          | r3           | 7     | 1     | 2019
    blank | 2024-09-01  | s1          | r4           | 7     | 1     | -
    """
    found = matrix(given(tmp_path, terms=TERM, enrolments=rows))["over_age_years"]
    assert found.drop("blank").to_dict() == {"due": 0, "older": 2, "early": 0}
    assert np.isnan(found["blank"])


def test_the_passage_to_junior_school_is_no_move_and_an_arrival_from_outside_is_one(tmp_path: Path) -> None:
    rows = """
    pupil  | snapshot_on | school_code | registration | grade | class
    passed | 2024-06-01  | s1          | r1           | 6     | 1
    passed | 2024-09-01  | s2          | r1           | 7     | 1
    moved  | 2024-06-01  | s1          | r2           | 4     | 1
    moved  | 2024-09-01  | s3          | r2           | 5     | 1
    came   | 2024-09-01  | s3          | r3           | 5     | 1
    """
    changes = """
    pupil | change | changed_on | accepted_on | transfer_scope
    came  | 转入   | 2024-08-28 | 2024-08-29  | 省外
    moved | 转入   | 2024-08-28 | 2024-08-29  | 县区内
    """
    found = matrix(given(tmp_path, terms=TERM, enrolments=rows, changes=changes))["moves"]
    assert found.to_dict() == {"passed": 0, "moved": 1, "came": 1}


def test_an_earlier_leaving_and_an_approved_suspension_are_remembered(tmp_path: Path) -> None:
    cases = """
    case | pupil | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
    c1   | ann   | 2024-03-10 | 2024-03-01      | 辍学       | 2024-03-20   | 2024-04-15 | 返校复学
    """
    changes = """
    pupil | change | changed_on | accepted_on | reviewed_on | review
    bo    | 休学   | 2024-03-01 | 2024-03-02  | 2024-03-05  | 通过
    cai   | 休学   | 2024-03-01 | 2024-03-02  | 2024-03-05  | 退回
    """
    found = matrix(given(tmp_path, terms=TERM, enrolments=CLASS, cases=cases, changes=changes))
    assert found["left_before"].to_dict() == {"ann": 1, "bo": 0, "cai": 0}
    assert found["suspensions"].to_dict() == {"ann": 0, "bo": 1, "cai": 0}


def test_the_schools_leavings_leave_the_pupils_own_out(tmp_path: Path) -> None:
    cases = """
    case | pupil | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
    c1   | ann   | 2024-09-10 | 2024-09-05      | 辍学       | 2024-09-20   | 2024-10-15 | 返校复学
    """
    found = matrix(given(tmp_path, terms=TERM, enrolments=CLASS, cases=cases))["school_leaving_ratio"]
    years = 90 / 365.25
    assert found["ann"] == pytest.approx(200 / (2 * years + 200))
    assert found["bo"] == pytest.approx((3 * years + 200) / (2 * years + 200))


def test_where_nobody_has_left_every_school_stands_at_the_county_s_rate(one_class: Store) -> None:
    assert (matrix(one_class)["school_leaving_ratio"] == 1).all()


def test_groups_are_in_the_matrix_only_when_a_study_asks(tmp_path: Path) -> None:
    care = """
    pupil | care             | listed_on  | delisted_on
    ann   | 服刑人员未成年子女 | 2024-03-01 | -
    bo    | 孤儿             | 2024-03-01 | 2024-10-01
    """
    store = given(tmp_path, terms=TERM, enrolments=CLASS, care=care)
    assert not set(features.GROUPS) & set(matrix(store))
    study = matrix(store, study_groups=True)
    assert list(study)[-len(features.GROUPS) :] == list(features.GROUPS)
    assert study["has_parent_in_prison"].to_dict() == {"ann": 1, "bo": 0, "cai": 0}
    assert study["is_orphan"].sum() == 0


def test_everyone_on_the_latest_snapshot_has_one_row_and_no_one_else(tmp_path: Path) -> None:
    rows = CLASS + "dan | 2024-06-01 | s1 | r4 | 6 | 1 | 2018\nann | 2024-09-01 | s2 | r9 | 7 | 1 | 2018\n"
    found = matrix(given(tmp_path, terms=TERM, enrolments=rows))
    assert found.index.tolist() == ["ann", "bo", "cai"]


def test_a_store_without_a_registry_gives_an_empty_matrix_with_all_columns(tmp_path: Path) -> None:
    found = matrix(given(tmp_path, terms=TERM))
    assert found.empty
    assert list(found) == list(features.BY_NAME)


LATER: dict = {
    "enrolments": "pupil | snapshot_on | school_code | registration | grade | class | known_on\n"
    "ann | 2024-09-01 | s9 | r1 | 9 | 3 | 2024-12-01\neve | 2024-12-01 | s1 | r5 | 7 | 1 | 2024-12-01\n",
    "absences": "pupil | date | absence | session | recorded_on\nann | 2024-11-25 | 旷课 | 全天 | 2024-12-02\n"
    "bo | 2024-12-02 | 旷课 | 全天 | 2024-12-03\n",
    "rolls": "school_code | grade | class | date | expected | present | is_taken\n"
    "s1 | 7 | 1 | 2024-12-02 | 2 | 1 | yes\n",
    "marks": "pupil | term | subject | mark | full_mark | exam_on | known_on\n"
    "ann | 2023学年第二学期 | 语文 | 1 | 100 | 2024-06-20 | 2024-12-05\n",
    "cases": "case | pupil | opened_on | first_absent_on | conclusion | concluded_on | known_on\n"
    "c1 | ann | 2024-11-29 | 2024-11-20 | 辍学 | 2024-12-20 | 2024-11-29\n",
    "changes": "pupil | change | changed_on | accepted_on | reviewed_on | review\n"
    "bo | 休学 | 2024-11-28 | 2024-11-29 | 2024-12-03 | 通过\ncai | 辍学 | 2024-11-01 | 2024-12-04 | - | -\n",
    "aid": "pupil | term | aid | amount_yuan | paid_on\nann | 2023学年第二学期 | 营养餐 | 400 | 2024-12-09\n",
    "low_income": "pupil | hardship | listed_on\nann | 低保 | 2024-12-01\n",
    "care": "pupil | care | listed_on\nann | 孤儿 | 2024-12-01\n",
}  # fmt: skip


def test_rows_known_after_the_day_change_nothing(one_class: Store) -> None:
    before = matrix(one_class, study_groups=True)
    given(one_class.path, **LATER)
    pd.testing.assert_frame_equal(matrix(one_class, study_groups=True), before)
    assert not matrix(one_class, "2024-12-31", study_groups=True).equals(before)


LATE_ABSENCE = st.tuples(st.sampled_from(["ann", "bo", "cai"]), st.integers(0, 59), st.integers(1, 90))
"""Who, how many days before the as-of date, recorded how many days after it."""


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@drawn(late=st.lists(LATE_ABSENCE, max_size=6, unique_by=lambda row: row[:2]))
def test_no_absence_recorded_later_moves_any_feature(
    tmp_path_factory: pytest.TempPathFactory, late: list[tuple[str, int, int]]
) -> None:
    as_of = dt.date(2024, 11, 30)
    store = given(tmp_path_factory.mktemp("store"), terms=TERM, enrolments=CLASS, rolls=ROLLS, absences=ABSENCES)
    before = matrix(store)
    rows = [
        f"{who} | {as_of - dt.timedelta(days=back)} | 旷课 | 全天 | {as_of + dt.timedelta(days=lag)}"
        for who, back, lag in late
    ]
    if rows:
        given(store.path, absences="pupil | date | absence | session | recorded_on\n" + "\n".join(rows))
    pd.testing.assert_frame_equal(matrix(store), before)


def test_every_feature_has_its_words_in_both_languages() -> None:
    for feature in features.TABLE:
        for lang in LANGS:
            assert feature.meaning(lang)
            if feature.sign_from is not None:
                assert feature.action(lang)


def test_no_group_is_a_feature_and_no_sign_names_one() -> None:
    assert not set(features.GROUPS) & set(features.BY_NAME)
    words = " ".join(f.action("zh") + f.meaning("zh") for f in features.TABLE if f.sign_from is not None)
    assert not [
        word for word in ("留守", "随迁", "流动", "残疾", "低收入", "低保", "孤儿", "服刑", "困境") if word in words
    ]


def test_signs_are_notable_facts_in_order_of_what_their_theme_adds() -> None:
    values = pd.DataFrame(
        {
            "unexcused_recent_pct": [10.0, 0.0],
            "longest_run_days": [4.0, 0.0],
            "over_age_years": [1.0, 1.0],
            "moves": [1.0, 0.0],
        },
        index=["a", "b"],
    )
    shares = pd.DataFrame(
        {
            "unexcused_recent_pct": [0.4, 0.9],
            "longest_run_days": [0.5, 0.9],
            "over_age_years": [0.8, 0.1],
            "moves": [-0.1, 0.9],
        },
        index=["a", "b"],
    )
    found = features.signs(values, shares)
    assert found.T["a"].dropna().tolist() == ["longest_run_days", "over_age_years"]
    assert found.T["b"].dropna().tolist() == ["over_age_years"]


def test_a_pupil_without_a_notable_fact_has_no_sign() -> None:
    quiet = pd.DataFrame({"moves": [0.0], "grade": [9.0]}, index=["a"])
    assert features.signs(quiet, quiet + 1).isna().all(axis=None)


def test_a_sign_is_told_in_days_of_the_pupils_own(one_class: Store) -> None:
    values = matrix(one_class)
    reasons = pd.DataFrame({"reason_1": ["unexcused_recent_pct"]}, index=["ann"])
    assert features.told(reasons, values).loc["ann", "reason_1"] == "近20个上课日旷课2天"
    assert features.told(reasons, values, "en").loc["ann", "reason_1"] == "2 unexcused days in the last 20 school days"


def test_a_window_that_is_not_shorter_is_refused() -> None:
    content = features.visits().model_dump() | {"recent_school_days": 60, "long_school_days": 60}
    with pytest.raises(ValueError, match="recent_school_days must be smaller"):
        features.Visits.model_validate(content)
    assert issubclass(PolicyError, ValueError)
