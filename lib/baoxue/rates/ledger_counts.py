"""The three county ledgers in numbers (适龄儿童, 疑似辍学, 辍学台账), township by township; 失学 apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from baoxue.cases.children import children_of_school_age
from baoxue.cases.entries import dropouts, suspected
from baoxue.rates.casework import UNPLACED
from baoxue.rates.cube import TOTAL, in_order
from baoxue.registers import Sides, finding_rows

if TYPE_CHECKING:
    from baoxue.store import Known

STATES = {
    "in_school": "在校", "taught_at_home": "送教上门", "on_leave": "休学", "deferred": "缓学", "not_entered": "未入学",
    "left": "辍学", "to_verify": "待核实",
}  # fmt: skip
"""Columns of the ledger of children of school age, and the 在学状态 that each counts."""

SUSPECTED = ("suspected", "suspected_settled", "suspected_open")
LEFT = ("dropouts", "dropouts_closed", "dropouts_open")


def ledger_counts(known: Known) -> pd.DataFrame:
    """三本台账汇总: a row per township of the child's home, 合计 first, then in the order of codes, 不详 last if any.

    适龄儿童少年台账: `children` on it and the `STATES` they are in, which sum to it. 疑似辍学台账 of the school year:
    `suspected` entries, of which `suspected_settled` and `suspected_open` (neither concluded nor closed). 辍学台账:
    `dropouts` listed (concluded as 辍学 or 失联 and open, or closed this school year), of which `dropouts_closed` and
    `dropouts_open`. `never_enrolled` (失学) stands apart: a finding of household register against registry, no dropout;
    those children are also among `to_verify` or `not_entered`. Source: 三台账 of the ministry's 2024 notice.
    """
    children, cases, left = children_of_school_age(known), suspected(known), dropouts(known)
    is_open = cases["concluded_on"].isna() & cases["closed_on"].isna()
    closed = left["closed_on"].notna()
    never = finding_rows(Sides(known), "never_enrolled").select("township_code").to_pandas()
    counts = {"children": children}
    counts |= {name: children[children["schooling_state"] == word] for name, word in STATES.items()}
    counts |= dict(zip(SUSPECTED, (cases, cases[~is_open], cases[is_open]), strict=True))
    counts |= dict(zip(LEFT, (left, left[closed], left[~closed]), strict=True))
    counts |= {"never_enrolled": never}
    return _by_township(counts, known)


def _by_township(counts: dict[str, pd.DataFrame], known: Known) -> pd.DataFrame:
    """Rows counted by township: every township with a school or a child, 0 where nothing is."""
    columns = {name: rows["township_code"].fillna(UNPLACED).value_counts() for name, rows in counts.items()}
    frame = pd.DataFrame(columns)
    schools = known.table("schools").township_code.to_pandas().dropna()
    frame = frame.reindex(sorted({*frame.index, *schools})).fillna(0).astype(int)
    total = frame.sum().to_frame(TOTAL).T
    return in_order(pd.concat([total, frame]).rename_axis("township_code").reset_index(), ["township_code"])
