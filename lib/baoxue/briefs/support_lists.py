"""Work lists of support, each for whoever has to look into it, and every duty that is late or was not done."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from baoxue import disclosure, policy
from baoxue.briefs.support import Support, shown
from baoxue.cases import workbooks
from baoxue.cases.entries import in_order
from baoxue.cases.homes import homes
from baoxue.cases.ledgers import Column, Kind, Ledger
from baoxue.codes import Placement
from baoxue.store import Known, Store
from baoxue.words import say

LISTS_OF: dict[Kind, tuple[str, ...]] = {
    "county": ("aid", "place", "far"),
    "township": ("place",),
    "school": ("far",),
}
"""Who works through which list: aid and places lie with the bureau, a place also with the township, the way to school
with the school. No list of a school names a group."""

LATE = ("duty", "unit_kind", "unit", "due_on", "done_on", "state", "late_days")

_CHILD = (
    Column("姓名", "full_name", 9), Column("就读学校", "school_name", 20), Column("年级", "grade_word", 7),
    Column("班级", "class_word", 6), Column("监护人", "guardian", 9), Column("联系电话", "reach_phone", 13),
)  # fmt: skip
_ANSWER = (Column("核查结果", "", 16), Column("核查人", "", 9), Column("核查日期", "", 11))
_OWN: dict[str, tuple[Column, ...]] = {
    "aid": (Column("困难类别", "hardship", 11), Column("应享受项目", "aid", 16)),
    "place": (Column("残疾类别", "disability_kind", 9), Column("安置方式", "placement", 11)),
    "far": (Column("距离（千米）", "distance_km", 8), Column("上下学方式", "transport", 12)),
}
_NOTES = {
    "aid": "上一完整学期在低收入农户名单上，没有寄宿生生活补助（住校）或营养餐（走读）发放记录。",
    "place": "列未安置的，和送教上门而本学期月均次数不足的。",
    "far": "列走读、上学远而不乘校车、公共交通的；距离和方式以学籍为准。",
}

CALLED = "帮扶核实名单"
"""What the workbook of a unit is called after its name."""


def write(out: str, store: Store, work: Support, kinds: str, county: str, townships: Mapping[str, str]) -> list[str]:
    """The work lists of the kinds of units named (`county,township,school`) with names, a workbook a unit, and
    `restricted/duties_due.csv` (bureau): every duty that is late or was not done.

    `county` and `townships` are the names of the county and of each township code. Gives the names of the files under
    `out`; an empty `out` writes nothing and opens no identity. Raises KeyError for a kind of unit that there is not.
    """
    if not out:
        return []
    folder = policy.path(out) / "restricted"
    late = work.duties.loc[work.duties["state"].isin(["late", "missed"]), list(LATE)]
    disclosure.write_table(shown(late, "zh", townships).reset_index(), folder / "duties_due.csv", tier="T3")
    lists = workbooks.Ledgers(store, work.known, townships)
    written = ["restricted/duties_due.csv"]
    for kind in LISTS_OF:
        if kind in [asked.strip() for asked in kinds.split(",")]:
            units = workbooks.units(work.known, [kind], county, townships)
            files = lists.write_all(units, folder / "support", disclosure.release, work_lists(work, kind), CALLED)
            written += [f"restricted/support/{file.name}" for file in files]
    return written


def work_lists(work: Support, kind: Kind) -> tuple[Ledger, ...]:
    """The lists that a kind of unit works through, each with columns left for the answer."""
    title = {name: say(f"support.ledger_{name}", "zh") for name in LISTS_OF[kind]}
    return tuple(
        Ledger(
            name, title[name], (*_CHILD, *_OWN[name], *_ANSWER), _rows(_asked(work, name), _OWN[name]), (_NOTES[name],)
        )
        for name in LISTS_OF[kind]
    )


def _asked(work: Support, name: str) -> pd.DataFrame:
    """The children of a list, without names."""
    if name == "aid":
        return work.due[~work.due["is_paid"]]
    if name == "far":
        return work.ways[work.ways["is_own_way"]]
    few = work.disabled["pupil"].isin(work.at_home.loc[work.at_home["is_few"], "pupil"])
    return work.disabled[few | (work.disabled["placement"] == Placement.NONE)]


def _rows(children: pd.DataFrame, own: tuple[Column, ...]) -> Callable[[Known], pd.DataFrame]:
    """The children with where each learns and lives, as a ledger asks for its rows."""

    def placed(known: Known) -> pd.DataFrame:
        columns = ("pupil", "school_code", "school_name", "grade", "class", "township_code", "village")
        people = homes(known).select(*columns).to_pandas()
        return in_order(children[["pupil", *(c.source for c in own)]].merge(people, how="left", on="pupil"), "pupil")

    return placed
