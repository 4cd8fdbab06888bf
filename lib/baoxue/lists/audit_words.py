"""The audit in the reader's words: groups side by side, their gaps, calibration by group, what a study found."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from baoxue import disclosure
from baoxue.disclosure.tiers import settings
from baoxue.lists.audit import EVERYONE
from baoxue.risk import sentences
from baoxue.risk.calibration import Calibration, calibration
from baoxue.words import catalogue, label, say


def audit_table(audited: pd.DataFrame, lang: str = "zh", names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """`lists.audit` with shares in per cent, "cannot tell" where n is too small, small counts hidden.

    `names` gives words for groups that the catalogue does not have: townships by code.
    """
    rows = audited.assign(
        group=[_group(name, lang, names) for name in audited["group"]],
        found=[_share(row, "found", lang) for row in audited.to_dict("records")],
        listed_in_vain=[_share(row | {"told": True}, "listed_in_vain", lang) for row in audited.to_dict("records")],
        gap=[_gap(row, lang) for row in audited.to_dict("records")],
    )[["group", "rows", "events", "found", "gap", "listed_in_vain"]]
    smallest = settings().smallest_shown
    shown = disclosure.hide(rows, counts={"events": ["found", "gap"]}, plain=["rows"], smallest=smallest)
    return _headed(shown, lang).set_index(say("risk_model.column_group", lang))


def audit_sentence(audited: pd.DataFrame, lang: str = "zh", names: Mapping[str, str] | None = None) -> str:
    """Which groups' leavings were shown to be missed more often, and of how many groups nothing can be told."""
    groups = audited[audited["group"] != EVERYONE]
    told = groups[groups["gap_told"]]
    missed = [_group(name, lang, names) for name in told.loc[told["found_gap_high"] < 0, "group"]]
    return say(
        f"risk_model.audit_{'missed' if missed else 'alike'}", lang, told=len(told), untold=len(groups) - len(told),
        groups=say("risk_model.comma", lang).join(missed), by_chance=f"{0.025 * len(told):.1f}",
    )  # fmt: skip


def calibration_table(scores: pd.DataFrame, groups: pd.DataFrame, name: str, lang: str = "zh") -> pd.DataFrame:
    """Slope and observed / expected of a contender's probabilities, for everyone and for each group; schools cluster.

    Below ten events "cannot tell". `groups` as in `lists.audit`.
    """
    rows = groups.iloc[scores["row"]].reset_index(drop=True).astype(bool)
    members = {EVERYONE: pd.Series(True, index=rows.index)} | {str(group): rows[group] for group in rows}
    found = {
        _group(group, lang, None): calibration(scores.loc[of, "y"], scores.loc[of, name], scores.loc[of, "group"])
        for group, of in members.items()
        if of.any()
    }
    table = pd.DataFrame.from_dict({group: _told(each, lang) for group, each in found.items()}, orient="index")
    return _headed(table, lang).rename_axis(columns=say("risk_model.column_group", lang))


def study_table(measures: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """The model beside those that are only asked about: found at the capacity, and the order as a whole."""
    return sentences.comparison(measures, lang, ["found", "recall", "average_precision"])


def _group(name: str, lang: str, names: Mapping[str, str] | None) -> str:
    if name == EVERYONE:
        return say("risk_model.everyone", lang)
    known = f"features.{name}" in catalogue()
    return say(f"features.{name}", lang) if known else (names or {}).get(name, label(name, lang))


def _gap(row: dict, lang: str) -> str:
    """The gap in recall to everyone else, in points, and whether it is one."""
    if row["group"] == EVERYONE:
        return "—"
    if not row["gap_told"]:
        return say("risk.cannot_tell", lang)
    verdict = "less" if row["found_gap_high"] < 0 else "more" if row["found_gap_low"] > 0 else "not_shown"
    ends = {key: f"{100 * row[column]:+.1f}" for key, column in _ends("found_gap").items()}
    return say("risk_model.gap", lang, verdict=say(f"risk_model.gap_{verdict}", lang), **ends)


def _share(row: dict, name: str, lang: str) -> str:
    if not row["told"]:
        return say("risk.cannot_tell", lang)
    return say("risk.between", lang, **{key: f"{100 * row[column]:.1f}" for key, column in _ends(name).items()})


def _told(found: Calibration, lang: str) -> dict[str, str]:
    verdict = "holds" if found.holds else "fails"
    parts = {"slope": found.slope, "observed_expected": found.observed_expected}
    if not found.told:
        return dict.fromkeys([*parts, "verdict"], say("risk.cannot_tell", lang))
    ends = ("value", "low", "high")
    between = {
        name: say("risk.between", lang, **{end: f"{number:.2f}" for end, number in zip(ends, part, strict=True)})
        for name, part in parts.items()
    }
    return between | {"verdict": say(f"risk_model.probabilities_{verdict}", lang)}


def _ends(name: str) -> dict[str, str]:
    return {"value": name, "low": f"{name}_low", "high": f"{name}_high"}


def _headed(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    return table.rename(columns={name: say(f"risk_model.column_{name}", lang) for name in table})
