"""The simulated county beside published figures: what is alike, what is not, and what a file of statistics adds."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from baoxue import demo
from baoxue.demo import measured, published, shown
from baoxue.demo.published import Range

STATISTICS = """indicator,geography,year,value,unit
primary_pupils,China,2024,10584.37,万人
junior_pupils,China,2024,5386.16,万人
primary_entrants,China,2023,1877.88,万人
primary_entrants,China,2024,1616.63,万人
primary_schools,Wenzhou,2022,558,schools
primary_pupils,Wenzhou,2022,637000,pupils
"""


@cache
def county(rate: float = 0.005) -> demo.filing.Drop:
    return demo.simulate(Path("nowhere"), "tiny", 1, rate)


def test_a_figure_is_alike_within_a_tenth_and_else_above_or_below() -> None:
    ranges = [Range("migrant_pct", 28, 28, "zhejiang 2018"), Range("left_behind_pct", 2, 4, "ours")]
    rows = published.held({"migrant_pct": 30.0, "left_behind_pct": 1.5}, ranges)
    assert rows["verdict"].tolist() == ["within", "below"]
    assert published.held({"migrant_pct": 31.0}, ranges)["verdict"].tolist() == ["above"]
    assert published.held({"unheard_of_pct": 1.0}, ranges).empty


def test_statistics_give_what_follows_from_them_and_nothing_from_what_they_lack(tmp_path: Path) -> None:
    (tmp_path / "stats.csv").write_text(STATISTICS, encoding="utf-8")
    found = {(r.figure, r.whose): r.low for r in published.from_statistics(tmp_path / "stats.csv")}
    assert found == {
        ("primary_per_junior", "china 2024"): 1.97,
        ("pupils_per_primary_school", "wenzhou 2022"): 1141.58,
        ("entrants_change_pct", "china 2024"): -13.91,
    }
    with pytest.raises(FileNotFoundError):
        published.from_statistics(tmp_path / "none.csv")


def test_leavers_are_counted_once_a_year_and_by_grade() -> None:
    made = county()
    table, rows = measured.by_grade(made), made.facts.followed
    assert table["here"].sum() == sum((made.facts.lives.seats.grade[:, year] > 0).sum() for year in range(3))
    assert (table["out_at_end"] <= table["left"]).all() and 0 < table["left"].sum() <= len(rows)
    assert measured.by_month(made).sum() == pytest.approx(1) and measured.by_month(made).loc[[7, 8]].sum() == 0


@pytest.mark.parametrize("rate", [0.02, 0.15])
def test_the_stock_of_children_out_of_school_does_not_grow_with_every_year(rate: float) -> None:
    stock = measured.stock(county(rate))
    first, last = stock["open"].iloc[0], stock["open"].iloc[-1]
    grown = stock["left"].iloc[-1] / stock["left"].iloc[0]
    assert (stock["open"] <= stock["left"]).all() and stock["left"].is_monotonic_increasing
    assert last < 0.7 * grown * first, "it would be the full ratio if nobody were ever settled"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_figure_verdict_and_source_has_its_words(lang: str) -> None:
    made = county()
    figures = measured.composition(made) | measured.leaving(made) | measured.absence(made)
    rows = published.held(figures, list(published.KNOWN))
    assert set(rows["figure"]) == {known.figure for known in published.KNOWN}
    told = shown.table(rows, lang)
    assert not told.astype(str).apply(lambda column: column.str.contains("county\\.")).any(axis=None)
    lines = shown.differing(rows, lang).splitlines()
    assert len(lines) == (rows["verdict"] != "within").sum()
    assert shown.table(shown.by_rate([(0.005, measured.leaving(made))]), lang).index.tolist() == ["0.5"]


def test_the_count_of_out_of_school_follows_the_cases_by_eye() -> None:
    made = county(0.02)
    leavings = made.cases[made.cases["is_leaving"] & made.cases["concluded_on"].notna()]
    still = leavings[leavings["closed_on"].isna()]
    assert measured.stock(made)["open"].iloc[-1] == len(still)
    placed = leavings[leavings["closing"].isin(["职教安置", "转入他校", "送教上门", "专门学校", "迁出移交户籍地"])]
    waits = (placed["closed_on"] - placed["concluded_on"]) / pd.Timedelta(days=1)
    assert len(placed) > 5 and (waits >= 40).all()
