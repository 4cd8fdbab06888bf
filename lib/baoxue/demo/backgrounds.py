"""What lies behind a child: ability, health, boarding, distance, disability, trouble at home."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import places, roles

DISABLED = 0.0056

ORPHAN = 0.0003

UNSUPPORTED = 0.0003

PARENT_IN_PRISON = 0.001

_D = codes.Disability

_DISABILITIES = {
    _D.VISION: 0.08, _D.HEARING: 0.12, _D.SPEECH: 0.08, _D.PHYSICAL: 0.24,
    _D.INTELLECTUAL: 0.36, _D.MENTAL: 0.08, _D.MULTIPLE: 0.04,
}  # fmt: skip


def with_backgrounds(people: pd.DataFrame, where: places.Places, rng: np.random.Generator) -> pd.DataFrame:
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
        is_orphan=_at_least((care < ORPHAN), (people["role"] == roles.PUPIL).to_numpy(), 2, rng),
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
    is_pupil = (people["role"] == roles.PUPIL).to_numpy()
    has_one = (rng.random(n) < DISABLED) & is_pupil
    has_one = _at_least(has_one, is_pupil, 6, rng)
    kind = np.where(has_one, rng.choice([d.value for d in _DISABILITIES], n, p=list(_DISABILITIES.values())), "")
    grade = np.where(has_one, rng.integers(1, 5, n), 0)
    draw = rng.random(n)
    p = codes.Placement
    severe = grade <= 2
    placement = np.where(
        severe,
        np.where(
            draw < 0.55, p.SPECIAL_SCHOOL, np.where(draw < 0.80, p.HOME, np.where(draw < 0.93, p.INCLUSION, p.NONE))
        ),
        np.where(draw < 0.85, p.INCLUSION, np.where(draw < 0.93, p.SPECIAL_CLASS, p.NONE)),
    )
    # somebody who is still of school age at the end has no place, in a tiny county too
    young = np.flatnonzero(has_one & (placement == p.INCLUSION) & (people["entry"] >= 2018).to_numpy())
    placement[young[-1:]] = p.NONE
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
