"""Registry, class rosters and household register as they stand on a day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import departments, payments, places, presence, roles, seating, template, timeline
from baoxue.demo.departments import Lists
from baoxue.demo.lives import Lives
from baoxue.demo.plants import Plants
from baoxue.demo.timeline import LATEST_REGISTRY


def registry(
    lives: Lives, followed: pd.DataFrame, made: Lists, chosen: Plants, where: places.Places, day: np.datetime64
) -> pd.DataFrame:
    """The registry of a day, a row per record (`pupil`, school, seat, marks, `status`), by school and class."""
    grade, school, number = lives.seats.on(day)
    p = lives.people
    on = (grade > 0) & (presence.days(p["joined_on"]) <= day) & ~(lives.ends.off_registry_on <= day)
    rows = departments.registry_marks(p, made, chosen, day).assign(
        pupil=np.arange(len(p)), school=school, grade=grade.astype(int), class_number=number,
        status=statuses(lives, followed, day), registry_number=p["registry_number"].to_numpy(),
        boards=payments.boards(p, grade.astype(int)),
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
    year = timeline.YEARS[int(seating.year_index(day))]
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
    listed[still[lives.seats.grade[still, seating.year_index(day)] > 0]] = True
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
        registry_number=np.where(p["role"] == roles.PUPIL, p["registry_number"], ""),
        note=np.where(at_home, "送教上门", ""),
        **{"class": template.two_digits(rows["class_number"])},
    )


def _unregistered(everyone: pd.DataFrame, where: places.Places, rows: pd.DataFrame, day: np.datetime64) -> pd.DataFrame:
    """Planted: newcomers who sit in a class from November 2024 and stand on no registry."""
    who = np.flatnonzero(everyone["role"] == roles.UNREGISTERED)
    if day < LATEST_REGISTRY:
        who = who[:0]
    grade = np.clip(2024 - everyone["entry"].to_numpy()[who] + 1, 1, 9)
    shares = [
        (where.junior_share if g >= 7 else where.primary_share)[t]
        for g, t in zip(grade, everyone["township"].to_numpy()[who], strict=True)
    ]
    school = np.array([int(share.argmax()) for share in shares], dtype=int)
    return pd.DataFrame({"child": who, "school": school, "grade": grade, "class_number": 1})
