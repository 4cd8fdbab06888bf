"""What schools, townships and the bureau did about each child who stayed away, and when: cases step by step.

Delays are those of an office that keeps its deadlines mostly, not always (DOMAIN 3.4, 3.5); a leaving may be found late, or
not be found at all before the drop ends.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import engagement, presence, schooling, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.plants import Plants
from baoxue.demo.timeline import NEVER, Days

LAST = np.datetime64(timeline.LAST_DAY, "D")

FOUND_LATE = 0.10
WRITTEN_DOWN = 0.90
"""Of leavings: the absence is entered day by day."""

CLUES = {"考勤": 0.62, "人籍比对": 0.12, "入户": 0.10, "部门通报": 0.06, "招生比对": 0.06, "举报": 0.04}

_R = codes.DropoutReason
REASONS: dict[int, dict[codes.DropoutReason, float]] = {
    engagement.SLOW: {_R.TIRED_OF_STUDY: 0.58, _R.INTERNET: 0.14, _R.WORK: 0.16, _R.POVERTY: 0.04, _R.DISTANCE: 0.03, _R.OTHER: 0.05},
    engagement.SUDDEN: {_R.ILLNESS: 0.26, _R.FAMILY: 0.26, _R.BULLYING: 0.18, _R.TIRED_OF_STUDY: 0.18, _R.MARRIAGE: 0.03, _R.OTHER: 0.09},
    engagement.WAVE: {_R.WORK: 0.42, _R.MOVING: 0.34, _R.TIRED_OF_STUDY: 0.12, _R.PRIVATE_TEACHING: 0.05, _R.OTHER: 0.07},
}  # fmt: skip

_DATES = (
    "first_absent_on", "opened_on", "concluded_on", "reported_township_on", "reported_bureau_on", "criticised_on",
    "ordered_on", "order_due_on", "judicial_on", "closed_on",
)  # fmt: skip


def follow(lives: Lives, plants: Plants, seed: int) -> pd.DataFrame:
    """Each leaving with what was done about it: `lives.leavings` and the columns added here.

    `is_recorded`: the absence is written down. `opened_on, concluded_on, conclusion, change_on` (辍学 on the
    registry) and `back_change_on` (劝返复学) are empty where it never came to that.
    """
    rng = timeline.stream(seed, "follow")
    clock = timeline.clock()
    rows = lives.leavings.copy()
    n = len(rows)
    left, back = presence.days(rows["left_on"]), presence.for_ever(presence.days(rows["returned_on"]))
    hidden = rows["pupil"].isin(np.concatenate([plants.concealed, plants.unrecorded])).to_numpy()
    prompt = np.maximum(3, rng.lognormal(1.75, 0.55, n)).astype(int)
    wait = np.where(rng.random(n) < FOUND_LATE, rng.integers(25, 56, n), prompt)
    opened = clock.shift(left, wait)
    opened = np.where(hidden | (opened >= back) | (opened > LAST), NEVER, opened)
    enough = np.maximum(clock.shift(left, 20 + rng.geometric(0.18, n) - 1), clock.shift(opened, 4))
    concluded = np.where(enough < back, enough, NEVER)
    conclusion = np.where(rng.random(n) < 0.94, codes.Conclusion.DROPPED_OUT, codes.Conclusion.LOST)
    filed = clock.workday(concluded + np.where(conclusion == codes.Conclusion.LOST, 25, 0) + rng.integers(1, 16, n))
    change = np.where(filed < back, filed, NEVER)
    back_change = clock.workday(presence.days(rows["returned_on"]) + rng.integers(0, 7, n))
    return rows.assign(
        is_recorded=(rng.random(n) < WRITTEN_DOWN) & ~rows["pupil"].isin(plants.unrecorded).to_numpy(),
        opened_on=opened,
        concluded_on=concluded,
        conclusion=np.where(np.isnat(concluded), "", conclusion),
        change_on=change,
        back_change_on=np.where(np.isnat(change), NEVER, back_change),
    )


def cases(lives: Lives, followed: pd.DataFrame, spells: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The case files, a row each, named as the contract names them, plus `pupil` and `gone_until`, by day of opening.

    Beside leavings there are suspicions that were none: truants, children whose transfer was filed late, the ill.
    """
    rng = timeline.stream(seed, "cases")
    rows = pd.concat(
        [_leavings(lives, followed, rng), _strays(spells, rng), _late_transfers(lives, rng)], ignore_index=True
    )
    rows = rows[rows["opened_on"] <= LAST].sort_values(["opened_on", "pupil"], kind="stable", ignore_index=True)
    year = rows["opened_on"].dt.year.astype(str)
    running = (rows.groupby(year).cumcount() + 1).astype(str).str.zfill(4)
    rows.insert(0, "case", "乐控辍模拟" + year + "-" + running)
    rows["clue"] = rng.choice(list(CLUES), len(rows), p=list(CLUES.values()))
    rows = _escalated(rows, rng)
    for name in _DATES:
        rows.loc[rows[name] > LAST, name] = pd.NaT
    return _words(rows, lives, rng)


