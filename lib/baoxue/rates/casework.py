"""疑似辍学, 辍学, 复学 by period; 清零 balance, 劝返率: what came in, what was brought back, what is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.cases.leavings import leavings, suspicions
from baoxue.codes import Conclusion, Stage
from baoxue.rates.cube import TOTAL, in_order
from baoxue.rates.intervals import poisson_interval, with_share
from baoxue.rates.periods import Every, periods
from baoxue.rates.populations import described
from baoxue.remembered import kept, remembered

if TYPE_CHECKING:
    from baoxue.store import Known

UNPLACED = "不详"
"""The unit of a child the registry never had (失学): counted, and said."""

FLOWS = (
    "suspected",
    "settled_back",
    "suspected_open",
    "opening",
    "confirmed",
    "returned",
    "closed_otherwise",
    "balance",
)


@remembered
def cases_by_period(known: Known, every: Every = "month", by: Sequence[str] = ("stage",)) -> pd.DataFrame:
    """疑似辍学, 辍学, 复学 by period and unit, and the 清零 balance.

    合计 first, then every unit in every period, 0 where nothing was (零报告); 不详 only where there was something.

    `suspected`: cases opened in the period; `settled_back`: cases concluded 返校 in it, before the child counted as a
    dropout; `suspected_open`: cases opened and neither concluded nor closed at its end. `confirmed`: leavings that
    became known (认定) in it; `returned`: leavings whose child came back in it; `closed_otherwise`: ended another way
    (销案: moved, abroad, dead, of age). `opening + confirmed - returned - closed_otherwise = balance`: the leavings
    left at its end (存量, 新增, 销案, 余额); 清零 is a balance of 0. An end that came before the leaving was
    confirmed counts with the confirmation. `confirmed_low, confirmed_high`: Jeffreys interval of the expected
    number (`poisson_interval`).

    `by`: any column of `openings`, taken where the child was last seen; 不详 if the registry never had the child. An
    unfinished period counts up to `as_of` (`is_complete` false). Source: the monthly table of the national registry
    system (辍学, 疑似辍学, 复学 of 小学 and 初中).
    """
    windows = periods(known, every)
    suspected = _in_units(kept(known, "_suspicions_described", lambda: described(suspicions(known), known)), by)
    left = _in_units(kept(known, "_leavings_described", lambda: described(leavings(known), known)), by)
    counts = [_suspected(suspected, windows, by), _left(left, windows, by)]
    frame = _laid_out(windows.to_pandas(), counts, by)
    low, high = poisson_interval(frame["confirmed"].to_numpy())
    return frame.assign(confirmed_low=low, confirmed_high=high)


def return_rate_on_cases(known: Known, every: Every = "year", by: Sequence[str] = ("stage",)) -> pd.DataFrame:
    """劝返率: leavings whose child came back in the period, of those to be brought back in it, per cent.

    `to_return` = balance before + confirmed - closed otherwise (who died, went abroad or was handed over could not be
    brought back here). Jeffreys interval, wide as it must be at few cases; empty where nobody was to be. A
    balance of 0 (清零) is `is_cleared`. Source: 动态清零 (county notice, 二); the quotient is the county's own.
    """
    flows = cases_by_period(known, every, by)
    to_return = flows["opening"] + flows["confirmed"] - flows["closed_otherwise"]
    frame = with_share(flows.assign(to_return=to_return), "returned", "to_return", smallest=1)
    unplaced = (frame[list(by)] == UNPLACED).any(axis=1) & (frame["to_return"] == 0)
    frame = frame[~unplaced].reset_index(drop=True)
    columns = ["period", *by, "to_return", "returned", "balance", "rate_pct", "low_pct", "high_pct", "is_complete"]
    return frame[columns].assign(is_cleared=frame["balance"] == 0)


def _in_units(rows: ibis.Table, by: Sequence[str]) -> ibis.Table:
    """Rows twice: under their unit, and under 合计."""
    named = rows.mutate(**{name: rows[name].cast("string").fill_null(UNPLACED) for name in by})
    return named.union(named.mutate(**dict.fromkeys(by, ibis.literal(TOTAL)))) if by else named


def _suspected(rows: ibis.Table, windows: ibis.Table, by: Sequence[str]) -> pd.DataFrame:
    pairs = rows.cross_join(windows)
    opened, settled = pairs.opened_on, pairs.settled_on
    is_settled_in = settled.between(pairs.starts_on, pairs.ends_on)
    is_open = (opened <= pairs.ends_on) & (settled.isnull() | (settled > pairs.ends_on))
    counts = pairs.group_by("period", *by).aggregate(
        suspected=opened.between(pairs.starts_on, pairs.ends_on).sum(),
        settled_back=(is_settled_in & (pairs.conclusion == Conclusion.BACK)).sum(),
        suspected_open=is_open.sum(),
    )
    return counts.to_pandas()


def _left(rows: ibis.Table, windows: ibis.Table, by: Sequence[str]) -> pd.DataFrame:
    ended = ibis.greatest(rows.ended_on, rows.known_on)
    dated = rows.mutate(
        _ended=ibis.ifelse(rows.ended_on.isnull(), ibis.null("date"), ended), _back=rows.returned_on.notnull()
    )
    pairs = dated.cross_join(windows)
    was_known, is_known = pairs.known_on < pairs.starts_on, pairs.known_on <= pairs.ends_on
    ended_in = pairs._ended.between(pairs.starts_on, pairs.ends_on)
    counts = pairs.group_by("period", *by).aggregate(
        opening=(was_known & (pairs._ended.isnull() | (pairs._ended >= pairs.starts_on))).sum(),
        confirmed=pairs.known_on.between(pairs.starts_on, pairs.ends_on).sum(),
        returned=(ended_in & pairs._back).sum(),
        closed_otherwise=(ended_in & ~pairs._back).sum(),
        balance=(is_known & (pairs._ended.isnull() | (pairs._ended > pairs.ends_on))).sum(),
    )
    return counts.to_pandas()


def _laid_out(windows: pd.DataFrame, counts: Sequence[pd.DataFrame], by: Sequence[str]) -> pd.DataFrame:
    keys = ["period", *by]
    seen = pd.concat([part[list(by)] for part in counts], ignore_index=True)
    stages = pd.DataFrame({"stage": [TOTAL, *(stage.value for stage in Stage)]}) if tuple(by) == ("stage",) else seen
    units = pd.concat([seen, stages]).drop_duplicates()
    frame = windows.merge(units, how="cross") if by else windows
    for part in counts:
        frame = frame.merge(part, on=keys, how="left")
    frame = frame.assign(**{name: frame[name].fillna(0).astype(int) for name in FLOWS})
    unplaced = (frame[list(by)] == UNPLACED).any(axis=1) & (frame[list(FLOWS)] == 0).all(axis=1)
    frame = in_order(frame[~unplaced].rename(columns={"ends_on": "until"}), ["until", *by])
    return frame[["period", *by, "until", "is_complete", *FLOWS]]
