"""悬空转学 and 休学: registry and changes side by side, counted by eye."""

from pathlib import Path

import pytest

from given import given
from registers_found import found, rows_of

A, B = "2133000001", "2133000002"
TRANSFERS = f"""
    pupil | change | changed_on | accepted_on | confirmed_on | from_school_code | from_grade | from_class
    open  | 转出   | 2024-10-31 | 2024-11-04  | -            | {A}              | 5          | 02
    fresh | 转出   | 2024-11-01 | 2024-11-04  | -            | {A}              | 5          | 02
    done  | 转出   | 2024-09-10 | 2024-09-11  | 2024-11-30   | {A}              | 5          | 02
    late  | 转出   | 2024-09-10 | 2024-09-11  | 2024-12-01   | {A}              | 5          | 02
    ahead | 转出   | 2024-09-10 | 2024-12-01  | -            | {A}              | 5          | 02
"""


def test_a_transfer_that_no_school_confirmed_within_thirty_days_hangs_in_the_air(tmp_path: Path) -> None:
    store = given(tmp_path, changes=TRANSFERS)
    assert found(store, "transfer_unconfirmed") == {"open": "2024-10-31", "late": "2024-09-10"}
    assert found(store, "transfer_unconfirmed", "2024-11-29") == {"done": "2024-09-10", "late": "2024-09-10"}
    row = rows_of(store, "transfer_unconfirmed").set_index("pupil").loc["open"]
    assert list(row[["school_code", "grade", "class", "checked_by"]]) == [A, 5, "02", "school"]
    assert "2024年10月31日办理转出" in row["evidence"] and "未填报转入学校" in row["evidence"]


def test_the_evidence_of_a_transfer_says_whether_there_is_a_school_to_ask(tmp_path: Path) -> None:
    store = given(tmp_path, changes="""
        pupil | change | changed_on | accepted_on | to_school_name | to_school_code
        named | 转出   | 2024-09-10 | 2024-09-11  | 外省某小学     | -
        coded | 转出   | 2024-09-10 | 2024-09-11  | -              | 2136000001
        blank | 转出   | 2024-09-10 | 2024-09-11  | -              | -
    """)  # fmt: skip
    words = rows_of(store, "transfer_unconfirmed").set_index("pupil")["evidence"]
    assert "请向其核实" in words["named"] and "请向其核实" in words["coded"]
    assert words["blank"].endswith("未填报转入学校。")
    assert not words.str.contains("外省某小学|2136000001").any()


def test_a_child_back_on_the_registry_has_not_vanished(tmp_path: Path) -> None:
    store = given(tmp_path, changes=TRANSFERS, enrolments=f"""
        pupil | snapshot_on | school_code | status
        open  | 2024-11-01  | {B}         | 在读
        late  | 2024-11-01  | {A}         | 转学
    """)  # fmt: skip
    assert found(store, "transfer_unconfirmed") == {"late": "2024-09-10"}


def test_a_registry_snapshot_from_before_the_transfer_brings_nobody_back(tmp_path: Path) -> None:
    store = given(tmp_path, changes=TRANSFERS, enrolments=f"""
        pupil | snapshot_on | school_code | status
        open  | 2024-10-01  | {A}         | 在读
        late  | 2024-10-01  | {A}         | -
    """)  # fmt: skip
    assert found(store, "transfer_unconfirmed") == {"open": "2024-10-31"}


@pytest.mark.parametrize("change", ["死亡", "出国(境)"])
def test_a_death_or_an_emigration_after_an_unconfirmed_transfer_closes_it(tmp_path: Path, change: str) -> None:
    later = f"    open | {change} | 2024-11-20 | 2024-11-20 | - | {A} | 5 | 02\n"
    store = given(tmp_path, changes=TRANSFERS + later)
    assert found(store, "transfer_unconfirmed") == {"late": "2024-09-10"}


def test_only_a_childs_last_transfer_counts(tmp_path: Path) -> None:
    store = given(tmp_path, changes="""
        pupil | change | changed_on | accepted_on | confirmed_on
        twice | 转出   | 2023-09-10 | 2023-09-11  | -
        twice | 转出   | 2024-09-10 | 2024-09-11  | 2024-09-20
        still | 转出   | 2023-09-10 | 2023-09-11  | 2023-09-20
        still | 转出   | 2024-09-10 | 2024-09-11  | -
    """)  # fmt: skip
    assert found(store, "transfer_unconfirmed") == {"still": "2024-09-10"}


