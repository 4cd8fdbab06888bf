"""Entries that may be one child, in a list on which somebody who can ask says whether they are."""

from __future__ import annotations

import datetime as dt
import io
from functools import partial
from pathlib import Path

import ibis
import pandas as pd
import xlsxwriter

from baoxue import disclosure
from baoxue.disclosure import Tier
from baoxue.intake import candidates
from baoxue.intake.pseudonyms import Pseudonyms
from baoxue.returns.correction import print_well, put, styles
from baoxue.store import Known, Store
from baoxue.words import say

FILE = Path("restricted") / "review" / "candidates.xlsx"
HEADER_ROW = 2
_HEADS = {
    "复核编号": 16,
    "名册记录": 44,
    "可能的学生": 52,
    "相同之处": 22,
    "是否同一人": 12,
    "核实日期": 12,
    "核实人": 12,
}
_ANSWERS = 3
_SEAT = ["person", "place", "day", "school_code", "grade", "class"]


def ask_who(store: Store, as_of: dt.date, key: bytes, out: str | Path, lang: str = "zh") -> pd.DataFrame:
    """Write the review list below `out`: the pairs that nobody has answered yet, with an answer column (是/否).

    The answered workbook is handed in as `复核/…`. Without an open pair nothing is written. Returns `review, alias,
    pupil, same_birth` of the pairs asked about, pseudonyms only; the opening of the identities is logged. The list is
    Chinese; `lang` is that of its title on the index.
    """
    known = store.known_by(dt.date.max)
    asked = _unanswered(store, known, key)
    if len(asked):
        people = _described(store, known, asked)
        book = _workbook(as_of, people)
        disclosure.release(
            Path(out) / FILE,
            partial(put, book),
            tier=Tier.BUREAU,
            rows=len(asked),
            title=say("returns.review_title", lang),
        )
    return asked


def _unanswered(store: Store, known: Known, key: bytes) -> pd.DataFrame:
    pairs = candidates.pairs(store.everything(), Pseudonyms(key)).to_pandas()
    reviews = known.table("reviews").to_pandas()
    answered = reviews.loc[reviews["is_same"].notna(), "review"]
    matched = pairs["alias"].isin(
        pairs.loc[pairs["review"].isin(reviews.loc[reviews["is_same"].eq(True), "review"]), "alias"]
    )
    return pairs[~pairs["review"].isin(answered) & ~matched].reset_index(drop=True)


def _described(store: Store, known: Known, asked: pd.DataFrame) -> pd.DataFrame:
    """`review, entry, child, same` in words: school and class of either, date of birth and numbers where known."""
    who = pd.concat([asked["alias"], asked["pupil"]])
    people = store.identity(reader="review", why=say("returns.why_review", "en"), pupils=who).set_index("pupil")
    seats = _seats(known, who.unique().tolist())
    entry, child = (_in_words(asked[side], people, seats) for side in ("alias", "pupil"))
    same = [
        _same(seats.get(alias, {}), seats.get(pupil, {}), born)
        for alias, pupil, born in asked[["alias", "pupil", "same_birth"]].itertuples(index=False)
    ]
    order = pd.DataFrame({"review": asked["review"], "entry": entry, "child": child, "same": same})
    return order.sort_values(["entry", "child"], ignore_index=True)


def _seats(known: Known, people: list[str]) -> dict[str, dict]:
    """Where each was seen last: on the registry, on a roster, else on the household register."""
    schools = known.schools.select("school_code", "school_name")
    registry = known.enrolments.mutate(person=ibis._.pupil, place=ibis.literal("registry"), day=ibis._.snapshot_on)
    rosters = known.rosters.mutate(
        person=ibis.coalesce(known.rosters.pupil, known.rosters.candidate), place=ibis.literal("roster"),
        day=ibis._.snapshot_on,
    )  # fmt: skip
    homes = known.households.mutate(person=ibis._.pupil, place=ibis.literal("household"), day=ibis._.snapshot_on)
    homes = homes.mutate(school_code=ibis.null("string"), grade=ibis.null("int32"), **{"class": ibis.null("string")})
    seen = ibis.union(*(rows.select(_SEAT) for rows in (registry, rosters, homes)))
    rows = seen.filter(seen.person.isin(people)).left_join(schools, "school_code").select(*_SEAT, "school_name")
    frame = rows.to_pandas().assign(at_school=lambda t: t["school_code"].notna())
    frame = frame.sort_values(["at_school", "day", "place"], kind="stable").drop_duplicates("person", keep="last")
    return frame.set_index("person").to_dict("index")


