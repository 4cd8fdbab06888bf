"""What a county reader sees first and last: the comparison at a glance, what needs judgement, what came back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from baoxue import registers
from baoxue.registers.beyond import JUDGED
from given import given

A, B = "2133000001", "2133000002"


def test_refused_rows_are_answered_or_open_and_one_refused_anew_counts_once() -> None:
    states = [(A, "open"), (A, "accepted"), (A, "replaced"), (A, "open"), (B, "withdrawn"), (None, "open")]
    refused = pd.DataFrame(states, columns=["school_code", "state"])
    rows = registers.answered(refused)
    assert rows.fillna("-").to_numpy().tolist() == [["合计", 5, 2, 3], [A, 3, 1, 2], [B, 1, 1, 0], ["-", 1, 0, 1]]
    assert registers.table(rows, "zh", {A: "第一小学"}).index.tolist() == ["合计", "第一小学", B, "不详"]
    assert registers.answered(refused.iloc[:0]).to_numpy().tolist() == [["合计", 0, 0, 0]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_glance_says_how_many_agree_what_moved_and_what_is_open_longest(lang: str) -> None:
    agreement = pd.DataFrame({"compared": [1200, 10], "agree": [1190, 8], "explained": [6, 0], "disagree": [4, 2]})
    counts = pd.DataFrame({"before": [5], "cleared": [1], "new": [2], "now": [6]})
    longest = pd.DataFrame({"finding": ["never_enrolled"], "open_days": [1186]})
    lines = registers.at_a_glance(agreement, counts, longest, lang).splitlines()
    assert len(lines) == 3 and "1,210" in lines[0] and "**" in lines[0] and "1,186" in lines[2]
    assert len(registers.at_a_glance(agreement, counts, longest.iloc[:0], lang).splitlines()) == 2


def test_what_no_record_settles_is_named_with_how_many_it_may_concern(tmp_path: Path) -> None:
    store = given(
        tmp_path,
        enrolments=f"""
            pupil | snapshot_on | school_code | registration | has_id
            p1    | 2024-11-01  | {A}         | r1           | yes
            p2    | 2024-11-01  | {A}         | r2           | no
        """,
        rosters=f"""
            pupil | candidate | snapshot_on | school_code
            p1    | -         | 2024-11-11  | {A}
            -     | c1        | 2024-11-11  | {A}
        """,
        changes="""
            pupil | change | changed_on | accepted_on | confirmed_on
            p3    | 转出   | 2024-11-20 | 2024-11-20  | -
            p4    | 转出   | 2024-09-01 | 2024-09-01  | -
            p5    | 转出   | 2024-11-20 | 2024-11-20  | 2024-11-22
        """,
        admissions="""
            pupil | admission_year | passage | arrival | whereabouts | whereabouts_checked_on
            p6    | 2024           | 幼升小  | 未报到  | -           | -
            p7    | 2024           | 幼升小  | 未报到  | 省外就读    | 2024-10-01
        """,
    )
    rows = registers.beyond(store.known_by(dt.date(2024, 11, 30))).set_index("finding")["untold"]
    assert rows.dropna().to_dict() == {
        "never_enrolled": 1, "in_class_not_on_roll": 1, "transfer_unconfirmed": 1, "not_arrived": 1,
    }  # fmt: skip
    assert set(rows.index) == set(JUDGED) <= set(registers.FINDINGS)
    table = registers.table(registers.beyond(store.known_by(dt.date(2024, 11, 30))), "en")
    assert (table["where judgement is needed"].str.len() > 40).all()
