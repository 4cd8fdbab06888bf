"""The tables and sentences of the report on the model, in the reader's words: rounded, ordered, no pupil in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from baoxue import features, labels
from baoxue.lists.contenders import contenders
from baoxue.lists.judging import Judged
from baoxue.lists.power import detectable_change, detectable_gain, recall_margin
from baoxue.risk import sentences, validation
from baoxue.risk.calibration import Estimate, calibration
from baoxue.risk.decision import Decision, decide
from baoxue.risk.ladder import PRECURSORS, rung_for
from baoxue.risk.splits import Split
from baoxue.risk.thinning import ENOUGH_ROWS
from baoxue.words import say


def feature_table(lang: str = "zh") -> pd.DataFrame:
    """What the model looks at: meaning, unit, who can change it, which way it points; a row a feature of `MODEL`."""
    rows = [
        {
            "feature": feature.meaning(lang),
            "unit": say(f"features.unit_{feature.unit}", lang),
            "changed_by": say(f"features.actor_{feature.changed_by or 'nobody'}", lang),
            "direction": say(f"features.direction_{feature.direction}", lang),
            "is_sign": say(f"risk_model.said_{'yes' if feature.sign_from is not None else 'no'}", lang),
        }
        for feature in features.TABLE
        if feature.in_model
    ]
    return _headed(pd.DataFrame(rows), lang).set_index(say("risk_model.column_feature", lang))


def label_table(given: labels.Examples, lang: str = "zh") -> pd.DataFrame:
    """Per as-of date: pupils at risk, how many left within the horizon, and why the others have no label."""
    counts = pd.DataFrame(given.y.groupby(given.about["as_of"]).agg(at_risk="size", left="sum"))
    pivot = given.excluded.pivot(index="as_of", columns="reason", values="pupils")
    reasons = [reason for reason in labels.EXCLUSIONS if reason in pivot]
    counts = counts.rename(columns={name: say(f"risk_model.column_{name}", lang) for name in counts})
    why = pivot[reasons].rename(columns={reason: say(f"risk_model.reason_{reason}", lang) for reason in reasons})
    table = counts.join(why, how="left").fillna(0).astype(int)
    return table.rename_axis(index=say("risk_model.column_as_of", lang), columns=None)


def fold_table(splits: Sequence[Split], given: labels.Examples, lang: str = "zh") -> pd.DataFrame:
    """What was learned from and judged on in each school year, and the rung that the number of events allows."""
    rows = [
        {
            "fold": split.name,
            "learned": len(split.train),
            "learned_events": int(given.y.iloc[split.train].sum()),
            "rung": say(f"risk.rung_{_rung(given, split.train)}", lang),
            "tested": len(split.test),
            "tested_events": int(given.y.iloc[split.test].sum()),
        }
        for split in splits
    ]
    heads = {name: say(f"risk.column_{name}", lang) for name in rows[0]}
    return pd.DataFrame(rows).rename(columns=heads).set_index(heads["fold"])


def definition_table(
    scores: dict[str, pd.DataFrame], names: Sequence[str], share: float, lang: str = "zh", seed: int = 0
) -> pd.DataFrame:
    """Model, best rule, calibration and decision under each definition: `definition -> out_of_fold`, in that order.

    `names`: the contenders, the model first; what is no model is a rule, as in `lists.contenders`.
    """
    rules = [contender.name for contender in contenders() if contender.is_rule and contender.name in names]
    rows = {}
    for definition, told in scores.items():
        table = validation.table(told, names, share=share, seed=seed)
        decided = decide(told, table, rules, names[0], share=share, seed=seed)
        by_name = {str(row["contender"]): row for row in table.to_dict("records")}
        model, rule = by_name[decided.model], by_name[decided.rule]
        fit = calibration(told["y"], told[decided.model], told["group"])
        rows[say(f"risk_model.definition_{definition}", lang)] = {
            "events": int(model["events"]),
            "model_found": _recall(model, lang),
            "best_rule": sentences.contender(str(rule["contender"]), lang),
            "rule_found": _recall(rule, lang),
            "observed_expected": say("risk.between", lang, **_written(fit.observed_expected, ".2f")),
            "use": say(f"risk_model.short_{decided.use}", lang),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return _headed(frame, lang).rename_axis(columns=say("risk_model.column_definition", lang))


def rung_sentence(judged: Judged, given: labels.Examples, lang: str = "zh") -> str:
    """Which rung the number of events allows, and whether forward validation confirms it, with what it rests on."""
    rung, events = judged.rung, int(given.y.sum())
    gained = Estimate(*(100 * end for end in (rung.gain.gain, rung.gain.low, rung.gain.high)))
    slopes = {"slope": f"{rung.chosen.slope.value:.2f}", "simple_slope": f"{rung.simplest.slope.value:.2f}"}
    return say(
        f"risk_model.rung_{'confirmed' if rung.is_confirmed else 'refused'}", lang, events=events,
        rung=say(f"risk.rung_{_rung(given)}", lang), simplest=say("risk.rung_ridge", lang),
        **_written(gained, "+.1f"), **slopes,
    )  # fmt: skip


def date_table(scores: pd.DataFrame, names: Sequence[str], share: float, lang: str = "zh") -> pd.DataFrame:
    """Each tested as-of date by itself: leavings, what share of them each named contender found, and whether as many
    left as the first of them expected, so that a date on which its probabilities broke is shown.

    Read across the dates, not one by one: a date has few leavings, and its intervals say so.
    """
    rows = {}
    for day, part in scores.groupby("fold", sort=False):
        table = validation.table(part.reset_index(drop=True), names, share=share, draws=100)
        by_name = {str(row["contender"]): row for row in table.to_dict("records")}
        found = {sentences.contender(name, lang): _recall(row, lang) for name, row in by_name.items()}
        fit = calibration(part["y"], part[names[0]], part["group"])
        ratio = say("risk.between", lang, **_written(fit.observed_expected, ".2f"))
        rows[day] = {
            say("risk_model.column_events", lang): int(part["y"].sum()),
            **found,
            say("risk_model.column_observed_expected", lang): ratio if fit.told else say("risk.cannot_tell", lang),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame.rename_axis(columns=say("risk_model.column_as_of", lang))


def lead_sentence(lead: pd.DataFrame, lang: str = "zh") -> str:
    """How many leavings had been listed before, and how many weeks ahead (median and middle half)."""
    weeks = lead["weeks_before"].dropna()
    if weeks.empty:
        return say("risk_model.lead_none", lang, leavings=len(lead))
    low, middle, high = weeks.quantile([0.25, 0.5, 0.75])
    return say(
        "risk_model.lead", lang, leavings=len(lead), listed=len(weeks), middle=f"{middle:.0f}", low=f"{low:.0f}",
        high=f"{high:.0f}",
    )  # fmt: skip


def overlap_table(overlaps: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """`lists.overlap`, rounded."""
    return _headed(overlaps.round({"stayed_pct": 0}).astype({"stayed_pct": int}), lang).set_index(
        say("risk_model.column_as_of", lang)
    )


def power_sentence(events: int, years: float, recall: float, lang: str = "zh") -> str:
    """What so many leavings, judged over so many years, can and cannot show."""
    yearly = events / years
    return say(
        "risk_model.power", lang, events=events, years=f"{years:g}", yearly=f"{yearly:.0f}",
        recall=f"{100 * recall:.0f}", margin=f"{100 * recall_margin(events, recall):.0f}",
        gain=f"{100 * detectable_gain(events, recall):.0f}", change=f"{100 * detectable_change(yearly):.0f}",
    )  # fmt: skip


def card(decided: Decision, given: labels.Examples, lang: str = "zh") -> str:
    """The model card in a paragraph: what it is for, what it rests on, what it must not be used for."""
    county, days, rung = features.visits(), sorted(given.about["as_of"].unique()), _rung(given)
    spans = {"window": county.long_school_days, "days": f"{county.precursor_days:g}"}
    precursor = say("risk_model.card_precursor", lang, **spans) if rung == PRECURSORS else ""
    return say(
        "risk_model.card", lang, months=county.horizon_months, first=days[0].isoformat(), last=days[-1].isoformat(),
        dates=len(days), events=int(given.y.sum()), rung=say(f"risk.rung_{rung}", lang),
        precursor=precursor, features=len(features.MODEL), rows=f"{ENOUGH_ROWS:,}",
        use=say(f"risk_model.use_{decided.use}", lang), rule=sentences.contender(decided.rule, lang),
    )  # fmt: skip


def _rung(given: labels.Examples, rows: np.ndarray | slice = slice(None)) -> str:
    """The rung that the numbers of leavings and of precursors in some rows allow."""
    left = given.y.iloc[rows]
    early = 0 if given.precursor is None else int((left.astype(bool) | given.precursor.iloc[rows]).sum())
    return rung_for(int(left.sum()), early)


def _written(found: Estimate, form: str) -> dict[str, str]:
    return {end: f"{number:{form}}" for end, number in zip(("value", "low", "high"), found, strict=True)}


def _recall(row: Mapping[Any, Any], lang: str) -> str:
    """Recall in per cent with its interval, or "cannot tell"."""
    if not row["told"]:
        return say("risk.cannot_tell", lang)
    ends = {"value": "recall", "low": "recall_low", "high": "recall_high"}
    return say("risk.between", lang, **{key: f"{100 * row[column]:.1f}" for key, column in ends.items()})


def _headed(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    return table.rename(columns={name: say(f"risk_model.column_{name}", lang) for name in table})
