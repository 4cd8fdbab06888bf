"""Lists on their way to the schools: locked workbooks, the passwords apart, and a record of what was handed to whom."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from msoffcrypto.format.ooxml import OOXMLFile

from baoxue import disclosure, features
from baoxue.disclosure import Tier
from baoxue.intake.references import password, reference
from baoxue.lists.judging import Ranking
from baoxue.lists.rows import rows_of
from baoxue.lists.workbook import workbook
from baoxue.risk import stored
from baoxue.words import say

if TYPE_CHECKING:
    from baoxue.store import Known, Store


def hand_over(
    store: Store, known: Known, scores: pd.DataFrame, key: bytes, out: str | Path, lang: str = "zh"
) -> pd.DataFrame:  # fmt: skip
    """Write scores, lists, passwords and the record of hand-over below `out`/restricted; returns the record.

    A list for every school with a pupil on the registry: a school with nobody to visit is told so, as with a zero
    report, so that a missing file always means that something went wrong. The record: `school_code, file, pupils,
    purpose, as_of`. `scores` come from `choose`; the written ones also carry `reference`, by which an answer finds its
    pupil again. Lists are Chinese; `lang` is that of their titles on the index.
    """
    place = Path(out) / "restricted"
    rows = rows_of(store, known, scores, key)
    names = (
        known.table("schools").select("school_code", "school_name").to_pandas().set_index("school_code")["school_name"]
    )
    schools = sorted(scores["school_code"].dropna().unique())
    record = pd.DataFrame({"school_code": schools, "file": [f"lists/{code}.xlsx" for code in schools]})
    answer_by = known.as_of + dt.timedelta(days=features.visits().answer_days)
    for code in schools:
        visits, in_hand = (frame[frame["school_code"] == code] for frame in (rows.visits, rows.in_hand))
        name = str(names.get(code, code))
        book = workbook(name, known.as_of, visits, in_hand, school_code=code, answer_by=answer_by, key=key)
        title = say("lists.file_title", lang, school=name)
        lock(book, password(key, code, known.as_of), place / "lists" / f"{code}.xlsx", len(visits), title)
    pupils = rows.visits.groupby("school_code").size().reindex(schools, fill_value=0).to_numpy()
    record = record.assign(pupils=pupils, purpose=say("lists.purpose", "zh"), as_of=known.as_of.isoformat())
    passwords = pd.DataFrame(
        {"school_code": schools, "password": [password(key, code, known.as_of) for code in schools]}
    )
    numbers = [reference(key, pupil, known.as_of) for pupil in scores["pupil"]]
    disclosure.write_table(scores.assign(reference=numbers), place / "scores.parquet", tier=Tier.BUREAU)
    disclosure.write_table(passwords, place / "passwords.csv", tier=Tier.BUREAU)
    disclosure.write_table(record, place / "lists_handed.csv", tier=Tier.BUREAU)
    return record


def keep_model(ranking: Ranking, store: Store, as_of: dt.date, out: str | Path) -> Path | None:
    """Write what ranked the lists to `out`/restricted/model.json (`risk.stored`); None, and no file, for `signs`.

    With it stand the as-of date, the dates and leavings it learned from and the store's fingerprint, so that a score
    can be traced to what gave it.
    """
    if ranking.fitted is None or ranking.given is None:
        return None
    days = sorted(ranking.given.about["as_of"].unique())
    about = {
        "ranking": ranking.name, "as_of": as_of.isoformat(), "learned_from": [day.isoformat() for day in days],
        "leavings": int(ranking.given.y.sum()), "store": store.fingerprint(),
    }  # fmt: skip
    file, fitted = Path(out) / "restricted" / "model.json", ranking.fitted
    disclosure.release(file, lambda draft: stored.save(fitted, draft, about), tier=Tier.BUREAU)
    return file


def lock(book: bytes, secret: str, file: Path, pupils: int, title: str = "") -> None:
    """Write a workbook encrypted with a password (Excel's own, AES); the only way a list is written."""

    def write(draft: Path) -> None:
        with draft.open("wb") as target:
            OOXMLFile(io.BytesIO(book)).encrypt(secret, target)

    disclosure.release(file, write, tier=Tier.SCHOOL, title=title, rows=pupils)
