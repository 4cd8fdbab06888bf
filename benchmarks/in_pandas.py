"""The attendance features once more, in idiomatic pandas: a yardstick for time, and a check that both say the same."""

from __future__ import annotations

import pandas as pd

from baoxue.codes import Absence, Session, Status
from baoxue.features.settings import visits
from baoxue.panel import school_days
from baoxue.store import Known

CLASS = ["school_code", "grade", "class"]


def tables(known: Known) -> dict[str, pd.DataFrame]:
    """The tables that attendance is read from, as frames; dates as timestamps."""
    found = {name: known.table(name).to_pandas() for name in ("enrolments", "rolls", "absences")}
    for frame in found.values():
        for column in {"date", "snapshot_on"} & set(frame):
            frame[column] = pd.to_datetime(frame[column])
    days = school_days(known)
    far = days[days < pd.Timestamp(known.as_of)][-visits().long_school_days :]
    return found | {"days": pd.DataFrame({"date": far, "back": range(len(far) - 1, -1, -1)})}


def attendance(given: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The attendance columns of `features.attendance.attendance`, indexed by pupil."""
    days = pupil_days(given)
    seen = days[days["is_seen"]]
    recent = seen[seen["back"] < visits().recent_school_days]
    sums = seen.groupby("pupil")[["unexcused", "sick", "leave", "late", "absent"]].sum()
    near = recent.groupby("pupil")[["unexcused", "absent"]].sum()
    table = pd.DataFrame(index=pd.Index(sorted(days["pupil"].unique()), name="pupil"))
    table["seen_recent_days"] = recent.groupby("pupil").size()
    table["seen_long_days"] = seen.groupby("pupil").size()
    for name in ("unexcused", "sick", "leave", "late"):
        table[f"{name}_long_pct"] = 100 * sums[name] / table["seen_long_days"]
    for name in ("unexcused", "absent"):
        table[f"{name}_recent_pct"] = 100 * near[name] / table["seen_recent_days"]
    earlier = (table["seen_long_days"] - table["seen_recent_days"].fillna(0)).replace(0, float("nan"))
    before = 100 * (sums["absent"] - near["absent"].reindex(sums.index).fillna(0)) / earlier
    table["absence_change_points"] = table["absent_recent_pct"] - before
    unexcused, absent = runs(seen, "unexcused"), runs(seen, "absent")
    was_seen = table["seen_long_days"].notna()
    longest = unexcused.groupby("pupil")["days"].max().reindex(table.index)
    current = absent[absent["is_open"]].groupby("pupil")["days"].max().reindex(table.index)
    table["longest_run_days"] = longest.fillna(0).where(was_seen)
    table["current_run_days"] = current.fillna(0).where(was_seen)
    return table.fillna({"seen_recent_days": 0, "seen_long_days": 0})


def pupil_days(given: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """A row per pupil and school day of the window, as `features.attendance.pupil_days`."""
    listed = given["enrolments"]
    listed = listed[listed["status"].fillna(Status.ENROLLED.value) == Status.ENROLLED]
    listed = listed.sort_values(["school_code", "registration"]).drop_duplicates(["pupil", "snapshot_on"])
    snapshots = pd.DataFrame({"snapshot_on": sorted(given["enrolments"]["snapshot_on"].unique())})
    days = pd.merge_asof(given["days"], snapshots, left_on="date", right_on="snapshot_on").dropna()
    rows = listed[["pupil", "snapshot_on", *CLASS]].merge(days, on="snapshot_on")
    rolls = given["rolls"]
    rolls = rolls.loc[rolls["is_taken"].fillna(False).astype(bool), [*CLASS, "date"]].drop_duplicates()
    rows = rows.merge(rolls.assign(is_taken=True), on=[*CLASS, "date"], how="left")
    rows = rows.merge(_absences(given["absences"], days["date"].min()), on=["pupil", "date"], how="left")
    amounts = rows[["unexcused", "sick", "leave", "late"]].fillna(0)
    absent = amounts[["unexcused", "sick", "leave"]].sum(axis=1).clip(upper=1)
    is_seen = rows["is_taken"].notna() | rows["unexcused"].notna()
    return rows[["pupil", "date", "back"]].assign(**amounts, absent=absent, is_seen=is_seen)


def runs(seen: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Whole days of a kind in a row among the days seen: `pupil, days, is_open`."""
    rows = seen.sort_values(["pupil", "date"])
    is_missed = rows[kind] >= 1
    begins = (rows["pupil"] != rows["pupil"].shift()) | (is_missed != is_missed.shift())
    rows = rows.assign(run=begins.cumsum(), last=rows.groupby("pupil")["date"].transform("max"))[is_missed]
    found = rows.groupby(["pupil", "run"]).agg(days=("date", "size"), ends_on=("date", "max"), last=("last", "max"))
    return found.assign(is_open=found["ends_on"] == found["last"]).reset_index()


def _absences(rows: pd.DataFrame, first: pd.Timestamp) -> pd.DataFrame:
    rows = rows[rows["date"] >= first]
    part = (rows["session"] == Session.DAY).map({True: 1.0, False: 0.5})
    kinds = {"unexcused": Absence.UNEXCUSED, "sick": Absence.SICK, "leave": Absence.LEAVE}
    amounts = {name: part.where(rows["absence"] == kind, 0.0) for name, kind in kinds.items()}
    late = rows["absence"].isin([Absence.LATE, Absence.EARLY]).astype(int)
    return rows[["pupil", "date"]].assign(**amounts, late=late).groupby(["pupil", "date"], as_index=False).sum()
