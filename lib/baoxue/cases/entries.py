"""The rows of each ledger, for the whole county and without identities; `people` and `workbooks` add the names."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pandas as pd

from baoxue.calendar import SchoolYear
from baoxue.cases import deadlines, duties
from baoxue.cases.facts import KEY, LEFT, facts
from baoxue.cases.homes import homes, on_low_income_list
from baoxue.cases.states import states
from baoxue.cases.watch import watch
from baoxue.codes import Disability, DutyLevel, LeftBehind, Review, VisitWay

if TYPE_CHECKING:
    from baoxue.store import Known

NUMERALS = "一二三四五六七八九"


def suspected(known: Known) -> pd.DataFrame:
    """疑似辍学台账: cases opened in the school year, or not concluded; the first call and home visit of each."""
    rows = facts(known)
    rows = rows.filter((rows.opened_on >= year_began(known)) | (rows.concluded_on.isnull() & rows.closed_on.isnull()))
    rows = rows.left_join(_first_visits(known), list(KEY)).drop("case_right", "pupil_right")
    frame = in_order(_placed(rows, known).to_pandas(), "opened_on", *KEY)
    return frame.assign(missed_days=_school_days_missed(frame, known))


def dropouts(known: Known) -> pd.DataFrame:
    """辍学台账: cases concluded 辍学 or 失联 that are not closed, and those closed in the school year."""
    rows = facts(known).filter(ibis._.conclusion.isin(LEFT))
    rows = rows.filter(rows.closed_on.isnull() | (rows.closed_on >= year_began(known)))
    rows = rows.left_join(_last_visits(known), list(KEY)).drop("case_right", "pupil_right")
    rows = rows.left_join(states(known), list(KEY)).drop("case_right", "pupil_right")
    rows = _placed(rows, known)
    named = duties.chain(known, rows.select(*KEY, *duties.PLACE))
    holders = [f"holder_{level.name.lower()}" for level in (DutyLevel.SCHOOL, DutyLevel.TOWNSHIP, DutyLevel.VILLAGE)]
    rows = rows.left_join(named.select(*KEY, *holders), list(KEY)).drop("case_right", "pupil_right")
    listed = on_low_income_list(known).select("pupil", "hardship")
    rows = rows.left_join(listed, "pupil").drop("pupil_right")
    return in_order(rows.mutate(is_key_group=_yes_no(_is_key_group(rows))).to_pandas(), "absent_on", *KEY)


def closings(known: Known) -> pd.DataFrame:
    """销案台账: cases closed in the school year, with attendance on the days of watch reached and whether it lasted."""
    rows = facts(known)
    rows = rows.filter(rows.closed_on >= year_began(known))
    days = rows.closed_on.delta(rows.opened_on, unit="day")
    proof = ibis.coalesce(rows.document, rows.proof)
    frame = _placed(rows.mutate(case_days=days, proof_word=proof), known).to_pandas()
    watched = watch(known).to_pandas()
    watched["attendance_pct"] = watched["attendance_pct"].where(watched["reached"])
    pct = watched.pivot(index=list(KEY), columns="watch_day", values="attendance_pct")
    pct = pct.reindex(columns=[30, 60, 90]).add_prefix("attendance_").reset_index()
    again = watched.groupby(list(KEY))["left_again"].any().map({True: "是", False: "否"}).rename("left_again_word")
    frame = frame.merge(pct, on=list(KEY), how="left").merge(again.reset_index(), on=list(KEY), how="left")
    return in_order(frame, "closed_on", *KEY)


def registry_changes(known: Known) -> pd.DataFrame:
    """学籍变动台账: changes accepted in the school year; `over_limit_word`: whether the office took over 10 days."""
    rows = known.table("changes")
    rows = rows.filter((rows.accepted_on >= year_began(known)) & rows.pupil.notnull())
    rows = deadlines.with_due(rows, "registry_change", "accepted_on", known)
    late = ibis.coalesce(rows.reviewed_on, ibis.literal(known.as_of)) > rows.due_on
    word = ibis.cases((late.fill_null(False), "是"), (rows.reviewed_on.isnull(), "办理中"), else_="否")
    rows = rows.mutate(over_limit_word=word, review=ibis.coalesce(rows.review, Review.PENDING.value))
    places = homes(known).select("pupil", "township_code", "village", "school_code")
    rows = rows.left_join(places, "pupil").drop("pupil_right")
    names = known.table("schools").select("school_code", "school_name")
    sides = (
        ("from_school", "from_school_code", rows.from_school_code),
        ("to_school", "to_school_code", rows.to_school_name),
    )
    for side, code, otherwise in sides:
        keys = names.select(**{f"_{side}": "school_code", side: "school_name"})
        rows = rows.left_join(keys, rows[code] == keys[f"_{side}"]).drop(f"_{side}")
        rows = rows.mutate(**{side: ibis.coalesce(rows[side], otherwise, rows[code])})
    moved = rows.mutate(school_code=ibis.coalesce(rows.from_school_code, rows.to_school_code, rows.school_code))
    return in_order(moved.to_pandas(), "changed_on", "pupil", "change")


def persuasion_visits(known: Known) -> pd.DataFrame:
    """劝返记录: visits of the school year, in the order of case and attempt."""
    rows = known.table("visits").filter(ibis._.visited_on >= year_began(known))
    return in_order(_placed(rows, known).to_pandas(), *KEY, "attempt")


def aid_paid(known: Known) -> pd.DataFrame:
    """资助台账: payments of the school year, in the order of school, class and child."""
    rows = known.table("aid").filter((ibis._.paid_on >= year_began(known)) & ibis._.pupil.notnull())
    rows = rows.left_join(on_low_income_list(known), "pupil").drop("pupil_right")
    return in_order(_placed(rows, known).to_pandas(), "pupil", "paid_on", "aid")


def duty_list(known: Known) -> pd.DataFrame:
    """责任人清单: every unit at every level with everyone named for it, gaps marked 空缺, in the order of the chain."""
    rows = duties.everyone(known)
    order = ibis.cases(*((rows.level == level.value, number) for number, level in enumerate(duties.LINE_OF)))
    schools = known.table("schools").select("school_code", "school_name")
    rows = rows.left_join(schools, "school_code").drop("school_code_right")
    frame = (
        rows.mutate(_order=order).to_pandas().sort_values(["_order", "unit_key", "post", "holder"], ignore_index=True)
    )
    gap = frame["holder"].isna().map({True: "空缺", False: ""})
    return frame.assign(unit_word=_unit_words(frame), gap_word=gap)


def _unit_words(frame: pd.DataFrame) -> pd.Series:
    place = frame["village"].fillna(frame["zone"].where(frame["school_code"].isna())).fillna(frame["township_code"])
    grade = frame["grade"].map(_grade_word).fillna("")
    room = frame["class"].map(_class_word).fillna("")
    return (frame["school_name"] + grade + room).fillna(place)


def _first_visits(known: Known) -> ibis.Table:
    visits = known.table("visits")
    by_phone, at_home = visits.way == VisitWay.PHONE, visits.way == VisitWay.HOME
    return visits.group_by(*KEY).aggregate(
        called_on=visits.visited_on.min(where=by_phone),
        call_result=visits.result.argmin(visits.attempt, where=by_phone),
        visited_on=visits.visited_on.min(where=at_home),
        visit_result=visits.result.argmin(visits.attempt, where=at_home),
    )


def _last_visits(known: Known) -> ibis.Table:
    visits = known.table("visits")
    return visits.group_by(*KEY).aggregate(
        last_visit_on=visits.visited_on.max(), last_result=visits.result.argmax(visits.attempt)
    )


def _placed(rows: ibis.Table, known: Known) -> ibis.Table:
    people = homes(known).select(
        "pupil", "school_code", "school_name", "grade", "class", "stage", "sex", "township_code", "village", "zone",
        "left_behind", "is_migrant_child", "disability",
    )  # fmt: skip
    return rows.left_join(people, "pupil").drop("pupil_right")


def _is_key_group(rows: ibis.Table) -> ibis.Value:
    """流动, 留守, 残疾 or 家庭经济困难: which of them is not said."""
    marks = [
        rows.is_migrant_child,
        rows.left_behind.isin([LeftBehind.ONE_PARENT, LeftBehind.BOTH_PARENTS]),
        rows.disability != Disability.NONE,
        rows.hardship.notnull(),
    ]
    return ibis.or_(*(mark.fill_null(False) for mark in marks))


def _yes_no(column: ibis.Value) -> ibis.Value:
    return ibis.ifelse(column, "是", "否")


def _school_days_missed(frame: pd.DataFrame, known: Known) -> pd.Series:
    """School days from the first absence, that day included, to the return, the conclusion or today."""
    held = deadlines.counted_days(known).school.to_numpy()
    today = pd.Series(pd.Timestamp(known.as_of), index=frame.index)
    first = pd.to_datetime(frame["first_absent_on"])
    until = pd.to_datetime(frame["concluded_on"]).fillna(today)
    days = np.searchsorted(held, until.to_numpy(), "right") - np.searchsorted(
        held, first.fillna(today).to_numpy(), "left"
    )
    return pd.Series(days, index=frame.index).clip(lower=0).where(first.notna())


def year_began(known: Known) -> ibis.Value:
    """1 September of the school year, as an expression."""
    began: dt.date = SchoolYear.of(known.as_of).starts_on
    return ibis.literal(began)


def in_order(frame: pd.DataFrame, *then: str) -> pd.DataFrame:
    """Rows by township, school, grade and class as codes run, then as asked; `grade_word, class_word` added."""
    places = [name for name in ("township_code", "school_code", "grade", "class") if name in frame]
    ordered = frame.sort_values([*places, *then], kind="stable", na_position="last", ignore_index=True)
    if "grade" not in ordered:
        return ordered
    grades, rooms = ordered["grade"].map(_grade_word), ordered["class"].map(_class_word)
    return ordered.assign(grade_word=grades, class_word=rooms)


def _grade_word(grade: float) -> str | None:
    return f"{NUMERALS[int(grade) - 1]}年级" if pd.notna(grade) and 1 <= grade <= 9 else None


def _class_word(number: str) -> str | None:
    return f"{str(number).lstrip('0') or number}班" if pd.notna(number) else None
