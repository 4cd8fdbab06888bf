"""The board of cases: what is open, whose move it is, what is overdue, and whether low-income children are all back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.calendar import SchoolYear
from baoxue.cases import duties
from baoxue.cases.facts import KEY, LEFT, facts
from baoxue.cases.homes import homes, low_income_spells
from baoxue.cases.states import OPEN, RULE_OF, STATES, Owner
from baoxue.cases.steps import due, skipped
from baoxue.codes import DutyLevel
from baoxue.remembered import remembered

if TYPE_CHECKING:
    from baoxue.store import Known

OF_AGE = 16
"""Full years from which a child is no longer a minor under 16 (Law on the Protection of Minors art. 61)."""

COLUMNS = (
    "case", "pupil", "state", "state_since", "due_on", "overdue_days", "responsible", "owner", "duty_level",
    "is_open", "is_of_age", "school_code", "grade", "class", "stage", "township_code", "village", "household",
    "is_low_income",
    "clue", "opened_on", "first_absent_on", "conclusion", "concluded_on", "dropout_reason", "closed_on", "closing",
    "visits", "skipped",
)  # fmt: skip


@remembered
def case_table(known: Known) -> pd.DataFrame:
    """Every case known, a row each, with its state, deadline and who answers for it; ordered by case and pupil.

    The first seven columns are the contract of `restricted/cases.parquet`. `responsible` is the pseudonym of the person
    whom the duty chain names for the next move, empty if it names nobody; a child without a school is answered for by
    the village. `is_low_income`: on the low-income list on any day of the case. `is_of_age`: 16 full years on 1
    September of the school year, so that the case is for a person to settle as such. `skipped` names steps gone past.
    """
    rows = _placed(known)
    rows = rows.left_join(skipped(known), list(KEY)).drop("case_right", "pupil_right")
    rows = _answered_for(rows, known)
    frame = rows.select(*COLUMNS).to_pandas().sort_values(list(KEY), ignore_index=True)
    dates = [name for name in COLUMNS if name.endswith("_on") or name == "state_since"]
    return frame.assign(
        **{name: pd.to_datetime(frame[name]) for name in dates},
        overdue_days=frame["overdue_days"].astype("int64"),
        grade=frame["grade"].astype("Int32"),
        visits=frame["visits"].fillna(0).astype("int64"),
    )


def whose_move(table: pd.DataFrame) -> pd.DataFrame:
    """Open cases by whose move it is and by state, in the order of the procedure.

    Columns: `owner, state, cases, overdue, overdue_days_median, overdue_days_max, unanswered` (nobody is named).
    """
    rows = table[table["is_open"]].assign(overdue=lambda t: t["overdue_days"] > 0)
    late = rows["overdue_days"].where(rows["overdue"])
    grouped = rows.assign(late=late, unanswered=rows["responsible"].isna()).groupby(["owner", "state"])
    board = grouped.agg(
        cases=("case", "size"),
        overdue=("overdue", "sum"),
        overdue_days_median=("late", "median"),
        overdue_days_max=("late", "max"),
        unanswered=("unanswered", "sum"),
    ).reset_index()
    order = {rule.state.value: number for number, rule in enumerate(STATES)}
    return board.sort_values("state", key=lambda states: states.map(order), ignore_index=True)


def clearance(known: Known, first: dt.date, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """动态清零: month by month from that of `first`, the stock of children who have left, new, closed and left over.

    Columns: `month` (its first day), `group` (`low_income`, `all`), `stock, new, closed, left`; `stock + new - closed =
    left`. A child counts from the conclusion (辍学, 失联) until the case is closed; the last month goes to the day of
    `known`.
    """
    rows = case_table(known) if table is None else table
    rows = rows[rows["conclusion"].isin(list(LEFT))]
    months = pd.date_range(pd.Timestamp(first).replace(day=1), known.as_of, freq="MS")
    groups = {"low_income": rows[rows["is_low_income"]], "all": rows}
    parts = [_month_counts(group, months).assign(group=name) for name, group in groups.items()]
    return pd.concat(parts, ignore_index=True)[["month", "group", "stock", "new", "closed", "left"]]


def by_place(table: pd.DataFrame, place: str) -> pd.DataFrame:
    """Open and overdue cases by a column of place, in code order: `cases, overdue, left_school, to_close`."""
    rows = table[table["is_open"]].assign(
        overdue=lambda t: t["overdue_days"] > 0, left_school=lambda t: t["conclusion"].isin(list(LEFT))
    )
    counted = rows.groupby(place, dropna=False).agg(
        cases=("case", "size"), overdue=("overdue", "sum"), left_school=("left_school", "sum")
    )
    return counted.reset_index().sort_values(place, ignore_index=True)


def _month_counts(rows: pd.DataFrame, months: pd.DatetimeIndex) -> pd.DataFrame:
    came = rows["concluded_on"].dt.to_period("M").value_counts()
    went = rows["closed_on"].where(rows["closed_on"] >= rows["concluded_on"], rows["concluded_on"])
    went = went.where(rows["closed_on"].notna()).dt.to_period("M").value_counts()
    periods = months.to_period("M")
    new, closed = came.reindex(periods, fill_value=0), went.reindex(periods, fill_value=0)
    before = came[came.index < periods[0]].sum() - went[went.index < periods[0]].sum()
    left = before + (new - closed).cumsum()
    counts = {"stock": left - new + closed, "new": new, "closed": closed, "left": left}
    return pd.DataFrame({name: values.to_numpy(dtype="int64") for name, values in counts.items()}).assign(month=months)


def _placed(known: Known) -> ibis.Table:
    rows = due(known).inner_join(facts(known), list(KEY))
    rows = rows.left_join(homes(known), "pupil").drop("pupil_right")
    rows = rows.left_join(_low_income(known), list(KEY)).drop("case_right", "pupil_right")
    owner = ibis.cases(*((rows.state == state.value, rule.owner.value) for state, rule in RULE_OF.items()))
    duty = ibis.cases(*((rows.state == state.value, rule.duty.value) for state, rule in RULE_OF.items() if rule.duty))
    in_school_line = duty.isin([DutyLevel.SCHOOL.value, DutyLevel.CLASS.value])
    nowhere = rows.school_code.isnull() & in_school_line.fill_null(False)
    return rows.mutate(
        owner=ibis.ifelse(nowhere, Owner.TOWNSHIP.value, owner),
        duty_level=ibis.ifelse(nowhere, DutyLevel.VILLAGE.value, duty),
        is_open=rows.state.isin(OPEN),
        is_of_age=(rows.cohort <= SchoolYear.of(known.as_of).first - (OF_AGE - 6)).fill_null(False),
        is_low_income=rows.is_low_income.fill_null(False),
    )


def _low_income(known: Known) -> ibis.Table:
    spells = low_income_spells(known)
    pairs = facts(known).select(*KEY, "opened_on", "closed_on").inner_join(spells, "pupil")
    until = ibis.coalesce(pairs.closed_on, ibis.literal(known.as_of))
    on_list = (pairs.listed_on <= until) & (pairs.delisted_on.isnull() | (pairs.delisted_on > pairs.opened_on))
    return pairs.filter(on_list).select(*KEY).distinct().mutate(is_low_income=ibis.literal(True))


def _answered_for(rows: ibis.Table, known: Known) -> ibis.Table:
    named = duties.chain(known, rows.select(*KEY, *duties.PLACE))
    levels = [level for level in DutyLevel if f"holder_{level.name.lower()}" in named.columns]
    picks = named.select(*KEY, *(f"holder_{level.name.lower()}" for level in levels))
    rows = rows.left_join(picks, list(KEY)).drop("case_right", "pupil_right")
    holder = ibis.cases(*((rows.duty_level == level.value, rows[f"holder_{level.name.lower()}"]) for level in levels))
    return rows.mutate(responsible=holder)
