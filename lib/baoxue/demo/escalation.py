"""From a case concluded to reports, orders, documents and its closing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import presence, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.timeline import LAST, NEVER, Days


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


def in_words(rows: pd.DataFrame, lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """Document numbers, kinds, placements; closings of children who are placed without coming back to class."""
    n = len(rows)
    rows = _placed(rows, lives, rng)
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


def _placed(rows: pd.DataFrame, lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """Of those who never came back, a tenth is placed in vocational training or handed to the home county."""
    never = (
        rows["is_leaving"] & rows["closed_on"].isna() & rows["concluded_on"].notna() & (rng.random(len(rows)) < 0.12)
    )
    day = timeline.clock().workday(presence.days(rows["concluded_on"]) + rng.integers(60, 150, len(rows)))
    placed = never.to_numpy() & (day <= LAST) & (presence.days(rows["gone_until"]) > LAST)
    migrant = lives.people["is_migrant"].to_numpy()[rows["pupil"]]
    word = np.where(migrant, codes.Closing.HANDED_OVER, codes.Closing.VOCATIONAL)
    rows["closed_on"] = rows["closed_on"].where(~placed, pd.Series(day, index=rows.index).astype("datetime64[s]"))
    return rows.assign(closing=np.where(placed, word, rows["closing"]))
