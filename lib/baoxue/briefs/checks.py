"""What must hold in a report before anybody reads it."""

from __future__ import annotations

from baoxue import rates
from baoxue.briefs.period import Period
from baoxue.briefs.period_table import period_table
from baoxue.rates.cube import TOTAL
from baoxue.words import say


class ChecksFailed(AssertionError):
    """A report whose numbers contradict each other; it must not be handed over."""


def checked(period: Period) -> str:
    """One line a check with its result, in the reader's language. Raises ChecksFailed naming those that do not hold."""
    results = _of_every_report(period) | _of_its_kind(period)
    failed = [say(f"report.{name}", period.lang) for name, holds in results.items() if not holds]
    if failed:
        raise ChecksFailed("; ".join(failed))
    ok = say("report.check_ok", period.lang)
    return "\n".join(f"{say(f'report.{name}', period.lang)}: {ok}" for name in results)


def _of_every_report(period: Period) -> dict[str, bool]:
    table = period_table(period).set_index("stage")
    flows, moves = period.flows, period.moves
    ended = flows["opening"] + flows["confirmed"] - flows["returned"] - flows["closed_otherwise"]
    return {
        "check_period_table": bool((table.loc[TOTAL] >= table.drop(index=TOTAL).sum()).all()),
        "check_clearance": bool((ended == flows["balance"]).all()),
        "check_moves": bool((moves["before"] - moves["cleared"] + moves["new"] == moves["now"]).all()),
    }


def _of_its_kind(period: Period) -> dict[str, bool]:
    """The table of changes of a term or year, the ledgers of all but a month, the review of a quarter."""
    results: dict[str, bool] = {}
    if period.kind in ("term", "year"):
        results["check_changes"] = bool(rates.balances(period.changes).all())
    if period.kind != "month":
        ledgers = period.ledgers
        states = ledgers[list(rates.LEDGER_STATES)].sum(axis=1)
        results["check_ledgers"] = bool((ledgers["children"] == states).all())
    if period.kind == "quarter":
        review = period.review.set_index("school_code")
        results["check_review"] = bool((review.loc[TOTAL] == review.drop(index=TOTAL).sum()).all())
    return results
