"""Dropout rates, case flows and their intervals, counted by eye."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, settings
from hypothesis import given as any_of
from hypothesis import strategies as st

from baoxue import policy, rates
from baoxue.rates.intervals import CANNOT_TELL, HIGHER, LOWER, power_to_see, smallest_alarm, with_rate, with_share
from given import given
from rates_drawn import SCHOOLS, registry, row, told_from_one

__all__ = ["told_from_one"]

FIVE = registry(("2023-09-01", "a7 b7 c6 d6 e5"), ("2024-09-01", "a8 b8 c7 d7 e6"))

CASES = """
    case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
    c1   | a     | 考勤 | 2024-03-05 | 2024-02-26      | 辍学       | 2024-03-29   | 2024-04-15 | 返校复学
    c2   | c     | 考勤 | 2024-03-06 | 2024-02-27      | 辍学       | 2024-04-02   | -          | -
    c3   | d     | 考勤 | 2024-03-07 | 2024-03-01      | 返校       | 2024-03-12   | -          | -
    c4   | b     | 考勤 | 2024-11-20 | 2024-11-18      | -          | -            | -          | -
"""

TERMS = """
    term             | starts_on  | ends_on
    2023学年第一学期 | 2023-09-01 | 2024-01-26
    2023学年第二学期 | 2024-02-26 | 2024-07-05
    2024学年第一学期 | 2024-09-02 | 2025-01-17
