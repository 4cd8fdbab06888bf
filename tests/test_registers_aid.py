"""应助未助 and aid that was not due: departments' lists and payments side by side, counted by eye."""

from pathlib import Path
from typing import Any

import pytest

from given import given
from registers_found import found, rows_of

A = "2133000001"
TERMS = """
    term             | starts_on  | ends_on
    2023学年第二学期 | 2024-02-26 | 2024-06-30
    2024学年第一学期 | 2024-09-02 | 2025-01-17
"""
REGISTRY = f"""
    pupil | snapshot_on | school_code | grade | boarding | status
    sleep | 2024-02-01  | {A}         | 5     | 住校     | 在读
    walks | 2024-02-01  | {A}         | 5     | 走读     | -
    blank | 2024-02-01  | {A}         | 5     | -        | 在读
    ill   | 2024-02-01  | {A}         | 5     | 走读     | 休学
    rich  | 2024-02-01  | {A}         | 5     | 走读     | 在读
"""
POOR = "pupil | hardship | listed_on" + "".join(
    f"\n{pupil} | 低保 | 2024-02-26" for pupil in ("sleep", "walks", "blank", "ill")
)


def test_a_listed_child_on_the_registry_without_the_payment_due_is_unpaid(tmp_path: Path) -> None:
    store = given(tmp_path, terms=TERMS, enrolments=REGISTRY, low_income=POOR)
    assert found(store, "aid_missing") == {"sleep": "2024-02-26", "walks": "2024-02-26"}
    words = rows_of(store, "aid_missing")["evidence"]
    assert "寄宿生生活补助" in words[0] and "营养餐" in words[1]


def test_boarders_are_due_the_living_allowance_and_day_pupils_the_meals_in_that_term(tmp_path: Path) -> None:
    store = given(tmp_path, terms=TERMS, enrolments=REGISTRY, low_income=POOR, aid="""
        pupil | term             | aid            | amount_yuan | paid_on
        sleep | 2023学年第二学期 | 营养餐         | 500         | 2024-05-10
        walks | 2023学年第二学期 | 营养餐         | 500         | 2024-11-30
        walks | 2023学年第二学期 | 寄宿生生活补助 | 500         | 2024-05-10
    """)  # fmt: skip
    assert set(found(store, "aid_missing")) == {"sleep"}
    assert set(found(store, "aid_missing", "2024-11-29")) == {"sleep", "walks"}, "paid, but not known yet"


def test_a_payment_of_another_term_or_of_nothing_is_no_payment(tmp_path: Path) -> None:
    store = given(tmp_path, terms=TERMS, enrolments=REGISTRY, low_income=POOR, aid="""
        pupil | term             | aid            | amount_yuan | paid_on
        sleep | 2024学年第一学期 | 寄宿生生活补助 | 500         | 2024-10-10
        walks | 2023学年第二学期 | 营养餐         | 0           | 2024-05-10
    """)  # fmt: skip
    assert set(found(store, "aid_missing")) == {"sleep", "walks"}


def test_who_was_listed_later_or_had_left_the_list_by_the_first_day_is_not_due(tmp_path: Path) -> None:
    store = given(tmp_path, terms=TERMS, enrolments=REGISTRY, low_income="""
        pupil | hardship | listed_on  | delisted_on
        sleep | 低保     | 2024-02-27 | -
        walks | 低保     | 2020-01-01 | 2024-02-26
        rich  | 监测户   | 2020-01-01 | 2024-02-27
    """)  # fmt: skip
    assert found(store, "aid_missing") == {"rich": "2024-02-26"}


def test_a_term_is_completed_on_its_last_day(tmp_path: Path) -> None:
    registry = REGISTRY + f"    sleep | 2024-09-01 | {A} | 6 | 走读 | 在读\n"
    store = given(tmp_path, terms=TERMS, enrolments=registry, low_income=POOR)
    assert found(store, "aid_missing", "2024-06-29") == {}
    assert set(found(store, "aid_missing", "2024-06-30").values()) == {"2024-02-26"}
    assert set(found(store, "aid_missing", "2025-01-16").values()) == {"2024-02-26"}
    assert found(store, "aid_missing", "2025-01-17") == {"sleep": "2024-09-02"}


