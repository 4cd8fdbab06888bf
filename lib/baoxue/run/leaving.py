"""`baoxue check`: what is about to leave, looked through with the names the store knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from baoxue import policy
from baoxue.disclosure import Report, check
from baoxue.run import soundness
from baoxue.run.declared import read
from baoxue.run.errors import RunError
from baoxue.run.places import places
from baoxue.store import Store

_NAMES = ("full_name", "guardian")


def look(path: Path, store: Path | None = None) -> Report:
    """The report of `disclosure.check`; with a store, the names of its children and their guardians are looked for.

    Where the path is the folder of a run, what speaks against signing it off is in the report too (`soundness`). The
    opening of the identities is logged. Raises RunError if the path or the store is not there.
    """
    if not path.exists():
        raise RunError("no_path", path=path)
    report = check(path) if store is None else _with_names(path, store)
    more = soundness.findings(path) if soundness.is_run(path) else []
    return replace(report, findings=tuple(sorted((*report.findings, *more))))


def _with_names(path: Path, store: Path) -> Report:
    if not (store / "intake.json").is_file():
        raise RunError("no_store", store=store)
    known = Store(store)
    people = known.identity(reader="baoxue check", why=f"look for names in {path.name} before it leaves")
    names = {name for column in _NAMES for name in people[column].dropna()}
    return check(path, names=names, own_words=_own_words(known))


def _own_words(store: Store) -> Iterator[str]:
    """Texts whose words are no names: places, schools, zones, villages, and the prose of the notebooks."""
    yield places().county.name
    yield from (place.name for place in places().townships.values())
    for file in store.files("schools"):
        import pandas as pd

        frame = pd.read_parquet(file, columns=["school_name", "zone"])
        yield from (text for column in frame for text in frame[column].dropna())
    for notebook in sorted((policy.ROOT / "notebooks").rglob("*.ipynb")):
        yield from (cell.source for cell in read(notebook).cells)
