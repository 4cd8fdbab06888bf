"""疑似辍学, 辍学, 复学 by period; 清零 balance, 劝返率: what came in, what was brought back, what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baoxue.cases.leavings import suspicions
from baoxue.codes import Conclusion, Stage
from baoxue.rates.cube import TOTAL, as_text, in_order
from baoxue.rates.dropout import leavings_described
from baoxue.rates.intervals import poisson_interval, with_share
from baoxue.rates.periods import Every, periods
from baoxue.rates.populations import described
from baoxue.remembered import in_memory, kept, remembered

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
    windows = in_memory(known, periods(known, every))
    suspected = _suspected(_suspicions(known, by), windows, by)
    left = _left(_left_by(known, by), windows, by)
    frame = _laid_out(suspected.join(left, how="outer"), windows, by)
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


def _suspicions(known: Known, by: Sequence[str]) -> pd.DataFrame:
    rows = kept(known, "_suspicions_described", lambda: described(suspicions(known), known))
    return _in_units(in_memory(known, rows), by, opened="opened_on", settled="settled_on", conclusion="conclusion")


def _left_by(known: Known, by: Sequence[str]) -> pd.DataFrame:
    rows = in_memory(known, leavings_described(known))
    return _in_units(rows, by, known="known_on", ended="ended_on", returned="returned_on")


def _in_units(rows: pd.DataFrame, by: Sequence[str], **columns: str) -> pd.DataFrame:
    """Some columns, each row under its unit."""
    told = {name: rows[column] for name, column in columns.items()}
    return pd.DataFrame(told | {name: as_text(rows[name]).fillna(UNPLACED) for name in by})


def _suspected(rows: pd.DataFrame, windows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    opened, settled = _Day(rows["opened"], windows), _Day(rows["settled"], windows)
    is_back = (rows["conclusion"] == Conclusion.BACK).fillna(False).to_numpy(dtype=bool)[:, np.newaxis]
    flows = {
        "suspected": opened.in_period,
        "settled_back": settled.in_period & is_back,
        "suspected_open": opened.by_end & ~settled.by_end,
    }
    return _counted(flows, rows, windows, by)


def _left(rows: pd.DataFrame, windows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    last = rows[["ended", "known"]].max(axis=1).where(rows["ended"].notna())
    became_known, ended = _Day(rows["known"], windows), _Day(last, windows)
    is_back = rows["returned"].notna().to_numpy()[:, np.newaxis]
    flows = {
        "opening": became_known.before & ~ended.before,
        "confirmed": became_known.in_period,
        "returned": ended.in_period & is_back,
        "closed_otherwise": ended.in_period & ~is_back,
        "balance": became_known.by_end & ~ended.by_end,
    }
    return _counted(flows, rows, windows, by)


class _Day:
    """A day of every row against every period, a row a row and a column a period; a missing day is never."""

    def __init__(self, days: pd.Series, windows: pd.DataFrame) -> None:
        day = days.to_numpy()[:, np.newaxis]
        self.before = day < windows["starts_on"].to_numpy()
        self.by_end = day <= windows["ends_on"].to_numpy()
        self.in_period = self.by_end & ~self.before


def _counted(
    flows: Mapping[str, NDArray], rows: pd.DataFrame, windows: pd.DataFrame, by: Sequence[str]
) -> pd.DataFrame:
    """How many rows are in each flow of each period: a row a unit (`by` empty: one row), columns flow and period."""
    wide = pd.DataFrame(np.hstack(list(flows.values())), index=rows.index)
    wide.columns = pd.MultiIndex.from_product([list(flows), windows["period"]])
    return wide.groupby([rows[name] for name in by] or (lambda _: TOTAL)).sum()


def _laid_out(wide: pd.DataFrame, windows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """A row a period and unit, 合计 among them; 不详 only where there was something."""
    if tuple(by) == ("stage",):
        wide = wide.reindex(wide.index.union([stage.value for stage in Stage]))
    counts = wide[list(FLOWS)].fillna(0).to_numpy(dtype=int)
    total = counts.sum(axis=0, keepdims=True)
    units = pd.DataFrame([[TOTAL] * len(by), *(wide.index.to_frame().to_numpy() if by else [])], columns=list(by))
    cells = np.vstack([total, counts]) if by else total
    told = cells.reshape(len(units), len(FLOWS), len(windows)).transpose(2, 0, 1).reshape(-1, len(FLOWS))
    frame = windows.rename(columns={"ends_on": "until"}).merge(units, how="cross")
    frame = pd.concat([frame, pd.DataFrame(told, columns=list(FLOWS))], axis=1)
    unplaced = (frame[list(by)] == UNPLACED).any(axis=1) & (told == 0).all(axis=1)
    frame = in_order(frame[~unplaced], ["until", *by])
    return frame[["period", *by, "until", "is_complete", *FLOWS]]
