"""Months of schooling by unit: the same numbers as the panel pupil by pupil, and what a pupil without a unit does."""

from __future__ import annotations

from pathlib import Path

import pytest

from baoxue import rates
from baoxue.panel import pupil_months
from conftest import County
from given import given
from rates_drawn import SCHOOLS, registry, row, told_from_one

__all__ = ["told_from_one"]

ABSENCES = """
    pupil | date       | absence | session
    a     | 2024-10-08 | 旷课    | 全天
    a     | 2024-10-09 | 旷课    | 上午
    a     | 2024-10-10 | 病假    | 全天
    z     | 2024-10-08 | 旷课    | 全天
"""
ROLLS = """
    school_code | grade | class | date       | expected | present | is_taken
    3133000001  | 8     | 01    | 2024-10-08 | 2        | 1       | yes
    3133000001  | 8     | 01    | 2024-10-09 | 2        | 1       | yes
    3133000001  | 8     | 01    | 2024-10-10 | 2        | 1       | no
"""
CHANGES = """
    pupil | change | changed_on | accepted_on | transfer_scope | confirmed_on
    b     | 转出   | 2024-09-20 | 2024-09-20  | 省外           | 2024-09-25
"""
CASES = """
    case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on
    c1   | c     | 考勤 | 2024-10-05 | 2024-09-28      | 辍学       | 2024-11-05
"""


def test_months_are_counted_from_the_snapshot_less_who_moved(tmp_path: Path, told_from_one: None) -> None:
    snapshots = registry(("2024-09-01", "a8 b8 c7"))
    tables = {"absences": ABSENCES, "rolls": ROLLS, "changes": CHANGES, "cases": CASES}
    known = given(tmp_path, schools=SCHOOLS, enrolments=snapshots, **tables).known_by("2024-11-30")
    told = rates.attendance_by_month(known, "grade")
    assert row(told, month="2024-09", grade="8")["pupils"] == 2
    october = row(told, month="2024-10", grade="8")
    assert [october[n] for n in ("pupils", "pupil_days", "unexcused_days", "unexcused_per_1000")] == [1, 2, 1.5, 750]
    assert [row(told, month="2024-10", grade="7")[n] for n in ("suspected", "away", "pupil_days")] == [1, 1, 0]
    assert row(told, month="2024-11", grade="合计")["suspected"] == 0


@pytest.mark.parametrize("unit", ["stage", "school_code"])
def test_a_county_has_the_same_months_as_its_panel(county: County, unit: str) -> None:
    known = county.store.known_by("2024-11-30")
    panel = pupil_months(known).to_pandas()
    expected = panel.groupby(["month", unit]).agg(
        pupils=("pupil", "size"), pupil_days=("rolled_days", "sum"), unexcused_days=("unexcused_days", "sum"),
        suspected=("is_suspected", "sum"), away=("is_away", "sum"),
    )  # fmt: skip
    told = rates.attendance_by_month(known, unit)
    told = told[told[unit] != "合计"].set_index(["month", unit])[list(expected)]
    expected.index = expected.index.set_levels(expected.index.levels[0].strftime("%Y-%m"), level=0)
    assert (told.sort_index() == expected.sort_index()).all(axis=None) and len(told) == len(expected)
