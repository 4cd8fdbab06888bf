"""Model and rules on rows they never learned from, at the same capacity, with intervals over schools or years."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import beta
from sklearn.base import BaseEstimator, clone

from baoxue.risk.frames import Floats
from baoxue.risk.measures import Order, visits_at
from baoxue.risk.splits import Split

MIN_EVENTS = 10
"""Below this many events among the tested rows, nothing is said about which is better."""
MEASURES = ("precision", "recall", "lift", "average_precision", "brier_skill", "auc")


@dataclass(frozen=True)
class Contender:
    """A model or rule that takes part: its name, an unfitted estimator, and the columns of the frame it may see."""

    name: str
    estimator: BaseEstimator
    columns: tuple[str, ...]
    is_rule: bool = False
    takes_groups: bool = False
    """Whether `fit` is told the groups, so that inner folds keep a group together."""
    takes_precursor: bool = False
    """Whether `fit` is told the precursors, where there are any (`risk.precursors`)."""

    def told(self, groups: pd.Series | None, precursor: pd.Series | None) -> dict[str, pd.Series]:
        """What `fit` is given beside X and y: of the two, what it takes and what there is."""
        offered = {
            "groups": groups if self.takes_groups else None,
            "precursor": precursor if self.takes_precursor else None,
        }
        return {name: column for name, column in offered.items() if column is not None}


@dataclass(frozen=True)
class Gain:
    """How much one contender has more than another of a measure (share of events found), with its 95 % interval."""

    model: str
    rule: str
    gain: float
    low: float
    high: float
    events: int

    @property
    def told(self) -> bool:
        """Whether there were events enough to say anything."""
        return self.events >= MIN_EVENTS


def out_of_fold(
    contenders: Sequence[Contender],
    X: pd.DataFrame,
    y: pd.Series,
    splits: Sequence[Split],
    groups: pd.Series | None = None,
    precursor: pd.Series | None = None,
) -> pd.DataFrame:
    """What each contender said about rows it had not learned from, a row a tested row.

    Columns: `row, fold, group, y, base`, then a probability a contender. `row` is the position in X, `base` the share
    of events in the rows learned from, `group` the group as text (the row itself where there are no groups). A fold
    with fewer than two events, or no non-event, to learn from is left out; raises ValueError if none remains.
    """
    folds = [
        _judge(contenders, X, y, split, groups, precursor)
        for split in splits
        if 1 < y.iloc[split.train].sum() < len(split.train)
    ]
    if not folds:
        raise ValueError(
            "no split has an event and a non-event to learn from: the registers and rules must do without a model"
        )
    return pd.concat(folds, ignore_index=True)


def table(
    scores: pd.DataFrame, names: Sequence[str], share: float | None = None, count: int | None = None,
    draws: int = 400, seed: int = 0, over: str = "group",
) -> pd.DataFrame:  # fmt: skip
    """A row a contender, in the given order: what it achieves at a capacity of `share` of each fold or `count` visits.

    Columns: `contender, rows, events, listed, found, visits_per_found`, then each of MEASURES with `_low` and `_high`
    (95 %, resampling whole groups, or whole folds with over="fold"), and `told`. precision = found / listed, recall =
    found / events, lift = precision / share of events; average precision and area under the curve within folds,
    weighted by events; Brier skill against the share of events learned from. Around precision and recall the wider of
    bootstrap and exact binomial interval is given, since a bootstrap of nothing found has no width.
    """
    weighing = _Weighing(scores, list(names), share, count, over)
    point, *drawn = weighing.measured(draws, seed)
    low, high = interval(point[:, 2:], [of_draw[:, 2:] for of_draw in drawn])
    columns = ["listed", "found", *MEASURES]
    result = pd.DataFrame(point, columns=columns)
    for i, measure in enumerate(MEASURES):
        result[f"{measure}_low"], result[f"{measure}_high"] = low[:, i], high[:, i]
    events = float(scores["y"].sum())
    result = _at_least_exact(result, events, len(scores))
    result.insert(0, "contender", list(names))
    result.insert(1, "rows", len(scores))
    result.insert(2, "events", int(events))
    result.insert(5, "visits_per_found", result["listed"] / result["found"].where(result["found"] > 0))
    return result.assign(told=events >= MIN_EVENTS)


def gain(
    scores: pd.DataFrame, model: str, rule: str, share: float | None = None, count: int | None = None,
    draws: int = 400, seed: int = 0, over: str = "group", measure: str = "recall",
) -> Gain:  # fmt: skip
    """How much more of the events `model` finds than `rule` at the capacity, both on the same resampled groups.

    `measure` may be another one of MEASURES than recall.
    """
    weighing = _Weighing(scores, [model, rule], share, count, over)
    place = 2 + MEASURES.index(measure)
    gained, *drawn = [np.array(ours - theirs) for ours, theirs in (m[:, place] for m in weighing.measured(draws, seed))]
    low, high = interval(gained, drawn)
    return Gain(model, rule, float(gained), float(low), float(high), int(scores["y"].sum()))


def resampled(cluster: pd.Series, draws: int, seed: int) -> Iterator[Floats]:
    """For each draw, how often each row occurs when whole clusters are drawn with replacement."""
    codes, names = pd.factorize(cluster, sort=True)
    for times in _draws(len(names), draws, seed):
        yield times[codes]


def _draws(clusters: int, draws: int, seed: int) -> Iterator[Floats]:
    """For each draw, how often each cluster occurs."""
    chance = np.random.default_rng(seed)
    for _ in range(draws):
        yield np.bincount(chance.integers(0, clusters, clusters), minlength=clusters).astype(float)


def interval(point: Floats, drawn: list[Floats]) -> tuple[Floats, Floats]:
    """95 % of the draws around the point, moved back by their bias: a draw repeats events, which flatters precision."""
    spread = np.stack(drawn)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a measure without any event is nan in every draw
        low, high = np.nanpercentile(spread, [2.5, 97.5], axis=0)
        bias = np.nanmean(spread, axis=0) - point
    return low - bias, high - bias


def _judge(
    contenders: Sequence[Contender], X: pd.DataFrame, y: pd.Series, split: Split, groups: pd.Series | None,
    precursor: pd.Series | None,
) -> pd.DataFrame:  # fmt: skip
    learn, judge = X.iloc[split.train], X.iloc[split.test]
    target = y.iloc[split.train]
    told = pd.DataFrame({
        "row": split.test, "fold": split.name,
        "group": split.test.astype(str) if groups is None else groups.iloc[split.test].astype(str).to_numpy(),
        "y": y.iloc[split.test].to_numpy(), "base": target.mean(),
    })  # fmt: skip
    learned = [None if column is None else column.iloc[split.train] for column in (groups, precursor)]
    for contender in contenders:
        columns = list(contender.columns)
        fitted = clone(contender.estimator).fit(learn[columns], target, **contender.told(*learned))
        told[contender.name] = fitted.predict_proba(judge[columns])[:, 1]
    return told


class _Weighing:
    """All orders of all contenders in all folds, worked out once, so that each draw of clusters only weighs them."""

    def __init__(
        self, scores: pd.DataFrame, names: list[str], share: float | None, count: int | None, over: str
    ) -> None:
        self.share, self.count = share, count
        cluster, clusters = pd.factorize(scores[over], sort=True)
        self.clusters = len(clusters)
        event, said = scores["y"].to_numpy(dtype=float), scores[names].to_numpy(dtype=float)
        folds = list(scores.groupby("fold", sort=False).indices.values())
        self.orders = [[Order.of(event[f], said[f, i], cluster[f]) for f in folds] for i in range(len(names))]
        off = np.column_stack([said, scores["base"]]) - event[:, None]
        per_row = np.column_stack([np.ones(len(event)), event, off**2])
        self.sums = np.stack([np.bincount(cluster, column, self.clusters) for column in per_row.T])
        """By cluster: rows, events, the squared errors of each contender, those of the share of events learned from."""

    def measured(self, draws: int, seed: int) -> list[Floats]:
        """Every cluster once, then each draw: a row a contender, listed, found, then MEASURES."""
        return [self._of_all(times) for times in (np.ones(self.clusters), *_draws(self.clusters, draws, seed))]

    def _of_all(self, times: Floats) -> Floats:
        rows, events, *loss, by_base = self.sums @ times
        skill = 1 - np.array(loss) / by_base if by_base else np.full(len(loss), np.nan)
        results = [self._of_one(orders, times, events, rows) for orders in self.orders]
        return np.array([[*r[:6], s, r[6]] for r, s in zip(results, skill, strict=True)])

    def _of_one(self, orders: list[Order], times: Floats, events: float, rows: float) -> tuple[float, ...]:
        curves = [order.curve(times) for order in orders]
        visits = [visits_at(c.all_rows, self.share, self.count) for c in curves]
        listed, found = sum(visits), sum(c.found(v) for c, v in zip(curves, visits, strict=True))
        ranked = [c for c in curves if 0 < c.all_events < c.all_rows]
        if not ranked or not listed:
            return (listed, found, *[np.nan] * 5)
        share = [c.all_events for c in ranked]
        ap = float(np.average([c.average_precision() for c in ranked], weights=share))
        auc = float(np.average([c.auc() for c in ranked], weights=share))
        return listed, found, found / listed, found / events, found / listed / (events / rows), ap, auc


def _at_least_exact(result: pd.DataFrame, events: float, rows: int) -> pd.DataFrame:
    for measure, whole in (("precision", result["listed"]), ("recall", pd.Series(events, index=result.index))):
        low = beta.ppf(0.025, result["found"], (whole - result["found"]).clip(lower=0) + 1)
        high = beta.ppf(0.975, result["found"] + 1, (whole - result["found"]).clip(lower=0))
        result[f"{measure}_low"] = np.fmin(result[f"{measure}_low"], np.nan_to_num(low, nan=0.0))
        result[f"{measure}_high"] = np.fmax(result[f"{measure}_high"], np.nan_to_num(high, nan=1.0))
    for end in ("low", "high"):
        for measure in ("precision", "recall", "average_precision", "auc"):
            result[f"{measure}_{end}"] = result[f"{measure}_{end}"].clip(0, 1)
        result[f"lift_{end}"] = result[f"precision_{end}"] / (events / rows) if events else np.nan
    return result
