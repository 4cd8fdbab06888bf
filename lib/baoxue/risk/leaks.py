"""Columns that give the outcome away. A leak stops the run; a suspicion is shown to the reader.

Each column is looked at alone: its values are cut into levels (missing is one), and the share of events of a level is
learned on one half of the rows and judged on the other. Early warning in school reaches an area under the curve of .65
to .80 with all columns together; one column at .95 is a copy of the outcome until somebody proves otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
from scipy.stats import beta
from sklearn.metrics import roc_auc_score

LEAK_AUC, SURE_AUC = 0.95, 0.9
"""From .95 on a column is suspected; it stops the run if its 95 % interval lies above .9, so that chance does not."""
PURE = 0.95
"""Share of events at which a level is near-certain."""
LEAK_RECALL = 0.2
"""A near-certain level that holds this share of all events stops the run; a rarer one is shown only."""
MIN_EVENTS, SURE_EVENTS = 5, 10
DENSE = 5
"""Whole numbers within a range of at most so many times the rows, each once, number the rows: chance repeats some."""
MAX_LEVELS = 40
MISSING, OTHER = "(missing)", "(other)"
FINDING_COLUMNS = ["column", "kind", "level", "stops", "rows", "events", "auc", "detail"]


class LeakError(ValueError):
    """A feature that knows the outcome, named."""


def check(X: pd.DataFrame, y: pd.Series, cleared: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The suspicions among the features (`findings` that do not stop); raises LeakError naming every column that leaks.

    `cleared` names columns that somebody has examined, each with the reason why it is known before the outcome.
    """
    found = findings(X, y)
    stops = found["stops"] & ~found["column"].isin(list(cleared or {}))
    if stops.any():
        told = "; ".join(f"{r.column}: {r.detail}" for r in found[stops].itertuples())
        raise LeakError(f"the outcome leaks into the features: {told}. Take the column out, or clear it with a reason")
    return found[~stops].reset_index(drop=True)


def check_clock(known_on: Mapping[str, date], as_of: date) -> None:
    """Raises LeakError if a feature holds a value that became known after the as-of date.

    `known_on` gives for each feature the latest day on which one of its values became known.
    """
    late = {name: day for name, day in sorted(known_on.items()) if day > as_of}
    if late:
        told = ", ".join(f"{name} ({day.isoformat()})" for name, day in late.items())
        raise LeakError(f"features known only after {as_of.isoformat()}: {told}")


def findings(X: pd.DataFrame, y: pd.Series) -> pd.DataFrame:
    """A row for each thing to suspect: `column, kind, level, stops, rows, events, auc, detail`; empty if none.

    Kinds: `identifier` (an id, or the order of the rows), `predicts_alone` (one column ranks almost perfectly),
    `pure_level` (a value, or being missing, almost always means the event). With fewer than five events only
    identifiers are found.
    """
    event = y.to_numpy(dtype=float)
    rows = [row for name in X.columns for row in _look_at(str(name), X[name], event)]
    return pd.DataFrame(rows, columns=FINDING_COLUMNS).astype({"stops": bool})


def _look_at(name: str, column: pd.Series, event: np.ndarray) -> list[dict[str, object]]:
    found = []
    if _is_identifier(column):
        numbered = pd.api.types.is_numeric_dtype(column)
        detail = "numbers the rows" if numbered else "has a value of its own for almost every row"
        found.append(_row(name, "identifier", "", True, len(column), int(event.sum()), np.nan, detail))
    if event.sum() < MIN_EVENTS or event.sum() > len(event) - MIN_EVENTS:
        return found
    levels = _levels(column, int(min(event.sum(), len(event) - event.sum())))
    auc = max(_auc_alone(levels, event), _auc_in_order(column, event))
    if auc >= LEAK_AUC:
        sure = _auc_at_least(auc, event.sum(), len(event) - event.sum()) >= SURE_AUC
        detail = f"alone it ranks the outcome with an area under the curve of {auc:.3f}"
        found.append(_row(name, "predicts_alone", "", sure, len(column), int(event.sum()), auc, detail))
    return [*found, *_pure_levels(name, levels, event, auc)]


