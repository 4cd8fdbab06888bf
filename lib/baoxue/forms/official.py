"""Which official tables a report of a kind hands in, and the writing of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from baoxue import disclosure, policy
from baoxue.briefs import Period, shown
from baoxue.forms import layout
from baoxue.forms.change_form import change_form
from baoxue.forms.layout import Form
from baoxue.forms.ledger_form import ledger_form
from baoxue.forms.period_form import period_form
from baoxue.forms.places import office
from baoxue.forms.retention_form import retention_form
from baoxue.forms.review_form import review_form
from baoxue.forms.two_ways_form import two_ways_form

FORMS = {
    "month": (period_form,),
    "quarter": (period_form, ledger_form, review_form),
    "term": (period_form, ledger_form, change_form),
    "year": (period_form, ledger_form, change_form, retention_form, two_ways_form),
}
"""Kind of report -> its forms, in the order in which they are attached."""


def official(period: Period) -> list[Form]:
    """The forms of a period whose data are there."""
    made = [make(period) for make in FORMS[period.kind]]
    return [form for form in made if form is not None]


def listed(period: Period) -> pd.DataFrame:
    """The forms of a period as a list for its report: title, rows, file."""
    rows = [(form.title, len(form.rows), f"{form.name}.xlsx") for form in official(period)]
    return shown(pd.DataFrame(rows, columns=["form", "rows", "file"]), period.lang)


def write(period: Period, out: str) -> list[Path]:
    """Each form as `restricted/forms/<name>.xlsx` below `out` (T3, the bureau's own); nothing where `out` is empty.

    The forms name no child, but hold small counts by place: they go up to the bureau's superiors, not to the public.
    """
    if not out:
        return []
    folder = Path(policy.path(out)) / "restricted" / "forms"
    return [_released(form, folder / f"{form.name}.xlsx", period) for form in official(period)]


def _released(form: Form, file: Path, period: Period) -> Path:
    counts = [column.source for column in form.columns[1:] if not column.text and not column.decimals]
    disclosure.release(
        file,
        lambda draft: layout.write(form, draft, office(period), period.as_of),
        tier="T3",
        title=form.title,
        rows=len(form.rows),
        counts=counts,
    )
    return file
