"""How much of a change of the rate is that pupils are distributed otherwise, and how much that rates are other ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from baoxue.rates.cube import TOTAL
from baoxue.rates.dropout import dropout_rate_on_registry
from baoxue.rates.intervals import CANNOT_TELL, HIGHER, LOWER
from baoxue.rates.policy import indicators

if TYPE_CHECKING:
    from baoxue.store import Known

FACTORS = ("stage", "grade", "sex", "urban_rural", "boarding", "distance_band")
DRAWS, SEED = 4000, 1955


def composition_and_rate(known: Known, year: int, by: str = "grade") -> pd.DataFrame:
    """The change of 学年辍学率 from the school year before to `year`, taken apart: a row for the whole, one per unit.

    See `decomposed`. Both years are cut at the month and day of `as_of`. A pupil whose unit nobody entered is left
    out. Empty where the registry has no beginning of one of the years.
    """
    rows = dropout_rate_on_registry(known, by=(by,), same_period=True)
    rows = rows[rows[by] != TOTAL]
    now, before = (rows[rows["school_year"] == when].set_index(by) for when in (year, year - 1))
    counts = now[["population", "dropouts"]].join(before[["population", "dropouts"]].add_suffix("_before"), how="inner")
    return decomposed(counts).rename_axis(by).reset_index()


def decomposed(counts: pd.DataFrame) -> pd.DataFrame:
    """A change between two crude rates as composition plus rate (Kitagawa 1955); the two add up to it exactly.

    `counts`: a row per unit with `population, dropouts` and `population_before, dropouts_before`. Gives a row 合计 and
    one per unit: `change_points` in percentage points (of a unit: what it adds to the change), `composition_points`:
    the change of its share of pupils at the mean of its two rates; `rate_points`: the change of its rate at the mean
    of its two shares, with `low_points, high_points` (Poisson counts drawn again `DRAWS` times from their Jeffreys
    posteriors, seeded) and `verdict`: 偏高, 偏低, or 无法判断 where the interval holds 0.

    Source: E. M. Kitagawa, Components of a difference between two rates, JASA 50 (1955) 1168-1194. With one factor it
    is das Gupta's (1993) decomposition. No rows without pupils in both years.
    """
    shares = {when: counts[f"population{when}"] / max(counts[f"population{when}"].sum(), 1) for when in ("", "_before")}
    rates = {when: _rates(counts[f"dropouts{when}"], counts[f"population{when}"]) for when in ("", "_before")}
    mean_share, moved = (shares[""] + shares["_before"]) / 2, shares[""] - shares["_before"]
    frame = pd.DataFrame(
        {
            "composition_points": moved * (rates[""] + rates["_before"]) / 2,
            "rate_points": mean_share * (rates[""] - rates["_before"]),
        }
    )
    drawn = mean_share.to_numpy() * (_drawn(counts, "") - _drawn(counts, "_before"))
    drawn = np.column_stack([drawn.sum(axis=1), drawn])
    whole = pd.DataFrame([frame.sum()], index=[TOTAL])
    frame = pd.concat([whole, frame]) if len(frame) else frame
    if not len(frame):
        return frame.assign(change_points=[], low_points=[], high_points=[], verdict=[])
    alpha = indicators().alpha
    low, high = np.quantile(drawn, [alpha / 2, 1 - alpha / 2], axis=0)
    verdict = np.where(low > 0, HIGHER, np.where(high < 0, LOWER, CANNOT_TELL))
    frame.insert(0, "change_points", frame["composition_points"] + frame["rate_points"])
    return frame.assign(low_points=low, high_points=high, verdict=verdict)


def _rates(events: pd.Series, population: pd.Series) -> pd.Series:
    """Per cent; 0 where a unit has no pupils, whose share is 0 too."""
    return (100 * events / population.where(population > 0)).fillna(0.0)


def _drawn(counts: pd.DataFrame, when: str) -> np.ndarray:
    """Rates of each unit drawn from the Jeffreys posterior of its count: a row a draw."""
    random = np.random.default_rng(SEED + bool(when))
    events, population = counts[f"dropouts{when}"].to_numpy(), counts[f"population{when}"].to_numpy()
    drawn = random.gamma(events + 0.5, size=(DRAWS, len(events)))
    return 100 * drawn / np.where(population > 0, population, np.inf)
