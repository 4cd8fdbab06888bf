"""A simulated county: a drop folder as a county hands it in, and beside it the truth about every child.

`write` makes it, `key` gives the key with which the demo's pseudonyms are made. Everything in it is invented except the
names and codes of the townships; `docs/demo_county.md` says how lives are simulated and what is planted.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from baoxue.demo import (
    attendance,
    casework,
    departments,
    drop,
    duties,
    filing,
    households,
    lives,
    payments,
    people,
    places,
    plants,
    presence,
    roles,
    spells,
    timeline,
    truth,
    visits,
    work,
    work_files,
)
from baoxue.demo.facts import Facts
from baoxue.demo.gazetteer import SIZES

YEARLY_RATE = 0.005
"""Of the pupils in class when a school year begins, the share that leaves during it."""

LEAST_RATE, MOST_RATE = 0.0002, 0.25
MARK = "README.txt"

README = """模拟数据 / simulated data

本文件夹由程序生成。学生、家庭、学校、教师、号码均为虚构；只有乡镇（街道）的名称和区划代码是真实的。
身份证件号第3、4位为99、顺序码为902-999，手机号以120开头，因此不会与真人相同。
truth/ 是标准答案，只用于检验，收数程序不读取。

Written by a program. Pupils, families, schools, teachers and numbers are invented; only the names and codes of the
townships are real. ID numbers have 99 as digits 3-4 and sequence 902-999, mobile numbers begin with 120, so that none
of them can be anybody's. truth/ holds the answers; intake never reads it.
"""


def write(
    out: Path,
    *,
    size: str,
    seed: int,
    yearly_rate: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write a simulated county's drop folder to `out`, with the truth in `out/truth`.

    `size` is tiny, small or county; the same size, seed and rate give the same files, byte for byte. `yearly_rate` is
    the share of pupils leaving a year (default half a per cent). `progress(done, of)` is called after each step.

    The folder appears only when it is complete; a drop written by this program at the same place is replaced. Raises
    ValueError for an unknown size or an impossible rate, FileExistsError if something else lies at `out`.
    """
    if size not in SIZES:
        raise ValueError(f"size {size!r}: choose one of {', '.join(SIZES)}")
    rate = YEARLY_RATE if yearly_rate is None else yearly_rate
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise ValueError(f"yearly rate {rate}: must lie between {LEAST_RATE} and {MOST_RATE}")
    if out.exists() and not (out / MARK).exists() and (out.is_file() or any(out.iterdir())):
        raise FileExistsError(f"{out}: there is something here that no simulated drop is; name another folder")
    tell = progress or _say_nothing
    steps = len(drop.FOLDERS) + 2
    draft = out.with_name(out.name + ".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        made = simulate(draft, size, seed, rate)
        tell(1, steps)
        (draft / MARK).write_text(README, encoding="utf-8")
        drop.write(made, lambda done: tell(1 + done, steps))
        _write_truth(made, draft / "truth")
        if out.exists():
            shutil.rmtree(out)
        draft.rename(out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    tell(steps, steps)


def key(seed: int) -> bytes:
    """The demo's pseudonym key, 32 bytes; the same seed gives the same key. Never for a real county."""
    return hashlib.sha256(f"baoxue simulated county {seed}".encode()).digest()


def simulate(out: Path, size: str, seed: int, yearly_rate: float) -> filing.Drop:
    """Everything that happens in the county, before any of it is written to files."""
    scale = SIZES[size]
    where = places.county(scale, seed)
    everyone = people.children(scale, where, plants.extras(scale.pupils), seed)
    pupils = everyone[everyone["role"] == roles.PUPIL]
    life = lives.live(pupils, where, seed, yearly_rate)
    chosen = plants.plant(life, scale.pupils, _another_school(life), seed)
    away = presence.absences_from_class(life)
    spelled = spells.with_long_illness(spells.spells(life, away, seed), chosen.long_illness, seed)
    followed = casework.follow(life, chosen, seed)
    cases = casework.cases(life, followed, spelled, seed)
    attended = attendance.attend(life, away, followed, spelled, len(where.schools), seed)
    made = departments.lists(everyone, life, seed)
    aid, unpaid = payments.aid(life, made, chosen, seed)
    seen = households.first_seen(everyone, seed)
    facts = Facts(everyone, life, away, followed, chosen, made, attended, seen, unpaid)
    return filing.Drop(out, facts, where, cases, visits.visits(cases, seed), aid, size, seed)


def _duty_gaps(made: filing.Drop) -> pd.DataFrame:
    holders = duties.duty_holders(made.facts.lives, made.where, made.seed)
    return duties.gaps(holders, made.facts.lives, made.where)


def _write_truth(made: filing.Drop, out: Path) -> None:
    done = work_files.made(made)
    work_gaps = work.gaps(done, made.where, timeline.AS_OF)
    support_gaps = truth.support_gaps(made.facts, done["home_lessons"])
    truth.write(made.facts, made.done.table(), _duty_gaps(made), work_gaps, support_gaps, out)


def _another_school(life: lives.Lives) -> np.ndarray:
    """For each pupil the school of the next pupil in the same stage who sits elsewhere: a place for a second record."""
    grade, school = life.seats.grade[:, -1].astype(int), life.seats.school[:, -1].astype(int)
    other = school.copy()
    for stage in (grade >= 7, (grade > 0) & (grade < 7)):
        taught = np.unique(school[stage])
        other[stage] = taught[(np.searchsorted(taught, school[stage]) + 1) % len(taught)]
    return other


def _say_nothing(done: int, of: int) -> None:
    """Progress nobody asked for."""
