"""Figures over months: the strip of cases, the season of leaving."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Patch, Rectangle
from matplotlib.transforms import ScaledTranslation

from baoxue import words
from baoxue.calendar import SchoolYear, spring_festival_month
from baoxue.charts import dates, house
from baoxue.charts.house import INK, MID, PALE
from baoxue.rates.cube import TOTAL
from baoxue.rates.intervals import HIGHER
from baoxue.rates.patterns import SCHOOL_MONTHS
from baoxue.rates.policy import indicators

STRIP = ("suspected", "confirmed", "returned", "balance")
_SHADES = LinearSegmentedColormap.from_list("baoxue", ["#ffffff", PALE, MID, INK])
_BELOW_IN = 0.11
_DARK = 0.55
"""Above this shade a number is printed white."""


def monthly_strip(ax: Axes, flows: pd.DataFrame, lang: str = "zh", unit: str = TOTAL) -> Axes:
    """疑似, 辍学, 复学, 余额 month by month: a cell a month with its number, the darker the more; a line at each 1
    September.

    `flows`: `rates.cases_by_period(known, "month")`; the rows of `unit` (合计, 小学, 初中) are drawn.
    """
    months = _of_unit(flows, unit)
    numbers = months[list(STRIP)].to_numpy().T
    shades = numbers / np.maximum(numbers.max(axis=1, keepdims=True), 1)
    ax.pcolormesh(shades, cmap=_SHADES, vmin=0, vmax=1, edgecolors="white", linewidth=1)
    _in_cells(ax, numbers, shades, size=8)
    ax.set_yticks(np.arange(len(STRIP)) + 0.5, [words.say(f"charts.strip_{name}", lang) for name in STRIP])
    ax.invert_yaxis()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    _month_axis(ax, pd.to_datetime(months["until"]), lang)
    title = words.say("charts.strip_title", lang)
    ax.set_title(title if unit == TOTAL else f"{words.label(unit, lang)}{words.say('charts.colon', lang)}{title}")
    last = months.iloc[-1]
    if not last["is_complete"]:
        ax.set_xlabel(
            words.say("charts.strip_unfinished", lang, date=dates.day(last["until"], lang)), loc="right", fontsize=8
        )
    return ax


def monthly_strip_alt(flows: pd.DataFrame, lang: str = "zh", unit: str = TOTAL) -> str:
    """The strip as a sentence: the sums, the balance, the month with most confirmations if there were any."""
    months = _of_unit(flows, unit)
    last, sums = months.iloc[-1], months[list(STRIP)].sum()
    span = {"first": dates.month(months["until"].iloc[0], lang), "last": dates.month(last["until"], lang)}
    counts = {name: sums[name] for name in ("suspected", "confirmed", "returned")}
    now = {"balance": last["balance"], "date": dates.day(last["until"], lang)}
    told = words.say("charts.strip_alt", lang, **span, **counts, **now)
    if not sums["confirmed"]:
        return told
    peak = months.iloc[int(months["confirmed"].to_numpy().argmax())]
    return told + words.say("charts.strip_peak", lang, month=dates.month(peak["until"], lang), count=peak["confirmed"])


def season_strip(ax: Axes, years: pd.DataFrame, lang: str = "zh") -> Axes:
    """Who left in which month: a row a school year, a cell a month with its number, the darker the more.

    `years`: `rates.season_by_year(known)`. A ring marks the month of the Spring Festival; empty cells are months not
    lived through or not yet settled.
    """
    numbers = years.to_numpy(dtype=float, na_value=np.nan)
    shades = numbers / max(np.nanmax(numbers, initial=0), 1)
    ax.pcolormesh(shades, cmap=_SHADES, vmin=0, vmax=1, edgecolors="white", linewidth=1)
    _in_cells(ax, numbers, shades, size=9)
    for row, year in enumerate(years.index):
        festival = spring_festival_month(int(year) + 1)
        if festival:
            box = Rectangle((SCHOOL_MONTHS.index(festival) + 0.06, row + 0.06), 0.88, 0.88)
            box.set(fill=False, edgecolor=INK, linewidth=1.2, linestyle=":")
            ax.add_patch(box)
    ax.set_xticks(np.arange(len(years.columns)) + 0.5, [words.say(f"charts.month_{m}", lang) for m in years.columns])
    ax.set_yticks(np.arange(len(years)) + 0.5, [dates.school_year(int(year), lang) for year in years.index])
    ax.invert_yaxis()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(words.say("charts.season_strip_title", lang))
    ax.set_xlabel(words.say("charts.season_strip_note", lang), loc="right", fontsize=8)
    return ax


def season_strip_alt(years: pd.DataFrame, lang: str = "zh") -> str:
    """The strip as a sentence: each school year's leavings and its month with most."""
    told = []
    for year, row in years.iterrows():
        seen = row.dropna()
        named = {"year": dates.school_year(int(str(year)), lang), "count": int(seen.sum())}
        if not seen.sum():
            told.append(words.say("charts.season_strip_alt_none", lang, **named))
            continue
        month = words.say(f"charts.month_{seen.astype(int).idxmax()}", lang)
        told.append(words.say("charts.season_strip_alt", lang, month=month, most=int(seen.max()), **named))
    return words.say("charts.semicolon", lang).join(told) + words.say("charts.full_stop", lang)


