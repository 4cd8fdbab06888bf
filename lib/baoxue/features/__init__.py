"""What is known about each pupil on a day, that may say a visit is needed.

`TABLE` declares each feature once; `matrix` computes them all, from rows known by then and nothing else.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import ibis.expr.types as ir
import pandas as pd

from baoxue.features.attendance import attendance
from baoxue.features.clock import clock
from baoxue.features.context import class_absence, school_leaving
from baoxue.features.groups import memberships
from baoxue.features.marks import marks
from baoxue.features.pupils import circumstances, earlier_leavings, moves, registry, suspensions
from baoxue.features.settings import Visits, as_of_dates, horizon_end, visits
from baoxue.features.signs import sign_count, signs, told
from baoxue.features.table import BY_NAME, GROUPS, MODEL, TABLE, Feature, monotone
from baoxue.registers.aid import aid_missing
from baoxue.registers.sides import Sides
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known

__all__ = [
    "BY_NAME", "GROUPS", "MODEL", "TABLE", "Feature", "Visits", "as_of_dates", "clock", "groups",
    "horizon_end", "matrix", "monotone", "places", "registry", "sign_count", "signs", "told", "visits",
]  # fmt: skip

DECIMALS = 6
"""Of every feature: far finer than anything counted, far coarser than the noise of summing."""

COUNTED = ("moves", "suspensions", "left_before", "aid_unpaid")
"""No row means none: these are 0, not missing."""


def matrix(known: Known, *, study_groups: bool = False) -> pd.DataFrame:
    """The columns of `TABLE`, a row for everyone on the registry, indexed by `pupil` and ordered by it.

    Numbers only; missing is NaN. With `study_groups` the columns of `GROUPS` follow: for a study of what they would
    change, never for a list. An empty registry gives an empty frame with the same columns.
    """
    listed = registry(known)
    parts = _parts(known, listed)
    names = list(BY_NAME)
    if study_groups:
        parts.append(memberships(known, listed))
        names += GROUPS
    rows = reduce(_beside, parts, listed.select("pupil"))
    frame = rows.to_pandas().set_index("pupil").sort_index()
    # sums of floats differ in the last place with the order of threads; whatever ranks by them must not
    return frame[names].astype("float64").fillna(dict.fromkeys(COUNTED, 0.0)).round(DECIMALS)


def groups(known: Known) -> pd.DataFrame:
    """The columns of `GROUPS` as yes/no for everyone on the registry, indexed by `pupil`: for audit, not ranking."""
    return memberships(known, registry(known)).to_pandas().set_index("pupil").sort_index()


def places(known: Known) -> pd.DataFrame:
    """`school_code, grade, class, stage, sex` of everyone on the registry, indexed by `pupil` and ordered by it."""
    columns = ["pupil", "school_code", "grade", "class", "stage", "sex"]
    return registry(known).select(columns).to_pandas().set_index("pupil").sort_index()


def _parts(known: Known, listed: ir.Table) -> list[ir.Table]:
    """The parts of the matrix, each computed by itself: one plan of all of them takes several times as long."""
    attended = kept(known, "features_attendance", lambda: attendance(known))
    made = {
        "marks": lambda: marks(known),
        "moves": lambda: moves(known),
        "suspensions": lambda: suspensions(known),
        "earlier_leavings": lambda: earlier_leavings(known),
        "class_absence": lambda: class_absence(listed, attended),
        "school_leaving": lambda: school_leaving(known, listed),
        "aid": lambda: aid_missing(Sides(known)).select("pupil").distinct().mutate(aid_unpaid=1),
    }
    others = (kept(known, f"features_{name}", make) for name, make in made.items())
    return [attended, circumstances(listed), *others]


def _beside(left: ir.Table, right: ir.Table) -> ir.Table:
    return left.left_join(right, "pupil").drop("pupil_right")
