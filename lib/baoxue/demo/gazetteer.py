"""The county on the map: its townships with their real codes and names, and how large a simulated county may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue import codes

COUNTY_DIVISION = "330382000000"


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


@dataclass(frozen=True)
class Size:
    """How large a county to write."""

    pupils: int
    townships: tuple[str, ...]
    schools: dict[codes.SchoolType, int]
    evenness: float = 1.0
    """Exponent on the townships' weights: under 1, small townships get more pupils than their share."""


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


def home_division(province: pd.Series) -> np.ndarray:
    """Where a household is registered, twelve digits: this county, or a province elsewhere."""
    return np.where(province == 33, COUNTY_DIVISION, province.astype(str) + "0000000000")