SUSPENSIONS = f"""
    pupil  | change | changed_on | accepted_on | suspended_until | review | reviewed_on | from_school_code
    ended  | 休学   | 2024-03-01 | 2024-03-01  | 2024-11-29      | 通过   | 2024-03-05  | {A}
    last   | 休学   | 2024-03-01 | 2024-03-01  | 2024-11-30      | 通过   | 2024-03-05  | {A}
    year   | 休学   | 2023-11-29 | 2023-11-29  | -               | 通过   | 2023-12-05  | {A}
    short  | 休学   | 2023-11-30 | 2023-11-30  | -               | 通过   | 2023-12-05  | {A}
    never  | 休学   | 2023-03-01 | 2023-03-01  | 2024-03-01      | 退回   | 2023-03-05  | {A}
"""


def test_an_approved_suspension_is_over_on_the_day_after_its_end_or_after_a_year(tmp_path: Path) -> None:
    store = given(tmp_path, changes=SUSPENSIONS)
    assert found(store, "suspension_expired") == {"ended": "2024-11-30", "year": "2024-11-30"}
    after = dict.fromkeys(["ended", "year"], "2024-11-30") | dict.fromkeys(["last", "short"], "2024-12-01")
    assert found(store, "suspension_expired", "2024-12-01") == after


def test_a_child_on_the_latest_roster_is_back_and_one_on_an_older_roster_is_not(tmp_path: Path) -> None:
    store = given(tmp_path, changes=SUSPENSIONS, rosters=f"""
        pupil | snapshot_on | school_code | grade | class
        year  | 2024-11-01  | {A}         | 5     | 02
        ended | 2024-11-12  | {A}         | 5     | 02
        other | 2024-11-12  | {B}         | 5     | 02
    """)  # fmt: skip
    assert found(store, "suspension_expired") == {"year": "2024-11-30"}


@pytest.mark.parametrize("change", ["复学", "劝返复学", "转出", "转入", "死亡", "出国(境)"])
def test_a_return_transfer_death_or_emigration_since_closes_a_suspension(tmp_path: Path, change: str) -> None:
    later = f"""    ended | {change} | 2024-09-01 | 2024-09-01 | - | 通过 | 2024-09-05 | {A}
    year | {change} | 2023-09-01 | 2023-09-01 | - | 通过 | 2023-09-05 | {A}
    """
    store = given(tmp_path, changes=SUSPENSIONS + later)
    assert found(store, "suspension_expired") == {"year": "2024-11-30"}, "a return before the suspension is no return"


def test_a_later_approved_suspension_takes_the_place_of_the_one_that_ended(tmp_path: Path) -> None:
    store = given(tmp_path, changes=SUSPENSIONS + f"""
        ended | 休学 | 2024-09-01 | 2024-09-01 | 2025-09-01 | 通过   | 2024-09-05 | {A}
        year  | 休学 | 2024-09-01 | 2024-09-01 | 2025-09-01 | 审核中 | 2024-09-05 | {A}
    """)  # fmt: skip
    assert found(store, "suspension_expired") == {"year": "2024-11-30"}


def test_an_approval_that_comes_later_does_not_count_yet(tmp_path: Path) -> None:
    store = given(tmp_path, changes="""
        pupil | change | changed_on | accepted_on | suspended_until | review | reviewed_on
        slow  | 休学   | 2024-10-25 | 2024-10-31  | 2025-10-25      | 通过   | 2024-12-15
        fresh | 休学   | 2024-10-25 | 2024-11-01  | 2025-10-25      | 审核中 | 2024-11-05
        back  | 休学   | 2024-10-25 | 2024-10-31  | 2025-10-25      | 退回   | 2024-11-05
        fine  | 休学   | 2024-10-25 | 2024-10-31  | 2025-10-25      | 通过   | 2024-11-30
        empty | 休学   | 2024-10-20 | 2024-10-20  | -               | -      | -
    """)  # fmt: skip
    expected = {"slow": "2024-10-25", "back": "2024-10-25", "empty": "2024-10-20"}
    assert found(store, "suspension_unapproved") == expected
    assert set(found(store, "suspension_unapproved", "2024-12-15")) == {"fresh", "back", "empty"}
    words = rows_of(store, "suspension_unapproved").set_index("pupil")["evidence"]
    assert "2024年11月5日审核退回" in words["back"] and "至今未见审核通过" in words["slow"]


def test_an_application_approved_at_the_second_attempt_is_approved(tmp_path: Path) -> None:
    store = given(tmp_path, changes="""
        pupil | change | changed_on | accepted_on | review | reviewed_on
        again | 休学   | 2024-09-01 | 2024-09-02  | 退回   | 2024-09-10
        again | 休学   | 2024-09-20 | 2024-09-20  | 通过   | 2024-09-25
        worse | 休学   | 2023-09-01 | 2023-09-02  | 通过   | 2023-09-10
        worse | 休学   | 2024-09-20 | 2024-09-20  | 退回   | 2024-09-25
    """)  # fmt: skip
    assert found(store, "suspension_unapproved") == {"worse": "2024-09-20"}
