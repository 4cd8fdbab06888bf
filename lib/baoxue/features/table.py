"""Every feature, a line each: its unit, who can change it, which way it points, and from where it is a sign.

The words of a feature (what it means, the sign on a list, the action it suggests, in a teacher's words) stand in the
catalogue under `features.<name>_meaning`, `_sign` and `_action`. Nothing here tells a pupil's group (DESIGN: groups are
for support and audit): those columns are `GROUPS`, and reach a model only when a study asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from baoxue.features.settings import visits
from baoxue.words import say

Unit = Literal["pct", "points", "days", "years", "times", "km", "grade", "yes_no", "ratio", "place"]
Actor = Literal["class_teacher", "school", "township", "bureau"]


@dataclass(frozen=True)
class Feature:
    """One column of `features.matrix`."""

    name: str
    unit: Unit
    changed_by: Actor | None
    """Who can do something about it; None where nobody can (age, grade)."""
    direction: Literal[-1, 0, 1]
    """1: more of it never lowers the risk; -1: never raises it; 0: either way."""
    sign_from: float | None = None
    """From this value on (down to it where direction is -1) it is a sign that may stand on a list; None: never."""
    theme: str = ""
    """Signs of one theme say nearly the same, so a list shows the strongest of them; empty: a theme of its own."""
    in_model: bool = True
    """False: it serves a rule, or says how much was seen so that a sign can be put in days."""

    def meaning(self, lang: str = "zh") -> str:
        """What the column holds, in a teacher's words."""
        county = visits()
        return say(f"features.{self.name}_meaning", lang, **county.spans)

    def action(self, lang: str = "zh") -> str:
        """What a visitor might do about it; KeyError if it is never a sign."""
        return say(f"features.{self.name}_action", lang)

    def is_sign(self, values: pd.Series) -> pd.Series:
        """Where the values are so notable that a list may say so; a missing value never is."""
        if self.sign_from is None:
            return pd.Series(False, index=values.index)
        return values <= self.sign_from if self.direction < 0 else values >= self.sign_from


TABLE: tuple[Feature, ...] = (
    # attendance; a day whose roll was not taken is missing, not present
    Feature("unexcused_recent_pct", "pct", "class_teacher", 1, sign_from=0.1, theme="absence"),
    Feature("unexcused_long_pct", "pct", "class_teacher", 1, sign_from=5, theme="absence"),
    Feature("longest_run_days", "days", "class_teacher", 1, sign_from=3, theme="absence"),
    Feature("current_run_days", "days", "class_teacher", 1, sign_from=2, theme="absence"),
    Feature("absence_change_points", "points", "class_teacher", 1, sign_from=5, theme="absence"),
    Feature("sick_long_pct", "pct", "class_teacher", 0, sign_from=10),
    Feature("leave_long_pct", "pct", "class_teacher", 1, sign_from=10),
    Feature("late_long_pct", "pct", "class_teacher", 1, sign_from=10),
    # marks, as a place among the county's pupils of the same grade, subject and term
    Feature("mark_place_pct", "place", "school", -1, sign_from=20, theme="marks"),
    Feature("mark_change_points", "points", "school", -1, sign_from=-15, theme="marks"),
    Feature("missed_exams_pct", "pct", "school", 1, sign_from=20),
    # the way through school
    Feature("over_age_years", "years", None, 1, sign_from=1),
    Feature("moves", "times", "school", 1, sign_from=1),
    Feature("suspensions", "times", "school", 1, sign_from=1),
    Feature("left_before", "times", "school", 1, sign_from=1),
    # circumstances
    Feature("daily_way_km", "km", "township", 0, sign_from=5),
    Feature("is_boarding", "yes_no", "school", 0),
    Feature("aid_unpaid", "yes_no", "bureau", 1, sign_from=1),
    Feature("contact_missing", "yes_no", "class_teacher", 1, sign_from=1),
    # where the pupil learns, the pupil's own row left out
    Feature("grade", "grade", None, 0),
    Feature("class_absence_pct", "pct", "school", 0),
    Feature("school_leaving_ratio", "ratio", "bureau", 1),
    # for the rules only: beside grade and over-age it tells a model nothing more
    Feature("age_years", "years", None, 0, in_model=False),
    # how much was seen
    Feature("seen_recent_days", "days", "school", 0, in_model=False),
    Feature("seen_long_days", "days", "school", 0, in_model=False),
)
"""Attendance first, as a reader would ask."""

BY_NAME: dict[str, Feature] = {feature.name: feature for feature in TABLE}
MODEL: tuple[str, ...] = tuple(feature.name for feature in TABLE if feature.in_model)
"""The columns a model may read."""

GROUPS: tuple[str, ...] = (
    "is_left_behind", "is_migrant_child", "is_disabled", "is_low_income", "is_orphan", "has_parent_in_prison",
)  # fmt: skip
"""The monitored groups and orphans, for audit and study only: never a sign, never on a list."""


def monotone() -> dict[str, int]:
    """Column -> 1 or -1, for the features whose direction sense demands."""
    return {feature.name: feature.direction for feature in TABLE if feature.in_model and feature.direction}
