"""Who may hold a file: the tiers, and what the county has set for them."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePath

from pydantic import Field

from baoxue import policy

HIDDEN = "*"
"""What stands in a table where a count is hidden."""


class DisclosureError(ValueError):
    """Something that must not be written as asked, in words that say what to change."""


class Tier(StrEnum):
    """Who may hold a file (DOMAIN 4.3)."""

    PUBLIC = "T0"
    TOWNSHIP = "T1"
    SCHOOL = "T2"
    BUREAU = "T3"
    RESEARCH = "T4"


class Disclosure(policy.Policy):
    """The content of params/policy/disclosure.yaml."""

    smallest_shown: int = Field(ge=2, le=20)
    hides_small_counts: tuple[Tier, ...]
    names_a_child: tuple[Tier, ...]


def settings() -> Disclosure:
    """What the county has set; PolicyError if the file does not fit."""
    return policy.load("disclosure", Disclosure)


def tier_of(file: PurePath) -> Tier:
    """The tier that a file's place and name declare.

    `_T3` at the end of a name says T3. Else it is T3 below `restricted/`, `reports/`, `notebooks/`, and T0 elsewhere.

    >>> tier_of(PurePath("tables/months.csv")), tier_of(PurePath("tables/schools_T3.csv"))
    (<Tier.PUBLIC: 'T0'>, <Tier.BUREAU: 'T3'>)
    """
    named = re.search(r"_(T[0-4])$", file.stem)
    if named:
        return Tier(named[1])
    return Tier.BUREAU if {"restricted", "reports", "notebooks"} & set(file.parts) else Tier.PUBLIC
