"""The registers of a day, each as the comparison needs it: the latest snapshots, the last movement, who is listed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cached_property

import ibis
import ibis.expr.types as ir
import pandas as pd

from baoxue.calendar import SchoolYear
from baoxue.codes import Absence, CareKind, Change, Review, Session
from baoxue.registers.rules import RegisterRules, rules
from baoxue.registers.states import BACK, OUT, REOPENS, is_on_registry, last_by, last_day
from baoxue.remembered import kept
from baoxue.store import Known

_REGISTRY = (
    "pupil", "registration", "has_id", "school_code", "grade", "class", "status", "boarding", "left_behind",
    "is_orphan", "needs_aid", "disability", "snapshot_on",
)  # fmt: skip


class Sides:
    """Every register as known on one day, in the form in which it is laid beside another.

    Tables are expressions on the connection of `known`; what many findings read is materialised once.
    """

    def __init__(self, known: Known, lang: str = "zh", county: RegisterRules | None = None) -> None:
        self.known = known
        self.lang = lang
        self.rules = county or rules()
        self.as_of = known.as_of
        self.year = SchoolYear.of(known.as_of)

    @cached_property
    def history(self) -> ir.Table:
        """The registry on every snapshot, only the columns compared."""
        return self.known.enrolments.select(*_REGISTRY)

    @cached_property
    def registry_days(self) -> list[dt.date]:
        """The days of registry snapshots, in order."""
        return _days(self.known.enrolments.snapshot_on)

    @cached_property
    def household_days(self) -> list[dt.date]:
        """The days of household snapshots, in order."""
        return _days(self.known.households.snapshot_on)

    @cached_property
    def registry(self) -> ir.Table:
        """The latest registry snapshot, every state; no rows while none was handed in."""
        return self._kept("registry", lambda: self.registry_on(self.registry_day))

    @cached_property
    def registry_day(self) -> dt.date | None:
        """The day of the latest registry snapshot; None while none was handed in."""
        return last_day(self.registry_days, self.as_of)

    def registry_in(self, first: dt.date | None, last: dt.date | None) -> ir.Table:
        """The registry of a term: its first snapshot from the first to the last day, else the last one before."""
        if first is None or last is None:
            return self.registry_on(None)
        within = min((day for day in self.registry_days if first <= day <= last), default=None)
        return self.registry_on(within or last_day(self.registry_days, first))

    def registry_on(self, day: dt.date | None) -> ir.Table:
        """The registry on the snapshot of that day."""
        return self.history.filter(self.history.snapshot_on == ibis.literal(day, type="date"))

    @cached_property
    def on_registry(self) -> ir.Table:
        """On the latest snapshot with 学籍状态 在读, or empty."""
        return self.registry.filter(is_on_registry(self.registry))

    @cached_property
    def households(self) -> ir.Table:
        """The latest household snapshot."""
        return self._kept("households", lambda: self.households_on(last_day(self.household_days, self.as_of)))

    def households_on(self, day: dt.date | None) -> ir.Table:
        """The household register on the snapshot of that day."""
        rows = self.known.households
        return rows.filter(rows.snapshot_on == ibis.literal(day, type="date"))

    @cached_property
    def rosters(self) -> ir.Table:
        """Each school's latest class roster: `pupil, school_code, grade, class, roster_on`; rows about nobody too."""
        return self._kept("rosters", self._latest_rosters)

    def _latest_rosters(self) -> ir.Table:
        rows = self.known.rosters
        latest = rows.group_by("school_code").agg(roster_on=rows.snapshot_on.max())
        joined = rows.join(latest, ["school_code", rows.snapshot_on == latest.roster_on])
        return joined.select("pupil", "school_code", "grade", "class", "roster_on")

    @cached_property
    def in_class(self) -> ir.Table:
        """Who sits in class by the latest rosters: a row per child and school, `pupil, school_code, roster_on`."""
        return self.rosters.filter(self.rosters.pupil.notnull()).select("pupil", "school_code", "roster_on").distinct()

    def seen_in_class(self, rows: ir.Table) -> ir.Table:
        """The rows with `seen_on`, the day of the latest roster of any school that has the child."""
        seen = self.in_class.group_by("pupil").agg(seen_on=self.in_class.roster_on.max())
        return rows.left_join(seen, "pupil").drop("pupil_right")

    @cached_property
    def roster_days(self) -> ir.Table:
        """`school_code, roster_on`, the day of each school's latest roster."""
        return self.rosters.select("school_code", "roster_on").distinct()

    @cached_property
    def admissions(self) -> ir.Table:
        """The admissions of the current 招生年度, that of the school year."""
        rows = self.known.admissions
        return rows.filter(rows.admission_year == self.year.first, rows.pupil.notnull())

    @cached_property
    def changes(self) -> ir.Table:
        """Every change of a known child."""
        return self.known.changes.filter(self.known.changes.pupil.notnull())

    @cached_property
    def standing(self) -> ir.Table:
        """The changes that were not sent back (退回): what was refused has changed nothing."""
        return self.changes.filter(self.changes.review.fill_null("") != Review.RETURNED)

    @cached_property
    def last_movement(self) -> ir.Table:
        """Each child's last change out of class or back: `pupil, change, changed_on, from_school_code, is_out`.

        On one day a change back stands after a change out: a transfer within the county is handed in as both.
        """
        return self._kept("last_movement", self._last_movement)

    def _last_movement(self) -> ir.Table:
        moved = self.standing.filter(self.standing.change.isin([*OUT, *BACK]))
        moved = moved.mutate(is_out=moved.change.isin(OUT))
        last = last_by(moved, "pupil", [moved.changed_on.desc(), moved.is_out, moved.change])
        return last.select("pupil", "change", "changed_on", "from_school_code", "is_out")

    @cached_property
    def suspensions(self) -> ir.Table:
        """Each child's last approved 休学, a change with `ends_on` and `reopened_on`.

        `ends_on` is 休学截止日期, else so many months after 变动日期; `reopened_on` the day of a 复学, transfer, death
        or emigration since, empty if there is none.
        """
        return self._kept(f"suspensions_{self.rules.suspension_months}", self._suspensions)

    def _suspensions(self) -> ir.Table:
        given = self.changes.filter((self.changes.change == Change.SUSPENDED) & (self.changes.review == Review.PASSED))
        default_end = given.changed_on + ibis.interval(months=self.rules.suspension_months)
        given = given.mutate(ends_on=given.suspended_until.fill_null(default_end))
        return self._with_reopening(last_by(given, "pupil", [given.changed_on.desc(), given.ends_on.desc()]))

    def _with_reopening(self, suspended: ir.Table) -> ir.Table:
        later = self.standing.filter(self.standing.change.isin(REOPENS)).select("pupil", later_on="changed_on")
        pairs = suspended.join(later, ["pupil", later.later_on > suspended.changed_on])
        ended = pairs.group_by("pupil").agg(reopened_on=pairs.later_on.min())
        return suspended.left_join(ended, "pupil").drop("pupil_right")

    @cached_property
    def listed(self) -> ir.Table:
        """The departments' lists in one: `pupil, group, listed_on, delisted_on`, a row per time on a list.

        Groups are `low_income`, `disabled`, `left_behind`, `orphan`, `unsupported`; the disabled list has no exit.
        """
        return self._kept("listed", self._listed)

    def _listed(self) -> ir.Table:
        poor, disabled, care = self.known.low_income, self.known.disabled, self.known.care
        groups = {CareKind.LEFT_BEHIND: "left_behind", CareKind.ORPHAN: "orphan", CareKind.UNSUPPORTED: "unsupported"}
        cared = care.filter(care.care.isin(list(groups)))
        kind = cared.care.substitute({str(kind): group for kind, group in groups.items()})
        parts = [
            poor.select("pupil", "listed_on", "delisted_on", group=ibis.literal("low_income")),
            disabled.select("pupil", "listed_on", delisted_on=ibis.null("date"), group=ibis.literal("disabled")),
            cared.select("pupil", "listed_on", "delisted_on", group=kind),
        ]
        rows = ibis.union(*(part.select("pupil", "group", "listed_on", "delisted_on") for part in parts))
        return rows.filter(rows.pupil.notnull())

    @cached_property
    def unexcused(self) -> ir.Table:
        """A row per child and day with any absence: `pupil, date, is_all_day`, true if 旷课 for the whole day."""
        rows = self.known.absences
        cut = rows.absence == Absence.UNEXCUSED
        by_day = rows.group_by("pupil", "date").agg(
            whole=(cut & (rows.session == Session.DAY)).any(),
            morning=(cut & (rows.session == Session.MORNING)).any(),
            afternoon=(cut & (rows.session == Session.AFTERNOON)).any(),
        )
        all_day = by_day.whole | (by_day.morning & by_day.afternoon)
        return by_day.select("pupil", "date", is_all_day=all_day)

    @cached_property
    def homes(self) -> ir.Table:
        """`pupil, home_township`: where the latest household snapshot finds the child."""
        rows = self.households
        return rows.group_by("pupil").agg(home_township=rows.township_code.min())

    def _kept(self, name: str, make: Callable[[], ir.Table]) -> ir.Table:
        return kept(self.known, f"registers_{name}", make)


def _days(column: ir.DateColumn) -> list[dt.date]:
    days = column.as_table().distinct().to_pandas().iloc[:, 0].dropna()
    return sorted(pd.to_datetime(days).dt.date)
