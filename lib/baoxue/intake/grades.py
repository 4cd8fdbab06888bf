"""Grade 1-9 out of what counties write: a grade, or a year of entry, the stage of the school and the age.

Expressions for the rows of a part, which has `_cohort` (the year of schooling age), joined with `school_kinds`.
"""

from __future__ import annotations

from baoxue.codes import SchoolType
from baoxue.contracts import Source
from baoxue.intake.clean import PRESENT

_GRADES = {
    "enrolments": ("grade", "school_code", "snapshot_on", "_cohort", "entry_month"),
    "rosters": ("grade", "school_code", "snapshot_on", "_cohort", "NULL::DATE"),
    "rolls": ("grade", "school_code", "date", "NULL::INTEGER", "NULL::DATE"),
    "changes": ("from_grade", "from_school_code", "changed_on", "_cohort", "NULL::DATE"),
}
"""Table -> its column of grades, and what tells the stage: school, day, year of schooling age, month of entry."""


def column(source: Source) -> str:
    """The source's column of grades; empty if it has none."""
    return _GRADES[source.table][0] if source.table in _GRADES else ""


def resolved(source: Source) -> str:
    """The source's part with `_grade`: as written, or from the year of entry, the stage of the school and the age.

    A year too many is read as the last grade, which the pupil repeats; a year too few as the first, before September.
    """
    part = f"SELECT * FROM part_{source.table}"
    if source.table not in _GRADES:
        return part
    grade, school, day, cohort, entry = _GRADES[source.table]
    return f"""
        SELECT p.*, CASE
            WHEN _written BETWEEN 1 AND 9 THEN _written
            WHEN _years IS NULL THEN NULL
            WHEN _stage = 'primary' THEN _primary
            WHEN _stage = 'junior' THEN _junior
            WHEN _junior IS NULL OR (_by_age IS NULL AND _years = 3) THEN _primary
            WHEN _by_age IS NULL THEN NULL
            WHEN abs(_primary - _by_age) <= abs(_junior - _by_age) THEN _primary ELSE _junior END AS _grade
        FROM (
            SELECT *,
                CASE WHEN _years BETWEEN -1 AND 6 THEN greatest(1, least(6, _years + 1)) END AS _primary,
                CASE WHEN _years BETWEEN -1 AND 3 THEN greatest(7, least(9, _years + 7)) END AS _junior
            FROM (
                SELECT p.*, {_stage_of_school("k.school_type", f"p.{school}")} AS _stage, p."{grade}" AS _written,
                    {_school_year(f'"{day}"')} - {cohort} + 1 AS _by_age,
                    {_school_year(f'"{day}"')}
                        - CASE WHEN "{grade}" > 9 THEN "{grade}" ELSE {_entry_year(entry)} END AS _years
                FROM ({part}) AS p LEFT JOIN school_kinds AS k ON k.school_code = p.{school}
            )
        ) AS p"""


def missing(source: Source) -> str:
    """An expression: why a row that needs a grade has none (a reason of the catalogue), else empty."""
    if source.table not in {"enrolments", "rosters", "rolls"}:
        return "NULL::VARCHAR"
    needed = "true"
    if source.table == "enrolments":
        needed = f"(status IS NULL OR status IN ({', '.join(repr(str(state)) for state in sorted(PRESENT))}))"
    ambiguous = "_stage = 'both' AND _years BETWEEN -1 AND 2"
    return f"""CASE WHEN _grade IS NULL AND {needed}
        THEN CASE WHEN {ambiguous} THEN 'grade_ambiguous' ELSE 'grade_not_in_school' END END"""


def _stage_of_school(school_type: str, code: str) -> str:
    """The stage by the type of the school; by the first digits of its code if it is on no list."""
    return f"""CASE {school_type}
        WHEN '{SchoolType.PRIMARY}' THEN 'primary' WHEN '{SchoolType.JUNIOR}' THEN 'junior'
        ELSE CASE WHEN {school_type} IS NULL AND {code} LIKE '21%' THEN 'primary' ELSE 'both' END END"""


def _school_year(day: str) -> str:
    return f"(year({day}) - CASE WHEN month({day}) < 9 THEN 1 ELSE 0 END)"


def _entry_year(month: str) -> str:
    """A stage is entered in autumn; an entry in spring belongs to the school year that began before."""
    return f"(year({month}) - CASE WHEN month({month}) < 7 THEN 1 ELSE 0 END)"
