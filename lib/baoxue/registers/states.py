"""What a registry state, a change and a time on a list mean for the comparison."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir

from baoxue.codes import Change, Status

CLOSED = (
    Status.WITHDRAWN, Status.GRADUATED, Status.COMPLETED, Status.UNFINISHED, Status.TRANSFERRED, Status.DEAD,
    Status.ABROAD, Status.EXPELLED,
)  # fmt: skip
"""States of a registry entry that is history: it stands in an export, but nobody is kept under it any more."""

OUT = (
    Change.TRANSFER_OUT, Change.DROPPED_OUT, Change.DEAD, Change.EMIGRATED, Change.GRADUATED, Change.COMPLETED,
    Change.WITHDRAWN, Change.EXPELLED,
)  # fmt: skip
"""Changes by which a child is no longer to be expected in class (减少, without 休学, which has an end)."""

BACK = (Change.ADMITTED, Change.TRANSFER_IN, Change.RESUMED, Change.RETURNED)
"""Changes by which a child is to be expected in class (增加)."""

REOPENS = (
    Change.RESUMED, Change.RETURNED, Change.TRANSFER_IN, Change.TRANSFER_OUT, Change.DEAD, Change.EMIGRATED,
)  # fmt: skip
"""Changes after which a suspension is over."""


def is_on_registry(rows: ir.Table) -> ir.BooleanValue:
    """学籍状态 在读, or empty."""
    return (rows.status == Status.ENROLLED) | rows.status.isnull()


def is_kept(rows: ir.Table) -> ir.BooleanValue:
    """The entry is not closed: a child is kept under it, in school or not."""
    return rows.status.isnull() | ~rows.status.isin(CLOSED)


def on_list_between(rows: ir.Table, first: dt.date | None, last: dt.date | None) -> ir.BooleanValue:
    """On the list on any day of the span; the day of exit is the first day off it. False without a span."""
    begins, ends = ibis.literal(first, type="date"), ibis.literal(last, type="date")
    return ((rows.listed_on <= ends) & (rows.delisted_on.isnull() | (rows.delisted_on > begins))).fill_null(False)


def last_by(rows: ir.Table, key: str, order: list[ir.Value]) -> ir.Table:
    """The first row of each key in that order."""
    rank = ibis.row_number().over(ibis.window(group_by=key, order_by=order))
    ranked = rows.mutate(_rank=rank)
    return ranked.filter(ranked._rank == 0).drop("_rank")


def last_day(days: list[dt.date], until: dt.date) -> dt.date | None:
    """The last of the days that is not after `until`; None if all are."""
    return max((day for day in days if day <= until), default=None)
