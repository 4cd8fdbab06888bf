"""What the comparison cannot see: rules that need judgement, why each may miss a child, and how many it may concern."""

from __future__ import annotations

import pandas as pd

from baoxue.codes import Change
from baoxue.registers.rules import Finding
from baoxue.registers.sides import Sides
from baoxue.store import Known

JUDGED: tuple[Finding, ...] = (
    "never_enrolled", "on_roll_not_in_class", "in_class_not_on_roll", "transfer_unconfirmed", "suspension_expired",
    "not_arrived", "group_mark_unsupported",
)  # fmt: skip
"""Findings that no record settles alone; of the others the records themselves are the disagreement."""


def beyond(known: Known) -> pd.DataFrame:
    """`finding, judged, untold`: a row per finding of JUDGED, in the order of reports.

    `judged` names the reason in the catalogue (`registers.judged_…`) for which the rule may miss a child or name one
    who is where it should be; `untold` counts the children or classes as of the day of whom the rule cannot tell:
    children on the registry without an identity number, rows of the latest rosters without any number, transfers out
    still within their time, admitted children on no registry of whom nobody says where they are; empty where nothing
    can be counted.
    """
    at = Sides(known)
    counts: dict[Finding, int] = {
        "never_enrolled": _without_number(at),
        "in_class_not_on_roll": _nameless(at),
        "transfer_unconfirmed": _recent(at, Change.TRANSFER_OUT, at.rules.transfer_confirmed_within_days),
        "not_arrived": _unverified(at),
    }
    untold = [counts.get(finding) for finding in JUDGED]
    return pd.DataFrame({"finding": JUDGED, "judged": JUDGED, "untold": pd.array(untold, "Int64")})


def _without_number(at: Sides) -> int:
    """Children on the registry by a registry number alone: the household register has only identity numbers."""
    rows = at.registry
    return int(rows.filter(~rows.has_id).pupil.nunique().execute())


def _nameless(at: Sides) -> int:
    """Rows of the latest class rosters without any number."""
    return int(at.rosters.filter(at.rosters.pupil.isnull()).count().execute())


def _recent(at: Sides, change: Change, days: int) -> int:
    """Transfers out whose time to be confirmed has not passed yet."""
    rows = at.changes.filter(at.changes.change == change, at.changes.confirmed_on.isnull())
    since = pd.Timestamp(at.as_of) - pd.Timedelta(days=days)
    return int(rows.filter(rows.changed_on > since.date()).pupil.nunique().execute())


def _unverified(at: Sides) -> int:
    """Admitted children on no registry of whom no verified record says where they are."""
    rows = at.admissions.anti_join(at.registry, "pupil")
    return int(rows.filter(rows.whereabouts.isnull()).pupil.nunique().execute())
