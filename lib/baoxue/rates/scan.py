"""Where and when leavings lie closer together than chance: scan statistics with Monte Carlo tests, seeded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baoxue.rates.intervals import CANNOT_TELL, HIGHER
from baoxue.rates.patterns import places_standing_out
from baoxue.rates.policy import indicators

if TYPE_CHECKING:
    from baoxue.store import Known

DRAWS, SEED, AT_MOST = 999, 1997, 0.5
"""Monte Carlo draws, their seed, and the largest share of the expected events a window may hold (Kulldorff 1997)."""
_CHUNK = 100


def scan_schools(known: Known, year: int | None = None) -> pd.DataFrame:
    """The circle of neighbouring schools with most dropouts against what the county's rates would give: one row.

    See `scan`. Circles are drawn around every school over the schools' coordinates; expected numbers are those of
    `places_standing_out` (the county's rate of each stage). Columns: `centre` and `schools` (codes, joined by 、),
    `dropouts, expected, ratio, p_value, verdict`. No rows without coordinates or without dropouts.
    """
    places = places_standing_out(known, "school_code", year)
    schools = known.table("schools").select("school_code", "longitude_deg", "latitude_deg").to_pandas()
    rows = places.merge(schools.dropna(), on="school_code").sort_values("school_code", ignore_index=True)
    columns = ["centre", "schools", "dropouts", "expected", "ratio", "p_value", "verdict"]
    if rows.empty or not rows["dropouts"].sum():
        return pd.DataFrame(columns=columns)
    windows = circles(rows["longitude_deg"].to_numpy(), rows["latitude_deg"].to_numpy())
    found = scan(rows["dropouts"].to_numpy(), rows["expected"].to_numpy(), windows)
    inside = windows[found["window"]]
    order = np.flatnonzero(inside)
    nearest = order[np.argmin([_distances(rows, int(place))[order].max() for place in order])]
    codes = rows["school_code"]
    told = {"centre": codes[nearest], "schools": "、".join(codes[inside])}
    told |= {"dropouts": found["events"], **{name: found[name] for name in columns[3:]}}
    return pd.DataFrame([told], columns=columns)


def scan_months(counts: pd.Series, exposure: pd.Series, longest: int = 6) -> pd.DataFrame:
    """The run of up to `longest` neighbouring months with most events against its exposure: one row.

    `counts` and `exposure` (school days, say) by month, in order, the same index. Columns: `first, last` (labels of
    the index), `events, expected, ratio, p_value, verdict`. See `scan`. No rows without events.
    """
    columns = ["first", "last", "events", "expected", "ratio", "p_value", "verdict"]
    if not counts.sum():
        return pd.DataFrame(columns=columns)
    size = len(counts)
    runs = [(start, end) for start in range(size) for end in range(start + 1, min(start + longest, size) + 1)]
    windows = np.array([(np.arange(size) >= start) & (np.arange(size) < end) for start, end in runs])
    expected = exposure.to_numpy(dtype=float) / exposure.sum() * counts.sum()
    found = scan(counts.to_numpy(), expected, windows)
    start, end = runs[found["window"]]
    told = {"first": counts.index[start], "last": counts.index[end - 1], **found}
    return pd.DataFrame([told], columns=columns)


def scan(events: NDArray, expected: NDArray, windows: NDArray, draws: int = DRAWS, seed: int = SEED) -> dict:
    """The window with the largest Poisson likelihood ratio for a raised rate, and how often chance has one as large.

    `windows`: a row a window, true for the units in it; windows with more than half of the expected events are left
    out. `expected` is scaled to the events. Gives `window` (its row), `events, expected, ratio` (inside), `p_value`:
    rank of the largest ratio among `draws` draws of as many events, each unit by its share of the expected ones (so
    looking at many windows is paid for), and `verdict`: 偏高 below the county's alpha, else 无法判断.

    Source: M. Kulldorff, A spatial scan statistic, Communications in Statistics 26 (1997) 1481-1496.
    """
    share = expected / expected.sum()
    inside = windows @ share
    windows_kept = np.flatnonzero((inside <= AT_MOST) & (inside > 0))
    if not len(windows_kept):
        raise ValueError("every window holds more than half of what is expected: there is nothing to scan")
    shares, matrix = inside[windows_kept], windows[windows_kept].astype(float)
    total = int(events.sum())
    observed = _likelihood(matrix @ events, shares, total)
    best = int(observed.argmax())
    random = np.random.default_rng(seed)
    drawn = random.multinomial(total, share, size=draws)
    chunks = np.array_split(drawn, max(1, draws // _CHUNK))
    largest = np.concatenate([_likelihood(chunk @ matrix.T, shares, total).max(axis=1) for chunk in chunks])
    p_value = (1 + (largest >= observed[best] - 1e-12).sum()) / (draws + 1)
    counted = int((matrix[best] @ events).round())
    return {
        "window": int(windows_kept[best]), "events": counted, "expected": float(shares[best] * total),
        "ratio": float(counted / (shares[best] * total)), "p_value": float(p_value),
        "verdict": HIGHER if p_value < indicators().alpha else CANNOT_TELL,
    }  # fmt: skip


def circles(longitude: NDArray, latitude: NDArray) -> NDArray:
    """Every circle around a place that holds its nearest 1, 2, … places: a row a circle, each set of places once."""
    x, y = longitude * np.cos(np.radians(latitude.mean())), latitude
    distance = np.hypot(x[:, None] - x, y[:, None] - y)
    rank = distance.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    size = len(x)
    nested = rank[:, None, :] <= np.arange(size)[None, :, None]
    return np.unique(nested.reshape(-1, size), axis=0)


def _distances(rows: pd.DataFrame, place: int) -> NDArray:
    scale = np.cos(np.radians(rows["latitude_deg"].mean()))
    x, y = rows["longitude_deg"].to_numpy() * scale, rows["latitude_deg"].to_numpy()
    return np.hypot(x - x[place], y - y[place])


def _likelihood(events: NDArray, share: NDArray, total: int) -> NDArray:
    """Log likelihood ratio of each window for a rate above that outside it; 0 where it is not above."""
    outside, expected = total - events, share * total
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = events * np.log(events / expected) + np.where(
            outside > 0, outside * np.log(outside / (total - expected)), 0.0
        )
    return np.where(events > expected, ratio, 0.0)
