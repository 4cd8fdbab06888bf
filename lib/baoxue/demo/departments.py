"""The lists of other departments: low-income households, disabled children, children in need of care."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import plants, presence, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.timeline import NEVER, Days

MARK_MISSED = 0.05
"""Of listed children: the registry does not carry the mark."""


_H = codes.Hardship
_HARDSHIPS = {
    _H.ALLOWANCE: 0.38, _H.ALLOWANCE_MARGIN: 0.27, _H.OTHER_LOW_INCOME: 0.15, _H.OUT_OF_POVERTY: 0.09,
    _H.MONITORED: 0.05, _H.EXTREME: 0.03, _H.REGISTERED_POOR: 0.03,
}  # fmt: skip
_C = codes.CareKind


@dataclass(frozen=True)
class Lists:
    """Each list with `child` (position among all children) and the contract's columns."""

    low_income: pd.DataFrame
    disabled: pd.DataFrame
    care: pd.DataFrame
    marks_missed: pd.DataFrame
    """`child, mark, since`: listed now, and the registry says no"""


def lists(everyone: pd.DataFrame, lives: Lives, seed: int) -> Lists:
    """The departments' lists of all years, and who of them lacks the mark on the registry.

    Departments know children by their ID number, so a child without one is on no list.
    """
    rng = timeline.stream(seed, "departments")
    low_income, disabled = _low_income(everyone, lives, rng), _disabled(everyone, rng)
    care = _care(everyone, rng)
    missed = _marks_missed(lives, low_income, disabled, care, rng)
    return Lists(low_income, disabled, care, missed)


def _days_between(first: str, last: str, count: int, rng: np.random.Generator) -> Days:
    start, end = np.datetime64(first, "D"), np.datetime64(last, "D")
    return start + rng.integers(0, int((end - start).astype(int)) + 1, count)


