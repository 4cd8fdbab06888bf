"""Group marks: departments' lists and the registry side by side, counted by eye."""

from pathlib import Path
from typing import Any

import pytest

from given import given
from registers_found import found, rows_of

A = "2133000001"
SAYS_NO = f"""
    pupil   | snapshot_on | school_code | status | disability | left_behind | is_orphan | needs_aid
    able    | 2024-11-01  | {A}         | 在读   | 无残疾     | 非留守儿童  | no        | no
    stays   | 2024-11-01  | {A}         | 休学   | 无残疾     | 非留守儿童  | no        | no
    blank   | 2024-11-01  | {A}         | 在读   | -          | -           | -         | -
    marked  | 2024-11-01  | {A}         | 在读   | 肢体残疾   | 单亲留守儿童 | yes      | yes
    closed  | 2024-11-01  | {A}         | 转学   | 无残疾     | 非留守儿童  | no        | no
"""
EVERYONE = ("able", "stays", "blank", "marked", "closed", "absent")


def listed(table: str, **columns: str) -> str:
    head = "pupil | listed_on | " + " | ".join(columns)
    return head + "".join(f"\n{pupil} | 2024-11-05 | " + " | ".join(columns.values()) for pupil in EVERYONE)


@pytest.mark.parametrize(
    ("table", "columns", "words"),
    [
        ("disabled", {"disability": "肢体残疾"}, "残联名单（2024年11月5日发证）"),
        ("care", {"care": "留守儿童"}, "列为留守儿童"),
        ("care", {"care": "孤儿"}, "列为孤儿"),
        ("low_income", {"hardship": "低保"}, "低收入农户名单（2024年11月5日认定）"),
    ],
)
def test_a_listed_child_whom_the_registry_denies_is_a_finding(
    tmp_path: Path, table: str, columns: dict[str, str], words: str
) -> None:
    lists: dict[str, Any] = {table: listed(table, **columns)}
    store = given(tmp_path, enrolments=SAYS_NO, **lists)
    assert found(store, "group_mark_missing") == {"able": "2024-11-05", "stays": "2024-11-05"}
    assert words in rows_of(store, "group_mark_missing")["evidence"][0]


@pytest.mark.parametrize("care", ["事实无人抚养", "困境儿童", "服刑人员未成年子女"])
def test_lists_for_which_the_registry_has_no_mark_deny_nothing(tmp_path: Path, care: str) -> None:
    store = given(tmp_path, enrolments=SAYS_NO, care=listed("care", care=care))
    assert found(store, "group_mark_missing") == {}


def test_who_left_the_list_by_the_day_is_no_longer_on_it(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=SAYS_NO, low_income="""
        pupil | hardship | listed_on  | delisted_on
        able  | 低保     | 2024-11-05 | 2024-11-30
        stays | 低保     | 2024-11-05 | 2024-12-01
        stays | 监测户   | 2024-12-01 | -
    """)  # fmt: skip
    assert found(store, "group_mark_missing") == {"stays": "2024-11-05"}
    assert set(found(store, "group_mark_missing", "2024-11-29")) == {"able", "stays"}
    assert found(store, "group_mark_missing", "2024-12-01") == {"stays": "2024-12-01"}
    assert found(store, "group_mark_missing", "2024-11-04") == {}


def test_a_child_denied_twice_is_one_finding_with_both_reasons_since_the_earlier(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=SAYS_NO, care=listed("care", care="孤儿"), disabled="""
        pupil | listed_on  | disability
        able  | 2024-11-12 | 视力残疾
    """)  # fmt: skip
    assert found(store, "group_mark_missing")["able"] == "2024-11-05"
    words = rows_of(store, "group_mark_missing")["evidence"][0]
    assert "残联名单（2024年11月12日发证）" in words and "列为孤儿" in words and words.endswith("。")


def test_a_mark_that_no_list_supports_is_a_finding_unless_it_is_about_staying_behind(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=f"""
        pupil  | snapshot_on | school_code | status | disability | left_behind  | is_orphan | needs_aid
        lame   | 2024-10-01  | {A}         | 在读   | 无残疾     | 非留守儿童   | no        | no
        lame   | 2024-11-01  | {A}         | 在读   | 肢体残疾   | 非留守儿童   | no        | no
        orphan | 2024-11-01  | {A}         | 在读   | 无残疾     | 非留守儿童   | yes       | no
        alone  | 2024-11-01  | {A}         | 在读   | 无残疾     | 双亲留守儿童 | no        | yes
        proven | 2024-11-01  | {A}         | 在读   | 视力残疾   | 非留守儿童   | no        | no
        gone   | 2024-11-01  | {A}         | 死亡   | 视力残疾   | 非留守儿童   | no        | no
    """, disabled="""
        pupil  | listed_on  | disability
        proven | 2024-11-30 | 视力残疾
        orphan | 2024-01-01 | 视力残疾
    """)  # fmt: skip
    assert found(store, "group_mark_unsupported") == {"lame": "2024-11-01", "orphan": "2024-11-01"}
    assert "proven" in found(store, "group_mark_unsupported", "2024-11-29"), "the certificate is a day away"


def test_a_mark_is_unsupported_since_the_first_snapshot_without_a_list_behind_it(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=f"""
        pupil  | snapshot_on | school_code | is_orphan
        orphan | 2024-09-01  | {A}         | yes
        orphan | 2024-10-01  | {A}         | yes
        orphan | 2024-11-01  | {A}         | yes
    """, care="""
        pupil  | care | listed_on  | delisted_on
        orphan | 孤儿 | 2020-01-01 | 2024-10-01
        orphan | 留守儿童 | 2020-01-01 | -
    """)  # fmt: skip
    assert found(store, "group_mark_unsupported") == {"orphan": "2024-10-01"}
    assert found(store, "group_mark_unsupported", "2024-09-30") == {}


def test_a_mark_is_missing_since_the_listing_even_of_a_child_who_came_to_school_later(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=SAYS_NO, disabled="""
        pupil | listed_on  | disability
        able  | 2018-05-02 | 视力残疾
        able  | 2024-05-02 | 视力残疾
    """)  # fmt: skip
    assert found(store, "group_mark_missing") == {"able": "2018-05-02"}
