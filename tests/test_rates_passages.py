"""The passages, counted by eye: every child who had to pass is somewhere, known or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from baoxue import rates
from baoxue.store import Known
from given import given
from rates_drawn import registry, told_from_one

__all__ = ["told_from_one"]

pytestmark = pytest.mark.usefixtures("told_from_one")

ADMISSIONS = """
    admission_year | passage | pupil | arrival | arrived_on | whereabouts | whereabouts_checked_on
    2024           | 小升初  | a     | 已报到  | 2024-09-01 | 县内就读    | 2024-09-05
    2024           | 小升初  | b     | 未报到  | 2024-09-01 | 省外就读    | 2024-09-10
    2024           | 小升初  | c     | 未报到  | 2024-09-01 | 不详        | 2024-09-10
    2024           | 小升初  | x     | 已报到  | 2024-09-01 | 县内就读    | 2024-09-05
    2024           | 小升初  | y     | 已报到  | 2024-09-01 | 县内就读    | 2024-09-05
    2024           | 幼升小  | m     | 未报到  | 2024-09-01 | 缓学        | 2024-08-20
"""
HOUSEHOLDS = """
    pupil | snapshot_on | residence | township_code | cohort | schooling | schooling_checked_on
    m     | 2024-09-20  | 本籍在本  | 330382001     | 2024   | 未就读    | 2024-08-20
    n     | 2024-09-20  | 本籍在本  | 330382001     | 2024   | 不详      | -
    o     | 2024-09-20  | 本籍在外  | 330382001     | 2024   | 不详      | -
    p     | 2024-09-20  | 外籍在本  | 330382001     | 2024   | 县外就读  | 2024-08-20
    q     | 2024-09-20  | 本籍在本  | 330382001     | 2023   | 县内就读  | 2024-08-20
"""
CHANGES = """
    pupil | change | changed_on | accepted_on | transfer_scope | confirmed_on
    e     | 转出   | 2024-09-10 | 2024-09-10  | 省内           | 2024-09-20
    y     | 转出   | 2024-09-10 | 2024-09-10  | 省外           | -
"""


@pytest.fixture
def known(tmp_path: Path) -> Known:
    snapshots = registry(("2023-09-01", "a6 b6 c6 d6 e6 z5"), ("2024-09-28", "a7 x7 z6 d7*"))
    tables = {"admissions": ADMISSIONS, "households": HOUSEHOLDS, "changes": CHANGES}
    return given(tmp_path, enrolments=snapshots, **tables).known_by("2024-11-30")


def told(known: Known, passage: str) -> dict[tuple[str, str], int]:
    flows = rates.passage_flows(known)
    flows = flows[(flows["passage"] == passage) & (flows["admission_year"] == 2024)]
    return {(row.origin, row.destination): row.pupils for row in flows.itertuples()}


def test_every_sixth_grader_and_every_newcomer_is_somewhere(known: Known) -> None:
    assert told(known, "小升初") == {
        ("本县六年级", "县内就读"): 1,
        ("本县六年级", "省内就读"): 1,
        ("本县六年级", "省外就读"): 1,
        ("本县六年级", "休学"): 1,
        ("本县六年级", "去向不明"): 1,
        ("只在招生名单", "县内就读"): 1,
        ("只在招生名单", "去向待核实"): 1,
    }


def test_children_of_age_who_live_here_are_looked_for_and_others_are_not(known: Known) -> None:
    """o lives elsewhere, q is of another age."""
    assert told(known, "幼升小") == {
        ("户籍名册适龄", "缓学"): 1,
        ("户籍名册适龄", "去向不明"): 1,
        ("户籍名册适龄", "县外就读"): 1,
    }


def test_a_transfer_that_nobody_confirmed_is_not_known(known: Known) -> None:
    flows = rates.passage_flows(known)
    assert set(flows[~flows["is_known"]]["destination"]) == {"去向待核实", "去向不明"}


def test_the_balance_adds_up_to_everybody(known: Known) -> None:
    balance = rates.passage_balance(rates.passage_flows(known)).set_index(["admission_year", "passage"])
    assert balance.loc[(2024, "小升初")].tolist() == [7, 2, 2, 1, 2]
    assert balance.loc[(2024, "幼升小")].tolist() == [3, 0, 1, 1, 1]
