"""Writing a file that leaves: the tier said, the content checked, the name final only when the file is whole."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd

from baoxue.contracts import IDENTITY_COLUMNS, SOURCES
from baoxue.disclosure.cells import hide
from baoxue.disclosure.identifiers import identifiers
from baoxue.disclosure.tiers import HIDDEN, DisclosureError, Tier, settings, tier_of

LEDGER = "BAOXUE_RELEASES"
"""Environment variable: the file to which a run has every release written down, one JSON object a line."""

PERSON_KEYS = {"pupil", "registration", "household", "case"}
"""Pseudonyms and case numbers: one row is one child, so a public table has none of them."""


@dataclass(frozen=True)
class Release:
    """A file that was written: where, for whom, how many rows, which columns count children, how many cells hidden.

    `follows`: the columns hidden with each count, under the headings written.
    """

    path: Path
    tier: Tier
    title: str = ""
    rows: int | None = None
    counts: tuple[str, ...] = ()
    hidden: int = 0
    follows: dict[str, list[str]] = field(default_factory=dict)


def write_table(
    frame: pd.DataFrame,
    path: str | Path,
    *,
    tier: Tier | str,
    counts: Mapping[str, Sequence[str]] | Sequence[str] = (),
    plain: Sequence[str] = (),
    totals: Mapping[str, str] | None = None,
    sums: Mapping[str, Sequence[str]] | None = None,
    headings: Mapping[str, str] | None = None,
    title: str = "",
) -> Release:
    """Write a table as .csv (UTF-8 with BOM, opens in Excel and WPS) or .parquet, without the frame's index.

    In a tier that hides small counts (T0), `counts`, `plain`, `totals` and `sums` say what the columns are (see
    `hide`), and a public table needs them all. `headings` renames columns last, `title` is what the index of a run
    calls the table. A file that is not T0 has mode 0600, lies below `restricted/` or says its tier in its name.

    Raises DisclosureError if a column names or reaches a person, if a value looks like an ID number, registry number
    or phone, if the place does not fit the tier, or if the kind of file is unknown.
    """
    file, for_whom = Path(path), Tier(tier)
    _refuse_persons(frame, file.name, for_whom)
    _refuse_place(file, for_whom)
    shown = frame
    if for_whom in settings().hides_small_counts:
        smallest = settings().smallest_shown
        shown = hide(frame, counts=counts, plain=plain, totals=totals, sums=sums, smallest=smallest)
    renamed = dict(headings or {})
    written = shown.rename(columns=renamed)
    return release(
        file,
        _writer(written, file),
        tier=for_whom,
        title=title,
        rows=len(frame),
        counts=[renamed.get(name, name) for name in counts],
        hidden=int((written.astype(object) == HIDDEN).to_numpy().sum()),
        follows=_renamed(counts, renamed),
    )


def release(
    path: str | Path,
    write: Callable[[Path], object],
    *,
    tier: Tier | str,
    title: str = "",
    rows: int | None = None,
    counts: Sequence[str] = (),
    hidden: int = 0,
    follows: Mapping[str, Sequence[str]] | None = None,
) -> Release:
    """Let `write` make a file at a draft place, then give it its name: the door for workbooks, letters and pictures.

    `write` is called with a path of the same suffix in the same folder. If it raises, nothing remains. Only a tier
    that may name a child (params/policy/disclosure.yaml) may have `.docx` or `.xlsx` below `restricted/`.
    """
    file, for_whom = Path(path), Tier(tier)
    _refuse_place(file, for_whom)
    if identifiers(file.name):
        raise DisclosureError("the name of a file must hold no ID number, registry number or phone")
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft_name = tempfile.mkstemp(prefix=".draft-", suffix=file.suffix, dir=file.parent)
    os.close(descriptor)
    draft = Path(draft_name)
    try:
        write(draft)
        draft.chmod(0o644 if for_whom is Tier.PUBLIC else 0o600)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    together = {count: list(others) for count, others in (follows or {}).items()}
    entry = Release(file, for_whom, title, rows, tuple(counts), hidden, together)
    _write_down(entry)
    return entry


def releases(ledger: Path) -> list[Release]:
    """What a ledger holds, a file once (the last writing of it); none if it does not exist."""
    lines = ledger.read_text(encoding="utf-8").splitlines() if ledger.exists() else []
    read = [json.loads(line) for line in lines]
    entries = [
        Release(**(e | {"path": Path(e["path"]), "tier": Tier(e["tier"]), "counts": tuple(e["counts"])})) for e in read
    ]
    return list({entry.path: entry for entry in entries}.values())


def identity_headings() -> set[str]:
    """Every column name and county header that names or reaches a person."""
    return _identity_headings() | set(IDENTITY_COLUMNS) - {"pupil", "known_on"}


@cache
def _identity_headings() -> set[str]:
    columns = [column for source in SOURCES for column in source.columns if column.identity]
    # notes are kept apart because they may name a child, but a table may well have a column called so
    return {word for column in columns if column.name != "note" for word in (column.name, *column.headers)}


def _refuse_persons(frame: pd.DataFrame, name: str, tier: Tier) -> None:
    named = sorted(set(map(str, frame.columns)) & identity_headings())
    if named:
        raise DisclosureError(f"{name}: {', '.join(named)} name or reach a person; a table carries none of them")
    keys = sorted(set(map(str, frame.columns)) & PERSON_KEYS)
    if keys and tier in (Tier.PUBLIC, Tier.TOWNSHIP, Tier.SCHOOL):
        raise DisclosureError(f"{name}: {', '.join(keys)} point at single children; {tier} tables carry none")
    for column in frame.select_dtypes(["object", "string", "category"]):
        if any(identifiers(text) for text in _texts(frame[column])):
            raise DisclosureError(f"{name}: column {column} holds an ID number, a registry number or a phone")


def _renamed(counts: Mapping[str, Sequence[str]] | Sequence[str], renamed: Mapping[str, str]) -> dict[str, list[str]]:
    together = {name: counts[name] if isinstance(counts, Mapping) else () for name in counts}
    return {renamed.get(name, name): [renamed.get(o, o) for o in others] for name, others in together.items()}


def _texts(column: pd.Series) -> Iterator[str]:
    yield from (str(value) for value in column.dropna().unique())


def _refuse_place(file: Path, tier: Tier) -> None:
    declared = tier_of(file)
    below = "restricted" in file.parts
    if tier is Tier.PUBLIC and (declared is not Tier.PUBLIC or below):
        raise DisclosureError(f"{file.name}: a T0 file lies outside restricted/ and says no other tier in its name")
    if tier is not Tier.PUBLIC and not below and declared is not tier:
        raise DisclosureError(f"{file.name}: a {tier} file lies below restricted/ or ends in _{tier}{file.suffix}")


def _writer(frame: pd.DataFrame, file: Path) -> Callable[[Path], object]:
    if file.suffix == ".csv":
        return lambda draft: frame.to_csv(draft, index=False, encoding="utf-8-sig", lineterminator="\n")
    if file.suffix == ".parquet":
        return lambda draft: frame.to_parquet(draft, index=False)
    raise DisclosureError(f"{file.name}: a table is written as .csv or .parquet")


def _write_down(entry: Release) -> None:
    ledger = os.environ.get(LEDGER)
    if ledger:
        line = json.dumps(asdict(entry) | {"path": str(entry.path.absolute())}, ensure_ascii=False)
        with Path(ledger).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
