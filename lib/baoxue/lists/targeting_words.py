"""The targeting study in the reader's words: sentences and small tables, rounded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue import features
from baoxue.lists.early import listed_rows
from baoxue.lists.targeting import BY_PUPIL, BY_SCHOOL, MIXED, PhaseIn, Variance
from baoxue.risk.validation import Gain
from baoxue.words import say

if TYPE_CHECKING:
    from baoxue.store import Known, Store


def variance_sentence(found: Variance, lang: str = "zh") -> str:
    """How much of the risk lies between schools."""
    if not found.events:
        return say("targeting.variance_untold", lang)
    parts = {name: f"{100 * getattr(found, name):.0f}" for name in ("between", "low", "high")}
    return say("targeting.variance", lang, schools=found.schools, events=found.events, **parts)


def allocation_table(table: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """`targeting.allocations` with a row a way of giving out visits and a column a capacity: found, in per cent."""
    wide = table.pivot(index="allocation", columns="share", values="recall").reindex(table["allocation"].unique())
    shown = (100 * wide).round(1)
    shown.columns = [say("targeting.percent_found", lang, share=f"{100 * share:g}") for share in wide.columns]
    shown.index = pd.Index([say(f"targeting.{name}", lang) for name in wide.index])
    return shown.rename_axis(index=None, columns=say("targeting.column_allocation", lang))


def capacity_table(table: pd.DataFrame, folds: int, lang: str = "zh") -> pd.DataFrame:
    """What more capacity would find by pupil, and how many more visits one more child costs; `folds`: rounds judged."""
    rows = table[table["allocation"] == BY_PUPIL].sort_values("share")
    extra = rows["visits"].diff().fillna(rows["visits"]) / rows["found"].diff().fillna(rows["found"]).clip(lower=1e-9)
    shown = pd.DataFrame(
        {
            "share": [f"{100 * share:g}" for share in rows["share"]],
            "visits": (rows["visits"] / folds).round().astype(int),
            "of_leavings": (100 * rows["recall"]).round(1),
            "extra": [f"{number:.0f}" if number < 1e5 else "—" for number in extra],
        }
    )
    return _headed(shown, lang).set_index(say("targeting.column_share", lang))


def found_only_table(table: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """`targeting.found_only_by` in words."""
    names = {BY_PUPIL: "only_by_pupil", BY_SCHOOL: "only_by_school"}
    shown = pd.DataFrame(
        {
            "found_by": [say(f"targeting.{names.get(name, name)}", lang) for name in table["found_by"]],
            "leavings": table["leavings"].round(1),
            "of_leavings": (100 * table["share"]).round(0).astype(int),
        }
    )
    return _headed(shown, lang).set_index(say("targeting.column_found_by", lang))


def advice(table: pd.DataFrame, share: float, gained: Gain, lang: str = "zh") -> str:
    """At which level to give out visits, and what it rests on: by pupil only if it was shown to find more."""
    recall = table[table["share"] == share].set_index("allocation")["recall"]
    told = {"pupil": BY_PUPIL, "school": BY_SCHOOL, "mixed": MIXED}
    numbers = {word: f"{100 * recall[name]:.1f}" for word, name in told.items()}
    ends = {end: f"{100 * getattr(gained, name):+.1f}" for end, name in _ENDS.items()}
    key = "advice_pupil" if gained.told and gained.low > 0 else "advice_tie"
    return say(f"targeting.{key}", lang, share=f"{100 * share:g}", **numbers) + say("targeting.gain", lang, **ends)


def phase_in_sentence(found: PhaseIn, share: float, width: float, lang: str = "zh") -> str:
    """The phase-in at the margin, and what it can and cannot show."""
    seen, enough = say("targeting.seen_nothing", lang), say("targeting.rounds_too_many", lang)
    if found.detectable < 1:
        seen = say("targeting.seen_drop", lang, drop=f"{100 * found.detectable:.0f}")
    if math.isfinite(found.rounds_for_half):
        enough = say("targeting.rounds", lang, rounds=int(found.rounds_for_half))
    return say(
        "targeting.phase_in", lang, first=f"{100 * (share - width / 2):g}", last=f"{100 * (share + width / 2):g}",
        both=2 * found.pupils, pupils=found.pupils, base=f"{100 * found.base:.2f}", rounds=found.rounds,
        seen=seen, enough=enough,
    )  # fmt: skip


def helped_sentence(
    store: Store | Known, scores: pd.DataFrame, about: pd.DataFrame, name: str, lang: str = "zh"
) -> str:
    """Of those a contender would have listed: how many left, and how many of the others somebody had visited."""
    rows = about.iloc[scores["row"]].reset_index(drop=True).assign(y=scores["y"].to_numpy())
    listed = rows[listed_rows(scores, name).to_numpy()]
    visited = [_visited(store, day, part["pupil"]) for day, part in listed[listed["y"] == 0].groupby("as_of")]
    return say("targeting.helped", lang, listed=len(listed), left=int(listed["y"].sum()), visited=sum(visited))


def _visited(store: Store | Known, as_of: object, pupils: pd.Series) -> int:
    """How many of the pupils were visited within the horizon after a day."""
    day = pd.Timestamp(str(as_of)).date()
    end = features.horizon_end(day, features.visits().horizon_months)
    visits = store.known_by(end).table("visits")
    rows = visits.filter((visits.visited_on > ibis.literal(day)) & (visits.visited_on <= ibis.literal(end)))
    return int(pupils.isin(rows.select("pupil").distinct().to_pandas()["pupil"]).sum())


_ENDS = {"value": "gain", "low": "low", "high": "high"}


def _headed(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    return table.rename(columns={name: say(f"targeting.column_{name}", lang) for name in table})
