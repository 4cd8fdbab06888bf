"""Everything that is true of a simulated county, in one place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baoxue.demo import roles
from baoxue.demo.attendance import Attendance
from baoxue.demo.departments import Lists
from baoxue.demo.lives import Lives
from baoxue.demo.plants import Plants


@dataclass(frozen=True)
class Facts:
    """Everything that truth is read from."""

    everyone: pd.DataFrame
    lives: Lives
    away: pd.DataFrame
    followed: pd.DataFrame
    chosen: Plants
    made: Lists
    attended: Attendance
    seen: np.ndarray
    unpaid: np.ndarray


def all_not_arrived(facts: Facts) -> np.ndarray:
    """Children admitted in 2024 who never came, positions among all children."""
    extra = np.flatnonzero(facts.everyone["role"] == roles.NOT_ARRIVED)
    return np.concatenate([facts.chosen.not_arrived, extra])


def names(everyone: pd.DataFrame) -> np.ndarray:
    """How truth names a child: the ID number, or the registry number of one who has none."""
    return np.where(everyone["has_id"], everyone["id_number"], everyone["registry_number"])
