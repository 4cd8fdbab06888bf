"""The parts of a mapping (`params/datasets/`), frozen and strict: an unknown key or a wrong type is an error."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictStr, model_validator

from baoxue.policy import Policy

Names = Annotated[tuple[StrictStr, ...], Field(strict=False)]
"""A YAML list of quoted texts."""


class Mapped(Policy):
    """Base of the parts of a mapping: frozen, no unknown key, no silent change of type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Words(Mapped):
    """A text in both languages."""

    zh: str
    en: str

    def said(self, lang: str) -> str:
        """The text in a language."""
        return self.zh if lang == "zh" else self.en


class Format(Mapped):
    """How a text table is written; workbooks and Parquet files need none of it."""

    separator: str = ","
    encoding: str = "utf-8-sig"
    missing: Names = ()
    """Values that mean "missing", besides empty, NA and NaN."""


class Outcome(Mapped):
    """Who counts as an event: a value of `column` among `positive`, or a number below `below`.

    A missing outcome is unknown, never "stayed": such rows are left out and counted. So are the values of `excluded`,
    each with its reason.
    """

    column: str
    positive: Names = ()
    below: float | None = None
    excluded: dict[str, Words] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_definition(self) -> Outcome:
        if bool(self.positive) == (self.below is not None):
            raise ValueError("give either `positive` (values that count as the event) or `below` (a number), not both")
        return self


class SplitScheme(Mapped):
    """How rows are kept apart: random `folds`, whole groups (`grouped`), or `forward` in time."""

    scheme: Literal["folds", "grouped", "forward"]
    folds: int = 5
    gap: int = 0
    """Forward only: periods the outcome needs to become known."""


class OneColumn(Mapped):
    """A rule that ranks by one column; `sign` -1 where a low value is the risk."""

    column: str
    sign: Literal[1, -1] = 1


class Rules(Mapped):
    """The simple rules that stand beside the model, as far as the table has their columns."""

    over_age: OneColumn | None = None
    absence: Names = ()
    school_average: str = ""
    abc: dict[str, float] = Field(default_factory=dict)
    """Column -> threshold at which it is a sign (-t: at or under t); the rule counts signs."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that a rule ranks by, each once."""
        named = (self.over_age.column if self.over_age else "", *self.absence, self.school_average, *self.abc)
        return tuple(dict.fromkeys(name for name in named if name))


class Stated(Mapped):
    """A given baseline to stand beside: area under the curve and average precision of logistic regression."""

    auc: float
    average_precision: float | None = None


class Simulated(Mapped):
    """A table the project makes itself instead of reading one."""

    pupils: int
    seed: int
