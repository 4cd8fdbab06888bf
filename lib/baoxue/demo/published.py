"""Published figures beside which the simulated county is held: found in statistics and studies, and a file of more.

A file of sourced figures (`indicator, geography, year, value, unit`, as `china_stats.csv` has them) adds what follows
from it. What is only our proposal for a synthetic county says so (`ours`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

COLUMNS = ("figure", "measured", "low", "high", "whose", "verdict")


@dataclass(frozen=True)
class Range:
    """What somebody has published of a figure: from, to, and whose it is (an entry `whose_…` and its year)."""

    figure: str
    low: float
    high: float
    whose: str


KNOWN = (
    Range("migrant_pct", 28, 28, "zhejiang 2018"),
    Range("migrant_pct", 30, 30, "ours"),
    Range("left_behind_pct", 2, 4, "ours"),
    Range("disabled_pct", 0.57, 0.57, "china 2023"),
    Range("low_income_pct", 1.5, 2.5, "ours"),
    Range("boarding_primary_pct", 2, 2, "ours"),
    Range("boarding_primary_pct", 10, 10, "about"),
    Range("boarding_junior_pct", 20, 20, "ours"),
    Range("boarding_junior_pct", 45, 45, "about"),
    Range("junior_against_primary", 10, 10, "ours"),
    Range("junior_against_primary", 2.64, 2.64, "china 1992"),
    Range("grade_8_against_7", 1.58, 1.58, "yi 2012"),
    Range("spring_pct", 24, 39, "ours"),
    Range("absent_never_pct", 74.3, 74.3, "kremer 2004"),
    Range("absent_ten_days_pct", 0.6, 0.6, "kremer 2004"),
    Range("consolidation_pct", 95.9, 95.9, "china 2024"),
    Range("consolidation_pct", 99.99, 100, "zhejiang 2018"),
)
"""Shares in per cent; `…_against_…` are ratios of rates; `spring_pct`: of a year's leavings, February and March."""


def from_statistics(file: Path) -> list[Range]:
    """What follows from a file of sourced figures; figures whose parts it lacks are left out.

    Raises FileNotFoundError, and KeyError if it has not the columns.
    """
    rows = pd.read_csv(file, dtype={"year": str})
    rows = rows[["indicator", "geography", "year", "value", "unit"]]
    values = pd.to_numeric(rows["value"], errors="coerce") * rows["unit"].map(
        {"万人": 1e4, "万所": 1e4, "亿": 1e8}
    ).fillna(1)
    of = dict(zip(zip(rows["indicator"], rows["geography"], rows["year"], strict=True), values, strict=True))
    return [found for found in _derived(of) if not np.isnan(found.low)]


def _derived(of: dict[tuple[str, str, str], float]) -> list[Range]:
    def get(indicator: str, place: str, year: str) -> float:
        return of.get((indicator, place, year), np.nan)

    def ranged(figure: str, value: float, whose: str) -> Range:
        return Range(figure, round(value, 2), round(value, 2), whose)

    def pupils(place: str, year: str) -> float:
        return get("primary_pupils", place, year) + get("junior_pupils", place, year)

    made = []
    for place, year in (("China", "2024"), ("Wenzhou", "2022"), ("Zhejiang", "2012")):
        whose = f"{place.lower()} {year}"
        primary, junior = get("primary_pupils", place, year), get("junior_pupils", place, year)
        made.append(ranged("primary_per_junior", primary / junior, whose))
        made.append(ranged("pupils_per_primary_school", primary / get("primary_schools", place, year), whose))
    entrants = get("primary_entrants", "China", "2024") / get("primary_entrants", "China", "2023")
    made.append(ranged("entrants_change_pct", 100 * (entrants - 1), "china 2024"))
    migrants = get("migrant_children_compulsory_share_of_enrolment", "China", "2017")
    made.append(ranged("migrant_pct", migrants, "china 2017"))
    left_behind = get("left_behind_compulsory_MOE_definition", "China", "2021") / pupils("China", "2021")
    made.append(ranged("left_behind_pct", 100 * left_behind, "rural 2021"))
    disabled = get("special_education_pupils_all_forms", "China", "2024") / pupils("China", "2024")
    made.append(ranged("disabled_pct", 100 * disabled, "china 2024"))
    return made


def held(measured: dict[str, float], ranges: list[Range]) -> pd.DataFrame:
    """The measured figures beside the published ones, a row each of these, in the columns of COLUMNS.

    `verdict` is `within`, `above` or `below`; a published number is met if the measured one rounds to within a tenth of
    it. In the order of `measured`; a figure that was not measured is left out.
    """
    rows = [
        (r.figure, measured[r.figure], r.low, r.high, r.whose, _verdict(measured[r.figure], r))
        for figure in measured
        for r in ranges
        if r.figure == figure
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _verdict(value: float, published: Range) -> str:
    slack = 0.1 * max(abs(published.low), abs(published.high))
    if value < published.low - slack:
        return "below"
    return "above" if value > published.high + slack else "within"
