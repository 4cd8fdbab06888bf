"""The registers of a county laid side by side (四查三比对): every disagreement is a named child for somebody to check.

`findings(known)` gives all 13 findings of a day; `agreement` how many agree; `moves` what changed since an earlier day;
`longest_open` what has waited; `work_list` what a school or township has to check.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import pandas as pd

from baoxue.registers.aid import aid_missing, aid_unentitled
from baoxue.registers.beyond import beyond
from baoxue.registers.classroom import in_class_not_on_roll, on_roll_not_in_class
from baoxue.registers.compared import agreement
from baoxue.registers.enrolment import never_enrolled, not_arrived
from baoxue.registers.groups import group_mark_missing, group_mark_unsupported
from baoxue.registers.handed_in import COUNTS, answered, files_to_look_at, refusals, rows_by_source
from baoxue.registers.movements import suspension_expired, suspension_unapproved, transfer_unconfirmed
from baoxue.registers.numbers import duplicate_registry, shared_registry_number
from baoxue.registers.rules import COMPARISONS, FINDINGS, Finding, RegisterRules, rules
from baoxue.registers.sides import Sides
from baoxue.registers.states import last_by
from baoxue.registers.tables import at_a_glance, basis, place_names, silent_schools, table
from baoxue.registers.worklists import (
    by_place,
    longest_open,
    month_end_before,
    move_counts,
    moves,
    responsible,
    tasks,
    waiting,
    work_list,
)
from baoxue.remembered import remembered
from baoxue.store import Known

RULE_OF: dict[Finding, Callable[[Sides], ir.Table]] = {
    "never_enrolled": never_enrolled,
    "on_roll_not_in_class": on_roll_not_in_class,
    "in_class_not_on_roll": in_class_not_on_roll,
    "duplicate_registry": duplicate_registry,
    "shared_registry_number": shared_registry_number,
    "transfer_unconfirmed": transfer_unconfirmed,
    "suspension_expired": suspension_expired,
    "suspension_unapproved": suspension_unapproved,
    "not_arrived": not_arrived,
    "group_mark_missing": group_mark_missing,
    "group_mark_unsupported": group_mark_unsupported,
    "aid_missing": aid_missing,
    "aid_unentitled": aid_unentitled,
}
"""Each finding and the function that is its rule."""

__all__ = [
    "COMPARISONS", "COUNTS", "FINDINGS", "RULE_OF", "Finding", "RegisterRules", "Sides", "agreement",
    "answered", "at_a_glance", "basis", "beyond", "by_place", "files_to_look_at", "finding_rows", "findings",
    "longest_open", "month_end_before", "move_counts", "moves", "place_names", "refusals", "responsible",
    "rows_by_source", "rules", "silent_schools", "table", "tasks", "waiting", "work_list",
]  # fmt: skip


@remembered
def findings(known: Known, lang: str = "zh", county: RegisterRules | None = None) -> pd.DataFrame:
    """Every finding of the day, a row per child and finding, ordered by finding (as in FINDINGS) and pupil.

    Columns: `pupil, finding, school_code, township_code, since (date), evidence, checked_by, grade, class`. `evidence`
    is in the language's words, with dates and without identifiers. The township is that where the child lives by the
    household register, else that of the school. `checked_by` is `school`, `township` or `bureau`
    (params/policy/registers.yaml). A place nobody knows is empty.
    """
    at = Sides(known, lang, county)
    rows = pd.concat([finding_rows(at, finding).to_pandas() for finding in FINDINGS], ignore_index=True)
    rows["since"] = pd.to_datetime(rows["since"]).dt.date
    rows["grade"] = rows["grade"].astype("Int32")
    order = rows["finding"].map({finding: number for number, finding in enumerate(FINDINGS)})
    rows = rows.assign(_order=order).sort_values(["_order", "pupil"], kind="stable").drop(columns="_order")
    return rows.reset_index(drop=True)


def finding_rows(at: Sides, finding: Finding) -> ir.Table:
    """One finding as an expression with the columns of `findings`: a row per child, the one open longest.

    Raises KeyError for a finding that has no rule.
    """
    rows = RULE_OF[finding](at)
    once = last_by(rows, "pupil", [rows.since, rows.school_code, rows.grade, rows["class"]])
    schools = at.known.schools.select("school_code", school_township="township_code")
    placed = once.left_join(at.homes, "pupil").left_join(schools, "school_code")
    return placed.select(
        "pupil",
        "school_code",
        "since",
        "evidence",
        "grade",
        "class",
        finding=ibis.literal(finding),
        township_code=ibis.coalesce(placed.home_township, placed.township_code, placed.school_township),
        checked_by=ibis.literal(at.rules.checked_by[finding]),
    ).select("pupil", "finding", "school_code", "township_code", "since", "evidence", "checked_by", "grade", "class")
