"""A small table of pupils and school years that the project makes itself, so that the risk notebook runs anywhere.

It is no model of a county (that is the demo county): a known rule makes some children leave, so that what a model ought
to find is known. `visits_after_leaving` is planted: it is filled in after the event, and the mapping refuses it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

YEARS = (2019, 2020, 2021, 2022, 2023, 2024)


def pupil_years(pupils: int, seed: int) -> pd.DataFrame:
    """A row a pupil and school year, `pupils` of them a year: what was known at its start, and whether the pupil left.

    Columns: `row, year, school, sex, age_over_months` (older than the grade expects), `absent_days` (unexcused, last
    term; missing where no roll was taken), `rank_pct` (place within the grade, 100 = best), `moves, distance_km,
    boarder` (yes/no), `carer` (parents / one parent / grandparents / other), `visits_after_leaving`, `left_next_year`
    (yes/no). About 1.5 % leave.
    """
    draw = np.random.default_rng(seed)
    n = pupils * len(YEARS)
    school = draw.integers(0, 24, n)
    table = pd.DataFrame({
        "row": np.arange(1, n + 1),
        "year": np.repeat(YEARS, pupils),
        "school": [f"S{code:02d}" for code in school],
        "sex": draw.choice(["女", "男"], n),
        "age_over_months": np.round(draw.normal(0, 5, n) + 14 * (draw.random(n) < 0.06)),
        "absent_days": draw.negative_binomial(0.5, 0.25, n).astype(float),
        "rank_pct": np.round(100 * draw.random(n), 1),
        "moves": draw.poisson(0.15, n),
        "distance_km": np.round(draw.gamma(1.5, 2.0, n), 1),
        "boarder": draw.choice(["是", "否"], n, p=[0.2, 0.8]),
        "carer": draw.choice(["父母", "父或母一方", "祖辈", "其他"], n, p=[0.62, 0.2, 0.16, 0.02]),
    })  # fmt: skip
    leaves = draw.random(n) < expit(_log_odds(table, draw.normal(0, 0.5, 24)[school]))
    table["absent_days"] = table["absent_days"].mask(draw.random(n) < 0.08)
    table["visits_after_leaving"] = np.where(leaves, 1 + draw.poisson(2, n), 0)
    table["left_next_year"] = np.where(leaves, "是", "否")
    return table


def _log_odds(table: pd.DataFrame, school: np.ndarray) -> pd.Series:
    return (
        -5.0
        + 0.09 * table["age_over_months"].clip(-6, 24)
        + 0.16 * table["absent_days"].clip(upper=15)
        + 0.02 * (50 - table["rank_pct"])
        + 0.5 * table["moves"]
        + 0.5 * (table["carer"] == "其他")
        + 0.25 * (table["carer"] == "祖辈")
        + school
    )
