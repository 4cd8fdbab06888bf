"""Which paper a case needs, who writes it, on what power; and the papers for which the law gives none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from baoxue.cases.facts import KEY
from baoxue.cases.states import OPEN, WATCHED, Owner, State
from baoxue.cases.steps import Step, steps
from baoxue.codes import Coded, DropoutReason
from baoxue.forms import offices, supervision
from baoxue.words import say

if TYPE_CHECKING:
    from baoxue.store import Known

S = State
UNDER_AGE = 16
"""Full years below which nobody may be recruited (Law on the Protection of Minors art. 61)."""


class Document(Coded):
    """A paper of the case work, by its title."""

    PERSUASION = "劝学通知书"
    REPORT = "辍学学生情况书面报告"
    ORDER = "责令限期改正通知书"
    JUSTICE = "移送司法局函"
    LABOUR = "违法招用未成年人线索移送函"
    SUPERVISION = "督办单"
    FILE = "一生一案档案"
    RETURN_PLAN = "复学安置方案"

    @property
    def key(self) -> str:
        """Its name in files, in the wording and in the policy."""
        return self.name.lower()


@dataclass(frozen=True)
class Form:
    """When a case needs a paper: in which states, once which step's clock has begun; who writes it, who may hold it.

    `for_school_age`: only while the child is of the age of compulsory school.
    """

    document: Document
    writer: Owner
    tier: str
    states: tuple[State, ...]
    steps: tuple[Step, ...] = ()
    for_school_age: bool = False

    @property
    def power(self) -> str:
        """The articles it rests on."""
        return say(f"forms.power_{self.document.key}", "zh")


D = Document
OUT_OF_SCHOOL = (S.CONFIRMED, S.PERSUADING, S.REPORTED, S.CRITICISED, S.ORDERED, S.JUDICIAL)
REPORTS = (Step.REPORT_TOWNSHIP, Step.REPORT_BUREAU)

FORMS: tuple[Form, ...] = (
    Form(D.PERSUASION, Owner.SCHOOL, "T2", (S.CONFIRMED, S.PERSUADING), for_school_age=True),
    Form(D.REPORT, Owner.SCHOOL, "T2", (S.PERSUADING,), REPORTS),
    Form(D.ORDER, Owner.TOWNSHIP, "T1", (S.CRITICISED,), (Step.ORDER,), for_school_age=True),
    Form(D.JUSTICE, Owner.TOWNSHIP, "T1", (S.ORDERED,), (Step.JUDICIAL,), for_school_age=True),
    Form(D.LABOUR, Owner.BUREAU, "T3", OUT_OF_SCHOOL, for_school_age=True),
    Form(D.RETURN_PLAN, Owner.SCHOOL, "T2", (S.TO_CLOSE, S.RETURNED, S.PLACED)),
    Form(D.FILE, Owner.BUREAU, "T3", (*OPEN, *WATCHED)),
    Form(D.SUPERVISION, Owner.BUREAU, "T3", OPEN),
)
"""In the order of the procedure. A 督办单 goes to a unit with all its overdue cases; every other paper is of a case."""

FORM_OF: dict[str, Form] = {form.document.value: form for form in FORMS}

NO_POWER: dict[str, str] = {
    "罚款决定书": "fine",
    "开除学籍决定书": "expulsion",
    "学校责令限期改正通知书": "school_order",
    "责令用人单位停业决定书": "business",
}
"""Papers that are asked for and may not be written -> the words that say why, with the article."""


class NoPower(ValueError):
    """A paper for which the law gives no power, or not in this case; says which article, or what is missing."""


def needed(known: Known, table: pd.DataFrame) -> pd.DataFrame:
    """The papers that the cases of a `case_table` need on that day, a row a case and paper, in the order of `FORMS`.

    Columns: `document, writer, tier, case, pupil, state, owner, school_code, township_code`. A case overdue for longer
    than the county allows stands on the 督办单 of the unit whose move it is.
    """
    rows, parts = asked(known, table), []
    cases: list[Any] = rows.to_dict("records")
    for form in FORMS:
        is_needed = [refusal(form.document, case) is None for case in cases]
        found = rows[pd.Series(is_needed, index=rows.index, dtype="bool")]
        parts.append(found.assign(document=form.document.value, writer=form.writer.value, tier=form.tier))
    columns = ["document", "writer", "tier", *KEY, "state", "owner", "school_code", "township_code"]
    return pd.concat(parts, ignore_index=True)[columns]


def counted(rows: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """How many of each paper are `needed`, who writes them and on what law: `document, writer, papers, cases, power`.

    In the order of `FORMS`, those that nobody needs with 0. A 督办单 is one for each unit, however many its cases.
    """
    cases = rows["document"].value_counts()
    slips = _units(rows[rows["document"].eq(D.SUPERVISION.value)])
    counts = [
        {
            "document": form.document.value,
            "writer": form.writer.value,
            "papers": slips if form.document is D.SUPERVISION else int(cases.get(form.document.value, 0)),
            "cases": int(cases.get(form.document.value, 0)),
            "power": say(f"forms.power_{form.document.key}", lang),
        }
        for form in FORMS
    ]
    return pd.DataFrame(counts)


def _units(rows: pd.DataFrame) -> int:
    """How many units the cases on 督办单 lie with."""
    return len(supervision.units(rows).unique())


def asked(known: Known, table: pd.DataFrame) -> pd.DataFrame:
    """`table` with what `refusal` asks beside it: `is_under_16`, and `begun`, the steps whose clock has begun."""
    return table.assign(is_under_16=_under_16(known, table), begun=_begun(known, table))


def refusal(document: str, case: Mapping[str, Any]) -> str | None:
    """Why a paper must not be written for a case (a row of a `case_table`), in the words of an official; else None.

    `case` may carry `begun` (the steps whose clock has begun) and `is_under_16`; without them these are not asked.
    """
    form = FORM_OF.get(document)
    if form is None:
        return say(f"forms.refused_{NO_POWER.get(document, 'unknown')}", "zh", document=document)
    if case["state"] not in form.states:
        states = "、".join(form.states)
        return say("forms.refused_state", "zh", document=document, state=case["state"], states=states, power=form.power)
    begun = case.get("begun")
    days = offices.rules().supervised_after_days
    is_labour = form.document is D.LABOUR
    reasons = {
        "of_age": form.for_school_age and case["is_of_age"],
        "not_begun": bool(form.steps) and begun is not None and not set(begun) & set(form.steps),
        "no_work": is_labour and case["dropout_reason"] != DropoutReason.WORK,
        "16": is_labour and case.get("is_under_16", True) is False,
        "not_late": form.document is D.SUPERVISION and case["overdue_days"] <= days,
    }
    why = next((name for name, holds in reasons.items() if holds), None)
    return say(f"forms.refused_{why}", "zh", document=document, days=days) if why else None


def _begun(known: Known, table: pd.DataFrame) -> pd.Series:
    """For each case the steps that are not done and whose clock has begun."""
    rows = steps(known)
    rows = rows.filter(rows.done_on.isnull() & (rows.starts_on <= ibis.literal(known.as_of)))
    by_case = rows.select(*KEY, "step").to_pandas().groupby(list(KEY))["step"].agg(frozenset)
    found = by_case.to_dict()
    keys = zip(table["case"], table["pupil"], strict=True)
    return pd.Series([found.get(key, frozenset()) for key in keys], index=table.index, dtype="object")


def _under_16(known: Known, table: pd.DataFrame) -> pd.Series:
    """Whether a child is under 16 beyond doubt: not in the month of its birthday, nor where no birth is known."""
    parts = [known.table(name).select("pupil", "birth_month") for name in ("enrolments", "households", "admissions")]
    born = ibis.union(*parts).filter(ibis._.birth_month.notnull())
    born = born.filter(born.pupil.isin(table["pupil"].dropna().unique().tolist() or [""]))
    month = born.group_by("pupil").aggregate(month=born.birth_month.min()).to_pandas().set_index("pupil")["month"]
    turns = month.reindex(table["pupil"]).set_axis(table.index) + pd.DateOffset(years=UNDER_AGE)
    return turns > pd.Timestamp(known.as_of)
