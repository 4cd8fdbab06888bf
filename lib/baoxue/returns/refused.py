"""Every school's own refused rows in a workbook that it corrects and hands in again."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

import pandas as pd

from baoxue import disclosure
from baoxue.disclosure import Tier
from baoxue.returns.correction import put, workbook
from baoxue.store import Store
from baoxue.words import say

BUREAU = "bureau"
"""The name of the workbook with the rows that are no school's."""


def hand_back(store: Store, as_of: dt.date, out: str | Path, lang: str = "zh") -> pd.DataFrame:
    """Write the open refusals below `out`/restricted/returns: a workbook for each school with any, one for the bureau.

    A row of a school is that school's alone; a row whose school is unknown, or that a department handed in, is in
    `bureau.xlsx`. Returns the record `school_code, file, rows` (an empty code: the bureau), ordered by code. The
    opening of the refused rows is logged. The workbooks are Chinese; `lang` is that of their titles on the index.
    """
    rows = store.refused_rows(reader="returns", why=say("returns.purpose", "en"))
    names = _school_names(store)
    record = []
    for code, own in rows.groupby(rows["school_code"].fillna(""), sort=True):
        file = Path("returns") / f"{code or BUREAU}.xlsx"
        school = names.get(str(code), str(code))
        book = workbook(school if code else say("returns.bureau", "zh"), as_of, own.reset_index(drop=True))
        tier = Tier.SCHOOL if code else Tier.BUREAU
        title = say("returns.title", lang, place=school if code else say("returns.bureau", lang))
        disclosure.release(Path(out) / "restricted" / file, partial(put, book), tier=tier, rows=len(own), title=title)
        record.append({"school_code": code, "file": file.as_posix(), "rows": len(own)})
    return pd.DataFrame(record, columns=["school_code", "file", "rows"])


def _school_names(store: Store) -> dict[str, str]:
    rows = store.known_by(dt.date.max).table("schools").select("school_code", "school_name").to_pandas()
    return dict(zip(rows["school_code"], rows["school_name"], strict=True))
