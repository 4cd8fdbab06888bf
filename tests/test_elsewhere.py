"""Published series through our functions: read as they are written, and replaced by our county where missing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from baoxue.briefs import elsewhere as study
from given import given, handed_in
from rates_drawn import SCHOOLS, registry, told_from_one

__all__ = ["told_from_one"]

pytestmark = pytest.mark.usefixtures("told_from_one")

COLOMBIA = """
    AÑO | CÓDIGO_DEPARTAMENTO | DEPARTAMENTO | POBLACIÓN_5_16 | TASA_MATRICULACIÓN_5_16 | DESERCIÓN
    2022 | 5 | A | 10,000 | 90% | 4%
    2023 | 5 | A | 10,000 | 90% | 2%
    2024 | 5 | A | 10,000 | 100% | 3%
    2022 | 8 | B | 1000 | 100% | 5%
    2023 | 8 | B | 1000 | 100% | 5%
    2024 | 8 | B | 1000 | 100% | 5%
"""
DOMINICAN = """
    regional_distrito | año_lectivo | abandono_primario | abandono_secundario | tipo
    A | 2021-2022 | 1.0 | 5.0 | distrito
    B | 2021-2022 | 3.0 | 6.0 | distrito
    A | 2022-2023 | 2.0 | 7.0 | distrito
    B | 2022-2023 | 4.0 | 5.5 | distrito
    X | 2022-2023 | 9.0 | 9.0 | regional
"""


@pytest.fixture
def bare(tmp_path: Path) -> study.Elsewhere:
    snapshots = registry(("2022-09-01", "a7 b7 c6"), ("2023-09-01", "a8 b8 c7"), ("2024-09-01", "a9 b9 c8"))
    known = given(tmp_path / "store", schools=SCHOOLS, enrolments=snapshots).known_by("2024-11-30")
    return study.Elsewhere(tmp_path / "nowhere", known)


def test_a_folder_that_is_not_there_is_said_and_our_county_is_shown(bare: study.Elsewhere) -> None:
    assert study.sources(bare).count("没有找到") == 4
    areas = study.areas(bare)
    assert set(areas["unit"]) == {"330382001", "330382101"}
    assert study.against_the_whole(areas, 2023)["population"].sum() == 3
    assert len(study.taken_apart(areas, 2023)) == 1
    assert study.one_county(bare)["population"].tolist() == [3, 3]
    assert study.districts(bare)["units"].max() == 2
    assert study.nation(bare).empty
    assert "0次推算" in study.back_test_told(study.back_tested(areas))


def test_percentages_and_thousands_become_counts(bare: study.Elsewhere) -> None:
    handed_in(bare.folder, {study.COLOMBIA: COLOMBIA.replace("10,000", "10000")})
    areas = study.areas(bare)
    assert areas[areas["unit"] == "05"]["dropouts"].tolist() == [360, 180, 300]
    places = study.against_the_whole(areas, 2024)
    assert places["expected"].sum() == pytest.approx(350)
    tested = study.back_tested(areas)
    assert tested[["unit", "period", "count"]].values.tolist() == [["05", 2024, 300], ["08", 2024, 50]]
    whole = study.taken_apart(areas, 2024)
    assert whole["composition_points"].iloc[0] + whole["rate_points"].iloc[0] == pytest.approx(
        whole["change_points"].iloc[0]
    )


def test_numbers_with_commas_are_numbers() -> None:
    assert study._number(pd.Series(["1,288,473", "94.01%", "x"])).tolist()[:2] == [1288473, 94.01]


def test_rates_without_counts_have_a_spread_and_no_interval(bare: study.Elsewhere) -> None:
    handed_in(bare.folder, {study.DOMINICAN: DOMINICAN})
    told = study.districts(bare).set_index(["stage", "school_year"])
    assert told.loc[("小学", 2022), ["units", "median_pct", "rank_correlation"]].tolist() == [2, 3.0, 1.0]
    assert told.loc[("初中", 2022), "rank_correlation"] == -1
    assert not [name for name in told if "interval" in name]
