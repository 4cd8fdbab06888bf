"""What the county sets about early warning and visits: `params/policy/visits.yaml`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field, model_validator

from baoxue import policy

Month = Annotated[int, Field(ge=1, le=12)]


class Visits(policy.Policy):
    """The content of the policy file; each field is explained there."""

    horizon_months: int = Field(ge=1, le=24)
    confirmation_days: int = Field(ge=0, le=180)
    as_of_months: tuple[Month, ...] = Field(min_length=1)
    recent_school_days: int = Field(ge=5, le=100)
    long_school_days: int = Field(ge=10, le=200)
    look_back_months: int = Field(ge=1)
    long_absence_school_days: int = Field(ge=3)
    precursor_days: float = Field(ge=0.5)
    capacity_pct: float = Field(gt=0, le=100)
    capacity_scope: Literal["county", "school"]
    visited_days: int = Field(ge=0)
    answer_days: int = Field(ge=1)
    drift_sd: float = Field(gt=0)
    drift_missing_points: float = Field(gt=0, le=100)
    signs_shown: int = Field(ge=1, le=3)

    @property
    def spans(self) -> dict[str, int]:
        """The lengths that the words of the features name: `recent` and `long` school days, `months` looked back."""
        return {"recent": self.recent_school_days, "long": self.long_school_days, "months": self.look_back_months}

    @model_validator(mode="after")
    def _near_window_is_shorter(self) -> Visits:
        if self.recent_school_days >= self.long_school_days:
            raise ValueError("recent_school_days must be smaller than long_school_days")
        return self


def visits(**instead: object) -> Visits:
    """The county's settings; PolicyError if the file cannot be used.

    `instead` gives other values for a run, by the names of the policy file; empty ones (0, "") change nothing. Raises
    pydantic's ValidationError for a name or value that the file could not have either.
    """
    county = policy.load("visits", Visits)
    given = {name: value for name, value in instead.items() if value}
    return Visits.model_validate(county.model_dump() | given) if given else county


def as_of_dates(first: dt.date, last: dt.date) -> list[dt.date]:
    """The days from `first` to `last` at which the model learns and is judged: the ends of `as_of_months`, in order.

    >>> as_of_dates(dt.date(2023, 9, 1), dt.date(2024, 3, 31))
    [datetime.date(2023, 9, 30), datetime.date(2024, 3, 31)]
    """
    ends = pd.date_range(first, last, freq="ME")
    return [end.date() for end in ends if end.month in visits().as_of_months]


def horizon_end(as_of: dt.date, months: int) -> dt.date:
    """The last day that counts as "within so many months": the same day of a later month, else that month's last.

    >>> horizon_end(dt.date(2024, 8, 31), 6)
    datetime.date(2025, 2, 28)
    """
    return (pd.Timestamp(as_of) + pd.DateOffset(months=months)).date()
