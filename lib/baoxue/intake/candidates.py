"""Entries that may be one child and share no number: asked about, and one child only when a human has said so.

A candidate is a child on a class roster without any number, or one known by a registry number alone; it is held against
the children with an identity number by name, date of birth (a roster has none) and township. Nothing is matched here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from baoxue.intake.pseudonyms import Pseudonyms
from baoxue.intake.sql import rows_of

SHOWN = ("名册记录", "可能的学生", "相同之处")
"""What a review list shows of the two entries, under heads that intake reads past."""

_LENGTH = 13
PAIRS = pa.schema({"review": pa.string(), "alias": pa.string(), "pupil": pa.string(), "same_birth": pa.bool_()})


def pairs(files: Mapping[str, Sequence[Path]], pseudonyms: Pseudonyms) -> pa.Table:
    """Every pair to ask about, by the number under which it is asked: the columns of `PAIRS`, ordered by it.

    `files` are the store's by table, `identity` and `links` among them. Pairs already answered are here too; a registry
    number that was seen beside an identity number needs no question. Two rows of one roster are two children.
    """
    needed = ("identity", "links", "schools", "enrolments", "rosters", "households", "low_income")
    with duckdb.connect() as con:
        for name in needed:
            rows_of(con, name, files[name])
        found = con.sql(_PAIRS).to_arrow_table()
    asked = [
        pseudonyms.of("v", f"{alias}|{pupil}")[:_LENGTH]
        for alias, pupil in zip(found["alias"].to_pylist(), found["pupil"].to_pylist(), strict=True)
    ]
    return found.append_column("review", pa.array(asked, pa.string())).select(PAIRS.names).sort_by("review")


def judge(con: duckdb.DuckDBPyConnection, asked: pa.Table) -> None:
    """Make `asked` (the pairs) and `contradicting` (answers of this drop that say an entry is two children)."""
    con.register("asked", asked)
    con.execute(
        """
        CREATE TABLE contradicting AS
        WITH yes AS (
            SELECT DISTINCT a.review, a.alias, a.pupil FROM part_reviews JOIN asked AS a USING (review) WHERE is_same
        )
        SELECT review FROM yes WHERE alias IN (SELECT alias FROM yes GROUP BY alias HAVING count(*) > 1)
        """
    )


def refused() -> str:
    """An expression: why an answer is not taken in (a reason of the catalogue), else empty."""
    return """CASE WHEN review NOT IN (SELECT review FROM asked) THEN 'review_unknown'
        WHEN review IN (SELECT review FROM contradicting) THEN 'review_contradicts' END"""


def matched(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """What the answers in `settled` change: `alias, pupil`; the alias twice where a match is undone."""
    return con.sql(
        """
        WITH said AS (
            SELECT review, arg_max(is_same, drop_line) AS is_same FROM settled GROUP BY review
        ), current AS (SELECT alias, pupil FROM links WHERE NOT is_new)
        SELECT a.alias, CASE WHEN s.is_same THEN a.pupil ELSE a.alias END AS pupil
        FROM said AS s JOIN asked AS a USING (review) LEFT JOIN current AS c USING (alias)
        WHERE (s.is_same AND c.pupil IS DISTINCT FROM a.pupil) OR (NOT s.is_same AND c.pupil = a.pupil)
        QUALIFY row_number() OVER (PARTITION BY a.alias ORDER BY s.is_same DESC) = 1
        ORDER BY a.alias
        """
    ).to_arrow_table()


_PAIRS = """
    WITH people AS (
        SELECT pupil, arg_max(full_name, (known_on, drop_number, drop_line)) AS full_name,
            arg_max(id_number, (known_on, drop_number, drop_line)) AS id_number,
            arg_max(birth_date, (known_on, drop_number, drop_line)) AS birth_date
        FROM identity WHERE source <> 'duty_holders' GROUP BY pupil
    ), places AS (
        SELECT pupil, township_code FROM households UNION SELECT pupil, township_code FROM low_income
        UNION SELECT pupil, township_code FROM enrolments JOIN schools USING (school_code)
        UNION SELECT coalesce(pupil, candidate), township_code FROM rosters JOIN schools USING (school_code)
    ), unnumbered AS (
        SELECT * FROM people WHERE id_number IS NULL AND full_name IS NOT NULL
            AND pupil NOT IN (SELECT alias FROM links WHERE why = 'registry')
    )
    SELECT u.pupil AS alias, n.pupil AS pupil, u.birth_date IS NOT NULL AS same_birth
    FROM unnumbered AS u JOIN people AS n
        ON n.full_name = u.full_name AND n.id_number IS NOT NULL
            AND (u.birth_date IS NULL OR u.birth_date = n.birth_date)
    WHERE EXISTS (FROM places AS a JOIN places AS b USING (township_code) WHERE a.pupil = u.pupil AND b.pupil = n.pupil)
        AND NOT EXISTS (
            FROM rosters AS a JOIN rosters AS b USING (snapshot_on, school_code)
            WHERE a.candidate = u.pupil AND b.pupil = n.pupil
        )
    """
