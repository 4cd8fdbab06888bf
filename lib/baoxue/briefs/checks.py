"""What must hold in a brief before anybody reads it."""

from __future__ import annotations

from baoxue.briefs.month import Month, month_table
from baoxue.rates.cube import TOTAL
from baoxue.words import say


class ChecksFailed(AssertionError):
    """A brief whose numbers contradict each other; it must not be handed over."""


def checked(month: Month) -> str:
    """One line a check with its result, in the reader's language. Raises ChecksFailed naming those that do not hold."""
    table = month_table(month).set_index("stage")
    stages = table.drop(index=TOTAL).sum()
    flows, moves = month.flows, month.moves
    ended = flows["opening"] + flows["confirmed"] - flows["returned"] - flows["closed_otherwise"]
    results = {
        "check_month_table": bool((table.loc[TOTAL] >= stages).all()),
        "check_clearance": bool((ended == flows["balance"]).all()),
        "check_moves": bool((moves["before"] - moves["cleared"] + moves["new"] == moves["now"]).all()),
    }
    failed = [say(f"report.{name}", month.lang) for name, holds in results.items() if not holds]
    if failed:
        raise ChecksFailed("; ".join(failed))
    return "\n".join(f"{say(f'report.{name}', month.lang)}: {say('report.check_ok', month.lang)}" for name in results)
