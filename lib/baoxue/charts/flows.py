"""The passages as a flow: from where the children come to where they are, the unknown ones dark."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from baoxue import words
from baoxue.charts.house import INK, MID, PALE
from baoxue.rates.passages import DESTINATIONS, FROM_ELSEWHERE, GRADUATES, OF_AGE, UNKNOWN

_GAP, _BAR = 0.06, 0.05
"""Space between names, as a share of all widths (a line of text fits), and the width of the bars at the sides."""


def passage_flow(ax: Axes, flows: pd.DataFrame, year: int, passage: str, lang: str = "zh") -> Axes:
    """Bands from each origin to each destination with their numbers; children whose whereabouts nobody has proved are
    dark.

    `flows`: `rates.passage_flows(known)`. Widths go with the square root of the number, so that a single child is
    seen beside a thousand; the figure says so. Raises ValueError where the year has no such passage.
    """
    rows = _of(flows, year, passage)
    width = np.sqrt(rows["pupils"].to_numpy(dtype=float))
    left, right = _stacked(rows["origin"], width, _ORIGINS), _stacked(rows["destination"], width, DESTINATIONS)
    # both sides hang from the same middle, so that no band has to climb further than it must
    shift = (left.max() - right.max()) / 2
    for place, row in enumerate(rows.to_dict("records")):
        shade = INK if row["destination"] in UNKNOWN else PALE
        ends = (left[place], left[place] - width[place], right[place] + shift, right[place] - width[place] + shift)
        ax.add_patch(_band(*ends, shade))
    _bars(ax, rows, "origin", left, width, 0.0, lang)
    _bars(ax, rows, "destination", right + shift, width, 1.0, lang)
    ax.set_xlim(-0.62, 1.75)
    ax.set_ylim(min(0, shift) - 1, max(left.max(), right.max() + shift) + 0.08 * width.sum())
    ax.invert_yaxis()
    ax.set_axis_off()
    named = {"year": year, "passage": words.label(passage, lang)}
    ax.set_title(words.say("charts.flow_title", lang, **named))
    ax.text(1.75, ax.get_ylim()[0], words.say("charts.flow_scale", lang), ha="right", va="top", fontsize=8)
    return ax


def passage_flow_alt(flows: pd.DataFrame, year: int, passage: str, lang: str = "zh") -> str:
    """The flow as a sentence: all children, each destination with its number, those unknown."""
    rows = _of(flows, year, passage)
    counts = rows.groupby("destination")["pupils"].sum().reindex(list(DESTINATIONS)).dropna().astype(int)
    told = words.say("charts.and_between", lang).join(
        words.say("charts.flow_alt_part", lang, destination=words.label(str(word), lang), count=count)
        for word, count in counts.items()
    )
    unknown = int(counts.reindex(list(UNKNOWN)).fillna(0).sum())
    named = {"year": year, "passage": words.label(passage, lang), "children": int(counts.sum())}
    return words.say("charts.flow_alt", lang, told=told, unknown=unknown, **named)


def latest(flows: pd.DataFrame) -> int:
    """The last year of the flows; ValueError if there is none."""
    if flows.empty:
        raise ValueError("no passage is known: there are no admissions and no registry at the beginning of a year")
    return int(flows["admission_year"].max())


_ORIGINS = (GRADUATES, OF_AGE, FROM_ELSEWHERE)


def _of(flows: pd.DataFrame, year: int, passage: str) -> pd.DataFrame:
    rows = flows[(flows["admission_year"] == year) & (flows["passage"] == passage)].reset_index(drop=True)
    if rows.empty:
        raise ValueError(f"nothing to draw: no {passage} in {year}")
    return rows


def _stacked(names: pd.Series, width: np.ndarray, order: tuple[str, ...]) -> np.ndarray:
    """The lower end of each band on one side, bands of one name together, a gap between names."""
    ends, below = np.zeros(len(names)), 0.0
    for name in order:
        members = np.flatnonzero((names == name).to_numpy())
        for member in members:
            below += width[member]
            ends[member] = below
        below += _GAP * width.sum() if len(members) else 0.0
    return ends


def _band(left_end: float, left_start: float, right_end: float, right_start: float, shade: str) -> PathPatch:
    start, end, middle = 0.0, 1.0, 0.5
    points = [
        (start, left_start), (middle, left_start), (middle, right_start), (end, right_start),
        (end, right_end), (middle, right_end), (middle, left_end), (start, left_end), (start, left_start),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    return PathPatch(Path(points, codes), facecolor=shade, edgecolor="white", linewidth=0.6)


def _bars(ax: Axes, rows: pd.DataFrame, side: str, ends: np.ndarray, width: np.ndarray, x: float, lang: str) -> None:
    for name in rows[side].unique():
        members = (rows[side] == name).to_numpy()
        top, bottom = (ends - width)[members].min(), ends[members].max()
        shade = INK if name in UNKNOWN else MID
        ax.add_patch(Rectangle((x - _BAR * (1 - x), top), _BAR, bottom - top, facecolor=shade, edgecolor="none"))
        count = int(rows.loc[members, "pupils"].sum())
        text = words.say("charts.flow_label", lang, name=words.label(name, lang), count=count)
        at, align = (x - 0.08, "right") if x == 0 else (x + 0.03 + _BAR, "left")
        ax.text(at, (top + bottom) / 2, text, ha=align, va="center", fontsize=9)
