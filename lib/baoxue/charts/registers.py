"""The figure of the registers: how many disagreements of each kind are open, and how many of them are new."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from baoxue import words
from baoxue.charts.house import INK, PALE


def open_findings(ax: Axes, counts: pd.DataFrame, lang: str = "zh") -> Axes:
    """Findings of each kind as a bar: light those of last month still open, dark the new ones, beside it the numbers.

    `counts`: `registers.move_counts(moved)`; kinds of which there was and is none are left out.
    """
    rows = shown_kinds(counts)
    place = np.arange(len(rows))
    carried, new = rows["before"] - rows["cleared"], rows["new"]
    ax.barh(place, carried, color=PALE, edgecolor=INK, linewidth=0.8, label=words.say("registers.chart_carried", lang))
    ax.barh(
        place, new, left=carried, color=INK, edgecolor=INK, linewidth=0.8, label=words.say("registers.chart_new", lang)
    )
    for y, row in zip(place, rows.to_dict("records"), strict=True):
        text = words.say("registers.chart_numbers", lang, now=row["now"], new=row["new"], cleared=row["cleared"])
        ax.annotate(text, (row["now"], y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9)
    ax.set_yticks(place, [words.say(f"registers.finding_{finding}", lang) for finding in rows["finding"]])
    ax.invert_yaxis()
    ax.set_xlim(0, max(1, rows["now"].max() if len(rows) else 1) * 1.35)
    ax.set_title(words.say("registers.chart_title", lang))
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.07), ncols=2)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


def open_findings_alt(counts: pd.DataFrame, lang: str = "zh") -> str:
    """The figure as a sentence: the sums, and the kind with most."""
    rows = shown_kinds(counts)
    sums = counts[["now", "new", "cleared"]].sum()
    told = words.say("registers.chart_alt", lang, now=sums["now"], new=sums["new"], cleared=sums["cleared"])
    if not sums["now"]:
        return told
    most = rows.sort_values("now", ascending=False, kind="stable").iloc[0]
    name = words.say(f"registers.finding_{most['finding']}", lang)
    return told + words.say("registers.chart_most", lang, name=name, count=most["now"])


def shown_kinds(counts: pd.DataFrame) -> pd.DataFrame:
    """The kinds of which there is one now or was one last month."""
    return counts[(counts["before"] > 0) | (counts["now"] > 0)].reset_index(drop=True)
