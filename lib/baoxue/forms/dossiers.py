"""All that papers may say of a case, gathered once for many: the case, the child, the home, who answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from baoxue.cases import deadlines, duties
from baoxue.cases.entries import in_order
from baoxue.cases.facts import KEY, facts
from baoxue.cases.homes import homes, on_low_income_list
from baoxue.codes import DropoutReason, DutyLevel, LeftBehind
from baoxue.forms import histories

if TYPE_CHECKING:
    from baoxue.store import Known, Store

READER = "forms"
Dossier = dict[str, Any]

KEPT_IN_THE_FILE = (DropoutReason.ILLNESS, DropoutReason.DISABILITY, DropoutReason.INTERNET, DropoutReason.RELIGION)
"""Reasons that no paper but the bureau's case file names (DOMAIN 4.3: illness, belief and offences stay there)."""

_FACTS = (
    "absent_on", "reported_township_on", "reported_bureau_on", "criticised_on", "order_number", "ordered_on",
    "order_due_on", "judicial_kind", "judicial_number", "judicial_on", "resettlement", "document", "proof",
)  # fmt: skip
_HOME = ("sex", "residence", "boarding", "left_behind", "school_name", "zone", "head_relation")
_IDENTITY = (
    "full_name", "id_number", "registry_number", "birth_date", "guardian", "guardian_2", "phone", "guardian_phone",
    "address",
)  # fmt: skip
_HOLDERS = (DutyLevel.SCHOOL, DutyLevel.CLASS, DutyLevel.TOWNSHIP, DutyLevel.VILLAGE)


def dossiers(store: Store, known: Known, table: pd.DataFrame, why: str) -> list[Dossier]:
    """A dossier for each row of a `case_table`, in order of township, school, class and case.

    An empty value is None, a date a `date`. The identities of the children, of who answers for them and of who visited
    them are opened, once, for `why`; each opening is logged.
    """
    rows = _gathered(known, table)
    children = histories.children(known, rows)
    people = _people(store, rows, children["pupil"], why)
    rows = rows.join(people[list(_IDENTITY)], on="pupil")
    for level in _HOLDERS:
        rows[f"{_holder(level)}_name"] = rows[_holder(level)].map(people["full_name"])
        rows[f"{_holder(level)}_phone"] = rows[_holder(level)].map(people["phone"])
    reach = rows["guardian_phone"].fillna(rows["phone"])
    reviewers = histories.latest(store.details("cases", reader=READER, why=why), KEY)
    rows = rows.assign(reach_phone=reach).merge(reviewers[[*KEY, "reviewer_name"]], on=list(KEY), how="left")
    visitors = store.details("visits", reader=READER, why=why)
    family = children.assign(full_name=children["pupil"].map(people["full_name"]))
    told = histories.of_cases(known, rows, visitors, family)
    return [_plain(row) | told[row["case"], row["pupil"]] for row in rows.to_dict("records")]


def _gathered(known: Known, table: pd.DataFrame) -> pd.DataFrame:
    pupils = sorted(table["pupil"].dropna().unique()) or [""]
    there = homes(known).filter(ibis._.pupil.isin(pupils))
    named = duties.chain(known, there.select("pupil", *duties.PLACE)).select("pupil", *map(_holder, _HOLDERS))
    poor = on_low_income_list(known).filter(ibis._.pupil.isin(pupils))
    rows = table.merge(facts(known).select(*KEY, *_FACTS).to_pandas(), on=list(KEY), how="left")
    for more in (there.select("pupil", *_HOME), named, poor):
        rows = rows.merge(more.to_pandas(), on="pupil", how="left")
    limits = deadlines.rules()
    rows = in_order(rows, *KEY)
    away = rows["left_behind"].eq(LeftBehind.BOTH_PARENTS)
    other = DropoutReason.OTHER.value
    return rows.assign(
        correct_days=away.map({True: limits.correct_away.days, False: limits.correct.days}),
        reason_told=rows["dropout_reason"].where(~rows["dropout_reason"].isin(KEPT_IN_THE_FILE), other),
    )


def _people(store: Store, rows: pd.DataFrame, family: pd.Series, why: str) -> pd.DataFrame:
    asked = {who for name in ("pupil", *map(_holder, _HOLDERS)) for who in rows[name].dropna()} | set(family)
    people = store.identity(reader=READER, why=why, pupils=sorted(asked), columns=("pupil", *_IDENTITY))
    return people.set_index("pupil")


def _holder(level: DutyLevel) -> str:
    return f"holder_{level.name.lower()}"


def _plain(row: Mapping[Any, Any]) -> Dossier:
    return {name: histories.plain(value) for name, value in row.items()}
