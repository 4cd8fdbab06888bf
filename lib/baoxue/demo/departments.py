"""The lists of other departments (low-income households, disabled children, children in need of care) and aid paid on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.calendar import Term
from baoxue.demo import plants, presence, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.timeline import NEVER, Days

CHECKED_TERM = Term(2023, 2)
"""The last term completed as of the day of the truth, on which the aid findings stand."""

MARK_MISSED = 0.05
"""Of listed children: the registry does not carry the mark."""

UNPAID = 0.06
"""Of low-income children: nothing was paid in the checked term."""

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
    """The departments' lists of all years, and who of them lacks the mark on the registry."""
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
    who = np.flatnonzero(everyone["is_poor"])
    n = len(who)
    listed = _days_between("2018-03-01", "2023-12-20", n, rng)
    recent = rng.random(n) < 0.15
    joined = presence.days(everyone["joined_on"])[who]
    new = ~(joined <= timeline.term_start(CHECKED_TERM.year, CHECKED_TERM.number) - 30)
    listed = np.where(recent | new, _days_between("2024-03-11", "2024-11-15", n, rng), listed)
    leaves = (rng.random(n) < 0.15) & (listed < np.datetime64("2023-01-01"))
    delisted = np.where(leaves, listed + rng.integers(300, 1800, n), NEVER)
    delisted = np.where((delisted > np.datetime64("2024-11-15")) & (delisted < np.datetime64("2024-12-10")), NEVER, delisted)
    delisted = np.where(delisted > np.datetime64(timeline.LAST_DAY), NEVER, delisted)
    return pd.DataFrame(
        {
            "child": who, "hardship": rng.choice([h.value for h in _HARDSHIPS], n, p=list(_HARDSHIPS.values())),
            "ruling_number": [f"乐模拟低〔{y}〕{k:04d}号" for y, k in zip(pd.DatetimeIndex(listed).year, rng.integers(1, 9999, n), strict=True)],
            "listed_on": listed, "delisted_on": delisted,
        }
    )  # fmt: skip


