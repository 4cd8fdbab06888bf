"""Who ought to be in school and is: enrolment, completion, disabled children, counted by eye."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from baoxue import rates
from baoxue.codes import Residence
from given import given
from rates_drawn import registry, row, told_from_one

__all__ = ["told_from_one"]

pytestmark = pytest.mark.usefixtures("told_from_one")

FIVE = """
    pupil | snapshot_on | cohort | residence | township_code | schooling | schooling_checked_on
    a     | 2024-09-01  | 2018   | 本籍在本  | 330382001     | 县内就读  | -
    b     | 2024-09-01  | 2017   | 本籍在本  | 330382001     | 县内就读  | -
    c     | 2024-09-01  | 2019   | 本籍在外  | 330382001     | 县外就读  | 2024-08-20
    d     | 2024-09-01  | 2020   | 本籍在外  | 330382001     | 县外就读  | -
    e     | 2024-09-01  | 2020   | 外籍在本  | 330382001     | 县内就读  | -
"""
SCHOOL = registry(("2024-09-01", "a7 e5 b8*"))


def test_net_enrolment_counts_who_is_in_school_here_or_provably_elsewhere(tmp_path: Path) -> None:
    found = rates.net_enrolment_on_households(
        given(tmp_path, enrolments=SCHOOL, households=FIVE).known_by("2024-11-30")
    )
    total = row(found, stage="合计")
    assert (total["population"], total["enrolled_here"], total["enrolled_elsewhere"], total["to_verify"]) == (
        4,
        1,
        1,
        2,
    )
    assert (total["enrolled"], total["rate_pct"]) == (2, 50.0)


def test_age_decides_the_stage_and_a_pupil_on_leave_is_not_in_school(tmp_path: Path) -> None:
    found = rates.net_enrolment_on_households(
        given(tmp_path, enrolments=SCHOOL, households=FIVE).known_by("2024-11-30")
    )
    assert row(found, stage="初中")["population"] == 2
    assert row(found, stage="初中")["enrolled_here"] == 1
    assert row(found, stage="小学")["population"] == 2


def test_residents_are_another_population_than_the_registered(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=SCHOOL, households=FIVE).known_by("2024-11-30")
    found = rates.net_enrolment_on_households(known, [Residence.HERE, Residence.INCOMER])
    assert row(found, stage="合计")["population"] == 3
    assert row(found, stage="小学")["enrolled_here"] == 1


def test_gross_enrolment_takes_pupils_of_every_age_and_may_exceed_a_hundred(tmp_path: Path) -> None:
    many = registry(("2024-09-01", "a7 e5 x7 y8 z9"))
    found = rates.gross_enrolment_on_households(
        given(tmp_path, enrolments=many, households=FIVE).known_by("2024-11-30")
    )
    junior = row(found, stage="初中")
    assert (junior["enrolled"], junior["population"], junior["rate_pct"], junior["capped_pct"]) == (4, 2, 200.0, 100.0)


def test_completion_asks_the_fifteen_year_olds_as_they_stood_on_the_register_at_fourteen(tmp_path: Path) -> None:
    households = """
    pupil | snapshot_on | cohort | residence | township_code
    a     | 2023-09-01  | 2015   | 本籍在本  | 330382001
    b     | 2023-09-01  | 2015   | 本籍在本  | 330382001
    c     | 2023-09-01  | 2015   | 本籍在本  | 330382001
    d     | 2023-09-01  | 2015   | 本籍在本  | 330382001
    e     | 2023-09-01  | 2016   | 本籍在本  | 330382001
    a     | 2024-09-01  | 2015   | 本籍在本  | 330382001
    """
    enrolments = registry(("2023-09-01", "a9 b8 e8"), ("2024-09-01", "b9 e9"))
    store = given(tmp_path, enrolments=enrolments, households=households, admissions="""
        pupil | admission_year | passage | arrival | arrived_on
        c     | 2022           | 小升初  | 已报到  | 2022-09-01
        d     | 2022           | 小升初  | 未报到  | -
        """)  # fmt: skip
    found = row(rates.completion_on_households(store.known_by("2024-11-30")), school_year=2024, stage="小学")
    assert (found["population"], found["completed"], found["rate_pct"]) == (4, 3, 75.0)
    assert found["register_on"] == pd.Timestamp("2023-09-01")


def test_completion_cannot_be_told_of_an_age_no_register_held(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=SCHOOL, households=FIVE).known_by("2024-11-30")
    assert np.isnan(row(rates.completion_on_households(known), stage="初中")["rate_pct"])


def test_disabled_children_are_enrolled_in_class_or_taught_at_home(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=SCHOOL, households=FIVE, disabled="""
        pupil | disability | listed_on  | placement
        a     | 智力残疾   | 2020-01-01 | 随班就读
        b     | 肢体残疾   | 2020-01-01 | 送教上门
        c     | 智力残疾   | 2020-01-01 | 特殊教育学校
        d     | 听力残疾   | 2020-01-01 | 未安置
        z     | 视力残疾   | 2020-01-01 | 随班就读
        e     | 视力残疾   | 2024-10-01 | 随班就读
    """)  # fmt: skip
    found = row(rates.disabled_enrolment_on_list(store.known_by("2024-11-30")), school_year=2024)
    assert (found["population"], found["in_class"], found["taught_at_home"], found["not_placed"]) == (4, 1, 1, 2)
    assert (found["placed_unregistered"], found["age_unknown"], found["rate_pct"]) == (1, 1, 50.0)
