"""The bureau's own work as it is written down: publicity months, inspections, meetings, referrals, village rules.

Most of it is done in time, some late, some not at all; what is missing on purpose stands in the truth.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import identities, places, timeline

FROM = dt.date(2023, 9, 1)
"""Since when the county keeps these records."""
PUBLICITY_MONTHS = ((2024, 3), (2024, 8))
TEACHING_MONTHS = (9, 10, 11, 12, 3, 4, 5, 6)
FORMS = ("集中宣讲", "入户宣传", "家长会", "发放《致家长的一封信》", "宣传栏和短视频")
ITEMS = ("控辍保学责任落实", "点名与考勤登记", "学籍与在校学生一致", "随班就读与送教上门", "学生资助落实")
SUBJECTS = {
    codes.MeetingKind.LEADING_GROUP: "研究控辍保学重点难点，明确部门任务",
    codes.MeetingKind.SPECIAL: "通报入学、辍学、资助情况，调度个案",
}
_R = codes.ReferralKind
ASKED: dict[codes.Department, tuple[_R, ...]] = {
    codes.Department.CIVIL_AFFAIRS: (_R.CARE,),
    codes.Department.YOUTH_LEAGUE: (_R.CARE,),
    codes.Department.WOMEN: (_R.CARE,),
    codes.Department.DISABLED_PERSONS: (_R.CARE,),
    codes.Department.JUSTICE: (_R.LAW_TEACHING, _R.LEGAL_AID),
    codes.Department.LABOUR: (_R.CHILD_LABOUR,),
    codes.Department.MARKET: (_R.LICENCE,),
}
"""What the notice asks of each department (三(二)2)."""
ON_TIME_DAYS, LATE_DAYS = 15, 45
"""A referral is answered within the first, a late one after the first and within the second."""


def publicity(where: places.Places, seed: int) -> pd.DataFrame:
    """Activities of every township and school in the publicity months; of few none, of few in the month after."""
    rng = timeline.stream(seed, "publicity")
    townships, schools = where.townships["code"].to_numpy(), where.schools["school_code"].to_numpy()
    frames = []
    for column, units, share in (("township_code", townships, 0.03), ("school_code", schools, 0.04)):
        for year, month in PUBLICITY_MONTHS:
            late, missed = _few(units, share, rng)
            held = np.setdiff1d(units, missed)
            first = np.datetime64(f"{year}-{month:02}-01", "D")
            days = first + rng.integers(0, 31, len(held)) + np.where(np.isin(held, late), 31, 0)
            forms = rng.choice(FORMS, len(held))
            people = rng.integers(40, 600, len(held))
            frames.append(pd.DataFrame({column: held, "held_on": days, "form": forms, "people": people}))
    return pd.concat(frames, ignore_index=True).assign(held_on=lambda rows: pd.to_datetime(rows["held_on"]))


def inspections(where: places.Places, seed: int) -> pd.DataFrame:
    """An inspection of every school in every month of teaching, but for a few; problems mended in time, late or not."""
    rng = timeline.stream(seed, "inspections")
    units = where.schools["school_code"].to_numpy()
    frames = []
    for first in _months(TEACHING_MONTHS):
        _, missed = _few(units, 0.03, rng)
        seen = np.setdiff1d(units, missed)
        day = timeline.clock().workday(first + rng.integers(0, 25, len(seen)))
        frames.append(pd.DataFrame({"school_code": seen, "inspected_on": day, "item": rng.choice(ITEMS, len(seen))}))
    rows = pd.concat(frames, ignore_index=True).assign(inspected_on=lambda t: pd.to_datetime(t["inspected_on"]))
    return _mended(rows, rng)


def meetings(seed: int) -> pd.DataFrame:
    """A meeting of the leading group in every term, a special meeting in every quarter but one."""
    rng = timeline.stream(seed, "meetings")
    group = ["2023-09-12", "2024-03-05", "2024-09-10"]
    special = ["2023-11-21", "2024-02-29", "2024-08-27", "2024-11-19"]
    days = [(codes.MeetingKind.LEADING_GROUP, day) for day in group]
    days += [(codes.MeetingKind.SPECIAL, day) for day in special]
    shift = pd.to_timedelta(rng.integers(0, 3, len(days)), unit="D")
    rows = pd.DataFrame(days, columns=["meeting", "held_on"])
    rows["held_on"] = pd.to_datetime(rows["held_on"]) + shift
    subjects = {kind.value: subject for kind, subject in SUBJECTS.items()}
    return rows.assign(subject=rows["meeting"].map(subjects), decided="见会议纪要（模拟）").sort_values(
        "held_on", ignore_index=True
    )


def referrals(where: places.Places, seed: int) -> pd.DataFrame:
    """What was asked of departments since `FROM`: most answered in time, some late, some not at all."""
    rng = timeline.stream(seed, "referrals")
    n = max(2 * len(ASKED), len(where.schools) // 2)
    departments = np.resize([department.value for department in ASKED], n)
    kinds = [str(rng.choice([kind.value for kind in ASKED[codes.Department(name)]])) for name in departments]
    days = np.datetime64(FROM, "D") + np.sort(rng.integers(20, 440, n))
    draw = rng.random(n)
    draw[:2] = (0.8, 0.95)
    wait = np.where(draw < 0.75, rng.integers(3, ON_TIME_DAYS + 1, n), rng.integers(ON_TIME_DAYS + 1, LATE_DAYS, n))
    answered = np.where(draw < 0.9, days + wait, timeline.NEVER)
    outcome = rng.choice([o.value for o in codes.ReferralOutcome], n, p=[0.8, 0.12, 0.08])
    return pd.DataFrame(
        {
            "referral": [f"乐控辍模拟移{day.astype(object).year}-{i:03d}" for i, day in enumerate(days, 1)],
            "department": departments, "kind": kinds, "referred_on": pd.to_datetime(days),
            "subject": "协作事项（模拟）",
            "answered_on": pd.to_datetime(answered), "outcome": np.where(np.isnat(answered), "", outcome),
        }
    )  # fmt: skip


def village_rules(where: places.Places, seed: int) -> pd.DataFrame:
    """Every village: nearly all have rules, most of these with a clause on compulsory school; a few told nothing."""
    rng = timeline.stream(seed, "village rules")
    rows = where.villages.assign(township_code=where.townships["code"].to_numpy()[where.villages["township"]])
    silent, bare = _few(rows["village"].to_numpy(), 0.02, rng)
    without = rng.choice(
        np.setdiff1d(rows["village"], [*silent, *bare]), max(1, round(len(rows) * 0.04)), replace=False
    )
    rows = rows[~rows["village"].isin(silent)].reset_index(drop=True)
    n = len(rows)
    return rows.assign(
        has_rules=~rows["village"].isin(bare),
        has_schooling=~rows["village"].isin([*bare, *without]),
        revised_on=pd.to_datetime(np.datetime64("2021-03-01") + rng.integers(0, 700, n)),
        reported_on=pd.to_datetime(np.datetime64("2023-10-10") + rng.integers(0, 30, n)),
    )[["township_code", "village", "has_rules", "has_schooling", "revised_on", "reported_on"]]


def home_lessons(everyone: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Lessons at home since September 2024: `child, taught_on, hours, teacher_name`; one child gets next to none."""
    rng = timeline.stream(seed, "home lessons")
    taught = np.flatnonzero((everyone["placement"] == codes.Placement.HOME).to_numpy() & everyone["has_id"].to_numpy())
    weeks = timeline.clock().school_days
    weeks = weeks[(weeks >= np.datetime64("2024-09-02")) & (weeks <= timeline.LAST)]
    weeks = weeks[pd.DatetimeIndex(weeks).day_of_week == 2]
    child, day = (part.ravel() for part in np.meshgrid(taught, weeks, indexing="ij"))
    rows = pd.DataFrame({"child": child, "taught_on": pd.to_datetime(day), "hours": 3})
    rows = rows[~rows["child"].isin(taught[-1:]) | (rows.groupby("child").cumcount() < 2)]
    return rows.assign(teacher_name=identities.adult_names(identities.surnames(len(rows), rng), rng))


