"""Figures of support and of duties: aid due and paid, who goes far, what was done in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from baoxue.charts.house import INK, MID, PALE
from baoxue.words import label, say

_SHADES = (PALE, MID, INK)


def aid_received(ax: Axes, counts: pd.DataFrame, lang: str = "zh") -> Axes:
    """Of each kind of hardship a bar of the children due aid: light those paid, dark those not, beside it the numbers.

    `counts`: `support.aid_by_hardship`.
    """
    names = [label(hardship, lang) for hardship in counts["hardship"]]
    parts = {say("support.chart_paid", lang): counts["paid"], say("support.chart_missing", lang): counts["missing"]}
    ends = [f"{missing}/{due}" for missing, due in zip(counts["missing"], counts["due"], strict=True)]
    _bars(ax, names, parts, (PALE, INK), ends)
    ax.set_title(say("support.chart_aid", lang))
    ax.set_xlabel(say("support.chart_pupils", lang))
    return ax


def aid_received_alt(counts: pd.DataFrame, lang: str = "zh") -> str:
    """The figure as a sentence: of each kind how many of those due were not paid."""
    names = [label(hardship, lang) for hardship in counts["hardship"]]
    return _told(names, counts["missing"], counts["due"], say("support.chart_missing", lang), lang)


def far_to_school(ax: Axes, counts: pd.DataFrame, names: Mapping[str, str], lang: str = "zh") -> Axes:
    """Of each township a bar of the pupils who go far: boarding, by bus or public transport, by their own means.

    `counts`: `support.far_by_township`; `names` the townships by code.
    """
    parts = {
        say("support.chart_far_boarders", lang): counts["far_boarders"],
        say("support.chart_far_carried", lang): counts["far_day"] - counts["own_way"],
        say("support.chart_far_own_way", lang): counts["own_way"],
    }
    ends = [f"{own_way}/{far}" for own_way, far in zip(counts["own_way"], counts["far"], strict=True)]
    _bars(ax, [names.get(code, code) for code in counts["township_code"]], parts, _SHADES, ends)
    ax.set_title(say("support.chart_far", lang))
    ax.set_xlabel(say("support.chart_pupils", lang))
    return ax


def far_to_school_alt(counts: pd.DataFrame, names: Mapping[str, str], lang: str = "zh") -> str:
    """The figure as a sentence: of each township how many of those who go far do so by their own means."""
    places = [names.get(code, code) for code in counts["township_code"]]
    return _told(places, counts["own_way"], counts["far"], say("support.chart_far_own_way", lang), lang)


def duties_done(ax: Axes, counts: pd.DataFrame, lang: str = "zh") -> Axes:
    """Of each duty a bar of 100: done in time, late, not done; beside it the numbers. `counts`: `support.summary`."""
    rows = counts[counts["planned"] > 0]
    states = ("done", "late", "missed")
    parts = {say(f"support.state_{state}", lang): 100 * rows[state] / rows["planned"] for state in states}
    ends = ["/".join(str(row[state]) for state in states) for row in rows.to_dict("records")]
    _bars(ax, [say(f"support.duty_{duty}", lang) for duty in rows["duty"]], parts, _SHADES, ends)
    ax.set_xticks(range(0, 101, 20))
    ax.set_xlabel(say("support.chart_share", lang))
    ax.set_title(say("support.chart_duties", lang))
    return ax


def duties_done_alt(counts: pd.DataFrame, lang: str = "zh") -> str:
    """The figure as a sentence: of each duty how many of those due were not done."""
    rows = counts[counts["planned"] > 0]
    names = [say(f"support.duty_{duty}", lang) for duty in rows["duty"]]
    return _told(names, rows["missed"], rows["planned"], say("support.state_missed", lang), lang)


def _bars(
    ax: Axes, names: Sequence[str], parts: Mapping[str, pd.Series], shades: Sequence[str], ends: Sequence[str]
) -> None:
    place, left = np.arange(len(names)), np.zeros(len(names))
    for (name, values), shade in zip(parts.items(), shades, strict=True):
        ax.barh(place, values, left=left, color=shade, edgecolor=INK, linewidth=0.8, label=name)
        left = left + values.to_numpy(dtype=float)
    for y, end, text in zip(place, left, ends, strict=True):
        ax.annotate(text, (end, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9)
    ax.set_yticks(place, list(names))
    ax.invert_yaxis()
    ax.set_xlim(0, 1.2 * max(1.0, left.max(initial=0.0)))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.18), ncols=len(parts))


def _told(names: Sequence[str], part: pd.Series, whole: pd.Series, what: str, lang: str) -> str:
    numbers = [say("support.alt_of", lang, part=p, whole=w) for p, w in zip(part, whole, strict=True)]
    told = [say("support.alt_part", lang, name=n, numbers=m) for n, m in zip(names, numbers, strict=True)]
    joined = say("charts.semicolon", lang).join(told) or say("support.alt_none", lang)
    return say("support.alt_part", lang, name=what, numbers=joined) + say("charts.full_stop", lang)
