"""What was computed from the store once need not be computed again, neither in a notebook nor in the next one of a run.

Many expressions start from the same intermediate tables of a day: `kept` computes each once and gives it as a table to
go on from. Many notebooks ask for the same results, and a run that makes a page for every school asks the same of the
whole county two hundred times: a function that is `remembered` computes them once, and `text` what takes long to write,
such as SQL. While a run lasts all of it lies in a folder of the run, which only its owner may enter and which goes with
it; so it is with notebooks whose kernels have a warm parent. Elsewhere nothing is written, and a result is remembered
as long as the day it was computed for is used.
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
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar
from weakref import WeakKeyDictionary

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    import ibis
    import pandas as pd

MEMORY = "BAOXUE_MEMORY"
"""Environment variable: the folder in which a run remembers; none, and nothing is."""

P = ParamSpec("P")
R = TypeVar("R")


class Knowing(Protocol):
    """What is known of a store as of a day."""

    @property
    def state(self) -> str:
        """The day and the store's files, as one text."""

    @property
    def connection(self) -> ibis.BaseBackend:
        """Where its tables lie."""


K = TypeVar("K", bound=Knowing)
_tables: WeakKeyDictionary[Knowing, dict[str, ibis.Table]] = WeakKeyDictionary()
_frames: WeakKeyDictionary[Knowing, dict[str, pd.DataFrame]] = WeakKeyDictionary()
_results: WeakKeyDictionary[Knowing, dict[str, bytes]] = WeakKeyDictionary()
_texts: dict[str, str] = {}


def kept(known: Knowing, name: str, make: Callable[[], ibis.Table]) -> ibis.Table:
    """The table `make()` gives, computed at the first call and read from then on.

    It lies on the connection of `known` and goes with it, so it can be joined to any table of that day and never
    outlives it; in a run it is read from the file that the first notebook wrote. `name` must be used for one expression
    only, which depends on nothing but what is known and the county's settings.
    """
    tables = _tables.setdefault(known, {})
    if name not in tables:
        tables[name] = _table(known, name, make)
    return tables[name]


def in_memory(known: Knowing, table: ibis.Table) -> pd.DataFrame:
    """The rows of a kept table of few rows, read at the first call. Others are given the same frame: change a copy."""
    frames, name = _frames.setdefault(known, {}), table.get_name()
    if name not in frames:
        frames[name] = table.to_pandas()
    return frames[name]


def _table(known: Knowing, name: str, make: Callable[[], ibis.Table]) -> ibis.Table:
    folder = os.environ.get(MEMORY)
    if not folder:
        return known.connection.create_table(name, make(), temp=True)
    place = Path(folder) / f"{name}-{_digest(name, known.state)}.parquet"
    with _alone(place):
        if place.exists():
            return known.connection.read_parquet(place, table_name=name)
        table = known.connection.create_table(name, make(), temp=True)
        draft = place.with_suffix(".draft")
        known.connection.to_parquet(table, draft)
        draft.replace(place)
        return table


def remembered(function: Callable[Concatenate[K, P], R]) -> Callable[Concatenate[K, P], R]:
    """The function, whose results are kept as long as a run lasts, or its first argument.

    It must depend on nothing but what is known, its arguments and the county's settings, and return what can be
    pickled, such as a frame. Every call gives a value of its own, which the caller may change.
    """

    @wraps(function)
    def recalled(known: K, *given: P.args, **named: P.kwargs) -> R:
        folder = os.environ.get(MEMORY)
        about = (function.__module__, function.__qualname__, known.state, given, sorted(named.items()))
        if not folder:
            results, name = _results.setdefault(known, {}), _digest(*about)
            if name not in results:
                results[name] = pickle.dumps(function(known, *given, **named))
            return pickle.loads(results[name])
        place = Path(folder) / f"{function.__name__}-{_digest(*about)}"
        with _alone(place):
            if place.exists():
                return pickle.loads(place.read_bytes())
            result = function(known, *given, **named)
            _keep(pickle.dumps(result), place)
            return result

    return recalled


def text(about: str, make: Callable[[], str]) -> str:
    """The text `make()` gives, made once in a process, and once in a run; `about` says all that it depends on."""
    name, folder = _digest(about), os.environ.get(MEMORY)
    if name not in _texts:
        place = Path(folder) / f"text-{name}" if folder else None
        if place and place.exists():
            _texts[name] = place.read_text(encoding="utf-8")
        else:
            _texts[name] = make()
            if place:
                place.parent.mkdir(mode=0o700, exist_ok=True)
                _keep(_texts[name].encode(), place)
    return _texts[name]


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


def _digest(*about: object) -> str:
    return hashlib.sha256(repr(about).encode()).hexdigest()


def _keep(content: bytes, place: Path) -> None:
    descriptor, draft = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(draft).replace(place)
