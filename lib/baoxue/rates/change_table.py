"""学生变动情况表: 上学年初 + 增加 - 减少 = 本学年初, by stage, grade or school, and whether it adds up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from baoxue.codes import Stage
from baoxue.rates.cube import TOTAL, counted, joined
from baoxue.rates.movements import Movement, movements, spans

if TYPE_CHECKING:
    from baoxue.store import Known

INCREASE = {
    "admitted": (Movement.ADMITTED,),
    "resumed": (Movement.RESUMED,),
    "moved_in": (Movement.MOVED_IN, Movement.MOVED_IN_COUNTY),
    "other_in": (Movement.OTHER_IN,),
}
"""增加: 招生, 复学, 转入, 其他."""

DECREASE = {
    "graduated": (Movement.GRADUATED,),
    "completed": (Movement.COMPLETED,),
    "suspended": (Movement.SUSPENDED,),
    "withdrawn": (Movement.WITHDRAWN,),
    "dead": (Movement.DEAD,),
    "moved_out": (Movement.MOVED_OUT, Movement.MOVED_OUT_COUNTY),
    "other_out": (Movement.DROPPED_OUT, Movement.ABROAD, Movement.UNEXPLAINED, Movement.OTHER_OUT),
}
"""减少: 毕业, 结业, 休学, 退学 and 开除 (compulsory school has neither: any number is an error), 死亡, 转出, 其他."""

OF_WHICH = {
    "moved_in_county": (Movement.MOVED_IN_COUNTY,),
    "moved_out_county": (Movement.MOVED_OUT_COUNTY,),
    "dropped_out": (Movement.DROPPED_OUT,),
    "abroad": (Movement.ABROAD,),
    "unexplained": (Movement.UNEXPLAINED,),
}
"""其中: transfers within the county; of the other decrease: 辍学, 出国(境), 去向不明 (gone without a record)."""

UP = {"up_in": (Movement.UP_IN,), "up_out": (Movement.UP_OUT,)}
"""升入, 升出: from grade to grade within a school and stage."""

ORDER = (
    "opening", "increase", "admitted", "resumed", "moved_in", "moved_in_county", "other_in",
    "decrease", "graduated", "completed", "suspended", "withdrawn", "dead", "moved_out", "moved_out_county",
    "other_out", "dropped_out", "abroad", "unexplained", "up_in", "up_out", "closing",
)  # fmt: skip
"""The numbers of the table, as the form has them."""

UNITS = (TOTAL, Stage.PRIMARY.value, *"123456", Stage.JUNIOR.value, *"789")

_COUNTED = {"opening": (Movement.OPENING,)} | INCREASE | DECREASE | OF_WHICH | UP | {"closing": (Movement.CLOSING,)}


def change_table(known: Known, by: Sequence[str] = ("stage",)) -> pd.DataFrame:
    """学生变动情况表: a row per school year between two openings and unit, 合计 first; `by` names `stage`, `grade`,
    `school_code` or several of them.

    `opening` (上学年初在校生) + `increase` - `decrease` + `up_in` - `up_out` = `closing` (本学年初在校生) on every row;
    `increase` and `decrease` are the sums of `INCREASE` and `DECREASE`, `OF_WHICH` are parts of these. What
    each counts: `movements`. Grades that are gone up within a school and stage (`UP`) are shown only where rows are
    grades: at a school, in a stage and in 合计 they cancel, and both are 0. `school_year` is the year in which the
    movements lie; the numbers are those of the two registry snapshots, `opened_on` and `closed_on`.
    """
    rows = movements(known)
    counts = counted(rows, by, {name: rows.movement.isin(words).sum() for name, words in _COUNTED.items()})
    frame = joined(
        counts[["school_year", *by, "opening"]], counts.drop(columns="opening"), by, zeros=list(_COUNTED)[1:]
    )
    are_grades = frame["grade"] != TOTAL if "grade" in by else pd.Series(False, index=frame.index)
    frame[list(UP)] = frame[list(UP)].where(are_grades, 0)
    sums = {"increase": frame[list(INCREASE)].sum(axis=1), "decrease": frame[list(DECREASE)].sum(axis=1)}
    frame = frame.assign(**sums).merge(spans(known), on="school_year", how="left")
    return frame[["school_year", *by, *ORDER, "opened_on", "closed_on"]]


def change_table_by_grade(known: Known) -> pd.DataFrame:
    """学生变动情况表 as the form lays it out: 合计, 小学, its grades, 初中, its grades, a row each; `change_table` with
    `unit` in place of the columns of `by`."""
    stages = change_table(known).rename(columns={"stage": "unit"})
    grades = change_table(known, ("grade",)).rename(columns={"grade": "unit"})
    frame = pd.concat([stages, grades[grades["unit"] != TOTAL]], ignore_index=True)
    place = frame["unit"].map({unit: number for number, unit in enumerate(UNITS)})
    ordered = frame.assign(_place=place).sort_values(["school_year", "_place"], ignore_index=True)
    return ordered.drop(columns="_place")


def balances(frame: pd.DataFrame) -> pd.Series:
    """Whether 上学年初 + 增加 - 减少 + 升入 - 升出 = 本学年初, row by row of a `change_table`."""
    reached = frame["opening"] + frame["increase"] - frame["decrease"] + frame["up_in"] - frame["up_out"]
    return reached == frame["closing"]
