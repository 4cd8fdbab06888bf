"""What a county may set about its indicators: `params/policy/indicators.yaml`."""

from __future__ import annotations

from pydantic import Field, model_validator

from baoxue import policy
from baoxue.codes import Stage


class IndicatorPolicy(policy.Policy):
    """Levels, windows and thresholds of the indicators; the file says what each means."""

    confidence_pct: float = Field(gt=50, lt=100)
    opening_within_days: int = Field(ge=0, le=120)
    smallest_population: int = Field(ge=1)
    ratio_to_detect: float = Field(gt=1)
    power_pct: float = Field(gt=0, lt=100)
    false_alarm_pct: float = Field(gt=0, lt=100)
    season_years: int = Field(ge=1)
    season_settles_days: int = Field(ge=0)
    cap_pct: float = Field(gt=0)
    school_age: dict[Stage, tuple[int, int]]
    completion_age: dict[Stage, int]

    @model_validator(mode="after")
    def _both_stages(self) -> IndicatorPolicy:
        for name in ("school_age", "completion_age"):
            if set(getattr(self, name)) != set(Stage):
                raise ValueError(f"{name} needs exactly 小学 and 初中")
        return self

    @property
    def alpha(self) -> float:
        """One minus the confidence: 0.05 at 95 %."""
        return 1 - self.confidence_pct / 100


def indicators() -> IndicatorPolicy:
    """The county's choices; PolicyError if the file does not hold them."""
    return policy.load("indicators", IndicatorPolicy)