def _low_income(everyone: pd.DataFrame, lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """Children of low-income households; who came to school here after the checked term began was listed after that."""
    who = np.flatnonzero(everyone["is_poor"] & everyone["has_id"])
    n = len(who)
    listed = _days_between("2018-03-01", "2023-12-20", n, rng)
    recent = rng.random(n) < 0.15
    joined = presence.days(everyone["joined_on"])[who]
    new = ~(joined <= timeline.term_start(timeline.CHECKED_TERM.year, timeline.CHECKED_TERM.number) - 30)
    listed = np.where(recent | new, _days_between("2024-03-11", "2024-11-15", n, rng), listed)
    leaves = (rng.random(n) < 0.15) & (listed < np.datetime64("2023-01-01"))
    delisted = np.where(leaves, listed + rng.integers(300, 1800, n), NEVER)
    delisted = np.where(
        (delisted > np.datetime64("2024-11-15")) & (delisted < np.datetime64("2024-12-10")), NEVER, delisted
    )
    delisted = np.where(delisted > np.datetime64(timeline.LAST_DAY), NEVER, delisted)
    hardship = rng.choice([h.value for h in _HARDSHIPS], n, p=list(_HARDSHIPS.values()))
    return pd.DataFrame(
        {
            "child": who, "hardship": _as_called_then(hardship, listed),
            "ruling_number": [
                f"乐模拟低〔{year}〕{number:04d}号"
                for year, number in zip(pd.DatetimeIndex(listed).year, rng.integers(1, 9999, n), strict=True)
            ],
            "listed_on": listed, "delisted_on": delisted,
        }
    )  # fmt: skip


def _as_called_then(hardship: np.ndarray, listed: Days) -> np.ndarray:
    """建档立卡 was a status until 2020; 脱贫户 and 监测户 came after it."""
    early = listed < np.datetime64("2021-01-01")
    old = np.where(np.isin(hardship, (_H.OUT_OF_POVERTY, _H.MONITORED)), _H.REGISTERED_POOR, hardship)
    new = np.where(hardship == _H.REGISTERED_POOR, _H.MONITORED, hardship)
    return np.where(early, old, new)


def _disabled(everyone: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    who = np.flatnonzero((everyone["disability"] != "") & everyone["has_id"])
    rows = everyone.iloc[who]
    number = {d.value: code for d in codes.Disability for code in d.spellings[:1]}
    kind = rows["disability"].map(number)
    home = (rows["placement"] == codes.Placement.HOME).to_numpy()
    return pd.DataFrame(
        {
            "child": who,
            "disability_number": (rows["id_number"] + kind + rows["disability_grade"].astype(str)).to_numpy(),
            "disability": rows["disability"].to_numpy(),
            "disability_grade": rows["disability_grade"].map({1: "一级", 2: "二级", 3: "三级", 4: "四级"}).to_numpy(),
            "listed_on": _days_between("2016-01-10", "2021-08-20", len(who), rng),
            "placement": rows["placement"].to_numpy(),
            "home_lessons": np.where(home, rng.integers(6, 40, len(who)).astype(str), ""),
        }
    )


def _care(everyone: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Civil affairs' list: its left-behind children are both parents away, listed by the village; not all of them."""
    n = len(everyone)
    both_away = ((everyone["left_behind"] == 2) & ~everyone["is_migrant"]).to_numpy() & (rng.random(n) < 0.7)
    distressed = rng.random(n) < 0.0006
    has_id = everyone["has_id"].to_numpy()
    parts = [
        (_C.ORPHAN, everyone["is_orphan"].to_numpy()),
        (_C.UNSUPPORTED, everyone["is_unsupported"].to_numpy()),
        (_C.PARENT_IN_PRISON, everyone["has_parent_in_prison"].to_numpy() & (rng.random(n) < 0.6)),
        (_C.LEFT_BEHIND, both_away),
        (_C.DISTRESSED, distressed),
    ]
    rows = pd.concat(
        [pd.DataFrame({"child": np.flatnonzero(mask & has_id), "care": kind.value}) for kind, mask in parts],
        ignore_index=True,
    )
    rows["listed_on"] = _days_between("2018-05-01", "2021-08-25", len(rows), rng)
    return rows.assign(delisted_on=np.full(len(rows), NEVER))


def _marks_missed(
    lives: Lives, low_income: pd.DataFrame, disabled: pd.DataFrame, care: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """A few children of each list, on the registry and in class as of the day, whose mark is missing; one list each."""
    calm = steady(lives)
    current = low_income[low_income["delisted_on"].isna()]
    orphans, behind = care[care["care"] == _C.ORPHAN], care[care["care"] == _C.LEFT_BEHIND]
    taken = np.zeros(len(calm), bool)
    frames = []
    for mark, rows in (("orphan", orphans), ("disability", disabled), ("left_behind", behind), ("needs_aid", current)):
        rows = rows[rows["child"] < len(calm)]
        rows = rows[calm[rows["child"]] & ~taken[rows["child"]] & (rows["listed_on"] < "2024-11-01")]
        wanted = min(len(rows), max(1, round(len(rows) * MARK_MISSED)))
        picked = rows.iloc[np.sort(rng.choice(len(rows), wanted, replace=False))]
        taken[picked["child"]] = True
        frames.append(pd.DataFrame({"child": picked["child"], "mark": mark, "since": picked["listed_on"]}))
    return pd.concat(frames, ignore_index=True)


def steady(lives: Lives) -> np.ndarray:
    """Pupils on the registry and in class from the checked term's first day until the drop ends."""
    calm = (lives.ends.kind == "") & (presence.days(lives.people["joined_on"]) < timeline.term_start(2023, 2))
    calm &= (lives.seats.grade[:, 2] > 0) & (lives.seats.grade[:, 3] > 0) & lives.people["has_id"].to_numpy()
    for events in (lives.leavings["pupil"], lives.suspensions["pupil"]):
        calm[events.to_numpy()] = False
    return np.asarray(calm & lives.people["registry_number"].str.startswith("G").to_numpy())


def registry_marks(everyone: pd.DataFrame, made: Lists, chosen: plants.Plants, day: np.datetime64) -> pd.DataFrame:
    """What the registry says of each pupil on a day: `disability, is_orphan, needs_aid, left_behind`."""
    n = len(everyone)
    care, poor = made.care[made.care["child"] < n], made.low_income[made.low_income["child"] < n]
    listed = made.disabled[made.disabled["listed_on"] <= day]
    disability = np.full(n, codes.Disability.NONE.value, object)
    disability[listed["child"]] = listed["disability"]
    orphan, aided = np.zeros(n, bool), np.zeros(n, bool)
    orphan[care.loc[(care["care"] == _C.ORPHAN) & (care["listed_on"] <= day), "child"]] = True
    aided[poor.loc[(poor["listed_on"] <= day) & ~(poor["delisted_on"] <= day), "child"]] = True
    aided |= orphan | (disability != codes.Disability.NONE)
    behind = everyone["left_behind"].to_numpy().copy()
    missed = made.marks_missed.groupby("mark")["child"].agg(list)
    disability[missed.get("disability", [])] = codes.Disability.NONE.value
    orphan[missed.get("orphan", [])] = False
    aided[missed.get("needs_aid", [])] = False
    behind[missed.get("left_behind", [])] = 0
    for mark, since, pupil in chosen.unsupported[["mark", "since", "pupil"]].itertuples(index=False):
        if since <= day and mark == "disability":
            disability[pupil] = codes.Disability.PHYSICAL.value
        elif since <= day:
            orphan[pupil] = True
    return pd.DataFrame({"disability": disability, "is_orphan": orphan, "needs_aid": aided, "left_behind": behind})
