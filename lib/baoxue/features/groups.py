"""Group membership, for audit and study only: never a sign, never on a list, never in a ranking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from baoxue.codes import CareKind, Disability, LeftBehind

if TYPE_CHECKING:
    from baoxue.store import Known


def memberships(known: Known, listed: ir.Table) -> ir.Table:
    """Per pupil of the registry, the yes/no columns of `GROUPS`, as registry or departments say on the as-of date.

    Left-behind is the registry's definition, not civil affairs'; an orphan may be on either list.
    """
    care = _standing(known, "care")
    lists = {
        "is_disabled": known.table("disabled"),
        "is_low_income": _standing(known, "low_income"),
        "is_orphan": care.filter(care.care.isin((CareKind.ORPHAN, CareKind.UNSUPPORTED))),
        "has_parent_in_prison": care.filter(care.care == CareKind.PARENT_IN_PRISON),
    }
    on = {name: listed.pupil.isin(rows.filter(rows.pupil.notnull()).pupil) for name, rows in lists.items()}
    disabled = listed.disability.fill_null(Disability.NONE.value) != Disability.NONE
    return listed.select(
        "pupil",
        is_left_behind=listed.left_behind.fill_null(LeftBehind.NO.value) != LeftBehind.NO,
        is_migrant_child=listed.is_migrant_child.fill_null(False),
        is_disabled=on["is_disabled"] | disabled,
        is_low_income=on["is_low_income"],
        is_orphan=on["is_orphan"] | listed.is_orphan.fill_null(False),
        has_parent_in_prison=on["has_parent_in_prison"],
    )


def _standing(known: Known, table: str) -> ir.Table:
    rows = known.table(table)
    return rows.filter((rows.listed_on <= ibis.literal(known.as_of)) & rows.delisted_on.isnull())
