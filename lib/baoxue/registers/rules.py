"""What a county may set about the comparison of its registers, and the names of the 13 findings."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, model_validator

from baoxue import policy

Finding = Literal[
    "never_enrolled", "on_roll_not_in_class", "in_class_not_on_roll", "duplicate_registry", "shared_registry_number",
    "transfer_unconfirmed", "suspension_expired", "suspension_unapproved", "not_arrived", "group_mark_missing",
    "group_mark_unsupported", "aid_missing", "aid_unentitled",
]  # fmt: skip
FINDINGS: tuple[Finding, ...] = get_args(Finding)
"""In the order of reports."""

Checker = Literal["school", "township", "bureau"]

COMPARISONS: dict[str, tuple[Finding, ...]] = {
    "household_registry": ("never_enrolled",),
    "registry_class": ("on_roll_not_in_class", "in_class_not_on_roll"),
    "registry_registry": ("duplicate_registry", "shared_registry_number"),
    "registry_changes": ("transfer_unconfirmed", "suspension_expired", "suspension_unapproved"),
    "admission_registry": ("not_arrived",),
    "lists_registry": ("group_mark_missing", "group_mark_unsupported"),
    "lists_aid": ("aid_missing", "aid_unentitled"),
}
"""Two registers laid side by side -> the findings that are their disagreements; each finding stands in exactly one."""


TOTAL = "合计"
"""The row of sums in a table; it stands first."""


class RegisterRules(policy.Policy):
    """`params/policy/registers.yaml`."""

    school_age_from: int = Field(ge=0)
    school_age_to: int = Field(ge=0)
    absent_school_days: int = Field(ge=1)
    transfer_confirmed_within_days: int = Field(ge=0)
    suspension_approved_within_days: int = Field(ge=0)
    suspension_months: int = Field(ge=1)
    arrival_due_month: int = Field(ge=1, le=12)
    arrival_due_day: int = Field(ge=1, le=31)
    longest_open_rows: int = Field(ge=1)
    checked_by: dict[Finding, Checker]

    @model_validator(mode="after")
    def _every_finding_has_a_checker(self) -> RegisterRules:
        missing = [finding for finding in FINDINGS if finding not in self.checked_by]
        if missing:
            raise ValueError(f"checked_by names nobody for {', '.join(missing)}")
        return self


def rules() -> RegisterRules:
    """The county's rules; PolicyError if the file cannot be used."""
    return policy.load("registers", RegisterRules)
