"""The children of the simulated county: when and where they were born, in which family, with what behind them.

Rates are DOMAIN 5.2's proposals for a synthetic county; none of them is a statistic of a real place.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue.demo import backgrounds, families, gazetteer, identities, places, roles, timeline

ENTRY_SHARE = {
    2013: 0.104, 2014: 0.106, 2015: 0.108, 2016: 0.110, 2017: 0.112, 2018: 0.115, 2019: 0.115, 2020: 0.115,
    2021: 0.115, 2022: 0.114, 2023: 0.118, 2024: 0.101,
}  # fmt: skip
"""Pupils entering grade 1 in a year, as a share of all pupils in 2021; the fall in 2024 is the national one."""

ARRIVALS_A_YEAR = 0.018
"""Children who move into the county's schools in a year, as a share of its pupils."""

LATE_ENTRY = 0.03
VERY_LATE_ENTRY = 0.006
ELSEWHERE = 0.07
"""Children on the household register who live and learn elsewhere, as a share of pupils."""

DEFERRED = 0.02
"""Children of school age whose entry is put off a year with approval (缓学), as a share of a year's entrants."""

NO_ID = 0.0008
OLD_NUMBER = 0.0012


def children(size: gazetteer.Size, where: places.Places, extras: dict[str, int], seed: int) -> pd.DataFrame:
    """Every child of the county's files, a row each, indexed 0..n-1.

    `extras` gives how many children of each planted role to add who are not pupils (never enrolled, ...).
    """
    rng = timeline.stream(seed, "people")
    people = pd.concat([_pupils(size, rng), _others(size, extras, rng)], ignore_index=True)
    people["township"] = _townships(people, where, rng)
    people = families.with_families(people, where, rng)
    people = _births(people, rng)
    people = backgrounds.with_backgrounds(people, where, rng)
    return _identities(people, rng)


def _pupils(size: gazetteer.Size, rng: np.random.Generator) -> pd.DataFrame:
    """Entry year, first school year here and joining day of everyone who will be a pupil."""
    cohorts = [(year, round(size.pupils * share)) for year, share in ENTRY_SHARE.items()]
    entry = np.concatenate([np.full(count, year) for year, count in cohorts])
    stock = pd.DataFrame({"entry": entry, "joined_on": [timeline.september(max(y, 2021)) for y in entry]})
    return pd.concat([stock, _arrivals(size, rng)], ignore_index=True).assign(role=roles.PUPIL)


def _arrivals(size: gazetteer.Size, rng: np.random.Generator) -> pd.DataFrame:
    """Children who move in: most at the start of a term, after grade 1."""
    frames = []
    for year in timeline.YEARS:
        count = round(size.pupils * ARRIVALS_A_YEAR)
        grade = rng.integers(1, 10, count)
        days = timeline.clock().school_days
        inside = days[(days > timeline.september(year)) & (days < np.datetime64(f"{year + 1}-05-31"))]
        joined = rng.choice(inside, count)
        start = rng.choice(
            [timeline.term_start(year, 1), timeline.term_start(year, 2), timeline.NEVER], count, p=[0.55, 0.25, 0.20]
        )
        joined = np.where(np.isnat(start), joined, start)
        frames.append(pd.DataFrame({"entry": year - grade + 1, "joined_on": joined}))
    arrivals = pd.concat(frames, ignore_index=True)
    arrivals["is_arrival"] = True
    return arrivals


def _others(size: gazetteer.Size, extras: dict[str, int], rng: np.random.Generator) -> pd.DataFrame:
    """Children on lists who never sit in a class of the county, or sit there unregistered."""
    count = round(size.pupils * ELSEWHERE)
    frames = [pd.DataFrame({"entry": rng.integers(2013, 2025, count), "role": roles.ELSEWHERE})]
    late = max(2, round(size.pupils * ENTRY_SHARE[2024] * DEFERRED))
    frames.append(pd.DataFrame({"entry": timeline.YEARS[-1], "role": roles.DEFERRED}, index=range(late)))
    for role, number in extras.items():
        first = {roles.NOT_ARRIVED: 2024, roles.NEVER_ENROLLED: 2017, roles.UNREGISTERED: 2016}[role]
        frames.append(pd.DataFrame({"entry": rng.integers(first, 2025, number), "role": role}))
    return pd.concat(frames, ignore_index=True)


def _townships(people: pd.DataFrame, where: places.Places, rng: np.random.Generator) -> np.ndarray:
    weight = where.townships["weight"].to_numpy()
    return rng.choice(len(weight), len(people), p=weight / weight.sum())


def _births(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Birth dates: six full years on 1 September of the entry year, or a year or two more for late entrants."""
    n = len(people)
    draw = rng.random(n)
    late = np.where(draw < VERY_LATE_ENTRY, 2, np.where(draw < LATE_ENTRY + VERY_LATE_ENTRY, 1, 0))
    late = np.where((people["role"] == roles.PUPIL) & ~((late == 2) & ~people["is_migrant"]), late, 0)
    last = np.array([f"{year}-08-31" for year in people["entry"] - 6 - late], dtype="datetime64[D]")
    birth = last - rng.integers(0, 365, n)
    return people.assign(years_late=late, birth=birth, is_male=rng.random(n) < 0.53)


def _identities(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Numbers and names. Nearly all pupils have G and their ID; a few J with an ID, a few J or L without one."""
    n = len(people)
    area = np.where(people["is_migrant"], people["province"] * 10_000 + 9_901, identities.COUNTY_AREA)
    birth, is_male = people["birth"].to_numpy(), people["is_male"].to_numpy()
    id_number = identities.id_numbers(area, birth, is_male)
    registry = identities.registry_numbers(id_number)
    draw = np.where(people["role"] == roles.PUPIL, rng.random(n), 1.0)
    no_id, old = draw < NO_ID, (draw >= NO_ID) & (draw < NO_ID + OLD_NUMBER)
    for letter, chosen in (("L", no_id & (draw < NO_ID / 2)), ("J", (no_id & (draw >= NO_ID / 2)) | old)):
        spot = np.flatnonzero(chosen)
        registry[spot] = identities.school_area_numbers(letter, birth[spot], np.arange(len(spot)))
    return people.assign(
        id_number=id_number,
        registry_number=registry,
        has_id=~no_id,
        name=identities.children_names(people["surname"].to_numpy(), is_male, rng),
    )
