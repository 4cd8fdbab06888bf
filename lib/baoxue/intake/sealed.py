"""What a school was handed, word for word and sealed with the county's key: it travels inside the workbook.

An answered list is held against it, so that a pupil added, removed or moved is noticed, and by which cell.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

from baoxue.intake.references import seal
from baoxue.intake.unreadable import Unreadable

SHEET = "核对"
"""The hidden sheet of a list that carries it, a line a cell."""
ANSWERS = ("走访日期", "走访结果", "异议", "备注")
"""The columns of a list that a school fills in; they stand last."""
FORM = "baoxue list 1"


@dataclass(frozen=True)
class Sealed:
    """A list as it was handed out: `rows` hold the printed cells of each pupil, `headings` those of all columns."""

    school_code: str
    as_of: dt.date
    answer_by: dt.date
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def printed(self) -> tuple[str, ...]:
        """The headings of the columns that are not to be changed."""
        return self.headings[: len(self.headings) - len(ANSWERS)]

    def lines(self, key: bytes) -> list[str]:
        """The lines that stand in the workbook: form, place and days, headings, a line a pupil, and the seal."""
        about = [FORM, self.school_code, self.as_of.isoformat(), self.answer_by.isoformat()]
        said = [json.dumps(part, ensure_ascii=False) for part in (about, self.headings, *self.rows)]
        return [*said, seal(key, said)]

    @classmethod
    def read(cls, lines: Sequence[str], key: bytes) -> Sealed:
        """What `lines` wrote. Raises Unreadable where a line was changed, or written with another county's key."""
        if len(lines) < 3 or lines[-1] != seal(key, lines[:-1]):
            raise Unreadable("answers_seal")
        about, headings, *rows = [json.loads(line) for line in lines[:-1]]
        _, school, as_of, answer_by = about
        return cls(
            school, dt.date.fromisoformat(as_of), dt.date.fromisoformat(answer_by), tuple(headings),
            tuple(tuple(row) for row in rows),
        )  # fmt: skip
