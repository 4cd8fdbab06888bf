"""The calendar of duty: what was to be done by whom until when, and whether it was done, late, or not at all.

A duty is asked for from the county's first record of its kind on, so a county that keeps no such record is asked for
nothing. Records are the county's: a duty done and not written down counts as missed.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.codes import Arrival, InspectionResult, MeetingKind, Whereabouts
from baoxue.support.settings import rules

if TYPE_CHECKING:
    from baoxue.store import Known

DUTIES = ("term_start", "passage", "publicity", "inspection", "mending", "leading_group", "special_meeting", "referral")
"""In the order of the school year and of reports."""
STATES = ("done", "late", "missed", "ahead")
"""Done in time, done late, not done though due, not due yet."""
COLUMNS = ["duty", "unit_kind", "unit", "starts_on", "due_on", "done_on", "state", "late_days"]


def planned(known: Known, since: dt.date) -> pd.DataFrame:
    """Every duty due from `since` to today, or begun by today: the columns of `COLUMNS`, ordered by duty, day and unit.

    `unit` is a township code, a school code, a referral, or empty for the county. `late_days`: natural days after
    `due_on` until done, or until today.
    """
    parts = [
        make(known) for make in (_term_starts, _passages, _publicity, _inspections, _mendings, _meetings, _referred)
    ]
    rows = pd.concat([part for part in parts if len(part)] or [pd.DataFrame(columns=COLUMNS[:6])], ignore_index=True)
    for name in ("starts_on", "due_on", "done_on"):
        rows[name] = pd.to_datetime(rows[name])
    today = pd.Timestamp(known.as_of)
    rows = rows[(rows["due_on"] >= pd.Timestamp(since)) & (rows["starts_on"] <= today)]
    done, over = rows["done_on"].notna(), rows["due_on"] < today
    state = pd.Series("ahead", index=rows.index).mask(over, "missed").mask(done, "done")
    state = state.mask(done & (rows["done_on"] > rows["due_on"]), "late")
    late = (rows["done_on"].fillna(today) - rows["due_on"]).dt.days.clip(lower=0)
    order = rows["duty"].map({duty: number for number, duty in enumerate(DUTIES)})
    rows = rows.assign(state=state, late_days=late.where(state.isin(["late", "missed"]), 0), _order=order)
    return rows.sort_values(["_order", "due_on", "unit_kind", "unit"], ignore_index=True)[COLUMNS]


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """By duty: `duty, planned` (due by today), `done, late, missed, ahead` and `late_days_max`; `planned` is the sum
    of the first three."""
    counts = pd.crosstab(rows["duty"], rows["state"]).reindex(
        index=[duty for duty in DUTIES if (rows["duty"] == duty).any()], columns=list(STATES), fill_value=0
    )
    due = counts["done"] + counts["late"] + counts["missed"]
    counts.insert(0, "planned", due)
    most = rows.groupby("duty")["late_days"].max().reindex(counts.index).fillna(0).astype(int)
    return counts.assign(late_days_max=most).rename_axis("duty").rename_axis(columns=None).reset_index()


def mending(known: Known) -> pd.DataFrame:
    """Problems that inspections found, by item: `item, problems, mended_in_time, mended_late, open, open_late`."""
    rows = known.table("inspections").filter(ibis._.verdict == InspectionResult.TO_MEND).to_pandas()
    by, mended = pd.to_datetime(rows["mend_by"]), pd.to_datetime(rows["mended_on"])
    is_open = mended.isna()
    flags = {
        "problems": pd.Series(True, index=rows.index), "mended_in_time": mended <= by, "mended_late": mended > by,
        "open": is_open, "open_late": is_open & (by < pd.Timestamp(known.as_of)),
    }  # fmt: skip
    counts = pd.DataFrame(flags).astype(int).groupby(rows["item"]).sum()
    return counts.rename_axis("item").reset_index()


def _publicity(known: Known) -> pd.DataFrame:
    rows = known.table("publicity").to_pandas()
    units = {"township": _townships(known), "school": _schools(known)}
    parts = []
    for kind, codes in units.items():
        done = rows.rename(columns={f"{kind}_code": "unit", "held_on": "day"})[["unit", "day"]].dropna()
        periods = _months(rows["held_on"], known.as_of, rules().publicity_months)
        parts.append(_asked("publicity", kind, codes, periods, done, rules().publicity_late_days))
    return pd.concat(parts, ignore_index=True)


def _inspections(known: Known) -> pd.DataFrame:
    rows = known.table("inspections").to_pandas()
    done = rows.rename(columns={"school_code": "unit", "inspected_on": "day"})[["unit", "day"]]
    periods = _months(rows["inspected_on"], known.as_of, rules().inspection_months)
    return _asked("inspection", "school", _schools(known), periods, done, 0)


def _mendings(known: Known) -> pd.DataFrame:
    rows = known.table("inspections").filter(ibis._.verdict == InspectionResult.TO_MEND, ibis._.mend_by.notnull())
    return rows.select(
        duty=ibis.literal("mending"), unit_kind=ibis.literal("school"), unit="school_code", starts_on="inspected_on",
        due_on="mend_by", done_on="mended_on",
    ).to_pandas()  # fmt: skip


def _meetings(known: Known) -> pd.DataFrame:
    rows = known.table("meetings").to_pandas()
    kinds = {
        "leading_group": (MeetingKind.LEADING_GROUP, rules().leading_group_per),
        "special_meeting": (MeetingKind.SPECIAL, rules().special_meeting_per),
    }
    parts = []
    for duty, (kind, per) in kinds.items():
        held = rows[rows["meeting"] == kind]
        periods = _terms(known, held["held_on"]) if per == "term" else _quarters(held["held_on"], known.as_of)
        done = held.assign(unit="").rename(columns={"held_on": "day"})[["unit", "day"]]
        parts.append(_asked(duty, "county", pd.Series([""]), periods, done, 0))
    return pd.concat(parts, ignore_index=True)


def _referred(known: Known) -> pd.DataFrame:
    rows = known.table("referrals")
    days = ibis.interval(days=rules().referral_answer_days)
    return rows.select(
        duty=ibis.literal("referral"), unit_kind=ibis.literal("referral"), unit="referral", starts_on="referred_on",
        due_on=(rows.referred_on + days).cast("date"), done_on="answered_on",
    ).to_pandas()  # fmt: skip


def _term_starts(known: Known) -> pd.DataFrame:
    """Every school's class count (在校) within so many days of the start of each term."""
    rows = known.table("rosters").select("school_code", "snapshot_on").distinct().to_pandas()
    done = rows.rename(columns={"school_code": "unit", "snapshot_on": "day"})
    terms = _terms(known, rows["snapshot_on"])
    ends = terms["due_on"]
    periods = terms.assign(due_on=terms["starts_on"] + pd.Timedelta(days=rules().term_start_days))
    asked = _asked("term_start", "school", _schools(known), periods, done, 0, until=ends)
    return asked


