"""Why a run cannot start, said so that a clerk can act on it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from baoxue import words


class RunError(ValueError):
    """A run that cannot start, in words a clerk can act on: `str()` in English, `say(lang)` in either language."""

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values
        super().__init__(self.say("en"))

    def say(self, lang: str = "zh") -> str:
        """The message in a language."""
        return words.say(f"run.{self.key}", lang, **self.values)


def nearest(name: str, valid: Iterable[str]) -> str:
    """The valid name most like the given one; empty if none is like it."""
    return next(iter(difflib.get_close_matches(name, sorted(valid), n=1, cutoff=0.5)), "")


def unknown(subject: str, name: str, valid: Iterable[str], **values: object) -> RunError:
    """The error that says which names there are, and the one most like the given one."""
    names = sorted(valid)
    close = nearest(name, names)
    if close:
        return RunError(f"unknown_{subject}_near", name=name, near=close, **values)
    return RunError(f"unknown_{subject}", name=name, valid=", ".join(names), **values)
