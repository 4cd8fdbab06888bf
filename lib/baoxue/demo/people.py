"""The children of the simulated county: when and where they were born, in which family, with what behind them.

Rates are DOMAIN 5.2's proposals for a synthetic county; none of them is a statistic of a real place.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import identities, places, timeline

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

DISABLED = 0.0056
ORPHAN = 0.0003
UNSUPPORTED = 0.0003
PARENT_IN_PRISON = 0.001
NO_ID = 0.0008
OLD_NUMBER = 0.0012

PUPIL, ELSEWHERE_ROLE, DEFERRED_ROLE = "pupil", "elsewhere", "deferred"
NEVER_ENROLLED, UNREGISTERED, NOT_ARRIVED = "never_enrolled", "unregistered", "not_arrived"

_PROVINCES = {52: 0.24, 34: 0.14, 36: 0.17, 41: 0.12, 42: 0.10, 51: 0.09, 50: 0.05, 53: 0.06, 43: 0.03}
_D = codes.Disability
_DISABILITIES = {
    _D.VISION: 0.08, _D.HEARING: 0.12, _D.SPEECH: 0.08, _D.PHYSICAL: 0.24,
    _D.INTELLECTUAL: 0.36, _D.MENTAL: 0.08, _D.MULTIPLE: 0.04,
}  # fmt: skip
_MINORITIES = np.array(["苗族", "布依族", "土家族", "侗族", "彝族", "壮族"])


def children(size: places.Size, where: places.Places, extras: dict[str, int], seed: int) -> pd.DataFrame:
    """Every child of the county's files, a row each, indexed 0..n-1.

    `extras` gives how many children of each planted role to add who are not pupils (never enrolled, ...).
    """
    rng = timeline.stream(seed, "people")
    people = pd.concat([_pupils(size, rng), _others(size, extras, rng)], ignore_index=True)
    people["township"] = _townships(people, where, rng)
    people = _families(people, where, rng)
    people = _births(people, rng)
    people = _backgrounds(people, where, rng)
    return _identities(people, rng)


def _pupils(size: places.Size, rng: np.random.Generator) -> pd.DataFrame:
    """Entry year, first school year here and joining day of everyone who will be a pupil."""
    cohorts = [(year, round(size.pupils * share)) for year, share in ENTRY_SHARE.items()]
    entry = np.concatenate([np.full(count, year) for year, count in cohorts])
    stock = pd.DataFrame({"entry": entry, "joined_on": [timeline.september(max(y, 2021)) for y in entry]})
    return pd.concat([stock, _arrivals(size, rng)], ignore_index=True).assign(role=PUPIL)


def _arrivals(size: places.Size, rng: np.random.Generator) -> pd.DataFrame:
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


def _others(size: places.Size, extras: dict[str, int], rng: np.random.Generator) -> pd.DataFrame:
    """Children on lists who never sit in a class of the county, or sit there unregistered."""
    count = round(size.pupils * ELSEWHERE)
    frames = [pd.DataFrame({"entry": rng.integers(2013, 2025, count), "role": ELSEWHERE_ROLE})]
    late = max(2, round(size.pupils * ENTRY_SHARE[2024] * DEFERRED))
    frames.append(pd.DataFrame({"entry": timeline.YEARS[-1], "role": DEFERRED_ROLE}, index=range(late)))
    for role, number in extras.items():
        first = {NOT_ARRIVED: 2024, NEVER_ENROLLED: 2017, UNREGISTERED: 2016}[role]
        frames.append(pd.DataFrame({"entry": rng.integers(first, 2025, number), "role": role}))
    return pd.concat(frames, ignore_index=True)


def _townships(people: pd.DataFrame, where: places.Places, rng: np.random.Generator) -> np.ndarray:
    weight = where.townships["weight"].to_numpy()
    return rng.choice(len(weight), len(people), p=weight / weight.sum())


def _families(people: pd.DataFrame, where: places.Places, rng: np.random.Generator) -> pd.DataFrame:
    """Brothers and sisters share a household; what holds for a household holds for each of them."""
    shuffled = people.iloc[rng.permutation(len(people))].sort_values("township", kind="stable")
    sizes = rng.choice([1, 2, 3], len(people), p=[0.62, 0.33, 0.05])
    group = np.repeat(np.arange(len(people)), sizes)[: len(people)]
    household = pd.Series(
        pd.factorize(pd.MultiIndex.from_arrays([shuffled["township"], group]))[0], index=shuffled.index
    ).reindex(people.index)
    people = people.assign(household=household.to_numpy())
    homes = _households(people.groupby("household")["township"].first().to_numpy(), where, rng)
    homes["siblings"] = people.groupby("household").size()
    people = people.join(homes, on="household")
    is_away = people["role"] == ELSEWHERE_ROLE
    return people.assign(is_migrant=people["is_migrant"] & ~is_away, province=people["province"].where(~is_away, 33))


def _households(township: np.ndarray, where: places.Places, rng: np.random.Generator) -> pd.DataFrame:
    n = len(township)
    kind = where.townships["kind"].to_numpy()[township]
    traits = {name: np.array([getattr(places.KINDS[k], name) for k in kind]) for name in _TRAITS}
    is_migrant = rng.random(n) < traits["migrant_share"]
    province = np.where(is_migrant, rng.choice(list(_PROVINCES), n, p=list(_PROVINCES.values())), 33)
    father, mother = identities.surnames(n, rng), identities.surnames(n, rng)
    return pd.DataFrame(
        {
            "is_migrant": is_migrant,
            "province": province,
            "village": _village(township, where, rng),
            "surname": father,
            "father": identities.adult_names(father, rng),
            "mother": identities.adult_names(mother, rng),
            "father_phone": identities.phones(n, rng),
            "mother_phone": identities.phones(n, rng),
            "minority": np.where(
                rng.random(n) < np.where(np.isin(province, (52, 53, 43, 50)), 0.25, 0.004),
                np.where(is_migrant, rng.choice(_MINORITIES, n), "畲族"),
                "",
            ),
            "is_poor": rng.random(n) < traits["low_income_share"],
            "home_quality": rng.normal(0, 1, n),
            **{name: traits[name] for name in ("left_behind_share", "primary_boarding", "junior_boarding", "distance_km")},
        }
    )


_TRAITS = ("migrant_share", "left_behind_share", "low_income_share", "primary_boarding", "junior_boarding", "distance_km")


def _village(township: np.ndarray, where: places.Places, rng: np.random.Generator) -> np.ndarray:
    first = where.villages.groupby("township").head(1).index.to_numpy()
    count = where.villages.groupby("township").size().to_numpy()
    return first[township] + (rng.random(len(township)) * count[township]).astype(int)


def _births(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Birth dates: six full years on 1 September of the entry year, or a year or two more for late entrants."""
    n = len(people)
    draw = rng.random(n)
    late = np.where(draw < VERY_LATE_ENTRY, 2, np.where(draw < LATE_ENTRY + VERY_LATE_ENTRY, 1, 0))
    late = np.where((people["role"] == PUPIL) & ~((late == 2) & ~people["is_migrant"]), late, 0)
    last = np.array([f"{year}-08-31" for year in people["entry"] - 6 - late], dtype="datetime64[D]")
    birth = last - rng.integers(0, 365, n)
    return people.assign(years_late=late, birth=birth, is_male=rng.random(n) < 0.53)


