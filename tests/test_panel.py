"""The registry month by month, counted by eye."""

from pathlib import Path

import pandas as pd

from baoxue.panel import on_registry, pupil_months
from baoxue.store import Store
from given import given

REGISTRY = """
    pupil | snapshot_on | school_code | grade | class | registration | status
    p1    | 2024-09-01  | 3133000001  | 7     | 01    | r1           | 在读
    p2    | 2024-09-01  | 2133000001  | 6     | 02    | r2           | -
    p3    | 2024-09-01  | 2133000001  | 6     | 02    | r3           | 休学
    p1    | 2024-11-01  | 3133000001  | 7     | 01    | r1           | 在读
    p2    | 2024-11-01  | 2133000001  | 6     | 01    | r2           | 在读
    p3    | 2024-11-01  | 2133000001  | 6     | 02    | r3           | 在读
"""
TERM = """
    term               | starts_on  | ends_on
    2024学年第一学期   | 2024-09-02 | 2025-01-17
"""


def months(store: Store, as_of: str = "2024-11-30") -> pd.DataFrame:
    frame = pupil_months(store.known_by(as_of)).to_pandas()
    return frame.assign(month=frame["month"].astype("string").str[:7])


def at(frame: pd.DataFrame, pupil: str, month: str) -> dict:
    return frame[(frame["pupil"] == pupil) & (frame["month"] == month)].iloc[0].to_dict()


def test_a_pupil_has_a_row_for_each_month_on_the_registry(tmp_path: Path) -> None:
    frame = months(given(tmp_path, enrolments=REGISTRY))
    assert frame.groupby("pupil")["month"].apply(list).to_dict() == {
        "p1": ["2024-09", "2024-10", "2024-11"],
        "p2": ["2024-09", "2024-10", "2024-11"],
        "p3": ["2024-11"],
    }
    assert set(frame["school_year"]) == {2024}


def test_a_month_takes_the_last_snapshot_before_its_end(tmp_path: Path) -> None:
    frame = months(given(tmp_path, enrolments=REGISTRY))
    assert frame.loc[frame["pupil"] == "p2", "class"].tolist() == ["02", "02", "01"]


def test_a_child_under_two_registrations_is_one_pupil(tmp_path: Path) -> None:
    twice = REGISTRY + "    p1 | 2024-11-01 | 3133000002 | 7 | 03 | r9 | 在读\n"
    known = given(tmp_path, enrolments=twice).known_by("2024-11-30")
    rows = on_registry(known).to_pandas()
    assert rows.loc[rows["pupil"] == "p1", "school_code"].tolist() == ["3133000001", "3133000001"]


def test_a_child_at_two_schools_without_a_registration_is_one_pupil(tmp_path: Path) -> None:
    twice = (
        REGISTRY
        + """    p4 | 2024-11-01 | 3133000002 | 7 | 03 | - | 在读
    p4 | 2024-11-01 | 3133000001 | 7 | 03 | - | 在读
"""
    )
    rows = on_registry(given(tmp_path, enrolments=twice).known_by("2024-11-30")).to_pandas()
    assert rows.loc[rows["pupil"] == "p4", "school_code"].tolist() == ["3133000001"]


def test_a_pupil_who_moved_out_is_there_until_the_month_of_the_change(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY.split("    p1    | 2024-11-01")[0], changes="""
        pupil | change | changed_on | accepted_on | reviewed_on | review
        p1    | 转出   | 2024-10-08 | 2024-10-09  | 2024-10-15  | 通过
        p2    | 转出   | 2024-10-08 | 2024-10-09  | 2024-10-15  | 退回
    """)  # fmt: skip
    frame = months(store)
    assert frame.loc[frame["pupil"] == "p1", "month"].tolist() == ["2024-09", "2024-10"]
    assert frame.loc[frame["pupil"] == "p2", "month"].tolist() == ["2024-09", "2024-10", "2024-11"]


def test_absences_are_summed_in_days_and_a_half_day_counts_half(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, absences="""
        pupil | date       | absence | session
        p1    | 2024-10-08 | 旷课    | 全天
        p1    | 2024-10-09 | 旷课    | 上午
        p1    | 2024-10-10 | 病假    | 全天
        p1    | 2024-10-11 | 迟到    | 上午
        p2    | 2024-11-04 | 事假    | 下午
    """)  # fmt: skip
    frame = months(store)
    october = at(frame, "p1", "2024-10")
    assert (october["unexcused_days"], october["sick_days"], october["late_times"]) == (1.5, 1, 1)
    assert at(frame, "p2", "2024-11")["leave_days"] == 0.5
    assert at(frame, "p1", "2024-09")["unexcused_days"] == 0


def test_a_day_without_a_roll_is_not_a_rolled_day(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, terms=TERM, rolls="""
        school_code | grade | class | date       | expected | present | is_taken
        3133000001  | 7     | 01    | 2024-09-02 | 40       | 40      | yes
        3133000001  | 7     | 01    | 2024-09-03 | 40       | 0       | no
        3133000001  | 7     | 01    | 2024-09-04 | 40       | 39      | yes
    """)  # fmt: skip
    frame = months(store)
    assert at(frame, "p1", "2024-09")["rolled_days"] == 2
    assert at(frame, "p2", "2024-09")["rolled_days"] == 0
    # 2-30 September 2024: 21 weekdays less the two of Mid-Autumn, plus the make-up days of 14 and 29 September
    assert at(frame, "p1", "2024-09")["school_days"] == 21


def test_a_month_that_is_not_over_counts_the_days_so_far(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, terms=TERM)
    assert at(months(store, as_of="2024-09-06"), "p1", "2024-09")["school_days"] == 5


def test_away_and_suspected_are_as_of_the_end_of_the_month(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, cases="""
        case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
        c1   | p1    | 考勤 | 2024-09-25 | 2024-09-20      | 辍学       | 2024-10-20   | 2024-11-11 | 返校复学
        c2   | p2    | 考勤 | 2024-10-28 | 2024-10-21      | -          | -            | -          | -
    """)  # fmt: skip
    first, second = (months(store).query("pupil == @pupil") for pupil in ("p1", "p2"))
    assert first["is_away"].tolist() == [True, True, False]
    assert first["is_suspected"].tolist() == [True, False, False]
    assert second["is_suspected"].tolist() == [False, True, True]
    assert not second["is_away"].any()


def test_what_is_not_known_yet_is_not_in_the_panel(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY)
    assert months(store, "2024-10-15")["month"].max() == "2024-10"
    assert months(store, "2024-08-31").empty
