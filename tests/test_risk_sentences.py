"""What readers are told: natural frequencies, "cannot tell", the decision, figures with their sentences."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from baoxue import charts, charts_risk
from baoxue.risk import calibration, sentences, validation
from baoxue.risk.calibration import Calibration, Estimate
from baoxue.risk.decision import Decision
from baoxue.risk.validation import Gain

mpl.use("agg")


def measures(events: int = 20, found: float = 8, listed: float = 200, rows: int = 4000) -> pd.DataFrame:
    scores = pd.DataFrame(
        {"row": range(rows), "fold": "1", "group": [str(i) for i in range(rows)], "base": events / rows}
    )
    y = np.zeros(rows)
    y[: int(found)] = 1
    y[rows - (events - int(found)) :] = 1
    top = np.where(np.arange(rows) < listed, 0.5, 0.01)
    scores = scores.assign(y=y.astype(int), model=top, random=0.01)
    return validation.table(scores, ["model", "random"], share=listed / rows, draws=50)


def test_of_a_hundred_children_on_the_list() -> None:
    told = sentences.natural_frequency(measures(events=80), "model", "en", "left")
    assert told.startswith("Of 100 people on a list") and "about 4 left" in told and "about 2 on average" in told
    assert "每走访100人，约4人后来离校" in sentences.natural_frequency(measures(events=80), "model", "zh")


def test_rare_events_are_told_of_a_thousand() -> None:
    assert "Of 1000 people" in sentences.natural_frequency(measures(), "model", "en")


def test_few_events_are_said_to_be_few_and_their_intervals_are_not_shown() -> None:
    few = measures(events=6, found=3)
    assert "6个" in sentences.natural_frequency(few, "model", "zh")
    table = sentences.comparison(few, "zh")
    assert (table["找到的比例（%）"] == "无法判断").all()
    assert "无法判断" not in sentences.comparison(measures(), "zh").to_string()


def test_each_ranking_has_a_row_with_heads_in_the_language() -> None:
    table = sentences.comparison(measures(), "en")
    assert table.index.tolist() == ["model (complexity by number of events)", "visits by lot (one draw)"]
    assert str(table["recall (%)"].iloc[0]).startswith("40.0 (")
    assert "AUC" not in table.columns, "never alone: it stands in the second table"
    assert list(sentences.comparison(measures(), "en", sentences.OVERALL))[-1] == "AUC"


@pytest.mark.parametrize(
    ("use", "word"), [("model", "用模型"), ("rule", "用规则"), ("neither", "都不用"), ("cannot_tell", "无法判断")]
)
def test_the_decision_is_said_in_words_with_its_reason(use: str, word: str) -> None:
    decided = Decision(use, "model", "over_age", Gain("model", "over_age", 0.05, 0.01, 0.09, 40), 40)  # type: ignore[arg-type]
    assert word in sentences.decision(decided, "zh") and "9.0" in sentences.decision(decided, "zh")
    assert "furthest behind their age group first" in sentences.decision(decided, "en")


@pytest.mark.parametrize(
    ("events", "slope", "word"),
    [(50, (1.0, 0.8, 1.2), "可信"), (50, (0.5, 0.3, 0.7), "不能照字面"), (4, (1.0, 0.1, 2), "无法判断")],
)
def test_whether_probabilities_hold_is_said_in_words(events: int, slope: tuple, word: str) -> None:
    found = Calibration(events, Estimate(*slope), Estimate(0, -1, 1), Estimate(1, 0.8, 1.2))
    assert word in sentences.calibration(found, "zh")


def test_suspicions_are_listed_and_their_absence_is_said() -> None:
    nothing = pd.DataFrame(columns=["column", "kind", "level", "rows", "events"])
    assert "没有发现" in sentences.suspicions(nothing, "zh")
    one = pd.DataFrame([{"column": "sex", "kind": "pure_level", "level": "(missing)", "rows": 20, "events": 20}])
    assert "- sex = (missing): 20 of 20 rows" in sentences.suspicions(one, "en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_figures_show_what_was_measured_and_no_character_is_missing(lang: str, tmp_path) -> None:
    table = measures()
    ax = charts_risk.found_at_capacity(charts.axes(8, 3), table, lang)
    shown = np.asarray(ax.collections[-1].get_offsets())[:, 0]
    assert sorted(shown.round(6)) == sorted((100 * table["recall"]).round(6))
    assert charts.save(ax, tmp_path / "found.png").stat().st_size > 0
    y, p = pd.Series([0, 0, 1, 0, 1] * 40), pd.Series(np.linspace(0.01, 0.8, 200))
    bands = calibration.bands(y, p)
    ax = charts_risk.calibration(charts.axes(5, 4), bands, lang)
    assert np.asarray(ax.collections[-1].get_offsets())[:, 0].tolist() == pytest.approx(
        (100 * bands["predicted"]).tolist()
    )
    assert charts.save(ax, tmp_path / "calibration.png").stat().st_size > 0
    plt.close("all")


def test_each_figure_has_its_sentence() -> None:
    assert "模型（随事件数选级）找到40%" in charts_risk.found_at_capacity_alt(measures(), "zh")
    bands = calibration.bands(pd.Series([0, 1] * 50), pd.Series(np.linspace(0.1, 0.9, 100)))
    assert charts_risk.calibration_alt(bands, "en").count("observed") == len(bands)