def _in_words(side: pd.Series, people: pd.DataFrame, seats: dict[str, dict]) -> list[str]:
    known = people.reindex(side)
    told = []
    for person, row in zip(side, known.to_dict("records"), strict=True):
        parts = [row["full_name"]]
        if pd.notna(row["birth_date"]):
            parts.append(say("returns.born", "zh", day=pd.Timestamp(row["birth_date"]).date().isoformat()))
        parts += [str(row[name]) for name in ("id_number", "registry_number") if isinstance(row[name], str)][:1]
        parts.append(_seat(seats.get(person)))
        told.append("，".join(part for part in parts if part))
    return told


def _seat(seat: dict | None) -> str:
    if seat is None:
        return ""
    day = pd.Timestamp(seat["day"]).date().isoformat()
    if seat["place"] == "household":
        return say("returns.seen_household", "zh", day=day)
    grade = "—" if pd.isna(seat["grade"]) else int(seat["grade"])
    school, number = seat["school_name"] or seat["school_code"], (seat["class"] or "—").lstrip("0")
    return say(f"returns.seen_{seat['place']}", "zh", day=day, school=school, grade=grade, class_=number)


def _same(entry: dict, child: dict, same_birth: bool) -> str:
    shared = ["name", *(["birth"] if same_birth else []), "township"]
    if entry.get("school_code") and entry.get("school_code") == child.get("school_code"):
        shared.append("school")
        if (entry["grade"], entry["class"]) == (child["grade"], child["class"]):
            shared.append("class")
    return "、".join(say(f"returns.same_{name}", "zh") for name in shared)


def _workbook(as_of: dt.date, rows: pd.DataFrame) -> bytes:
    """The list: what to do, one pair a row, answers open and the rest protected against a slip of the hand."""
    page = io.BytesIO()
    book = xlsxwriter.Workbook(page, {"in_memory": True})
    book.set_properties({"title": say("returns.review_title", "zh"), "created": dt.datetime.combine(as_of, dt.time())})
    style = styles(book)
    sheet = book.add_worksheet(say("returns.review_sheet", "zh"))
    last = len(_HEADS) - 1
    for column, width in enumerate(_HEADS.values()):
        sheet.set_column(column, column, width)
    sheet.merge_range(0, 0, 0, last, say("returns.review_title", "zh"), style["title"])
    sheet.merge_range(1, 0, 1, last, say("returns.review_how", "zh"), style["note"])
    sheet.set_row(0, 30)
    sheet.set_row(1, 66)
    sheet.write_row(HEADER_ROW, 0, list(_HEADS), style["head"])
    for at, row in enumerate(rows.itertuples(index=False), HEADER_ROW + 1):
        for column, cell in enumerate(row):
            sheet.write_string(at, column, str(cell), style["text"])
        for column in range(last - _ANSWERS + 1, last + 1):
            sheet.write_blank(at, column, None, style["answer"])
        sheet.set_row(at, 36)
    answer = last - _ANSWERS + 1
    sheet.data_validation(
        HEADER_ROW + 1, answer, HEADER_ROW + len(rows), answer, {"validate": "list", "source": ["是", "否"]}
    )
    sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})
    sheet.freeze_panes(HEADER_ROW + 1, 0)
    print_well(sheet, HEADER_ROW)
    book.close()
    return page.getvalue()
