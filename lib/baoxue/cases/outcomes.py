"""What became of children who left: how soon they were back, what was tried, whether the return lasted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import numpy as np
import pandas as pd

from baoxue.cases import deadlines
from baoxue.cases.facts import KEY
from baoxue.cases.leavings import leavings
from baoxue.cases.states import STATES
from baoxue.cases.watch import returns
from baoxue.codes import VisitResult, VisitWay

if TYPE_CHECKING:
    from baoxue.store import Known

CONFIDENCE = 0.95


def spells(known: Known) -> pd.DataFrame:
    """Every leaving as a spell out of school: `pupil, case, left_on, stage, reason, ended_on, event, days`.

    `event` is true if the child is back in school; `days` are natural days to that, else to another end or to today
    (censored). A return on the day of leaving counts one day. Ordered by `left_on, pupil`.
    """
    rows = leavings(known)
    end = ibis.coalesce(rows.ended_on, ibis.literal(known.as_of))
    days = ibis.greatest(end.delta(rows.left_on, unit="day"), 1)
    told = rows.select(
        "pupil", "case", "left_on", "stage", "reason", "ended_on", event=rows.returned_on.notnull(), days=days
    )
    return told.to_pandas().sort_values(["left_on", "pupil"], ignore_index=True)


def measure_spells(known: Known) -> pd.DataFrame:
    """Spells from the first visit with each kind of measure: `pupil, case, measure, began_on, event, days`.

    The clock begins at that visit, not at the leaving: a measure used late on children who stay away long would else
    look slow, one used early fast (a child must still be out for a measure to be used at all).
    """
    visits = known.table("visits").filter(ibis._.measure.notnull())
    began = visits.group_by(*KEY, "measure").aggregate(began_on=visits.visited_on.min())
    out = leavings(known).filter(ibis._["case"].notnull()).select("case", "pupil", "ended_on", "returned_on")
    rows = began.inner_join(out, list(KEY))
    end = ibis.coalesce(rows.ended_on, ibis.literal(known.as_of))
    rows = rows.filter(end >= rows.began_on)
    days = ibis.greatest(end.delta(rows.began_on, unit="day"), 1)
    told = rows.select(*KEY, "measure", "began_on", event=rows.returned_on.notnull(), days=days)
    return told.to_pandas().sort_values(["measure", "began_on", "case", "pupil"], ignore_index=True)


def curve(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of spells (`days, event`) whose event has come by each day: `days, event_pct, low_pct, high_pct, at_risk`.

    Kaplan-Meier, 1 - S, with 95 % intervals by the log-log transform of Greenwood's variance; no rows if nothing has
    happened. Source: Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, 2nd ed., section 1.4.
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    if not rows["event"].any():
        return pd.DataFrame({name: pd.Series(dtype=float) for name in _CURVE})
    fit = SurvfuncRight(rows["days"], rows["event"].astype(int))
    low, high = _log_log(np.asarray(fit.surv_prob), np.asarray(fit.surv_prob_se))
    return pd.DataFrame(
        {
            "days": np.asarray(fit.surv_times, dtype=float),
            "event_pct": 100 * (1 - np.asarray(fit.surv_prob)),
            "low_pct": 100 * (1 - high),
            "high_pct": 100 * (1 - low),
            "at_risk": np.asarray(fit.n_risk, dtype=float),
        }
    )


def time_to_event(rows: pd.DataFrame, by: str | None = None, *, day: int = 90, least: int = 10) -> pd.DataFrame:
    """How soon the event of spells comes, all together or by a column; the largest group first.

    Columns: `group, children, events, median_days, median_low, median_high, by_day_pct, by_day_low_pct,
    by_day_high_pct, told`. `median_days` is the day by which it has come for half of them, `by_day_pct` the share by
    `day`; spells that still last count as censored. A median, or an end of its interval, that is not reached is empty.
    `told` is false, and the numbers empty, for a group of fewer than `least` spells or without an event.
    """
    groups = [("", rows)] if by is None else [(str(name), part) for name, part in rows.groupby(by, dropna=True)]
    table = pd.DataFrame([{"group": name, **_summary(part, day, least)} for name, part in groups], columns=_SUMMARY)
    return table.sort_values(["children", "group"], ascending=[False, True], ignore_index=True)


def visit_results(known: Known, by: str, *, within: int = 14, least: int = 10) -> pd.DataFrame:
    """Visits to children out of school by `measure` or `way`: `group, visits, back, back_pct, low_pct, high_pct, told`.

    `back` counts visits after which the child was back in school within so many natural days, by the visit's own result
    or by the end of the leaving; a visit made less than so many days ago and not followed by a return is left out.
    Which measure is used depends on the child, so a difference is not an effect.
    """
    frame = _visits(known, within)
    settled = frame[(frame["visited_on"] <= pd.Timestamp(known.as_of) - pd.Timedelta(days=within)) | frame["is_back"]]
    counts = settled.groupby(by).agg(visits=("is_back", "size"), back=("is_back", "sum")).reset_index()
    counts = shares(counts.rename(columns={by: "group"}), "back", "visits", least=least)
    return counts.sort_values(["visits", "group"], ascending=[False, True], ignore_index=True)


def workload(known: Known, table: pd.DataFrame) -> pd.DataFrame:
    """Staff visits and minutes per case of a `case_table`, by state in the order of the procedure.

    Columns: `state, cases, visits, per_case, most, minutes_per_case`. Minutes are those that the county reckons for a
    call, a home visit or another contact (`visit_minutes`), of one member of staff; a visit of no known way is another.
    """
    took = {way.value: minutes for way, minutes in deadlines.rules().visit_minutes.items()}
    spent = known.table("visits").select(*KEY, "way").to_pandas()
    spent["minutes"] = spent["way"].map(took).fillna(took[VisitWay.OTHER.value])
    rows = table.merge(spent.groupby(list(KEY))["minutes"].sum().reset_index(), on=list(KEY), how="left")
    grouped = rows.assign(minutes=rows["minutes"].fillna(0)).groupby("state")
    visits = grouped["visits"]
    counts = {"cases": visits.size(), "visits": visits.sum(), "per_case": visits.mean().round(1), "most": visits.max()}
    told = pd.DataFrame({**counts, "minutes_per_case": grouped["minutes"].mean().round()})
    order = [rule.state.value for rule in STATES if rule.state.value in told.index]
    return told.loc[order].rename_axis("state").reset_index()


def shares(counts: pd.DataFrame, part: str, whole: str, *, least: int) -> pd.DataFrame:
    """`counts` with `{part}_pct, low_pct, high_pct` (Wilson, 95 %) and `told`: false and empty below `least`."""
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(counts[part], counts[whole].clip(lower=1), 1 - CONFIDENCE, method="wilson")
    told = counts[whole] >= least
    values = {f"{part}_pct": 100 * counts[part] / counts[whole], "low_pct": 100 * low, "high_pct": 100 * high}
    return counts.assign(**{name: pd.Series(value).where(told) for name, value in values.items()}, told=told)


def lasting_spells(known: Known) -> pd.DataFrame:
    """Returns as spells in school: `case, pupil, closed_on, closing, event, days`.

    From the closing of the case to the day on which the child left again (`event`), else to today (censored).
    """
    first = returns(known)
    end = ibis.coalesce(first.again_on, ibis.literal(known.as_of))
    days = ibis.greatest(end.delta(first.closed_on, unit="day"), 1)
    told = first.select(*KEY, "closed_on", "closing", event=first.again_on.notnull(), days=days)
    return told.to_pandas().sort_values(["closed_on", *KEY], ignore_index=True)


_CURVE = ("days", "event_pct", "low_pct", "high_pct", "at_risk")
_NUMBERS = ("median_days", "median_low", "median_high", "by_day_pct", "by_day_low_pct", "by_day_high_pct")
_SUMMARY = ["group", "children", "events", *_NUMBERS, "told"]


def _summary(rows: pd.DataFrame, day: int, least: int) -> dict[str, float]:
    counts = {"children": len(rows), "events": int(rows["event"].sum())}
    if len(rows) < least or counts["events"] == 0:
        return counts | dict.fromkeys(_NUMBERS, np.nan) | {"told": False}
    steps = curve(rows)
    medians = [_reaches(steps, column, 50) for column in ("event_pct", "high_pct", "low_pct")]
    by_day = steps[steps["days"] <= day].tail(1)
    at_day = by_day[["event_pct", "low_pct", "high_pct"]].iloc[0].tolist() if len(by_day) else [0.0, np.nan, np.nan]
    return counts | dict(zip(_NUMBERS, [*medians, *at_day], strict=True)) | {"told": True}


def _reaches(steps: pd.DataFrame, column: str, pct: float) -> float:
    """The first day on which a column of the curve is at least so high; empty if it never is."""
    reached = steps.loc[steps[column] >= pct, "days"]
    return float(reached.iloc[0]) if len(reached) else np.nan


def _log_log(prob: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    inside = (prob > 0) & (prob < 1)
    log = np.log(np.where(inside, prob, 0.5))
    width = 1.959964 * np.where(inside, error, 0.0) / (np.where(inside, prob, 0.5) * np.abs(log))
    low, high = np.exp(log * np.exp(width)), np.exp(log * np.exp(-width))
    return np.where(inside, low, prob), np.where(inside, high, prob)


def _visits(known: Known, within: int) -> pd.DataFrame:
    out = leavings(known).select("pupil", "left_on", "returned_on", "ended_on")
    visits = known.table("visits")
    during = [visits.pupil == out.pupil, visits.visited_on >= out.left_on]
    pairs = visits.inner_join(out, during).filter(lambda t: t.ended_on.isnull() | (t.visited_on <= t.ended_on))
    soon = (pairs.returned_on <= (pairs.visited_on + ibis.interval(days=within)).cast("date")).fill_null(False)
    is_back = (pairs.result == VisitResult.BACK) | soon
    rows = pairs.select(*KEY, "attempt", "visited_on", "way", "measure", is_back=is_back)
    return rows.to_pandas().sort_values([*KEY, "attempt"], ignore_index=True)
