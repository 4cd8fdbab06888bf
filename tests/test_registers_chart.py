"""The figure of the registers says what its table says."""

import pandas as pd
import pytest

from baoxue import charts
from baoxue.charts.registers import open_findings, open_findings_alt
from baoxue.registers import FINDINGS

COUNTS = pd.DataFrame({"finding": list(FINDINGS), "before": 0, "cleared": 0, "new": 0, "now": 0}).set_index("finding")
COUNTS.loc["never_enrolled"] = [5, 2, 1, 4]
COUNTS.loc["aid_missing"] = [3, 3, 0, 0]
COUNTS = COUNTS.reset_index()


def test_a_bar_is_what_is_open_its_dark_end_what_is_new_and_a_kind_that_never_was_has_none() -> None:
    ax = open_findings(charts.axes(), COUNTS)
    light, dark = ax.containers
    assert [bar.get_width() for bar in light] == [3, 0]
    assert [bar.get_width() for bar in dark] == [1, 0] and dark[0].get_x() == 3
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["失学（户籍在册、学籍查无）", "应助未助"]
    assert [text.get_text() for text in ax.texts] == ["4（新增1，消除2）", "0（新增0，消除3）"]


@pytest.mark.parametrize(("lang", "most"), [("zh", "最多的是失学（户籍在册、学籍查无），4条。"), ("en", "(4).")])
def test_the_sentence_gives_the_sums_and_the_kind_with_most(lang: str, most: str) -> None:
    told = open_findings_alt(COUNTS, lang)
    assert told.endswith(most)
    assert [number for number in ("4", "1", "5") if number in told] == ["4", "1", "5"]


def test_with_nothing_open_there_is_a_figure_and_a_sentence_all_the_same() -> None:
    none = COUNTS.assign(before=0, cleared=0, new=0, now=0)
    assert "0条" in open_findings_alt(none) and "最多" not in open_findings_alt(none)
    assert not open_findings(charts.axes(), none).texts
