"""Names, ID numbers, registry numbers and phones that look right, pass their checks, and belong to nobody.

Convention, so that a simulated number can always be told from a real one: an ID number's area digits 3-4 are `99` (no
prefecture has that code) and its sequence is 902-999; a mobile number begins with `120` (no network has that prefix).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

COUNTY_AREA = 339901
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = np.array(list("10X98765432"))
_FIRST_SEQUENCE = 902
_PER_SEX = 49

SURNAMES = np.array(
    list("陈林王张黄郑吴周叶赵李杨胡朱徐金潘余孙倪包卢方施钱蔡谢许章范郭江钟苏戴瞿万连侯夏季屠南臧") + ["欧阳", "司徒"]
)
_SURNAME_WEIGHTS = np.array([9, 8, 7, 6, 6, 5, 4, 4, 4, 4, 4] + [1] * (len(SURNAMES) - 13) + [0.1, 0.1])
_BOY = np.array(list("浩宇轩博睿泽俊铭辰皓昊宸佳文天家子一梓豪杰毅鹏磊航瑞恒晨阳哲"))
_GIRL = np.array(list("雨欣怡诗涵梦琪语嫣思佳可馨子萱若曦婷悦心妍玥彤瑶静雯嘉依诺晗熙芸"))
_ADULT = np.array(list("建国强伟军平华明海波勇斌丽芳秀英敏娟红燕霞玲萍云珍"))
_RARE_NAMES = ("阿依古丽·模拟", "王𬭎", "林㛃", "扎西·模拟·次仁")
"""Names with a middle dot or a character outside GBK, as real lists have."""


def check_digit(seventeen: np.ndarray) -> np.ndarray:
    """The GB 11643 check character of each 17-digit number.

    >>> str(check_digit(np.array([11010519491231002]))[0])
    'X'
    """
    total = np.zeros(len(seventeen), dtype=np.int64)
    rest = seventeen.astype(np.int64)
    for weight in reversed(_WEIGHTS):
        rest, digit = np.divmod(rest, 10)
        total += weight * digit
    return _CHECKS[total % 11]


def id_numbers(area: np.ndarray, birth: np.ndarray, is_male: np.ndarray) -> np.ndarray:
    """A distinct ID number for each person, sequence 902-999, odd for boys.

    Raises ValueError if more than 49 people of a sex share an area and a birth date.
    """
    day = _yyyymmdd(birth)
    people = pd.DataFrame({"area": area, "day": day, "male": is_male})
    rank = people.groupby(["area", "day", "male"]).cumcount().to_numpy()
    if len(rank) and rank.max() >= _PER_SEX:
        raise ValueError("more births in an area on a day than simulated ID numbers can tell apart")
    sequence = _FIRST_SEQUENCE + 2 * rank + is_male
    number = area.astype(np.int64) * 10**11 + day * 10**3 + sequence
    return _joined(number, check_digit(number))


def registry_numbers(id_number: np.ndarray) -> np.ndarray:
    """The formal registry number: G and the ID number."""
    return np.array([f"G{number}" for number in id_number], dtype=object)


def school_area_numbers(letter: str, birth: np.ndarray, sequence: np.ndarray) -> np.ndarray:
    """A J number (with check digit) or L number (temporary, four free digits) for pupils without a usable ID."""
    day = _yyyymmdd(birth)
    if letter == "L":
        return np.array([f"L{COUNTY_AREA}{d}9{s:03d}" for d, s in zip(day, sequence % 1000, strict=True)], dtype=object)
    number = np.int64(COUNTY_AREA) * 10**11 + day * 10**3 + 800 + sequence % 100
    return np.array([f"{letter}{n}" for n in _joined(number, check_digit(number))], dtype=object)


def surnames(count: int, rng: np.random.Generator) -> np.ndarray:
    """Surnames common on that coast."""
    return rng.choice(SURNAMES, count, p=_SURNAME_WEIGHTS / _SURNAME_WEIGHTS.sum())


def children_names(surname: np.ndarray, is_male: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Full names; about one in 2,500 has a middle dot or a rare character."""
    first = np.where(is_male, rng.choice(_BOY, len(surname)), rng.choice(_GIRL, len(surname)))
    second = np.where(is_male, rng.choice(_BOY, len(surname)), rng.choice(_GIRL, len(surname)))
    one_character = rng.random(len(surname)) < 0.12
    names = np.array(
        [s + a + ("" if short else b) for s, a, b, short in zip(surname, first, second, one_character, strict=True)],
        dtype=object,
    )
    rare = np.flatnonzero(rng.random(len(surname)) < 1 / 2_500)
    names[rare] = rng.choice(np.array(_RARE_NAMES, dtype=object), len(rare))
    return names


def adult_names(surname: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Full names of parents, teachers and officials."""
    pairs = zip(surname, rng.choice(_ADULT, len(surname)), rng.choice(_ADULT, len(surname)), strict=True)
    return np.array([s + a + b for s, a, b in pairs], dtype=object)


def phones(count: int, rng: np.random.Generator) -> np.ndarray:
    """Eleven digits from a prefix that no network uses."""
    return np.array([f"120{n:08d}" for n in rng.integers(0, 10**8, count)], dtype=object)


def _yyyymmdd(days: np.ndarray) -> np.ndarray:
    index = pd.DatetimeIndex(days)
    return np.asarray(index.year * 10_000 + index.month * 100 + index.day, dtype=np.int64)


def _joined(number: np.ndarray, check: np.ndarray) -> np.ndarray:
    return np.array([f"{n:017d}{c}" for n, c in zip(number, check, strict=True)], dtype=object)