def visits(cases: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Persuasion visits of the cases, `case, pupil, attempt, visited_on, way, measure, result`, in order."""
    rng = timeline.stream(seed, "visits")
    number = np.where(cases["is_leaving"], rng.integers(3, 9, len(cases)), rng.integers(1, 4, len(cases)))
    at = np.repeat(np.arange(len(cases)), number)
    rows = cases.iloc[at][["case", "pupil", "opened_on", "gone_until", "is_leaving", "dropout_reason"]].reset_index(drop=True)
    step = np.where(rows.groupby("case").cumcount() == 0, rng.integers(0, 3, len(rows)), rng.integers(2, 13, len(rows)))
    rows["visited_on"] = rows["opened_on"] + pd.to_timedelta(pd.Series(step).groupby(rows["case"]).cumsum(), unit="D")
    rows = rows[(rows["visited_on"] <= pd.Timestamp(LAST)) & (rows["visited_on"] <= rows["gone_until"])].reset_index(drop=True)
    rows["attempt"] = rows.groupby("case").cumcount() + 1
    first = rows["attempt"] == 1
    rows["way"] = np.where(
        first & (rng.random(len(rows)) < 0.6), codes.VisitWay.PHONE, np.where(rng.random(len(rows)) < 0.85, codes.VisitWay.HOME, codes.VisitWay.OTHER)
    )
    measures = [m.value for m in (codes.Measure.PERSONAL, codes.Measure.ADMINISTRATIVE, codes.Measure.ECONOMIC, codes.Measure.LEGAL)]
    rows["measure"] = rng.choice(measures, len(rows), p=[0.66, 0.20, 0.08, 0.06])
    rows["result"] = _results(rows, rng)
    return rows[["case", "pupil", "attempt", "visited_on", "way", "measure", "result"]]


def _results(rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    v = codes.VisitResult
    refused = [v.PUPIL_REFUSED, v.GUARDIAN_REFUSED, v.PROMISED, v.NOT_MET, v.LOST, v.UNABLE, v.ELSEWHERE]
    drawn = rng.choice([r.value for r in refused], len(rows), p=[0.34, 0.12, 0.24, 0.16, 0.04, 0.05, 0.05])
    last = rows["attempt"] == rows.groupby("case")["attempt"].transform("max")
    near = rows["gone_until"] - rows["visited_on"] <= pd.Timedelta(days=8)
    settled = np.where(rows["is_leaving"] | (rng.random(len(rows)) < 0.9), v.BACK.value, v.PROMISED.value)
    return np.where(last & near, settled, drawn)


def _leavings(lives: Lives, followed: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = followed[followed["opened_on"].notna()]
    back, concluded = rows["returned_on"], rows["concluded_on"]
    early = concluded.isna() & back.notna()
    reason = _drawn_by_way(rows["way"].to_numpy(), rng)
    closed = back + pd.to_timedelta(rng.integers(0, 12, len(rows)), unit="D")
    return pd.DataFrame(
        {
            "pupil": rows["pupil"], "is_leaving": True, "first_absent_on": rows["left_on"], "opened_on": rows["opened_on"],
            "concluded_on": concluded.where(~early, back),
            "conclusion": np.where(early, codes.Conclusion.BACK, rows["conclusion"]),
            "dropout_reason": np.where(concluded.notna(), reason, ""),
            "gone_until": back.fillna(pd.Timestamp("2100-01-01")), "closed_on": closed,
            "closing": np.where(back.notna(), codes.Closing.BACK, ""),
        }
    )  # fmt: skip


def _drawn_by_way(way: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    reason = np.full(len(way), "", object)
    for each, shares in REASONS.items():
        spot = np.flatnonzero(way == each)
        reason[spot] = rng.choice([r.value for r in shares], len(spot), p=list(shares.values()))
    return reason


def _strays(spells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Truants suspected of having left, and long illness that a school first took for it."""
    clock = timeline.clock()
    suspected = np.where(spells["why"] == "stray", (spells["length"] >= 5) * 0.6, (spells["length"] >= 20) * 0.15)
    rows = spells[rng.random(len(spells)) < suspected]
    first = clock.school_days[rows["first"].to_numpy()]
    is_stray = (rows["why"] == "stray").to_numpy()
    end = clock.shift(first, rows["length"].to_numpy())
    concluded = np.where(is_stray, end, clock.shift(first, rng.integers(5, 12, len(rows))))
    return pd.DataFrame(
        {
            "pupil": rows["pupil"].to_numpy(), "is_leaving": False, "first_absent_on": first,
            "opened_on": clock.shift(first, rng.integers(3, 5, len(rows))), "concluded_on": concluded,
            "conclusion": np.where(is_stray, codes.Conclusion.BACK, codes.Conclusion.ON_LEAVE), "dropout_reason": "",
            "gone_until": presence.for_ever(end), "closed_on": concluded + rng.integers(0, 6, len(rows)),
            "closing": np.where(is_stray, codes.Closing.BACK, ""),
        }
    )  # fmt: skip


def _late_transfers(lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """Children who were gone for weeks before the transfer was filed: suspected first, then cleared."""
    ends = lives.ends
    waited = (ends.kind == schooling.TRANSFER) & (ends.changed_on - ends.gone_on >= 9) & ~np.isnat(ends.confirmed_on)
    who = np.flatnonzero(waited & (rng.random(len(waited)) < 0.6))
    return pd.DataFrame(
        {
            "pupil": who, "is_leaving": False, "first_absent_on": ends.gone_on[who],
            "opened_on": timeline.clock().shift(ends.gone_on[who], rng.integers(3, 6, len(who))),
            "concluded_on": ends.accepted_on[who], "conclusion": codes.Conclusion.TRANSFERRED.value, "dropout_reason": "",
            "gone_until": ends.accepted_on[who], "closed_on": ends.confirmed_on[who],
            "closing": codes.Closing.OTHER_SCHOOL.value,
        }
    )  # fmt: skip


def _escalated(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Report, admonition, order, judicial document: each only while the child is still out, some steps left undone."""
    n = len(rows)
    out = presence.days(rows["gone_until"])
    concluded = np.where(rows["is_leaving"], presence.days(rows["concluded_on"]), NEVER)

    def step(after: Days, least: int, most: int, done: float) -> Days:
        day = timeline.clock().workday(after + rng.integers(least, most + 1, n))
        return np.where((day < out) & (rng.random(n) < done), day, NEVER)

    township = step(concluded, 0, 5, 0.93)
    bureau = step(concluded, 0, 6, 0.92)
    criticised = step(township, 3, 12, 0.85)
    ordered = step(criticised, 4, 15, 0.80)
    judicial = step(ordered + 7, 5, 40, 0.30)
    return rows.assign(
        reported_township_on=township, reported_bureau_on=bureau, criticised_on=criticised, ordered_on=ordered,
        order_due_on=ordered + 7, judicial_on=judicial,
    )  # fmt: skip


def _words(rows: pd.DataFrame, lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """Document numbers, kinds, placements; closings of children who are placed without coming back to class."""
    n = len(rows)
    rows = _placed(rows, lives, rng)
    number = np.arange(1, n + 1)
    year = rows["ordered_on"].dt.year.astype("Int64").astype(str)
    ordered, judicial = rows["ordered_on"].notna(), rows["judicial_on"].notna()
    kinds = rng.choice(["敦促复学告知书", "家庭教育指导令", "训诫书", "督促监护令"], n, p=[0.6, 0.15, 0.15, 0.1])
    closed = rows["closed_on"].notna()
    r = codes.Resettlement
    place = rng.choice([x.value for x in (r.SAME_CLASS, r.OWN_CLASS, r.VOCATIONAL_MIX, r.OTHER_SCHOOL)], n, p=[0.78, 0.06, 0.1, 0.06])
    back = (rows["closing"] == codes.Closing.BACK) & closed
    return rows.assign(
        order_number=np.where(ordered, "乐模拟责改字〔" + year + "〕" + pd.Series(number).astype(str) + "号", ""),
        judicial_kind=np.where(judicial, kinds, ""),
        judicial_number=np.where(judicial, "乐模拟司敦〔" + year + "〕" + pd.Series(number).astype(str) + "号", ""),
        closing=np.where(closed, rows["closing"], ""),
        resettlement=np.where(back, place, ""),
        conclusion=np.where(rows["concluded_on"].notna(), rows["conclusion"], ""),
        dropout_reason=np.where(rows["concluded_on"].notna(), rows["dropout_reason"], ""),
    )


def _placed(rows: pd.DataFrame, lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    """Of those who never came back, a tenth is placed in vocational training or handed to the home county."""
    never = rows["is_leaving"] & rows["closed_on"].isna() & rows["concluded_on"].notna() & (rng.random(len(rows)) < 0.12)
    day = timeline.clock().workday(presence.days(rows["concluded_on"]) + rng.integers(60, 150, len(rows)))
    placed = never.to_numpy() & (day <= LAST) & (presence.days(rows["gone_until"]) > LAST)
    migrant = lives.people["is_migrant"].to_numpy()[rows["pupil"]]
    word = np.where(migrant, codes.Closing.HANDED_OVER, codes.Closing.VOCATIONAL)
    rows["closed_on"] = rows["closed_on"].where(~placed, pd.Series(day, index=rows.index).astype("datetime64[s]"))
    return rows.assign(closing=np.where(placed, word, rows["closing"]))
