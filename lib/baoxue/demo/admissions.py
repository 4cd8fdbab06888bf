"""招生: every passage into primary and junior school, with who did not arrive and where they are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import gazetteer, places, roles, seating, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.plants import Plants

_W = codes.Whereabouts
Part = tuple[np.ndarray, np.ndarray | int, codes.Arrival, codes.Whereabouts]
"""Some children, the school that admitted them (-1: none here), whether they came, where they are."""


def admissions(
    lives: Lives, everyone: pd.DataFrame, chosen: Plants, where: places.Places, year: int, seed: int
) -> pd.DataFrame:
    """The admissions of a calendar year, the contract's columns and `child`, primary school first.

    The day on which the school closed its list stands as 报到日期 with those who did not come, so that it is known when
    they were missed.
    """
    rng = timeline.stream(seed, f"admissions {year}")
    rows = pd.concat(
        [_to_primary(lives, everyone, where, year), _to_junior(lives, chosen, year, rng)], ignore_index=True
    )
    rows = rows.sort_values(["passage", "child"], ascending=[False, True], kind="stable", ignore_index=True)
    p = everyone.iloc[rows["child"]]
    arrived = (rows["arrival"] == codes.Arrival.ARRIVED).to_numpy()
    opening = timeline.term_start(year, 1)
    on = np.where(arrived, opening - rng.integers(0, 3, len(rows)), opening + 2)
    unknown = rows["whereabouts"].isin([_W.UNKNOWN.value]).to_numpy()
    checked = np.where(
        unknown & (rng.random(len(rows)) < 0.5), timeline.NEVER, opening + rng.integers(6, 20, len(rows))
    )
    code = where.schools["school_code"].to_numpy()
    school = {name: np.where(rows[name] >= 0, code[rows[name]], "") for name in ("from_school", "to_school")}
    village = where.villages["village"].to_numpy()[p["village"]]
    return pd.DataFrame(
        {
            "child": rows["child"], "admission_year": str(year), "passage": rows["passage"],
            "id_number": p["id_number"].to_numpy(), "full_name": p["name"].to_numpy(),
            "sex": np.where(p["is_male"], codes.Sex.MALE, codes.Sex.FEMALE), "birth_date": p["birth"].to_numpy(),
            "guardian_1": p["father"].to_numpy(), "phone": p["father_phone"].where(p["phone_known"], "").to_numpy(),
            "hukou_division": gazetteer.home_division(p["province"]),
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
    put_off = np.concatenate([np.flatnonzero(next_year), np.flatnonzero((role == roles.DEFERRED) & (entry == year))])
    missing = np.flatnonzero((role == roles.NOT_ARRIVED) & (entry == year))
    nearest = where.primary_share[everyone["township"].to_numpy()[missing]].argmax(axis=1)
    parts: list[Part] = [
        (came, lives.seats.school[came, index], codes.Arrival.ARRIVED, _W.IN_COUNTY),
        (put_off, -1, codes.Arrival.MISSING, _W.DEFERRED),
        (missing[::2], nearest[::2], codes.Arrival.MISSING, _W.UNKNOWN),
        (missing[1::2], nearest[1::2], codes.Arrival.MISSING, _W.NOT_ENTERED),
    ]
    return _rows(codes.Passage.TO_PRIMARY, parts).assign(from_school=-1)


def _to_junior(lives: Lives, chosen: Plants, year: int, rng: np.random.Generator) -> pd.DataFrame:
    """Grade 6 to grade 7: into the county's junior schools, to others elsewhere, out of sight."""
    index = timeline.YEARS.index(year)
    school, last_school = lives.seats.school[:, index], lives.seats.school[:, max(index - 1, 0)]
    has_id = lives.people["has_id"].to_numpy()
    new, elsewhere = _passes(lives, index)
    out = _out_of_school(lives, timeline.term_start(year, 1))
    came, gone, went = (np.flatnonzero(who & has_id) for who in (new & ~out, new & out, elsewhere))
    missing = chosen.not_arrived if year == timeline.YEARS[-1] else chosen.not_arrived[:0]
    province = rng.random(len(went)) < 0.4
    parts: list[Part] = [
        (came, school[came], codes.Arrival.ARRIVED, _W.IN_COUNTY),
        (gone, school[gone], codes.Arrival.MISSING, _W.NOT_ENTERED),
        (went[province], -1, codes.Arrival.MISSING, _W.IN_PROVINCE),
        (went[~province], -1, codes.Arrival.MISSING, _W.OUTSIDE),
        (missing[::2], school[missing[::2]], codes.Arrival.MISSING, _W.UNKNOWN),
        (missing[1::2], school[missing[1::2]], codes.Arrival.MISSING, _W.NOT_ENTERED),
    ]
    rows = _rows(codes.Passage.TO_JUNIOR, parts)
    return rows.assign(from_school=last_school[rows["child"]] if index else -1)


def _passes(lives: Lives, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Who enters grade 7 here from grade 6 (in the first year: everyone in it), and who goes on elsewhere."""
    seven = lives.seats.grade[:, index] == 7
    if index == 0:
        return seven & ~lives.people["is_arrival"].eq(True).to_numpy(), np.zeros(len(seven), bool)
    six = lives.seats.grade[:, index - 1] == 6
    ended = lives.ends.gone_on == timeline.term_end(timeline.YEARS[index] - 1, 2)
    return seven & six, six & (lives.ends.kind == seating.TRANSFER) & ended


def _out_of_school(lives: Lives, day: np.datetime64) -> np.ndarray:
    out = np.zeros(len(lives.people), bool)
    rows = lives.leavings
    out[rows.loc[(rows["left_on"] <= day) & ~(rows["returned_on"] <= day), "pupil"]] = True
    return out


def _rows(passage: codes.Passage, parts: list[Part]) -> pd.DataFrame:
    frames = [
        pd.DataFrame(
            {
                "child": who,
                "passage": passage.value,
                "to_school": school,
                "arrival": arrival.value,
                "whereabouts": place.value,
            }
        )
        for who, school, arrival, place in parts
    ]
    return pd.concat(frames, ignore_index=True)
