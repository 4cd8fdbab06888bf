"""Households of the simulated county: where they live, where they come from, who the parents are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue.demo import gazetteer, identities, places, roles

_PROVINCES = {52: 0.24, 34: 0.14, 36: 0.17, 41: 0.12, 42: 0.10, 51: 0.09, 50: 0.05, 53: 0.06, 43: 0.03}

_MINORITIES = np.array(["苗族", "布依族", "土家族", "侗族", "彝族", "壮族"])

_TRAITS = (
    "migrant_share",
    "left_behind_share",
    "low_income_share",
    "primary_boarding",
    "junior_boarding",
    "distance_km",
)


def with_families(people: pd.DataFrame, where: places.Places, rng: np.random.Generator) -> pd.DataFrame:
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
    is_away = people["role"] == roles.ELSEWHERE
    return people.assign(is_migrant=people["is_migrant"] & ~is_away, province=people["province"].where(~is_away, 33))


def _households(township: np.ndarray, where: places.Places, rng: np.random.Generator) -> pd.DataFrame:
    n = len(township)
    kind = where.townships["kind"].to_numpy()[township]
    traits = {name: np.array([getattr(gazetteer.KINDS[k], name) for k in kind]) for name in _TRAITS}
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
            **{
                name: traits[name]
                for name in ("left_behind_share", "primary_boarding", "junior_boarding", "distance_km")
            },
        }
    )


def _village(township: np.ndarray, where: places.Places, rng: np.random.Generator) -> np.ndarray:
    first = where.villages.groupby("township").head(1).index.to_numpy()
    count = where.villages.groupby("township").size().to_numpy()
    return first[township] + (rng.random(len(township)) * count[township]).astype(int)
