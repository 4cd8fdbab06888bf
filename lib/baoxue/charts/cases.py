"""Figures of the cases: what is open and overdue in each state, and how soon children are back."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from baoxue import words
from baoxue.charts.house import INK, PALE


def open_cases(ax: Axes, moves: pd.DataFrame, lang: str = "zh") -> Axes:
    """Open cases of each state as a bar: light those still in time, dark those overdue, beside it the numbers.

    `moves`: `cases.board.whose_move(table)`, in the order of the procedure.
    """
    rows = _by_state(moves)
    place = np.arange(len(rows))
    in_time, late = rows["cases"] - rows["overdue"], rows["overdue"]
    ax.barh(place, in_time, color=PALE, edgecolor=INK, linewidth=0.8, label=words.say("cases.chart_in_time", lang))
    ax.barh(
        place, late, left=in_time, color=INK, edgecolor=INK, linewidth=0.8, label=words.say("cases.chart_late", lang)
    )
    for y, row in zip(place, rows.to_dict("records"), strict=True):
        text = words.say("cases.chart_numbers", lang, cases=row["cases"], overdue=row["overdue"])
        ax.annotate(text, (row["cases"], y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9)
    ax.set_yticks(place, [words.label(state, lang) for state in rows["state"]])
    ax.invert_yaxis()
    ax.set_xlim(0, max(1, rows["cases"].max() if len(rows) else 1) * 1.3)
    ax.set_title(words.say("cases.chart_title", lang))
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.1), ncols=2)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


def open_cases_alt(moves: pd.DataFrame, lang: str = "zh") -> str:
    """The figure as a sentence: each state with its cases and how many of them are overdue."""
    told = [
        words.say(
            "cases.chart_alt", lang, state=words.label(row["state"], lang), cases=row["cases"], overdue=row["overdue"]
        )
        for row in _by_state(moves).to_dict("records")
    ]
    none = words.say("cases.chart_none", lang)
    return (words.say("charts.semicolon", lang).join(told) or none) + words.say("charts.full_stop", lang)


def share_back(ax: Axes, curve: pd.DataFrame, lang: str = "zh", *, until: int = 365) -> Axes:
    """Share of children who have left that are back by each day since, with its interval.

    `curve`: `cases.outcomes.curve(spells)`; days past `until` are not drawn.
    """
    rows = curve[curve["days"] <= until]
    last = rows.tail(1).assign(days=float(until))
    start = pd.DataFrame({"days": [0.0], "event_pct": [0.0], "low_pct": [0.0], "high_pct": [0.0]})
    steps = pd.concat([start, rows, last], ignore_index=True)
    ax.fill_between(
        steps["days"], steps["low_pct"], steps["high_pct"], step="post", color=PALE,
        label=words.say("cases.curve_interval", lang),
    )  # fmt: skip
    ax.step(steps["days"], steps["event_pct"], where="post", color=INK, label=words.say("cases.curve_back", lang))
    ax.set_xlim(0, until)
    ax.set_ylim(0, 100)
    ax.set_xticks(range(0, until + 1, 30))
    ax.set_xlabel(words.say("cases.curve_days", lang))
    ax.set_ylabel(words.say("cases.curve_share", lang))
    ax.set_title(words.say("cases.curve_title", lang))
    ax.legend(loc="upper left")
    return ax


def share_back_alt(curve: pd.DataFrame, lang: str = "zh", *, days: tuple[int, ...] = (30, 90, 180, 365)) -> str:
    """The figure as a sentence: the share back by some days, with intervals."""
    told = [_told(curve, day, lang) for day in days if (curve["days"] <= day).any()]
    none = words.say("cases.curve_none", lang)
    return (words.say("charts.semicolon", lang).join(told) or none) + words.say("charts.full_stop", lang)


def _told(curve: pd.DataFrame, day: int, lang: str) -> str:
    row = curve[curve["days"] <= day].iloc[-1]
    numbers = {name: f"{row[f'{name}_pct']:.0f}" for name in ("event", "low", "high")}
    return words.say("cases.curve_alt", lang, day=day, **numbers)


def _by_state(moves: pd.DataFrame) -> pd.DataFrame:
    """One row a state: a state may stand under two owners, for children with and without a school."""
    return moves.groupby("state", sort=False)[["cases", "overdue"]].sum().reset_index()
