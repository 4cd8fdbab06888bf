"""Support and duties as the bureau reads them: tables with heads, computed sentences, checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from baoxue import registers, support
from baoxue.briefs.checks import ChecksFailed
from baoxue.charts import dates
from baoxue.codes import Placement
from baoxue.store import Known
from baoxue.support import DutyCalendar
from baoxue.words import catalogue, label, say

RECORDS = ("publicity", "inspections", "meetings", "referrals", "village_rules", "home_lessons")
"""The county's optional records of its own work; one that was not handed in is named and has no table."""


@dataclass
class Support:
    """What the sentences and tables rest on, each computed once. `since`: duties due before that day are left out."""

    known: Known
    since: dt.date
    lang: str = "zh"

    @cached_property
    def due(self) -> pd.DataFrame:
        """`support.aid_due`."""
        return support.aid_due(self.known)

    @cached_property
    def disabled(self) -> pd.DataFrame:
        """`support.disabled_children`."""
        return support.disabled_children(self.known)

    @cached_property
    def at_home(self) -> pd.DataFrame:
        """`support.taught_at_home`."""
        return support.taught_at_home(self.known, self.disabled)

    @cached_property
    def ways(self) -> pd.DataFrame:
        """`support.travels`."""
        return support.travels(self.known)

    @cached_property
    def duties(self) -> pd.DataFrame:
        """`support.planned` since `since`."""
        return support.planned(self.known, self.since)

    @cached_property
    def referrals(self) -> pd.DataFrame:
        """`support.referral_table`."""
        return support.referral_table(self.known)

    @cached_property
    def villages(self) -> pd.DataFrame:
        """`support.villages`."""
        return support.villages(self.known)

    @cached_property
    def handed_in(self) -> tuple[str, ...]:
        """The records of `RECORDS` that the county keeps."""
        return tuple(name for name in RECORDS if self.known.table(name).count().to_pandas())

    @property
    def rules(self) -> DutyCalendar:
        """The county's settings."""
        return support.rules()


