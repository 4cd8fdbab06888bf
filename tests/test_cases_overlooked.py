"""Absences long enough to count as leaving that ended without a case: named, once, and nothing else is."""

from __future__ import annotations

import pandas as pd

from baoxue.cases.overlooked import overlooked
from given import given

DAYS = [
    str(day.date()) for day in pd.bdate_range("2024-09-02", "2024-10-31") if not "10-01" <= f"{day:%m-%d}" <= "10-07"
]
ABSENT = {
    "unseen": DAYS[:20],
    "too short": DAYS[:19],
    "interrupted": [*DAYS[:10], *DAYS[11:21]],
    "with a case": DAYS[:20],
    "case open before": DAYS[5:25],
    "moved away": DAYS[:20],
    "still away": DAYS[15:],
}
"""Each child, named by what is the matter, and its days of 旷课."""


def test_only_the_child_that_came_back_unseen_is_named(tmp_path):
    pupils = "\n".join(f"{name} | 2024-09-01 | 3133990001 | 8 | 1 | 在读" for name in ABSENT)
    rolls = "\n".join(f"3133990001 | 8 | 1 | {day} | 40 | 40 | yes" for day in DAYS)
    absences = "\n".join(f"{name} | {day} | 旷课 | 全天" for name, days in ABSENT.items() for day in days)
    store = given(
        tmp_path,
        enrolments=f"pupil | snapshot_on | school_code | grade | class | status\n{pupils}",
        rolls=f"school_code | grade | class | date | expected | present | is_taken\n{rolls}",
        absences=f"pupil | date | absence | session\n{absences}",
        cases="""
            case | pupil            | clue | opened_on
            a    | with a case      | 考勤 | 2024-10-10
            b    | case open before | 考勤 | 2024-06-10
        """,
        changes="""
            pupil      | change | changed_on | accepted_on
            moved away | 转出   | 2024-09-10 | 2024-09-12
        """,
    )
    rows = overlooked(store.known_by("2024-11-05")).to_pandas()
    assert rows["pupil"].tolist() == ["unseen"]
    first, last = rows["absent_since"].dt.date.astype(str)[0], rows["absent_until"].dt.date.astype(str)[0]
    assert (first, last, rows["absent_days"][0]) == (DAYS[0], DAYS[19], 20)
