"""Figures over children: cohorts month by month, and the monitored groups beside each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from baoxue import words
from baoxue.charts import dates
from baoxue.charts.house import INK, MID, PALE
from baoxue.rates.cube import TOTAL
from baoxue.rates.policy import indicators

_DASHES = ("--", ":", "-.", (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)))


def survival_curves(ax: Axes, curve: pd.DataFrame, lang: str = "zh", *, cohorts: bool = True) -> Axes:
    """Share of a cohort still in school month by month: all cohorts together with the band, single ones dashed.

    `curve`: `rates.survival(known, first_grade)`. The axis does not begin at 0, which the figure says; months of too
    few pupils are not drawn.
    """
    whole = _from_the_beginning(curve[curve["cohort"] == TOTAL])
    level = f"{indicators().confidence_pct:g}"
    band = words.say("charts.survival_band", lang, level=level)
    ax.fill_between(whole["month"], whole["low_pct"], whole["high_pct"], step="post", color=PALE, label=band)
    ax.step(whole["month"], whole["survival_pct"], where="post", color=INK, lw=2, label=words.label(TOTAL, lang))
    singles = [name for name in curve["cohort"].unique() if name != TOTAL] if cohorts else []
    for name, dash in zip(singles, _DASHES * len(singles), strict=False):
        rows = _from_the_beginning(curve[curve["cohort"] == name])
        label = words.say("charts.survival_cohort", lang, year=dates.school_year(int(name), lang))
        ax.step(rows["month"], rows["survival_pct"], where="post", color=MID, linestyle=dash, lw=1.2, label=label)
    grades = curve.groupby("grade")["month"].min()
    ax.set_xticks(grades.to_numpy() - 1, [words.say("charts.grade", lang, grade=grade) for grade in grades.index])
    lowest = float(np.nanmin([whole["low_pct"].min(), curve["survival_pct"].min()]))
    ax.set_ylim(np.floor(lowest * 2) / 2 - 0.25, 100.05)
    ax.set_ylabel(words.say("charts.survival_axis", lang))
    ax.set_title(words.say("charts.survival_title", lang))
    ax.legend(loc="lower left")
    return ax


def survival_curves_alt(curve: pd.DataFrame, lang: str = "zh") -> str:
    """The curves as a sentence: the share still in school at the end of each grade, all cohorts together."""
    whole = curve[curve["cohort"] == TOTAL].dropna(subset=["survival_pct"])
    ends = whole.groupby("grade").tail(1)
    told = [
        words.say("charts.survival_alt", lang, grade=row["grade"], **{n: f"{row[f'{n}_pct']:.2f}" for n in _ENDS})
        for row in ends.to_dict("records")
    ]
    none = words.say("charts.survival_none", lang)
    return (words.say("charts.semicolon", lang).join(told) or none) + words.say("charts.full_stop", lang)


def _from_the_beginning(rows: pd.DataFrame) -> pd.DataFrame:
    """The months of a curve that can be told, from all of the cohort at its first September on."""
    start = pd.DataFrame({"month": [0], "survival_pct": [100.0], "low_pct": [100.0], "high_pct": [100.0]})
    return pd.concat([start, rows.dropna(subset=["survival_pct"])], ignore_index=True)


_ENDS = ("survival", "low", "high")


def group_rates(ax: Axes, groups: pd.DataFrame, lang: str = "zh") -> Axes:
    """The dropout rate of each monitored group as a mark with its interval, count and verdict; the line is the county.

    `groups`: `rates.dropout_rate_in_groups(known)` of one school year. A group too small for a rate is said, not drawn.
    """
    rows = groups[groups["group"] != TOTAL].reset_index(drop=True)
    place = np.arange(len(rows))
    rate, low, high = (rows[name].to_numpy(dtype=float) for name in ("rate_pct", "low_pct", "high_pct"))
    ax.errorbar(rate, place, xerr=np.vstack([rate - low, high - rate]), fmt="none", ecolor=INK, elinewidth=1.2)
    ax.scatter(rate, place, marker="s", s=40, c=MID, edgecolors=INK, zorder=3)
    reach = float(np.nanmax([*high, groups["rate_pct"].max()])) if np.isfinite(high).any() else 1.0
    for y, row in zip(place, rows.to_dict("records"), strict=True):
        key = "charts.group_count" if np.isfinite(row["rate_pct"]) else "charts.group_too_small"
        at = row["high_pct"] if np.isfinite(row["rate_pct"]) else 0.0
        verdict = words.label(row["verdict"], lang)
        text = words.say(key, lang, dropouts=row["dropouts"], population=row["population"], verdict=verdict)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        ax.annotate(text, (at, y), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8, bbox=box)
    county = groups.loc[groups["group"] == TOTAL, "rate_pct"]
    ax.axvline(float(county.iloc[0]), color=INK, lw=1, linestyle="--", label=words.say("charts.group_county", lang))
    ax.set_yticks(place, [words.say(f"trends.group_{name}", lang) for name in rows["group"]])
    ax.invert_yaxis()
    ax.set_xlim(0, reach * 1.3)
    ax.set_xlabel(words.say("charts.years_axis", lang))
    year = dates.school_year(int(groups["school_year"].iloc[0]), lang)
    ax.set_title(words.say("charts.group_title", lang, year=year, level=f"{indicators().confidence_pct:g}"))
    ax.legend(loc="lower right")
    return ax


def group_rates_alt(groups: pd.DataFrame, lang: str = "zh") -> str:
    """The groups as a sentence: each with its dropouts and pupils, and its rate where one can be told."""
    told = []
    for row in groups.to_dict("records"):
        named = {"group": words.say(f"trends.group_{row['group']}", lang), "count": row["dropouts"]}
        if pd.isna(row["rate_pct"]):
            told.append(words.say("charts.group_alt_untold", lang, population=row["population"], **named))
        else:
            numbers = {name: f"{row[f'{name}_pct']:.2f}" for name in ("rate", "low", "high")}
            told.append(words.say("charts.group_alt", lang, population=row["population"], **numbers, **named))
    return words.say("charts.semicolon", lang).join(told) + words.say("charts.full_stop", lang)