def _passages(known: Known) -> pd.DataFrame:
    """For each school that admits: the day on which all children admitted had arrived or were accounted for."""
    rows = known.table("admissions").filter(ibis._.to_school_code.notnull()).to_pandas()
    # 不详 accounts for nobody
    told = rows["whereabouts"].notna() & (rows["whereabouts"] != Whereabouts.UNKNOWN)
    seen = pd.to_datetime(rows["arrived_on"]).where(rows["arrival"] == Arrival.ARRIVED)
    seen = seen.fillna(pd.to_datetime(rows["whereabouts_checked_on"]).where(told))
    grouped = rows.assign(seen=seen, waits=seen.isna()).groupby(["admission_year", "to_school_code"])
    last = grouped.agg(done_on=("seen", "max"), waits=("waits", "any")).reset_index()
    due = last["admission_year"].map(lambda year: dt.date(year, rules().whereabouts_month, rules().whereabouts_day))
    starts = last["admission_year"].map(lambda year: dt.date(year, 7, 1))
    return pd.DataFrame(
        {
            "duty": "passage", "unit_kind": "school", "unit": last["to_school_code"], "starts_on": starts,
            "due_on": due, "done_on": last["done_on"].where(~last["waits"]),
        }
    )  # fmt: skip


def _asked(
    duty: str, kind: str, units: pd.Series, periods: pd.DataFrame, done: pd.DataFrame, grace: int,
    until: pd.Series | None = None,
) -> pd.DataFrame:  # fmt: skip
    """A row per unit and period with the first day on which it was done: up to `until`, else `grace` days after due."""
    last = periods["due_on"] + pd.Timedelta(days=grace) if until is None else until
    every = periods.assign(until=last).merge(pd.DataFrame({"unit": units}), how="cross")
    days = done.assign(day=pd.to_datetime(done["day"]))
    pairs = every.merge(days, on="unit")
    pairs = pairs[(pairs["day"] >= pairs["starts_on"]) & (pairs["day"] <= pairs["until"])]
    first = pairs.groupby(["unit", "starts_on"])["day"].min().rename("done_on").reset_index()
    rows = every.merge(first, how="left", on=["unit", "starts_on"])
    return rows.assign(duty=duty, unit_kind=kind)[COLUMNS[:6]]


def _months(days: pd.Series, as_of: dt.date, months: tuple[int, ...]) -> pd.DataFrame:
    """These months from that of the first record to that of today."""
    first = pd.to_datetime(days).min()
    starts = pd.DatetimeIndex([]) if pd.isna(first) else pd.date_range(first.replace(day=1), as_of, freq="MS")
    starts = starts[starts.month.isin(months)]
    return pd.DataFrame({"starts_on": starts, "due_on": starts + pd.offsets.MonthEnd(0)})


def _quarters(days: pd.Series, as_of: dt.date) -> pd.DataFrame:
    """The quarters from that of the first record to that of today."""
    first = pd.to_datetime(days).min()
    if pd.isna(first):
        return pd.DataFrame({"starts_on": pd.to_datetime([]), "due_on": pd.to_datetime([])})
    starts = pd.date_range(first.to_period("Q").start_time, as_of, freq="QS")
    return pd.DataFrame({"starts_on": starts, "due_on": starts + pd.offsets.QuarterEnd(0)})


def _terms(known: Known, days: pd.Series) -> pd.DataFrame:
    """The terms from that of the first record to that of today; due at their end."""
    terms = known.table("terms").to_pandas()
    rows = pd.DataFrame({"starts_on": pd.to_datetime(terms["starts_on"]), "due_on": pd.to_datetime(terms["ends_on"])})
    first = pd.to_datetime(days).min()
    inside = (rows["due_on"] >= first) & (rows["starts_on"] <= pd.Timestamp(known.as_of))
    return rows[inside].sort_values("starts_on", ignore_index=True)


def _schools(known: Known) -> pd.Series:
    return known.table("schools").order_by("school_code").to_pandas()["school_code"]


def _townships(known: Known) -> pd.Series:
    """The townships in which children live by the household register, and those of the schools."""
    homes = known.table("households").select("township_code").distinct()
    rows = homes.union(known.table("schools").select("township_code"), distinct=True)
    return rows.filter(rows.township_code.notnull()).order_by("township_code").to_pandas()["township_code"]
