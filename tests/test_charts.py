"""Figures: the words and marks on them, the sentence beside them, and no character missing."""

import io
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from baoxue import charts
from baoxue.charts import house
from stamped import months, numbers

mpl.use("agg")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def flows() -> pd.DataFrame:
    rows = [
        ("2024-08", "2024-08-31", True, 0, 0, 0, 3),
        ("2024-09", "2024-09-30", True, 5, 2, 1, 4),
        ("2024-10", "2024-10-15", False, 1, 0, 2, 2),
    ]
    columns = ["period", "until", "is_complete", "suspected", "confirmed", "returned", "balance"]
    return pd.DataFrame(rows, columns=columns).assign(stage="合计", until=lambda f: pd.to_datetime(f["until"]))


def yearly() -> pd.DataFrame:
    rows = [
        (2023, "小学", 8000, 1, 0.0125, 0.0003, 0.0696, "2024-08-31", True),
        (2023, "初中", 4000, 4, 0.1, 0.027, 0.256, "2024-08-31", True),
        (2024, "小学", 8000, 0, 0.0, 0.0, 0.046, "2024-11-30", False),
        (2024, "初中", 20, 1, np.nan, np.nan, np.nan, "2024-11-30", False),
    ]
    columns = [
        "school_year",
        "stage",
        "population",
        "net_dropouts",
        "net_rate_pct",
        "net_low_pct",
        "net_high_pct",
        "until",
        "is_complete",
    ]
    return pd.DataFrame(rows, columns=columns).assign(until=lambda f: pd.to_datetime(f["until"]))


def seasonal(march: str) -> pd.DataFrame:
    months = [9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8]
    is_march = np.array(months) == 3
    return pd.DataFrame(
        {
            "month": months,
            "leavings": 1,
            "per_month": np.where(is_march, 2.0, 0.5),
            "low": 0.01,
            "high": np.where(is_march, 5.0, 2.8),
            "verdict": np.where(is_march, march, "无法判断"),
        }
    )


def places() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "expected": [0.4, 3.0, 12.0, 2.0],
            "dropouts": [0, 11, 11, 0],
            "verdict": ["无法判断", "偏高", "无明显差异", "无法判断"],
        }
    )


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_the_strip_prints_every_number_zero_included() -> None:
    ax = charts.monthly_strip(charts.axes(), flows())
    assert numbers(ax) == ["0", "5", "1", "0", "2", "0", "0", "1", "2", "3", "4", "2"]
    assert months(ax) == ["8", "9", "10"]
    assert "截至2024年10月15日" in ax.get_xlabel()


def test_the_strip_of_one_stage_names_it_and_an_unknown_stage_is_refused() -> None:
    frame = flows().assign(stage="初中")
    assert charts.monthly_strip(charts.axes(), frame, unit="初中").get_title(loc="left").startswith("初中：")
    with pytest.raises(ValueError, match="no rows of 合计"):
        charts.monthly_strip(charts.axes(), frame)


def test_a_stamped_number_has_the_size_and_place_of_a_text() -> None:
    drawn = []
    for way in ("text", "stamp"):
        ax = charts.axes(2, 2)
        ax.set(xlim=(0, 1), ylim=(0, 1))
        if way == "text":
            ax.text(0.5, 0.5, "48", ha="center", va="center", fontsize=20, color="black")
        else:
            house.stamp(ax, [0.5], [0.5], ["48"], 20, "black")
        ax.axis("off")
        page = io.BytesIO()
        ax.figure.savefig(page, dpi=100, bbox_inches=None)
        page.seek(0)
        ink = np.argwhere(plt.imread(page)[..., 0] < 0.5)
        drawn.append([*ink.min(axis=0), *ink.max(axis=0)])
    assert np.abs(np.subtract(*drawn)).max() <= 2, "pixels"


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("zh", "2024年8月至2024年10月，共新增疑似辍学6人次，新认定辍学2人次，劝返复学3人次；"
            "截至2024年10月15日，尚有2人未复学。新认定最多的是2024年9月，2人次。"),
        ("en", "From 2024-08 to 2024-10: 6 suspected, 2 confirmed as dropouts, 3 returned; "
            "2 still out on 2024-10-15. Most were confirmed in 2024-09 (2)."),
    ],
)  # fmt: skip
def test_the_strip_has_its_sentence(lang: str, sentence: str) -> None:
    assert charts.monthly_strip_alt(flows(), lang) == sentence


