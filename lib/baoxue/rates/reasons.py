"""Why a pupil's status and the changes on record differ: the reasons of the check two ways, and when each holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue.rates.movements import Movement

BACK = "当年离校又返校"
ALREADY_THERE = "学年初已在校，其后登记"
LAST_COUNTS = "同年另有变动，按最后去向计"
NEVER_SEEN = "两次学年初均不在校"
STILL_THERE = "变动已登记而学籍仍在读"
TWICE = "同一变动登记多次"
OTHER_YEAR = "登记或认定在另一学年"
SENT_BACK = "变动被退回"
CASE_ONLY = "案件认定而未登记学籍变动"
NO_RECORD = "学籍有变化而无变动记录"
REASONS = (
    BACK, ALREADY_THERE, LAST_COUNTS, NEVER_SEEN, STILL_THERE, TWICE, OTHER_YEAR, SENT_BACK, CASE_ONLY, NO_RECORD,
)  # fmt: skip
"""The first four follow from what the two ways count; the others ask for a correction of the registry or a change."""

ARRIVALS = (Movement.MOVED_IN, Movement.RESUMED)
_KEYS = ["school_year", "pupil"]


@dataclass(frozen=True)
class Evidence:
    """What is known of each pupil and span: movements, changes on record and sent back (each `school_year, pupil,
    kind`), the changes and leavings of any year (`pupil, kind`), and where the registry has the pupil (`school_year,
    pupil, was_there, is_there, has_returned`)."""

    happened: pd.DataFrame
    recorded: pd.DataFrame
    refused: pd.DataFrame
    ever_recorded: pd.DataFrame
    ever_left: pd.DataFrame
    standing: pd.DataFrame


def reasons(rows: pd.DataFrame, is_left: pd.Series, evidence: Evidence) -> np.ndarray:
    """The first reason that holds for each row whose `difference` is not 0, empty elsewhere.

    `rows`: `school_year, pupil, kind, by_status, by_records, difference`; `is_left` marks the rows that set leavings
    against the table of changes.
    """
    at = _facts(rows, evidence)
    more, fewer = rows["difference"] > 0, rows["difference"] < 0
    rules = [
        *((is_left & (more | fewer) & holds, reason) for holds, reason in _of_leavings(at, more)),
        *((more & holds, reason) for holds, reason in _of_records(rows, at)),
        *((fewer & holds, reason) for holds, reason in _of_movements(rows, at)),
    ]
    return np.select([holds for holds, _ in rules], [reason for _, reason in rules], default="")


Rules = Sequence[tuple[pd.Series, str]]


def _of_leavings(at: pd.DataFrame, more: pd.Series) -> Rules:
    """A leaving that the table of changes has not, or the other way round."""
    always = pd.Series(True, index=at.index)
    return [
        (more & at["ever_left"], OTHER_YEAR), (more, NO_RECORD), (at["is_back"], BACK), (at["is_there"], STILL_THERE),
        (at["moved"], LAST_COUNTS), (always, NEVER_SEEN),
    ]  # fmt: skip


def _of_records(rows: pd.DataFrame, at: pd.DataFrame) -> Rules:
    """A change on record that moved nobody."""
    comes = rows["kind"].isin(ARRIVALS)
    always = pd.Series(True, index=at.index)
    return [
        (rows["by_status"] > 0, TWICE),
        (comes & at["is_there"] & at["left_by_record"], BACK),
        (comes & at["was_there"], ALREADY_THERE),
        (~comes & at["is_back"], BACK),
        (at["is_there"], STILL_THERE),
        (at["moved"], LAST_COUNTS),
        (always, NEVER_SEEN),
    ]


def _of_movements(rows: pd.DataFrame, at: pd.DataFrame) -> Rules:
    """A movement, or a leaving, that no change records."""
    always = pd.Series(True, index=at.index)
    return [
        (at["ever_recorded"], OTHER_YEAR),
        (at["refused"], SENT_BACK),
        (rows["kind"] == Movement.DROPPED_OUT, CASE_ONLY),
        (at["other_record"], LAST_COUNTS),
        (always, NO_RECORD),
    ]


def _facts(rows: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """What the rules ask of each row, as yes and no."""
    marks = ["was_there", "is_there", "has_returned"]
    at = rows[_KEYS].merge(evidence.standing, on=_KEYS, how="left").set_index(rows.index)
    facts = at[marks].astype("boolean").fillna(False).astype(bool)
    is_arrival = evidence.recorded["kind"].isin(ARRIVALS)
    came = facts["has_returned"] | _among(rows, evidence.recorded[is_arrival], _KEYS)
    return facts.assign(
        is_back=facts["is_there"] & came,
        left_by_record=_among(rows, evidence.recorded[~is_arrival], _KEYS),
        moved=_other(rows, evidence.happened),
        other_record=_other(rows, evidence.recorded),
        ever_recorded=_among(rows, evidence.ever_recorded, ["pupil", "kind"]),
        ever_left=_among(rows, evidence.ever_left, ["pupil"]),
        refused=_among(rows, evidence.refused, [*_KEYS, "kind"]),
    )


def _among(rows: pd.DataFrame, others: pd.DataFrame, keys: list[str]) -> pd.Series:
    there = pd.MultiIndex.from_frame(others[keys])
    return pd.Series(pd.MultiIndex.from_frame(rows[keys]).isin(there), index=rows.index)


def _other(rows: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    """Whether the pupil of the row has another kind among `others` in the same span."""
    pairs = rows[[*_KEYS, "kind"]].reset_index().merge(others, on=_KEYS, suffixes=("", "_other"))
    different = pairs.loc[pairs["kind"] != pairs["kind_other"], "index"]
    return pd.Series(rows.index.isin(different), index=rows.index)