def _disabled(everyone: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    who = np.flatnonzero(everyone["disability"] != "")
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
    parts = [
        (_C.ORPHAN, everyone["is_orphan"].to_numpy()),
        (_C.UNSUPPORTED, everyone["is_unsupported"].to_numpy()),
        (_C.PARENT_IN_PRISON, everyone["has_parent_in_prison"].to_numpy() & (rng.random(n) < 0.6)),
        (_C.LEFT_BEHIND, both_away),
        (_C.DISTRESSED, distressed),
    ]
    rows = pd.concat(
        [pd.DataFrame({"child": np.flatnonzero(mask), "care": kind.value}) for kind, mask in parts], ignore_index=True
    )
    rows["listed_on"] = _days_between("2018-05-01", "2021-08-25", len(rows), rng)
    return rows.assign(delisted_on=np.full(len(rows), NEVER))


def _marks_missed(
    lives: Lives, low_income: pd.DataFrame, disabled: pd.DataFrame, care: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """A few children of each list, on the registry and in class as of the day, whose mark is missing; one list each."""
    steady = _steady(lives)
    current = low_income[low_income["delisted_on"].isna()]
    orphans, behind = care[care["care"] == _C.ORPHAN], care[care["care"] == _C.LEFT_BEHIND]
    taken = np.zeros(len(steady), bool)
    frames = []
    for mark, rows in (("orphan", orphans), ("disability", disabled), ("left_behind", behind), ("needs_aid", current)):
        rows = rows[rows["child"] < len(steady)]
        rows = rows[steady[rows["child"]] & ~taken[rows["child"]] & (rows["listed_on"] < "2024-11-01")]
        wanted = min(len(rows), max(1, round(len(rows) * MARK_MISSED)))
        picked = rows.iloc[np.sort(rng.choice(len(rows), wanted, replace=False))]
        taken[picked["child"]] = True
        frames.append(pd.DataFrame({"child": picked["child"], "mark": mark, "since": picked["listed_on"]}))
    return pd.concat(frames, ignore_index=True)


def _steady(lives: Lives) -> np.ndarray:
    """Pupils on the registry and in class from the checked term's first day until the drop ends."""
    steady = (lives.ends.kind == "") & (presence.days(lives.people["joined_on"]) < timeline.term_start(2023, 2))
    steady &= (lives.seats.grade[:, 2] > 0) & (lives.seats.grade[:, 3] > 0) & lives.people["has_id"].to_numpy()
    for events in (lives.leavings["pupil"], lives.suspensions["pupil"]):
        steady[events.to_numpy()] = False
    return np.asarray(steady & lives.people["registry_number"].str.startswith("G").to_numpy())


def boards(everyone: pd.DataFrame, grade: np.ndarray) -> np.ndarray:
    """Whether each pupil boards in that grade."""
    return np.where(grade >= 7, everyone["boards_junior"], everyone["boards_primary"]).astype(bool)


def aid(lives: Lives, made: Lists, chosen: plants.Plants, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Payments, `pupil, term, aid, amount_yuan, paid_on`, and the low-income pupils left unpaid in the checked term."""
    rng = timeline.stream(seed, "aid")
    unpaid = _unpaid(lives, made, rng)
    frames = []
    for index, (term, (first, last)) in enumerate(timeline.TERM_DATES.items()):
        if np.datetime64(last) > np.datetime64(timeline.LAST_DAY):
            continue
        entitled = _entitled(lives, made, np.datetime64(first), np.datetime64(last), index // 2)
        if term == CHECKED_TERM:
            entitled = np.setdiff1d(entitled, unpaid)
        paid_without = chosen.aid_unentitled if term.year >= CHECKED_TERM.year else np.zeros(0, int)
        who = np.union1d(entitled, paid_without)
        frames.append(_payments(lives, term, who, np.datetime64(last), index // 2, rng))
    return pd.concat(frames, ignore_index=True), unpaid


def _entitled(lives: Lives, made: Lists, first: np.datetime64, last: np.datetime64, year: int) -> np.ndarray:
    """Pupils on the registry that year who are on a list on any day of the term."""
    rows = pd.concat(
        [
            made.low_income[["child", "listed_on", "delisted_on"]],
            made.disabled[["child", "listed_on"]],
            made.care.loc[made.care["care"].isin([_C.ORPHAN, _C.UNSUPPORTED]), ["child", "listed_on", "delisted_on"]],
        ]
    )
    rows = rows[rows["child"] < len(lives.people)]
    inside = (rows["listed_on"] <= last) & ~(rows["delisted_on"] < first)
    who = np.unique(rows.loc[inside, "child"])
    here = (presence.days(lives.people["joined_on"])[who] <= last - 30) & (lives.seats.grade[who, year] > 0)
    here &= ~(lives.ends.gone_on[who] <= first)
    return who[here]


def _unpaid(lives: Lives, made: Lists, rng: np.random.Generator) -> np.ndarray:
    """Low-income pupils, steady and with one way of living in school, for whom the school did not apply."""
    first = timeline.term_start(CHECKED_TERM.year, CHECKED_TERM.number)
    rows = made.low_income[(made.low_income["listed_on"] <= first) & made.low_income["delisted_on"].isna()]
    rows = rows[rows["child"] < len(lives.people)]
    who = np.unique(rows["child"])
    same = boards(lives.people, lives.seats.grade[:, 2]) == boards(lives.people, lives.seats.grade[:, 3])
    who = who[_steady(lives)[who] & same[who]]
    return np.sort(rng.choice(who, min(len(who), max(3, round(len(who) * UNPAID))), replace=False))


def _payments(
    lives: Lives, term: Term, who: np.ndarray, last: np.datetime64, year: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Living aid for boarders, meals for the others; both where the way of living changes after the checked term."""
    grade = lives.seats.grade[who, year].astype(int)
    boarding = boards(lives.people.iloc[who], grade)
    later = boards(lives.people.iloc[who], lives.seats.grade[who, min(year + 1, 3)].astype(int))
    changes = (term == CHECKED_TERM) & (boarding != later)
    paid_on = timeline.clock().workday(last - rng.integers(18, 40, len(who)))
    living = pd.DataFrame(
        {"pupil": who, "aid": codes.Aid.BOARDING.value, "amount_yuan": np.where(grade >= 7, 625, 500), "paid_on": paid_on}
    )[boarding | changes]
    meals = pd.DataFrame({"pupil": who, "aid": codes.Aid.MEALS.value, "amount_yuan": 500, "paid_on": paid_on})[~boarding | changes]
    other = rng.random(len(who)) < 0.15
    books = pd.DataFrame({"pupil": who, "aid": codes.Aid.TEXTBOOKS.value, "amount_yuan": 105, "paid_on": paid_on})[other]
    return pd.concat([living, meals, books], ignore_index=True).assign(term=term.label)


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
