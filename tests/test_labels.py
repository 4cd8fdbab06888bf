"""Labels: who left within the horizon, who stayed, and why some have no label; three definitions side by side."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from baoxue import features, labels
from baoxue.panel import school_days
from baoxue.store import Store
from given import given

AS_OF = dt.date(2023, 11, 30)

TERMS = """
term             | starts_on  | ends_on
2023学年第一学期 | 2023-09-01 | 2024-01-19
2023学年第二学期 | 2024-02-19 | 2024-06-28
2024学年第一学期 | 2024-09-02 | 2025-01-17
"""

HEADER = "pupil | snapshot_on | school_code | registration | grade | class | status\n"


def registry(pupils: str = "ann bo cai dan", *, grade: int = 8, days: str = "2023-09-01 2024-03-01") -> str:
    pairs = [(who, day) for who in pupils.split() for day in days.split()]
    return HEADER + "".join(f"{who} | {day} | s1 | r-{who} | {grade} | 1 | 在读\n" for who, day in pairs)


CASE = "case | pupil | opened_on | first_absent_on | conclusion | concluded_on | closed_on | closing\n"
CHANGE = "pupil | change | changed_on | accepted_on | reviewed_on | review | suspended_until\n"


def label(store: Store, **options: object) -> pd.DataFrame:
    return labels.left_within(store, AS_OF, **options)  # type: ignore[arg-type]


def told(frame: pd.DataFrame) -> dict[str, object]:
    pairs = zip(frame.index, frame["left"], strict=True)
    return {pupil: None if pd.isna(left) else bool(left) for pupil, left in pairs}


def reasons(frame: pd.DataFrame) -> dict[str, str]:
    return dict(frame["reason"].dropna())


def test_a_leaving_after_the_day_and_within_the_horizon_counts(tmp_path: Path) -> None:
    cases = CASE + (
        "c1 | ann | 2023-12-05 | 2023-12-01 | 辍学 | 2023-12-20 | - | -\n"
        "c2 | bo  | 2024-06-02 | 2024-05-30 | 辍学 | 2024-06-20 | - | -\n"
        "c3 | cai | 2024-06-02 | 2024-05-31 | 辍学 | 2024-06-20 | - | -\n"
    )
    found = label(given(tmp_path, terms=TERMS, enrolments=registry(), cases=cases))
    assert told(found) == {"ann": True, "bo": True, "cai": False, "dan": False}
    assert reasons(found) == {}


def test_whoever_left_and_came_back_within_the_horizon_has_left(tmp_path: Path) -> None:
    cases = CASE + "c1 | ann | 2023-12-05 | 2023-12-01 | 辍学 | 2023-12-20 | 2024-01-10 | 返校复学\n"
    assert told(label(given(tmp_path, terms=TERMS, enrolments=registry(), cases=cases)))["ann"] is True


def test_a_leaving_confirmed_too_late_is_not_known_to_the_label(tmp_path: Path) -> None:
    cases = CASE + "c1 | ann | 2024-05-20 | 2024-05-15 | 辍学 | 2024-08-01 | - | -\n"
    store = given(tmp_path, terms=TERMS, enrolments=registry(), cases=cases)
    assert told(label(store))["ann"] is False
    assert told(label(store, known_until=dt.date(2024, 8, 1)))["ann"] is True


def test_the_outcome_cannot_be_known_before_the_horizon_ends(tmp_path: Path) -> None:
    store = given(tmp_path, terms=TERMS, enrolments=registry())
    with pytest.raises(ValueError, match="ends on 2024-05-30"):
        label(store, known_until=dt.date(2024, 5, 29))


def test_who_had_left_is_not_at_risk_and_who_had_come_back_is(tmp_path: Path) -> None:
    cases = CASE + (
        "c1 | ann | 2023-10-05 | 2023-10-01 | 辍学 | 2023-10-20 | - | -\n"
        "c2 | bo  | 2023-10-05 | 2023-10-01 | 辍学 | 2023-10-20 | 2023-11-10 | 返校复学\n"
        "c3 | cai | 2023-12-05 | 2023-11-20 | 辍学 | 2023-12-20 | - | -\n"
    )
    found = label(given(tmp_path, terms=TERMS, enrolments=registry(), cases=cases))
    assert told(found) == {"ann": None, "bo": False, "cai": None, "dan": False}
    assert reasons(found) == {"ann": "left", "cai": "left_unnoticed"}


def test_transfer_death_emigration_and_leave_end_the_risk_without_a_label(tmp_path: Path) -> None:
    changes = CHANGE + (
        "ann | 转出      | 2024-01-10 | 2024-01-11 | 2024-01-15 | 通过 | -\n"
        "bo  | 死亡      | 2024-01-10 | 2024-01-11 | 2024-01-15 | 通过 | -\n"
        "cai | 出国(境)  | 2024-01-10 | 2024-01-11 | 2024-01-15 | 通过 | -\n"
        "dan | 休学      | 2024-01-10 | 2024-01-11 | 2024-01-15 | 通过 | 2024-12-31\n"
    )
    rows = registry(days="2023-09-01") + "dan | 2024-03-01 | s1 | r-dan | 8 | 1 | 休学\n"
    found = label(given(tmp_path, terms=TERMS, enrolments=rows, changes=changes))
    assert told(found) == {"ann": None, "bo": None, "cai": None, "dan": None}
    assert reasons(found) == {"ann": "transferred", "bo": "dead", "cai": "emigrated", "dan": "on_leave"}


def test_a_leaving_before_a_transfer_is_a_leaving(tmp_path: Path) -> None:
    cases = CASE + "c1 | ann | 2023-12-05 | 2023-12-01 | 辍学 | 2023-12-20 | - | -\n"
    changes = CHANGE + "ann | 转出 | 2024-04-10 | 2024-04-11 | 2024-04-15 | 通过 | -\n"
    found = label(given(tmp_path, terms=TERMS, enrolments=registry(), cases=cases, changes=changes))
    assert told(found)["ann"] is True


def test_a_transfer_within_the_county_ends_nothing_as_the_pupil_is_still_on_the_registry(tmp_path: Path) -> None:
    changes = CHANGE + "ann | 转出 | 2024-01-10 | 2024-01-11 | 2024-01-15 | 通过 | -\n"
    found = label(given(tmp_path, terms=TERMS, enrolments=registry(), changes=changes))
    assert told(found)["ann"] is False


def test_a_change_that_was_sent_back_ends_nothing(tmp_path: Path) -> None:
    changes = CHANGE + "ann | 休学 | 2024-01-10 | 2024-01-11 | 2024-01-15 | 退回 | 2024-12-31\n"
    found = label(given(tmp_path, terms=TERMS, enrolments=registry(), changes=changes))
    assert told(found)["ann"] is False


def test_who_is_on_approved_leave_on_the_day_is_not_at_risk(tmp_path: Path) -> None:
    changes = CHANGE + (
        "ann | 休学 | 2023-10-10 | 2023-10-11 | 2023-10-15 | 通过 | 2024-06-30\n"
        "bo  | 休学 | 2023-03-10 | 2023-03-11 | 2023-03-15 | 通过 | 2023-10-31\n"
        "cai | 休学 | 2023-10-10 | 2023-10-11 | 2023-12-15 | 通过 | 2024-06-30\n"
    )
    store = given(tmp_path, terms=TERMS, enrolments=registry(), changes=changes)
    assert labels.standing(store.known_by(AS_OF)).dropna().to_dict() == {"ann": "on_leave"}
    assert reasons(label(store)) == {"ann": "on_leave"}


def test_a_transfer_since_the_snapshot_takes_a_pupil_out_of_risk_and_one_before_it_does_not(tmp_path: Path) -> None:
    changes = CHANGE + (
        "ann | 转出 | 2023-11-10 | 2023-11-11 | 2023-11-15 | 通过 | -\n"
        "bo  | 转出 | 2023-08-10 | 2023-08-11 | 2023-08-15 | 通过 | -\n"
    )
    store = given(tmp_path, terms=TERMS, enrolments=registry(), changes=changes)
    assert labels.standing(store.known_by(AS_OF)).dropna().to_dict() == {"ann": "transferred"}


def test_who_is_gone_from_the_registry_without_a_record_has_no_label(tmp_path: Path) -> None:
    rows = registry("ann bo") + "cai | 2023-09-01 | s1 | r-cai | 8 | 1 | 在读\n"
    found = label(given(tmp_path, terms=TERMS, enrolments=rows))
    assert told(found) == {"ann": False, "bo": False, "cai": None}
    assert reasons(found) == {"cai": "untraced"}


def test_graduation_ends_the_risk_as_a_pupil_who_stayed(tmp_path: Path) -> None:
    rows = registry("ann bo", grade=9, days="2023-09-01") + "cai | 2024-09-01 | s1 | r-cai | 7 | 1 | 在读\n"
    changes = CHANGE + "ann | 毕业 | 2024-06-30 | 2024-07-01 | 2024-07-05 | 通过 | -\n"
    cases = CASE + "c1 | bo | 2024-04-10 | 2024-04-05 | 辍学 | 2024-04-30 | - | -\n"
    store = given(tmp_path, terms=TERMS, enrolments=rows, changes=changes, cases=cases)
    found = label(store, months=10)
    assert told(found) == {"ann": False, "bo": True}
    assert reasons(found) == {"ann": "graduated"}


def test_without_a_graduation_record_the_last_grade_is_not_untraced_after_the_summer(tmp_path: Path) -> None:
    rows = registry("ann", grade=9, days="2023-09-01") + "cai | 2024-09-01 | s1 | r-cai | 7 | 1 | 在读\n"
    found = label(given(tmp_path, terms=TERMS, enrolments=rows), months=10)
    assert told(found) == {"ann": False}
    assert reasons(found) == {"ann": "graduated"}


def absent_days(who: str, days: pd.DatetimeIndex, kind: str = "旷课") -> str:
    return "".join(f"{who} | {day.date()} | {kind} | 全天\n" for day in days)


def test_long_absence_is_so_many_unexcused_days_in_a_row_begun_after_the_day(tmp_path: Path) -> None:
    held = school_days(given(tmp_path / "calendar", terms=TERMS).known_by("2024-06-28"))
    rolls = "school_code | grade | class | date | expected | present | is_taken\n" + "".join(
        f"s1 | 8 | 1 | {day.date()} | 4 | 3 | yes\n" for day in held
    )
    after = held[held > pd.Timestamp("2024-03-01")]
    before = held[held > pd.Timestamp("2023-11-20")]
    absences = "pupil | date | absence | session\n" + (
        absent_days("ann", after[:20]) + absent_days("bo", after[:19]) + absent_days("cai", before[:25])
        + absent_days("dan", after[:30], "病假")
    )  # fmt: skip
    store = given(tmp_path / "store", terms=TERMS, enrolments=registry(), rolls=rolls, absences=absences)
    found = label(store, definition="long_absence")
    assert told(found) == {"ann": True, "bo": False, "cai": None, "dan": False}
    assert reasons(found) == {"cai": "left_unnoticed"}
    assert told(label(store)) == {"ann": False, "bo": False, "cai": False, "dan": False}


def test_not_back_is_on_no_roster_of_the_next_term_without_a_lawful_way_out(tmp_path: Path) -> None:
    rosters = "pupil | snapshot_on | school_code | grade | class\nann | 2024-02-26 | s1 | 8 | 1\n"
    changes = CHANGE + "cai | 转出 | 2024-01-10 | 2024-01-11 | 2024-01-15 | 通过 | -\n"
    rows = registry("ann bo") + "cai | 2023-09-01 | s1 | r-cai | 8 | 1 | 在读\n"
    store = given(tmp_path, terms=TERMS, enrolments=rows, rosters=rosters, changes=changes)
    assert told(label(store, definition="not_back"))["bo"] is True
    assert told(label(store, definition="not_back"))["ann"] is False


def test_without_a_roster_or_snapshot_of_the_next_term_nobody_is_called_not_back(tmp_path: Path) -> None:
    store = given(tmp_path, terms=TERMS, enrolments=registry(days="2023-09-01"))
    assert not label(store, definition="not_back")["left"].any()


def test_an_unknown_definition_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="not_there"):
        label(given(tmp_path, terms=TERMS, enrolments=registry()), definition="not_there")


def test_examples_hold_only_pupils_at_risk_and_count_the_others(tmp_path: Path) -> None:
    cases = CASE + (
        "c1 | ann | 2023-10-05 | 2023-10-01 | 辍学 | 2023-10-20 | - | -\n"
        "c2 | bo  | 2023-12-05 | 2023-12-01 | 辍学 | 2023-12-20 | - | -\n"
    )
    store = given(tmp_path, terms=TERMS, enrolments=registry(), cases=cases)
    found = labels.examples(store, [dt.date(2023, 9, 30), AS_OF])
    pairs = list(zip(found.about["as_of"].astype(str), found.about["pupil"], found.y, strict=True))
    assert pairs == [
        ("2023-09-30", "ann", 1), ("2023-09-30", "bo", 1), ("2023-09-30", "cai", 0), ("2023-09-30", "dan", 0),
        ("2023-11-30", "bo", 1), ("2023-11-30", "cai", 0), ("2023-11-30", "dan", 0),
    ]  # fmt: skip
    assert list(found.X) == list(features.BY_NAME)
    assert found.about["left_on"].dropna().dt.date.tolist() == [dt.date(2023, 10, 1)] + [dt.date(2023, 12, 1)] * 2
    assert len(found.groups) == len(found.X)
    assert found.excluded.to_numpy().tolist() == [[AS_OF, "left", 1]]


def test_a_day_before_any_registry_gives_no_examples_and_says_so(tmp_path: Path) -> None:
    store = given(tmp_path, terms=TERMS, enrolments=registry())
    with pytest.raises(ValueError, match="no registry snapshot"):
        labels.examples(store, [dt.date(2022, 9, 30)])


def test_only_days_whose_outcome_is_confirmed_can_be_learned_from(tmp_path: Path) -> None:
    store = given(tmp_path, terms=TERMS, enrolments=registry())
    autumn, spring = dt.date(2023, 9, 30), dt.date(2024, 3, 31)
    assert labels.learnable(store, dt.date(2024, 4, 28)) == []
    assert labels.learnable(store, dt.date(2024, 4, 29)) == [autumn]
    assert labels.learnable(store, dt.date(2024, 10, 30)) == [autumn, spring]
    assert labels.learnable(given(tmp_path / "none", terms=TERMS), dt.date(2024, 6, 29)) == []


def test_a_label_does_not_see_past_the_day_it_may_know(tmp_path: Path) -> None:
    store = given(tmp_path, terms=TERMS, enrolments=registry())
    before = label(store)
    given(
        tmp_path,
        cases=CASE + "c9 | ann | 2024-01-05 | 2024-01-01 | 辍学 | 2024-09-20 | - | -\n",
        changes=CHANGE + "bo | 转出 | 2024-01-10 | 2024-09-11 | 2024-09-15 | 通过 | -\n",
        enrolments=HEADER + "ann | 2024-09-01 | s1 | r-ann | 9 | 1 | 在读\n",
    )
    pd.testing.assert_frame_equal(label(store), before)


def test_who_graduates_or_transfers_before_the_next_term_is_not_called_not_back(tmp_path: Path) -> None:
    rows = registry("ann bo cai", grade=9, days="2024-03-01")
    changes = CHANGE + (
        "ann | 毕业 | 2024-06-30 | 2024-07-01 | 2024-07-05 | 通过 | -\n"
        "bo  | 转出 | 2024-07-10 | 2024-07-11 | 2024-07-15 | 通过 | -\n"
    )
    later = "eve | 2024-09-01 | s1 | r-eve | 7 | 1 | 在读\n"
    store = given(tmp_path, terms=TERMS, enrolments=rows + later, changes=changes)
    found = labels.left_within(store, dt.date(2024, 3, 31), definition="not_back")
    assert told(found) == {"ann": False, "bo": None, "cai": False}
    assert reasons(found) == {"ann": "graduated", "bo": "transferred", "cai": "graduated"}


def test_who_is_gone_without_a_record_is_not_back(tmp_path: Path) -> None:
    rows = registry("ann bo", days="2024-03-01") + "ann | 2024-09-05 | s1 | r-ann | 9 | 1 | 在读\n"
    store = given(tmp_path, terms=TERMS, enrolments=rows)
    assert told(labels.left_within(store, dt.date(2024, 3, 31), definition="not_back")) == {"ann": False, "bo": True}


def test_a_conclusion_outweighs_a_transfer_on_record_before_it(tmp_path: Path) -> None:
    changes = CHANGE + "ann | 转出 | 2023-12-05 | 2023-12-06 | - | - | -\n"
    cases = CASE + "c1 | ann | 2023-12-20 | 2023-12-10 | 辍学 | 2024-01-20 | - | -\n"
    rows = registry("bo") + "ann | 2023-09-01 | s1 | r-ann | 8 | 1 | 在读\n"
    store = given(tmp_path, terms=TERMS, enrolments=rows, changes=changes, cases=cases)
    assert told(label(store))["ann"] is True


def test_another_definition_labels_the_same_rows(tmp_path: Path) -> None:
    rosters = "pupil | snapshot_on | school_code | grade | class\nann | 2024-02-26 | s1 | 8 | 1\n"
    store = given(tmp_path, terms=TERMS, enrolments=registry("ann bo"), rosters=rosters)
    given_rows = labels.examples(store, [dt.date(2023, 9, 30)])
    assert labels.relabelled(store, given_rows, ["not_back"])["not_back"].tolist() == [0, 1]


def test_who_stays_away_when_the_horizon_ends_is_a_precursor_as_known_when_it_is_settled(tmp_path: Path) -> None:
    """ann stays away a day half a year later, cai long before the horizon's end, bo's came in too late."""
    absences = "pupil | date | absence | session | known_on\n" + (
        "ann | 2024-05-20 | 旷课 | 全天 | 2024-05-21\n"
        "bo  | 2024-05-20 | 旷课 | 全天 | 2024-07-03\n"
        "cai | 2023-12-04 | 旷课 | 全天 | 2023-12-05\n"
        "dan | 2024-05-20 | 病假 | 全天 | 2024-05-21\n"
    )
    store = given(tmp_path, terms=TERMS, enrolments=registry(), absences=absences)
    found = labels.examples(store, [AS_OF])
    assert found.precursor is not None
    assert dict(zip(found.about["pupil"], found.precursor, strict=True)) == {
        "ann": True, "bo": False, "cai": False, "dan": False,
    }  # fmt: skip
    assert not found.y.any()