def _backgrounds(people: pd.DataFrame, where: places.Places, rng: np.random.Generator) -> pd.DataFrame:
    """Ability, health, boarding, distance, disability and family trouble, child by child."""
    n = len(people)
    draw = rng.random(n)
    share = people["left_behind_share"].to_numpy() * np.where(people["is_migrant"], 0.2, 1)
    left_behind = np.where(draw < share * 0.55, 2, np.where(draw < share, 1, 0))
    care = rng.random(n)
    is_poor = people["is_poor"].to_numpy()
    home = people["home_quality"].to_numpy() - 0.5 * is_poor - 0.3 * (left_behind == 2)
    people = people.assign(
        left_behind=left_behind,
        is_orphan=_at_least((care < ORPHAN), (people["role"] == PUPIL).to_numpy(), 2, rng),
        is_unsupported=(care >= ORPHAN) & (care < ORPHAN + UNSUPPORTED),
        has_parent_in_prison=(care >= 0.5) & (care < 0.5 + PARENT_IN_PRISON),
        home_quality=home,
        ability=0.35 * home + rng.normal(0, 0.93, n),
        health=rng.gamma(1.3, 1 / 1.3, n),
        anxiety=rng.lognormal(0, 0.5, n),
        truancy_bent=rng.gamma(0.5, 2.0, n),
        distance_km=_distance(people, rng),
        boards_primary=rng.random(n) < people["primary_boarding"],
        boards_junior=rng.random(n) < people["junior_boarding"],
        had_preschool=rng.random(n) < 0.97,
        phone_known=rng.random(n) < np.where(people["is_migrant"], 0.97, 0.995),
    )
    return _disabilities(people, rng)


def _distance(people: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    return np.clip(people["distance_km"] * rng.lognormal(-0.1, 0.7, len(people)), 0.1, 38).round().astype(int)


def _disabilities(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Kind, grade and placement; at least six disabled pupils, so that a tiny county has each placement."""
    n = len(people)
    is_pupil = (people["role"] == PUPIL).to_numpy()
    has_one = (rng.random(n) < DISABLED) & is_pupil
    has_one = _at_least(has_one, is_pupil, 6, rng)
    kind = np.where(has_one, rng.choice([d.value for d in _DISABILITIES], n, p=list(_DISABILITIES.values())), "")
    grade = np.where(has_one, rng.integers(1, 5, n), 0)
    draw = rng.random(n)
    p = codes.Placement
    severe = grade <= 2
    placement = np.where(
        severe,
        np.where(draw < 0.55, p.SPECIAL_SCHOOL, np.where(draw < 0.80, p.HOME, np.where(draw < 0.93, p.INCLUSION, p.NONE))),
        np.where(draw < 0.85, p.INCLUSION, np.where(draw < 0.93, p.SPECIAL_CLASS, p.NONE)),
    )
    ability = people["ability"].to_numpy() - np.where(has_one & np.isin(kind, [_D.INTELLECTUAL, _D.MULTIPLE]), 1.5, 0)
    return people.assign(
        disability=kind, disability_grade=grade, placement=np.where(has_one, placement, ""), ability=ability
    )


def _at_least(chosen: np.ndarray, among: np.ndarray, least: int, rng: np.random.Generator) -> np.ndarray:
    """`chosen`, with more of `among` if there are too few of them."""
    extra = rng.choice(np.flatnonzero(among), least, replace=False)
    result = chosen.copy()
    if (chosen & among).sum() < least:
        result[extra] = True
    return result


def _identities(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Numbers and names. Nearly all pupils have G and their ID; a few J with an ID, a few J or L without one."""
    n = len(people)
    area = np.where(people["is_migrant"], people["province"] * 10_000 + 9_901, identities.COUNTY_AREA)
    birth, is_male = people["birth"].to_numpy(), people["is_male"].to_numpy()
    id_number = identities.id_numbers(area, birth, is_male)
    registry = identities.registry_numbers(id_number)
    draw = np.where(people["role"] == PUPIL, rng.random(n), 1.0)
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
