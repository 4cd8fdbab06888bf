"""What the next term's count may be: a prediction interval from the same terms before, and its back test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from baoxue.calendar import Term
from baoxue.codes import Stage
from baoxue.rates.casework import cases_by_period
from baoxue.rates.cube import TOTAL
from baoxue.rates.intervals import share_interval
from baoxue.rates.policy import indicators

if TYPE_CHECKING:
    from baoxue.store import Known

FEWEST = 2
"""Earlier periods of the same season from which on a prediction is made."""


def next_term(known: Known) -> pd.DataFrame:
    """Pupils who may be confirmed as dropouts in the term after the last complete one, 合计 and by stage, with the
    interval.

    A row per stage: `stage, period` (the term predicted), `terms` (earlier ones of the same season), `expected, low,
    high` (`predicted`). Confirmations of a term are final when it ends, so nothing is settled later. Empty numbers
    where there are fewer than `FEWEST` such terms.
    """
    terms = term_counts(known)
    complete = terms[terms["is_complete"]]
    if complete.empty:
        return pd.DataFrame(columns=["stage", "period", "terms", "expected", "low", "high"])
    coming = _following(Term.read(complete["period"].iloc[-1]))
    rows = []
    for stage, part in complete.groupby("stage", sort=False):
        same = part[part["season"] == coming.number]["count"].to_numpy()
        rows.append({"stage": stage, "period": coming.label, "terms": len(same), **predicted(same)})
    return pd.DataFrame(rows)


def back_test(series: pd.DataFrame) -> pd.DataFrame:
    """Each period predicted from the earlier ones of its season and unit only, with what came: forward in time.

    `series`: `period, unit, season, count` in order of time, and `exposure` where periods are not as large as each
    other. Columns: `period, unit, terms, expected, low, high, count, is_inside`; periods with fewer than `FEWEST`
    before them have no row.
    """
    exposure = series["exposure"] if "exposure" in series else pd.Series(1.0, index=series.index)
    rows = []
    for (unit, _), part in series.assign(exposure=exposure).groupby(["unit", "season"], sort=False):
        counts, sizes = part["count"].to_numpy(), part["exposure"].to_numpy(dtype=float)
        for place in range(FEWEST, len(part)):
            told = predicted(counts[:place], sizes[:place], sizes[place])
            inside = bool(told["low"] <= counts[place] <= told["high"])
            rows.append(
                {"period": part["period"].iloc[place], "unit": unit, "terms": place, **told, "count": counts[place],
                 "is_inside": inside}
            )  # fmt: skip
    columns = ["period", "unit", "terms", "expected", "low", "high", "count", "is_inside"]
    return pd.DataFrame(rows, columns=columns).sort_values(["unit", "period"], ignore_index=True)


def coverage(tested: pd.DataFrame) -> dict[str, float]:
    """How often the intervals of a back test held what came: `predictions, inside, share_pct, low_pct, high_pct`.

    The interval of the share says how little a few predictions prove.
    """
    count, inside = len(tested), int(tested["is_inside"].sum())
    low, high = share_interval([inside], [count])
    share = 100 * inside / count if count else np.nan
    return {
        "predictions": count,
        "inside": inside,
        "share_pct": share,
        "low_pct": 100 * low[0],
        "high_pct": 100 * high[0],
    }


def predicted(counts: np.ndarray, exposure: np.ndarray | None = None, coming: float = 1.0) -> dict[str, float]:
    """The next count of a series: `expected, low, high`, whole numbers between which it lies as often as the level
    says.

    Counts are Poisson around one rate per exposure, whose uncertainty is Jeffreys' posterior, so the next one is
    negative binomial; where the counts so far scatter more than that (Pearson's chi-square over its degrees of
    freedom, from four counts on), its variance is widened by as much. Empty under `FEWEST` counts. It carries the past
    on and foresees no change of policy.
    """
    from scipy.stats import nbinom

    if len(counts) < FEWEST:
        return {"expected": np.nan, "low": np.nan, "high": np.nan}
    sizes = np.ones(len(counts)) if exposure is None else exposure
    rate = (counts.sum() + 0.5) / sizes.sum()
    mean = rate * coming
    spread = max(1.0, float(((counts - rate * sizes) ** 2 / (rate * sizes)).sum()) / (len(counts) - 1))
    widened = spread if len(counts) > 3 else 1.0
    variance = mean * (1 + coming / sizes.sum()) * widened
    alpha, p = indicators().alpha, mean / variance
    low, high = nbinom.ppf([alpha / 2, 1 - alpha / 2], mean * p / (1 - p), p)
    return {"expected": float(mean), "low": float(low), "high": float(high)}


def term_counts(known: Known) -> pd.DataFrame:
    """Confirmed dropouts by term and stage: `period, stage, is_complete, unit, season` (1 autumn, 2 spring) and
    `count`."""
    flows = cases_by_period(known, "term")
    flows = flows[flows["stage"].isin([TOTAL, *Stage])]
    terms = [Term.read(period) for period in flows["period"]]
    season = [term.number if term else 0 for term in terms]
    told = flows[["period", "stage", "is_complete"]].assign(unit=flows["stage"], season=season)
    return told.assign(count=flows["confirmed"]).reset_index(drop=True)


def _following(term: Term | None) -> Term:
    if term is None:
        raise ValueError("a period that is no term has no following term")
    return Term(term.year, 2) if term.number == 1 else Term(term.year + 1, 1)
