"""New rows, duplicates, corrections and extensions told apart, and the day each became known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import duckdb

from baoxue.contracts import Source
from baoxue.intake import shape


def settle(
    con: duckdb.DuckDBPyConnection, source: Source, stored: Sequence[Path], received_on: dt.date, drop_number: int
) -> None:
    """Make the table `settled` of the rows of `fresh` that are new, as the store keeps them, and `duplicates`.

    A row is a duplicate if it says what an earlier row of the drop says, or what the store's last row of its key says;
    of a key that the drop gives in several versions, also if it says what any row of the store says. A row whose key
    was there before is a correction, known from the day the drop was received. If it only fills columns whose own date
    was empty before, it is an extension and known as long as the row it extends: its columns have their own dates.
    """
    _hash_fresh(con, source)
    _earlier(con, source, stored)
    _duplicates(con)
    _chains(con, source, received_on)
    names = [name for name in shape.content(source) if name != "known_on"]
    con.execute("DROP TABLE IF EXISTS settled")
    con.execute(
        f"""
        CREATE TABLE settled AS
        SELECT {_columns(names)}, coalesce(c.known_on, f.known_on) AS known_on, $received_on AS received_on,
            CAST($drop_number AS INTEGER) AS drop_number, f.drop_line, f._identity AS identity_digest,
            coalesce(c.is_correction, false) AS is_correction, f._file
        FROM hashed AS f LEFT JOIN chains AS c USING (drop_line)
        WHERE f.drop_line NOT IN (SELECT drop_line FROM duplicates)
        """,
        {"received_on": received_on, "drop_number": drop_number},
    )


def _hash_fresh(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Digests of content and key for the time of this drop; a row about nobody has a key of its own."""
    con.execute("DROP TABLE IF EXISTS hashed")
    nobody = "pupil IS NULL" if source.person else "false"
    con.execute(
        f"""
        CREATE TABLE hashed AS
        SELECT {_columns(_said(source))}, known_on, drop_line, _file, _identity,
            hash({_columns(_said(source))}, _identity) AS said_hash,
            CASE WHEN {nobody} THEN NULL ELSE hash({_columns(source.key)}) END AS key_hash
        FROM fresh WHERE _refused IS NULL
        """
    )


def _earlier(con: duckdb.DuckDBPyConnection, source: Source, stored: Sequence[Path]) -> None:
    """The store's rows of the keys that this drop has, the last of each key marked."""
    con.execute("DROP TABLE IF EXISTS earlier")
    said = _columns(_said(source))
    if not stored:
        con.execute("CREATE TABLE earlier AS SELECT *, 1 AS nth FROM hashed WHERE false")
        return
    nobody = "pupil IS NULL" if source.person else "false"
    con.execute(
        f"""
        CREATE TABLE earlier AS
        SELECT {said}, known_on, said_hash, key_hash,
            row_number() OVER (PARTITION BY key_hash ORDER BY known_on DESC, drop_number DESC, drop_line DESC) AS nth
        FROM (
            SELECT *, hash({said}, identity_digest) AS said_hash,
                CASE WHEN {nobody} THEN NULL ELSE hash({_columns(source.key)}) END AS key_hash
            FROM read_parquet($1)
        )
        WHERE key_hash IN (SELECT key_hash FROM hashed) OR said_hash IN (SELECT said_hash FROM hashed)
        """,
        [[str(file) for file in stored]],
    )


def _duplicates(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("DROP TABLE IF EXISTS duplicates")
    con.execute(
        """
        CREATE TABLE duplicates AS
        WITH versions AS (
            SELECT key_hash, count(DISTINCT said_hash) AS count FROM hashed WHERE key_hash IS NOT NULL GROUP BY key_hash
            HAVING count(DISTINCT said_hash) > 1
        )
        SELECT drop_line, _file FROM hashed
        QUALIFY row_number() OVER (PARTITION BY said_hash ORDER BY drop_line) > 1
        UNION
        SELECT h.drop_line, h._file FROM hashed AS h JOIN earlier AS e USING (said_hash)
        WHERE e.nth = 1 OR h.key_hash IS NULL OR h.key_hash IN (SELECT key_hash FROM versions)
        """
    )


def _chains(con: duckdb.DuckDBPyConnection, source: Source, received_on: dt.date) -> None:
    """Rows of a key that has others: what each follows, whether it extends it, and so when it became known."""
    names = _said(source)
    columns = _columns(names)
    con.execute("DROP TABLE IF EXISTS chains")
    con.execute(
        f"""
        CREATE TABLE chains AS
        WITH new_rows AS (
            SELECT {columns}, known_on, key_hash, drop_line FROM hashed
            WHERE drop_line NOT IN (SELECT drop_line FROM duplicates) AND key_hash IS NOT NULL
        ), crowded AS (
            SELECT key_hash FROM new_rows GROUP BY key_hash HAVING count(*) > 1
            UNION SELECT key_hash FROM earlier WHERE nth = 1 AND key_hash IS NOT NULL
        ), members AS (
            SELECT * FROM new_rows WHERE key_hash IN (SELECT key_hash FROM crowded)
            UNION ALL SELECT {columns}, known_on, key_hash, -1 AS drop_line FROM earlier WHERE nth = 1
        ), following AS (
            SELECT *, lag(m) OVER (PARTITION BY key_hash ORDER BY drop_line) AS before FROM members AS m
        ), judged AS (
            SELECT key_hash, drop_line, before IS NOT NULL AS is_correction,
                before IS NOT NULL AND {_extends(source, names)} AS is_extension,
                CASE WHEN before IS NULL THEN known_on ELSE greatest(known_on, $received_on) END AS known_on
            FROM following
        ), runs AS (
            SELECT *, sum(CASE WHEN is_extension THEN 0 ELSE 1 END) OVER in_order AS run
            FROM judged WINDOW in_order AS (PARTITION BY key_hash ORDER BY drop_line)
        )
        SELECT drop_line, is_correction, first_value(known_on) OVER in_run AS known_on
        FROM runs WINDOW in_run AS (PARTITION BY key_hash, run ORDER BY drop_line)
        QUALIFY drop_line >= 0
        """,
        {"received_on": received_on},
    )


def _extends(source: Source, names: Sequence[str]) -> str:
    """Nothing else than columns whose own date was empty before and is there now has changed."""
    hidden = shape.hidden(source)
    conditions = []
    for name in names:
        same = f'"{name}" IS NOT DISTINCT FROM before."{name}"'
        day = hidden.get(name)
        filled = f' OR (before."{day}" IS NULL AND "{day}" IS NOT NULL)' if day else ""
        conditions.append(f"({same}{filled})")
    return " AND ".join(conditions)


def _said(source: Source) -> list[str]:
    """What a row says: its content without the day it became known, which says only when."""
    return [name for name in shape.content(source) if name != "known_on"]


def _columns(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
