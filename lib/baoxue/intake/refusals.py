"""Refused rows from drop to drop: which are open, which a later drop answers, and whose each is.

Numbers and places only; the rows as the school wrote them go to `identity/refused`, never to `rejects`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from baoxue.contracts import SOURCES, Source
from baoxue.intake import headers, shape
from baoxue.intake.sql import rows_of

WITHDRAWN = "withdrawn"
"""The reason of a row that its school takes back; it answers a refusal and is none."""

BY_PUPIL = "pupil"


def start(
    con: duckdb.DuckDBPyConnection, rejects: Sequence[Path], answered: Sequence[Path], files: Mapping[int, str]
) -> None:
    """Make `open_refusals` (of earlier drops, not answered yet) and `given` (answers of this drop, empty yet).

    `files` are the files of this drop that are read, by number.
    """
    con.execute("CREATE TABLE drop_files (_file INTEGER, name VARCHAR)")
    con.executemany("INSERT INTO drop_files VALUES ($1, $2)", sorted(files.items()) or [(-1, "")])
    con.execute("CREATE TABLE given (number VARCHAR, answer VARCHAR, replaced_by VARCHAR, strength INTEGER)")
    rows_of(con, "rejects", rejects)
    rows_of(con, "answers", answered)
    con.execute(
        f"""
        CREATE TABLE open_refusals AS
        SELECT number, source, file, sheet, "row", row_digest
        FROM rejects WHERE reason <> '{WITHDRAWN}'
            AND number NOT IN (SELECT number FROM answers)
        """
    )


def accepted(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Note which open refusals the rows of `fresh` answer.

    A row answers by the number it came back with; in a snapshot also by standing at the same place of the same file,
    for a snapshot that is handed in again is the same list put right. A place in any other file says nothing.
    """
    by_place = f"""
        UNION ALL
        SELECT o.number, 'accepted', NULL, 4 FROM fresh AS f JOIN drop_files AS d USING (_file)
        JOIN open_refusals AS o ON o.source = '{source.table}' AND o.file = d.name AND o.sheet = f._sheet
            AND o."row" = f._row
        WHERE f._refused IS NULL"""
    con.execute(
        f"""
        INSERT INTO given
        SELECT f._answers, 'accepted', NULL, 1 FROM fresh AS f
        JOIN open_refusals AS o ON o.number = f._answers AND o.source = '{source.table}' WHERE f._refused IS NULL
        {by_place if source.snapshot else ""}
        """
    )


def located(
    con: duckdb.DuckDBPyConnection, refused: pa.Table, quoted: pa.Table, enrolments: Sequence[Path]
) -> pa.Table:
    """The refused rows of this drop, with what they say (`headers, cells, row_digest`) and `school_code`.

    A row is that of the school it names, if the school is on the county's list, or of the one school at which its child
    was registered on the day it speaks of; else nobody's. Nothing is guessed from the file it stands in.
    """
    con.register("refused_rows", refused)
    con.register("quoted_rows", quoted)
    named = ", ".join(f"'{source.table}'" for source in SOURCES if source.school not in {"", BY_PUPIL})
    by_pupil = ", ".join(f"'{source.table}'" for source in SOURCES if source.school == BY_PUPIL)
    con.execute(
        """
        CREATE TABLE refusals AS
        SELECT r.*, q.headers, q.cells, q.row_digest, q.own_school, q.day,
            coalesce(q.person, l.pupil, q.alias) AS pupil
        FROM refused_rows AS r LEFT JOIN quoted_rows AS q USING (_file, sheet_at, "row")
        LEFT JOIN links AS l ON l.alias = q.alias
        """
    )
    rows_of(con, "enrolments", enrolments)
    con.execute(_registered())
    return con.sql(
        f"""
        SELECT r.* EXCLUDE (own_school, day, pupil), CASE
            WHEN r.source IN ({named}) AND r.own_school IN (SELECT school_code FROM school_kinds) THEN r.own_school
            WHEN r.source IN ({by_pupil}) THEN p.school_code END AS school_code
        FROM refusals AS r LEFT JOIN registered AS p USING (number) ORDER BY length(r.number), r.number
        """
    ).to_arrow_table()


