"""The tables of the brief as shown and as written."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from IPython.display import Markdown

from baoxue import disclosure, policy
from baoxue.briefs.month import Month, month_table, visits_by_result
from baoxue.briefs.shown import shown
from baoxue.words import say


def visits_shown(month: Month) -> pd.DataFrame | Markdown:
    """The month's persuasion visits by result, or a sentence where there were none."""
    visits = visits_by_result(month.known)
    return shown(visits, month.lang) if len(visits) else Markdown(say("report.no_visits", month.lang))


def write_month_table(month: Month, out: str) -> None:
    """`tables/month_T3.csv` of a run: the monthly table with official heads; nothing where `out` is empty."""
    if not out:
        return
    table = month_table(month)
    headings = {name: say(f"report.column_{name}", month.lang) for name in table.columns}
    title = say("report.month_table", month.lang, month=f"{month.as_of:%Y-%m}")
    place = Path(policy.path(out)) / "tables" / "month_T3.csv"
    disclosure.write_table(table, place, tier="T3", headings=headings, title=title)
