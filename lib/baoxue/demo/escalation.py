"""From a case concluded to reports, orders, documents and its closing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import presence, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.timeline import LAST, NEVER, Days

SETTLED = 0.9
"""Of cases of children who never come back to class: closed in the end, because the county must clear them all."""

_LEAST_DAYS, _MEAN_DAYS = 40, 130
_C = codes.Closing
_WAYS: dict[tuple[bool, bool], dict[codes.Closing, float]] = {
    (False, False): {_C.OTHER_SCHOOL: 0.75, _C.HOME_TEACHING: 0.25},
    (True, False): {_C.HANDED_OVER: 0.6, _C.OTHER_SCHOOL: 0.4},
    (False, True): {_C.VOCATIONAL: 0.62, _C.OTHER_SCHOOL: 0.25, _C.HOME_TEACHING: 0.08, _C.CORRECTIONAL: 0.05},
    (True, True): {_C.HANDED_OVER: 0.5, _C.OTHER_SCHOOL: 0.3, _C.VOCATIONAL: 0.2},
}
"""Migrant, of junior age -> how such a case is closed."""


def settled(rows: pd.DataFrame, lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """Cases of children who never come back, closed months later: placed elsewhere, or handed to the home county.

    The child is out of school until then (`gone_until`), and one in ten stays open for good, so that the stock of
    children out of school neither vanishes nor grows with every year that the county looks back on.
    """
    n = len(rows)
    at = rows["pupil"].to_numpy()
    migrant = lives.people["is_migrant"].to_numpy()[at].astype(bool)
    junior = lives.people["entry"].to_numpy()[at] <= rows["first_absent_on"].dt.year.to_numpy() - 6
    word = np.full(n, "", object)
    for (is_migrant, is_junior), shares in _WAYS.items():
        spot = np.flatnonzero((migrant == is_migrant) & (junior == is_junior))
        word[spot] = rng.choice([way.value for way in shares], len(spot), p=list(shares.values()))
    wait = _LEAST_DAYS + rng.exponential(_MEAN_DAYS, n).astype(int)
    day = pd.Series(timeline.clock().workday(presence.days(rows["concluded_on"]) + wait), index=rows.index)
    never = rows["is_leaving"] & rows["closed_on"].isna() & rows["concluded_on"].notna() & (rng.random(n) < SETTLED)
    never &= (rows["gone_until"] > pd.Timestamp(LAST)) & (day <= LAST)
    until = day.astype(rows["closed_on"].dtype)
    return rows.assign(
        closed_on=rows["closed_on"].where(~never, until),
        gone_until=rows["gone_until"].where(~never, until),
        closing=np.where(never, word, rows["closing"]),
    )


def escalated(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Report, admonition, order, judicial document: each only while the child is still out, some steps left undone."""
    n = len(rows)
    out = presence.days(rows["gone_until"])
    concluded = np.where(rows["is_leaving"], presence.days(rows["concluded_on"]), NEVER)

    def step(after: Days, least: int, most: int, done: float) -> Days:
        day = timeline.clock().workday(after + rng.integers(least, most + 1, n))
        return np.where((day < out) & (rng.random(n) < done), day, NEVER)

    township = step(concluded, 0, 5, 0.93)
    bureau = step(concluded, 0, 6, 0.92)
    criticised = step(township, 3, 12, 0.85)
    ordered = step(criticised, 4, 15, 0.80)
    judicial = step(ordered + 7, 5, 40, 0.30)
    return rows.assign(
        reported_township_on=township, reported_bureau_on=bureau, criticised_on=criticised, ordered_on=ordered,
        order_due_on=ordered + 7, judicial_on=judicial,
    )  # fmt: skip


def in_words(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Document numbers, kinds and placements."""
    n = len(rows)
    number = np.arange(1, n + 1)
    year = rows["ordered_on"].dt.year.astype("Int64").astype(str)
    ordered, judicial = rows["ordered_on"].notna(), rows["judicial_on"].notna()
    kinds = rng.choice(["敦促复学告知书", "家庭教育指导令", "训诫书", "督促监护令"], n, p=[0.6, 0.15, 0.15, 0.1])
    closed = rows["closed_on"].notna()
    r = codes.Resettlement
    place = rng.choice(
        [x.value for x in (r.SAME_CLASS, r.OWN_CLASS, r.VOCATIONAL_MIX, r.OTHER_SCHOOL)], n, p=[0.78, 0.06, 0.1, 0.06]
    )
    back = (rows["closing"] == codes.Closing.BACK) & closed
    return rows.assign(
        order_number=np.where(ordered, "乐模拟责改字〔" + year + "〕" + pd.Series(number).astype(str) + "号", ""),
        judicial_kind=np.where(judicial, kinds, ""),
        judicial_number=np.where(judicial, "乐模拟司敦〔" + year + "〕" + pd.Series(number).astype(str) + "号", ""),
        closing=np.where(closed, rows["closing"], ""),
        resettlement=np.where(back, place, ""),
        conclusion=np.where(rows["concluded_on"].notna(), rows["conclusion"], ""),
        dropout_reason=np.where(rows["concluded_on"].notna(), rows["dropout_reason"], ""),
    )
