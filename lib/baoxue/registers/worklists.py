"""What the findings mean for the people who check them: what is new, what has waited, who has what to do."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from baoxue.registers.rules import COMPARISONS, FINDINGS, TOTAL, Checker

_KEY = ["pupil", "finding"]
MOVES = ("new", "open", "cleared")


def month_end_before(day: dt.date) -> dt.date:
    """The last day of the month before.

    >>> month_end_before(dt.date(2024, 11, 30))
    datetime.date(2024, 10, 31)
    """
    return day.replace(day=1) - dt.timedelta(days=1)


def moves(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The findings of two days in one table with `move`: `new`, `open` (in both) or `cleared` (only before).

    A row's other columns are as of now, of a cleared finding as of before. Ordered as `findings` are, cleared last.
    """
    was, stands = pd.MultiIndex.from_frame(before[_KEY]), pd.MultiIndex.from_frame(now[_KEY])
    current = now.assign(move=pd.Series(stands.isin(was), index=now.index).map({True: "open", False: "new"}))
    cleared = before[~was.isin(stands)].assign(move="cleared")
    return pd.concat([current, cleared], ignore_index=True)


def move_counts(moved: pd.DataFrame) -> pd.DataFrame:
    """A row per finding: `finding, before, cleared, new, now`; before - cleared + new = now."""
    counts = pd.crosstab(moved["finding"], moved["move"])
    counts = counts.reindex(index=list(FINDINGS), columns=list(MOVES), fill_value=0)
    return pd.DataFrame(
        {
            "finding": counts.index,
            "before": (counts["open"] + counts["cleared"]).to_numpy(),
            "cleared": counts["cleared"].to_numpy(),
            "new": counts["new"].to_numpy(),
            "now": (counts["open"] + counts["new"]).to_numpy(),
        }
    )


def waiting(found: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """A row per finding that there is: `finding, open_findings, median_days, longest_days` since the day it arose."""
    days = found.assign(days=_days_open(found, as_of)).groupby("finding")["days"].agg(["size", "median", "max"])
    days = days.reindex([finding for finding in FINDINGS if finding in days.index])
    return pd.DataFrame(
        {
            "finding": days.index,
            "open_findings": days["size"].astype(int).to_numpy(),
            "median_days": days["median"].round().astype(int).to_numpy(),
            "longest_days": days["max"].astype(int).to_numpy(),
        }
    )


def longest_open(found: pd.DataFrame, as_of: dt.date, rows: int) -> pd.DataFrame:
    """The `rows` findings open longest, with `open_days`; of equal length in the order of `found`."""
    dated = found.assign(open_days=_days_open(found, as_of))
    return dated.sort_values("open_days", ascending=False, kind="stable").head(rows).reset_index(drop=True)


def work_list(found: pd.DataFrame, checked_by: Checker, place: str | None = None) -> pd.DataFrame:
    """What a school (`place`: its code), a township (its code) or the bureau has to check, a row per finding.

    A finding whose place nobody knows falls to the bureau. Without `place`, the lists of all schools or townships, one
    after the other. Ordered by place, grade, class, pupil and finding: by where the child is, never by urgency.
    """
    column = "township_code" if checked_by == "township" else "school_code"
    mine = found[responsible(found) == checked_by]
    mine = mine[mine[column] == place] if place is not None else mine
    order = mine["finding"].map({finding: number for number, finding in enumerate(FINDINGS)})
    keys = [column, "grade", "class", "pupil", "_order"]
    return mine.assign(_order=order).sort_values(keys, kind="stable").drop(columns="_order").reset_index(drop=True)


def tasks(found: pd.DataFrame) -> pd.DataFrame:
    """`checked_by, places, findings, children`: how much lies with schools, townships and the bureau."""
    rows = found.assign(checked_by=responsible(found))
    place = rows["school_code"].where(rows["checked_by"] == "school", rows["township_code"])
    rows = rows.assign(place=place.where(rows["checked_by"] != "bureau", "bureau"))
    counted = rows.groupby("checked_by").agg(
        places=("place", "nunique"), findings=("finding", "size"), children=("pupil", "nunique")
    )
    return counted.reindex(["school", "township", "bureau"], fill_value=0).rename_axis("checked_by").reset_index()


def by_place(found: pd.DataFrame, column: str = "school_code") -> pd.DataFrame:
    """Findings of each school (or `township_code`) by comparison: the total first, then by code, an unknown place last.

    Columns: `column`, `now` (all findings), then one per comparison of COMPARISONS.
    """
    comparison = {finding: name for name, findings in COMPARISONS.items() for finding in findings}
    kind = found["finding"].map(comparison)
    counts = pd.crosstab(found[column].fillna(""), kind).reindex(columns=list(COMPARISONS), fill_value=0)
    counts = pd.concat([counts.sum().to_frame(TOTAL).T, counts[counts.index != ""], counts[counts.index == ""]])
    counts.insert(0, "now", counts.sum(axis=1))
    counts = counts.rename_axis(column).reset_index()
    return counts.assign(**{column: counts[column].mask(counts[column] == "")})


def responsible(found: pd.DataFrame) -> pd.Series:
    """Who has to check each finding, the bureau where the school or township of it is not known."""
    homeless = (found["checked_by"] == "township") & found["township_code"].isna()
    schoolless = (found["checked_by"] == "school") & found["school_code"].isna()
    return found["checked_by"].mask(homeless | schoolless, "bureau")


def _days_open(found: pd.DataFrame, as_of: dt.date) -> pd.Series:
    return (pd.Timestamp(as_of) - pd.to_datetime(found["since"])).dt.days
