"""What is true in the simulated county, for tests and benchmarks: who left, how likely it was, what registers must find.

Nothing here reads a file of the drop or applies a rule of the registers to it: every row follows from lives and plants.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from baoxue.demo import departments, people, presence, schooling, snapshots, timeline
from baoxue.demo.attendance import Attendance
from baoxue.demo.departments import Lists
from baoxue.demo.lives import Lives
from baoxue.demo.plants import Plants
from baoxue.demo.timeline import LATEST_REGISTRY, Days

THIS_YEAR = timeline.september(2024)
WAYS = np.array(["slow", "sudden", "wave"])


@dataclass(frozen=True)
class Facts:
    """Everything that truth is read from."""

    everyone: pd.DataFrame
    lives: Lives
    away: pd.DataFrame
    followed: pd.DataFrame
    chosen: Plants
    made: Lists
    attended: Attendance
    seen: np.ndarray
    unpaid: np.ndarray


def names(everyone: pd.DataFrame) -> np.ndarray:
    """How truth names a child: the ID number, or the registry number of one who has none."""
    return np.where(everyone["has_id"], everyone["id_number"], everyone["registry_number"])


def outcomes(facts: Facts) -> pd.DataFrame:
    """Every end of a school life and every leaving: `id_number, left_on, kind`, and what the contract leaves open.

    Also `returned_on` (empty: never), `way` (slow, sudden, wave; hidden: behind an unconfirmed transfer or an
    expired suspension) and `is_found` (a case was opened before the drop ended). Only `dropout` is leaving.
    """
    frames = [_leavings(facts), _hidden(facts), _ends(facts), _suspensions(facts), _not_arrived(facts)]
    rows = pd.concat(frames, ignore_index=True)
    rows.insert(0, "id_number", names(facts.everyone)[rows.pop("child")])
    rows["left_on"] = pd.to_datetime(rows["left_on"])
    return rows.sort_values(["left_on", "id_number", "kind"], kind="stable", ignore_index=True)


def hazards(facts: Facts) -> pd.DataFrame:
    """True chance of leaving within the month, `id_number, month, hazard`; only while at risk, by child and month."""
    name = names(facts.everyone)[: len(facts.lives.people)].astype(str)
    order = np.argsort(name, kind="stable")
    matrix = facts.lives.hazard[order]
    row, month = np.nonzero(~np.isnan(matrix))
    labels = timeline.clock().months.strftime("%Y-%m").to_numpy().astype(object)
    return pd.DataFrame(
        {"id_number": name[order].astype(object)[row], "month": labels[month], "hazard": matrix[row, month].astype(float)}
    )


def findings(facts: Facts) -> pd.DataFrame:
    """What the registers must find as of `timeline.AS_OF`: `id_number, finding, since`."""
    rows = pd.concat([make(facts) for make in _FINDINGS], ignore_index=True)
    rows.insert(0, "id_number", facts.everyone["id_number"].to_numpy()[rows.pop("child").astype(int)])
    rows["since"] = pd.to_datetime(rows["since"])
    return rows.sort_values(["finding", "id_number"], kind="stable", ignore_index=True)


def _frame(finding: str, child: np.ndarray, since: Days | np.datetime64) -> pd.DataFrame:
    return pd.DataFrame({"child": child, "finding": finding, "since": since})


def _leavings(facts: Facts) -> pd.DataFrame:
    rows = facts.followed
    return pd.DataFrame(
        {
            "child": rows["pupil"], "left_on": rows["left_on"], "kind": "dropout", "returned_on": rows["returned_on"],
            "way": WAYS[rows["way"]], "is_found": rows["opened_on"].notna(),
        }
    )  # fmt: skip


def _hidden(facts: Facts) -> pd.DataFrame:
    """Leavings that look like something else in every file."""
    transfers, expired = facts.chosen.transfer_dropouts, facts.chosen.suspension_dropouts
    until = facts.lives.suspensions.set_index("pupil")["until_on"].loc[expired].to_numpy()
    left = np.concatenate([facts.lives.ends.gone_on[transfers], presence.days(pd.Series(until)) + 1])
    child = np.concatenate([transfers, expired])
    return pd.DataFrame({"child": child, "left_on": left, "kind": "dropout", "way": "hidden", "is_found": False})


def _ends(facts: Facts) -> pd.DataFrame:
    ends = facts.lives.ends
    counted = ~np.isin(ends.kind, ("", schooling.LEFT, schooling.NOT_ARRIVED))
    counted[facts.chosen.transfer_dropouts] = False
    child = np.flatnonzero(counted)
    return pd.DataFrame({"child": child, "left_on": ends.gone_on[child], "kind": ends.kind[child]})


def _suspensions(facts: Facts) -> pd.DataFrame:
    rows = facts.lives.suspensions
    return pd.DataFrame(
        {"child": rows["pupil"], "left_on": rows["from_on"], "kind": "suspension", "returned_on": rows["resumed_on"]}
    )


def _not_arrived(facts: Facts) -> pd.DataFrame:
    return pd.DataFrame({"child": _all_not_arrived(facts), "left_on": THIS_YEAR, "kind": "not_arrived"})


def _all_not_arrived(facts: Facts) -> np.ndarray:
    extra = np.flatnonzero(facts.everyone["role"] == people.NOT_ARRIVED)
    return np.concatenate([facts.chosen.not_arrived, extra])


def _never_enrolled(facts: Facts) -> pd.DataFrame:
    """Planted ones since they were both of school age and registered; children who did not arrive since this autumn."""
    child = np.flatnonzero(facts.everyone["role"] == people.NEVER_ENROLLED)
    entry = facts.everyone["entry"].to_numpy()[child]
    on_register = np.array(timeline.HOUSEHOLD_DAYS)[facts.seen[child]]
    first = np.array([timeline.YEARS[y] for y in schooling.year_index(on_register)])
    since = np.array([timeline.september(y) for y in np.maximum(entry, first)], dtype="datetime64[D]")
    late = _all_not_arrived(facts)
    listed = snapshots.whereabouts(facts.lives, facts.everyone, facts.chosen, timeline.LATEST_HOUSEHOLDS) != ""
    late = late[listed[late]]
    return pd.concat([_frame("never_enrolled", child, since), _frame("never_enrolled", late, THIS_YEAR)])


def _on_roll_not_in_class(facts: Facts) -> pd.DataFrame:
    """Enrolled by the registry and not in class, or in class on paper only; and second records at another school."""
    lives, day = facts.lives, LATEST_REGISTRY
    grade, _, _ = lives.seats.on(day)
    enrolled = (grade > 0) & (presence.days(lives.people["joined_on"]) <= day) & ~(lives.ends.off_registry_on <= day)
    enrolled &= snapshots.statuses(lives, facts.followed, day) == "在读"
    gone = np.flatnonzero(enrolled & ~presence.sitting(lives, facts.away, day))
    twice = facts.chosen.duplicates
    elsewhere = twice.loc[twice["school"] != lives.seats.on(day)[1][twice["pupil"]], "pupil"].to_numpy()
    return pd.concat(
        [
            _frame("on_roll_not_in_class", gone, _first_missed(facts, gone)),
            _frame("on_roll_not_in_class", elsewhere, day),
        ]
    )


def _first_missed(facts: Facts, child: np.ndarray) -> Days:
    """The first day of absence written down in the stretch that is still going on, else the roster's date."""
    clock = timeline.clock()
    stretch = facts.away[(facts.away["from_on"] <= LATEST_REGISTRY) & (facts.away["until_on"] > LATEST_REGISTRY)]
    start = stretch[stretch["why"] != "before"].groupby("pupil")["from_on"].max().reindex(child)
    rows = facts.attended.absences
    rows = rows[rows["pupil"].isin(child) & (rows["kind"] == 0)]
    dated = pd.DataFrame({"pupil": rows["pupil"].to_numpy(), "date": clock.school_days[rows["day"].to_numpy()]})
    dated = dated[(dated["date"] >= dated["pupil"].map(start)) & (dated["date"] <= LATEST_REGISTRY)]
    return presence.days(dated.groupby("pupil")["date"].min().reindex(child).fillna(pd.Timestamp(LATEST_REGISTRY)))


