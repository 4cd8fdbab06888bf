"""How long a county takes: features, fitting, scoring with reasons, memory; and attendance in idiomatic pandas."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import in_pandas
import numpy as np
from bars import Bar, at_least, at_most, say

from baoxue import features, labels, lists
from baoxue.demo import timeline
from baoxue.features.attendance import attendance
from baoxue.store import Store

FEATURES_S, FIT_S, SCORE_S, MEMORY_GB, TIMES_FASTER = 60, 240, 30, 6, 8
CLOSE = 1e-6


def county_size(store: Store) -> list[Bar]:
    """A fresh reading for each part, so that nothing is found computed; memory is this process's highest."""
    pupils = len(features.matrix(store.known_by(timeline.AS_OF)))
    known, other = store.known_by(timeline.AS_OF), store.known_by(timeline.AS_OF)
    took_features, _ = timed(lambda: features.matrix(known))
    took_attendance, ours = timed(lambda: attendance(other).to_pandas().set_index("pupil").sort_index())
    given = labels.examples(store, labels.learnable(store, timeline.AS_OF))
    took_fit, fitted = timed(lambda: lists.fitted("model", given))
    values = features.matrix(known)
    took_scores, _ = timed(lambda: _scored(fitted, values))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    read = in_pandas.tables(store.known_by(timeline.AS_OF))
    took_pandas, theirs = timed(lambda: in_pandas.attendance(read))
    columns = [column for column in theirs if column in ours]
    apart = np.nanmax(np.abs(ours[columns].astype(float).to_numpy() - theirs.loc[ours.index, columns].to_numpy(float)))
    empty = ours[columns].isna().to_numpy() == theirs.loc[ours.index, columns].isna().to_numpy()
    rows, events = f"{len(given.y)} rows, {int(given.y.sum())} leavings", getattr(fitted, "rung_", "")
    say(f"\n## {pupils} pupils; {events}; attendance {took_attendance:.1f} s, in pandas {took_pandas:.1f} s\n")
    return [
        at_most("county", f"features of {pupils} pupils, s", took_features, FEATURES_S, "{:.1f}"),
        at_most("county", f"fit on {rows}, s", took_fit, FIT_S, "{:.1f}"),
        at_most("county", f"score with reasons, {pupils} pupils, s", took_scores, SCORE_S, "{:.1f}"),
        at_most("county", "memory, GB", memory, MEMORY_GB, "{:.2f}"),
        at_least("county", "attendance: times pandas", took_pandas / took_attendance, TIMES_FASTER, "{:.1f}"),
        Bar(
            "county", "attendance: equal to pandas", f"≤ {CLOSE}", f"{apart:.1e}", bool(apart <= CLOSE and empty.all())
        ),
    ]


def timed(what: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds on the clock, and what was made."""
    started = time.perf_counter()
    made = what()
    return time.perf_counter() - started, made


def _scored(fitted: Any, values: Any) -> Any:
    rows = values[list(fitted.feature_names_in_)]
    fitted.predict_proba(rows)
    return features.signs(values, fitted.contributions(rows))
