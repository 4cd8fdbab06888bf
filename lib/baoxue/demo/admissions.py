"""招生: every passage into primary and junior school, with who did not arrive and where they are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import people as children
from baoxue.demo import places, presence, schooling, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.plants import Plants

_W = codes.Whereabouts


def admissions(
    lives: Lives, everyone: pd.DataFrame, chosen: Plants, where: places.Places, year: int, seed: int
) -> pd.DataFrame:
    """The admissions of a calendar year, the contract's columns and `child`, primary school first.

    The day on which the school closed its list stands as 报到日期 with those who did not come, so that it is known when
    they were missed.
    """
    rng = timeline.stream(seed, f"admissions {year}")
    rows = pd.concat([_to_primary(lives, everyone, where, year), _to_junior(lives, chosen, year, rng)], ignore_index=True)
    rows = rows.sort_values(["passage", "child"], ascending=[False, True], kind="stable", ignore_index=True)
    p = everyone.iloc[rows["child"]]
    arrived = (rows["arrival"] == codes.Arrival.ARRIVED).to_numpy()
    opening = timeline.term_start(year, 1)
    on = np.where(arrived, opening - rng.integers(0, 3, len(rows)), opening + 2)
    unknown = rows["whereabouts"].isin([_W.UNKNOWN.value]).to_numpy()
    checked = np.where(unknown & (rng.random(len(rows)) < 0.5), timeline.NEVER, opening + rng.integers(6, 20, len(rows)))
    code = where.schools["school_code"].to_numpy()
    school = {name: np.where(rows[name] >= 0, code[rows[name]], "") for name in ("from_school", "to_school")}
    village = where.villages["village"].to_numpy()[p["village"]]
    return pd.DataFrame(
        {
            "child": rows["child"], "admission_year": str(year), "passage": rows["passage"],
            "id_number": p["id_number"].to_numpy(), "full_name": p["name"].to_numpy(),
            "sex": np.where(p["is_male"], codes.Sex.MALE, codes.Sex.FEMALE), "birth_date": p["birth"].to_numpy(),
            "guardian_1": p["father"].to_numpy(), "phone": p["father_phone"].where(p["phone_known"], "").to_numpy(),
            "hukou_division": np.where(p["province"] == 33, places.COUNTY_DIVISION, p["province"].astype(str) + "0000000000"),
            "address": "乐清市" + pd.Series(village, dtype=object),
            "from_school_code": school["from_school"], "to_school_code": school["to_school"],
            "arrival": rows["arrival"], "arrived_on": on, "whereabouts": rows["whereabouts"],
            "whereabouts_checked_on": checked,
        }
    )  # fmt: skip


def _to_primary(lives: Lives, everyone: pd.DataFrame, where: places.Places, year: int) -> pd.DataFrame:
    """Entrants; children whose entry is put off; planted ones who never came."""
    index = timeline.YEARS.index(year)
    n = len(lives.people)
    entry, role = everyone["entry"].to_numpy(), everyone["role"].to_numpy()
    has_id = everyone["has_id"].to_numpy()
    begins_here = ~everyone["is_arrival"].eq(True).to_numpy()[:n] & has_id[:n]
    came = np.flatnonzero((entry[:n] == year) & begins_here)
    next_year = (entry[:n] == year + 1) & (everyone["years_late"].to_numpy()[:n] == 1) & begins_here
    next_year &= ~everyone["is_migrant"].to_numpy()[:n]
    put_off = np.concatenate([np.flatnonzero(next_year), np.flatnonzero((role == children.DEFERRED_ROLE) & (entry == year))])
    missing = np.flatnonzero((role == children.NOT_ARRIVED) & (entry == year))
    nearest = where.primary_share[everyone["township"].to_numpy()[missing]].argmax(axis=1)
    parts = [
        (came, lives.seats.school[came, index], codes.Arrival.ARRIVED, _W.IN_COUNTY),
        (put_off, -1, codes.Arrival.MISSING, _W.DEFERRED),
        (missing[::2], nearest[::2], codes.Arrival.MISSING, _W.UNKNOWN),
        (missing[1::2], nearest[1::2], codes.Arrival.MISSING, _W.NOT_ENTERED),
    ]
    return _rows(codes.Passage.TO_PRIMARY, parts).assign(from_school=-1)


def _to_junior(lives: Lives, chosen: Plants, year: int, rng: np.random.Generator) -> pd.DataFrame:
    """Grade 6 to grade 7: into the county's junior schools, to others elsewhere, out of sight."""
    index = timeline.YEARS.index(year)
    seats, ends = lives.seats, lives.ends
    before = seats.grade[:, index - 1] == 6 if index else np.zeros(len(lives.people), bool)
    arrived_now = schooling.year_index(presence.days(lives.people["joined_on"])) == index
    seven = seats.grade[:, index] == 7
    new = seven & (before | (index == 0)) & ~arrived_now if index else seven & ~lives.people["is_arrival"].eq(True).to_numpy()
    opening = timeline.term_start(year, 1)
    out = _out_of_school(lives, opening)
    has_id = lives.people["has_id"].to_numpy()
    elsewhere = before & (ends.kind == schooling.TRANSFER) & (ends.gone_on == timeline.term_end(year - 1, 2)) if index else before
    went = np.flatnonzero(elsewhere & has_id)
    missing = chosen.not_arrived if year == 2024 else chosen.not_arrived[:0]
    came, gone = np.flatnonzero(new & ~out & has_id), np.flatnonzero(new & out & has_id)
    province = rng.random(len(went)) < 0.4
    parts = [
        (came, seats.school[came, index], codes.Arrival.ARRIVED, _W.IN_COUNTY),
        (gone, seats.school[gone, index], codes.Arrival.MISSING, _W.NOT_ENTERED),
        (went[province], -1, codes.Arrival.MISSING, _W.IN_PROVINCE),
        (went[~province], -1, codes.Arrival.MISSING, _W.OUTSIDE),
        (missing[::2], seats.school[missing[::2], index], codes.Arrival.MISSING, _W.UNKNOWN),
        (missing[1::2], seats.school[missing[1::2], index], codes.Arrival.MISSING, _W.NOT_ENTERED),
    ]
    rows = _rows(codes.Passage.TO_JUNIOR, parts)
    last_school = seats.school[rows["child"], max(index - 1, 0)]
    return rows.assign(from_school=last_school if index else -1)


def _out_of_school(lives: Lives, day: np.datetime64) -> np.ndarray:
    out = np.zeros(len(lives.people), bool)
    rows = lives.leavings
    out[rows.loc[(rows["left_on"] <= day) & ~(rows["returned_on"] <= day), "pupil"]] = True
    return out


def _rows(passage: codes.Passage, parts: list[tuple[np.ndarray, np.ndarray | int, codes.Arrival, codes.Whereabouts]]) -> pd.DataFrame:
    frames = [
        pd.DataFrame(
            {"child": who, "passage": passage.value, "to_school": school, "arrival": arrival.value, "whereabouts": place.value}
        )
        for who, school, arrival, place in parts
    ]
    return pd.concat(frames, ignore_index=True)
