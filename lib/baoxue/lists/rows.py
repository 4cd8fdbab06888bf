"""What stands on a school's list: names, signs, actions, who visits and until when. Only here identities are opened."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue import features
from baoxue.cases.duties import responsible
from baoxue.cases.homes import homes
from baoxue.codes import DutyLevel
from baoxue.features import BY_NAME
from baoxue.intake.references import reference
from baoxue.words import say

if TYPE_CHECKING:
    from baoxue.store import Known, Store

LEVELS = (DutyLevel.CLASS, DutyLevel.GRADE, DutyLevel.SCHOOL)
"""Who visits: the class teacher, else whoever answers for the grade."""
REASONS = ["reason_1", "reason_2", "reason_3"]


@dataclass(frozen=True)
class Rows:
    """The rows of all lists, with names: `visits` to be made, and pupils `in_hand` who are not listed again."""

    visits: pd.DataFrame
    """`school_code, reference, grade, class, full_name, signs, actions, holder_name, answer_by`."""
    in_hand: pd.DataFrame
    """`school_code, grade, class, full_name, handled` (in words)."""


def rows_of(store: Store, known: Known, scores: pd.DataFrame, key: bytes) -> Rows:
    """The rows of the lists that `scores` (after `choose`) asks for, ordered by school, grade, class and reference.

    Opens the identities of these pupils and of the people who answer for their classes, once, and logs it. Signs and
    actions are Chinese, as everything that goes to a school. A pupil without a name on record shows —.
    """
    chosen = scores[scores["listed"] | scores["handled"].notna()].set_index("pupil")
    place = features.places(known)["class"].reindex(chosen.index)
    duty = _holders(known, list(chosen.index))
    names = _names(store, known.as_of, [*chosen.index, *duty.dropna()])
    frame = chosen.assign(
        **{"class": place},
        full_name=names.reindex(chosen.index).fillna("—"),
        holder_name=duty.reindex(chosen.index).map(names).fillna("—"),
        reference=[reference(key, pupil, known.as_of) for pupil in chosen.index],
        answer_by=known.as_of + dt.timedelta(days=features.visits().answer_days),
    ).sort_values(["school_code", "grade", "class", "reference"])
    listed = frame[frame["listed"]]
    told = _told(listed[REASONS], features.matrix(known).loc[listed.index])
    columns = [
        "school_code",
        "reference",
        "grade",
        "class",
        "full_name",
        "signs",
        "actions",
        "holder_name",
        "answer_by",
    ]
    in_hand = frame[frame["handled"].notna()]
    words = in_hand["handled"].map(lambda kind: say(f"lists.handled_{kind}", "zh", days=features.visits().visited_days))
    shown = in_hand.assign(handled=words)[["school_code", "grade", "class", "full_name", "handled"]]
    return Rows(listed.join(told)[columns].reset_index(drop=True), shown.reset_index(drop=True))


def _told(reasons: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """`signs` and `actions` of each pupil, numbered alike, a line each."""
    sentences = features.told(reasons, values)
    actions = reasons.map(lambda name: BY_NAME[name].action("zh"), na_action="ignore")
    return pd.DataFrame(
        {"signs": sentences.apply(_numbered, axis=1), "actions": actions.apply(_numbered, axis=1)},
        index=reasons.index,
        dtype="str",
    )


def _numbered(lines: pd.Series) -> str:
    said = [line for line in lines if isinstance(line, str)]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(said, 1)) if len(said) > 1 else "".join(said)


def _holders(known: Known, pupils: list[str]) -> pd.Series:
    """Pupil -> the pseudonym of who answers for the class, else the grade, else the school; missing if nobody."""
    people = homes(known).filter(ibis._.pupil.isin(pupils))
    found = pd.Series(index=pd.Index(pupils, name="pupil"), dtype="str")
    for level in LEVELS:
        holders = responsible(known, people, level).select("pupil", "holder").to_pandas().set_index("pupil")["holder"]
        found = found.fillna(holders.reindex(found.index))
    return found


def _names(store: Store, as_of: dt.date, people: list[str]) -> pd.Series:
    why = f"visit lists as of {as_of.isoformat()}"
    identities = store.identity(reader="lists", why=why, pupils=sorted(set(people)))
    return identities.set_index("pupil")["full_name"].dropna()
