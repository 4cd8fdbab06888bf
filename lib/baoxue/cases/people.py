"""The names that go into ledgers: opened once for a set of forms, and shown as the tier of a unit allows.

A township or village sees numbers and telephones masked and no street address, the telephone of a guardian in full
only while the child's case is open (DOMAIN 4.3); a school sees its own pupils, the bureau's case office everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from baoxue.cases.ledgers import Ledger, Unit
from baoxue.cases.states import OPEN, states

if TYPE_CHECKING:
    from baoxue.store import Known, Store

READER = "cases"
CHILD = (
    "full_name", "id_number", "registry_number", "birth_date", "guardian", "phone", "address", "guardian_phone",
    "head_name", "disability_number",
)  # fmt: skip
HOLDERS = {
    "holder_name": "holder",
    "holder_school_name": "holder_school",
    "holder_township_name": "holder_township",
    "holder_village_name": "holder_village",
}
"""Column of a form that names a duty-holder -> column of the rows that holds the pseudonym."""

DETAILS = {"reviewer_name": ("cases", ["case", "pupil"]), "visitor_name": ("visits", ["case", "pupil", "attempt"])}
"""Column of a form that names somebody else -> the table in which the name stands, and its key."""


@dataclass(frozen=True)
class People:
    """Who stands behind the pseudonyms of some ledgers."""

    identities: pd.DataFrame
    details: dict[str, pd.DataFrame]
    open_pupils: frozenset[str]

    @classmethod
    def opened(cls, store: Store, known: Known, rows: Iterable[pd.DataFrame], why: str) -> People:
        """The identities of everybody in the rows, in one opening that the store logs, and names of others.

        `why` says for which ledgers. Raises StoreError if the opening cannot be logged.
        """
        asked = {who for frame in rows for who in _pseudonyms(frame)}
        people = store.identity(reader=READER, why=why, pupils=sorted(asked), columns=("pupil", *CHILD))
        details = {
            name: _last_of(store.details(table, reader=READER, why=why), keys)
            for name, (table, keys) in DETAILS.items()
        }
        now = states(known)
        is_open = now.filter(now.state.isin(OPEN)).pupil.to_pandas().dropna()
        return cls(people.set_index("pupil"), details, frozenset(is_open))

    def named(self, rows: pd.DataFrame, ledger: Ledger, unit: Unit) -> pd.DataFrame:
        """`rows` with the columns of people that the form has, and no other, masked for the unit's tier."""
        asked = {column.source for column in ledger.columns}
        if asked & {*CHILD, "reach_phone"}:
            found = self.identities.reindex(rows["pupil"]).set_axis(rows.index)
            rows = rows.assign(**found, reach_phone=found["guardian_phone"].fillna(found["phone"]))
            rows = rows if unit.sees_all else self._masked(rows)
        for name, holder in HOLDERS.items():
            if name in asked:
                rows = rows.assign(**{name: rows[holder].map(self.identities["full_name"])})
        if "holder_phone" in asked:
            rows = rows.assign(holder_phone=rows["holder"].map(self.identities["phone"]))
        for name, (_, keys) in DETAILS.items():
            if name in asked:
                rows = rows.merge(self.details[name][[*keys, name]], on=keys, how="left")
        return rows

    def _masked(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The last four digits of numbers, year and month of birth, telephones of open cases only, no address."""
        is_open = rows["pupil"].isin(self.open_pupils)
        ends = {name: _last_four(rows[name]) for name in ("id_number", "registry_number", "disability_number")}
        phone = rows["reach_phone"].str.replace(r"^(\d{3})\d+(\d{4})$", r"\1****\2", regex=True)
        born = pd.to_datetime(rows["birth_date"]).dt.strftime("%Y-%m")
        return rows.assign(**ends, reach_phone=rows["reach_phone"].where(is_open, phone), birth_date=born, address=None)


def _pseudonyms(frame: pd.DataFrame) -> set[str]:
    columns = [name for name in ("pupil", *HOLDERS.values()) if name in frame]
    return {who for name in columns for who in frame[name].dropna()}


def _last_of(details: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return details.sort_values("known_on", kind="stable").drop_duplicates(keys, keep="last")


def _last_four(numbers: pd.Series) -> pd.Series:
    return numbers.str.replace(r"^.*(.{4})$", r"**************\1", regex=True)
