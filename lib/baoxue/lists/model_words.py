"""The tables and sentences of the report on the model, in the reader's words: rounded, ordered, no pupil in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from baoxue import disclosure, features, labels
from baoxue.codes import Sex
from baoxue.disclosure.tiers import settings
from baoxue.lists.power import detectable_change, detectable_gain, recall_margin
from baoxue.risk import sentences
from baoxue.risk.decision import Decision
from baoxue.risk.ladder import rung_for
from baoxue.risk.splits import Split
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


def fold_table(splits: Sequence[Split], y: pd.Series, lang: str = "zh") -> pd.DataFrame:
    """What was learned from and judged on in each school year, and the rung that the number of events allows."""
    rows = [
        {
            "fold": split.name,
            "learned": len(split.train),
            "learned_events": int(y.iloc[split.train].sum()),
            "rung": say(f"risk.rung_{rung_for(int(y.iloc[split.train].sum()))}", lang),
            "tested": len(split.test),
            "tested_events": int(y.iloc[split.test].sum()),
        }
        for split in splits
    ]
    heads = {name: say(f"risk.column_{name}", lang) for name in rows[0]}
    return pd.DataFrame(rows).rename(columns=heads).set_index(heads["fold"])


def definition_table(measures: dict[str, pd.DataFrame], lang: str = "zh") -> pd.DataFrame:
    """Model and best rule under each definition of leaving: `definition -> validation.table`, in that order."""
    rows = {}
    for definition, table in measures.items():
        by_name = {str(row["contender"]): row for row in table.to_dict("records")}
        rules = [row for name, row in by_name.items() if name not in ("model", "logistic", "random")]
        model, rule = by_name["model"], max(rules, key=lambda row: float(row["recall"]))
        rows[say(f"risk_model.definition_{definition}", lang)] = {
            "events": int(model["events"]),
            "model_found": _between(model, lang),
            "best_rule": sentences.contender(str(rule["contender"]), lang),
            "rule_found": _between(rule, lang),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return _headed(frame, lang).rename_axis(columns=say("risk_model.column_definition", lang))


def audit_groups(given: labels.Examples) -> pd.DataFrame:
    """The groups a report may name, a yes/no column each: boys, girls and the monitored groups.

    Children of prisoners are left out: they are named nowhere outside the bureau's case office (GLOSSARY).
    """
    sex = {"is_boy": given.about["sex"] == Sex.MALE, "is_girl": given.about["sex"] == Sex.FEMALE}
    return pd.DataFrame(sex).join(given.groups.drop(columns="has_parent_in_prison"))


def audit_table(audited: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """`lists.audit` with shares in per cent, "cannot tell" where n is too small, small counts hidden."""
    rows = audited.assign(
        group=[_group(name, lang) for name in audited["group"]],
        found=[_share(row, "found", lang) for row in audited.to_dict("records")],
        listed_in_vain=[_share(row | {"told": True}, "listed_in_vain", lang) for row in audited.to_dict("records")],
    )[["group", "rows", "events", "found", "listed_in_vain"]]
    smallest = settings().smallest_shown
    shown = disclosure.hide(rows, counts={"events": ["found"]}, plain=["rows"], smallest=smallest)
    return _headed(shown, lang).set_index(say("risk_model.column_group", lang))


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


def card(decided: Decision, days: Sequence[dt.date], learned_events: int, lang: str = "zh") -> str:
    """The model card in a paragraph: what it is for, what it rests on, what it must not be used for."""
    county = features.visits()
    return say(
        "risk_model.card", lang, months=county.horizon_months, first=days[0].isoformat(), last=days[-1].isoformat(),
        dates=len(days), events=learned_events, rung=say(f"risk.rung_{rung_for(learned_events)}", lang),
        features=len(features.MODEL), use=say(f"risk_model.use_{decided.use}", lang),
        rule=sentences.contender(decided.rule, lang),
    )  # fmt: skip


def _group(name: str, lang: str) -> str:
    return say("risk_model.everyone", lang) if name == "everyone" else say(f"features.{name}", lang)


def _share(row: dict, name: str, lang: str) -> str:
    if not row["told"]:
        return say("risk.cannot_tell", lang)
    numbers = {key: f"{100 * row[column]:.1f}" for key, column in _ends(name).items()}
    return say("risk.between", lang, **numbers)


def _between(row: dict, lang: str) -> str:
    return _share(row, "recall", lang)


def _ends(name: str) -> dict[str, str]:
    return {"value": name, "low": f"{name}_low", "high": f"{name}_high"}


def _headed(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    return table.rename(columns={name: say(f"risk_model.column_{name}", lang) for name in table})
