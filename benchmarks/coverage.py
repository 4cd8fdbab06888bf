"""How often the intervals hold the truth: `python benchmarks/coverage.py [--counties 200] [--base-rate 0.001]`.

Simulates counties whose true rates are known: schools of many sizes, each with its own true rate around the base rate
(gamma, coefficient of variation 0.5), counts binomial. The rates go through `baoxue.rates` as those of a report do.
Prints coverage of nominal 95 % intervals by kind of unit (county, township, school) and by expected count, for the
interval in use and for the exact one beside it, and of the prediction intervals for a next term. The bar: 93 to 97 %
over all intervals of the 200 counties. Every row has the interval of its own coverage: a simulation counts too.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
import pandas as pd

from baoxue import rates
from baoxue.rates.intervals import with_rate

BAR = (93.0, 97.0)
BANDS = [0, 0.2, 0.5, 1, 2, 5, 10, 50, np.inf]
SCHOOLS, TOWNSHIPS, PUPILS = 150, 25, 150_000
SPREAD = 0.5
"""Coefficient of variation of the schools' true rates."""


def counties(count: int, base_rate: float, seed: int) -> pd.DataFrame:
    """Units of simulated counties: `county, kind, population, expected, dropouts`; of every size of
    place."""
    random = np.random.default_rng(seed)
    share = random.dirichlet(np.full(SCHOOLS, 1.5), count)
    population = np.maximum(30, (share * PUPILS).round()).astype(int)
    rate = base_rate * random.gamma(1 / SPREAD**2, SPREAD**2, (count, SCHOOLS))
    dropouts = random.binomial(population, np.minimum(rate, 1))
    place = random.integers(0, TOWNSHIPS, (count, SCHOOLS))
    schools = pd.DataFrame({
        "county": np.repeat(np.arange(count), SCHOOLS), "township": place.ravel(), "population": population.ravel(),
        "expected": (population * rate).ravel(), "dropouts": dropouts.ravel(),
    })  # fmt: skip
    sums = ["population", "expected", "dropouts"]
    townships = schools.groupby(["county", "township"])[sums].sum().reset_index()
    whole = schools.groupby("county")[sums].sum().reset_index()
    parts = {"county": whole, "township": townships, "school": schools}
    return pd.concat([part.assign(kind=kind) for kind, part in parts.items()], ignore_index=True)


def covered(units: pd.DataFrame) -> pd.DataFrame:
    """`units` with `inside`: whether the true rate lies in the interval of the report, `exact`: in the exact one."""
    from statsmodels.stats.rates import confint_poisson

    told = with_rate(units, "dropouts", "population")
    truth = 100 * told["expected"] / told["population"]
    inside = truth.between(told["low_pct"], told["high_pct"])
    low, high = confint_poisson(told["dropouts"].to_numpy(float), 1.0, method="exact-c", alpha=0.05)
    low = np.where(told["dropouts"] == 0, 0.0, low)
    return told.assign(inside=inside, exact=told["expected"].between(low, high), band=pd.cut(told["expected"], BANDS))


def summary(rows: pd.DataFrame, by: str | None) -> pd.DataFrame:
    """Coverage per value of a column, or of all rows: `intervals, coverage_pct, low_pct, high_pct, exact_pct`."""
    groups = rows.groupby(by, observed=True) if by else rows.groupby(lambda _: "all")
    table = groups.agg(intervals=("inside", "size"), inside=("inside", "sum"), exact=("exact", "mean"))
    low, high = rates.share_interval(table["inside"], table["intervals"])
    shares = {"coverage_pct": 100 * table["inside"] / table["intervals"], "low_pct": 100 * low, "high_pct": 100 * high}
    return table[["intervals"]].assign(**shares, exact_pct=100 * table["exact"]).round(2)


def predictions(count: int, base_rate: float, seed: int) -> pd.DataFrame:
    """Coverage of the prediction interval for a next term, for units that expect so many a term."""
    random = np.random.default_rng(seed + 1)
    rows = []
    for mean in (0.5, 2.0, 10.0, PUPILS * base_rate / 2):
        drawn = random.poisson(mean, (count * 5, 5))
        told = [rates.predicted(terms[:-1]) for terms in drawn]
        inside = sum(t["low"] <= terms[-1] <= t["high"] for t, terms in zip(told, drawn, strict=True))
        low, high = rates.share_interval([inside], [len(drawn)])
        rows.append((mean, len(drawn), 100 * inside / len(drawn), 100 * low[0], 100 * high[0]))
    columns = ["expected_per_term", "predictions", "coverage_pct", "low_pct", "high_pct"]
    return pd.DataFrame(rows, columns=columns).round(2)


def main() -> int:
    """Print the tables; 1 if the coverage over all intervals misses the bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counties", type=int, default=200)
    parser.add_argument("--base-rate", type=float, default=0.001)
    parser.add_argument("--seed", type=int, default=20241130)
    asked = parser.parse_args()
    rows = covered(counties(asked.counties, asked.base_rate, asked.seed))
    whole = summary(rows, None)
    for title, table in (
        ("all intervals", whole),
        ("by kind of unit", summary(rows, "kind")),
        ("by expected count", summary(rows, "band")),
        ("next term, prediction intervals", predictions(asked.counties, asked.base_rate, asked.seed)),
    ):
        sys.stdout.write(f"\n{title}\n{table.to_string()}\n")
    reached = float(whole["coverage_pct"].iloc[0])
    sys.stdout.write(
        f"\nbar {BAR[0]:g}-{BAR[1]:g} %: {reached:.2f} % {'met' if BAR[0] <= reached <= BAR[1] else 'missed'}\n"
    )
    return 0 if BAR[0] <= reached <= BAR[1] else 1


if __name__ == "__main__":
    sys.exit(main())
