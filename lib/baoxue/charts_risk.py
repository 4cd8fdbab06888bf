"""Figures of the risk model: what each ranking finds, and whether the probabilities mean what they say.

Beside `charts`, with its conventions: `ax` in, `ax` out, one message, a sentence for those who cannot see it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from baoxue.charts.house import INK, MID
from baoxue.risk import sentences
from baoxue.risk.ladder import RUNGS
from baoxue.words import say

MODELS = ("model", *RUNGS)
_LINES = (("-", "o"), ("--", "s"), ("-.", "^"))
"""Dash and marker of the lines of a figure, in order."""


def found_at_capacity(ax: Axes, measures: pd.DataFrame, lang: str = "zh", models: Sequence[str] = MODELS) -> Axes:
    """The share of all events that each ranking finds at the capacity, with its interval; models filled, rules hollow.

    `measures`: `risk.validation.table`. The dotted line is what visits by lot would find on average.
    """
    rows = measures.iloc[::-1].reset_index(drop=True)
    place = np.arange(len(rows))
    found, low, high = (100 * rows[name].to_numpy(dtype=float) for name in ("recall", "recall_low", "recall_high"))
    ax.errorbar(found, place, xerr=np.vstack([found - low, high - found]), fmt="none", ecolor=INK, elinewidth=1.2)
    fill = np.where(rows["contender"].isin(list(models)), INK, "white")
    ax.scatter(found, place, s=52, c=fill, edgecolors=INK, linewidths=1.2, zorder=3)
    by_lot = 100 * float((rows["listed"] / rows["rows"]).iloc[0])
    ax.axvline(by_lot, color=MID, linewidth=1, linestyle=":")
    ax.set_yticks(place, [sentences.contender(name, lang) for name in rows["contender"]])
    ax.set_xlim(left=0)
    ax.set_xlabel(say("risk.found_axis", lang))
    ax.set_title(say("risk.found_title", lang, share=f"{by_lot:.0f}"))
    return ax


def found_at_capacity_alt(measures: pd.DataFrame, lang: str = "zh") -> str:
    """The figure as a sentence: each ranking and the share it finds, with the interval."""
    told = [
        say(
            "risk.found_alt", lang, ranking=sentences.contender(row["contender"], lang),
            found=_pct(row["recall"]), low=_pct(row["recall_low"]), high=_pct(row["recall_high"]),
        )
        for row in measures.to_dict("records")
    ]  # fmt: skip
    return say("risk.semicolon", lang).join(told) + say("risk.full_stop", lang)


def calibration(ax: Axes, bands: pd.DataFrame, lang: str = "zh") -> Axes:
    """Predicted against observed share of events by band of the ranking, with exact intervals and the line of equality.

    `bands`: `risk.calibration.bands`. Both axes in per cent, logarithmic: most bands lie close to zero.
    """
    predicted, observed, low, high = (
        100 * bands[name].to_numpy(dtype=float) for name in ("predicted", "observed", "low", "high")
    )
    floor = 0.5 * min(predicted.min(), *high[high > 0])
    lowest, shown = np.maximum(low, floor), np.maximum(observed, floor)
    ceiling = min(100.0, 1.3 * max(predicted.max(), high.max()))
    ax.plot(
        [floor, ceiling],
        [floor, ceiling],
        color=MID,
        linewidth=1,
        linestyle="--",
        label=say("risk.calibration_line", lang),
    )
    ax.errorbar(
        predicted, shown, yerr=np.vstack([shown - lowest, high - shown]), fmt="none", ecolor=INK, elinewidth=1.2
    )
    ax.scatter(predicted, shown, s=52, c=np.where(observed > 0, INK, "white"), edgecolors=INK, linewidths=1.2, zorder=3)
    for x, y, events in zip(predicted, high, bands["events"], strict=True):
        label = say("risk.calibration_count", lang, events=events)
        ax.annotate(label, (x, y), xytext=(0, 4), textcoords="offset points", ha="center", va="bottom", fontsize=8)
    ax.set(xscale="log", yscale="log", xlim=(floor, ceiling), ylim=(floor, ceiling * 1.5))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_formatter(lambda value, _: "")
    ax.set_xlabel(say("risk.calibration_predicted", lang))
    ax.set_ylabel(say("risk.calibration_observed", lang))
    ax.set_title(say("risk.calibration_title", lang))
    ax.legend(loc="upper left")
    return ax


def calibration_alt(bands: pd.DataFrame, lang: str = "zh") -> str:
    """The figure as a sentence: predicted and observed in each band, lowest first."""
    told = [
        say(
            "risk.calibration_alt",
            lang,
            predicted=f"{100 * row['predicted']:.1f}",
            observed=f"{100 * row['observed']:.1f}",
        )
        for row in bands.to_dict("records")
    ]
    return say("risk.semicolon", lang).join(told) + say("risk.full_stop", lang)


def allocations(ax: Axes, table: pd.DataFrame, lang: str = "zh") -> Axes:
    """The share of leavings found at each capacity, a line for each way of giving out visits; dotted: visits by lot.

    `table`: `lists.targeting.allocations`. Lines differ in dash and marker, not in colour alone.
    """
    widest = 100 * float(table["share"].max())
    ax.plot([0, widest], [0, widest], color=MID, linewidth=1, linestyle=":", label=say("targeting.chart_lot", lang))
    for (name, rows), (dash, marker) in zip(table.groupby("allocation", sort=False), _LINES, strict=False):
        label = say(f"targeting.{name}", lang)
        ax.plot(100 * rows["share"], 100 * rows["recall"], color=INK, linestyle=dash, marker=marker, label=label)
    ax.set_xlim(0, widest * 1.03)
    ax.set_ylim(bottom=0)
    ax.set_xlabel(say("targeting.chart_axis", lang))
    ax.set_ylabel(say("targeting.chart_found", lang))
    ax.set_title(say("targeting.chart_title", lang))
    ax.legend(loc="upper left")
    return ax


def allocations_alt(table: pd.DataFrame, lang: str = "zh") -> str:
    """The figure as a sentence: each way of giving out visits, and what it finds at each capacity."""
    told = [
        say(
            "targeting.chart_alt", lang, allocation=say(f"targeting.{row['allocation']}", lang),
            share=f"{100 * row['share']:g}", recall=_pct(row["recall"]),
        )
        for row in table.to_dict("records")
    ]  # fmt: skip
    return say("risk.semicolon", lang).join(told) + say("risk.full_stop", lang)


def _pct(share: float) -> str:
    return f"{100 * share:.0f}"
