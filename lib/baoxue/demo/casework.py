"""What schools, townships and the bureau did about each child who stayed away, and when: cases step by step.

Delays are those of an office that keeps its deadlines mostly, not always (DOMAIN 3.4, 3.5); a leaving may be found
late, or not be found at all before the drop ends.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import engagement, escalation, presence, seating, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.plants import Plants
from baoxue.demo.timeline import LAST, NEVER

FOUND_LATE = 0.10
WRITTEN_DOWN = 0.90
"""Of leavings: the absence is entered day by day."""

CLUES = {"考勤": 0.62, "人籍比对": 0.12, "入户": 0.10, "部门通报": 0.06, "招生比对": 0.06, "举报": 0.04}

_R = codes.DropoutReason
REASONS: dict[int, dict[codes.DropoutReason, float]] = {
    engagement.SLOW: {
        _R.TIRED_OF_STUDY: 0.58, _R.INTERNET: 0.14, _R.WORK: 0.16, _R.POVERTY: 0.04, _R.DISTANCE: 0.03, _R.OTHER: 0.05,
    },
    engagement.SUDDEN: {
        _R.ILLNESS: 0.26, _R.FAMILY: 0.26, _R.BULLYING: 0.18, _R.TIRED_OF_STUDY: 0.18,
        _R.MARRIAGE: 0.03, _R.OTHER: 0.09,
    },
    engagement.WAVE: {
        _R.WORK: 0.42, _R.MOVING: 0.34, _R.TIRED_OF_STUDY: 0.12, _R.PRIVATE_TEACHING: 0.05, _R.OTHER: 0.07,
    },
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
        is_recorded=np.where(hidden, rows["pupil"].isin(plants.concealed), rng.random(n) < WRITTEN_DOWN),
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
    rows = escalation.escalated(escalation.settled(rows, lives, rng), rng)
    for name in _DATES:
        rows.loc[rows[name] > LAST, name] = pd.NaT
    return escalation.in_words(rows, rng)


def _leavings(lives: Lives, followed: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = followed[followed["opened_on"].notna()]
    back, concluded = rows["returned_on"], rows["concluded_on"]
    early = concluded.isna() & back.notna()
    reason = _drawn_by_way(rows["way"].to_numpy(), rng)
    closed = back + pd.to_timedelta(rng.integers(0, 12, len(rows)), unit="D")
    return pd.DataFrame(
        {
            "pupil": rows["pupil"], "is_leaving": True,
            "first_absent_on": rows["left_on"], "opened_on": rows["opened_on"],
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
    waited = (ends.kind == seating.TRANSFER) & (ends.changed_on - ends.gone_on >= 9) & ~np.isnat(ends.confirmed_on)
    who = np.flatnonzero(waited & (rng.random(len(waited)) < 0.6))
    return pd.DataFrame(
        {
            "pupil": who, "is_leaving": False, "first_absent_on": ends.gone_on[who],
            "opened_on": timeline.clock().shift(ends.gone_on[who], rng.integers(3, 6, len(who))),
            "concluded_on": ends.accepted_on[who], "conclusion": codes.Conclusion.TRANSFERRED.value,
            "dropout_reason": "",
            "gone_until": ends.accepted_on[who], "closed_on": ends.confirmed_on[who],
            "closing": codes.Closing.OTHER_SCHOOL.value,
        }
    )  # fmt: skip
