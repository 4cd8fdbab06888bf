"""What a county may set about the calendar of duty and about support: `params/policy/duties_calendar.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from baoxue import policy

Month = Annotated[int, Field(ge=1, le=12)]


class DutyCalendar(policy.Policy):
    """The content of the policy file; each field is explained there."""

    publicity_months: tuple[Month, ...]
    publicity_late_days: int = Field(ge=0)
    inspection_months: tuple[Month, ...]
    leading_group_per: Literal["term", "quarter"]
    special_meeting_per: Literal["term", "quarter"]
    term_start_days: int = Field(ge=1)
    whereabouts_month: Month
    whereabouts_day: int = Field(ge=1, le=28 + 3)
    referral_answer_days: int = Field(ge=1)
    home_lessons_per_month: int = Field(ge=1)
    far_primary_km: float = Field(gt=0)
    far_junior_km: float = Field(gt=0)
    provided: tuple[str, ...]
    least_pupils: int = Field(ge=1)


def rules() -> DutyCalendar:
    """The county's settings; PolicyError if the file cannot be used."""
    return policy.load("duties_calendar", DutyCalendar)
