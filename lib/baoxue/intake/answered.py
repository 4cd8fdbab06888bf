"""A list that a school hands back (反馈), read as a sheet of answers, or refused by the cell that was changed."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import python_calamine
from pydantic import Field
from xlsxwriter.utility import xl_col_to_name

from baoxue import policy
from baoxue.codes import AnswerResult, Coded, Objection
from baoxue.intake.cells import texts
from baoxue.intake.dates import read_date
from baoxue.intake.handed import Handed
from baoxue.intake.kinds import EMPTY_MARKS
from baoxue.intake.numbers import without_identifiers
from baoxue.intake.references import reference
from baoxue.intake.sealed import ANSWERS, SHEET, Sealed
from baoxue.intake.sheets import Sheet
from baoxue.intake.unlocking import school_named, unlocked
from baoxue.intake.unreadable import Unreadable

HEADINGS = ("编号", "学生代码", "名单截止日", "学校标识码", "反馈期限", *ANSWERS)
"""What is read of each pupil on the list, under the headers of the contract."""
TITLE_ROWS = 15
TOLD = {"序号", "编号", "年级", "班级", "反馈期限"}
"""Columns whose expected cell may be said in a message; of the others it is only said that they were changed."""

Row = list[str]


class Feedback(policy.Policy):
    """`params/policy/feedback.yaml`."""

    accepted_days: int = Field(ge=14)
    opens: tuple[AnswerResult, ...]


def feedback() -> Feedback:
    """The county's settings; PolicyError if the file cannot be used."""
    return policy.load("feedback", Feedback)


def sheets(path: Path, handed: Handed, key: bytes) -> Iterator[Sheet]:
    """The list as one sheet of `HEADINGS`, in the rows in which Excel shows its pupils.

    Raises Unreadable for what is no list of this county, was changed in anything but the answers, belongs to another
    school than its file name says, is stale, or has an answer that is none; always with the cell, where there is one.
    """
    name, table, lines = _parts(unlocked(path, handed, key))
    sealed = Sealed.read(lines, key)
    _check_place(path, sealed, handed)
    top = _header_row(table, sealed)
    printed = len(sealed.printed)
    problems = [*_changes(table, top, sealed), *_added(table, top, sealed)]
    answers = [_padded(table, top + 1 + n)[printed : len(sealed.headings)] for n in range(len(sealed.rows))]
    problems += [p for n, cells in enumerate(answers, top + 2) for p in _faults(n, printed, cells, sealed.as_of)]
    _raise_first(problems)
    pupils = _pupils(sealed, handed, key)
    about = (sealed.as_of.isoformat(), sealed.school_code, sealed.answer_by.isoformat())
    rows = [[number, pupil, *about, *cells] for (number, pupil), cells in zip(pupils, answers, strict=True)]
    # title rows are kept, so that row numbers are those that Excel shows
    yield Sheet(name, iter([[""] * len(HEADINGS)] * top + [list(HEADINGS), *rows]), is_ragged=False)


def _parts(book: io.BytesIO) -> tuple[str, list[Row], list[str]]:
    """Name and cells of the first sheet as texts, and the lines of the hidden one."""
    try:
        opened = python_calamine.CalamineWorkbook.from_object(book)
        if SHEET not in opened.sheet_names:
            raise Unreadable("answers_not_a_list")
        lines = [str(row[0]) for row in opened.get_sheet_by_name(SHEET).to_python() if row and str(row[0])]
        name = next(name for name in opened.sheet_names if name != SHEET)
        rows = opened.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, StopIteration) as error:
        raise Unreadable("damaged") from error
    return name, [[_plain(cell) for cell in texts(row).to_pylist()] for row in rows], lines


def _plain(text: str) -> str:
    """A cell as it counts: without what another program does to line breaks and blanks."""
    return "\n".join(line.strip() for line in text.replace("_x000D_", "").replace("\r", "").split("\n")).strip()


def _check_place(path: Path, sealed: Sealed, handed: Handed) -> None:
    named = school_named(path, handed)
    if named and named != sealed.school_code:
        raise Unreadable("answers_foreign", school=sealed.school_code, named=named)
    if sealed.school_code not in handed.pupils:
        raise Unreadable("answers_unknown_school", school=sealed.school_code)
    later = handed.answered.get(sealed.school_code, sealed.as_of)
    if later > sealed.as_of:
        raise Unreadable("answers_superseded", as_of=sealed.as_of, later=later)
    if (handed.latest - sealed.as_of).days > feedback().accepted_days:
        raise Unreadable("answers_stale", as_of=sealed.as_of, latest=handed.latest, days=feedback().accepted_days)


