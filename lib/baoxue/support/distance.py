"""The way to school: how far, boarding or not, by what, and where the pupils are who go far by their own means."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from baoxue import registers
from baoxue.cases.homes import homes
from baoxue.codes import Boarding, Stage
from baoxue.support.settings import rules

if TYPE_CHECKING:
    from baoxue.store import Known

EDGES = (0, 1, 3, 5, 10, np.inf)
"""Kilometres at which the bands of distance begin and end."""


def travels(known: Known) -> pd.DataFrame:
    """Everyone on the registry whose distance is known, a row each: `pupil, school_code, township_code, stage,
    distance_km, boarding, transport, is_far, is_boarder, is_own_way`.

    Far is more than the policy's kilometres of the stage; own way is far, not boarding, and known to come by neither
    school bus nor public transport (`provided` of the policy).
    """
    day = registers.Sides(known).registry_day
    rows = known.table("enrolments")
    rows = rows.filter((rows.snapshot_on == day) & rows.distance_km.notnull()) if day else rows.limit(0)
    last = rows.group_by("pupil").aggregate(distance_km=rows.distance_km.min(), transport=rows.transport.min())
    people = homes(known).filter(lambda t: t.on_registry & t.stage.notnull())
    people = people.select("pupil", "school_code", "township_code", "stage", "boarding")
    frame = people.inner_join(last, "pupil").to_pandas().sort_values("pupil", ignore_index=True)
    county = rules()
    limit = np.where(frame["stage"] == Stage.PRIMARY, county.far_primary_km, county.far_junior_km)
    far, boards = frame["distance_km"] > limit, (frame["boarding"] == Boarding.BOARDER).fillna(False)
    own = far & ~boards & frame["transport"].notna() & ~frame["transport"].isin(list(county.provided))
    return frame.assign(is_far=far, is_boarder=boards, is_own_way=own)


def bands(rows: pd.DataFrame) -> pd.DataFrame:
    """By stage and band of distance: `stage, band` (`0-1` … `10+`), `pupils, boarders, own_way`, a row each."""
    names = [f"{low}+" if np.isinf(high) else f"{low}-{high}" for low, high in pairwise(EDGES)]
    band = pd.cut(rows["distance_km"], list(EDGES), labels=names, include_lowest=True)
    keys = pd.MultiIndex.from_product([[stage.value for stage in Stage], names], names=["stage", "band"])
    flags = rows.assign(band=band.astype("str"), pupils=1)[["stage", "band", "pupils", "is_boarder", "is_own_way"]]
    counts = flags.groupby(["stage", "band"]).sum().reindex(keys, fill_value=0).astype(int).reset_index()
    return counts.rename(columns={"is_boarder": "boarders", "is_own_way": "own_way"})


def far_by_township(rows: pd.DataFrame) -> pd.DataFrame:
    """By township in code order: `township_code, pupils, far, far_pct, far_boarders, far_day, own_way`; below
    `least_pupils` pupils no share."""
    flags = rows.assign(
        pupils=1, far=rows["is_far"], far_boarders=rows["is_far"] & rows["is_boarder"],
        far_day=rows["is_far"] & ~rows["is_boarder"], own_way=rows["is_own_way"],
    )  # fmt: skip
    columns = ["pupils", "far", "far_boarders", "far_day", "own_way"]
    counts = flags.groupby("township_code")[columns].sum().astype(int).reset_index()
    share = (100 * counts["far"] / counts["pupils"]).where(counts["pupils"] >= rules().least_pupils)
    counts.insert(3, "far_pct", share.round(1))
    return counts.sort_values("township_code", ignore_index=True)