def answers(con: duckdb.DuckDBPyConnection, drop: str) -> pa.Table:
    """What the drop answers, a row a refusal: the columns of `shape.ANSWERS`. Needs the table `refusals`."""
    con.execute(
        f"""
        INSERT INTO given
        SELECT o.number, '{WITHDRAWN}', NULL, 2 FROM refusals AS n JOIN open_refusals AS o
            ON n.answers = o.number AND n.source = o.source WHERE n.reason = '{WITHDRAWN}'
        UNION ALL
        SELECT o.number, 'replaced', n.number, 3 FROM refusals AS n JOIN open_refusals AS o
            ON n.source = o.source AND (n.answers = o.number OR n.row_digest = o.row_digest)
        WHERE n.reason <> '{WITHDRAWN}'
        """
    )
    rows = con.sql(
        """
        SELECT number, answer, $drop AS "drop", replaced_by FROM given
        QUALIFY row_number() OVER (PARTITION BY number ORDER BY strength, replaced_by) = 1
        ORDER BY length(number), number
        """,
        params={"drop": drop},
    )
    return rows.to_arrow_table().cast(shape.ANSWERS)


def going_back(rows: pa.Table, days: Mapping[int, str | None]) -> pa.Table:
    """The refused rows that go back, in the columns of `shape.QUOTED`; `days` are the snapshots' by file.

    A row that could not be read once more has no cells, and its place must do.
    """
    rows = rows.filter(pa.compute.not_equal(rows["reason"], WITHDRAWN))
    wrong = [
        wrong_at(row["column"], row["reason"], row["headers"] or [], row["cells"] or [])
        for row in rows.select(["column", "reason", "headers", "cells"]).to_pylist()
    ]
    rows = rows.append_column("wrong_at", pa.array(wrong, shape.QUOTED.field("wrong_at").type))
    snapshots = pa.array([days[index] for index in rows["_file"].to_pylist()], pa.string())
    return rows.append_column("snapshot_on", snapshots).select(shape.QUOTED.names).cast(shape.QUOTED)


def wrong_at(column: str, reason: str, header: Sequence[str], cells: Sequence[str]) -> list[int]:
    """Positions of the cells that a refusal is about; none if the column is not there at all.

    >>> wrong_at("身份证件号", "id_length", ["姓名", "身份证件号*"], ["张三", "33"])
    [1]
    """
    if reason == "too_many_cells":
        return [at for at, cell in enumerate(cells) if cell.strip() and not "".join(header[at : at + 1]).strip()]
    wanted = headers.normal(column)
    names = [headers.normal(name) for name in header]
    exact = [at for at, name in enumerate(names) if name == wanted]
    return exact[:1] or [at for at, name in enumerate(names) if re.sub(r"\([^()]*\)$", "", name) == wanted][:1]


def _registered() -> str:
    """The one school at which the child of a refusal was registered on its day; without a day, ever."""
    return """
        CREATE TABLE registered AS
        WITH seen AS (
            SELECT DISTINCT pupil, snapshot_on, school_code FROM enrolments
            WHERE pupil IN (SELECT pupil FROM refusals)
        ), on_its_day AS (
            SELECT r.number, s.school_code,
                r.day IS NULL OR s.snapshot_on = max(s.snapshot_on) OVER (PARTITION BY r.number) AS counts
            FROM refusals AS r JOIN seen AS s ON s.pupil = r.pupil AND (r.day IS NULL OR s.snapshot_on <= r.day)
        )
        SELECT number, any_value(school_code) AS school_code FROM on_its_day WHERE counts
        GROUP BY number HAVING count(DISTINCT school_code) = 1"""
