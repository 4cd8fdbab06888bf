"""Measures in words and tables for readers: natural frequencies, "cannot tell", the decision with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from baoxue.risk.calibration import Calibration
from baoxue.risk.datasets import Dataset
from baoxue.risk.decision import Decision
from baoxue.words import catalogue, say

AT_CAPACITY = ("listed", "found", "precision", "recall", "lift", "visits_per_found")
OVERALL = ("average_precision", "brier_skill", "auc")
_PERCENT = ("precision", "recall")
_PLAIN = {"listed": 0, "found": 0, "lift": 1, "visits_per_found": 1}
"""Shown without an interval, with so many decimals."""


def about(dataset: Dataset, lang: str = "zh") -> str:
    """What the table is, as markdown: its title, what a row is and what it cannot say, source and licence."""
    mapping = dataset.mapping
    parts = ("title", "about", "event", "source", "licence")
    return say("risk.about", lang, **{part: getattr(mapping, part).said(lang) for part in parts})


def account(dataset: Dataset, lang: str = "zh") -> pd.DataFrame:
    """Rows read, left out for each reason, used, events: a row each, adding up."""
    counts = {say(f"risk.account_{key}", lang): count for key, count in dataset.account.items()}
    return _one_column(counts, say("risk.column_rows", lang))


def kept_out(dataset: Dataset, lang: str = "zh") -> pd.DataFrame:
    """The columns (or patterns) that must not be features, each with its reason; known too late first."""
    mapping = dataset.mapping
    reasons = {name: why.said(lang) for name, why in (mapping.post_event | mapping.excluded).items()}
    return _one_column(reasons, say("risk.column_reason", lang))


def suspicions(signs: pd.DataFrame, lang: str = "zh") -> str:
    """What the leak detector saw without stopping for it, as a markdown list; one sentence if it saw nothing."""
    if signs.empty:
        return say("risk.no_suspicion", lang)
    told = [say(f"risk.suspicion_{row['kind']}", lang, **row) for row in _records(signs)]
    return "\n".join([say("risk.suspicions", lang), "", *(f"- {line}" for line in told)])


def stated(dataset: Dataset, measures: pd.DataFrame, lang: str = "zh") -> str:
    """The stated baseline of the table beside logistic regression and model here, as a sentence."""
    baseline, by_name = dataset.mapping.stated, {row["contender"]: row for row in _records(measures)}
    if baseline is None:
        return say("risk.nothing_stated", lang)
    precision = baseline.average_precision
    told = {"auc": f"{baseline.auc:.3f}", "average_precision": "—" if precision is None else f"{precision:.3f}"}
    for prefix, name in (("our", "logistic"), ("model", "model")):
        told |= {f"{prefix}_{measure}": f"{by_name[name][measure]:.3f}" for measure in ("auc", "average_precision")}
    return say("risk.stated", lang, **told)


def folds(parts: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """`compared.folds` with heads and rungs in words."""
    worded = parts.assign(rung=[say(f"risk.rung_{rung}", lang) for rung in parts["rung"]])
    heads = {name: say(f"risk.column_{name}", lang) for name in worded.columns}
    return worded.rename(columns=heads).set_index(heads["fold"]).rename_axis(index=None, columns=heads["fold"])


def contender(name: str, lang: str = "zh") -> str:
    """The name of a model or rule in the reader's words; as it is, if the catalogue has none."""
    return say(f"risk.contender_{name}", lang) if f"risk.contender_{name}" in catalogue() else name


def comparison(measures: pd.DataFrame, lang: str = "zh", columns: Sequence[str] = AT_CAPACITY) -> pd.DataFrame:
    """`validation.table` as its reader sees it: a row a contender, heads in words, measures with their intervals.

    `columns` AT_CAPACITY: what a list of this length achieves; OVERALL: the whole ranking and the probabilities,
    never shown without the first. Precision and recall in per cent, lift without its interval (it is that of
    precision). Where the events are too few, the intervals give way to "cannot tell".
    """
    rows = {
        contender(row["contender"], lang): {name: _cell(row, name, lang) for name in columns}
        for row in _records(measures)
    }
    heads = {name: say(f"risk.column_{name}", lang) for name in columns}
    table = pd.DataFrame.from_dict(rows, orient="index").rename(columns=heads)
    return table.rename_axis(columns=say("risk.column_contender", lang))


def natural_frequency(measures: pd.DataFrame, name: str, lang: str = "zh", event: str = "") -> str:
    """How many of 100 on a list had the event, and how many of 100 visited by lot; of 1,000 if they are rare.

    `event` is the outcome as a verb in the past, in the language asked for; "left" if not given.
    """
    row = next(row for row in _records(measures) if row["contender"] == name)
    base = row["events"] / row["rows"]
    of = 100 if min(base, row["precision"]) >= 0.01 else 1000
    numbers = {key: f"{of * row[column]:.0f}" for key, column in _FREQUENCY.items()}
    sentence = say(
        "risk.natural_frequency", lang, of=of, event=event or say("risk.event_left", lang),
        ranking=contender(name, lang), chance=f"{of * base:.0f}", **numbers,
    )  # fmt: skip
    return sentence if row["told"] else sentence + say("risk.few_events", lang, events=int(row["events"]))


def decision(decided: Decision, lang: str = "zh") -> str:
    """The decision as a sentence with its reason."""
    gained = decided.gain
    points = {
        key: f"{100 * value:+.1f}" for key, value in (("gain", gained.gain), ("low", gained.low), ("high", gained.high))
    }
    return say(
        f"risk.decision_{decided.use}", lang, model=contender(decided.model, lang), rule=contender(decided.rule, lang),
        events=decided.events, more=f"{100 * gained.gain:.1f}", **points,
    )  # fmt: skip


def calibration(found: Calibration, lang: str = "zh") -> str:
    """Whether the probabilities can be taken at their word, as a sentence with slope and observed / expected."""
    verdict = "cannot_tell" if not found.told else "holds" if found.holds else "fails"
    return say(
        f"risk.calibration_{verdict}", lang, events=found.events,
        slope=_between(*found.slope, lang), ratio=_between(*found.observed_expected, lang),
    )  # fmt: skip


_FREQUENCY = {"found": "precision", "low": "precision_low", "high": "precision_high"}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _one_column(rows: dict[str, Any], head: str) -> pd.DataFrame:
    return pd.DataFrame({head: pd.Series(rows, dtype=object)})


def _cell(row: dict, name: str, lang: str) -> str:
    value = row[name]
    if pd.isna(value):
        return "—"
    if name in _PLAIN:
        return f"{value:.{_PLAIN[name]}f}"
    if not row["told"]:
        return say("risk.cannot_tell", lang)
    scale, digits = (100, 1) if name in _PERCENT else (1, 3)
    return _between(value * scale, row[f"{name}_low"] * scale, row[f"{name}_high"] * scale, lang, digits)


def _between(value: float, low: float, high: float, lang: str, digits: int = 2) -> str:
    value, low, high = (round(number, digits) + 0.0 for number in (value, low, high))  # no -0.00
    return say("risk.between", lang, value=f"{value:.{digits}f}", low=f"{low:.{digits}f}", high=f"{high:.{digits}f}")
