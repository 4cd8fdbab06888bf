"""A bar, what was measured against it, and whether it is met: the closing table of a benchmark."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Bar:
    """One line of the closing table."""

    section: str
    what: str
    bar: str
    measured: str
    is_met: bool | None
    """None where this machine or this run cannot tell."""


def at_least(section: str, what: str, measured: float, bar: float, form: str = "{:.4f}") -> Bar:
    """A number that must not be smaller than the bar."""
    return Bar(section, what, f"≥ {form.format(bar)}", form.format(measured), bool(measured >= bar))


def at_most(section: str, what: str, measured: float, bar: float, form: str = "{:.4f}") -> Bar:
    """A number that must not be larger than the bar."""
    return Bar(section, what, f"≤ {form.format(bar)}", form.format(measured), bool(measured <= bar))


def table(bars: Sequence[Bar]) -> str:
    """The bars as text: section, what, bar, measured, met."""
    told = {True: "yes", False: "NO", None: "cannot tell"}
    rows = [(b.section, b.what, b.bar, b.measured, told[b.is_met]) for b in bars]
    return pd.DataFrame(rows, columns=["section", "what", "bar", "measured", "met"]).to_string(index=False)


def say(text: str) -> None:
    """Print at once, so that a long run shows how far it is."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
