"""The table of a period as it is written."""

from __future__ import annotations

from pathlib import Path

from baoxue import disclosure, policy
from baoxue.briefs.period import Period
from baoxue.briefs.period_table import period_table
from baoxue.briefs.spoken import name_of
from baoxue.words import say


def write_period_table(period: Period, out: str) -> None:
    """`tables/<kind>_T3.csv` of a run: the table of the period with official heads; nothing where `out` is empty."""
    if not out:
        return
    table = period_table(period)
    headings = {name: say(f"report.column_{name}", period.lang) for name in table.columns}
    title = say(f"report.period_table_{period.kind}", period.lang, period=name_of(period))
    place = Path(policy.path(out)) / "tables" / f"{period.kind}_T3.csv"
    disclosure.write_table(table, place, tier="T3", headings=headings, title=title)
