"""The lives of the simulated county: how many leave, who, after what signs, and what only looks like leaving."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from baoxue import demo
from baoxue.demo import presence, seating, timeline, truth
from baoxue.demo.facts import Facts
from baoxue.demo.spells import UNEXCUSED

BEFORE = 40
"""School days before an event in which signs are looked for."""


@cache
def county(rate: float, seed: int = 3) -> demo.filing.Drop:
    return demo.simulate(Path("nowhere"), "small", seed, rate)


@pytest.fixture(scope="module")
def facts() -> Facts:
    return county(0.005).facts


def yearly_rates(facts: Facts) -> tuple[int, int]:
    """Pupils who left within a school year, and pupils in class when it began, over the three whole years."""
    left, here = 0, 0
    for year in timeline.YEARS[:3]:
        first = timeline.term_start(year, 1)
        sits = presence.sitting(facts.lives, facts.away, first - 1 if year > 2021 else first)
        sits &= facts.lives.seats.grade[:, year - 2021] > 0
        rows = facts.followed
        in_year = (rows["left_on"] >= first) & (rows["left_on"] < timeline.september(year + 1))
        left += rows.loc[in_year, "pupil"].nunique()
        here += int((facts.lives.seats.grade[:, year - 2021] > 0).sum())
    return left, here


def unexcused_before(facts: Facts, pupil: pd.Series, day: pd.Series) -> np.ndarray:
    """Recorded days and half-days of 旷课 in the school days before each event."""
    at = timeline.clock().at(presence.days(day))
    events = pd.DataFrame({"event": np.arange(len(at)), "pupil": pupil.to_numpy(), "at": at})
    rows = facts.attended.absences
    met = events.merge(rows.loc[rows["kind"] == UNEXCUSED, ["pupil", "day"]], on="pupil")
    met = met[(met["day"] < met["at"]) & (met["day"] >= met["at"] - BEFORE)]
    return met.groupby("event").size().reindex(events["event"], fill_value=0).to_numpy()


@pytest.mark.parametrize(("rate", "tolerance"), [(0.001, 0.55), (0.005, 0.22), (0.02, 0.12), (0.15, 0.15)])
def test_the_yearly_rate_is_the_one_asked_for(rate: float, tolerance: float) -> None:
    left, here = yearly_rates(county(rate).facts)
    assert left / here == pytest.approx(rate, rel=tolerance)


def test_junior_pupils_leave_far_more_often_than_primary_pupils(facts: Facts) -> None:
    rows = facts.followed
    grade = facts.lives.seats.grade[rows["pupil"], seating.year_index(presence.days(rows["left_on"]))]
    seated = facts.lives.seats.grade
    junior = (grade >= 7).sum() / (seated >= 7).sum()
    primary = (grade < 7).sum() / ((seated > 0) & (seated < 7)).sum()
    assert junior > 5 * primary > 0


def test_leaving_follows_the_true_hazard(facts: Facts) -> None:
    """As many leave as the hazards add up to, within four standard deviations, and the likelier half leaves more."""
    hazard = facts.lives.hazard
    expected = np.nansum(hazard)
    natural = facts.followed[~facts.followed["pupil"].isin([*facts.chosen.concealed, *facts.chosen.unrecorded])]
    assert abs(len(natural) - expected) < 4 * np.sqrt(expected)
    month = (presence.days(natural["left_on"]).astype("datetime64[M]") - np.datetime64("2021-09", "M")).astype(int)
    at_leaving = hazard[natural["pupil"], month]
    assert not np.isnan(at_leaving).any()
    assert np.median(at_leaving) > 5 * np.nanmedian(hazard)


def test_nobody_is_at_risk_while_away(facts: Facts) -> None:
    hazards = truth.hazards(facts)
    gone = facts.followed[facts.followed["returned_on"].isna() & (facts.followed["left_on"] < "2024-06-01")]
    name = truth.names(facts.everyone)
    last = dict(zip(name[gone["pupil"]], gone["left_on"].dt.strftime("%Y-%m"), strict=True))
    rows = hazards[hazards["id_number"].isin(last)]
    assert len(rows) and (rows["month"] <= rows["id_number"].map(last)).all()


def test_absence_comes_before_some_leavings_and_not_before_others(facts: Facts) -> None:
    rows = facts.followed[(facts.followed["left_on"] > "2021-12-01") & (facts.followed["left_on"] < "2024-12-01")]
    days = unexcused_before(facts, rows["pupil"], rows["left_on"])
    assert (days >= 2).mean() > 0.15, "announced"
    assert (days == 0).mean() > 0.25, "unannounced"


def test_marks_of_those_who_will_leave_are_lower_and_not_all_of_them_low(facts: Facts) -> None:
    marks = demo.drop.daily_files.marks.marks(facts.lives, facts.away, 24, 3)
    marks = marks[marks["term"] == "2022学年第二学期"]
    year = timeline.YEARS.index(2022)
    grade = facts.lives.seats.grade[marks["pupil"], year]
    rank = marks.groupby([grade, "subject"])["mark"].rank(pct=True).groupby(marks["pupil"]).mean()
    leavers = facts.followed.loc[facts.followed["left_on"] > "2023-06-30", "pupil"]
    of_leavers = rank.reindex(leavers).dropna()
    assert of_leavers.mean() < 0.42
    assert (of_leavers > 0.5).mean() > 0.1


def test_some_transfers_are_preceded_by_weeks_of_absence_and_most_are_not(facts: Facts) -> None:
    ends = facts.lives.ends
    who = (ends.kind == seating.TRANSFER) & ~np.isnat(ends.changed_on)
    waited = (ends.changed_on - ends.gone_on)[who].astype(int)
    assert 0.15 < (waited > 5).mean() < 0.5


def test_no_ordinary_transfer_death_emigration_or_illness_is_a_dropout_in_truth(facts: Facts) -> None:
    outcomes = truth.outcomes(facts)
    name = truth.names(facts.everyone)
    ends = facts.lives.ends
    ordinary = np.isin(ends.kind, (seating.TRANSFER, seating.DEATH, seating.EMIGRATION))
    ordinary[facts.chosen.transfer_unconfirmed] = False
    theirs = outcomes[outcomes["id_number"].isin(name[: len(ordinary)][ordinary])]
    last = theirs.sort_values("left_on").groupby("id_number")["kind"].last()
    assert set(last) == {"transfer", "death", "emigration"}
    dropouts = set(outcomes.loc[outcomes["kind"] == "dropout", "id_number"])
    assert not dropouts & set(name[facts.chosen.long_illness])
    ill = facts.lives.suspensions
    returned = ill.loc[ill["resumed_on"].notna() & ~ill["pupil"].isin(facts.followed["pupil"]), "pupil"]
    assert len(returned) and not dropouts & set(name[returned])


def test_some_unconfirmed_transfers_and_expired_suspensions_hide_a_dropout(facts: Facts) -> None:
    hidden = truth.outcomes(facts).query("way == 'hidden'")
    assert set(hidden["kind"]) == {"dropout"} and not hidden["is_found"].any()
    assert len(hidden) == len(facts.chosen.transfer_dropouts) + len(facts.chosen.suspension_dropouts) > 1


def test_every_dropout_has_a_case_or_is_one_that_nobody_has_found(facts: Facts) -> None:
    outcomes = truth.outcomes(facts)
    dropouts = outcomes[(outcomes["kind"] == "dropout") & (outcomes["left_on"] <= pd.Timestamp(timeline.LAST_DAY))]
    name = truth.names(facts.everyone)
    cases = county(0.005).cases
    with_case = pd.MultiIndex.from_arrays([name[cases["pupil"]], cases["first_absent_on"]])
    has_case = pd.MultiIndex.from_frame(dropouts[["id_number", "left_on"]]).isin(with_case)
    assert (has_case == dropouts["is_found"].astype(bool)).all()
    assert 0.6 < has_case.mean() < 1


def test_those_who_came_back_leave_again_more_easily() -> None:
    rows = county(0.02).facts.followed
    back = rows[rows["returned_on"] < "2024-06-01"]
    again = rows.merge(back[["pupil", "returned_on"]], on="pupil", suffixes=("", "_before"))
    again = again[again["left_on"] >= again["returned_on_before"]]
    assert again["pupil"].nunique() / back["pupil"].nunique() > 2 * 0.02


def test_no_leaving_overlaps_another_of_the_same_child() -> None:
    rows = county(0.15).facts.followed.sort_values(["pupil", "left_on"])
    after = rows.groupby("pupil")["left_on"].shift(-1)
    assert (after.isna() | (rows["returned_on"] <= after)).all()


def test_absence_has_a_long_right_tail(facts: Facts) -> None:
    rows = facts.attended.absences
    month = rows[(rows["day"] >= 300) & (rows["day"] < 320) & (rows["kind"] <= 2) & ~rows["is_run"]]
    pupils = int((facts.lives.seats.grade[:, 1] > 0).sum())
    days = month.groupby("pupil").size()
    assert 0.74 < 1 - len(days) / pupils < 0.93, "most miss nothing in four weeks"
    assert (days >= 5).sum() / pupils > 0.001, "a few miss a week"


def test_a_roll_counts_no_more_present_than_expected_and_some_rolls_are_not_taken(facts: Facts) -> None:
    rolls = facts.attended.rolls
    assert (rolls["present"] <= rolls["expected"]).all() and (rolls["present"] >= 0).all()
    assert not rolls.duplicated(["school", "grade", "class_number", "day"]).any()
    assert 0 < (~rolls["is_taken"]).mean() < 0.05


def test_a_grade_has_only_children_old_enough_for_it(facts: Facts) -> None:
    for index, year in enumerate(timeline.YEARS):
        grade = facts.lives.seats.grade[:, index]
        birth = presence.days(facts.lives.people["birth"])
        age = (timeline.september(year) - birth).astype(int) / 365.25
        over = age[grade > 0] - 5 - grade[grade > 0]
        assert over.min() >= 0 and over.max() < 4


def test_the_passage_to_junior_school_keeps_nine_year_pupils_where_they_are(facts: Facts) -> None:
    where = county(0.005).where
    nine_year = (where.schools["school_type"] == "九年一贯制学校").to_numpy()
    seats = facts.lives.seats
    passes = (seats.grade[:, 1] == 6) & (seats.grade[:, 2] == 7) & np.isnat(seats.moved_on[:, 1])
    from_nine = passes & nine_year[seats.school[:, 1]]
    assert from_nine.sum() and (seats.school[from_nine, 1] == seats.school[from_nine, 2]).all()
    taught = where.schools["school_type"].to_numpy()[seats.school[passes, 2]]
    assert set(taught) <= {"初级中学", "九年一贯制学校", "特殊教育学校"}
