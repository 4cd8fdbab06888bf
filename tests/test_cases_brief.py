"""The case office's report: every table has its heads in both languages, sentences are computed, checks bite."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from baoxue import charts
from baoxue.briefs import cases as brief
from baoxue.cases import board, outcomes, waits
from baoxue.charts import cases as figures
from baoxue.disclosure import identifiers

TOWNSHIPS = {"330382002": "乐成街道", "330382114": "柳市镇", "330382210": "智仁乡"}


@pytest.fixture(scope="module")
def known(county):
    return county.store.known_by("2024-11-30")


@pytest.fixture(scope="module")
def table(known) -> pd.DataFrame:
    return board.case_table(known)


@pytest.fixture(scope="module")
def clearance(known, table) -> pd.DataFrame:
    return board.clearance(known, dt.date(2023, 9, 1), table)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_table_of_the_notebook_has_its_heads(known, table, clearance, lang):
    spells = outcomes.spells(known)
    frames = [
        board.whose_move(table),
        brief.by_township(table, TOWNSHIPS),
        clearance.drop(columns="group"),
        waits.timeliness(known),
        waits.stays(known),
        brief.how_soon(spells, "reason", "returned", day=90, least=10),
        brief.how_soon(outcomes.measure_spells(known), "measure", "returned", day=90, least=10, total=False),
        outcomes.visit_results(known, "measure").rename(columns={"group": "measure"}),
        outcomes.workload(known, table),
        brief.watched(known),
        brief.how_soon(outcomes.lasting_spells(known), "closing", "left_again", day=90, least=10),
        brief.clues(known, lang),
        brief.duty_gaps(known),
    ]
    for frame in frames:
        told = brief.shown(frame, lang)
        assert len(told) == len(frame)
        assert not any("_" in head for head in [told.index.name, *told.columns])
    assert len(brief.states_shown(lang)) == 15


def test_what_cannot_be_told_says_so_and_an_end_that_is_not_reached_is_left_open():
    frame = pd.DataFrame(
        {
            "reason": ["外出务工", "其他", "残疾"],
            "children": [20, 3, 12],
            "median_days": [40.0, float("nan"), float("nan")],
            "median_low": [21.0, float("nan"), float("nan")],
            "median_high": [float("nan"), float("nan"), float("nan")],
            "told": [True, False, True],
        }
    )
    assert brief.shown(frame).values.tolist() == [
        [20, 40, "21—…"],
        [3, "样本太小，无法判断", "—"],
        [12, "—", "未达到"],
    ]
    assert brief.shown(frame, "en").iloc[0].tolist() == [20, 40, "21 to …"]


def test_the_sum_stands_first_and_only_where_a_child_is_counted_once():
    spells = pd.DataFrame({"days": [5, 9], "event": [True, False], "reason": ["其他", "外出务工"]})
    rows = brief.how_soon(spells, "reason", "returned", day=90, least=1)
    assert rows["reason"].tolist() == ["合计", "其他", "外出务工"]
    assert rows["returned"].tolist() == [1, 1, 0]
    parts = brief.how_soon(spells, "reason", "returned", day=90, least=1, total=False)
    assert parts["reason"].tolist() == ["其他", "外出务工"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_headlines_are_four_sentences_with_the_numbers_of_the_table(known, table, lang):
    lines = brief.headlines(known, table, lang).splitlines()
    assert len(lines) == 4
    assert f"**{table['is_open'].sum()}**" in lines[0]


def test_the_checks_hold_and_bite(known, table, clearance):
    assert brief.checked(known, table, clearance).count("成立") == 5
    with pytest.raises(brief.ChecksFailed, match="存量"):
        brief.checked(known, table, clearance.assign(left=clearance["left"] + 1))
    twice = pd.concat([table, table.head(1)])
    with pytest.raises(brief.ChecksFailed, match="恰处于一个环节"):
        brief.checked(known, twice, clearance)
    is_open = table["is_open"]
    with pytest.raises(brief.ChecksFailed, match="时限"):
        brief.checked(known, table.assign(due_on=table["due_on"].where(~is_open)), clearance)


def test_nothing_is_written_without_a_folder(county, known, table):
    assert brief.write("", county.store, known, table, "county", "乐清市", TOWNSHIPS) == []


def test_the_table_and_the_ledgers_are_written_for_those_who_may_hold_them(county, known, table, tmp_path):
    files = brief.write(str(tmp_path), county.store, known, table, "township", "乐清市", TOWNSHIPS)
    assert files[0] == "restricted/cases.parquet" and len(files) == 1 + len(TOWNSHIPS)
    assert all((tmp_path / file).stat().st_mode & 0o077 == 0 for file in files)
    written = pd.read_parquet(tmp_path / files[0])
    assert list(written.columns[:7]) == [
        "case", "pupil", "state", "state_since", "due_on", "overdue_days", "responsible",
    ]  # fmt: skip
    texts = written.select_dtypes(["object", "string"])
    assert not any(identifiers(text) for name in texts for text in texts[name].dropna().unique())


def test_the_figure_of_open_cases_has_a_bar_a_state_and_its_sentence_has_the_numbers(table):
    moves = board.whose_move(table)
    ax = figures.open_cases(charts.axes(), moves)
    states = [label.get_text() for label in ax.get_yticklabels()]
    assert states == moves["state"].drop_duplicates().tolist()
    widths = [patch.get_width() for patch in ax.patches if isinstance(patch, Rectangle)]
    assert sum(widths) == moves["cases"].sum()
    late = widths[len(states) :]
    assert sum(late) == moves["overdue"].sum()
    assert f"{moves['cases'].iloc[0]}件" in figures.open_cases_alt(moves)


def test_a_figure_without_cases_says_so():
    empty = pd.DataFrame({"owner": [], "state": [], "cases": [], "overdue": []})
    assert figures.open_cases_alt(empty) == "没有在办案件。"
    assert figures.share_back_alt(outcomes.curve(pd.DataFrame({"days": [3], "event": [False]}))) == "没有可计算的复学。"


def test_the_figure_of_returns_draws_the_curve_to_its_end(known):
    curve = outcomes.curve(outcomes.spells(known))
    ax = figures.share_back(charts.axes(), curve, until=365)
    days, shares = np.asarray(ax.get_lines()[0].get_data())
    within = curve[curve["days"] <= 365]
    assert shares[-1] == pytest.approx(within["event_pct"].iloc[-1])
    assert days[0] == 0 and days[-1] == 365
    assert f"{within['event_pct'].iloc[-1]:.0f}%" in figures.share_back_alt(curve)
