"""What became of children who left: curves with censoring, measures, visits, and whether a return lasted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from baoxue.cases import deadlines, outcomes, waits, watch
from baoxue.codes import VisitWay
from cases_drawn import across
from given import given


def spells(*drawn: tuple[int, bool], group: str = "x") -> pd.DataFrame:
    return pd.DataFrame(drawn, columns=["days", "event"]).assign(reason=group)


def test_a_child_still_out_counts_as_long_as_it_was_seen_and_no_longer():
    """Back after 10 days, seen 15 days, back after 20, seen 30: 1 - 3/4 = 25 %, then 1 - 3/4 * 1/2 = 62.5 %."""
    rows = outcomes.curve(spells((10, True), (15, False), (20, True), (30, False)))
    told = rows.loc[rows["days"].isin([10, 20]), ["event_pct", "at_risk"]]
    assert told.values.tolist() == [[25.0, 4.0], [62.5, 2.0]]
    assert (rows["low_pct"] <= rows["event_pct"]).all() and (rows["event_pct"] <= rows["high_pct"]).all()


def test_without_an_event_there_is_no_curve():
    assert outcomes.curve(spells((10, False), (20, False))).empty


def test_the_median_and_the_share_by_a_day():
    rows = spells(*((days, True) for days in range(10, 110, 10)))
    row = outcomes.time_to_event(rows, day=30).iloc[0]
    assert (row["children"], row["events"], row["median_days"], row["by_day_pct"]) == (10, 10, 50, pytest.approx(30))
    assert row["median_low"] < 50 < row["median_high"]


def test_a_median_that_is_not_reached_is_empty():
    rows = spells(*([(10, True)] * 3 + [(100, False)] * 9))
    row = outcomes.time_to_event(rows, day=30).iloc[0]
    assert row["told"] and np.isnan(row["median_days"]) and row["by_day_pct"] == pytest.approx(25)


def test_of_a_small_group_nothing_is_told():
    rows = pd.concat([spells(*([(10, True)] * 10)), spells((5, True), group="y")])
    table = outcomes.time_to_event(rows, "reason", least=10).set_index("group")
    assert table["told"].to_dict() == {"x": True, "y": False}
    assert table.loc["y", ["median_days", "by_day_pct"]].isna().all()


def test_a_share_has_its_interval_or_is_not_told():
    counts = pd.DataFrame({"back": [5, 0, 1], "visits": [10, 20, 3]})
    table = outcomes.shares(counts, "back", "visits", least=10)
    assert table["told"].tolist() == [True, True, False]
    assert table["back_pct"].tolist()[:2] == [50.0, 0.0] and np.isnan(table["back_pct"][2])
    assert 23 < table["low_pct"][0] < 24 and 76 < table["high_pct"][0] < 77  # Wilson, 5 of 10
    assert 16 < table["high_pct"][1] < 17


TABLES: dict[str, Any] = {
    "terms": """
        term              | starts_on  | ends_on
        2024学年第一学期 | 2024-09-01 | 2025-01-17
    """,
    "enrolments": """
        pupil | snapshot_on | school_code | grade | class | status
        p1    | 2024-09-01  | 3133990001  | 8     | 1     | 在读
        p2    | 2024-09-01  | 3133990001  | 5     | 1     | 在读
    """,
    "cases": across("""
        case            | a          | b          | c          | d          | e
        pupil           | p1         | p2         | p3         | p4         | p1
        clue            | 考勤       | 考勤       | 考勤       | 考勤       | 考勤
        opened_on       | 2024-09-05 | 2024-09-05 | 2024-09-05 | 2024-09-05 | 2024-11-20
        first_absent_on | 2024-09-02 | 2024-09-02 | 2024-09-02 | 2024-09-02 | 2024-11-18
        conclusion      | 辍学       | 辍学       | 辍学       | 返校       | 辍学
        concluded_on    | 2024-09-29 | 2024-09-29 | 2024-09-29 | 2024-09-12 | 2024-11-25
        closed_on       | 2024-10-12 | -          | 2024-10-12 | 2024-09-12 | -
        closing         | 返校复学   | -          | 出国境     | 返校复学   | -
    """),
    "visits": """
        case | pupil | attempt | visited_on | way  | measure | result
        a    | p1    | 1       | 2024-09-10 | 电话 | 感情    | 学生拒绝
        a    | p1    | 2       | 2024-10-02 | 家访 | 行政    | 承诺返校
        b    | p2    | 1       | 2024-09-10 | 家访 | 感情    | 学生拒绝
        d    | p4    | 1       | 2024-09-10 | 家访 | 感情    | 已返校
        e    | p1    | 1       | 2024-11-26 | 家访 | 感情    | 学生拒绝
    """,
    "rolls": """
        school_code | grade | class | date       | expected | present | is_taken
        3133990001  | 8     | 1     | 2024-10-14 | 40       | 40      | yes
        3133990001  | 8     | 1     | 2024-10-15 | 40       | 39      | yes
        3133990001  | 8     | 1     | 2024-10-16 | 40       | 0       | no
        3133990001  | 8     | 1     | 2024-10-17 | 40       | 40      | yes
        3133990001  | 8     | 1     | 2024-10-18 | 40       | 40      | yes
    """,
    "absences": """
        pupil | date       | absence | session
        p1    | 2024-10-15 | 病假    | 全天
        p1    | 2024-10-17 | 旷课    | 上午
    """,
}  # fmt: skip


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    return given(tmp_path_factory.mktemp("outcomes"), **TABLES).known_by("2024-11-30")


def test_a_spell_ends_with_the_return_with_another_end_or_today(known):
    rows = outcomes.spells(known)
    assert rows[["case", "event", "days"]].values.tolist() == [
        ["a", True, 40],  # 2 September to 12 October
        ["b", False, 89],  # still out
        ["c", False, 40],  # abroad: no return
        ["e", False, 12],
    ]
    assert rows["stage"].tolist()[:2] == ["初中", "小学"]


def test_the_clock_of_a_measure_begins_with_its_first_use(known):
    rows = outcomes.measure_spells(known)
    told = rows[["measure", "case", "event", "days"]].values.tolist()
    assert told == [["感情", "a", True, 32], ["感情", "b", False, 81], ["感情", "e", False, 4], ["行政", "a", True, 10]]


def test_a_visit_counts_as_followed_by_a_return_within_two_weeks_and_a_young_one_not_at_all(known):
    rows = outcomes.visit_results(known, "measure", least=1).set_index("group")
    assert rows[["visits", "back"]].T.to_dict("list") == {"感情": [2, 0], "行政": [1, 1]}


def test_a_return_lasts_until_the_child_leaves_again_and_a_settled_suspicion_is_none(known):
    rows = outcomes.lasting_spells(known)
    assert rows[["case", "event", "days"]].values.tolist() == [["a", True, 37]]  # 12 October to 18 November


def test_attendance_after_the_return_counts_only_days_on_which_the_roll_was_taken(known):
    rows = watch.watch(known).to_pandas().set_index("watch_day")
    assert rows.loc[30, ["roll_days", "present_days", "attendance_pct"]].tolist() == [4, 3, 75.0]
    assert rows["reached"].tolist() == [True, False, False]
    assert rows["left_again"].tolist() == [False, True, True]  # 37 days after


def test_visits_and_staff_minutes_per_case_by_state(tmp_path):
    store = given(
        tmp_path,
        visits="""
            case | pupil | attempt | visited_on | way  | result
            a    | p1    | 1       | 2024-09-06 | 电话 | 未见到人
            a    | p1    | 2       | 2024-09-07 | 家访 | 学生拒绝
            b    | p2    | 1       | 2024-09-06 | -    | 未见到人
        """,
    )
    table = pd.DataFrame(
        {"case": list("abc"), "pupil": ["p1", "p2", "p3"], "state": ["已销案", "劝返中", "已销案"], "visits": [2, 1, 0]}
    )
    minutes = deadlines.rules().visit_minutes
    called, visited, other = (minutes[way] for way in VisitWay)
    assert outcomes.workload(store.known_by("2024-11-30"), table).values.tolist() == [
        ["劝返中", 1, 1, 1.0, 1, other],
        ["已销案", 2, 2, 1.0, 2, round((called + visited) / 2)],
    ]


def test_where_cases_wait_counts_every_stay_and_those_that_go_on(known):
    rows = waits.stays(known).set_index("state")
    assert list(rows.loc["疑似辍学待认定", ["stays", "ended", "waiting"]]) == [5, 5, 0]
    # d and its truant concluded after 7 days, three after 24, the last after 5
    assert rows.loc["疑似辍学待认定", "days_median"] == 24
    assert list(rows.loc["劝返中", ["stays", "ended", "waiting", "waiting_days_max"]]) == [3, 1, 2, 62]


def test_timeliness_counts_each_step_once_and_skips_nothing(known):
    rows = waits.timeliness(known, least=1).set_index("step")
    assert (rows[["in_time", "late", "not_done", "skipped"]].sum(axis=1) == rows["fell_due"]).all()
    assert list(rows.loc["首次劝返", ["fell_due", "in_time", "not_done"]]) == [4, 3, 1]  # c was never visited
    later = waits.timeliness(known, since=pd.Timestamp("2024-11-01"), least=1).set_index("step")
    assert later.loc["认定", "fell_due"] == 1
