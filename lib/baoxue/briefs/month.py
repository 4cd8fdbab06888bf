"""What happened in the month of a day: the tables that the monthly brief speaks from."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

import pandas as pd

from baoxue import rates, registers
from baoxue.cases.board import case_table, whose_move
from baoxue.codes import Stage, VisitResult
from baoxue.panel import on_registry
from baoxue.rates.cube import TOTAL
from baoxue.registers import Sides
from baoxue.store import Known, Store

KINDS = ("month",)
STAGES = (TOTAL, *(stage.value for stage in Stage))


class Month:
    """The month in which `as_of` lies, up to that day, as known on it; every table is computed at most once.

    `found` and `found_before` are the register findings of the day and of the end of the month before, each with what
    was known then.
    """

    def __init__(self, store: Store, as_of: dt.date | str, lang: str = "zh") -> None:
        self.known: Known = store.known_by(as_of)
        self.as_of = self.known.as_of
        self.lang = lang
        self._store = store

    @property
    def name(self) -> str:
        """The month as periods are named, 2024-11."""
        return f"{self.as_of:%Y-%m}"

    @cached_property
    def flows(self) -> pd.DataFrame:
        """`rates.cases_by_period` by month and stage."""
        return rates.cases_by_period(self.known, "month")

    @cached_property
    def yearly(self) -> pd.DataFrame:
        """`rates.dropout_rate_on_registry` of each school year, cut at the month and day of `as_of` (同期)."""
        return rates.dropout_rate_on_registry(self.known, same_period=True)

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
        """The register findings of the last day of the month before, as known then."""
        return registers.findings(self._store.known_by(registers.month_end_before(self.as_of)), self.lang)

    @cached_property
    def moves(self) -> pd.DataFrame:
        """The findings by kind: before, cleared, new, now."""
        return registers.move_counts(registers.moves(self.found_before, self.found))

    @cached_property
    def agreement(self) -> pd.DataFrame:
        """How many children agree in each comparison of registers."""
        return registers.agreement(self.known, self.found)

    def flow(self, name: str, stage: str = TOTAL, period: str | None = None) -> int | None:
        """One number of `flows`; None for a month before the records begin."""
        rows = self.flows[(self.flows["period"] == (period or self.name)) & (self.flows["stage"] == stage)]
        return int(rows[name].iloc[0]) if len(rows) else None


def opened(kind: str, store: Store, as_of: dt.date | str, lang: str = "zh") -> Month:
    """The brief of a kind as of a day; ValueError for a kind that is not built."""
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r}: there is no such brief; there is {', '.join(KINDS)}")
    return Month(store, as_of, lang)


def month_table(month: Month) -> pd.DataFrame:
    """控辍保学月报表: a row for 合计, 小学, 初中; a child on no registry (失学) is in 合计 only.

    Columns: `stage`; `enrolled`: 在籍 on the latest registry snapshot; `in_class`: of them on their school's latest
    class roster; `suspected`: cases opened in the month; `suspected_open`: cases still to be concluded at its end;
    `confirmed`, `returned`: in the month; `year_confirmed`: since 1 September; `balance`: left and not back or closed.
    Nothing is 0, not empty (零报告). Source: DOMAIN 7.3, national monthly table 2.5.
    """
    stages = pd.DataFrame({"stage": STAGES})
    table = stages.merge(_present(month.known), on="stage", how="left")
    flows = ["suspected", "suspected_open", "confirmed", "returned", "balance"]
    table = table.merge(month.flows.loc[month.flows["period"] == month.name, ["stage", *flows]], on="stage", how="left")
    year = month.yearly[month.yearly["school_year"] == month.yearly["school_year"].max()]
    table = table.merge(
        year[["stage", "dropouts"]].rename(columns={"dropouts": "year_confirmed"}), on="stage", how="left"
    )
    order = [
        "stage",
        "enrolled",
        "in_class",
        "suspected",
        "suspected_open",
        "confirmed",
        "returned",
        "year_confirmed",
        "balance",
    ]
    counts = {name: table[name].fillna(0).astype(int) for name in order[1:]}
    return table.assign(**counts)[order]


def visits_by_result(known: Known) -> pd.DataFrame:
    """Persuasion visits of the month of `known.as_of` by result: `result, visits, children`, in the form's order.

    Results that did not occur are left out; no visits at all give an empty table.
    """
    visits = known.table("visits")
    first = known.as_of.replace(day=1)
    rows = visits.filter(visits.visited_on.between(first, known.as_of))
    counts = rows.group_by("result").aggregate(visits=rows.count(), children=rows.pupil.nunique()).to_pandas()
    return (
        counts.set_index("result")
        .reindex([r.value for r in VisitResult if r.value in set(counts["result"])])
        .reset_index()
    )


def _present(known: Known) -> pd.DataFrame:
    at = Sides(known)
    registry = on_registry(known)
    now = registry.filter(registry.snapshot_on == registry.snapshot_on.max())
    here = at.in_class.select("pupil").distinct().mutate(is_in_class=True)
    rows = now.left_join(here, "pupil")
    counted = (
        rows.group_by("stage").aggregate(enrolled=rows.pupil.nunique(), in_class=rows.is_in_class.sum()).to_pandas()
    )
    total = counted[["enrolled", "in_class"]].sum().to_frame().T.assign(stage=TOTAL)
    return pd.concat([total, counted], ignore_index=True)
