"""One place on a page: what it counts, what it says beside the county, what it keeps quiet about."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from baoxue import policy
from baoxue.briefs import trend_sentences, trend_tables, unit
from baoxue.disclosure import check
from baoxue.run.delivery import prepare
from baoxue.run.errors import RunError
from baoxue.store import Known
from conftest import County
from given import given
from rates_drawn import SCHOOLS, registry, row, told_from_one

__all__ = ["told_from_one"]

CASES = """
    case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
    c1   | a     | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29   | 2024-04-15 | 返校复学
    c2   | c     | 考勤 | 2024-09-12 | 2024-09-09      | 辍学       | 2024-10-12   | -          | -
"""
CARE = "pupil | care | listed_on\n b | 服刑人员未成年子女 | 2022-10-01"
TOWNSHIPS = {"330382001": "城东街道", "330382101": "大荆镇"}


@pytest.fixture
def known(tmp_path: Path, told_from_one: None) -> Known:
    snapshots = registry(("2023-09-01", "a7 b7 c6 d6 e5"), ("2024-09-01", "a8 b8 c7 d7 e6"))
    tables = {"schools": SCHOOLS, "enrolments": snapshots, "cases": CASES, "care": CARE}
    return given(tmp_path / "store", **tables).known_by("2024-11-30")


def test_a_place_is_found_by_its_code_and_an_unknown_one_names_the_nearest(known: Known) -> None:
    assert unit.opened(known, "township", "330382101", TOWNSHIPS).name == "大荆镇"
    assert unit.opened(known, "school", "3133000001", TOWNSHIPS).name == "乙中学"
    with pytest.raises(unit.UnknownUnit, match="do you mean 330382101"):
        unit.opened(known, "township", "330382102", TOWNSHIPS)
    with pytest.raises(unit.UnknownUnit, match="kind is one of"):
        unit.opened(known, "village", "330382101", TOWNSHIPS)


def test_its_headline_and_years_count_its_own_pupils(known: Known) -> None:
    place = unit.opened(known, "township", "330382101", TOWNSHIPS)
    assert unit.headline(place) == (
        "大荆镇2024学年初在籍4人；截至2024年11月30日，本学年认定辍学1人次，劝返复学0人次，尚有1人未复学，疑似待核0人。"
    )
    told = unit.rates_by_year(place)
    assert row(told, school_year=2023)["dropouts"] == 1 and row(told, school_year=2023)["population"] == 2
    assert set(told["verdict"]) == {"无法判断"}


def test_a_place_where_nothing_ever_happened_reports_zeros(known: Known) -> None:
    quiet = unit.opened(known, "township", "330382001", TOWNSHIPS)
    months = unit.months(quiet)
    assert len(months) and (months[["suspected", "confirmed", "returned", "balance"]] == 0).all(axis=None)
    assert "无法判断" in unit.what_can_be_told(quiet)
    assert unit.checked(quiet).count("通过") == 3


def test_the_child_of_a_prisoner_is_on_no_page_of_a_place(known: Known) -> None:
    place = unit.opened(known, "school", "3133000001", TOWNSHIPS)
    assert "服刑人员未成年子女" not in set(unit.groups(place)["group"])
    assert "服刑" not in unit.table(unit.groups(place), place).to_string()


def test_a_run_refuses_a_place_that_is_not_there_before_a_kernel_starts(county: County) -> None:
    params = policy.ROOT / "params" / "unit.yaml"
    store = f"store={county.store.path}"
    assert prepare(params, [store]).params["code"] == "330382101"
    with pytest.raises(RunError):
        prepare(params, [store, "-p", "code=330382999"][:1] + ["code=330382999"])
    with pytest.raises(RunError):
        prepare(params, [store, "kind=school"])


@pytest.fixture(scope="module")
def whole(county: County) -> Known:
    return county.store.known_by("2024-11-30")


def test_the_public_tables_of_a_county_together_give_no_hidden_count_away(whole: Known, tmp_path: Path) -> None:
    files = trend_tables.write_units(str(tmp_path), whole)
    assert "tables/trends_by_place.csv" in files and "tables/trends_by_school_T3.csv" in files
    found = [f for f in check(tmp_path).findings if f.kind == "small_count"]
    assert found == []
    public = pd.read_csv(tmp_path / "tables" / "trends_by_place.csv", dtype=str)
    assert list(public) == ["学年", "教育学区", "乡镇街道", "基数", "认定辍学", "比率%"]
    assert (public["认定辍学"] == "*").any()


def test_children_of_prisoners_are_in_no_figure_and_no_table_of_the_trends(whole: Known) -> None:
    pairs = trend_tables.overlaps_shown(whole, 2023).reset_index()
    groups = trend_tables.groups_of(whole, 2023)
    assert "服刑人员未成年子女" not in {*groups["group"], *pairs.iloc[:, 0], *pairs.iloc[:, 1]}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sentences_and_tables_of_a_county_are_said_in_both_languages(whole: Known, lang: str) -> None:
    names = trend_sentences.school_names(whole)
    told = [trend_sentences.clusters(whole, names, lang), trend_sentences.outlook(whole, lang)]
    told.append(trend_sentences.composition(whole, 2024, lang, by=("stage", "sex")))
    assert all(line.startswith("- ") for text in told for line in text.splitlines())
    rows = trend_tables.by_units(whole, 2023, ("sex", "grade"))
    assert len(trend_tables.units_shown(rows, {}, lang)) == 11
    assert len(trend_tables.overlaps_shown(whole, 2023, lang))
