"""一人多籍 and 一籍多人: the registry beside itself, counted by eye."""

from pathlib import Path

from given import given
from registers_found import found, rows_of

A, B = "2133000001", "2133000002"
REGISTRY = f"""
    pupil  | snapshot_on | school_code | registration | has_id | status
    one    | 2024-11-01  | {A}         | r1           | yes    | 在读
    two    | 2024-11-01  | {A}         | r2           | yes    | 在读
    two    | 2024-11-01  | {A}         | r3           | yes    | 在读
    both   | 2024-11-01  | {A}         | r4           | yes    | 在读
    both   | 2024-11-01  | {B}         | r4           | yes    | 休学
"""


def test_one_child_under_two_numbers_or_at_two_schools_is_one_finding(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY)
    assert found(store, "duplicate_registry") == {"two": "2024-11-01", "both": "2024-11-01"}
    assert found(store, "shared_registry_number") == {}
    words = rows_of(store, "duplicate_registry").set_index("pupil")["evidence"]
    assert "对应1个学籍号、在籍学校2所" in words["both"] and "对应2个学籍号、在籍学校1所" in words["two"]


def test_an_entry_closed_by_a_transfer_keeps_no_child_at_a_second_school(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=f"""
        pupil | snapshot_on | school_code | registration | has_id | status
        moved | 2024-11-01  | {A}         | r1           | yes    | 转学
        moved | 2024-11-01  | {B}         | r1           | yes    | 在读
        up    | 2024-11-01  | {A}         | r2           | yes    | 毕业
        up    | 2024-11-01  | {B}         | r2           | yes    | -
        again | 2024-11-01  | {A}         | r3           | yes    | 转学
        again | 2024-11-01  | {B}         | r4           | yes    | 在读
    """)  # fmt: skip
    assert set(found(store, "duplicate_registry")) == {"again"}, "two numbers are two, a number is for life"


def test_a_child_without_an_id_number_is_no_duplicate_and_shares_with_nobody(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=f"""
        pupil | snapshot_on | school_code | registration | has_id | status
        none  | 2024-11-01  | {A}         | r1           | no     | 在读
        none  | 2024-11-01  | {B}         | r1           | no     | 在读
        kept  | 2024-11-01  | {A}         | r2           | yes    | 在读
        lack  | 2024-11-01  | {A}         | r2           | no     | 在读
    """)  # fmt: skip
    assert found(store, "duplicate_registry") == {}
    assert found(store, "shared_registry_number") == {}


def test_two_children_on_one_number_are_two_findings(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=f"""
        pupil | snapshot_on | school_code | registration | has_id | status
        ann   | 2024-11-01  | {A}         | r1           | yes    | 在读
        ben   | 2024-11-01  | {B}         | r1           | yes    | 转学
        cid   | 2024-11-01  | {A}         | r2           | yes    | 在读
        dan   | 2024-11-01  | {A}         | -            | yes    | 在读
        eve   | 2024-11-01  | {A}         | -            | yes    | 在读
    """)  # fmt: skip
    assert found(store, "shared_registry_number") == {"ann": "2024-11-01", "ben": "2024-11-01"}
    rows = rows_of(store, "shared_registry_number")
    assert rows["school_code"].tolist() == [A, B] and set(rows["checked_by"]) == {"bureau"}
    assert "对应2个身份证件号" in rows["evidence"][0]


def test_it_is_open_since_the_first_snapshot_with_it_and_over_when_the_latest_is_without(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=f"""
        pupil | snapshot_on | school_code | registration | has_id
        two   | 2024-09-01  | {A}         | r1           | yes
        ann   | 2024-09-01  | {A}         | r5           | yes
        ben   | 2024-09-01  | {B}         | r5           | yes
        two   | 2024-10-01  | {A}         | r1           | yes
        two   | 2024-10-01  | {B}         | r2           | yes
        ann   | 2024-10-01  | {A}         | r5           | yes
        ben   | 2024-10-01  | {B}         | r6           | yes
        two   | 2024-11-01  | {A}         | r1           | yes
        two   | 2024-11-01  | {B}         | r2           | yes
        ann   | 2024-11-01  | {A}         | r5           | yes
        ben   | 2024-11-01  | {B}         | r5           | yes
        cid   | 2024-11-01  | {B}         | r5           | yes
    """)  # fmt: skip
    assert found(store, "duplicate_registry") == {"two": "2024-10-01"}
    first = {"ann": "2024-09-01", "ben": "2024-09-01", "cid": "2024-11-01"}
    assert found(store, "shared_registry_number") == first
    assert found(store, "shared_registry_number", "2024-10-31") == {}
    assert found(store, "duplicate_registry", "2024-09-30") == {}
