"""When and where: the season of leaving, and the places that stand out, by methods made for rare counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baoxue.calendar import SchoolYear
from baoxue.cases.leavings import leavings
from baoxue.panel import school_days
from baoxue.rates.cube import TOTAL
from baoxue.rates.dropout import dropout_rate_on_registry
from baoxue.rates.intervals import CANNOT_TELL, HIGHER, LOWER, poisson_interval, power_to_see
from baoxue.rates.periods import periods
from baoxue.rates.policy import indicators
from baoxue.remembered import remembered

if TYPE_CHECKING:
    from baoxue.store import Known

AS_USUAL = "无明显差异"
"""Said of a place whose count fits the county's rate and where twice that rate would have shown."""

SCHOOL_MONTHS = (9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8)
"""The months in the order of a school year."""


def season_on_cases(known: Known) -> pd.DataFrame:
    """The season: pupils who left (首次缺勤) per calendar month, pooled over the last `season_years` school years.

    Twelve rows, September first: `month`, `months_seen` (how often the month has been lived through and has settled:
    it enters `season_settles_days` after its end, because leavings become known later), `school_days` in those,
    `leavings`, `per_month` with its Jeffreys interval `low, high`, and `verdict` per school day against all other
    months together (exact binomial tails given all leavings, Benjamini-Hochberg over the months): 偏高, 偏低, 无法判断.
    Without a calendar of terms every month seen counts as long as another. Months never seen have no average.
    """
    months = _settled_months(known)
    left = pd.to_datetime(leavings(known).select("left_on").to_pandas()["left_on"]).dt.strftime("%Y-%m")
    months = months.assign(leavings=months["period"].map(left.value_counts()).fillna(0).astype(int))
    pooled = months.groupby("month").agg(
        months_seen=("period", "size"), school_days=("school_days", "sum"), leavings=("leavings", "sum")
    )
    frame = pooled.reindex(list(SCHOOL_MONTHS), fill_value=0).rename_axis("month").reset_index()
    seen = frame["months_seen"].where(frame["months_seen"] > 0).astype(float)
    low, high = poisson_interval(frame["leavings"].to_numpy())
    frame = frame.assign(per_month=frame["leavings"] / seen, low=low / seen, high=high / seen)
    exposure = frame["school_days"] if frame["school_days"].any() else frame["months_seen"]
    return frame.assign(verdict=_against_the_others(frame["leavings"], exposure))


def season_by_year(known: Known) -> pd.DataFrame:
    """Pupils who left (首次缺勤) in each month of each school year: a row per school year, a column a month, September
    first.

    Months before the first registry snapshot or after `as_of` are empty; so are those not yet settled
    (`season_settles_days`): their leavings are still becoming known. The index is `school_year`.
    """
    months = _settled_months(known)
    left = pd.to_datetime(leavings(known).select("left_on").to_pandas()["left_on"]).dt.strftime("%Y-%m").value_counts()
    first = pd.to_datetime(months["starts_on"])
    counts = months.assign(
        school_year=first.dt.year - (first.dt.month < 9), count=months["period"].map(left).fillna(0).astype("Int64")
    )
    table = counts.pivot(index="school_year", columns="month", values="count")
    return table.reindex(columns=list(SCHOOL_MONTHS)).sort_index()


@remembered
def places_standing_out(known: Known, by: str = "school_code", year: int | None = None) -> pd.DataFrame:
    """Places whose dropouts do not fit the county's rate, a row per place in code order; a reason to look, no ranking.

    For one school year, or all years together if `year` is None: `population` (pupil-years), `dropouts` (confirmed),
    `expected` at the county's rate of each stage, `ratio` with its Jeffreys interval `low, high`, `power_pct` to
    see a rate `ratio_to_detect` times the county's, and the `verdict`: 偏高 or 偏低 (exact Poisson tails, false
    discovery rate `false_alarm_pct` by Benjamini and Hochberg 1995), 无明显差异 where nothing shows and such a rate
    would have, else 无法判断. Expecting by stage keeps a junior school from standing out merely for being one.
    """
    rows = dropout_rate_on_registry(known, by=(by, "stage"))
    rows = rows if year is None else rows[rows["school_year"] == year]
    placed = rows[rows[by] != TOTAL]
    stages = placed.groupby("stage")[["dropouts", "population"]].sum()
    rate = placed["stage"].map(stages["dropouts"] / stages["population"]).astype(float)
    placed = placed.assign(expected=placed["population"] * rate)
    return standing_out(placed, by)


def standing_out(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Places against what is expected of them: `rows` with `population, dropouts, expected`, summed by the column `by`.

    Adds `ratio, low, high, power_pct, verdict` as `places_standing_out` says.
    """
    frame = rows.groupby(by)[["population", "dropouts", "expected"]].sum().reset_index()
    expected = frame["expected"].where(frame["expected"] > 0)
    low, high = poisson_interval(frame["dropouts"].to_numpy())
    frame = frame.assign(ratio=frame["dropouts"] / expected, low=low / expected, high=high / expected)
    frame["power_pct"] = power_to_see(frame["expected"].to_numpy(), indicators().ratio_to_detect)
    return frame.assign(verdict=_verdicts(frame))


def funnel_limits(expected: NDArray, confidence_pct: float | None = None) -> tuple[NDArray, NDArray]:
    """The counts between which a place with the county's rate lies at each expected number: exact Poisson quantiles."""
    from scipy.stats import poisson

    alpha = indicators().alpha if confidence_pct is None else 1 - confidence_pct / 100
    return poisson.ppf(alpha / 2, expected), poisson.ppf(1 - alpha / 2, expected)


def _settled_months(known: Known) -> pd.DataFrame:
    months = periods(known, "month").to_pandas()
    settled = pd.Timestamp(known.as_of) - pd.Timedelta(days=indicators().season_settles_days)
    starts, ends = pd.to_datetime(months["starts_on"]), pd.to_datetime(months["ends_on"])
    first = pd.Timestamp(SchoolYear(SchoolYear.of(known.as_of).first - indicators().season_years).starts_on)
    kept = months[months["is_complete"].astype(bool) & (ends <= settled) & (starts >= first)]
    held = school_days(known).strftime("%Y-%m").value_counts()
    return kept.assign(month=starts.dt.month, school_days=kept["period"].map(held).fillna(0).astype(int))


def _against_the_others(events: pd.Series, exposure: pd.Series) -> list[str]:
    """Each unit against all the others together: exact binomial tails, adjusted over the units."""
    from scipy.stats import binom

    total, share = events.sum(), exposure / max(exposure.sum(), 1)
    above, below = binom.sf(events - 1, total, share), binom.cdf(events, total, share)
    return _judged(np.asarray(above), np.asarray(below))


def _verdicts(frame: pd.DataFrame) -> list[str]:
    from scipy.stats import poisson

    events, expected = frame["dropouts"].to_numpy(), frame["expected"].to_numpy()
    judged = _judged(poisson.sf(events - 1, expected), poisson.cdf(events, expected))
    would_show = frame["power_pct"].to_numpy() >= indicators().power_pct
    return [AS_USUAL if word == CANNOT_TELL and shows else word for word, shows in zip(judged, would_show, strict=True)]


def _judged(above: NDArray, below: NDArray) -> list[str]:
    from scipy.stats import false_discovery_control

    if not len(above):
        return []
    two_sided = np.minimum(1.0, 2 * np.minimum(above, below))
    found = false_discovery_control(two_sided) <= indicators().false_alarm_pct / 100
    return [
        CANNOT_TELL if not is_found else HIGHER if up < down else LOWER
        for is_found, up, down in zip(found, above, below, strict=True)
    ]
