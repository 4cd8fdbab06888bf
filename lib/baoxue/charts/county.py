"""The figure of the simulated county: the months in which its children leave."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from baoxue.charts.house import INK, PALE
from baoxue.words import say

RETURN_WAVE = (2, 3)
"""February and March, when some do not come back after Spring Festival."""


def leaving_months(ax: Axes, shares: pd.Series, lang: str = "zh") -> Axes:
    """Share of a year's leavings by calendar month as bars from September on, the two months of spring dark.

    `shares`: `demo.measured.by_month`.
    """
    months = [*range(9, 13), *range(1, 9)]
    colours = [INK if month in RETURN_WAVE else PALE for month in months]
    ax.bar(np.arange(12), 100 * shares.loc[months], color=colours, edgecolor=INK, linewidth=0.8)
    ax.set_xticks(np.arange(12), [say("county.month", lang, month=month) for month in months])
    ax.set_ylabel(say("county.months_axis", lang))
    ax.set_title(say("county.months_title", lang))
    return ax


def leaving_months_alt(shares: pd.Series, lang: str = "zh") -> str:
    """What the figure says, in a sentence."""
    spring = round(100 * float(shares.loc[list(RETURN_WAVE)].sum()))
    return say("county.months_alt", lang, spring=spring, september=round(100 * float(shares.loc[9])))
