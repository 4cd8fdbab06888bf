"""Term marks: what ability, the past term's engagement, the school and luck make of an exam."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue.demo import presence, timeline
from baoxue.demo.lives import Lives
from baoxue.demo.timeline import LAST

SUBJECTS = {"语文": (100, 120), "数学": (100, 120), "英语": (100, 120)}
"""Full marks in primary and junior school; English from grade 3."""

ENGLISH_FROM = 3


def marks(lives: Lives, away: pd.DataFrame, schools: int, seed: int) -> pd.DataFrame:
    """A row per pupil, term and subject: `pupil, term, subject, mark, full_mark, missed_exam, exam_on`.

    Each exam has its own difficulty, so a mark means something within its grade only. Who is away has no row; about one
    in 150 misses the exam.
    """
    rng = timeline.stream(seed, "marks")
    school_effect = rng.normal(0, 0.25, schools)
    frames = []
    for index, (term, (first, last)) in enumerate(timeline.TERM_DATES.items()):
        if np.datetime64(last) > LAST:
            continue
        exam = timeline.clock().shift(np.array([last], "datetime64[D]") - 17, 0)[0]
        who = np.flatnonzero(presence.sitting(lives, away, exam))
        months = _months(first, exam)
        frames.append(_term(lives, who, index // 2, months, school_effect, rng).assign(term=term.label, exam_on=exam))
    return pd.concat(frames, ignore_index=True)


def _months(first: str, exam: np.datetime64) -> slice:
    start = np.datetime64("2021-09", "M")
    a = (np.datetime64(first, "M") - start).astype(int)
    return slice(int(a), int((exam.astype("datetime64[M]") - start).astype(int)) + 1)


def _term(
    lives: Lives, who: np.ndarray, year: int, months: slice, school_effect: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    grade = lives.seats.grade[who, year].astype(int)
    ability = lives.people["ability"].to_numpy()[who]
    term_engagement = lives.engagement[who, months].mean(axis=1)
    base = 0.55 * ability + 0.30 * term_engagement + school_effect[lives.seats.school[who, year]]
    frames = []
    for subject, (primary, junior) in SUBJECTS.items():
        full = np.where(grade >= 7, junior, primary)
        ease = rng.normal(0.79, 0.02, 10)[grade] - 0.012 * grade
        share = np.clip(ease + 0.115 * (base + rng.normal(0, 0.75, len(who))), 0.02, 1.0)
        missed = rng.random(len(who)) < 1 / 150
        rows = pd.DataFrame(
            {
                "pupil": who, "subject": subject, "mark": np.where(missed, np.nan, (share * full).round()),
                "full_mark": full, "missed_exam": missed,
            }
        )  # fmt: skip
        frames.append(rows if subject != "英语" else rows[grade >= ENGLISH_FROM])
    return pd.concat(frames, ignore_index=True)
