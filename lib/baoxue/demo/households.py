"""The household register as the villages keep it: children of school age who are registered or live here."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import places, presence, roles, seating, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.plants import Plants


def households(
    lives: Lives, everyone: pd.DataFrame, chosen: Plants, where: places.Places, day: np.datetime64, seen: np.ndarray
) -> pd.DataFrame:
    """The household register on a day: children of school age registered or living here, the contract's columns.

    `seen` says from which snapshot on each child is on it (position in `HOUSEHOLD_DAYS`).
    """
    year = int(seating.year_index(day))
    at = timeline.HOUSEHOLD_DAYS.index(day)
    birth = presence.days(everyone["birth"])
    cutoff = timeline.september(timeline.YEARS[year])
    age = _full_years(birth, cutoff)
    status = whereabouts(lives, everyone, chosen, day)
    on = (age >= 6) & (age <= 15) & (seen <= at) & (status != "")
    rows = everyone[on]
    here = status[on] == codes.Schooling.IN_COUNTY
    school = _school_now(lives, everyone, where, day)[on]
    checked = (day - np.timedelta64(30, "D")) - rows.index.to_numpy() % 20
    residence = np.where(
        rows["is_migrant"], codes.Residence.INCOMER,
        np.where(status[on] == codes.Schooling.ELSEWHERE, codes.Residence.AWAY, codes.Residence.HERE),
    )  # fmt: skip
    unproved = (rows["role"] == roles.NEVER_ENROLLED).to_numpy() | (status[on] == codes.Schooling.UNKNOWN)
    guardian = rows["father"].where(rows["left_behind"] != 2, "祖父母")
    return pd.DataFrame(
        {
            "child": rows.index, "id_number": rows["id_number"], "full_name": rows["name"],
            "sex": np.where(rows["is_male"], codes.Sex.MALE, codes.Sex.FEMALE), "birth_date": rows["birth"],
            "township_code": where.townships["code"].to_numpy()[rows["township"]],
            "village": where.villages["village"].to_numpy()[rows["village"]],
            "household_number": [f"H{number:07d}" for number in rows["household"]], "head_name": rows["father"],
            "head_relation": np.where(rows["is_male"], "子", "女"), "residence": residence,
            "guardian_1": guardian, "phone": rows["father_phone"].where(rows["phone_known"], ""),
            "schooling": status[on], "schooling_at": np.where(here, school, ""),
            "schooling_checked_on": np.where(unproved, timeline.NEVER, checked),
            "listed_on": np.datetime64("2021-03-01") - rows.index.to_numpy() % 900,
        }
    )  # fmt: skip


def _full_years(birth: timeline.Days, day: np.datetime64) -> np.ndarray:
    born = pd.DatetimeIndex(birth)
    on = pd.Timestamp(day)
    return np.asarray(
        on.year - born.year - ((born.month > on.month) | ((born.month == on.month) & (born.day > on.day)))
    )


def whereabouts(lives: Lives, everyone: pd.DataFrame, chosen: Plants, day: np.datetime64) -> np.ndarray:
    """就学情况 of every child as the village knows it, empty for a child not on the household register that day."""
    s = codes.Schooling
    status = np.full(len(everyone), s.IN_COUNTY.value, object)
    n = len(lives.people)
    role = everyone["role"].to_numpy()
    status[role == roles.ELSEWHERE] = s.ELSEWHERE.value
    status[role == roles.DEFERRED] = s.NONE.value
    status[role == roles.UNREGISTERED] = ""
    unknown = np.array([s.NONE.value, s.UNKNOWN.value, s.ELSEWHERE.value, s.IN_COUNTY.value], object)
    never = np.flatnonzero(role == roles.NEVER_ENROLLED)
    status[never] = unknown[never % 4]
    arrivals = np.flatnonzero(role == roles.NOT_ARRIVED)
    status[arrivals] = np.where(arrivals % 2 == 0, s.UNKNOWN.value, "")
    status[:n] = _pupils_status(lives, everyone, day)
    missing = chosen.not_arrived
    if day >= timeline.september(2024):
        status[missing] = np.where(everyone["is_migrant"].to_numpy()[missing], "", s.UNKNOWN.value)
    return status


def _pupils_status(lives: Lives, everyone: pd.DataFrame, day: np.datetime64) -> np.ndarray:
    """Pupils: here while at school here; then elsewhere if registered here, off the register if they lived here only.

    Of the dead and the emigrated the village knows nothing for a while: only changes on the registry say what became of
    them.
    """
    s, ends, n = codes.Schooling, lives.ends, len(lives.people)
    migrant = everyone["is_migrant"].to_numpy()[:n]
    status = np.full(n, s.IN_COUNTY.value, object)
    gone = (ends.gone_on <= day) & (ends.kind != seating.GRADUATED) & (ends.kind != seating.LEFT)
    status[gone] = np.where(migrant, "", s.ELSEWHERE.value)[gone]
    long_dead = (ends.kind == seating.DEATH) & (ends.gone_on <= day - 365)
    struck_late = gone & np.isin(ends.kind, (seating.DEATH, seating.EMIGRATION)) & ~migrant
    status[struck_late] = s.UNKNOWN.value
    status[long_dead] = ""
    yet_to_come = presence.days(everyone["joined_on"])[:n] > day
    born_here = yet_to_come & ~everyone["is_arrival"].eq(True).to_numpy()[:n]
    status[yet_to_come & ~born_here] = np.where(migrant, "", s.ELSEWHERE.value)[yet_to_come & ~born_here]
    status[born_here] = s.NONE.value
    status[~everyone["has_id"].to_numpy()[:n]] = ""
    done = ends.kind == seating.GRADUATED
    status[done & (ends.gone_on <= day)] = ""
    return status


def _school_now(lives: Lives, everyone: pd.DataFrame, where: places.Places, day: np.datetime64) -> np.ndarray:
    name = np.full(len(everyone), "", object)
    grade, school, _ = lives.seats.on(day)
    name[: len(grade)] = np.where(grade > 0, where.schools["school_name"].to_numpy()[school], "")
    return name


def first_seen(everyone: pd.DataFrame, seed: int) -> np.ndarray:
    """From which household snapshot on each child is registered: most from the first, planted ones since they came."""
    rng = timeline.stream(seed, "households")
    seen = np.zeros(len(everyone), int)
    never = np.flatnonzero(everyone["role"] == roles.NEVER_ENROLLED)
    seen[never] = rng.integers(0, len(timeline.HOUSEHOLD_DAYS), len(never))
    return seen
