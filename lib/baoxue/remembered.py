"""What one notebook of a run has computed from the store, the next need not compute again.

A run that makes a page for every school asks the same of the whole county two hundred times. While it lasts, a function
that is `remembered` keeps its result in a folder of the run, which only its owner may enter and which goes with it.
Outside a run nothing is kept.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

MEMORY = "BAOXUE_MEMORY"
"""Environment variable: the folder in which a run remembers; none, and nothing is."""

P = ParamSpec("P")
R = TypeVar("R")


class Knowing(Protocol):
    """What is known of a store as of a day."""

    @property
    def state(self) -> str:
        """The day and the store's files, as one text."""


K = TypeVar("K", bound=Knowing)


def remembered(function: Callable[Concatenate[K, P], R]) -> Callable[Concatenate[K, P], R]:
    """The function, whose results are kept as long as a run lasts.

    It must depend on nothing but what is known, its arguments and the county's settings, and return what can be
    pickled, such as a small frame. Every call gives a value of its own, which the caller may change.
    """

    @wraps(function)
    def recalled(known: K, *given: P.args, **named: P.kwargs) -> R:
        folder = os.environ.get(MEMORY)
        if not folder:
            return function(known, *given, **named)
        place = Path(folder) / f"{function.__name__}-{_key(function, known.state, given, named)}"
        with _alone(place):
            if place.exists():
                return pickle.loads(place.read_bytes())
            result = function(known, *given, **named)
            _keep(result, place)
            return result

    return recalled


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Let one process at a time compute a result; the others wait for it. Where files have no locks, they need not."""
    place.parent.mkdir(mode=0o700, exist_ok=True)
    if fcntl is None:
        yield
        return
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _key(function: Callable, state: str, given: tuple, named: dict[str, Any]) -> str:
    told = repr((function.__module__, function.__qualname__, state, given, sorted(named.items())))
    return hashlib.sha256(told.encode()).hexdigest()


def _keep(result: object, place: Path) -> None:
    descriptor, draft = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(descriptor, "wb") as file:
        pickle.dump(result, file)
    Path(draft).replace(place)