def _header_row(table: Sequence[Row], sealed: Sealed) -> int:
    """The index of the header row: the one that has most of the list's headings. Raises if one is changed."""
    wanted = sealed.headings
    fits = [sum(a == b for a, b in zip(row, wanted, strict=False)) for row in table[:TITLE_ROWS]]
    top = max(range(len(fits)), key=lambda n: (fits[n], -n)) if fits else 0
    if not fits or fits[top] * 2 < len(wanted):
        raise Unreadable("answers_no_header", headings="、".join(wanted))
    row = _padded(table, top)
    for column in range(max(len(row), len(wanted))):
        expected = wanted[column] if column < len(wanted) else "—"
        seen = row[column] if column < len(row) else ""
        if seen != expected and (seen or column < len(wanted)):
            values = {"expected": expected, "seen": without_identifiers(seen) or "—", "count": 1}
            raise Unreadable("answers_heading", cell=_cell(top + 1, column), **values)
    return top


def _changes(table: Sequence[Row], top: int, sealed: Sealed) -> Iterator[Unreadable]:
    """The first printed cell of each row that is not as it was handed out."""
    at, first = sealed.headings.index("编号"), top + 2
    row_of = {row[at]: number for number, row in enumerate(sealed.rows, first)}
    for number, expected in enumerate(sealed.rows, first):
        seen = _padded(table, number - 1)[: len(expected)]
        column = next((c for c, cell in enumerate(expected) if seen[c] != _plain(cell)), None)
        if column is None:
            continue
        if seen[at] != expected[at] and seen[at] in row_of:
            values = {"expected": expected[at], "seen": seen[at], "belongs": row_of[seen[at]]}
            yield Unreadable("answers_moved", row=number, cell=_cell(number, at), **values)
        elif not seen[at]:
            yield Unreadable("answers_removed", row=number, cell=_cell(number, at), expected=expected[at])
        else:
            heading = sealed.headings[column]
            wanted = expected[column] if heading in TOLD else "—"
            yield Unreadable("answers_changed", cell=_cell(number, column), heading=heading, expected=wanted)


def _added(table: Sequence[Row], top: int, sealed: Sealed) -> Iterator[Unreadable]:
    """Rows under the list that name somebody; a line for signatures and remarks may stand there."""
    at, named = sealed.headings.index("编号"), sealed.headings.index("姓名")
    for index in range(top + 1 + len(sealed.rows), len(table)):
        row = _padded(table, index)
        if row[at] or row[named]:
            yield Unreadable("answers_added", row=index + 1, cell=_cell(index + 1, at if row[at] else named))


def _faults(row: int, printed: int, cells: Sequence[str], as_of: dt.date) -> Iterator[Unreadable]:
    """What is wrong with the answer of one pupil; an empty answer is none yet, and nothing is wrong with it."""
    day, result, objection = cells[:3]
    there = {name: _cell(row, printed + n) for n, name in enumerate(ANSWERS)}
    visited = read_date(day) if day else None
    if day and not (isinstance(visited, dt.date) and visited >= as_of):
        yield Unreadable("answers_day", cell=there["走访日期"], as_of=as_of)
    if result and AnswerResult.read(result) is None:
        yield Unreadable("answers_result", cell=there["走访结果"], choices=_choices(AnswerResult))
    if objection not in EMPTY_MARKS and Objection.read(objection) is None:
        yield Unreadable("answers_objection", cell=there["异议"], choices=_choices(Objection))
    if bool(day) != bool(result) or (objection and not day):
        yield Unreadable("answers_half", cell=there["走访结果" if day else "走访日期"])


def _raise_first(problems: Sequence[Unreadable]) -> None:
    if problems:
        first = problems[0]
        raise Unreadable(first.reason, **first.values, count=len(problems))


def _pupils(sealed: Sealed, handed: Handed, key: bytes) -> list[tuple[str, str]]:
    """Reference and pseudonym of each pupil on the list."""
    by_reference = {reference(key, pupil, sealed.as_of): pupil for pupil in handed.pupils[sealed.school_code]}
    at = sealed.headings.index("编号")
    if missing := [row[at] for row in sealed.rows if row[at] not in by_reference]:
        raise Unreadable("answers_unknown_pupil", expected=missing[0])
    return [(row[at], by_reference[row[at]]) for row in sealed.rows]


def _padded(table: Sequence[Row], index: int) -> Row:
    row = table[index] if index < len(table) else []
    return [*row, *[""] * (30 - len(row))]


def _choices(words: type[Coded]) -> str:
    return "、".join(member.value for member in words)


def _cell(row: int, column: int) -> str:
    return f"{xl_col_to_name(column)}{row}"
