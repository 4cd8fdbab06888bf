"""What became of every alert: each pupil on a list that was handed out, answered or not, and what followed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue import disclosure
from baoxue.cases.leavings import leavings
from baoxue.codes import AnswerResult
from baoxue.contracts import ANSWERS, OBJECTION_REPLIES
from baoxue.disclosure import Tier
from baoxue.words import label, say

if TYPE_CHECKING:
    from baoxue.store import Known

FATES = ("left", "case", "answered", "waiting", "overdue")
"""What became of an alert, in order of precedence: left school since, a case since, answered, time left, none left."""


def alerts(known: Known) -> pd.DataFrame:
    """A row per pupil and list that the store knows of, in the order of list, school and reference.

    Columns: `list_as_of, school_code, reference, pupil, answer_due_on, visited_on, result, objection, replied_on,
    is_in_time, has_case, has_left, fate` (one of `FATES`). A list is known once it was read in (`baoxue feedback`),
    filled in or not. A case or a leaving counts if it began on the day of the list or later.
    """
    replies = known.table("objection_replies").select("list_as_of", "reference", "replied_on")
    rows = known.table("answers").left_join(replies, ["list_as_of", "reference"]).drop(
        "list_as_of_right", "reference_right"
    )  # fmt: skip
    cases = known.table("cases").group_by("pupil").aggregate(case_on=ibis._.opened_on.max())
    gone = leavings(known).group_by("pupil").aggregate(left_on=ibis._.left_on.max())
    rows = rows.left_join(cases, "pupil").drop("pupil_right").left_join(gone, "pupil").drop("pupil_right")
    frame = rows.to_pandas().sort_values(["list_as_of", "school_code", "reference"], ignore_index=True)
    answered = frame["visited_on"].notna()
    began = pd.to_datetime(frame["list_as_of"])
    after = {
        name: pd.to_datetime(frame[on]) >= began for name, on in (("has_case", "case_on"), ("has_left", "left_on"))
    }
    late = pd.to_datetime(frame["answer_due_on"]) < pd.Timestamp(known.as_of)
    fate = pd.Series("waiting", index=frame.index).mask(late, "overdue").mask(answered, "answered")
    fate = fate.mask(after["has_case"], "case").mask(after["has_left"], "left")
    in_time = answered & (pd.to_datetime(frame["visited_on"]) <= pd.to_datetime(frame["answer_due_on"]))
    told = frame.assign(is_in_time=in_time, **after, fate=fate)
    columns = ["list_as_of", "school_code", "reference", "pupil", "answer_due_on", "visited_on", "result", "objection"]
    return told[[*columns, "replied_on", "is_in_time", "has_case", "has_left", "fate"]]


def alert_tables(found: pd.DataFrame, lang: str = "zh") -> list[pd.DataFrame]:
    """`alert_table` and `result_table`, each only if it has a row."""
    return [table for table in (alert_table(found, lang), result_table(found, lang)) if len(table)]


def alert_table(found: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """The lists, a row each: pupils on it, answered, of these in time, overdue, cases and leavings since, objections
    and how many of them still wait for an answer."""
    objected = found["objection"].notna()
    columns = {
        "on_list": pd.Series(True, index=found.index), "answered": found["visited_on"].notna(),
        "in_time": found["is_in_time"], "overdue": found["fate"] == "overdue", "case_since": found["has_case"],
        "left_since": found["has_left"], "objections": objected,
        "objections_open": objected & found["replied_on"].isna(),
    }  # fmt: skip
    counts = pd.DataFrame(columns).astype(int).groupby(found["list_as_of"].astype(str)).sum()
    heads = {name: say(f"lists.column_{name}", lang) for name in columns}
    return counts.rename(columns=heads).rename_axis(index=say("lists.column_list", lang))


def result_table(found: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """The answers by what was found, and how many of these pupils had a case or had left since: order of the form."""
    given = found[found["result"].notna()]
    counts = given.groupby("result").agg(
        pupils=("pupil", "size"), case_since=("has_case", "sum"), left_since=("has_left", "sum")
    )
    counts = counts.reindex([result.value for result in AnswerResult if result.value in counts.index])
    counts.index = pd.Index([label(result, lang) for result in counts.index], name=say("lists.column_result", lang))
    return counts.rename(columns={name: say(f"lists.column_{name}", lang) for name in counts})


def alert_sentence(found: pd.DataFrame, lang: str = "zh") -> str:
    """How many alerts the store knows of, how many were answered, what waits; or that none was read in yet."""
    if found.empty:
        return say("lists.alerts_none", lang)
    waits = found["objection"].notna() & found["replied_on"].isna()
    return say(
        "lists.alerts_told", lang, alerts=len(found), lists=found["list_as_of"].nunique(),
        answered=int(found["visited_on"].notna().sum()), overdue=int((found["fate"] == "overdue").sum()),
        objections=int(waits.sum()),
    )  # fmt: skip


def write_alerts(found: pd.DataFrame, out: str | Path) -> None:
    """`restricted/alerts.parquet`, and `restricted/objections.csv`: the objections that wait, in the form in which the
    bureau's answer is read (反馈/异议答复). Writes nothing where there are none."""
    waits = found[found["objection"].notna() & found["replied_on"].isna()]
    place = Path(out) / "restricted"
    if len(found):
        disclosure.write_table(found, place / "alerts.parquet", tier=Tier.BUREAU)
    if len(waits):
        names = [column.name for column in OBJECTION_REPLIES.columns if not column.identity]
        headings = {name: OBJECTION_REPLIES.column(name).header for name in names}
        form = waits.assign(replied_on=None, reply=None)[[*names, "school_code", "objection"]]
        headings |= {name: ANSWERS.column(name).header for name in ("school_code", "objection")}
        disclosure.write_table(form, place / "objections.csv", tier=Tier.BUREAU, headings=headings)