def _pure_levels(name: str, levels: pd.Series, event: np.ndarray, auc: float) -> list[dict[str, object]]:
    by_level = pd.DataFrame({"event": event}).groupby(levels.array, observed=True)["event"].agg(["size", "sum"])
    base, found = event.mean(), []
    for level, (rows, events) in by_level.iterrows():
        sure = beta.ppf(0.025, events, rows - events + 1) if events else 0.0
        if events < MIN_EVENTS or events / rows < PURE or sure <= 2 * base:
            continue
        stops = events / event.sum() >= LEAK_RECALL and events >= SURE_EVENTS
        detail = f"{events:.0f} of {rows:.0f} rows with the value {level} are events"
        found.append(_row(name, "pure_level", level, stops, int(rows), int(events), auc, detail))
    return found


def _levels(column: pd.Series, rarer: int) -> pd.Series:
    """Each value as one of at most MAX_LEVELS names (categorical); long columns are cut at quantiles, words keep the
    commonest."""
    cuts = int(np.clip(rarer, 2, MAX_LEVELS))
    if pd.api.types.is_numeric_dtype(column) and column.nunique() > cuts:
        binned = pd.qcut(column.astype(float), cuts, duplicates="drop")
    else:
        common = column.value_counts().index[:MAX_LEVELS]
        binned = column.astype(object).where(column.isin(common) | column.isna(), OTHER)
    codes, values = pd.factorize(binned)
    names, places = np.unique([*map(str, values), MISSING], return_inverse=True)
    return pd.Series(
        pd.Categorical.from_codes(places[codes], dtype=pd.CategoricalDtype(list(names))), index=column.index
    )


def _auc_alone(levels: pd.Series, event: np.ndarray) -> float:
    codes, size = levels.cat.codes.to_numpy(), len(levels.cat.categories)
    half = np.zeros(len(event), dtype=bool)
    for kind in (0.0, 1.0):
        half[np.flatnonzero(event == kind)[::2]] = True
    score = np.empty(len(event))
    for learn in (half, ~half):
        seen = np.bincount(codes[learn], minlength=size)
        left = np.bincount(codes[learn], event[learn], minlength=size)
        score[~learn] = ((left + event[learn].mean()) / (seen + 1))[codes[~learn]]
    return float(np.mean([roc_auc_score(event[part], score[part]) for part in (half, ~half)]))


def _auc_in_order(column: pd.Series, event: np.ndarray) -> float:
    """How well a number ranks the outcome, high or low first, missing in the middle; .5 for words."""
    if not pd.api.types.is_numeric_dtype(column) or column.notna().sum() < MIN_EVENTS:
        return 0.5
    auc = float(roc_auc_score(event, column.astype(float).fillna(column.median())))
    return max(auc, 1 - auc)


def _auc_at_least(auc: float, events: float, others: float) -> float:
    """The lower end of the 95 % interval of an area under the curve (Hanley and McNeil 1982)."""
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (events - 1) * (one - auc**2) + (others - 1) * (two - auc**2)
    return float(auc - 1.96 * np.sqrt(max(variance, 0.0) / (events * others)))


def _is_identifier(column: pd.Series) -> bool:
    values = column.dropna()
    if len(values) < 50 or values.nunique() < 0.95 * len(column):
        return False
    if not pd.api.types.is_numeric_dtype(column):
        return True
    dense = bool((values % 1 == 0).all()) and values.max() - values.min() < DENSE * len(column)
    return dense or abs(values.reset_index(drop=True).corr(pd.Series(range(len(values))), method="spearman")) > 0.999


def _row(*values: object) -> dict[str, object]:
    return dict(zip(FINDING_COLUMNS, values, strict=True))
