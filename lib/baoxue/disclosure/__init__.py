"""The only door to a file: five tiers, small counts hidden, no identifier in a table, nothing half-written.

`write_table` writes a frame (.csv or .parquet), `release` lets another writer (a workbook, a letter) write, `check`
looks through what is about to leave. What leaves together is hidden together: `protect` at the end of a run, `audit` in
every check. Tiers: DOMAIN 4.3; the numbers a county may set: params/policy/disclosure.yaml.
"""

from baoxue.disclosure.audit import Leak, audit
from baoxue.disclosure.cells import hide
from baoxue.disclosure.checks import Finding, Report, check
from baoxue.disclosure.doors import Release, release, write_table
from baoxue.disclosure.identifiers import identifiers, mask
from baoxue.disclosure.tiers import HIDDEN, DisclosureError, Tier
from baoxue.disclosure.together import protect

__all__ = [
    "HIDDEN", "DisclosureError", "Finding", "Leak", "Release", "Report", "Tier", "audit", "check", "hide",
    "identifiers", "mask", "protect", "release", "write_table",
]  # fmt: skip
