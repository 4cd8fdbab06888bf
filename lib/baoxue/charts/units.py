"""Figures over years and places: rates with their intervals, and places against the county."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from baoxue import words
from baoxue.charts import dates
from baoxue.charts.house import INK, MID, PALE
from baoxue.codes import Stage
from baoxue.rates.intervals import CANNOT_TELL, HIGHER, LOWER
from baoxue.rates.patterns import AS_USUAL, funnel_limits
from baoxue.rates.policy import indicators

_MARKS = {Stage.PRIMARY.value: ("o", MID), Stage.JUNIOR.value: ("s", INK)}


def yearly_rates(ax: Axes, rates: pd.DataFrame, lang: str = "zh", prefix: str = "net_") -> Axes:
    """学年辍学率 by stage: a mark per school year with its interval and count; hollow while the year is not over.

    `rates`: `rates.dropout_rate_on_registry(known)`; `prefix` "net_" draws the rate net of returns, "" the gross one.
    """
    years = sorted(rates["school_year"].unique())
    for side, (stage, (mark, shade)) in enumerate(_MARKS.items()):
        rows = rates[rates["stage"] == stage].sort_values("school_year")
        place = np.array([years.index(year) for year in rows["school_year"]]) + (side - 0.5) * 0.24
        rate, low, high = (
            rows[f"{prefix}{name}"].to_numpy(dtype=float) for name in ("rate_pct", "low_pct", "high_pct")
        )
        ax.errorbar(place, rate, yerr=np.vstack([rate - low, high - rate]), fmt="none", ecolor=INK, elinewidth=1.2)
        fill = np.where(rows["is_complete"], shade, "white")
        ax.scatter(place, rate, marker=mark, s=52, c=fill, edgecolors=INK, linewidths=1.2, zorder=3, clip_on=False)
        ax.scatter([], [], marker=mark, s=52, c=shade, edgecolors=INK, label=words.label(stage, lang))
        _counts(ax, place, high, rows["net_dropouts" if prefix else "dropouts"], lang)
    ax.set_xticks(range(len(years)), [dates.school_year(year, lang) for year in years])
    ax.set_xlim(-0.6, len(years) - 0.4)
    ax.margins(y=0.12)
    ax.set_ylim(0, ax.get_ylim()[1] * 1.12)
    ax.set_ylabel(words.say("charts.years_axis", lang))
    title = "charts.years_title" if prefix else "charts.years_title_gross"
    ax.set_title(words.say(title, lang, level=indicators().confidence_pct))
    ax.legend(loc="upper right", ncols=2)
    _say_unfinished(ax, rates, lang)
    return ax


def yearly_rates_alt(rates: pd.DataFrame, lang: str = "zh", prefix: str = "net_") -> str:
    """The rates as a sentence: each stage and school year, its rate, count and interval."""
    told = [_told(row, lang, prefix) for row in rates[rates["stage"].isin(list(_MARKS))].to_dict("records")]
    return words.say("charts.semicolon", lang).join(told) + words.say("charts.full_stop", lang)


def funnel(ax: Axes, places: pd.DataFrame, lang: str = "zh") -> Axes:
    """Dropouts of each place against the number expected at the county's rates, within the range of chance.

    `places`: `rates.places_standing_out(known, by)`. Places are not named: the figure shows whether any stands out.
    """
    reach = max(float(places["expected"].max()), 1.0) * 1.05
    grid = np.linspace(0.01, reach, 400)
    low, high = funnel_limits(grid)
    level = indicators().confidence_pct
    ax.fill_between(grid, low, high, step="mid", color=PALE, label=words.say("charts.funnel_band", lang, level=level))
    ax.plot(grid, grid, color=MID, linewidth=1, linestyle="--", label=words.say("charts.funnel_line", lang))
    out = places["verdict"].isin([HIGHER, LOWER]).to_numpy()
    for rows, mark, fill, key in ((places[~out], "o", "white", "fits"), (places[out], "D", INK, "out")):
        label = words.say(f"charts.funnel_{key}", lang)
        ax.scatter(
            rows["expected"],
            rows["dropouts"],
            marker=mark,
            s=34,
            c=fill,
            edgecolors=INK,
            linewidths=1,
            zorder=3,
            label=label,
        )
    ax.set_xlabel(words.say("charts.funnel_expected", lang))
    ax.set_ylabel(words.say("charts.funnel_observed", lang))
    ax.set_title(words.say("charts.funnel_title", lang))
    ax.set_xlim(0, reach)
    ax.set_ylim(bottom=-0.3)
    ax.legend(loc="upper left")
    return ax


def funnel_alt(places: pd.DataFrame, lang: str = "zh") -> str:
    """The funnel as a sentence: how many places stand out, how many do not, of how many it cannot be told."""
    count = places["verdict"].value_counts()
    return words.say(
        "charts.funnel_alt", lang, places=len(places), high=count.get(HIGHER, 0), low=count.get(LOWER, 0),
        usual=count.get(AS_USUAL, 0), unknown=count.get(CANNOT_TELL, 0),
    )  # fmt: skip


def _counts(ax: Axes, place: np.ndarray, above: np.ndarray, counts: pd.Series, lang: str) -> None:
    for x, y, count in zip(place, above, counts, strict=True):
        if np.isfinite(y):
            label = words.say("charts.people", lang, count=count)
            ax.annotate(label, (x, y), xytext=(0, 4), textcoords="offset points", ha="center", va="bottom", fontsize=8)


def _say_unfinished(ax: Axes, rates: pd.DataFrame, lang: str) -> None:
    open_years = rates[~rates["is_complete"]]
    if not open_years.empty:
        day = open_years["until"].max()
        date = dates.day(day, lang)
        ax.set_xlabel(words.say("charts.years_unfinished", lang, date=date), loc="right", fontsize=8)


def _told(row: dict, lang: str, prefix: str) -> str:
    named = {"year": dates.school_year(row["school_year"], lang), "stage": words.label(row["stage"], lang)}
    count = row["net_dropouts" if prefix else "dropouts"]
    rate, low, high = (row[f"{prefix}{name}"] for name in ("rate_pct", "low_pct", "high_pct"))
    if pd.isna(rate):
        return words.say("charts.years_alt_untold", lang, count=count, **named)
    return words.say(
        "charts.years_alt", lang, rate=f"{rate:.2f}", low=f"{low:.2f}", high=f"{high:.2f}", count=count, **named
    )