def season(ax: Axes, months: pd.DataFrame, lang: str = "zh") -> Axes:
    """Average number who left per calendar month, with intervals; dark where a month is clearly high per school day.

    `months`: `rates.season_on_cases(known)`.
    """
    high = (months["verdict"] == HIGHER).to_numpy()
    place = np.arange(len(months))
    average = months["per_month"].to_numpy(dtype=float)
    ax.bar(place, average, width=0.7, color=np.where(high, INK, PALE), edgecolor=INK, linewidth=0.8)
    spread = np.vstack([average - months["low"], months["high"] - average])
    ax.errorbar(place, average, yerr=spread, fmt="none", ecolor=MID, elinewidth=1.4, capsize=3)
    ax.set_xticks(place, [words.say(f"charts.month_{month}", lang) for month in months["month"]])
    ax.set_ylabel(words.say("charts.season_axis", lang))
    ax.set_ylim(bottom=0)
    ax.set_title(words.say("charts.season_title", lang, level=indicators().confidence_pct))
    if high.any():
        keys = [Patch(facecolor=INK, edgecolor=INK), Patch(facecolor=PALE, edgecolor=INK)]
        ax.legend(
            keys, [words.say("charts.season_high", lang), words.say("charts.season_other", lang)], loc="upper right"
        )
    return ax


def season_alt(months: pd.DataFrame, lang: str = "zh") -> str:
    """The season as a sentence: the months that are clearly high, or that the counts cannot tell."""
    high = months.loc[months["verdict"] == HIGHER, "month"]
    if high.empty:
        return words.say("charts.season_alt_none", lang, count=months["leavings"].sum())
    names = words.say("charts.and_between", lang).join(words.say(f"charts.month_{month}", lang) for month in high)
    return words.say("charts.season_alt_high", lang, months=names)


def _in_cells(ax: Axes, numbers: np.ndarray, shades: np.ndarray, size: float) -> None:
    """Each number in the middle of its cell: white on dark, grey where it is 0; a missing one is left out."""
    there = np.isfinite(numbers)
    is_dark = shades > _DARK
    inks = {"white": is_dark, INK: ~is_dark & (numbers > 0), "#999999": ~is_dark & (numbers == 0)}
    for colour, cells in inks.items():
        rows, columns = np.nonzero(cells & there)
        house.stamp(ax, columns + 0.5, rows + 0.5, [f"{number:.0f}" for number in numbers[rows, columns]], size, colour)


def _of_unit(flows: pd.DataFrame, unit: str) -> pd.DataFrame:
    rows = flows[flows["stage"] == unit].reset_index(drop=True)
    if rows.empty:
        raise ValueError(f"nothing to draw: no rows of {unit} in the table")
    return rows


def _month_axis(ax: Axes, until: pd.Series, lang: str) -> None:
    """Months along the axis, school years below them, a line before each September."""
    numbers = until.dt.month
    ax.set_xticks([])
    below = ax.get_xaxis_transform() + ScaledTranslation(0, -_BELOW_IN, ax.figure.dpi_scale_trans)
    middle_of = np.arange(len(until)) + 0.5
    colour = mpl.rcParams["xtick.color"]
    house.stamp(ax, middle_of, np.zeros(len(until)), [str(number) for number in numbers], 8, colour, where=below)
    years = np.array([SchoolYear.of(day.date()).first for day in until])
    for first in np.unique(years):
        places = np.flatnonzero(years == first)
        middle = (places.min() + places.max() + 1) / 2
        name = dates.school_year(int(first), lang)
        if len(places) >= 3:
            ax.text(middle, -0.13, name, transform=ax.get_xaxis_transform(), ha="center", va="top", fontsize=9)
        if places.min():
            ax.axvline(places.min(), color=INK, linewidth=1.2)
