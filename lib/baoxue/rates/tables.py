"""学年辍学率 as the statistical tables have it: worked out from the table of changes, for comparison only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.cases.leavings import placed, school_year_of, stage_of_grade
from baoxue.codes import Change, Review
from baoxue.rates.cube import counted, joined
from baoxue.rates.policy import indicators
from baoxue.rates.populations import openings

if TYPE_CHECKING:
    from baoxue.store import Known

LOSSES = {
    "suspended": (Change.SUSPENDED,),
    "withdrawn": (Change.WITHDRAWN,),
    "dead": (Change.DEAD,),
    "moved_out": (Change.TRANSFER_OUT,),
    "other_out": (Change.DROPPED_OUT, Change.EMIGRATED, Change.EXPELLED, Change.OTHER),
}
"""减少: 休学, 退学, 死亡, 转出, 其他减少. Graduation and admission are not of the formula."""

GAINS = {"moved_in": (Change.TRANSFER_IN,), "resumed": (Change.RESUMED, Change.RETURNED)}
"""增加: 转入, 复学."""


def dropout_rate_in_tables(known: Known, by: Sequence[str] = ("stage",)) -> pd.DataFrame:
    """学年辍学率（报表口径）: (休学 + 退学 + 死亡 + 转出 + 其他减少) - (转入 + 复学), per hundred 上学年初在校生.

    A row per school year and unit, 合计 first; `by` may name `stage`, `grade`, `school_code`. A column a kind of change
    (a change sent back is none; the day of the change decides the year), `table_dropouts` their balance, `rate_pct` in
    per cent. The balance is no count of children: where more come than go it is negative, so it has no interval, and
    the rate is empty under `smallest_population`. A change counts at the school it names (a transfer in: the receiving
    one) and in the grade it names, else where the pupil was last seen. Moves inside the county cancel out only if both
    schools report them.

    Source: two-basics audit rules; their author says it breaks down under migration. Beside it belongs
    `dropout_rate_on_registry`, which follows the pupils one by one.
    """
    rows = _changes(known)
    population = openings(known)
    people = counted(population, by, {"population": population.pupil.count()})
    kinds = LOSSES | GAINS
    events = counted(rows, by, {name: rows.change.isin(changes).sum() for name, changes in kinds.items()})
    frame = joined(people, events, by, zeros=list(kinds))
    balance = frame[list(LOSSES)].sum(axis=1) - frame[list(GAINS)].sum(axis=1)
    base = frame["population"].where(frame["population"] >= indicators().smallest_population)
    return frame.assign(table_dropouts=balance, rate_pct=100 * balance / base)


def _changes(known: Known) -> ibis.Table:
    changes = known.table("changes")
    standing = changes.filter((changes.review.fill_null("") != Review.RETURNED) & changes.pupil.notnull())
    arriving = standing.change == Change.TRANSFER_IN
    named = standing.select(
        "pupil",
        "change",
        "changed_on",
        named_school=ibis.ifelse(arriving, standing.to_school_code, standing.from_school_code),
        named_grade=standing.from_grade,
    )
    rows = placed(named, "changed_on", known)
    rows = rows.mutate(
        school_year=school_year_of(rows.changed_on),
        school_code=ibis.coalesce(rows.named_school, rows.school_code),
        grade=ibis.coalesce(rows.named_grade, rows.grade),
    )
    return rows.mutate(stage=stage_of_grade(rows.grade))