def _in_class_not_on_roll(facts: Facts) -> pd.DataFrame:
    child = np.flatnonzero(facts.everyone["role"] == people.UNREGISTERED)
    return _frame("in_class_not_on_roll", child, LATEST_REGISTRY)


def _duplicates(facts: Facts) -> pd.DataFrame:
    twice, shared = facts.chosen.duplicates, facts.chosen.shared
    return pd.concat(
        [
            _frame("duplicate_registry", twice["pupil"].to_numpy(), twice["since"].to_numpy()),
            _frame("shared_registry_number", shared["pupil"].to_numpy(), shared["since"].to_numpy()),
            _frame("shared_registry_number", shared["owner"].to_numpy(), shared["since"].to_numpy()),
        ]
    )


def _transfers(facts: Facts) -> pd.DataFrame:
    child = facts.chosen.transfer_unconfirmed
    return _frame("transfer_unconfirmed", child, facts.lives.ends.changed_on[child])


def _suspension_findings(facts: Facts) -> pd.DataFrame:
    rows = facts.lives.suspensions.set_index("pupil")
    expired, unapproved = facts.chosen.suspension_expired, facts.chosen.suspension_unapproved
    return pd.concat(
        [
            _frame("suspension_expired", expired, presence.days(rows["until_on"].loc[expired]) + 1),
            _frame("suspension_unapproved", unapproved, presence.days(rows["from_on"].loc[unapproved])),
        ]
    )


