"""The audit of tables that leave together: what can be worked out is found, what cannot is left in peace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baoxue.disclosure import audit, check, protect
from given import handed_in

BY_STAGE = """
    学年 | 学段 | 基数 | 认定辍学 | 比率%
    2023 | 合计 | 900  | 32       | 3.56
    2023 | 小学 | *    | *        | *
    2023 | 初中 | *    | *        | *
"""


def found(folder: Path, **tables: str) -> set[tuple[str, str]]:
    handed_in(folder / "tables", {f"{name}.csv": text for name, text in tables.items()})
    return {(Path(f.file).stem, f.place) for f in check(folder).findings if f.kind == "worked_out"}


def test_a_table_whose_hidden_cells_protect_each_other_passes(tmp_path: Path) -> None:
    assert found(tmp_path, stages=BY_STAGE) == set()


def test_a_single_hidden_cell_follows_from_its_total(tmp_path: Path) -> None:
    one = BY_STAGE.replace("2023 | 初中 | *    | *        | *", "2023 | 初中 | 300 | 30 | 10.00")
    assert found(tmp_path, stages=one) == {("stages", "row 3, column 基数"), ("stages", "row 3, column 认定辍学")}


def test_two_hidden_cells_of_a_small_sum_are_known_to_one_child(tmp_path: Path) -> None:
    few = "学年 | 性别 | 辍学人数\n2023 | 合计 | 12\n2023 | 男 | *\n2023 | 女 | *\n2023 | 不详 | 10"
    assert found(tmp_path, sexes=few) == {("sexes", "row 3, column 辍学人数"), ("sexes", "row 4, column 辍学人数")}


def test_a_difference_of_two_tables_gives_a_hidden_cell_away(tmp_path: Path) -> None:
    places = """
        学年 | 乡镇 | 认定辍学
        2023 | 合计 | 20
        2023 | 甲镇 | *
        2023 | 乙镇 | *
        2023 | 丙镇 | 13
    """
    apart = "学年 | 乡镇 | 认定辍学\n2023 | 乙镇 | 5\n2023 | 丙镇 | 13"
    assert found(tmp_path / "alone", places=places) == set()
    assert ("places", "row 3, column 认定辍学") in found(tmp_path / "both", places=places, apart=apart)


def test_totals_over_different_parts_are_differenced(tmp_path: Path) -> None:
    """Townships hide 甲镇; stages of the same townships are shown but for one, whose other parts are known."""
    towns = "学年 | 乡镇 | 认定辍学\n2023 | 合计 | 60\n2023 | 甲镇 | *\n2023 | 乙镇 | *\n2023 | 丙镇 | 40"
    stages = "学年 | 乡镇 | 学段 | 认定辍学\n2023 | 乙镇 | 小学 | 6\n2023 | 乙镇 | 初中 | 11"
    assert found(tmp_path / "alone", towns=towns) == set()
    assert {place for _, place in found(tmp_path / "both", towns=towns, stages=stages)} == {
        "row 3, column 认定辍学",
        "row 4, column 认定辍学",
    }


def test_a_month_is_of_its_school_year_and_a_grade_of_its_stage(tmp_path: Path) -> None:
    years = "学年 | 学段 | 认定辍学\n2023 | 合计 | 9\n2023 | 小学 | *\n2023 | 初中 | *"
    months = "时段 | 认定辍学\n2023-09 | 6\n2024-03 | *"
    grades = "学年 | 年级 | 认定辍学\n2023 | 1 | 0\n2023 | 6 | 0\n2023 | 7 | *\n2023 | 8 | *"
    assert found(tmp_path, years=years, months=months, grades=grades) >= {
        ("months", "row 3, column 认定辍学"),
        ("years", "row 3, column 认定辍学"),
        ("years", "row 4, column 认定辍学"),
    }


def test_a_rate_left_beside_its_base_gives_the_count_away(tmp_path: Path) -> None:
    table = """
        乡镇 | 基数 | 认定辍学 | 比率%
        甲镇 | 800  | 8        | 1.00
        乙镇 | 700  | 6        | 0.86
        丙镇 | 900  | *        | 0.33
    """
    assert found(tmp_path, places=table) == {("places", "row 4, column 认定辍学")}


def test_columns_that_add_up_are_used_too(tmp_path: Path) -> None:
    table = """
        乡镇 | 认定辍学 | 已复学 | 未复学
        甲镇 | 18       | 8      | 10
        乙镇 | 16       | 6      | 10
        丙镇 | 9        | *      | 7
    """
    assert found(tmp_path, places=table) == {("places", "row 4, column 已复学")}


def test_numbers_that_do_not_add_up_are_no_sum(tmp_path: Path) -> None:
    """A balance at the end of months is no part of a year: one open month says so, and nothing follows."""
    months = "时段 | 学段 | 未复学\n2023-09 | 合计 | 30\n2023-10 | 合计 | 31\n2023-09 | 小学 | *\n2023-09 | 初中 | *"
    years = "学年 | 学段 | 未复学\n2023 | 合计 | 31"
    assert found(tmp_path, months=months, years=years) == set()


def test_runs_of_different_days_are_not_taken_together(tmp_path: Path) -> None:
    for day, total in (("2024-10-31", "30"), ("2024-11-30", "32")):
        text = BY_STAGE.replace("32 ", f"{total} ")
        handed_in(tmp_path / day / "tables", {"stages.csv": text})
    assert not check(tmp_path).findings


@settings(max_examples=25, deadline=None)
@given(counts=st.lists(st.integers(0, 12), min_size=2, max_size=6), data=st.data())
def test_the_true_count_lies_between_the_bounds(tmp_path_factory, counts: list[int], data: st.DataObject) -> None:
    """Whatever is hidden, the bounds of the audit hold the truth, and they are as narrow as can be."""
    hides = data.draw(st.lists(st.booleans(), min_size=len(counts), max_size=len(counts)))
    folder = tmp_path_factory.mktemp("property")
    rows = [f"t{n} | {'*' if hide else count}" for n, (count, hide) in enumerate(zip(counts, hides, strict=True))]
    handed_in(folder, {"a.csv": "\n".join(["乡镇 | 辍学人数", f"合计 | {sum(counts)}", *rows])})
    rest = sum(np.array(counts)[hides])
    leaks = audit({"a": folder / "a.csv"}, {"a": ["辍学人数"]})
    bounds = {leak.places[0].row - 1: (leak.low, leak.high) for leak in leaks}
    alone = sum(hides) == 1
    expected = {n: (rest, rest) if alone else (0, rest) for n in np.flatnonzero(hides) if alone or rest <= 2}
    assert bounds == expected


@pytest.mark.parametrize("within", [0, 1, 3])
def test_how_near_counts_as_worked_out_is_asked_for(tmp_path: Path, within: int) -> None:
    handed_in(tmp_path, {"a.csv": "性别 | 辍学人数\n合计 | 5\n男 | *\n女 | *"})
    assert len(audit({"a": tmp_path / "a.csv"}, within=within)) == (2 if within == 3 else 0)


def test_tables_that_give_each_other_away_are_hidden_further_until_they_do_not(tmp_path: Path) -> None:
    """The grades' table hides grade 7 alone in its stage; the stages' table shows the stage, so a cell must go."""
    stages = "学年 | 学段 | 基数 | 认定辍学\n2023 | 合计 | 900 | 40\n2023 | 小学 | 600 | 12\n2023 | 初中 | 300 | 28"
    grades = "学年 | 年级 | 基数 | 认定辍学\n2023 | 7 | * | *\n2023 | 8 | 100 | 14\n2023 | 9 | 90 | 11"
    handed_in(tmp_path, {"stages.csv": stages, "grades.csv": grades})
    files = {"stages": tmp_path / "stages.csv", "grades": tmp_path / "grades.csv"}
    follows = {name: {"认定辍学": ["基数"]} for name in files}
    assert {place for _, place in {(f.file, f.place) for f in check(tmp_path).findings}} == {
        "row 2, column 基数",
        "row 2, column 认定辍学",
    }
    assert protect(files, follows) == {"stages": 0, "grades": 2}
    assert not check(tmp_path).findings
    table = pd.read_csv(files["grades"], dtype=str)
    assert table["认定辍学"].tolist() == ["*", "14", "*"]
    assert protect(files, follows) == {"stages": 0, "grades": 0}


def test_what_one_table_hides_and_another_shows_is_hidden_in_both(tmp_path: Path) -> None:
    sexes = "学年 | 性别 | 认定辍学\n2023 | 合计 | *\n2023 | 男 | *\n2023 | 女 | 0"
    stages = "学年 | 学段 | 认定辍学\n2023 | 合计 | 3\n2023 | 小学 | 0\n2023 | 初中 | 3"
    handed_in(tmp_path, {"sexes.csv": sexes, "stages.csv": stages})
    files = {"sexes": tmp_path / "sexes.csv", "stages": tmp_path / "stages.csv"}
    protect(files, {name: {"认定辍学": []} for name in files})
    assert not audit(files)
    assert pd.read_csv(files["stages"], dtype=str)["认定辍学"][0] == "*"
