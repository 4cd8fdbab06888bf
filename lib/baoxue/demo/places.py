"""The simulated county's townships (real codes and names), villages, zones and schools (invented)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import timeline
from baoxue.demo.gazetteer import TOWNSHIPS, Size

_T = codes.SchoolType
_PREFIX = {_T.PRIMARY: "2133", _T.JUNIOR: "3133", _T.NINE_YEAR: "3133", _T.SPECIAL: "5133"}
_NOUN = {_T.PRIMARY: "小学", _T.JUNIOR: "初级中学", _T.NINE_YEAR: "九年一贯制学校", _T.SPECIAL: "特殊教育学校"}
_ORDINALS = "一二三四五六七八九十"
VILLAGES_PER_WEIGHT = 1.2


@dataclass(frozen=True)
class Places:
    """The county's places. `townships` and `schools` are indexed 0..n-1; people refer to those positions."""

    townships: pd.DataFrame
    schools: pd.DataFrame
    villages: pd.DataFrame
    primary_share: np.ndarray
    """Township x school: where a township's children go to primary school."""
    junior_share: np.ndarray

    @property
    def special_school(self) -> int:
        """Position of the special school."""
        return int(np.flatnonzero(self.schools["school_type"] == _T.SPECIAL)[0])


def county(size: Size, seed: int) -> Places:
    """The places of a county of that size."""
    rng = timeline.stream(seed, "places")
    townships = TOWNSHIPS[TOWNSHIPS["code"].isin(size.townships)].reset_index(drop=True)
    townships = townships.assign(weight=townships["weight"] ** size.evenness)
    schools = _schools(townships, size, rng)
    weight = rng.lognormal(0, 0.45, len(schools))
    return Places(
        townships,
        schools,
        _villages(townships),
        _shares(townships, schools, weight, (_T.PRIMARY, _T.NINE_YEAR)),
        _shares(townships, schools, weight, (_T.JUNIOR, _T.NINE_YEAR)),
    )


def _schools(townships: pd.DataFrame, size: Size, rng: np.random.Generator) -> pd.DataFrame:
    """Schools by township: nine-year schools in the smallest, the others by weight; code, name, kind and place."""
    smallest_first = townships["weight"].to_numpy().argsort(kind="stable")
    nine_year = smallest_first[: size.schools[_T.NINE_YEAR]]
    others = np.setdiff1d(np.arange(len(townships)), nine_year)
    weights = townships["weight"].to_numpy()
    seats = {
        _T.PRIMARY: np.repeat(others, _apportion(weights[others] ** 0.85, size.schools[_T.PRIMARY])),
        _T.JUNIOR: np.repeat(others, _apportion(weights[others] ** 0.85, size.schools[_T.JUNIOR])),
        _T.NINE_YEAR: np.sort(nine_year),
        _T.SPECIAL: np.array([int(weights.argmax())]),
    }
    schools = pd.DataFrame(
        [(kind, township) for kind, where in seats.items() for township in where], columns=["school_type", "township"]
    )
    return _described(schools, townships, rng)


def _described(schools: pd.DataFrame, townships: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(schools)
    number = schools.groupby(["school_type", "township"], sort=False).cumcount()
    where = townships.iloc[schools["township"]].reset_index(drop=True)
    industrial = (where["kind"] == "industrial").to_numpy()
    is_primary = (schools["school_type"] == _T.PRIMARY).to_numpy()
    return schools.assign(
        school_code=[f"{_PREFIX[kind]}99{i + 1:04d}" for i, kind in enumerate(schools["school_type"])],
        school_name=[
            f"模拟{name.rstrip('街道镇乡')}{_ordinal(k)}{_NOUN[kind]}"
            for name, k, kind in zip(where["name"], number, schools["school_type"], strict=True)
        ],
        ownership=np.where(
            is_primary & industrial & (number.to_numpy() >= 3) & (rng.random(n) < 0.4),
            codes.Ownership.PRIVATE.value,
            codes.Ownership.PUBLIC.value,
        ),
        urban_rural=_urban_rural(where["kind"], rng.random(n)),
        township_code=where["code"].to_numpy(),
        zone=where["zone"].to_numpy(),
        kind=where["kind"].to_numpy(),
        has_boarding=np.where(
            ~is_primary & (industrial | (rng.random(n) < 0.9)) | (where["kind"] == "mountain").to_numpy(), "是", "否"
        ),
        longitude_deg=(where["longitude_deg"] + rng.normal(0, 0.012, n)).round(4).to_numpy(),
        latitude_deg=(where["latitude_deg"] + rng.normal(0, 0.010, n)).round(4).to_numpy(),
    )


def _urban_rural(kind: pd.Series, draw: np.ndarray) -> np.ndarray:
    town = np.where(draw < 0.55, codes.UrbanRural.TOWN.value, codes.UrbanRural.RURAL.value)
    town = np.where(kind == "mountain", codes.UrbanRural.RURAL.value, town)
    urban = (kind == "urban") | ((kind == "industrial") & (draw < 0.3))
    return np.where(urban, codes.UrbanRural.URBAN.value, town)


def _ordinal(number: int) -> str:
    """第一, 第二, ... 第十一, ..."""
    tens, ones = divmod(number + 1, 10)
    return (
        "第"
        + ("" if tens == 0 else ("十" if tens == 1 else f"{_ORDINALS[tens - 1]}十"))
        + (_ORDINALS[ones - 1] if ones else "")
    )


def _apportion(weights: np.ndarray, seats: int) -> np.ndarray:
    """Seats by largest remainder; when there are enough, everyone gets one first."""
    first = np.ones(len(weights), int) if seats >= len(weights) else np.zeros(len(weights), int)
    quota = weights / weights.sum() * (seats - first.sum())
    whole = first + np.floor(quota).astype(int)
    left = seats - whole.sum()
    whole[np.argsort(-(quota % 1), kind="stable")[:left]] += 1
    return whole


def _shares(
    townships: pd.DataFrame, schools: pd.DataFrame, weight: np.ndarray, kinds: tuple[codes.SchoolType, ...]
) -> np.ndarray:
    """Township x school, rows sum to one: own schools if there are any, else the zone's, else the county's."""
    offers = schools["school_type"].isin(list(kinds)).to_numpy()
    same_zone = townships["zone"].to_numpy()[:, None] == schools["zone"].to_numpy()[None, :]
    own = townships["code"].to_numpy()[:, None] == schools["township_code"].to_numpy()[None, :]
    shares = np.zeros((len(townships), len(schools)))
    for row in range(len(townships)):
        reach = next(mask for mask in (own[row] & offers, same_zone[row] & offers, offers) if mask.any())
        near = 0.94 * reach * weight / (reach * weight).sum()
        shares[row] = near + 0.06 * offers * weight / (offers * weight).sum()
    return shares


def _villages(townships: pd.DataFrame) -> pd.DataFrame:
    """Invented villages: `township` (position), `village` (unique in the county, used in every file)."""
    counts = np.maximum(3, (townships["weight"] * VILLAGES_PER_WEIGHT).round().astype(int))
    rows = [
        (position, f"{name.rstrip('街道镇乡')}模拟{_ordinal(k)[1:]}村")
        for position, (name, count) in enumerate(zip(townships["name"], counts, strict=True))
        for k in range(count)
    ]
    return pd.DataFrame(rows, columns=["township", "village"])
