"""What goes to the restricted tables: identities where they change, and details by the key of their row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from baoxue.contracts import Source
from baoxue.intake import shape

_NUMBERS = {"id_number", "registry_number"}
_TRACE = ("known_on", "drop_number", "drop_line")
_TOLD = [name for name in shape.IDENTITY.names if name not in {"pupil", "source", *_TRACE}]


def start(con: duckdb.DuckDBPyConnection, stored: Sequence[Path]) -> None:
    """Make the tables `known_identity` (what the store holds) and `identity` (what this drop adds, empty yet)."""
    con.register("empty_identity", shape.IDENTITY.empty_table())
    con.execute("CREATE TABLE identity AS SELECT * FROM empty_identity")
    con.execute("CREATE TABLE known_identity AS SELECT * FROM empty_identity")
    if stored:
        con.execute("INSERT INTO known_identity BY NAME SELECT * FROM read_parquet($1)", [[str(f) for f in stored]])


def collect(con: duckdb.DuckDBPyConnection, source: Source, drop_number: int) -> None:
    """Add to `identity` what the rows of `fresh` tell of a person and no row told before.

    A row is kept where it differs from the one known before it from the same source, so that the one known last is the
    one that holds. A source that has only numbers adds them where none is known yet.
    """
    told = shape.identities(source)
    if not told:
        return
    con.execute("DROP TABLE IF EXISTS told")
    con.execute(f"CREATE TABLE told AS {_told(source)}", {"drop_number": drop_number})
    con.execute(_unknown_numbers() if set(told) <= _NUMBERS else _changes(source))


def details(con: duckdb.DuckDBPyConnection, source: Source) -> duckdb.DuckDBPyRelation | None:
    """Of the rows of `settled`, the identity columns that are not about the child of the row, with the row's key.

    None if the source has no such columns, or none of the rows holds anything in them.
    """
    names = shape.details(source)
    if not names:
        return None
    key = [*source.key, *(["candidate"] if "candidate" in shape.derived(source) else [])]
    columns = ", ".join([*(f's."{name}"' for name in key), *(f'f."detail_{name}" AS "{name}"' for name in names)])
    anything = " OR ".join(f'f."detail_{name}" IS NOT NULL' for name in names)
    rows = con.sql(
        f"SELECT {columns}, s.known_on, s.drop_number, s.drop_line FROM settled AS s JOIN fresh AS f USING (drop_line) "
        f"WHERE {anything} ORDER BY s.drop_line"
    )
    return rows if rows.limit(1).fetchall() else None


def _told(source: Source) -> str:
    """The rows of `fresh` as identities; the person is the child, else the candidate, else the duty-holder."""
    who = {"rosters": "coalesce(pupil, candidate)", "duty_holders": "holder"}.get(source.table, "pupil")
    told = shape.identities(source)
    columns = [f'identity_{name} AS "{name}"' if name in told else f'NULL AS "{name}"' for name in _TOLD]
    if "registration" in shape.derived(source):
        columns[_TOLD.index("registration")] = "registration"
    return f"""SELECT {who} AS pupil, {", ".join(columns)}, '{source.table}' AS source, known_on,
        CAST($drop_number AS INTEGER) AS drop_number, drop_line
        FROM fresh WHERE _refused IS NULL AND {who} IS NOT NULL"""


def _changes(source: Source) -> str:
    said = ", ".join(f'"{name}"' for name in _TOLD)
    return f"""
        INSERT INTO identity BY NAME
        SELECT * EXCLUDE (said, before, is_new) FROM (
            SELECT *, lag(said) OVER (
                PARTITION BY pupil, registration ORDER BY known_on, drop_number, drop_line
            ) AS before
            FROM (
                SELECT *, hash({said}) AS said, true AS is_new FROM told
                UNION ALL BY NAME
                SELECT *, hash({said}) AS said, false AS is_new FROM known_identity
                WHERE source = '{source.table}' AND pupil IN (SELECT pupil FROM told)
            )
        ) WHERE is_new AND said IS DISTINCT FROM before
        ORDER BY drop_line"""


def _unknown_numbers() -> str:
    known = "SELECT pupil, id_number, registry_number FROM"
    return f"""
        INSERT INTO identity BY NAME
        SELECT * FROM told AS t
        WHERE NOT EXISTS (
            FROM ({known} known_identity UNION ALL {known} identity) AS k
            WHERE k.pupil = t.pupil AND (t.id_number IS NULL OR k.id_number IS NOT NULL)
                AND (t.registry_number IS NULL OR k.registry_number IS NOT NULL)
        )
        QUALIFY row_number() OVER (PARTITION BY pupil, id_number, registry_number ORDER BY known_on, drop_line) = 1
        ORDER BY drop_line"""
