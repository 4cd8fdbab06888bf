"""名在人不在 and 在校无籍: registry, rosters, rolls and absences side by side, counted by eye."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from given import given
from registers_found import found, rows_of

A, B = "2133000001", "2133000002"
REGISTRY = f"""
    pupil | snapshot_on | school_code | grade | class | status | registration
    here  | 2024-11-01  | {A}         | 3     | 01    | 在读   | r1
    off   | 2024-11-01  | {A}         | 3     | 01    | -      | r2
    ill   | 2024-11-01  | {A}         | 3     | 01    | 休学   | r3
    far   | 2024-11-01  | {B}         | 3     | 01    | 在读   | r4
"""
ROSTER = f"""
    pupil | snapshot_on | school_code | grade | class
    here  | 2024-11-11  | {A}         | 3     | 01
"""


def test_a_child_on_the_registry_and_not_on_the_roster_is_a_finding_since_the_roster(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, rosters=ROSTER)
    assert found(store, "on_roll_not_in_class") == {"off": "2024-11-11"}
    row = rows_of(store, "on_roll_not_in_class").iloc[0]
    assert [row["school_code"], row["grade"], row["class"], row["checked_by"]] == [A, 3, "01", "school"]
    assert "2024年11月11日班级花名册" in row["evidence"] and "旷课" not in row["evidence"]


def test_a_roster_older_than_the_registry_snapshot_says_nothing(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, rosters=ROSTER.replace("2024-11-11", "2024-10-31"))
    assert found(store, "on_roll_not_in_class") == {}


def test_a_roster_of_the_very_day_of_the_snapshot_counts(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, rosters=ROSTER.replace("2024-11-11", "2024-11-01"))
    assert found(store, "on_roll_not_in_class") == {"off": "2024-11-01"}


def test_only_the_latest_roster_of_the_childs_own_school_counts(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, rosters=f"""
        pupil | snapshot_on | school_code | grade | class
        off   | 2024-11-04  | {A}         | 3     | 01
        far   | 2024-11-11  | {A}         | 3     | 01
        here  | 2024-11-11  | {A}         | 3     | 01
        off   | 2024-11-12  | {B}         | 3     | 01
    """)  # fmt: skip
    assert found(store, "on_roll_not_in_class", "2024-11-10") == {"here": "2024-11-04"}
    assert found(store, "on_roll_not_in_class", "2024-11-11") == {"off": "2024-11-11"}
    assert found(store, "on_roll_not_in_class") == {"off": "2024-11-11", "far": "2024-11-12"}
    words = rows_of(store, "on_roll_not_in_class").set_index("pupil")["evidence"]
    assert "另一所学校2024年11月12日的班级花名册" in words["off"] and "2024年11月11日的班级花名册" in words["far"]


def test_a_roster_row_about_nobody_matches_nobody(tmp_path: Path) -> None:
    nameless = ROSTER + f"    - | 2024-11-11 | {A} | 3 | 01\n"
    store = given(tmp_path, enrolments=REGISTRY, rosters=nameless)
    assert found(store, "on_roll_not_in_class") == {"off": "2024-11-11"}
    assert found(store, "in_class_not_on_roll") == {}


@pytest.mark.parametrize("change", ["转出", "辍学", "死亡", "出国(境)", "毕业"])
def test_a_change_out_accounts_for_a_child_off_the_roster(tmp_path: Path, change: str) -> None:
    store = given(tmp_path, enrolments=REGISTRY, rosters=ROSTER, changes=f"""
        pupil | change   | changed_on | accepted_on | from_school_code
        off   | {change} | 2024-11-05 | 2024-11-06  | {A}
    """)  # fmt: skip
    assert found(store, "on_roll_not_in_class") == {}


def test_a_change_out_of_another_school_or_one_followed_by_a_return_does_not(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, rosters=f"{ROSTER}    here | 2024-11-12 | {B} | 3 | 01\n", changes=f"""
        pupil | change   | changed_on | accepted_on | from_school_code
        off   | 辍学     | 2024-10-05 | 2024-10-06  | {A}
        off   | 劝返复学 | 2024-10-20 | 2024-10-20  | {A}
        far   | 转出     | 2024-10-05 | 2024-10-06  | {A}
        far   | 转入     | 2024-10-05 | 2024-10-06  | -
    """)  # fmt: skip
    assert found(store, "on_roll_not_in_class") == {"off": "2024-11-11", "far": "2024-11-12"}


def test_a_change_out_that_was_sent_back_has_changed_nothing(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, rosters=ROSTER, changes=f"""
        pupil | change | changed_on | accepted_on | review | reviewed_on | from_school_code
        off   | 转出   | 2024-11-05 | 2024-11-06  | 退回   | 2024-11-08  | {A}
    """)  # fmt: skip
    assert found(store, "on_roll_not_in_class") == {"off": "2024-11-11"}


def test_an_approved_suspension_over_the_date_accounts_for_a_child_and_nothing_less_does(tmp_path: Path) -> None:
    registry = f"""
        pupil   | snapshot_on | school_code | grade | class
        over    | 2024-11-01  | {A}         | 3     | 01
        year    | 2024-11-01  | {A}         | 3     | 01
        ended   | 2024-11-01  | {A}         | 3     | 01
        pending | 2024-11-01  | {A}         | 3     | 01
        resumed | 2024-11-01  | {A}         | 3     | 01
    """
    store = given(tmp_path, enrolments=registry, rosters=ROSTER, changes="""
        pupil   | change | changed_on | accepted_on | suspended_until | review | reviewed_on
        over    | 休学   | 2024-03-01 | 2024-03-01  | 2024-11-30      | 通过   | 2024-03-05
        year    | 休学   | 2023-11-30 | 2023-11-30  | -               | 通过   | 2023-12-05
        ended   | 休学   | 2024-03-01 | 2024-03-01  | 2024-11-29      | 通过   | 2024-03-05
        pending | 休学   | 2024-11-01 | 2024-11-01  | 2025-11-01      | 审核中 | 2024-11-05
        resumed | 休学   | 2024-03-01 | 2024-03-01  | 2025-03-01      | 通过   | 2024-03-05
        resumed | 复学   | 2024-09-01 | 2024-09-01  | -               | 通过   | 2024-09-05
    """)  # fmt: skip
    assert set(found(store, "on_roll_not_in_class")) == {"ended", "pending", "resumed"}


def rolls(days: list[str], school: str = A, *, grade: int = 3, taken: str = "yes") -> str:
    return "".join(f"\n{school} | {grade} | 01 | {day} | 2 | 1 | {taken}" for day in days)


ROLL_HEAD = "school_code | grade | class | date | expected | present | is_taken"
CUT_HEAD = "pupil | date | absence | session"
WEEK = ["2024-11-25", "2024-11-26", "2024-11-27", "2024-11-28"]


def cuts(pupil: str, days: list[str], absence: str = "旷课", session: str = "全天") -> str:
    return "".join(f"\n{pupil} | {day} | {absence} | {session}" for day in days)


def test_a_child_who_cut_each_of_the_last_days_with_a_roll_is_a_finding_since_the_first(tmp_path: Path) -> None:
    away = cuts("off", WEEK[1:]) + cuts("here", WEEK[1:3])
    store = given(tmp_path, enrolments=REGISTRY, rolls=ROLL_HEAD + rolls(WEEK), absences=CUT_HEAD + away)
    assert found(store, "on_roll_not_in_class", absent_school_days=3) == {"off": "2024-11-26"}
    assert found(store, "on_roll_not_in_class", absent_school_days=4) == {}
    words = rows_of(store, "on_roll_not_in_class", absent_school_days=3)["evidence"][0]
    assert "自2024年11月26日起" in words and "3个上课日" in words and "花名册" not in words


def test_the_run_reaches_back_over_days_without_a_roll_and_past_the_days_the_rule_needs(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, absences=CUT_HEAD + cuts("off", ["2024-11-22", *WEEK[:2], WEEK[3]]),
                  rolls=ROLL_HEAD + rolls(["2024-11-21", "2024-11-22", *WEEK[:2], WEEK[3]])
                  + rolls([WEEK[2]], taken="no"))  # fmt: skip
    assert found(store, "on_roll_not_in_class", absent_school_days=3) == {"off": "2024-11-22"}


@pytest.mark.parametrize("last_day", [("病假", "全天"), ("事假", "全天"), ("旷课", "上午"), ("迟到", "全天")])
def test_leave_lateness_or_half_a_day_breaks_the_run(tmp_path: Path, last_day: tuple[str, str]) -> None:
    days = cuts("off", WEEK[:3]) + cuts("off", WEEK[3:], *last_day)
    store = given(tmp_path, enrolments=REGISTRY, rolls=ROLL_HEAD + rolls(WEEK), absences=CUT_HEAD + days)
    assert found(store, "on_roll_not_in_class", absent_school_days=3) == {}
    assert found(store, "on_roll_not_in_class", "2024-11-28", absent_school_days=3) == {"off": "2024-11-25"}


def test_both_halves_of_a_day_are_the_whole_day(tmp_path: Path) -> None:
    days = cuts("off", WEEK, session="上午") + cuts("off", WEEK, session="下午")
    store = given(tmp_path, enrolments=REGISTRY, rolls=ROLL_HEAD + rolls(WEEK), absences=CUT_HEAD + days)
    assert found(store, "on_roll_not_in_class", absent_school_days=4) == {"off": "2024-11-25"}


def test_the_day_itself_does_not_clear_a_child_whose_absence_is_written_down_tomorrow(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, rolls=ROLL_HEAD + rolls(WEEK), absences=CUT_HEAD + cuts("off", WEEK))
    assert found(store, "on_roll_not_in_class", "2024-11-28", absent_school_days=3) == {"off": "2024-11-25"}
    assert found(store, "on_roll_not_in_class", "2024-11-28", absent_school_days=4) == {}
    assert found(store, "on_roll_not_in_class", "2024-11-29", absent_school_days=4) == {"off": "2024-11-25"}


def test_by_the_countys_rule_it_takes_twenty_days(tmp_path: Path) -> None:
    days = [day.date().isoformat() for day in pd.bdate_range("2024-11-01", "2024-11-29")]
    assert len(days) == 21
    store = given(tmp_path, enrolments=REGISTRY, rolls=ROLL_HEAD + rolls(days), absences=CUT_HEAD
                  + cuts("off", days[1:]) + cuts("here", days[2:]))  # fmt: skip
    assert found(store, "on_roll_not_in_class") == {"off": days[1]}


def test_after_the_summer_the_rolls_of_the_class_a_child_left_do_not_count(tmp_path: Path) -> None:
    registry = f"""
        pupil | snapshot_on | school_code | grade | class | registration
        off   | 2024-06-01  | {A}         | 2     | 01    | r2
        off   | 2024-09-01  | {A}         | 3     | 01    | r2
    """
    june, autumn = ["2024-06-27", "2024-06-28"], ["2024-09-02", "2024-09-03"]
    store = given(tmp_path, enrolments=registry, rolls=ROLL_HEAD + rolls([*june, *autumn], grade=2)
                  + rolls(["2024-06-27", *autumn]), absences=CUT_HEAD + cuts("off", [*june, *autumn]))  # fmt: skip
    assert found(store, "on_roll_not_in_class", absent_school_days=4) == {"off": "2024-06-27"}
    assert found(store, "on_roll_not_in_class", absent_school_days=5) == {}


def test_the_first_snapshot_of_a_school_year_speaks_for_its_first_days_too(tmp_path: Path) -> None:
    registry = f"""
        pupil | snapshot_on | school_code | grade | class | registration
        off   | 2024-06-01  | {B}         | 6     | 01    | r2
        off   | 2024-09-30  | {A}         | 7     | 01    | r2
    """
    days = ["2024-09-02", "2024-09-03", "2024-09-04", "2024-10-08"]
    store = given(tmp_path, enrolments=registry, rolls=ROLL_HEAD + rolls(days, grade=7),
                  absences=CUT_HEAD + cuts("off", days[1:]))  # fmt: skip
    assert found(store, "on_roll_not_in_class", absent_school_days=3) == {"off": "2024-09-03"}


def test_off_the_roster_and_absent_is_since_the_first_day_missed(tmp_path: Path) -> None:
    days = [(dt.date(2024, 11, 6) + dt.timedelta(days=n)).isoformat() for n in range(3)]
    store = given(tmp_path, enrolments=REGISTRY, rosters=ROSTER, rolls=ROLL_HEAD + rolls(days),
                  absences=CUT_HEAD + cuts("off", days[1:]))  # fmt: skip
    assert found(store, "on_roll_not_in_class") == {"off": "2024-11-07"}
    words = rows_of(store, "on_roll_not_in_class")["evidence"][0]
    assert "花名册" in words and "自2024年11月7日起" in words


def test_a_child_on_the_roster_and_on_no_registry_is_a_finding_in_any_state(tmp_path: Path) -> None:
    roster = ROSTER + "".join(f"    {who} | 2024-11-11 | {A} | 4 | 02\n" for who in ("ill", "far", "new"))
    store = given(tmp_path, enrolments=REGISTRY, rosters=roster)
    assert found(store, "in_class_not_on_roll") == {"new": "2024-11-11"}, "休学 and another school are on the registry"
    row = rows_of(store, "in_class_not_on_roll").iloc[0]
    assert [row["school_code"], row["grade"], row["class"]] == [A, 4, "02"]


def test_last_years_roster_and_a_county_without_a_registry_give_no_such_finding(tmp_path: Path) -> None:
    old = given(tmp_path / "old", enrolments=REGISTRY, rosters=f"""
        pupil | snapshot_on | school_code | grade | class
        left  | 2024-06-20  | {A}         | 9     | 01
        new   | 2024-09-01  | {B}         | 7     | 01
    """)  # fmt: skip
    assert found(old, "in_class_not_on_roll") == {"new": "2024-09-01"}
    assert found(given(tmp_path / "none", rosters=ROSTER), "in_class_not_on_roll") == {}