def gaps(made: dict[str, pd.DataFrame], where: places.Places, as_of: dt.date) -> pd.DataFrame:
    """What was not done, or late, by the day: `duty, unit, due_on, state` (`missed` or `late`)."""
    townships, schools = where.townships["code"].to_numpy(), where.schools["school_code"].to_numpy()
    frames = []
    for column, units in (("township_code", townships), ("school_code", schools)):
        for year, month in PUBLICITY_MONTHS:
            frames.append(_not_in(made["publicity"], column, "held_on", units, year, month, "publicity", 31))
    for first in map(pd.Timestamp, _months(TEACHING_MONTHS)):
        if first + pd.offsets.MonthEnd(0) <= pd.Timestamp(as_of):
            frames.append(
                _not_in(made["inspections"], "school_code", "inspected_on", schools, first.year, first.month,
                        "inspection", 0)
            )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def _not_in(
    rows: pd.DataFrame, column: str, day: str, units: np.ndarray, year: int, month: int, duty: str, grace: int
) -> pd.DataFrame:
    first = pd.Timestamp(year, month, 1)
    last = first + pd.offsets.MonthEnd(0)
    done = rows.loc[rows[day].between(first, last), column].dropna()
    after = rows.loc[rows[day].between(last, last + pd.Timedelta(days=grace), inclusive="right"), column].dropna()
    lacking = np.setdiff1d(units, done)
    state = np.where(np.isin(lacking, after), "late", "missed")
    return pd.DataFrame({"duty": duty, "unit": lacking, "due_on": last, "state": state})


def _months(months: tuple[int, ...]) -> list[np.datetime64]:
    """The first days of these months from `FROM` to the end of the drop."""
    every = pd.date_range(FROM, timeline.LAST_DAY, freq="MS")
    return [np.datetime64(day.date(), "D") for day in every if day.month in months]


def _few(units: np.ndarray, share: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two small groups of the units, at least one unit each, the rest in neither."""
    count = max(1, round(len(units) * share))
    drawn = rng.choice(units, 2 * count, replace=False)
    return drawn[:count], drawn[count:]


def _mended(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(rows)
    is_bad, draw = rng.random(n) < 0.15, rng.random(n)
    is_bad[:3], draw[:3] = True, (0.1, 0.8, 0.95)
    by = rows["inspected_on"] + pd.Timedelta(days=30)
    late = by + pd.to_timedelta(rng.integers(3, 40, n), unit="D")
    in_time = rows["inspected_on"] + pd.to_timedelta(rng.integers(5, 28, n), unit="D")
    mended = in_time.where(draw < 0.75, late).where((draw < 0.92) & is_bad)
    return rows.assign(
        verdict=np.where(is_bad, codes.InspectionResult.TO_MEND.value, codes.InspectionResult.GOOD.value),
        problem=np.where(is_bad, "登记不完整（模拟）", ""),
        mend_by=by.where(is_bad),
        mended_on=mended.where(mended <= pd.Timestamp(timeline.LAST_DAY)),
        inspector_name="模拟督学",
    )
