"""A grid map: each township a square of the same size, near where its schools lie, so that small ones are seen too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle
from numpy.typing import NDArray

from baoxue import words
from baoxue.charts.house import INK, MID, PALE
from baoxue.rates.intervals import CANNOT_TELL, HIGHER, LOWER
from baoxue.rates.patterns import AS_USUAL

_LOOKS = {HIGHER: (INK, ""), AS_USUAL: (PALE, ""), LOWER: ("white", "....."), CANNOT_TELL: ("white", "")}
"""Verdict -> fill and hatch: apart in black and white."""

_NAME_SIZE = {"zh": 9, "en": 6.5}
"""Points of a township's name, so that the longest stays in its square."""


def township_centres(schools: pd.DataFrame) -> pd.DataFrame:
    """The middle of each township's schools: `township_code, x, y` in kilometres from the county's middle, code order.

    `schools`: the store's table of schools; those without coordinates are left out, and so is a township without any.
    """
    placed = schools.dropna(subset=["longitude_deg", "latitude_deg", "township_code"])
    middle = placed.groupby("township_code")[["longitude_deg", "latitude_deg"]].mean()
    scale = 111.32 * np.cos(np.radians(middle["latitude_deg"].mean()))
    x, y = middle["longitude_deg"] * scale, middle["latitude_deg"] * 110.57
    return pd.DataFrame({"x": x - x.mean(), "y": y - y.mean()}).reset_index()


def grid_cells(centres: pd.DataFrame) -> pd.DataFrame:
    """`centres` with a cell of a grid for each, `column, row` (from the north), as near to its place as may be.

    The grid has the county's proportions and at least as many cells as places; the sum of squared distances between
    places and cells is the smallest possible (linear assignment). Deterministic.
    """
    from scipy.optimize import linear_sum_assignment

    if centres.empty:
        return centres.assign(column=pd.Series(dtype=int), row=pd.Series(dtype=int))
    x, y = _unit(centres["x"].to_numpy()), _unit(centres["y"].to_numpy())
    reach = [max(float(np.ptp(centres[name])), 1.0) for name in ("x", "y")]
    columns = max(1, round(np.sqrt(1.5 * len(centres) * reach[0] / reach[1])))
    rows = max(1, int(np.ceil(1.5 * len(centres) / columns)))
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(columns), np.arange(rows)))
    across, up = (column + 0.5) / columns, 1 - (row + 0.5) / rows
    cost = ((x[:, None] - across) * reach[0]) ** 2 + ((y[:, None] - up) * reach[1]) ** 2
    chosen = linear_sum_assignment(cost)[1]
    found = centres.assign(column=column[chosen], row=row[chosen])
    return found.assign(column=found["column"] - found["column"].min(), row=found["row"] - found["row"].min())


def grid_map(ax: Axes, cells: pd.DataFrame, places: pd.DataFrame, names: dict[str, str], lang: str = "zh") -> Axes:
    """Each township's dropouts and the number expected at the county's rates, shaded by the verdict.

    `cells`: `grid_cells`; `places`: `rates.places_standing_out(known, "township_code")`; `names`: code -> short name.
    A township without schools on the map is not drawn.
    """
    rows = cells.merge(places, on="township_code")
    for row in rows.to_dict("records"):
        fill, hatch = _LOOKS[row["verdict"]]
        ink = "white" if fill == INK else INK
        box = Rectangle((row["column"], row["row"]), 0.94, 0.94, facecolor=fill, edgecolor=MID, hatch=hatch, lw=0.8)
        ax.add_patch(box)
        name = names.get(row["township_code"], row["township_code"])
        middle: dict[str, Any] = {"ha": "center", "va": "center", "color": ink}
        ax.text(row["column"] + 0.47, row["row"] + 0.34, name, fontsize=_NAME_SIZE[lang], **middle)
        told = words.say("charts.map_numbers", lang, dropouts=row["dropouts"], expected=row["expected"])
        ax.text(row["column"] + 0.47, row["row"] + 0.66, told, fontsize=8, **middle)
    ax.set_xlim(-0.1, max(rows["column"].max() + 1, 1))
    ax.set_ylim(max(rows["row"].max() + 1, 1), -0.1)
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_title(words.say("charts.map_title", lang))
    ax.legend(handles=_legend(lang), loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def grid_map_alt(cells: pd.DataFrame, places: pd.DataFrame, names: dict[str, str], lang: str = "zh") -> str:
    """The map as a sentence: how many townships are drawn, and which stand out."""
    rows = cells.merge(places, on="township_code").sort_values("township_code")
    parts = [words.say("charts.map_alt", lang, places=len(rows), dropouts=int(rows["dropouts"].sum()))]
    for verdict in (HIGHER, LOWER):
        out = [names.get(code, code) for code in rows.loc[rows["verdict"] == verdict, "township_code"]]
        if out:
            told = words.say("charts.and_between", lang).join(out)
            parts.append(words.say("charts.map_alt_out", lang, verdict=words.label(verdict, lang), names=told))
    if len(parts) == 1:
        parts.append(words.say("charts.map_alt_none", lang))
    return "".join(parts)


def _unit(values: NDArray) -> NDArray:
    return (values - values.min()) / max(float(np.ptp(values)), 1e-9)


def _legend(lang: str) -> list[Patch]:
    return [
        Patch(facecolor=fill, edgecolor=MID, hatch=hatch, label=words.label(verdict, lang))
        for verdict, (fill, hatch) in _LOOKS.items()
    ]
