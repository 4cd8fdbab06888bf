"""What proves that a child is not, or no longer, out of school: registry changes that are approved or confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from baoxue.codes import Change, Review

if TYPE_CHECKING:
    from baoxue.store import Known

LEAVES = (Change.TRANSFER_OUT, Change.EMIGRATED, Change.SUSPENDED)
"""Why a child is rightly not in class: may begin some time before the absence is noticed."""

COMES_BACK = (Change.RETURNED, Change.RESUMED, Change.TRANSFER_IN, Change.GRADUATED)
"""What ends an absence: must lie on or after its first day."""


def proofs(known: Known) -> ibis.Table:
    """One row per proof known by then: `pupil, proof` (变动类别), `changed_on, proven_on, document`.

    A transfer out is proven when the receiving school confirms, an emigration and a leave (休学) when approved and
    the leave not over by then, a death, a return, a transfer in and a graduation when accepted. What was sent back
    (退回) proves nothing. A death proves at any time. Source: DOMAIN 2.6, 2.7; INPUTS, "Monthly operation".
    """
    changes = known.table("changes").filter(ibis._.pupil.notnull() & (ibis._.review.fill_null("") != Review.RETURNED))
    passed = changes.review == Review.PASSED
    ends = ibis.coalesce(changes.suspended_until, changes.changed_on + ibis.interval(years=1))
    on_leave = (changes.change == Change.SUSPENDED) & passed & (changes.reviewed_on <= ends.cast("date"))
    proven_on = ibis.cases(
        (changes.change == Change.TRANSFER_OUT, changes.confirmed_on),
        ((changes.change == Change.EMIGRATED) & passed, changes.reviewed_on),
        (on_leave, changes.reviewed_on),
        (changes.change.isin([Change.DEAD, *COMES_BACK]), changes.known_on),
    )
    rows = changes.select("pupil", "changed_on", proof=changes.change, proven_on=proven_on, document=changes.proof)
    return rows.filter(rows.proven_on.notnull()).order_by("pupil", "proven_on", "proof")


def in_reach(proof: ibis.Table, absent_on: ibis.Value, days: int) -> ibis.Value:
    """Whether a proof (columns `proof, changed_on`) speaks to an absence that began on `absent_on`.

    A leave may begin up to `days` natural days earlier, so that an old transfer of a child long back proves nothing.
    """
    earliest = (absent_on - ibis.interval(days=days)).cast("date")
    return (
        (proof.proof == Change.DEAD)
        | (proof.proof.isin(LEAVES) & (proof.changed_on >= earliest))
        | (proof.proof.isin(COMES_BACK) & (proof.changed_on >= absent_on))
    )