def _not_arrived_findings(facts: Facts) -> pd.DataFrame:
    return _frame("not_arrived", _all_not_arrived(facts), THIS_YEAR)


def _marks(facts: Facts) -> pd.DataFrame:
    missed, extra = facts.made.marks_missed, facts.chosen.unsupported
    return pd.concat(
        [
            _frame("group_mark_missing", missed["child"].to_numpy(), missed["since"].to_numpy()),
            _frame("group_mark_unsupported", extra["pupil"].to_numpy(), extra["since"].to_numpy()),
        ]
    )


def _aid(facts: Facts) -> pd.DataFrame:
    term = departments.CHECKED_TERM
    first = timeline.term_start(term.year, term.number)
    return pd.concat(
        [_frame("aid_missing", facts.unpaid, first), _frame("aid_unentitled", facts.chosen.aid_unentitled, first)]
    )


_FINDINGS = (
    _never_enrolled, _on_roll_not_in_class, _in_class_not_on_roll, _duplicates, _transfers, _suspension_findings,
    _not_arrived_findings, _marks, _aid,
)  # fmt: skip


def write(facts: Facts, damages: pd.DataFrame, out: Path) -> None:
    """Write the truth: outcomes, hazards, findings, and what was damaged on purpose (`damages.parquet`)."""
    out.mkdir(parents=True)
    tables = {"outcomes": outcomes(facts), "findings": findings(facts), "damages": damages, "hazards": hazards(facts)}
    for name, rows in tables.items():
        schema = [(column, _arrow_type(column, rows[column])) for column in rows.columns]
        pq.write_table(pa.Table.from_pandas(rows, schema=pa.schema(schema), preserve_index=False), out / f"{name}.parquet")


def _arrow_type(column: str, values: pd.Series) -> pa.DataType:
    if pd.api.types.is_datetime64_any_dtype(values):
        return pa.date32()
    if pd.api.types.is_float_dtype(values):
        return pa.float64()
    if column == "row":
        return pa.int64()
    return pa.bool_() if column == "is_found" else pa.string()
