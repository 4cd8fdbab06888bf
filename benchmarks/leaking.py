"""Leaks planted among a county's own features, each to be caught by name; and the clean features, to be left alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
from bars import Bar, say

from baoxue import features, labels, lists
from baoxue.demo import timeline
from baoxue.labels import Examples
from baoxue.risk.leaks import LeakError
from baoxue.store import Store

PLANTED = "moves"
"""The feature whose values a leak takes the place of, so that it comes under an innocent name."""


def leaks(store: Store) -> list[Bar]:
    """Six kinds of leak planted into the examples of a store, and the same examples untouched."""
    given = labels.examples(store, labels.learnable(store, timeline.AS_OF))
    bars = [_caught(name, planted) for name, planted in _leaking(given, store).items()]
    return [*bars, _clean(given)]


def _leaking(given: Examples, store: Store) -> dict[str, Examples]:
    y, draw = given.y, np.random.default_rng(0)
    last = given.about["as_of"].max()
    noisy = y.where(draw.random(len(y)) > 0.02 * y.mean(), 1 - y)
    values = {
        "post-event field": pd.Series(np.where(y == 1, 1 + draw.poisson(2, len(y)), 0), index=y.index),
        "label copy": noisy,
        "order of ids": pd.Series(np.argsort(np.argsort(-y.to_numpy(), kind="stable")), index=y.index),
        "missingness proxy": given.X[PLANTED].mask(y == 1),
    }
    found = {name: replace(given, X=given.X.assign(**{PLANTED: leak})) for name, leak in values.items()}
    late = {PLANTED: last + dt.timedelta(days=1)}
    found["known_on after the as-of date"] = replace(given, clock=given.clock | {last: given.clock[last] | late})
    return found | {"future attendance": _future(given, store, last)}


def _future(given: Examples, store: Store, day: dt.date) -> Examples:
    """The attendance of three months later in the rows of the last day, with the clock that its reading gives."""
    known = store.known_by(day + dt.timedelta(days=91))
    is_last = (given.about["as_of"] == day).to_numpy()
    later = features.matrix(known).reindex(given.about.loc[is_last, "pupil"])
    X = given.X.copy()
    for name in ("unexcused_recent_pct", "longest_run_days", "current_run_days"):
        X.loc[is_last, name] = later[name].to_numpy()
    return replace(given, X=X, clock=given.clock | {day: features.clock(known)})


def _caught(name: str, given: Examples) -> Bar:
    try:
        lists.guarded(given)
    except LeakError as error:
        say(f"{name}: {str(error)[:150]}")
        return Bar("leaks", name, "caught", "caught", True)
    return Bar("leaks", name, "caught", "not caught", False)


def _clean(given: Examples) -> Bar:
    try:
        suspected = lists.guarded(given)
    except LeakError as error:
        return Bar("leaks", "clean features", "0 false alarms", str(error)[:80], False)
    return Bar("leaks", "clean features", "0 false alarms", f"0 stops, {len(suspected)} shown", True)
