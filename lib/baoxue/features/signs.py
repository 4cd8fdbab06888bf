"""Signs in a teacher's words: which features stand behind a score, said as facts about school, never as a forecast."""

from __future__ import annotations

import pandas as pd

from baoxue.features.settings import visits
from baoxue.features.table import BY_NAME, TABLE
from baoxue.words import say

REASONS = ["reason_1", "reason_2", "reason_3"]
THEME = {feature.name: feature.theme or feature.name for feature in TABLE}


def signs(values: pd.DataFrame, contributions: pd.DataFrame) -> pd.DataFrame:
    """The signs of each pupil, strongest first: `reason_1`..`reason_3`, names of features; missing where none is left.

    `values` has the columns of `TABLE`, `contributions` a model's share of each in log-odds; both share their index.
    A feature is a sign where its value is notable (`Feature.is_sign`) and it raised the score. Themes are ordered by
    what they add together; of each theme the strongest sign stands for it. At most `signs_shown` are given.

    >>> values = pd.DataFrame({"moves": [2.0, 0.0], "over_age_years": [1.0, 1.0]}, index=["a", "b"])
    >>> signs(values, values)["reason_1"].tolist()
    ['moves', 'over_age_years']
    """
    long = _notable(values, contributions)
    long["together"] = _by_theme(contributions).reindex(pd.MultiIndex.from_frame(long[["row", "theme"]])).to_numpy()
    strongest = long.sort_values(["row", "share", "reason"], ascending=[True, False, True])
    strongest = strongest.drop_duplicates(["row", "theme"])
    ordered = strongest.sort_values(["row", "together", "reason"], ascending=[True, False, True])
    place = ordered.groupby("row").cumcount()
    shown = ordered.assign(place=place)[place < visits().signs_shown]
    wide = shown.pivot(index="row", columns="place", values="reason")
    wide = wide.reindex(index=range(len(values)), columns=range(len(REASONS)))
    return pd.DataFrame(wide.to_numpy(), index=values.index, columns=REASONS, dtype="str")


def sign_count(values: pd.DataFrame) -> pd.Series:
    """How many themes of `TABLE` have a sign in each row, a day's absence counting as much as anything else.

    >>> sign_count(pd.DataFrame({"moves": [2.0, 0.0], "longest_run_days": [5.0, 0.0], "current_run_days": [5.0, 1.0]}))
    0    2
    1    0
    dtype: int64
    """
    notable = pd.concat(
        [BY_NAME[name].is_sign(values[name]).rename(name) for name in values if name in BY_NAME], axis=1
    )
    return notable.T.groupby(THEME.__getitem__).any().sum()


def told(reasons: pd.DataFrame, values: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """The reasons as sentences: the same frame with the catalogue's words, filled with the pupil's own numbers."""
    rows = zip(reasons.to_numpy(), (values.loc[pupil] for pupil in reasons.index), strict=True)
    sentences = [[_sentence(name, row, lang) for name in names] for names, row in rows]
    return pd.DataFrame(sentences, index=reasons.index, columns=reasons.columns, dtype="str")


def _notable(values: pd.DataFrame, contributions: pd.DataFrame) -> pd.DataFrame:
    """The notable features that raised a score: `row, reason, share, theme`."""
    names = [name for name in BY_NAME if name in contributions]
    notable = pd.concat([BY_NAME[name].is_sign(values[name]).rename(name) for name in names], axis=1)
    shares = contributions[names].where(notable & (contributions[names] > 0)).reset_index(drop=True)
    long = shares.melt(ignore_index=False, var_name="reason", value_name="share").dropna().rename_axis("row")
    return long.reset_index().assign(theme=lambda rows: rows["reason"].map(THEME))


def _by_theme(contributions: pd.DataFrame) -> pd.Series:
    """What the features of a theme add together, indexed by row and theme."""
    names = [name for name in BY_NAME if name in contributions]
    by_theme = contributions[names].reset_index(drop=True).T.groupby(THEME.__getitem__).sum().T
    return pd.Series(by_theme.stack())


def _sentence(name: object, row: pd.Series, lang: str) -> str | None:
    if not isinstance(name, str):
        return None
    value = float(row[name])
    seen = row["seen_recent_days" if name.endswith("_recent_pct") else "seen_long_days"] if name.endswith("_pct") else 0
    numbers = {"value": value, "days": value * seen / 100, **visits().spans}
    shown = {key: f"{number:.1f}".removesuffix(".0") for key, number in numbers.items()}
    return say(f"features.{name}_sign", lang, **shown)
