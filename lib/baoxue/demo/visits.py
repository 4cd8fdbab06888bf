"""Persuasion visits: who went how often, and what was said."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import timeline
from baoxue.demo.timeline import LAST


def visits(cases: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Persuasion visits of the cases, `case, pupil, attempt, visited_on, way, measure, result`, in order."""
    rng = timeline.stream(seed, "visits")
    number = np.where(cases["is_leaving"], rng.integers(3, 9, len(cases)), rng.integers(1, 4, len(cases)))
    at = np.repeat(np.arange(len(cases)), number)
    rows = cases.iloc[at][["case", "pupil", "opened_on", "gone_until", "is_leaving", "dropout_reason"]].reset_index(
        drop=True
    )
    step = np.where(rows.groupby("case").cumcount() == 0, rng.integers(0, 3, len(rows)), rng.integers(2, 13, len(rows)))
    rows["visited_on"] = rows["opened_on"] + pd.to_timedelta(pd.Series(step).groupby(rows["case"]).cumsum(), unit="D")
    rows = rows[(rows["visited_on"] <= pd.Timestamp(LAST)) & (rows["visited_on"] <= rows["gone_until"])].reset_index(
        drop=True
    )
    rows["attempt"] = rows.groupby("case").cumcount() + 1
    first = rows["attempt"] == 1
    rows["way"] = np.where(
        first & (rng.random(len(rows)) < 0.6),
        codes.VisitWay.PHONE,
        np.where(rng.random(len(rows)) < 0.85, codes.VisitWay.HOME, codes.VisitWay.OTHER),
    )
    measures = [
        m.value
        for m in (codes.Measure.PERSONAL, codes.Measure.ADMINISTRATIVE, codes.Measure.ECONOMIC, codes.Measure.LEGAL)
    ]
    rows["measure"] = rng.choice(measures, len(rows), p=[0.66, 0.20, 0.08, 0.06])
    rows["result"] = _results(rows, rng)
    return rows[["case", "pupil", "attempt", "visited_on", "way", "measure", "result"]]


def _results(rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    v = codes.VisitResult
    refused = [v.PUPIL_REFUSED, v.GUARDIAN_REFUSED, v.PROMISED, v.NOT_MET, v.LOST, v.UNABLE, v.ELSEWHERE]
    drawn = rng.choice([r.value for r in refused], len(rows), p=[0.34, 0.12, 0.24, 0.16, 0.04, 0.05, 0.05])
    last = rows["attempt"] == rows.groupby("case")["attempt"].transform("max")
    near = rows["gone_until"] - rows["visited_on"] <= pd.Timedelta(days=8)
    settled = np.where(rows["is_leaving"] | (rng.random(len(rows)) < 0.9), v.BACK.value, v.PROMISED.value)
    return np.where(last & near, settled, drawn)
