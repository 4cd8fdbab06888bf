"""What only the whole drop can tell: whose a registry number is, and the day a row became known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import duckdb

from baoxue.contracts import ALWAYS_KNOWN, SOURCE_OF, Source
from baoxue.intake import candidates, grades, shape

DAYS_TO_MARK = 14
"""A mark is known so many days after the exam."""

_FIXED = {"schools", "terms", "calendar_days"}


def connect(workshop: Path) -> duckdb.DuckDBPyConnection:
    """A database beside the store for the work of one drop; it spills to disk rather than take all memory."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "1500MB",
        "temp_directory": str(workshop / "spill"),
        "threads": "2",
    }
    return duckdb.connect(str(workshop / "drop.duckdb"), config=settings)


def gather(
    con: duckdb.DuckDBPyConnection,
    parts: dict[str, list[Path]],
    stored: dict[str, list[Path]],
    digits_lost: dict[int, int],
) -> None:
    """Lay out a view `part_<table>` of each source's parts, and what resolves them.

    Those are `links` (pseudonym by registry number -> child), `school_kinds`, `term_ends`, `confirmed` (children whose
    number ends in 000 and is right) and `files` (how many cut numbers each file has). `stored` has the files of the
    store by table, with `links` and `identity` among them.
    """
    for table, files in parts.items():
        con.read_parquet([str(file) for file in files]).create_view(f"part_{table}")
    _links(con, parts, stored["links"])
    con.execute("CREATE TABLE school_kinds (school_code VARCHAR, school_type VARCHAR)")
    con.execute("CREATE TABLE term_ends (term VARCHAR, ends_on DATE)")
    con.execute("CREATE TABLE files AS SELECT * FROM (VALUES (-1, 0)) AS v(_file, digits_lost)")
    con.executemany("INSERT INTO files VALUES ($1, $2)", sorted(digits_lost.items()) or [(-1, 0)])
    _confirmed(con, parts, stored["identity"])
    _latest(con, "school_kinds", "schools", ("school_code", "school_type"), parts, stored)
    _latest(con, "term_ends", "terms", ("term", "ends_on"), parts, stored)


def prepare(con: duckdb.DuckDBPyConnection, source: Source, received_on: dt.date) -> None:
    """Make the table `fresh`: the source's rows in order, with pupil, grade 1-9 and the day each became known.

    Beside the content stand `_file, _place, _sheet, _row, _identity, _answers, _sheet_at`, the identities, `_refused`
    (why the row is not taken in after all, else empty), and `_undated` (no date says when the row was known, so the day
    of arrival does).
    """
    known = _known_on(source)
    selected = ", ".join(f'{sql} AS "{name}"' for name, sql in _columns(source).items())
    restricted = [f"identity_{name}" for name in shape.identities(source)]
    restricted += [f"detail_{name}" for name in shape.details(source)]
    con.execute("DROP TABLE IF EXISTS fresh")
    con.execute(
        f"""
        CREATE TABLE fresh AS
        SELECT {selected}, coalesce({known}, $received_on) AS known_on, ({known}) IS NULL AS _undated,
            {_refused(source)} AS _refused, {"".join(f"p.{name}, " for name in restricted)}
            _file, _place, _sheet, _row, _identity, _answers, _sheet_at,
            row_number() OVER (ORDER BY _file, _place) - 1 AS drop_line
        FROM ({grades.resolved(source)}) AS p
        LEFT JOIN links AS l ON l.alias = p._alias
        {"LEFT JOIN term_ends AS t USING (term)" if source.table == "marks" else ""}
        """,
        {"received_on": received_on},
    )


def _columns(source: Source) -> dict[str, str]:
    """Column of the content -> the expression that makes it, but for the day it became known."""
    columns = {name: f'"{name}"' for name in shape.content(source) if name != "known_on"}
    if source.person:
        columns["pupil"] = "coalesce(_person, l.pupil, _alias)"
    grade = grades.column(source)
    return columns | ({grade: "CAST(_grade AS INTEGER)"} if grade else {})


