"""Aid: who is entitled to it, who is paid, and who is not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.calendar import Term
from baoxue.demo import presence, timeline
from baoxue.demo.departments import Lists, steady
from baoxue.demo.lives import Lives
from baoxue.demo.plants import Plants

UNPAID = 0.06
"""Of low-income children: nothing was paid in the checked term."""


def boards(everyone: pd.DataFrame, grade: np.ndarray) -> np.ndarray:
    """Whether each pupil boards in that grade."""
    return np.where(grade >= 7, everyone["boards_junior"], everyone["boards_primary"]).astype(bool)


def aid(lives: Lives, made: Lists, chosen: Plants, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Payments, `pupil, term, aid, amount_yuan, paid_on`, and the low-income pupils left unpaid in the checked term."""
    rng = timeline.stream(seed, "aid")
    unpaid = _unpaid(lives, made, rng)
    frames = []
    for index, (term, (first, last)) in enumerate(timeline.TERM_DATES.items()):
        if np.datetime64(last) > np.datetime64(timeline.LAST_DAY):
            continue
        entitled = _entitled(lives, made, np.datetime64(first), np.datetime64(last), index // 2)
        if term == timeline.CHECKED_TERM:
            entitled = np.setdiff1d(entitled, unpaid)
        paid_without = chosen.aid_unentitled if term.year >= timeline.CHECKED_TERM.year else np.zeros(0, int)
        who = np.union1d(entitled, paid_without)
        frames.append(_payments(lives, term, who, np.datetime64(last), index // 2, rng))
    return pd.concat(frames, ignore_index=True), unpaid


def _entitled(lives: Lives, made: Lists, first: np.datetime64, last: np.datetime64, year: int) -> np.ndarray:
    """Pupils on the registry that year who are on a list on any day of the term."""
    rows = pd.concat(
        [
            made.low_income[["child", "listed_on", "delisted_on"]],
            made.disabled[["child", "listed_on"]],
            made.care.loc[
                made.care["care"].isin([codes.CareKind.ORPHAN, codes.CareKind.UNSUPPORTED]),
                ["child", "listed_on", "delisted_on"],
            ],
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
    first = timeline.term_start(timeline.CHECKED_TERM.year, timeline.CHECKED_TERM.number)
    rows = made.low_income[(made.low_income["listed_on"] <= first) & made.low_income["delisted_on"].isna()]
    rows = rows[rows["child"] < len(lives.people)]
    who = np.unique(rows["child"])
    same = boards(lives.people, lives.seats.grade[:, 2]) == boards(lives.people, lives.seats.grade[:, 3])
    who = who[steady(lives)[who] & same[who]]
    return np.sort(rng.choice(who, min(len(who), max(3, round(len(who) * UNPAID))), replace=False))


def _payments(
    lives: Lives, term: Term, who: np.ndarray, last: np.datetime64, year: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Living aid for boarders, meals for the others; both where the way of living changes after the checked term."""
    grade = lives.seats.grade[who, year].astype(int)
    boarding = boards(lives.people.iloc[who], grade)
    later = boards(lives.people.iloc[who], lives.seats.grade[who, min(year + 1, 3)].astype(int))
    changes = (term == timeline.CHECKED_TERM) & (boarding != later)
    paid_on = timeline.clock().workday(last - rng.integers(18, 40, len(who)))
    living = pd.DataFrame(
        {
            "pupil": who,
            "aid": codes.Aid.BOARDING.value,
            "amount_yuan": np.where(grade >= 7, 625, 500),
            "paid_on": paid_on,
        }
    )[boarding | changes]
    meals = pd.DataFrame({"pupil": who, "aid": codes.Aid.MEALS.value, "amount_yuan": 500, "paid_on": paid_on})[
        ~boarding | changes
    ]
    other = rng.random(len(who)) < 0.15
    books = pd.DataFrame({"pupil": who, "aid": codes.Aid.TEXTBOOKS.value, "amount_yuan": 105, "paid_on": paid_on})[
        other
    ]
    return pd.concat([living, meals, books], ignore_index=True).assign(term=term.label)
