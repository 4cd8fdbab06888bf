"""The shape of a stored table, derived from the contract: its columns and their types, nothing said twice."""

from __future__ import annotations

import pyarrow as pa

from baoxue.contracts import REJECT_COLUMNS, Column, Kind, Source

_DERIVED: dict[str, dict[str, pa.DataType]] = {
    "enrolments": {
        "snapshot_on": pa.date32(), "registration": pa.string(), "has_id": pa.bool_(), "has_phone": pa.bool_(),
        "has_guardian": pa.bool_(), "birth_month": pa.date32(), "cohort": pa.int32(),
    },
    "rosters": {"snapshot_on": pa.date32(), "candidate": pa.string()},
    "households": {
        "snapshot_on": pa.date32(), "household": pa.string(), "birth_month": pa.date32(), "cohort": pa.int32(),
        "has_phone": pa.bool_(), "has_guardian": pa.bool_(),
    },
    "admissions": {"birth_month": pa.date32(), "cohort": pa.int32(), "has_phone": pa.bool_()},
    "duty_holders": {"holder": pa.string()},
}  # fmt: skip
"""Columns that intake makes out of identity columns and places, so that no analysis needs the identities."""

TRACE: dict[str, pa.DataType] = {
    "received_on": pa.date32(), "drop_number": pa.int32(), "drop_line": pa.int64(), "identity_digest": pa.int64(),
    "is_correction": pa.bool_(),
}  # fmt: skip
"""How a row came in: the day and number of its drop, its place in the drop, a keyed digest of the identities that stood
in it, and whether its key was in the store before. Readers of a `Known` do not see these."""

_TYPES: dict[Kind, pa.DataType] = {
    "date": pa.date32(), "month": pa.date32(), "yes_no": pa.bool_(), "integer": pa.int32(), "number": pa.float64(),
    "grade": pa.int32(), "year": pa.int32(),
}  # fmt: skip

_IDENTITY_ORIGINS: dict[str, tuple[str, ...]] = {
    "full_name": ("full_name", "holder_name"), "id_number": (), "registry_number": (), "birth_date": ("birth_date",),
    "guardian": ("guardian_1",), "phone": ("phone", "guardian_1_phone", "holder_phone"), "address": ("address",),
    "guardian_phone": ("guardian_1_phone",), "guardian_2": ("guardian_2",), "guardian_2_phone": ("guardian_2_phone",),
    "head_name": ("head_name",), "household_number": ("household_number",), "disability_number": ("disability_number",),
}  # fmt: skip
"""Column of the restricted table -> the identity columns of a source that fill it, the first that is there."""

IDENTITY = pa.schema(
    {"pupil": pa.string()}
    | {name: pa.date32() if name == "birth_date" else pa.string() for name in _IDENTITY_ORIGINS}
    | {"registration": pa.string(), "source": pa.string(), "known_on": pa.date32()}
    | {"drop_number": pa.int32(), "drop_line": pa.int64()}
)
"""The columns of `identity/*.parquet`: the contract's, then what letters and forms need besides."""

REJECTS = pa.schema({name: pa.int64() if name == "row" else pa.string() for name in REJECT_COLUMNS})
"""The columns of `warnings/*.parquet`."""

REFUSALS = pa.schema(
    [*REJECTS, pa.field("number", pa.string()), pa.field("source", pa.string()), pa.field("school_code", pa.string()),
     pa.field("row_digest", pa.int64())]
)  # fmt: skip
"""The columns of `rejects/*.parquet`: besides the contract's the number under which the row goes back, whose it is
(empty: the bureau's), and a keyed digest of its cells by which the same row is known when it comes again."""

ANSWERS = pa.schema({"number": pa.string(), "answer": pa.string(), "drop": pa.string(), "replaced_by": pa.string()})
"""The columns of `answers/*.parquet`: a refused row was `accepted`, `withdrawn` or `replaced` by a new refusal."""

QUOTED = pa.schema(
    {"number": pa.string(), "drop": pa.string(), "source": pa.string(), "snapshot_on": pa.string(), "file": pa.string(),
     "sheet": pa.string(), "row": pa.int64(), "column": pa.string(), "reason": pa.string(), "school_code": pa.string(),
     "headers": pa.list_(pa.string()), "cells": pa.list_(pa.string()), "wrong_at": pa.list_(pa.int32())}
)  # fmt: skip
"""The columns of `identity/refused/*.parquet`: refused rows as the school wrote them, and which cells are wrong."""

LINKS = pa.schema(
    {"alias": pa.string(), "pupil": pa.string(), "why": pa.string(), "known_on": pa.date32(), "drop_number": pa.int32()}
)
"""The columns of `tables/links/*.parquet`: two pseudonyms of one child, why (`registry`: both numbers stood in one row;
`review`: a human said so), and since when that is known. The last drop holds; a link to itself undoes one."""


def type_of(column: Column) -> pa.DataType:
    """The stored type of a column; text unless its kind says otherwise."""
    return _TYPES.get(column.kind, pa.string())


def derived(source: Source) -> dict[str, pa.DataType]:
    """The columns that intake makes out of identity columns and places."""
    return _DERIVED.get(source.table, {})


def content(source: Source) -> dict[str, pa.DataType]:
    """The columns a reader sees, in order: `pupil` where about a child, the contract's, the derived, `known_on`."""
    pupil = {"pupil": pa.string()} if source.person else {}
    plain = {c.name: type_of(c) for c in source.columns if not c.identity}
    return pupil | plain | derived(source) | {"known_on": pa.date32()}


def stored(source: Source) -> pa.Schema:
    """The columns of a file under `tables/`: what a reader sees, and the trace of how the row came in."""
    return pa.schema(content(source) | TRACE)


def hidden(source: Source) -> dict[str, str]:
    """Column -> the date column before which it is empty."""
    return {c.name: c.known_with for c in source.columns if c.known_with and not c.identity}


def identities(source: Source) -> dict[str, tuple[str, ...]]:
    """Column of the restricted table -> the identity columns of this source that fill it."""
    names = {c.name for c in source.columns if c.identity}
    is_numbered = source.person and source.column(source.person[0]).kind != "pupil_code"
    numbers = {"id_number", "registry_number"} if is_numbered else set()
    found = {name: tuple(o for o in origins if o in names) for name, origins in _IDENTITY_ORIGINS.items()}
    about_someone = source.person or "holder" in derived(source)
    return {n: o for n, o in found.items() if n in numbers or o} if about_someone else {}


def details(source: Source) -> tuple[str, ...]:
    """Identity columns that are not about the row's person (a visitor, a reviewer, a note): kept by the row's key."""
    kept = {origin for origins in identities(source).values() for origin in origins} | set(source.person)
    return tuple(c.name for c in source.columns if c.identity and c.name not in kept)
