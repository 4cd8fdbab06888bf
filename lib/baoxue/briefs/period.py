"""A period of a report, month, quarter, term or school year: the tables that its sentences speak from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

import pandas as pd

from baoxue import rates, registers
from baoxue.calendar import SchoolYear
from baoxue.cases.board import case_table, whose_move
from baoxue.codes import VisitResult
from baoxue.rates.cube import TOTAL
from baoxue.rates.periods import Every, periods
from baoxue.registers import place_names
from baoxue.registers.tables import Named
from baoxue.store import Known, Store

KINDS: tuple[Every, ...] = ("month", "quarter", "term", "year")


class Places(Protocol):
    """The county and its townships by code, each with its names (`params/policy/places.yaml`)."""

    @property
    def county(self) -> Named: ...

    @property
    def townships(self) -> Mapping[str, Named]: ...


class Period:
    """The month, quarter or term in which `as_of` lies, up to that day, or the last school year that was over by it;
    all of it as known on `as_of`, every table computed at most once.

    `name` is the period as `rates.cases_by_period` names it, from `starts_on` to `ends_on`. What happened is counted
    over the period; what stands open (cases, findings) stands so on `as_of`. Raises ValueError for a kind that there
    is not, and for a period before the records begin or without the county's 校历.
    """

    def __init__(
        self, store: Store, as_of: dt.date | str, kind: str = "month", lang: str = "zh", places: Places | None = None
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"kind {kind!r}: there is no such brief; there is {', '.join(KINDS)}")
        self.known: Known = store.known_by(as_of)
        self.as_of = self.known.as_of
        self.kind = KINDS[KINDS.index(kind)]
        self.lang = lang
        self.places = places
        self._store = store
        self.name, self.starts_on, self.ends_on, self.is_complete = self._chosen()

    def _chosen(self) -> tuple[str, dt.date, dt.date, bool]:
        rows = periods(self.known, self.kind).order_by("starts_on").to_pandas()
        if self.kind == "year":
            rows = rows[rows["is_complete"]]
        if rows.empty:
            raise ValueError(f"no {self.kind} up to {self.as_of} is in the records")
        row = rows.iloc[-1]
        days = [pd.Timestamp(row[name]).date() for name in ("starts_on", "ends_on")]
        return str(row["period"]), days[0], days[1], bool(row["is_complete"]) or self._is_taught(str(row["period"]))

    def _is_taught(self, name: str) -> bool:
        """Whether this is a term whose last school day is over, though holidays until the next term belong to it."""
        terms = self.known.table("terms")
        over = terms.filter((terms.term == name) & (terms.ends_on <= self.as_of))
        return bool(over.count().execute())

    @property
    def year(self) -> SchoolYear:
        """The school year in which the period ends."""
        return SchoolYear.of(self.ends_on)

    @cached_property
    def names(self) -> dict[str, str]:
        """Schools and, if the places were given, townships by code, in the language's words."""
        townships = self.places.townships if self.places else {}
        return place_names(self.known, townships, self.lang)

    @cached_property
    def flows(self) -> pd.DataFrame:
        """`rates.cases_by_period` by period of this kind and stage."""
        return rates.cases_by_period(self.known, self.kind)

    @cached_property
    def months(self) -> pd.DataFrame:
        """The same by month, up to the end of the period, for the picture of months."""
        monthly = self.flows if self.kind == "month" else rates.cases_by_period(self.known, "month")
        return monthly[pd.to_datetime(monthly["until"]) <= pd.Timestamp(self.ends_on)].reset_index(drop=True)

    @cached_property
    def yearly(self) -> pd.DataFrame:
        """`rates.dropout_rate_on_registry` of each school year up to this one, at the same day (同期) or whole."""
        table = rates.dropout_rate_on_registry(self.known, same_period=self.kind != "year")
        return table[table["school_year"] <= self.year.first].reset_index(drop=True)

    @cached_property
    def cases(self) -> pd.DataFrame:
        """`cases.board.case_table`."""
        return case_table(self.known)

    @cached_property
    def board(self) -> pd.DataFrame:
        """Open cases by whose move it is."""
        return whose_move(self.cases)

    @cached_property
    def found(self) -> pd.DataFrame:
        """The register findings of the day."""
        return registers.findings(self.known, self.lang)

    @cached_property
    def found_before(self) -> pd.DataFrame:
        """The register findings of the day before the period began, as known then."""
        return registers.findings(self._store.known_by(self.starts_on - dt.timedelta(days=1)), self.lang)

    @cached_property
    def moves(self) -> pd.DataFrame:
        """The findings by kind: before, cleared, new, now."""
        return registers.move_counts(registers.moves(self.found_before, self.found))

    @cached_property
    def agreement(self) -> pd.DataFrame:
        """How many children agree in each comparison of registers."""
        return registers.agreement(self.known, self.found)

    @cached_property
    def review(self) -> pd.DataFrame:
        """`rates.quarter_review` since the beginning of the period."""
        return rates.quarter_review(self.known, self.starts_on)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """学生变动情况表 of the last span between two openings that ended by the end of the period, or at its turn."""
        table = rates.change_table_by_grade(self.known)
        table = table[table["school_year"] <= self.year.first]
        return table[table["school_year"] == table["school_year"].max()].reset_index(drop=True)

    @cached_property
    def ledgers(self) -> pd.DataFrame:
        """`rates.ledger_counts` of the day."""
        return rates.ledger_counts(self.known)

    @cached_property
    def retention(self) -> pd.DataFrame:
        """`rates.stage_retention_by_school` of the last graduating year, where the registry reaches back."""
        table = rates.stage_retention_by_school(self.known)
        told = table[table["can_tell"] & (table["school_year"] <= self.year.first)]
        return told[told["school_year"] == told["school_year"].max()].reset_index(drop=True)

    def flow(self, name: str, stage: str = TOTAL, period: str | None = None) -> int | None:
        """One number of `flows`; None for a period before the records begin."""
        rows = self.flows[(self.flows["period"] == (period or self.name)) & (self.flows["stage"] == stage)]
        return int(rows[name].iloc[0]) if len(rows) else None

    def earlier(self) -> tuple[str | None, str | None]:
        """The period before, and the same one a year ago; None where the records do not reach back.

        A school year has only the one before.
        """
        names = list(dict.fromkeys(self.flows["period"]))
        place = names.index(self.name)
        back = {"month": 12, "quarter": 4, "term": 2, "year": 1}[self.kind]
        before = names[place - 1] if place else None
        return before, names[place - back] if place >= back else None


def opened(kind: str, store: Store, as_of: dt.date | str, lang: str = "zh", places: Places | None = None) -> Period:
    """The period of a report of a kind as of a day (see `Period`)."""
    return Period(store, as_of, kind, lang, places)


def visits_by_result(period: Period) -> pd.DataFrame:
    """Persuasion visits of the period by result: `result, visits, children`, in the form's order.

    Results that did not occur are left out; no visits at all give an empty table.
    """
    visits = period.known.table("visits")
    rows = visits.filter(visits.visited_on.between(period.starts_on, period.ends_on))
    counts = rows.group_by("result").aggregate(visits=rows.count(), children=rows.pupil.nunique()).to_pandas()
    there = [result.value for result in VisitResult if result.value in set(counts["result"])]
    return counts.set_index("result").reindex(there).reset_index()