def _links(con: duckdb.DuckDBPyConnection, parts: dict[str, list[Path]], stored: list[Path]) -> None:
    """The child a registry number without an identity number belongs to: the first with whom it was seen."""
    con.execute("CREATE TABLE links (alias VARCHAR, pupil VARCHAR, is_new BOOLEAN)")
    if stored:
        names = [str(file) for file in stored]
        con.execute(
            "INSERT INTO links SELECT alias, arg_max(pupil, drop_number), false FROM read_parquet($1) GROUP BY alias",
            [names],
        )
    both = [
        f"SELECT _alias, _person, {order} AS source, _file, _place FROM part_{table} "
        "WHERE _alias IS NOT NULL AND _person IS NOT NULL AND NOT _doubtful"
        for order, table in enumerate(parts)
        if SOURCE_OF[table].person
    ]
    if both:
        con.execute(
            f"""
            INSERT INTO links
            SELECT _alias, arg_min(_person, (source, _file, _place)), true FROM ({" UNION ALL ".join(both)})
            WHERE _alias NOT IN (SELECT alias FROM links) GROUP BY _alias
            """
        )


def _confirmed(con: duckdb.DuckDBPyConnection, parts: dict[str, list[Path]], identity: list[Path]) -> None:
    """Children whose identity number ends in 000 and is known from a registry number, which Excel cannot cut."""
    con.execute("CREATE TABLE confirmed (pupil VARCHAR)")
    if identity:
        con.execute(
            "INSERT INTO confirmed SELECT DISTINCT pupil FROM read_parquet($1) "
            "WHERE registry_number = 'G' || id_number AND id_number LIKE '%000'",
            [[str(file) for file in identity]],
        )
    for table in parts:
        if "id_number" in shape.identities(SOURCE_OF[table]):
            con.execute(
                f"INSERT INTO confirmed SELECT DISTINCT _person FROM part_{table} "
                "WHERE NOT _doubtful AND identity_id_number LIKE '%000'"
            )


def _latest(
    con: duckdb.DuckDBPyConnection, into: str, table: str, columns: Sequence[str],
    parts: dict[str, list[Path]], stored: dict[str, list[Path]],
) -> None:  # fmt: skip
    """Per key the value said last: by this drop, else by the store."""
    key, value = columns
    said = []
    if stored[table]:
        names = ", ".join(f"'{str(file).replace(chr(39), chr(39) * 2)}'" for file in stored[table])
        said.append(f"SELECT {key}, {value}, drop_number AS a, drop_line AS b, 0 AS c FROM read_parquet([{names}])")
    if parts.get(table):
        said.append(f"SELECT {key}, {value}, 2147483647 AS a, _file AS b, _place AS c FROM part_{table}")
    if said:
        union = " UNION ALL ".join(said)
        con.execute(f"INSERT INTO {into} SELECT {key}, arg_max({value}, (a, b, c)) FROM ({union}) GROUP BY {key}")


def _known_on(source: Source) -> str:
    if source.table in _FIXED:
        return f"DATE '{ALWAYS_KNOWN}'"
    if source.table == "absences":
        return 'coalesce(recorded_on, CAST("date" + INTERVAL 1 DAY AS DATE))'
    if source.table == "marks":
        return f"coalesce(CAST(exam_on + INTERVAL {DAYS_TO_MARK} DAY AS DATE), t.ends_on)"
    if source.table == "admissions":
        return "make_date(admission_year, 7, 1)"
    if source.table == "answers":
        return "CAST(list_as_of + INTERVAL 1 DAY AS DATE)"
    if not source.known:
        return "NULL::DATE"
    return f'"{source.known}"'


def _refused(source: Source) -> str:
    """Why a row that could be read is not taken in: a number that Excel cut, a grade that the school does not have.

    One cut number in eleven passes its check digit. A number ending in 000 that nothing confirms is refused in a file
    in which the numbers seen to be cut are no fewer.
    """
    if source.table == "reviews":
        return candidates.refused()
    if not source.person:
        return grades.missing(source)
    unconfirmed = "_doubtful AND _person NOT IN (SELECT pupil FROM confirmed)"
    return f"""CASE WHEN {unconfirmed} AND _file IN (
            SELECT f._file FROM files AS f JOIN part_{source.table} AS p USING (_file) WHERE {unconfirmed}
            GROUP BY f._file, f.digits_lost HAVING count(*) <= f.digits_lost
        ) THEN 'digits_lost' ELSE {grades.missing(source)} END"""