"""


# ---- intervals


def test_no_event_still_leaves_room_for_two() -> None:
    low, high = rates.poisson_interval([0])
    assert low[0] == 0
    assert high[0] == pytest.approx(2.51, abs=0.005)


def test_the_interval_of_three_events_is_jeffreys() -> None:
    low, high = rates.poisson_interval([3])
    assert (round(low[0], 3), round(high[0], 3)) == (0.845, 8.006)


@pytest.mark.parametrize(("least", "most"), [(0.1, 2), (0.5, 10), (5, 60)])
def test_the_poisson_interval_covers_on_average_as_often_as_it_says(least: float, most: float) -> None:
    from scipy.stats import poisson

    counts, means = np.arange(0, 200), np.linspace(least, most, 400)[:, None]
    low, high = rates.poisson_interval(counts)
    covers = (poisson.pmf(counts, means) * ((low <= means) & (means <= high))).sum(axis=1)
    assert 0.93 <= covers.mean() <= 0.975
    assert covers.min() >= 0.88


@any_of(st.integers(0, 60))
def test_a_count_lies_in_its_own_interval(events: int) -> None:
    low, high = rates.poisson_interval([events])
    assert low[0] <= events <= high[0]


def test_a_share_of_all_reaches_one_and_of_none_reaches_zero() -> None:
    low, high = rates.share_interval([0, 10], [10, 10])
    assert (low[0], high[1]) == (0, 1)
    assert (round(high[0], 3), round(low[1], 3)) == (0.217, 0.783)


def test_more_events_than_people_is_no_share() -> None:
    with pytest.raises(ValueError, match="no share"):
        rates.share_interval([11], [10])


def test_no_rate_is_told_of_fewer_pupils_than_the_county_allows() -> None:
    frame = pd.DataFrame({"left": [1, 1], "pupils": [29, 30]})
    assert with_rate(frame, "left", "pupils")["rate_pct"].isna().tolist() == [True, False]
    assert with_share(frame, "left", "pupils")["low_pct"].isna().tolist() == [True, False]


def test_six_against_three_cannot_be_told_apart_but_fourteen_can() -> None:
    assert rates.compare(6, 10_000, 3, 10_000).verdict == CANNOT_TELL
    assert rates.compare(14, 10_000, 3, 10_000).verdict == HIGHER
    assert rates.compare(3, 10_000, 14, 10_000).verdict == LOWER


def test_nothing_in_either_year_cannot_be_told() -> None:
    told = rates.compare(0, 10_000, 0, 10_000)
    assert told.verdict == CANNOT_TELL
    assert np.isnan(told.ratio)


@any_of(st.integers(0, 30), st.integers(0, 30), st.integers(100, 10_000), st.integers(100, 10_000))
def test_a_comparison_turned_round_says_the_opposite(a: int, b: int, m: int, n: int) -> None:
    there, back = rates.compare(a, m, b, n), rates.compare(b, n, a, m)
    opposite = {HIGHER: LOWER, LOWER: HIGHER, CANNOT_TELL: CANNOT_TELL}
    assert back.verdict == opposite[there.verdict]
    if a + b:
        assert there.p_value == pytest.approx(back.p_value)
        assert (there.verdict == CANNOT_TELL) == (there.low <= 1 <= there.high)


def test_a_place_that_expects_half_a_case_alarms_at_three_and_rarely_gets_there() -> None:
    assert smallest_alarm([0.5]).tolist() == [3]
    assert power_to_see([0.5], 2.0)[0] == pytest.approx(8.0, abs=0.1)


# ---- 学年辍学率


@pytest.mark.usefixtures("told_from_one")
def test_the_dropout_rate_counts_confirmed_pupils_over_those_at_the_beginning_of_the_year(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=FIVE, cases=CASES).known_by("2024-11-30")
    found = rates.dropout_rate_on_registry(known)
    total = row(found, school_year=2023, stage="合计")
    assert (total["population"], total["dropouts"], total["returned"], total["net_dropouts"]) == (5, 2, 1, 1)
    assert (total["rate_pct"], total["net_rate_pct"]) == (40.0, 20.0)
    assert row(found, school_year=2023, stage="初中")["net_dropouts"] == 0
    assert row(found, school_year=2023, stage="小学")["net_dropouts"] == 1


@pytest.mark.usefixtures("told_from_one")
def test_the_year_that_is_not_over_says_so_and_a_month_without_dropouts_is_zero(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=FIVE, cases=CASES).known_by("2024-11-30")
    found = row(rates.dropout_rate_on_registry(known, by=()), school_year=2024)
    assert (found["dropouts"], found["rate_pct"], found["is_complete"]) == (0, 0.0, False)
    assert found["until"] == pd.Timestamp("2024-11-30")


@pytest.mark.usefixtures("told_from_one")
def test_a_return_after_the_end_of_the_year_does_not_lower_that_years_rate(tmp_path: Path) -> None:
    late = CASES.replace("2024-04-15", "2024-09-03")
    known = given(tmp_path, enrolments=FIVE, cases=late).known_by("2024-11-30")
    assert row(rates.dropout_rate_on_registry(known), school_year=2023, stage="合计")["returned"] == 0


@pytest.mark.usefixtures("told_from_one")
def test_a_pupil_who_left_twice_in_a_year_counts_once_as_last_seen(tmp_path: Path) -> None:
    twice = """
    case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
    c1   | a     | 考勤 | 2023-10-05 | 2023-10-02      | 辍学       | 2023-10-30   | 2023-11-15 | 返校复学
    c2   | a     | 考勤 | 2024-03-05 | 2024-03-01      | 辍学       | 2024-04-02   | -          | -
    """
    known = given(tmp_path, enrolments=FIVE, cases=twice).known_by("2024-11-30")
    total = row(rates.dropout_rate_on_registry(known), school_year=2023, stage="合计")
    assert (total["dropouts"], total["returned"], total["net_dropouts"]) == (1, 0, 1)


@pytest.mark.usefixtures("told_from_one")
def test_the_same_period_cuts_every_year_at_the_day_of_the_report(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=FIVE, cases=CASES).known_by("2024-11-30")
    found = rates.dropout_rate_on_registry(known, by=(), same_period=True)
    assert found["dropouts"].tolist() == [0, 0]
    assert found["until"].dt.strftime("%m-%d").tolist() == ["11-30", "11-30"]


def test_a_report_of_29_february_compares_with_28_february(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=FIVE, cases=CASES).known_by("2024-02-29")
    found = rates.dropout_rate_on_registry(known, by=(), same_period=True)
    assert found["until"].dt.strftime("%Y-%m-%d").tolist() == ["2024-02-28"]


@pytest.mark.usefixtures("told_from_one")
def test_rates_by_township_and_grade_add_up_to_the_total(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=FIVE, cases=CASES, schools=SCHOOLS).known_by("2024-11-30")
    found = rates.dropout_rate_on_registry(known, by=("township_code", "grade"))
    year = found[found["school_year"] == 2023]
    total, units = year[year["grade"] == "合计"], year[year["grade"] != "合计"]
    assert units["population"].sum() == total["population"].item() == 5
    assert units["dropouts"].sum() == total["dropouts"].item() == 2
    assert row(year, township_code="330382101", grade="7")["dropouts"] == 1


def test_a_school_year_without_an_opening_snapshot_has_no_rate(tmp_path: Path) -> None:
    spring_only = registry(("2024-03-01", "a7 b7"))
    known = given(tmp_path, enrolments=spring_only, cases=CASES).known_by("2024-11-30")
    assert rates.dropout_rate_on_registry(known).empty


def test_the_snapshot_nearest_to_1_september_is_the_beginning_of_the_year(tmp_path: Path) -> None:
    known = given(
        tmp_path, enrolments=registry(("2024-08-20", "a6"), ("2024-09-10", "a7 b7"), ("2024-10-20", "a7 b7 c7"))
    )
    opened = rates.openings(known.known_by("2024-11-30")).to_pandas()
    assert sorted(opened["pupil"]) == ["a", "b"]
    assert set(opened["school_year"]) == {2024}


# ---- 疑似, 辍学, 复学 by period


def test_suspected_confirmed_and_returned_by_month(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=FIVE, cases=CASES).known_by("2024-11-30")
    found = rates.cases_by_period(known)
    march, april = row(found, period="2024-03", stage="合计"), row(found, period="2024-04", stage="合计")
    assert (march["suspected"], march["settled_back"], march["confirmed"], march["suspected_open"]) == (3, 1, 1, 1)
    assert (april["opening"], april["confirmed"], april["returned"], april["balance"]) == (1, 1, 1, 1)
    assert row(found, period="2024-11", stage="初中")["suspected_open"] == 1


def test_every_month_and_stage_has_a_row_and_nothing_is_zero(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=FIVE).known_by("2024-11-30")
    found = rates.cases_by_period(known)
    assert len(found) == 15 * 3
    assert found["stage"].head(3).tolist() == ["合计", "小学", "初中"]
    assert found[["suspected", "confirmed", "returned", "balance"]].to_numpy().sum() == 0


def test_a_child_the_registry_never_had_is_counted_under_unknown(tmp_path: Path) -> None:
    never = CASES.replace("| c     |", "| z     |")
    found = rates.cases_by_period(given(tmp_path, enrolments=FIVE, cases=never).known_by("2024-11-30"), "year")
    assert row(found, period="2023学年", stage="不详")["confirmed"] == 1
    assert row(found, period="2023学年", stage="合计")["confirmed"] == 2


def test_the_month_that_is_not_over_is_marked(tmp_path: Path) -> None:
    found = rates.cases_by_period(given(tmp_path, enrolments=FIVE, cases=CASES).known_by("2024-11-29"), by=())
    assert found["is_complete"].tolist()[-2:] == [True, False]


def test_terms_follow_the_county_calendar_and_holidays_belong_to_the_term_before(tmp_path: Path) -> None:
    found = rates.cases_by_period(
        given(tmp_path, enrolments=FIVE, cases=CASES, terms=TERMS).known_by("2024-11-30"), "term", by=()
    )
    assert found["period"].tolist() == ["2023学年第一学期", "2023学年第二学期", "2024学年第一学期"]
    assert found["until"].astype("string").tolist() == ["2024-02-25", "2024-08-31", "2024-11-30"]
    assert found["confirmed"].tolist() == [0, 2, 0]


def test_a_return_before_the_conclusion_counts_with_the_conclusion(tmp_path: Path) -> None:
    early = CASES.replace("2024-04-15", "2024-03-10")
    found = rates.cases_by_period(given(tmp_path, enrolments=FIVE, cases=early).known_by("2024-11-30"), by=())
    march = row(found, period="2024-03")
    assert (march["confirmed"], march["returned"], march["balance"]) == (1, 1, 0)


days = st.integers(0, 400).map(lambda n: (pd.Timestamp("2023-09-10") + pd.Timedelta(days=n)).strftime("%Y-%m-%d"))
lives = st.lists(st.tuples(st.sampled_from("abcde"), days, days, st.one_of(st.just("-"), days)), max_size=30)


def test_opening_plus_new_less_closed_is_what_is_left_whatever_happened(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    @settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
    @any_of(lives)
    def holds(drawn: list[tuple[str, str, str, str]]) -> None:
        rows = ["case | pupil | clue | opened_on | first_absent_on | conclusion | concluded_on | closed_on | closing"]
        for number, (pupil, left, concluded, closed) in enumerate(drawn):
            closing = "-" if closed == "-" else "返校复学" if number % 2 else "迁出移交户籍地"
            rows.append(f"c{number} | {pupil} | 考勤 | {left} | {left} | 辍学 | {concluded} | {closed} | {closing}")
        store = given(tmp_path_factory.mktemp("store"), enrolments=FIVE, cases="\n".join(rows))
        found = rates.cases_by_period(store.known_by("2024-12-31"), by=())
        assert (
            found["opening"] + found["confirmed"] - found["returned"] - found["closed_otherwise"] == found["balance"]
        ).all()
        assert found["opening"].tolist()[1:] == found["balance"].tolist()[:-1]

    holds()


def test_the_return_rate_is_returned_of_those_to_be_brought_back(tmp_path: Path) -> None:
    found = rates.return_rate_on_cases(given(tmp_path, enrolments=FIVE, cases=CASES).known_by("2024-11-30"))
    total = row(found, period="2023学年", stage="合计")
    assert (total["to_return"], total["returned"], total["balance"], total["rate_pct"]) == (2, 1, 1, 50.0)
    assert row(found, period="2023学年", stage="初中")["is_cleared"]
    assert np.isnan(row(found, period="2024学年", stage="初中")["rate_pct"])


def test_who_was_handed_over_is_not_to_be_brought_back(tmp_path: Path) -> None:
    moved = CASES.replace("返校复学", "迁出移交户籍地")
    found = rates.return_rate_on_cases(given(tmp_path, enrolments=FIVE, cases=moved).known_by("2024-11-30"))
    assert row(found, period="2023学年", stage="合计")["to_return"] == 1


def test_timeliness_is_the_steps_done_in_time_of_those_due(tmp_path: Path) -> None:
    known = given(tmp_path, enrolments=FIVE, cases=CASES, terms=TERMS).known_by("2024-11-30")
    found = rates.timeliness_on_cases(known, least=1).set_index("step")
    # c3 was settled within days; c1 and c2 after the 20th school day of absence; c4 has its limit in December
    assert (found["fell_due"]["认定"], found["in_time"]["认定"]) == (3, 1)


def test_the_policy_file_refuses_a_stage_left_out() -> None:
    content = rates.indicators().model_dump()
    with pytest.raises(ValueError, match="小学 and 初中"):
        type(rates.indicators()).model_validate(content | {"completion_age": {"小学": 15}})
    assert issubclass(type(rates.indicators()), policy.Policy)
