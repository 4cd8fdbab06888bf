"""What every file of the drop is written with: where it goes, from what, and which damage was done on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from baoxue.demo import places, timeline
from baoxue.demo.damages import Damages
from baoxue.demo.facts import Facts

SIMULATED = "模拟数据（不是真实学校和学生）"

ENCODINGS = ("utf-8-sig", "gb18030", "utf-8")

NOBODY = "G33990120110101901X"
"""A registry number in good order that no simulated child has (its sequence is 901)."""


@dataclass
class Drop:
    """A drop being written: where, of what, how large, and which damage was done on the way."""

    out: Path
    facts: Facts
    where: places.Places
    cases: pd.DataFrame
    visits: pd.DataFrame
    aid: pd.DataFrame
    size: str
    seed: int
    done: Damages = field(default_factory=Damages)

    @property
    def is_large(self) -> bool:
        """Whether to write many smaller files where a small county hands in one."""
        return self.size == "county"

    def rng(self, topic: str) -> np.random.Generator:
        """A random stream for the handwriting of a file."""
        return timeline.stream(self.seed, f"file {topic}")
