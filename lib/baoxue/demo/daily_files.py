"""What schools write down day by day and term by term: 考勤 and 成绩, in CSV files of several encodings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from baoxue.demo import damages, headings, marks, spells, timeline
from baoxue.demo.filing import ENCODINGS, NOBODY, Drop
from baoxue.demo.workbooks import write_csv


def write_absences(drop: Drop) -> None:
    """考勤/缺勤: a file a month in a large county, else a term; some with useless rows and a page pasted twice."""
    rows = drop.facts.attended.absences
    days = timeline.clock().school_days[rows["day"].to_numpy()]
    numbers = pa.array(drop.facts.lives.people["registry_number"].tolist(), pa.string())
    period = _period_of(drop, days)
    rng = drop.rng("absences")
    for number, name in enumerate(np.unique(period)):
        at = np.flatnonzero(period == name)
        file, part, day = f"考勤/缺勤/{name}.csv", rows.iloc[at], days[at]
        entered = np.where(rng.random(len(at)) < 0.05, timeline.NEVER, day + part["delay"].to_numpy())
        table = headings.arrow(
            "absences",
            {
                "person_number": numbers.take(pa.array(part["pupil"].to_numpy())), "date": headings.days_as_text(day),
                "absence": headings.words(spells.KINDS, part["kind"].to_numpy()),
                "session": headings.words(spells.SESSIONS, part["session"].to_numpy()),
                "recorded_on": headings.days_as_text(entered),
            },
        )  # fmt: skip
        if number % 5 == 2:
            _write_careless_absences(drop, file, table.to_pandas(), ENCODINGS[number % 3], rng)
        else:
            write_csv(drop.out / file, table, ENCODINGS[number % 3])


def _write_careless_absences(
    drop: Drop, file: str, table: pd.DataFrame, encoding: str, rng: np.random.Generator
) -> None:
    """With rows nobody can use, and a page pasted twice."""
    bad = [
        {"日期": "2023-02-30", "学籍号": NOBODY, "column": "日期", "damage": "date_impossible"},
        {"缺勤类别": "没来", "学籍号": NOBODY, "column": "缺勤类别", "damage": "kind_unknown"},
        {"学籍号": "3.39901E+17", "column": "学籍号", "damage": "digits_lost"},
    ]
    table = damages.add_rows(table, bad, file, 2, drop.done, rng)
    table = damages.repeat_rows(table, 12, file, 2, drop.done, rng)
    write_csv(drop.out / file, table, encoding)


def _period_of(drop: Drop, days: np.ndarray) -> np.ndarray:
    """The file in which a day's rows lie: the month in a large county, else the term."""
    if drop.is_large:
        return days.astype("datetime64[M]").astype(str)
    terms = np.array([term.label for term in timeline.TERM_DATES])
    return terms[np.searchsorted(np.array([last for _, last in timeline.TERM_DATES.values()], "datetime64[D]"), days)]


def write_rolls(drop: Drop) -> None:
    """考勤/点名: a file a month in a large county, else a term."""
    rows = drop.facts.attended.rolls
    days = timeline.clock().school_days[rows["day"].to_numpy()]
    code = pa.array(drop.where.schools["school_code"].tolist(), pa.string())
    number_text = pa.array([f"{n:02d}" for n in range(100)])
    period = _period_of(drop, days)
    for number, name in enumerate(np.unique(period)):
        at = np.flatnonzero(period == name)
        part = rows.iloc[at]
        table = headings.arrow(
            "rolls",
            {
                "school_code": code.take(pa.array(part["school"].to_numpy())),
                "grade": pa.array(part["grade"].to_numpy()),
                "class": number_text.take(pa.array(part["class_number"].to_numpy())),
                "date": headings.days_as_text(days[at], headings.COMPACT if number % 3 == 1 else headings.ISO),
                "expected": pa.array(part["expected"].to_numpy()), "present": pa.array(part["present"].to_numpy()),
                "is_taken": headings.words(("否", "是"), part["is_taken"].to_numpy().astype(int)),
            },
        )  # fmt: skip
        write_csv(drop.out / f"考勤/点名/{name}.csv", table, ENCODINGS[number % 3])


def write_marks(drop: Drop) -> None:
    """成绩: a file a term."""
    facts = drop.facts
    rows = marks.marks(facts.lives, facts.away, len(drop.where.schools), drop.seed)
    numbers = pa.array(facts.lives.people["registry_number"].tolist(), pa.string())
    subjects = tuple(marks.SUBJECTS)
    for number, (term, part) in enumerate(rows.groupby("term", sort=False)):
        values = part["mark"].to_numpy()
        position = pd.Categorical(part["subject"], categories=list(subjects)).codes.astype(int)
        table = headings.arrow(
            "marks",
            {
                "person_number": numbers.take(pa.array(part["pupil"].to_numpy())), "term": pa.array([term] * len(part)),
                "subject": headings.words(subjects, position),
                "mark": pa.array(np.where(np.isnan(values), 0, values).astype(int), mask=np.isnan(values)),
                "full_mark": pa.array(part["full_mark"].to_numpy()),
                "missed_exam": headings.words(("否", "是"), part["missed_exam"].to_numpy().astype(int)),
                "exam_on": headings.days_as_text(part["exam_on"].to_numpy().astype("datetime64[D]")),
            },
        )  # fmt: skip
        write_csv(drop.out / f"成绩/{term}.csv", table, ENCODINGS[number % 3])