PAID = "pupil | term | aid | amount_yuan | paid_on" + "".join(
    f"\n{pupil} | 2023学年第二学期 | {aid} | 625.5 | 2024-05-10"
    for pupil, aid in {"sleep": "寄宿生生活补助", "walks": "营养餐", "rich": "免杂费", "ill": "免教科书费"}.items()
)


def test_living_aid_without_any_list_is_not_due_and_free_fees_are_everyones(tmp_path: Path) -> None:
    store = given(tmp_path, terms=TERMS, enrolments=REGISTRY, aid=PAID)
    assert found(store, "aid_unentitled") == {"sleep": "2024-02-26", "walks": "2024-02-26"}
    rows = rows_of(store, "aid_unentitled")
    assert "寄宿生生活补助625.5元" in rows["evidence"][0] and "营养餐补助625.5元" in rows["evidence"][1]
    assert set(rows["school_code"]) == {A} and set(rows["grade"]) == {5}


@pytest.mark.parametrize(
    ("table", "extra", "entitles"),
    [
        ("low_income", "hardship | 其他低收入农户", True),
        ("disabled", "disability | 听力残疾", True),
        ("care", "care | 孤儿", True),
        ("care", "care | 事实无人抚养", True),
        ("care", "care | 留守儿童", False),
        ("care", "care | 困境儿童", False),
    ],
)
def test_a_list_entitles_on_any_day_of_the_term(tmp_path: Path, table: str, extra: str, entitles: bool) -> None:
    column, value = extra.split(" | ")
    drawn = f"pupil | listed_on | {column}\nsleep | 2024-06-30 | {value}\nwalks | 2024-07-01 | {value}"
    lists: dict[str, Any] = {table: drawn}
    store = given(tmp_path, terms=TERMS, enrolments=REGISTRY, aid=PAID, **lists)
    assert set(found(store, "aid_unentitled")) == ({"walks"} if entitles else {"sleep", "walks"})


def test_who_left_the_list_on_the_first_day_was_on_it_on_no_day(tmp_path: Path) -> None:
    store = given(tmp_path, terms=TERMS, enrolments=REGISTRY, aid=PAID, low_income="""
        pupil | hardship | listed_on  | delisted_on
        sleep | 低保     | 2020-01-01 | 2024-02-26
        walks | 低保     | 2020-01-01 | 2024-02-27
    """)  # fmt: skip
    assert set(found(store, "aid_unentitled")) == {"sleep"}


def test_a_child_paid_and_never_registered_is_found_without_a_school(tmp_path: Path) -> None:
    store = given(tmp_path, terms=TERMS, aid=PAID)
    assert set(found(store, "aid_unentitled")) == {"sleep", "walks"}
    assert rows_of(store, "aid_unentitled")["school_code"].isna().all()


def test_the_registry_of_a_term_is_its_first_snapshot_not_the_one_from_before_the_summer(tmp_path: Path) -> None:
    store = given(tmp_path, terms=TERMS, enrolments=REGISTRY + f"""
        new   | 2024-09-30 | {A} | 1 | 走读 | 在读
        walks | 2024-09-30 | {A} | 6 | 住校 | 在读
        sleep | 2024-12-31 | {A} | 6 | 住校 | 在读
    """, low_income=POOR + "\nnew | 低保 | 2024-02-26")  # fmt: skip
    assert set(found(store, "aid_missing", "2024-11-30")) == {"sleep", "walks"}
    assert found(store, "aid_missing", "2025-01-17") == {"new": "2024-09-02", "walks": "2024-09-02"}
    assert "寄宿生生活补助" in rows_of(store, "aid_missing", "2025-01-17")["evidence"][1]
