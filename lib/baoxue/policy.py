"""What a county may set: the typed content of `params/policy/*.yaml`, and where the project's folders are.

A policy file is read once and frozen. An unknown key, a missing key or a wrong type raises `PolicyError`, which names
the file, the key and what was expected.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

ROOT = Path(os.environ.get("BAOXUE_HOME", Path(__file__).resolve().parents[2]))
"""The checkout: params/, notebooks/ and outputs/ lie here. BAOXUE_HOME overrides it."""


class PolicyError(ValueError):
    """A policy file that cannot be used, in words a clerk can act on."""


class Policy(BaseModel):
    """Base of every policy model: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


P = TypeVar("P", bound=Policy)


def path(place: str | Path) -> Path:
    """A place given in a params file: as it is if absolute, else below the project's folder."""
    given = Path(place).expanduser()
    return given if given.is_absolute() else ROOT / given


@cache
def load(name: str, model: type[P]) -> P:
    """The policy file `params/policy/<name>.yaml`, checked against `model`.

    Raises PolicyError if it is missing, is not YAML, or does not fit the model.
    """
    file = ROOT / "params" / "policy" / f"{name}.yaml"
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return model.model_validate(content)
    except OSError as error:
        raise PolicyError(f"{file.name}: cannot be read ({error.strerror}); put it back from the repository") from error
    except yaml.YAMLError as error:
        raise PolicyError(f"{file.name}: is not valid YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PolicyError(f"{file.name}: {where}: {first['msg']}") from error
