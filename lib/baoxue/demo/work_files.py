"""工作: the bureau's own work, a file for each of its records."""

from __future__ import annotations

import pandas as pd

from baoxue.demo import headings, work
from baoxue.demo.filing import SIMULATED, Drop
from baoxue.demo.workbooks import Sheet, write_csv, write_workbook

TEXTS = {"publicity": "宣传活动", "referrals": "部门协作", "village_rules": "村规民约", "home_lessons": "送教记录"}


def made(drop: Drop) -> dict[str, pd.DataFrame]:
    """The records by table, with children by registry number."""
    people_of = drop.facts.everyone
    lessons = work.home_lessons(people_of, drop.seed)
    numbers = people_of["registry_number"].to_numpy()[lessons["child"]]
    return {
        "publicity": work.publicity(drop.where, drop.seed),
        "inspections": work.inspections(drop.where, drop.seed),
        "meetings": work.meetings(drop.seed),
        "referrals": work.referrals(drop.where, drop.seed),
        "village_rules": work.village_rules(drop.where, drop.seed),
        "home_lessons": lessons.assign(person_number=numbers),
    }


def write_work(drop: Drop) -> None:
    """Inspections and meetings as workbooks with a title, the other records as text files."""
    rows = made(drop)
    for table, place, name in (("inspections", "督导记录", "责任督学督导记录"), ("meetings", "会议", "会议登记")):
        sheet = Sheet(headings.headed(table, rows[table], headings.REAL_DATES), name, (f"{name}——{SIMULATED}",))
        write_workbook(drop.out / "工作" / place / f"{name}.xlsx", [sheet])
    for table, place in TEXTS.items():
        write_csv(drop.out / "工作" / place / f"{place}.csv", headings.headed(table, rows[table], headings.SLASH))
