"""Model, rule or neither: decided by what was found at the capacity, in doubt for the simpler one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from baoxue.risk.validation import MIN_EVENTS, Gain, gain

CHANCE = "random"
Use = Literal["model", "rule", "neither", "cannot_tell"]


@dataclass(frozen=True)
class Decision:
    """What to rank a list by, and the comparison it rests on.

    model: the model was shown to find more than the best rule. rule: it was not, and the rule finds more than chance.
    neither: nothing was shown to find more than chance. cannot_tell: too few events to say; the simplest rule is named.
    """

    use: Use
    model: str
    rule: str
    """The best rule at the capacity (chance where there is no other)."""
    gain: Gain
    """Of the model over that rule."""
    events: int


def decide(
    scores: pd.DataFrame, measures: pd.DataFrame, rules: Sequence[str], model: str = "model",
    share: float | None = None, count: int | None = None, draws: int = 400, seed: int = 0, over: str = "group",
) -> Decision:  # fmt: skip
    """Decide from `scores` (`validation.out_of_fold`) and `measures` (`validation.table` of the same).

    The model must beat the best of `rules`: the lower end of the 95 % interval of its gain in recall has to be above 0.
    "More than chance" means the lower end of the lift is above 1. Under ten events nothing is decided.
    """
    by_name = measures.set_index("contender")
    real = [rule for rule in rules if rule != CHANCE]
    best = str(by_name.loc[real, "recall"].astype(float).idxmax()) if real else CHANCE
    gained = gain(scores, model, best, share, count, draws, seed, over)
    events = int(scores["y"].sum())
    return Decision(_use(by_name, gained, events), model, best, gained, events)


def _use(by_name: pd.DataFrame, gained: Gain, events: int) -> Use:
    beats_chance = by_name["lift_low"] > 1
    if events < MIN_EVENTS:
        return "cannot_tell"
    if gained.low > 0 and beats_chance[gained.model]:
        return "model"
    return "rule" if gained.rule != CHANCE and beats_chance[gained.rule] else "neither"
