"""The tables and sentences of the report on the lists, in the reader's words: rounded, ordered, no pupil in them."""

from __future__ import annotations

import pandas as pd

from baoxue import features, labels
from baoxue.lists.choosing import HANDLED
from baoxue.lists.drift import SCORE
from baoxue.lists.judging import Ranking
from baoxue.risk import sentences
from baoxue.words import say


def ranked_sentence(ranking: Ranking, lang: str = "zh") -> str:
    """What ranks the lists, what it learned from, and how that was decided."""
    name = say("lists.by_signs", lang) if ranking.fitted is None else sentences.contender(ranking.name, lang)
    told = [say("lists.ranked_by", lang, ranking=name)]
    if ranking.given is not None:
        days = sorted(ranking.given.about["as_of"].unique())
        span = {"days": len(days), "first": days[0].isoformat(), "last": days[-1].isoformat()}
        told.append(say("lists.learned_from", lang, events=int(ranking.given.y.sum()), **span))
    rung = getattr(ranking.fitted, "rung_", None)
    if rung:
        told.append(say("lists.rung", lang, rung=say(f"risk.rung_{rung}", lang)))
    if ranking.decision is not None:
        told.append(sentences.decision(ranking.decision, lang))
    return "\n\n".join(told)


def score_account(scores: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """Everyone on the registry: scored, or not and why; a row each, adding up to the total."""
    why = scores["why_not_scored"].value_counts()
    rows = {say("lists.account_scored", lang): int(scores["scored"].sum())}
    given = [reason for reason in labels.NOT_AT_RISK if reason in why]
    rows |= {say(f"risk_model.reason_{reason}", lang): int(why[reason]) for reason in given}
    rows[say("lists.account_total", lang)] = len(scores)
    return pd.DataFrame({say("lists.column_pupils", lang): rows})


def listed_account(scores: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """By stage: pupils scored, in hand already (each kind), and on a list."""
    stage = scores["grade"].map(lambda grade: say(f"lists.stage_{'primary' if grade <= 6 else 'junior'}", lang))
    kinds = [kind for kind in HANDLED if (scores["handled"] == kind).any()]
    in_hand = {kind: scores["handled"] == kind for kind in kinds}
    columns = {"scored": scores["scored"]} | in_hand | {"listed": scores["listed"]}
    table = pd.DataFrame(columns).astype(int).groupby(stage, sort=False).sum().sort_index(ascending=lang == "en")
    heads = {name: say(f"lists.column_{name}", lang) for name in columns}
    return table.rename(columns=heads).rename_axis(index=say("lists.column_stage", lang))


def sign_table(scores: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """How often each sign stands on a list, most frequent first, and who can do something about it."""
    reasons = scores.loc[scores["listed"], ["reason_1", "reason_2", "reason_3"]].stack().dropna()
    counts = reasons.value_counts().rename_axis("name").reset_index(name="pupils")
    counts = counts.sort_values(["pupils", "name"], ascending=[False, True])
    number = say("lists.sign_number", lang)
    blank = {"value": number, "days": number, **features.visits().spans}
    known = [features.BY_NAME[name] for name in counts["name"]]
    table = pd.DataFrame(
        {
            "sign": [say(f"features.{feature.name}_sign", lang, **blank) for feature in known],
            "changed_by": [say(f"features.actor_{feature.changed_by or 'nobody'}", lang) for feature in known],
            "pupils": counts["pupils"].to_numpy(),
        }
    )
    return _headed(table, lang).set_index(say("lists.column_sign", lang))


def drift_sentence(moved: pd.DataFrame, lang: str = "zh") -> str:
    """How many features were compared with those learned from, or that nothing was learned."""
    if moved.empty:
        return say("lists.drift_nothing_learned", lang)
    return say("lists.drift_compared", lang, features=int((moved["feature"] != SCORE).sum()))


def drift_table(moved: pd.DataFrame, most: int, lang: str = "zh") -> pd.DataFrame:
    """What moved furthest since learning, the scores in any case, and whether that is too far."""
    top = pd.concat([moved.head(most), moved[(moved["feature"] == SCORE) & (moved.index >= most)]])
    table = pd.DataFrame(
        {
            "feature": [_meaning(str(name), lang) for name in top["feature"]],
            "mean_then": top["mean_then"].map("{:.2f}".format),
            "mean_now": top["mean_now"].map("{:.2f}".format),
            "moved_sd": top["moved_sd"].map("{:+z.2f}".format),
            "missing_points": top["missing_points"].map("{:+z.0f}".format),
            "too_far": [say(f"risk_model.said_{'yes' if far else 'no'}", lang) for far in top["too_far"]],
        }
    )
    return _headed(table, lang).set_index(say("lists.column_feature", lang))


def passed_over(scores: pd.DataFrame, lang: str = "zh") -> str:
    """How many ranked high enough for a list but show no sign that a visitor could ask about."""
    last = scores.loc[scores["listed"], "rank"].max()
    over = scores["scored"] & (scores["rank"] < last) & scores["reason_1"].isna() & scores["handled"].isna()
    return say("lists.passed_over", lang, pupils=int(over.fillna(False).sum()))


def list_sentence(scores: pd.DataFrame, lang: str = "zh") -> str:
    """How many pupils, schools and lists, and how long a list is."""
    by_school = scores.groupby("school_code")["listed"].sum()
    with_some = by_school[by_school > 0]
    return say(
        "lists.told_lists", lang, pupils=int(by_school.sum()), schools=len(by_school), some=len(with_some),
        none=len(by_school) - len(with_some), middle=f"{with_some.median():.0f}" if len(with_some) else "0",
        longest=int(by_school.max()) if len(by_school) else 0,
    )  # fmt: skip


def _meaning(name: str, lang: str) -> str:
    return say("lists.drift_score", lang) if name == SCORE else features.BY_NAME[name].meaning(lang)


def _headed(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    return table.rename(columns={name: say(f"lists.column_{name}", lang) for name in table})
