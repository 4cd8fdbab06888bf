"""A section of a report: a heading, what it says, a table or a picture; a section without data does not appear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from IPython.display import Image, Markdown, display

from baoxue.briefs.period import Period
from baoxue.briefs.shown import shown
from baoxue.briefs.spoken import words_of
from baoxue.words import say


@dataclass(frozen=True)
class Section:
    """One section: its heading and sentences in the reader's language, a table as shown, or a picture, or neither."""

    heading: str
    text: str
    table: pd.DataFrame | None = None
    picture: Image | None = None


def section(
    period: Period, key: str, table: pd.DataFrame | None = None, told: Mapping[str, object] | None = None, *,
    names: Mapping[str, str] | None = None, picture: Image | None = None,
) -> Section | None:  # fmt: skip
    """The section `key`: heading `report.section_<key>`, sentences `report.told_<key>` filled with `told` and the
    period's words. None, so that it is left out, for a table without rows. Codes in the table become `names`."""
    if table is not None and table.empty:
        return None
    values = words_of(period) | dict(told or {})
    heading, text = (say(f"report.{part}_{key}", period.lang, **values) for part in ("section", "told"))
    return Section(heading, text, None if table is None else shown(table, period.lang, names), picture)


def show(*sections: Section | None) -> None:
    """Show the sections that there are, in order, as outputs of a notebook cell."""
    for part in sections:
        if part is not None:
            display(Markdown(f"### {part.heading}\n\n{part.text}"))
            for thing in (part.picture, part.table):
                if thing is not None:
                    display(thing)
