"""The pictures of the trends: what is drawn and said, told from small tables; every shade apart without colour."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from baoxue import charts
from baoxue.rates.patterns import SCHOOL_MONTHS
from stamped import numbers

mpl.use("agg")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def years() -> pd.DataFrame:
    rows = [[3, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0], [2, 1, *[None] * 10]]
    index = pd.Index([2023, 2024], name="school_year")
    return pd.DataFrame(rows, columns=list(SCHOOL_MONTHS), index=index).astype("Int64")


def places(verdict: str = "偏高") -> pd.DataFrame:
    return pd.DataFrame({
        "township_code": ["1", "2", "3"], "dropouts": [9, 2, 0], "expected": [2.0, 2.5, 0.5],
        "verdict": [verdict, "无明显差异", "无法判断"],
    })  # fmt: skip


def schools() -> pd.DataFrame:
    return pd.DataFrame({
        "township_code": ["1", "1", "2", "3", "4"], "longitude_deg": [120.0, 120.2, 121.0, 120.1, None],
        "latitude_deg": [28.5, 28.5, 28.5, 28.0, None],
    })  # fmt: skip


def flows() -> pd.DataFrame:
    rows = [
        ("本县六年级", "县内就读", True, 1300),
        ("本县六年级", "省外就读", True, 9),
        ("只在招生名单", "去向不明", False, 2),
    ]
    columns = ["origin", "destination", "is_known", "pupils"]
    return pd.DataFrame(rows, columns=columns).assign(admission_year=2024, passage="小升初")


def curve() -> pd.DataFrame:
    month = np.tile([1, 2, 13], 2)
    return pd.DataFrame({
        "cohort": ["合计"] * 3 + ["2023"] * 3, "month": month, "grade": np.where(month > 12, 8, 7), "at_risk": 100,
        "left": 0, "survival_pct": [99.0, 98.0, 97.0, 99.0, 98.5, np.nan], "low_pct": [96.0, 95.0, 94.0] * 2,
        "high_pct": [99.8, 99.5, 99.0] * 2,
    })  # fmt: skip


def groups() -> pd.DataFrame:
    return pd.DataFrame({
        "school_year": 2023, "group": ["合计", "流动", "残疾"], "population": [1000, 300, 5], "dropouts": [4, 2, 0],
        "rate_pct": [0.4, 0.67, None], "low_pct": [0.1, 0.1, None], "high_pct": [1.0, 2.1, None],
        "verdict": ["无法判断", "偏高", "无法判断"],
    })  # fmt: skip


def drawn(lang: str = "zh") -> dict[str, plt.Axes]:
    cells, names = charts.grid_cells(charts.township_centres(schools())), {"1": "甲镇", "2": "乙镇", "3": "丙镇"}
    return {
        "strip": charts.season_strip(charts.axes(), years(), lang),
        "map": charts.grid_map(charts.axes(), cells, places(), names, lang),
        "flow": charts.passage_flow(charts.axes(), flows(), 2024, "小升初", lang),
        "survival": charts.survival_curves(charts.axes(), curve(), lang),
        "groups": charts.group_rates(charts.axes(), groups(), lang),
    }


def texts(ax: plt.Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_picture_is_drawn_whole_in_both_languages(lang: str, tmp_path: Path) -> None:
    for name, ax in drawn(lang).items():
        assert charts.save(ax, tmp_path / f"{name}.png").stat().st_size > 5_000


def test_the_season_strip_prints_what_was_and_leaves_blank_what_was_not() -> None:
    ax = drawn()["strip"]
    assert numbers(ax) == ["3", *["0"] * 5, "7", *["0"] * 5, "2", "1"]
    assert len(ax.patches) == 2, "the Spring Festival of both years is marked"
    told = charts.season_strip_alt(years())
    assert told == "2023学年离校10人次，最多的是3月，7人次；2024学年离校3人次，最多的是9月，2人次。"


def test_townships_lie_where_their_schools_lie() -> None:
    centres = charts.township_centres(schools())
    assert centres["township_code"].tolist() == ["1", "2", "3"]
    cells = charts.grid_cells(centres).set_index("township_code")
    assert cells.loc["1", "column"] < cells.loc["2", "column"]
    assert cells.loc["1", "row"] < cells.loc["3", "row"]
    assert not cells[["column", "row"]].duplicated().any()


def test_the_map_says_which_townships_stand_out_and_shades_them_apart() -> None:
    cells, names = charts.grid_cells(charts.township_centres(schools())), {"1": "甲镇"}
    assert "偏高的有甲镇。" in charts.grid_map_alt(cells, places(), names)
    assert "无法判断" in charts.grid_map_alt(cells, places("无法判断"), names)
    fills = {patch.get_facecolor() for patch in drawn()["map"].patches}
    assert len(fills) == 3


def test_the_flow_shows_the_single_child_and_names_everybody() -> None:
    ax = drawn()["flow"]
    assert {"县内就读 1300人", "省外就读 9人", "去向不明 2人", "本县六年级 1309人"} <= set(texts(ax))
    assert charts.passage_flow_alt(flows(), 2024, "小升初") == (
        "2024年小升初共1311人：县内就读1300人、省外就读9人、去向不明2人；去向未核清的有2人。"
    )
    with pytest.raises(ValueError, match="no 幼升小"):
        charts.passage_flow(charts.axes(), flows(), 2024, "幼升小")


def test_the_curves_say_the_end_of_each_grade_and_draw_no_month_that_cannot_be_told() -> None:
    assert charts.survival_curves_alt(curve()) == (
        "7年级末仍在学98.00%（区间95.00%—99.50%）；8年级末仍在学97.00%（区间94.00%—99.00%）。"
    )
    whole, single = drawn()["survival"].lines[:2]
    assert len(whole.get_xdata()) == 4 and len(single.get_xdata()) == 3


def test_a_group_too_small_for_a_rate_is_said_and_has_no_mark() -> None:
    ax = drawn()["groups"]
    assert "5人中0人，人数太少，无法判断" in texts(ax) and "2/300人，偏高" in texts(ax)
    assert np.isfinite(ax.collections[-1].get_offsets().data[:, 0].astype(float)).sum() == 1
    assert charts.group_rates_alt(groups()).endswith("残疾5人中辍学0人，无法判断。")
