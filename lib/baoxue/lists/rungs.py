"""Is the rung that the number of events allows also the better one? Asked forward in time, of what matters."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from baoxue.risk.calibration import Calibration, calibration
from baoxue.risk.validation import Gain, gain

MODEL, SIMPLEST = "model", "ridge"


@dataclass(frozen=True)
class Rung:
    """The rung chosen by the count beside the simplest one, on rows neither had learned from."""

    gain: Gain
    """In recall at the capacity, of the rung chosen over the simplest."""
    chosen: Calibration
    simplest: Calibration

    @property
    def is_confirmed(self) -> bool:
        """Whether nothing speaks for the simplest rung: neither a shown gain in recall nor a better calibration."""
        finds_less = self.gain.told and self.gain.high < 0
        says_worse = self.chosen.told and self.simplest.holds and not self.chosen.holds
        return not (finds_less or says_worse)

    @property
    def name(self) -> str:
        """The contender to use: `model` where the rung is confirmed, else `ridge`."""
        return MODEL if self.is_confirmed else SIMPLEST


def confirmed(scores: pd.DataFrame, share: float, draws: int = 400, seed: int = 0) -> Rung:
    """The two rungs in `scores` (`validation.out_of_fold`) at a capacity of `share`, resampling the groups."""
    found = gain(scores, MODEL, SIMPLEST, share=share, draws=draws, seed=seed)
    chosen, simplest = (calibration(scores["y"], scores[name], scores["group"]) for name in (MODEL, SIMPLEST))
    return Rung(found, chosen, simplest)
