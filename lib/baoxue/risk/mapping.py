"""What a file of `params/datasets/` says about a table: its columns, its outcome, and what may never be a feature.

A mapping is read once and frozen; an unknown key, a wrong type or an unquoted label raises `MappingError`, which names
the file and the key. A column of the outcome's own time (`post_event`) is refused as a feature wherever it is named.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from pydantic import Field, ValidationError, model_validator

from baoxue import policy
from baoxue.risk.mapped import Format, Mapped, Names, Outcome, Rules, Simulated, SplitScheme, Stated, Words

_WAVE = re.compile(r"_([A-Za-z]+)(\d+)$")


class MappingError(ValueError):
    """A mapping, or a table that does not fit it, in words its author can act on."""


class Mapping(Mapped):
    """One table mapped to the risk module. Column names are those of the table (after `aliases` and `query`)."""

    title: Words
    about: Words
    """What a row is, where the table comes from, what it cannot say."""
    event: Words
    """The outcome as a verb in the past, for sentences: 辍学 / dropped out."""
    source: Words
    licence: Words
    file: str = ""
    """Name of the file inside the folder given as `data`."""
    format: Format = Format()
    tables: dict[str, str] = Field(default_factory=dict)
    """Names for `query` -> files of the folder, where one file is not enough."""
    query: str = ""
    """DuckDB SQL over `tables` (or over `data`, the one file), whose result is the table."""
    simulated: Simulated | None = None
    aliases: dict[str, Names] = Field(default_factory=dict)
    """Column -> other headers under which files carry it."""
    id: str = ""
    outcome: Outcome
    features: Names
    """Names or patterns (`*_survey1`); what is excluded below is not matched by a pattern."""
    excluded: dict[str, Words] = Field(default_factory=dict)
    """Name or pattern -> why it is no feature."""
    post_event: dict[str, Words] = Field(default_factory=dict)
    """Name or pattern -> why it is known only with or after the outcome."""
    months: Names = ()
    """Columns written YYYY-MM, read as years (1995.25); an unknown month, 00, stands before January."""
    categories: Names = ()
    """Columns of codes that look like numbers and are names."""
    groups: str = ""
    period: str = ""
    split: SplitScheme
    rules: Rules = Rules()
    capacity: float = Field(default=0.05, gt=0, lt=1)
    """Share of the rows that the staff could visit."""
    monitored: Names = ()
    """Columns by which results are audited; never a reason to be features."""
    stated: Stated | None = None

    @model_validator(mode="after")
    def _named_features_are_allowed(self) -> Mapping:
        refused = [why for name in self.features if not _is_pattern(name) and (why := self.refusal(name))]
        refused += [why for name in self.rules.columns if (why := self.too_late(name))]
        if refused:
            raise ValueError(refused[0])
        return self

    def too_late(self, column: str) -> str:
        """Why the column is known only with or after the outcome, in words that name it; empty if it is not."""
        if column == self.outcome.column:
            return f"{column} cannot be a feature: it is the outcome"
        if (pattern := _match(column, self.post_event)) is not None:
            return f"{column} cannot be a feature: known only with or after the outcome ({self.post_event[pattern].en})"
        if _same_or_later_wave(column, self.outcome.column):
            wave = f"its name says that it was asked in the wave of the outcome ({self.outcome.column}) or later"
            return f"{column} cannot be a feature: {wave}"
        return ""

    def refusal(self, column: str) -> str:
        """Why the column must not be a feature, in words that name it; empty if it may."""
        if late := self.too_late(column):
            return late
        if column == self.id:
            return f"{column} cannot be a feature: it is the identifier of a row"
        if (pattern := _match(column, self.excluded)) is not None:
            return f"{column} cannot be a feature: excluded in the mapping ({self.excluded[pattern].en})"
        return ""

    def features_of(self, columns: list[str], only: tuple[str, ...] = (), add: tuple[str, ...] = ()) -> list[str]:
        """The features among the table's columns, in their order; `only` replaces those of the mapping, `add` adds.

        Raises MappingError for a name that is no column (with the nearest one) or that is refused.
        """
        given = (*only, *add)
        chosen = {c for name in given for c in _matched(name, columns)}
        if not only:
            chosen |= {
                c
                for name in self.features
                for c in _matched(name, columns)
                if not _is_pattern(name) or not self.refusal(c)
            }
        refused = [why for c in columns if c in chosen and (why := self.refusal(c))]
        if refused:
            raise MappingError(f"{refused[0]}; take it out of the features")
        return [c for c in columns if c in chosen]


def read_mapping(name_or_path: str | Path) -> Mapping:
    """The mapping `params/datasets/<name>.yaml`, or the file at a path ending in .yaml, checked.

    Raises MappingError with the file's name and the key if it is missing, is no YAML, or does not fit `Mapping`.
    """
    file = _mapping_file(name_or_path)
    try:
        return Mapping.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except yaml.YAMLError as error:
        raise MappingError(f"{file.name}: is not valid YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "features"
        raise MappingError(f"{file.name}: {where}: {first['msg'].removeprefix('Value error, ')}") from error


def _mapping_file(name_or_path: str | Path) -> Path:
    folder = policy.ROOT / "params" / "datasets"
    given = str(name_or_path)
    file = policy.path(given) if given.endswith((".yaml", ".yml")) else folder / f"{given}.yaml"
    if not file.is_file():
        known = sorted(f.stem for f in folder.glob("*.yaml"))
        raise MappingError(
            f"dataset: no mapping called {given!r}{_nearest(given, known)}; there are {', '.join(known)}"
        )
    return file


def _matched(name: str, columns: list[str]) -> list[str]:
    matched = [c for c in columns if (fnmatchcase(c, name) if _is_pattern(name) else c == name)]
    if not matched:
        what = "column for the pattern" if _is_pattern(name) else "column"
        raise MappingError(f"features: the table has no {what} {name!r}{_nearest(name, columns)}")
    return matched


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _is_pattern(name: str) -> bool:
    return any(mark in name for mark in "*?[")


def _match(column: str, patterns: dict[str, Words]) -> str | None:
    return next((p for p in patterns if p == column or (_is_pattern(p) and fnmatchcase(column, p))), None)


def _same_or_later_wave(column: str, outcome: str) -> bool:
    mine, theirs = _WAVE.search(column), _WAVE.search(outcome)
    if not mine or not theirs or mine[1].lower() != theirs[1].lower():
        return False
    return int(mine[2]) >= int(theirs[2])
