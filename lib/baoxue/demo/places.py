"""The simulated county's townships (real codes and names), villages, zones and schools (invented)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import timeline

COUNTY_DIVISION = "330382000000"


@dataclass(frozen=True)
class Size:
    """How large a county to write."""

    pupils: int
    townships: tuple[str, ...]
    schools: dict[codes.SchoolType, int]
    evenness: float = 1.0
    """Exponent on the townships' weights: under 1, small townships get more pupils than their share."""


@dataclass(frozen=True)
class TownshipKind:
    """What a kind of township means for the children who live there (DOMAIN 5.2: sizes proposed, not statistics)."""

    migrant_share: float
    left_behind_share: float
    low_income_share: float
    primary_boarding: float
    junior_boarding: float
    distance_km: float


KINDS = {
    "industrial": TownshipKind(0.60, 0.015, 0.012, 0.01, 0.10, 1.2),
    "urban": TownshipKind(0.28, 0.02, 0.014, 0.01, 0.12, 1.3),
    "plain": TownshipKind(0.18, 0.03, 0.020, 0.02, 0.25, 1.8),
    "mountain": TownshipKind(0.05, 0.10, 0.040, 0.06, 0.60, 4.5),
}

TOWNSHIPS = pd.DataFrame(
    [
        ("330382001", "城东街道", "urban", 5.5, "乐成学区", 120.99, 28.12),
        ("330382002", "乐成街道", "urban", 9.0, "乐成学区", 120.96, 28.13),
        ("330382003", "城南街道", "urban", 4.5, "乐成学区", 120.97, 28.09),
        ("330382004", "盐盆街道", "plain", 2.2, "乐成学区", 121.00, 28.07),
        ("330382005", "翁垟街道", "plain", 4.0, "柳市学区", 120.98, 28.00),
        ("330382006", "白石街道", "plain", 3.0, "柳市学区", 120.89, 28.10),
        ("330382007", "石帆街道", "plain", 3.2, "虹桥学区", 121.00, 28.17),
        ("330382008", "天成街道", "plain", 2.6, "虹桥学区", 121.04, 28.17),
        ("330382101", "大荆镇", "mountain", 4.2, "大荆学区", 121.14, 28.42),
        ("330382102", "仙溪镇", "mountain", 1.3, "大荆学区", 121.05, 28.45),
        ("330382104", "雁荡镇", "plain", 2.6, "雁荡学区", 121.15, 28.34),
        ("330382105", "芙蓉镇", "mountain", 2.2, "雁荡学区", 121.08, 28.31),
        ("330382106", "清江镇", "plain", 2.8, "雁荡学区", 121.08, 28.27),
        ("330382108", "虹桥镇", "industrial", 10.5, "虹桥学区", 121.04, 28.22),
        ("330382111", "淡溪镇", "plain", 2.4, "虹桥学区", 120.98, 28.23),
        ("330382114", "柳市镇", "industrial", 20.0, "柳市学区", 120.89, 28.03),
        ("330382115", "北白象镇", "industrial", 11.5, "北白象学区", 120.86, 28.00),
        ("330382121", "湖雾镇", "mountain", 0.9, "大荆学区", 121.22, 28.41),
        ("330382122", "南塘镇", "plain", 1.5, "雁荡学区", 121.11, 28.23),
        ("330382123", "南岳镇", "plain", 1.8, "虹桥学区", 121.10, 28.17),
        ("330382124", "蒲岐镇", "plain", 1.7, "虹桥学区", 121.06, 28.14),
        ("330382125", "磐石镇", "plain", 2.0, "北白象学区", 120.83, 27.99),
        ("330382210", "智仁乡", "mountain", 0.7, "大荆学区", 121.08, 28.47),
        ("330382211", "龙西乡", "mountain", 0.5, "大荆学区", 121.03, 28.41),
        ("330382212", "岭底乡", "mountain", 0.6, "虹桥学区", 120.95, 28.28),
    ],
    columns=["code", "name", "kind", "weight", "zone", "longitude_deg", "latitude_deg"],
)
"""Codes and names: national division codes 2024. Kind, weight (relative number of pupils), zone and place: invented,
the pattern (who has migrants, which is mountain) follows DOMAIN 5.2."""

_T = codes.SchoolType

SIZES: dict[str, Size] = {
    "tiny": Size(
        1_500,
        ("330382002", "330382114", "330382210"),
        {_T.PRIMARY: 3, _T.JUNIOR: 2, _T.NINE_YEAR: 1, _T.SPECIAL: 1},
        evenness=0.5,
    ),
    "small": Size(
        12_000,
        ("330382001", "330382002", "330382101", "330382105", "330382108", "330382114", "330382115", "330382210"),
        {_T.PRIMARY: 14, _T.JUNIOR: 7, _T.NINE_YEAR: 2, _T.SPECIAL: 1},
        evenness=0.75,
    ),
    "county": Size(
        150_000,
        tuple(TOWNSHIPS["code"]),
        {_T.PRIMARY: 99, _T.JUNIOR: 41, _T.NINE_YEAR: 9, _T.SPECIAL: 1},
    ),
}

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
    return "第" + ("" if tens == 0 else ("十" if tens == 1 else f"{_ORDINALS[tens - 1]}十")) + (
        _ORDINALS[ones - 1] if ones else ""
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
