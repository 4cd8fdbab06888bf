"""Registry, class rosters and household register as they stand on a day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import departments, people, places, presence, schooling, template, timeline
from baoxue.demo.departments import Lists
from baoxue.demo.lives import Lives
from baoxue.demo.plants import Plants
from baoxue.demo.timeline import LATEST_REGISTRY



def registry(
    lives: Lives, followed: pd.DataFrame, made: Lists, chosen: Plants, where: places.Places, day: np.datetime64
) -> pd.DataFrame:
    """The registry of a day, a row per record (`pupil`, school, seat, marks, `status`), in order of school and class."""
    grade, school, number = lives.seats.on(day)
    p = lives.people
    on = (grade > 0) & (presence.days(p["joined_on"]) <= day) & ~(lives.ends.off_registry_on <= day)
    rows = departments.registry_marks(p, made, chosen, day).assign(
        pupil=np.arange(len(p)), school=school, grade=grade.astype(int), class_number=number,
        status=statuses(lives, followed, day), registry_number=p["registry_number"].to_numpy(),
        boards=departments.boards(p, grade.astype(int)),
    )[on]  # fmt: skip
    rows["gets_aid"] = rows["needs_aid"] & rows["boards"]
    rows = _second_records(rows, chosen, day)
    return _described(rows, p, where, day)


def statuses(lives: Lives, followed: pd.DataFrame, day: np.datetime64) -> np.ndarray:
    """学籍状态 of every pupil: what changes accepted by that day make of it."""
    status = np.full(len(lives.people), codes.Status.ENROLLED.value, object)
    rows = lives.suspensions
    away = (rows["accepted_on"] <= day) & ~(rows["resumed_on"] <= day)
    status[rows.loc[away, "pupil"]] = codes.Status.SUSPENDED.value
    lost = (followed["change_on"] <= day) & ~(followed["back_change_on"] <= day)
    status[followed.loc[lost, "pupil"]] = codes.Status.LOST.value
    status[lives.ends.accepted_on <= day] = codes.Status.TRANSFERRED.value
    return status


def _second_records(rows: pd.DataFrame, chosen: Plants, day: np.datetime64) -> pd.DataFrame:
    """Planted: a child under two numbers, and two children under one."""
    doubles = chosen.duplicates[chosen.duplicates["since"] <= day]
    second = rows[rows["pupil"].isin(doubles["pupil"])].set_index("pupil", drop=False)
    extra = second.loc[doubles["pupil"][doubles["pupil"].isin(second.index)]].reset_index(drop=True)
    by_pupil = doubles.set_index("pupil")
    extra["registry_number"] = extra["pupil"].map(by_pupil["registry_number"])
    other = extra["pupil"].map(by_pupil["school"])
    extra["class_number"] = extra["class_number"].where(other == extra["school"], 1)
    extra["school"] = other
    shared = chosen.shared[chosen.shared["since"] <= day]
    owner = dict(zip(shared["pupil"], shared["owner"], strict=True))
    stands_for = np.array([owner.get(pupil, pupil) for pupil in rows["pupil"]], dtype=int)
    number = rows.set_index("pupil")["registry_number"].reindex(stands_for).to_numpy()
    rows = pd.concat([rows.assign(registry_number=number), extra], ignore_index=True)
    return rows.astype({"school": int, "class_number": int})


def _described(rows: pd.DataFrame, p: pd.DataFrame, where: places.Places, day: np.datetime64) -> pd.DataFrame:
    year = timeline.YEARS[int(schooling.year_index(day))]
    rows = rows.sort_values(["school", "grade", "class_number", "pupil"], kind="stable", ignore_index=True)
    at = rows["pupil"].to_numpy()
    schools = where.schools
    entry = year - np.where(rows["grade"] >= 7, rows["grade"] - 7, rows["grade"] - 1)
    return rows.assign(
        school_code=schools["school_code"].to_numpy()[rows["school"]],
        school_name=schools["school_name"].to_numpy()[rows["school"]],
        is_special=rows["school"].to_numpy() == where.special_school,
        id_number=np.where(p["has_id"].to_numpy()[at], p["id_number"].to_numpy()[at], ""),
        entry_month=np.array([f"{y}09" for y in entry], dtype=object),
        number_in_class=rows.groupby(["school", "grade", "class_number"]).cumcount() + 1,
    )


def roster(
    lives: Lives, away: pd.DataFrame, followed: pd.DataFrame, chosen: Plants, everyone: pd.DataFrame,
    where: places.Places, day: np.datetime64,
) -> pd.DataFrame:  # fmt: skip
    """Who sits in class on a day as the class teachers count: the contract's columns plus `child`.

    A child taught at home is listed with a note. Where an absence was not written down the teacher copies the old list,
    until the bureau counts heads at the end of November 2024; the planted ones stay listed even then.
    """
    grade, school, number = lives.seats.on(day)
    listed = presence.sitting(lives, away, day)
    unnoticed = (followed["left_on"] <= day) & ~(followed["returned_on"] <= day) & ~followed["is_recorded"]
    unnoticed &= ~(followed["change_on"] <= day) & (np.full(len(followed), day) < LATEST_REGISTRY)
    still = followed.loc[unnoticed, "pupil"].to_numpy()
    listed[still[lives.seats.grade[still, schooling.year_index(day)] > 0]] = True
    concealed = followed[followed["pupil"].isin(chosen.concealed)]
    listed[concealed["pupil"]] = True
    listed &= grade > 0
    rows = pd.DataFrame({"child": np.flatnonzero(listed)})
    rows = rows.assign(school=school[rows["child"]], grade=grade[rows["child"]], class_number=number[rows["child"]])
    rows = pd.concat([rows, _unregistered(everyone, where, rows, day)], ignore_index=True)
    rows = rows.sort_values(["school", "grade", "class_number", "child"], kind="stable", ignore_index=True)
    p = everyone.iloc[rows["child"]]
    at_home = (p["placement"] == codes.Placement.HOME).to_numpy()
    return rows.assign(
        school_code=where.schools["school_code"].to_numpy()[rows["school"]],
        full_name=p["name"].to_numpy(),
        id_number=np.where(p["has_id"], p["id_number"], ""),
        registry_number=np.where(p["role"] == people.PUPIL, p["registry_number"], ""),
        note=np.where(at_home, "送教上门", ""),
        **{"class": template.two_digits(rows["class_number"])},
    )


def _unregistered(everyone: pd.DataFrame, where: places.Places, rows: pd.DataFrame, day: np.datetime64) -> pd.DataFrame:
    """Planted: newcomers who sit in a class from November 2024 and stand on no registry."""
    who = np.flatnonzero(everyone["role"] == people.UNREGISTERED)
    if day < LATEST_REGISTRY:
        who = who[:0]
    grade = np.clip(2024 - everyone["entry"].to_numpy()[who] + 1, 1, 9)
    shares = [(where.junior_share if g >= 7 else where.primary_share)[t] for g, t in zip(grade, everyone["township"].to_numpy()[who], strict=True)]
    school = np.array([int(share.argmax()) for share in shares], dtype=int)
    return pd.DataFrame({"child": who, "school": school, "grade": grade, "class_number": 1})


def households(
    lives: Lives, everyone: pd.DataFrame, chosen: Plants, where: places.Places, day: np.datetime64, seen: np.ndarray
) -> pd.DataFrame:
    """The household register on a day: children of school age registered or living here, the contract's columns.

    `seen` says from which snapshot on each child is on it (position in `HOUSEHOLD_DAYS`).
    """
    year = int(schooling.year_index(day))
    at = timeline.HOUSEHOLD_DAYS.index(day)
    birth = presence.days(everyone["birth"])
    cutoff = timeline.september(timeline.YEARS[year])
    age = _full_years(birth, cutoff)
    status = whereabouts(lives, everyone, chosen, day)
    on = (age >= 6) & (age <= 15) & (seen <= at) & (status != "")
    rows = everyone[on]
    here = status[on] == codes.Schooling.IN_COUNTY
    school = _school_now(lives, everyone, where, day)[on]
    checked = (day - np.timedelta64(30, "D")) - rows.index.to_numpy() % 20
    residence = np.where(
        rows["is_migrant"], codes.Residence.INCOMER,
        np.where(status[on] == codes.Schooling.ELSEWHERE, codes.Residence.AWAY, codes.Residence.HERE),
    )  # fmt: skip
    unproved = (rows["role"] == people.NEVER_ENROLLED).to_numpy()
    guardian = rows["father"].where(rows["left_behind"] != 2, "祖父母")
    return pd.DataFrame(
        {
            "child": rows.index, "id_number": rows["id_number"], "full_name": rows["name"],
            "sex": np.where(rows["is_male"], codes.Sex.MALE, codes.Sex.FEMALE), "birth_date": rows["birth"],
            "township_code": where.townships["code"].to_numpy()[rows["township"]],
            "village": where.villages["village"].to_numpy()[rows["village"]],
            "household_number": [f"H{number:07d}" for number in rows["household"]], "head_name": rows["father"],
            "head_relation": np.where(rows["is_male"], "子", "女"), "residence": residence,
            "guardian_1": guardian, "phone": rows["father_phone"].where(rows["phone_known"], ""),
            "schooling": status[on], "schooling_at": np.where(here, school, ""),
            "schooling_checked_on": np.where(unproved | (status[on] == codes.Schooling.UNKNOWN), timeline.NEVER, checked),
            "listed_on": np.datetime64("2021-03-01") - rows.index.to_numpy() % 900,
        }
    )  # fmt: skip


def _full_years(birth: timeline.Days, day: np.datetime64) -> np.ndarray:
    born = pd.DatetimeIndex(birth)
    on = pd.Timestamp(day)
    return np.asarray(on.year - born.year - ((born.month > on.month) | ((born.month == on.month) & (born.day > on.day))))


def whereabouts(lives: Lives, everyone: pd.DataFrame, chosen: Plants, day: np.datetime64) -> np.ndarray:
    """就学情况 of every child as the village knows it, empty for a child not on the household register that day."""
    s = codes.Schooling
    status = np.full(len(everyone), s.IN_COUNTY.value, object)
    n = len(lives.people)
    role = everyone["role"].to_numpy()
    status[role == people.ELSEWHERE_ROLE] = s.ELSEWHERE.value
    status[role == people.DEFERRED_ROLE] = s.NONE.value
    status[role == people.UNREGISTERED] = ""
    unknown = np.array([s.NONE.value, s.UNKNOWN.value, s.ELSEWHERE.value, s.IN_COUNTY.value], object)
    never = np.flatnonzero(role == people.NEVER_ENROLLED)
    status[never] = unknown[never % 4]
    arrivals = np.flatnonzero(role == people.NOT_ARRIVED)
    status[arrivals] = np.where(arrivals % 2 == 0, s.UNKNOWN.value, "")
    status[:n] = _pupils_status(lives, everyone, day)
    missing = chosen.not_arrived
    if day >= timeline.september(2024):
        status[missing] = np.where(everyone["is_migrant"].to_numpy()[missing], "", s.UNKNOWN.value)
    return status


def _pupils_status(lives: Lives, everyone: pd.DataFrame, day: np.datetime64) -> np.ndarray:
    """Pupils: here while at school here; then elsewhere if registered here, off the register if they lived here only.

    Of the dead and the emigrated the village knows nothing for a while: only the registry's changes say what became of them.
    """
    s, ends, n = codes.Schooling, lives.ends, len(lives.people)
    migrant = everyone["is_migrant"].to_numpy()[:n]
    status = np.full(n, s.IN_COUNTY.value, object)
    gone = (ends.gone_on <= day) & (ends.kind != schooling.GRADUATED) & (ends.kind != schooling.LEFT)
    status[gone] = np.where(migrant, "", s.ELSEWHERE.value)[gone]
    long_dead = (ends.kind == schooling.DEATH) & (ends.gone_on <= day - 365)
    struck_late = gone & np.isin(ends.kind, (schooling.DEATH, schooling.EMIGRATION)) & ~migrant
    status[struck_late] = s.UNKNOWN.value
    status[long_dead] = ""
    yet_to_come = presence.days(everyone["joined_on"])[:n] > day
    born_here = yet_to_come & ~everyone["is_arrival"].eq(True).to_numpy()[:n]
    status[yet_to_come & ~born_here] = np.where(migrant, "", s.ELSEWHERE.value)[yet_to_come & ~born_here]
    status[born_here] = s.NONE.value
    status[~everyone["has_id"].to_numpy()[:n]] = ""
    done = ends.kind == schooling.GRADUATED
    status[done & (ends.gone_on <= day)] = ""
    return status


def _school_now(lives: Lives, everyone: pd.DataFrame, where: places.Places, day: np.datetime64) -> np.ndarray:
    name = np.full(len(everyone), "", object)
    grade, school, _ = lives.seats.on(day)
    name[: len(grade)] = np.where(grade > 0, where.schools["school_name"].to_numpy()[school], "")
    return name


def first_seen(everyone: pd.DataFrame, seed: int) -> np.ndarray:
    """From which household snapshot on each child is registered: most from the first, planted ones since they came."""
    rng = timeline.stream(seed, "households")
    seen = np.zeros(len(everyone), int)
    never = np.flatnonzero(everyone["role"] == people.NEVER_ENROLLED)
    seen[never] = rng.integers(0, len(timeline.HOUSEHOLD_DAYS), len(never))
    return seen