def test_a_strip_without_dropouts_names_no_month() -> None:
    assert "最多" not in charts.monthly_strip_alt(flows().assign(confirmed=0))


def test_a_rate_that_cannot_be_told_is_not_drawn_and_is_said() -> None:
    frame = yearly()
    ax = charts.yearly_rates(charts.axes(), frame)
    assert texts(ax) == ["1人", "0人", "4人"]
    assert charts.yearly_rates_alt(frame).endswith("2024学年初中无法判断（1人）。")
    assert "2023学年初中辍学率0.10%（4人，区间0.03%—0.26%）" in charts.yearly_rates_alt(frame)


def test_the_year_that_is_not_over_is_hollow_and_dated() -> None:
    ax = charts.yearly_rates(charts.axes(), yearly())
    primary = ax.collections[1].get_facecolor()
    assert not np.allclose(primary[0], primary[1])
    assert np.allclose(primary[1], (1, 1, 1, 1))
    assert "截至2024年11月30日" in ax.get_xlabel()


def test_only_a_month_that_is_clearly_high_is_dark_and_named() -> None:
    plain, high = seasonal("无法判断"), seasonal("偏高")
    bars = charts.season(charts.axes(), high).patches[:12]
    assert len({bar.get_facecolor() for bar in bars}) == 2
    assert len({bar.get_facecolor() for bar in charts.season(charts.axes(), plain).patches[:12]}) == 1
    assert "3月" in charts.season_alt(high)
    assert "无法判断" in charts.season_alt(plain)


def test_the_funnel_names_no_place_and_counts_the_verdicts() -> None:
    ax = charts.funnel(charts.axes(), places())
    assert texts(ax) == []
    assert (
        charts.funnel_alt(places()) == "4个单位中，1个明显偏高，0个明显偏低，1个未见明显差异，2个人数太少、无法判断。"
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_figure_is_drawn_whole_in_both_languages(lang: str, tmp_path: Path) -> None:
    drawn = {
        "strip": charts.monthly_strip(charts.axes(), flows(), lang),
        "years": charts.yearly_rates(charts.axes(), yearly(), lang),
        "season": charts.season(charts.axes(), seasonal("偏高"), lang),
        "funnel": charts.funnel(charts.axes(), places(), lang),
    }
    for name, ax in drawn.items():
        assert charts.save(ax, tmp_path / f"{name}.png").stat().st_size > 5_000


def test_a_missing_glyph_stops_the_figure_and_leaves_no_file(tmp_path: Path) -> None:
    ax = charts.axes()
    ax.set_title("\U0001f9ff控辍保学")
    with pytest.raises(charts.MissingGlyph, match="missing"):
        charts.save(ax, tmp_path / "figure.png")
    assert not (tmp_path / "figure.png").exists()


def test_without_an_installed_font_the_bundled_one_draws_chinese(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(house, "INSTALLED", ())
    house.cjk_font.cache_clear()
    try:
        ax = charts.axes()
        ax.set_title("劝返复学")
        assert charts.save(ax, tmp_path / "figure.png").exists()
    finally:
        house.cjk_font.cache_clear()


def test_a_picture_has_a_sentence_and_the_same_figure_is_the_same_bytes() -> None:
    first, second = (charts.picture(charts.season(charts.axes(), seasonal("偏高")), "离校的季节") for _ in range(2))
    assert first.data == second.data
    assert first.alt == "离校的季节"
    with pytest.raises(ValueError, match="alt text"):
        charts.picture(charts.axes(), " ")


def test_the_shades_stay_apart_in_black_and_white() -> None:
    def light(colour: str) -> float:
        red, green, blue = mpl.colors.to_rgb(colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    shades = sorted(light(colour) for colour in (house.INK, house.MID, house.PALE, "white"))
    assert min(np.diff(shades)) > 0.1
