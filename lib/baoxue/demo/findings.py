"""What the registers must find as of the day of the truth, read from lives and plants, never from the files."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue.demo import households, presence, roles, seating, snapshots, timeline
from baoxue.demo.facts import Facts, all_not_arrived
from baoxue.demo.timeline import LATEST_REGISTRY, Days

THIS_YEAR = timeline.september(2024)


def findings(facts: Facts) -> pd.DataFrame:
    """What the registers must find as of `timeline.AS_OF`: `id_number, finding, since`."""
    rows = pd.concat([make(facts) for make in _FINDINGS], ignore_index=True)
    rows.insert(0, "id_number", facts.everyone["id_number"].to_numpy()[rows.pop("child").astype(int)])
    rows["since"] = pd.to_datetime(rows["since"])
    return rows.sort_values(["finding", "id_number"], kind="stable", ignore_index=True)


def _frame(finding: str, child: np.ndarray, since: Days | np.datetime64) -> pd.DataFrame:
    return pd.DataFrame({"child": child, "finding": finding, "since": since})


def _never_enrolled(facts: Facts) -> pd.DataFrame:
    """Planted ones since they were both of school age and registered; children who did not arrive since this autumn."""
    child = np.flatnonzero(facts.everyone["role"] == roles.NEVER_ENROLLED)
    entry = facts.everyone["entry"].to_numpy()[child]
    on_register = np.array(timeline.HOUSEHOLD_DAYS)[facts.seen[child]]
    first = np.array([timeline.YEARS[y] for y in seating.year_index(on_register)])
    since = np.array([timeline.september(y) for y in np.maximum(entry, first)], dtype="datetime64[D]")
    late = all_not_arrived(facts)
    listed = households.whereabouts(facts.lives, facts.everyone, facts.chosen, timeline.LATEST_HOUSEHOLDS) != ""
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
    child = np.flatnonzero(facts.everyone["role"] == roles.UNREGISTERED)
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
    return _frame("not_arrived", all_not_arrived(facts), THIS_YEAR)


def _marks(facts: Facts) -> pd.DataFrame:
    missed, extra = facts.made.marks_missed, facts.chosen.unsupported
    return pd.concat(
        [
            _frame("group_mark_missing", missed["child"].to_numpy(), missed["since"].to_numpy()),
            _frame("group_mark_unsupported", extra["pupil"].to_numpy(), extra["since"].to_numpy()),
        ]
    )


def _aid(facts: Facts) -> pd.DataFrame:
    term = timeline.CHECKED_TERM
    first = timeline.term_start(term.year, term.number)
    return pd.concat(
        [_frame("aid_missing", facts.unpaid, first), _frame("aid_unentitled", facts.chosen.aid_unentitled, first)]
    )


_FINDINGS = (
    _never_enrolled, _on_roll_not_in_class, _in_class_not_on_roll, _duplicates, _transfers, _suspension_findings,
    _not_arrived_findings, _marks, _aid,
)  # fmt: skip
