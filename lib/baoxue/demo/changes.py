"""学籍变动: every change of registry status that was filed, with what it went through."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import places, presence, seating, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.timeline import LAST, NEVER, Days

_C, _R = codes.Change, codes.Review
_REASONS = ("随父母工作变动", "回户籍地就读", "住址变更", "其他")

COLUMNS = (
    "pupil", "change", "reason", "changed_on", "accepted_on", "suspended_until", "reviewed_on", "review",
    "confirmed_on", "from_school", "to_school", "to_school_name", "transfer_scope", "proof",
)  # fmt: skip


def changes(lives: Lives, followed: pd.DataFrame, where: places.Places, seed: int) -> pd.DataFrame:
    """The changes accepted while the drop lasts: `COLUMNS`, `school_year`, `grade`, `class_number`, by acceptance."""
    rng = timeline.stream(seed, "changes")
    parts = [
        _transfers_out(lives, rng), _arrivals(lives, rng), _moves(lives, where, rng), _deaths_and_emigrations(lives),
        _suspensions(lives), _resumed(lives), _dropouts(followed), _returns(followed),
    ]  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows["accepted_on"] <= LAST]
    rows = rows.sort_values(["accepted_on", "pupil", "change"], kind="stable", ignore_index=True)
    for name in ("reviewed_on", "confirmed_on"):
        rows.loc[rows[name] > LAST, name] = pd.NaT
    rows["review"] = rows["review"].where(rows["reviewed_on"].notna(), _R.PENDING.value)
    return _seated(rows.reindex(columns=list(COLUMNS)), lives)


def _frame(pupil: np.ndarray, change: codes.Change, changed: Days, accepted: Days, **more: object) -> pd.DataFrame:
    reviewed = timeline.clock().workday(accepted + 1 + np.asarray(pupil) % 5)
    given = {"reviewed_on": reviewed, "review": _R.PASSED.value, "confirmed_on": np.full(len(pupil), NEVER)} | more
    return pd.DataFrame(
        {"pupil": pupil, "change": change.value, "changed_on": changed, "accepted_on": accepted, **given}
    )


def _transfers_out(lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    ends = lives.ends
    who = np.flatnonzero((ends.kind == seating.TRANSFER) & ~np.isnat(ends.changed_on))
    n = len(who)
    outside = lives.people["is_migrant"].to_numpy()[who] & (rng.random(n) < 0.85)
    return _frame(
        who, _C.TRANSFER_OUT, ends.changed_on[who], ends.accepted_on[who],
        confirmed_on=ends.confirmed_on[who], reason=rng.choice(_REASONS, n),
        to_school_name=np.where(outside, "外省学校（模拟）", "省内学校（模拟）"),
        transfer_scope=np.where(outside, codes.TransferScope.OUTSIDE, codes.TransferScope.PROVINCE),
        proof=rng.choice(["转学申请表", "转学申请表、户口簿复印件", ""], n),
    )  # fmt: skip


def _arrivals(lives: Lives, rng: np.random.Generator) -> pd.DataFrame:
    p = lives.people
    who = np.flatnonzero(p["is_arrival"].eq(True) & (p["joined_on"] <= pd.Timestamp(LAST)))
    joined = presence.days(p["joined_on"])[who]
    scope = np.where(p["is_migrant"].to_numpy()[who], codes.TransferScope.OUTSIDE, codes.TransferScope.PROVINCE)
    confirmed = timeline.clock().workday(joined + rng.integers(1, 9, len(who)))
    index = seating.year_index(joined)
    return _frame(
        who, _C.TRANSFER_IN, joined, timeline.clock().workday(joined), confirmed_on=confirmed,
        to_school=lives.seats.school[who, index], transfer_scope=scope, reason="随父母居住",
    )  # fmt: skip


def _moves(lives: Lives, where: places.Places, rng: np.random.Generator) -> pd.DataFrame:
    """A move inside the county: out of one school and into the other, confirmed within days."""
    rows = lives.moves
    on = presence.days(rows["on"])
    accepted = timeline.clock().workday(on + rng.integers(0, 4, len(rows)))
    confirmed = timeline.clock().workday(accepted + rng.integers(1, 8, len(rows)))
    names = where.schools["school_name"].to_numpy()[rows["to_school"]]
    both = {
        "from_school": rows["from_school"].to_numpy(), "to_school": rows["to_school"].to_numpy(),
        "to_school_name": names,
        "transfer_scope": codes.TransferScope.COUNTY.value, "reason": "住址变更", "confirmed_on": confirmed,
    }  # fmt: skip
    who = rows["pupil"].to_numpy()
    return pd.concat(
        [_frame(who, _C.TRANSFER_OUT, on, accepted, **both), _frame(who, _C.TRANSFER_IN, on, accepted, **both)]
    )


def _deaths_and_emigrations(lives: Lives) -> pd.DataFrame:
    ends, frames = lives.ends, []
    for kind, change, proof in (
        (seating.DEATH, _C.DEAD, "死亡证明"), (seating.EMIGRATION, _C.EMIGRATED, "护照、签证复印件"),
    ):  # fmt: skip
        who = np.flatnonzero(ends.kind == kind)
        frames.append(_frame(who, change, ends.changed_on[who], ends.accepted_on[who], proof=proof))
    return pd.concat(frames)


def _suspensions(lives: Lives) -> pd.DataFrame:
    rows = lives.suspensions
    return _frame(
        rows["pupil"].to_numpy(), _C.SUSPENDED, presence.days(rows["from_on"]), presence.days(rows["accepted_on"]),
        reviewed_on=presence.days(rows["reviewed_on"]), review=rows["review"].to_numpy(), reason="疾病",
        suspended_until=presence.days(rows["until_on"]), proof="医院诊断证明",
    )  # fmt: skip


def _resumed(lives: Lives) -> pd.DataFrame:
    rows = lives.suspensions[lives.suspensions["resumed_on"].notna()]
    on = presence.days(rows["resumed_on"])
    return _frame(rows["pupil"].to_numpy(), _C.RESUMED, on, on)


def _dropouts(followed: pd.DataFrame) -> pd.DataFrame:
    rows = followed[followed["change_on"].notna()]
    return _frame(
        rows["pupil"].to_numpy(), _C.DROPPED_OUT, presence.days(rows["left_on"]), presence.days(rows["change_on"])
    )


def _returns(followed: pd.DataFrame) -> pd.DataFrame:
    rows = followed[followed["back_change_on"].notna()]
    back = presence.days(rows["returned_on"])
    return _frame(rows["pupil"].to_numpy(), _C.RETURNED, back, presence.days(rows["back_change_on"]))


def _seated(rows: pd.DataFrame, lives: Lives) -> pd.DataFrame:
    """School year of the change, and where the pupil sat then."""
    index = seating.year_index(presence.days(rows["changed_on"]))
    pupil = rows["pupil"].to_numpy()
    school = lives.seats.school[pupil, index]
    leaves_from = rows["from_school"].isna() & (rows["change"] != _C.TRANSFER_IN)
    return rows.assign(
        school_year=np.array(timeline.YEARS)[index],
        grade=lives.seats.grade[pupil, index].astype(int),
        class_number=lives.seats.class_number[pupil, index].astype(int),
        from_school=rows["from_school"].where(~leaves_from, pd.Series(school, index=rows.index)),
    )
