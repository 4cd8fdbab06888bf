"""What a case's papers tell in rows: its visits, its late steps, its days of watch; the child's year; the household."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from baoxue.cases.entries import in_order, year_began
from baoxue.cases.facts import KEY
from baoxue.cases.homes import homes
from baoxue.cases.states import history
from baoxue.cases.watch import watch
from baoxue.codes import Absence, Session

if TYPE_CHECKING:
    from baoxue.store import Known

Rows = dict[Any, list[dict[str, Any]]]


def of_cases(
    known: Known, rows: pd.DataFrame, visitors: pd.DataFrame, family: pd.DataFrame
) -> dict[Any, dict[str, list[dict[str, Any]]]]:
    """For each case and pupil of `rows` the lists that papers tell: `all_visits, path, watch_points, absences, marks,
    payments, children`.

    `visitors` are the names of who visited, by the key of a visit; `family` is what `children` gives, with names.
    """
    by_case = {
        "all_visits": _visits(known, rows, visitors),
        "path": _listed(_asked(history(known), rows, KEY), KEY, ["since"]),
        "watch_points": _listed(_asked(watch(known), rows, KEY), KEY, ["watch_day"]),
    }
    by_pupil = {"absences": _absences(known, rows), "marks": _marks(known, rows), "payments": _payments(known, rows)}
    homes_of = _listed(family, ("household",), [])
    told: dict[Any, dict[str, list[dict[str, Any]]]] = {}
    for row in rows[[*KEY, "household"]].itertuples(index=False):
        lists = {name: found.get((row.case, row.pupil), []) for name, found in by_case.items()}
        lists |= {name: found.get((row.pupil,), []) for name, found in by_pupil.items()}
        others = [child for child in homes_of.get((row.household,), []) if child["pupil"] != row.pupil]
        told[row.case, row.pupil] = lists | {"children": others}
    return told


def latest(details: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Of names that a table keeps apart, those known last, a row a key."""
    return details.sort_values("known_on", kind="stable").drop_duplicates(list(keys), keep="last")


def children(known: Known, rows: pd.DataFrame) -> pd.DataFrame:
    """The children whom the latest household register lists in the households of `rows`: `household, pupil`, school."""
    asked = sorted(rows["household"].dropna().unique()) or [""]
    there = homes(known).filter(ibis._.household.isin(asked) & ibis._.at_home)
    columns = ["household", "pupil", "sex", "head_relation", "school_name", "school_code", "township_code"]
    return in_order(there.select(*columns, "grade", "class", "status", "schooling").to_pandas(), "pupil")


def plain(value: Any) -> Any:
    """A cell as a text may say it: None where it is empty, a timestamp as its day, a whole float as an integer.

    >>> plain(pd.NaT), plain(pd.Timestamp("2024-09-01")), plain(3.0)
    (None, datetime.date(2024, 9, 1), 3)
    """
    if value is None or value is pd.NA or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _visits(known: Known, rows: pd.DataFrame, visitors: pd.DataFrame) -> Rows:
    visits = _asked(known.table("visits"), rows, KEY)
    keys = [*KEY, "attempt"]
    last = latest(visitors, keys)
    return _listed(visits.merge(last[[*keys, "visitor_name"]], on=keys, how="left"), KEY, ["attempt"])


def _absences(known: Known, rows: pd.DataFrame) -> Rows:
    """Days missed in the school year by kind: `absence, days`; a morning or an afternoon is half a day."""
    days = _asked(known.table("absences").filter(ibis._.date >= year_began(known)), rows, ("pupil",))
    days = days[~days["absence"].isin([Absence.LATE.value, Absence.EARLY.value])]
    days["days"] = days["session"].eq(Session.DAY.value).map({True: 1.0, False: 0.5})
    sums = days.groupby(["pupil", "absence"])["days"].sum().reset_index()
    return _listed(sums, ("pupil",), ["absence"])


def _marks(known: Known, rows: pd.DataFrame) -> Rows:
    """The marks of the last term in which there are any: `term, subject, mark, full_mark`."""
    marks = _asked(known.table("marks"), rows, ("pupil",))
    newest = marks.groupby("pupil")["known_on"].transform("max")
    terms = marks[marks["known_on"].eq(newest)][["pupil", "term"]].drop_duplicates("pupil")
    return _listed(marks.merge(terms, on=["pupil", "term"]), ("pupil",), ["subject"])


def _payments(known: Known, rows: pd.DataFrame) -> Rows:
    paid = _asked(known.table("aid").filter(ibis._.paid_on >= year_began(known)), rows, ("pupil",))
    return _listed(paid, ("pupil",), ["paid_on", "aid"])


def _asked(table: ibis.Table, rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The rows of a table about the cases or children asked for."""
    found = table.filter(table.pupil.isin(sorted(rows["pupil"].dropna().unique()) or [""])).to_pandas()
    return found.merge(rows[list(keys)].drop_duplicates(), on=list(keys))


def _listed(frame: pd.DataFrame, keys: Sequence[str], order: list[str]) -> Rows:
    ordered = frame.sort_values([*keys, *order], kind="stable") if order else frame
    return {
        key: [{str(name): plain(value) for name, value in row.items()} for row in part.to_dict("records")]
        for key, part in ordered.groupby(list(keys))
    }
