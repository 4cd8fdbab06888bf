"""Two ways to the same numbers: what became of each pupil, against the changes on record; every difference named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.cases.leavings import leavings
from baoxue.codes import Change, Review
from baoxue.rates.movements import Movement, movements, spans_table
from baoxue.rates.reasons import REASONS, Evidence, reasons

if TYPE_CHECKING:
    from baoxue.store import Known

KIND_OF_CHANGE = {
    Change.TRANSFER_IN: Movement.MOVED_IN, Change.RESUMED: Movement.RESUMED, Change.RETURNED: Movement.RESUMED,
    Change.TRANSFER_OUT: Movement.MOVED_OUT, Change.SUSPENDED: Movement.SUSPENDED, Change.DEAD: Movement.DEAD,
    Change.DROPPED_OUT: Movement.DROPPED_OUT, Change.EMIGRATED: Movement.ABROAD,
}  # fmt: skip
"""Which movement a change records. 招生 and 毕业 are moved in the registry itself and need no change."""

KIND_OF_MOVEMENT = {kind: kind for kind in KIND_OF_CHANGE.values()} | {
    Movement.MOVED_IN_COUNTY: Movement.MOVED_IN,
    Movement.MOVED_OUT_COUNTY: Movement.MOVED_OUT,
}
LEFT = "辍学（逐人认定）"
"""The kind under which leavings stand against the 辍学 of the table of changes."""

KINDS = (*dict.fromkeys(KIND_OF_CHANGE.values()), LEFT)

_KEYS = ["school_year", "pupil"]


def two_ways(known: Known) -> pd.DataFrame:
    """双向核对: per school year and kind of movement, pupil-level status against the table of changes.

    Columns: `school_year, kind, by_status, by_records, difference` (records less status) and a column per reason of
    `REASONS`, signed, whose sum is the difference. `by_status` counts the movements of pupils from one opening to the
    next (`movements`), `by_records` the changes on record that were not sent back; one belongs to the span whose
    next opening is the first that could know it. For 辍学 the status is that of each pupil who left (`leavings`
    confirmed in the span). The last kind of a year sets the same leavings against the 辍学 of the 学生变动情况表.
    """
    named = _differences(known)
    reasons = named.pivot_table(index=["school_year", "kind"], columns="reason", values="difference", aggfunc="sum")
    counts = named.groupby(["school_year", "kind"])[["by_status", "by_records", "difference"]].sum()
    frame = counts.join(reasons.reindex(columns=list(REASONS))).fillna(0).astype(int).reset_index()
    place = {kind: number for number, kind in enumerate(KINDS)}
    order = frame["kind"].map(place)
    return frame.assign(_place=order).sort_values(["school_year", "_place"], ignore_index=True).drop(columns="_place")


def unreconciled(known: Known) -> pd.DataFrame:
    """The pupils behind the differences: `school_year, pupil, kind, by_status, by_records, difference, reason`, ordered
    so; for the case office, to be looked up one by one."""
    named = _differences(known)
    return named[named["difference"] != 0].sort_values(["school_year", "kind", "pupil"], ignore_index=True)


def _differences(known: Known) -> pd.DataFrame:
    """A row per span, pupil and kind that either side has, with the reason where the sides differ."""
    changes, leaving = _changes(known), _left(known)
    happened, recorded, left = _happened(known), _in_spans(changes, known), _in_spans(leaving, known)
    is_dropout = happened["kind"] == Movement.DROPPED_OUT
    status = pd.concat([happened[~is_dropout], left])
    table = happened[is_dropout].assign(kind=LEFT)
    pairs = [_side_by_side(status, recorded), _side_by_side(left.assign(kind=LEFT), table)]
    rows = pd.concat(pairs, ignore_index=True)
    rows = rows.assign(difference=rows["by_records"] - rows["by_status"])
    refused = _in_spans(_changes(known, sent_back=True), known)
    evidence = Evidence(happened, recorded, refused, changes.to_pandas(), leaving.to_pandas(), _standing(known, rows))
    return rows.assign(reason=reasons(rows, rows["kind"] == LEFT, evidence))


def _side_by_side(status: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    sides = {"by_status": status, "by_records": records}
    counts = [side.groupby([*_KEYS, "kind"]).size().rename(name) for name, side in sides.items()]
    return pd.concat(counts, axis=1).fillna(0).astype(int).reset_index()


def _happened(known: Known) -> pd.DataFrame:
    """The movements that a change would record: `school_year, pupil, kind`."""
    rows = movements(known).filter(ibis._.movement.isin(list(KIND_OF_MOVEMENT)))
    return rows.select(*_KEYS, kind=rows.movement.substitute(KIND_OF_MOVEMENT)).to_pandas()


def _changes(known: Known, *, sent_back: bool = False) -> ibis.Table:
    """The changes on record, `pupil, on, kind`, by the day from which the registry could know them; with `sent_back`
    those that were refused."""
    changes = known.table("changes").filter(ibis._.pupil.notnull())
    was_refused = changes.review.fill_null("") == Review.RETURNED
    changes = changes.filter(was_refused if sent_back else ~was_refused)
    kinds = {change.value: kind for change, kind in KIND_OF_CHANGE.items()}
    rows = changes.select("pupil", on=ibis.greatest(changes.changed_on, changes.known_on), change="change")
    return rows.filter(rows.change.isin(list(kinds))).select("pupil", "on", kind=rows.change.substitute(kinds))


def _left(known: Known) -> ibis.Table:
    rows = leavings(known)
    return rows.select("pupil", on="known_on", kind=ibis.literal(Movement.DROPPED_OUT))


def _in_spans(rows: ibis.Table, known: Known) -> pd.DataFrame:
    years = spans_table(known)
    inside = rows.inner_join(years, [rows.on > years.opened_on, rows.on <= years.closed_on])
    return inside.select(*_KEYS, "kind").to_pandas()


def _standing(known: Known, rows: pd.DataFrame) -> pd.DataFrame:
    """Of the pupils of the rows, by span: `was_there` in school at its opening, `is_there` at the next, `has_returned`
    from a leaving in between; a pupil never in school in the span has no row."""
    asked = ibis.memtable(
        rows[_KEYS].drop_duplicates(), schema=ibis.schema({"school_year": "int32", "pupil": "string"})
    )
    there = movements(known).semi_join(asked, _KEYS).group_by(*_KEYS)
    seen = there.aggregate(
        was_there=(ibis._.movement == Movement.OPENING).any(), is_there=(ibis._.movement == Movement.CLOSING).any()
    )
    returned = leavings(known).filter(ibis._.returned_on.notnull())
    back = _in_spans(returned.select("pupil", on="returned_on", kind=ibis.literal(Movement.RESUMED)), known)
    return seen.to_pandas().merge(back[_KEYS].drop_duplicates().assign(has_returned=True), on=_KEYS, how="left")
