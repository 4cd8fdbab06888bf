"""责任人: two lines of named people, from the county's leaders to the subject teacher, with a few gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import identities, places, template, timeline
from baoxue.demo.lives import Lives

GAP = 0.01
"""Of villages and classes: nobody is named."""

_L, _LINE = codes.DutyLevel, codes.DutyLine


def duty_holders(lives: Lives, where: places.Places, seed: int) -> pd.DataFrame:
    """The chain of duty: the contract's columns, in the order of the chain."""
    rng = timeline.stream(seed, "duties")
    schools, townships, villages = where.schools, where.townships, where.villages
    offices = [
        (_LINE.ADMINISTRATIVE, _L.CITY, townships["code"].to_numpy(), "市领导"),
        (_LINE.ADMINISTRATIVE, _L.TOWNSHIP, villages["village"].to_numpy(), "乡镇（街道）包村干部"),
        (_LINE.ADMINISTRATIVE, _L.VILLAGE, _with_gaps(villages["village"].to_numpy(), rng), "村（居）委会主任"),
        (_LINE.EDUCATION, _L.BUREAU, schools["zone"].unique(), "市教育局班子成员"),
        (_LINE.EDUCATION, _L.ZONE, schools["school_code"].to_numpy(), "教育学区干部"),
        (_LINE.EDUCATION, _L.SCHOOL, _grades(lives, schools), "校级领导"),
        (_LINE.EDUCATION, _L.GRADE, _grades(lives, schools), "年级组长"),
    ]
    frames = [_named(line, level, units, post, "2021-09-01", "", rng) for line, level, units, post in offices]
    for index, year in enumerate(timeline.YEARS):
        current = index == len(timeline.YEARS) - 1
        ends = "" if current else f"{year + 1}-08-31"
        units = _with_gaps(_classes(lives, schools, index), rng)
        frames.append(_named(_LINE.EDUCATION, _L.CLASS, units, "班主任", f"{year}-09-01", ends, rng))
        if current:
            for subject in ("语文", "数学"):
                frames.append(_named(_LINE.EDUCATION, _L.SUBJECT, units, f"{subject}教师", f"{year}-09-01", "", rng))
    return pd.concat(frames, ignore_index=True)


def gaps(holders: pd.DataFrame, lives: Lives, where: places.Places) -> pd.DataFrame:
    """Villages and classes of the latest year for which nobody is named, `line, level, unit`, in the chain's order."""
    villages, classes = where.villages["village"].to_numpy(), _classes(lives, where.schools, -1)
    wanted = [
        (_LINE.ADMINISTRATIVE, _L.VILLAGE, villages),
        (_LINE.EDUCATION, _L.CLASS, classes),
        (_LINE.EDUCATION, _L.SUBJECT, classes),
    ]
    today = holders[holders["ends_on"] == ""]
    frames = []
    for line, level, units in wanted:
        named = today.loc[today["level"] == level, "unit"]
        missing = units[~np.isin(units, named)]
        frames.append(pd.DataFrame({"line": line.value, "level": level.value, "unit": missing}))
    return pd.concat(frames, ignore_index=True)


def _named(
    line: codes.DutyLine,
    level: codes.DutyLevel,
    units: np.ndarray,
    post: str,
    starts: str,
    ends: str,
    rng: np.random.Generator,
) -> pd.DataFrame:
    n = len(units)
    return pd.DataFrame(
        {
            "line": line.value, "level": level.value, "unit": units,
            "holder_name": identities.adult_names(identities.surnames(n, rng), rng), "post": post,
            "holder_phone": identities.phones(n, rng), "starts_on": starts, "ends_on": ends,
        }
    )  # fmt: skip


def _with_gaps(units: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Without one in a hundred, and at least one."""
    gone = rng.choice(len(units), max(1, round(len(units) * GAP)), replace=False)
    return np.delete(units, gone)


def _grades(lives: Lives, schools: pd.DataFrame) -> np.ndarray:
    """School code and grade, of every grade taught in the latest year."""
    grade, school = lives.seats.grade[:, -1], lives.seats.school[:, -1]
    pairs = np.unique(np.stack([school[grade > 0], grade[grade > 0]]), axis=1)
    return np.array([f"{schools['school_code'][s]}-{g}" for s, g in pairs.T], dtype=object)


def _classes(lives: Lives, schools: pd.DataFrame, index: int) -> np.ndarray:
    """School code, grade and class, of every class of a year."""
    seats = lives.seats
    on = seats.grade[:, index] > 0
    columns = np.stack([part[:, index][on] for part in (seats.school, seats.grade, seats.class_number)])
    triples = np.unique(columns, axis=1)
    numbers = template.two_digits(triples[2])
    code = schools["school_code"].to_numpy()
    return np.array(
        [f"{code[s]}-{g}-{c}" for s, g, c in zip(triples[0], triples[1], numbers, strict=True)], dtype=object
    )