def shown(frame: pd.DataFrame, lang: str = "zh", names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """A table with heads `support.column_<name>` and words, its first column as the index; an empty cell is —.

    `names` are places by code. Raises KeyError for a column without a head.
    """
    worded = {str(name): [_said(str(name), value, lang, names or {}) for value in frame[name]] for name in frame}
    heads = {name: say(f"support.column_{name}", lang) for name in worded}
    return pd.DataFrame(worded, dtype="object").rename(columns=heads).set_index(next(iter(heads.values())))


def sentences(work: Support) -> str:
    """How support and duties stand, as a numbered list (markdown); for 40_support and the periodic brief.

    What was never handed in is not told, but named in the last line.
    """
    told = [aid_sentence(work), placement_sentence(work), distance_sentence(work)]
    told += [referral_sentence(work)] if "referrals" in work.handed_in else []
    told += [village_sentence(work)] if "village_rules" in work.handed_in else []
    told += [duty_sentence(work)] if len(work.duties) else []
    missing = [say(f"support.table_{name}", work.lang) for name in RECORDS if name not in work.handed_in]
    if missing:
        told.append(
            say("support.told_not_handed_in", work.lang, tables=say("charts.semicolon", work.lang).join(missing))
        )
    return "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(told, 1))


def aid_sentence(work: Support) -> str:
    """How many low-income children were due aid, and how many were not paid."""
    if work.due.empty:
        return say("support.told_no_term", work.lang)
    paid = int(work.due["is_paid"].sum())
    return say("support.told_aid", work.lang, due=len(work.due), paid=paid, missing=len(work.due) - paid)


def placement_sentence(work: Support) -> str:
    """How many disabled children have a place, how many none, and who of those taught at home is taught too seldom."""
    if work.disabled.empty:
        return say("support.told_no_disabled", work.lang)
    none, home = (int((work.disabled["placement"] == place).sum()) for place in (Placement.NONE, Placement.HOME))
    every = len(work.disabled)
    told = say("support.told_placement", work.lang, children=every, placed=every - none, none=none, home=home)
    if not home:
        return told
    norm, few = work.rules.home_lessons_per_month, int(work.at_home["is_few"].sum())
    more = "support.told_home_few" if "home_lessons" in work.handed_in else "support.told_home_none"
    values: dict[str, object] = {"few": few, "norm": norm} if "home_lessons" in work.handed_in else {}
    return told + ("" if work.lang == "zh" else " ") + say(more, work.lang, **values)


def distance_sentence(work: Support) -> str:
    """How many go far, of these boarding, and how many day pupils of these by their own means."""
    if work.ways.empty:
        return say("support.told_no_distance", work.lang)
    far, county = work.ways["is_far"], work.rules
    return say(
        "support.told_distance", work.lang, pupils=len(work.ways), far=int(far.sum()),
        boarders=int((far & work.ways["is_boarder"]).sum()), own_way=int(work.ways["is_own_way"].sum()),
        primary=f"{county.far_primary_km:g}", junior=f"{county.far_junior_km:g}",
    )  # fmt: skip


def referral_sentence(work: Support) -> str:
    """What was referred to departments, and how it was answered."""
    states = work.referrals["state"].value_counts()
    counts = {name: int(states.get(name, 0)) for name in ("answered", "answered_late", "overdue")}
    return say(
        "support.told_referrals", work.lang, referred=len(work.referrals), answered=counts["answered"],
        late=counts["answered_late"], overdue=counts["overdue"],
    )  # fmt: skip


def village_sentence(work: Support) -> str:
    """How many villages have rules that speak of compulsory school."""
    counts = work.villages["state"].value_counts()
    states = {state: int(counts.get(state, 0)) for state in support.VILLAGE_STATES}
    return say("support.told_villages", work.lang, villages=len(work.villages), **states)


def duty_sentence(work: Support) -> str:
    """How many duties were due, done in time, late, not at all, and which was left undone most often."""
    counts = support.summary(work.duties)
    sums = {name: int(counts[name].sum()) for name in ("planned", "done", "late", "missed")}
    since = dates.day(work.since, work.lang)
    if not sums["missed"]:
        return say("support.told_duties_all", work.lang, since=since, planned=sums["planned"], late=sums["late"])
    worst = counts.sort_values("missed", ascending=False, kind="stable").head(1)
    most = say(f"support.duty_{worst['duty'].iloc[0]}", work.lang)
    return say("support.told_duties", work.lang, since=since, most=most, count=int(worst["missed"].iloc[0]), **sums)


def checked(work: Support) -> str:
    """One line a check with its result. Raises ChecksFailed naming those that do not hold."""
    counts = support.summary(work.duties)
    found = set(registers.finding_rows(registers.Sides(work.known), "aid_missing").pupil.to_pandas())
    by_department = support.referrals_by_department(work.referrals)
    results = {
        "check_aid": set(work.due.loc[~work.due["is_paid"], "pupil"]) == found,
        "check_placement": int(support.placement_table(work.disabled)["children"].sum()) == len(work.disabled),
        "check_duties": bool((counts["done"] + counts["late"] + counts["missed"] == counts["planned"]).all()),
        "check_referrals": int(by_department["referred"].sum()) == len(work.referrals),
    }
    failed = [say(f"support.{name}", work.lang) for name, holds in results.items() if not holds]
    if failed:
        raise ChecksFailed("; ".join(failed))
    return "\n".join(say("support.check_holds", work.lang, check=say(f"support.{name}", work.lang)) for name in results)


def _said(column: str, value: object, lang: str, names: Mapping[str, str]) -> object:
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return "—"
    if isinstance(value, pd.Timestamp | dt.date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, str):
        key = f"support.{column}_{value}"
        return say(key, lang) if key in catalogue() else names.get(value, label(value, lang))
    return f"{value:.1f}" if column.endswith("_pct") else value
