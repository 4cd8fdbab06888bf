"""Two runs compared: every cell of their tables and workbooks, every text their notebooks show."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import msoffcrypto
import nbformat
import pandas as pd
import python_calamine

from baoxue.run.changes import read
from baoxue.run.earlier import read_record

Cells = dict[str, str]
"""What a file says: place -> text."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_FRACTION = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?|-?\d+e-\d+")
_TEXTS = ("text/plain", "text/markdown", "text/html")
_OLE = b"\xd0\xcf\x11\xe0"
_MISSING = "—"


@dataclass(frozen=True, order=True)
class Difference:
    """A place in a file where two runs say other things; `—` where one says nothing."""

    file: str
    place: str
    before: str
    after: str


@dataclass(frozen=True)
class Compared:
    """How many files and numbers were compared, what differs, which files (pages, pictures) have no numbers to read."""

    files: int
    numbers: int
    differences: tuple[Difference, ...]
    other: tuple[str, ...]
    other_bytes: tuple[str, ...]
    """Compared files of which the bytes differ, though they may say the same."""


def compare(before: Path, after: Path) -> Compared:
    """Compare two runs of the same params file by file. A file that only one of them has is a difference.

    Read are .csv and .parquet tables, workbooks (also encrypted ones, with the passwords of their run) and the text
    outputs of notebooks. Pages are drawn from the notebooks and are not read again. Of two fractions the first nine
    digits count (`is_same_number`).
    """
    then, now = (_digests(folder) for folder in (before, after))
    differences: list[Difference] = []
    numbers, files, other = 0, 0, []
    for name in sorted(then | now):
        if name not in then or name not in now:
            differences.append(Difference(name, "", *("there" if name in run else _MISSING for run in (then, now))))
        elif Path(name).suffix in _READERS:
            said, says = (_READERS[Path(name).suffix](folder / name, folder) for folder in (before, after))
            files, numbers = files + 1, numbers + _count(said)
            differences += _differing(name, said, says)
        else:
            other.append(name)
    changed = tuple(name for name in sorted(then) if name in now and then[name] != now[name])
    return Compared(files, numbers, tuple(differences), tuple(other), changed)


def is_same_number(before: str, after: str) -> bool:
    """Whether two texts are one fraction but for what another processor's arithmetic makes of its last digits.

    Whole numbers are none: counts are exact, and codes of ten digits may differ in the last alone.
    """
    if not (_FRACTION.fullmatch(before) and _FRACTION.fullmatch(after)):
        return False
    return math.isclose(float(before), float(after), rel_tol=1e-9, abs_tol=1e-12)


def _digests(folder: Path) -> dict[str, str]:
    return {entry["file"]: entry["sha256"] for entry in read_record(folder)["files"]}


def _count(cells: Cells) -> int:
    return sum(len(_NUMBER.findall(text)) for text in cells.values())


def _differing(name: str, said: Cells, says: Cells) -> Iterator[Difference]:
    names_children = name.endswith((".xlsx", ".docx"))
    for place in sorted(said.keys() | says.keys()):
        before, after = said.get(place, _MISSING), says.get(place, _MISSING)
        if before != after and not is_same_number(before, after):
            yield Difference(name, place, *(("…", "…") if names_children else _around(before, after)))


def _around(before: str, after: str) -> tuple[str, str]:
    """The two texts from a little before the first character in which they differ."""
    place = next(n for n, (one, other) in enumerate(zip_longest(before, after)) if one != other)
    first = max(place - 20, 0)
    return before[first : place + 40], after[first : place + 40]


def _csv(file: Path, _: Path) -> Cells:
    return _frame(read(file))


def _parquet(file: Path, _: Path) -> Cells:
    return _frame(pd.read_parquet(file))


def _frame(frame: pd.DataFrame) -> Cells:
    heads = {f"heading {n + 1}": str(name) for n, name in enumerate(frame)}
    columns = {f"{name}": frame[name].map(repr).tolist() for name in frame}
    return heads | {
        f"row {row}, column {name}": text for name, texts in columns.items() for row, text in enumerate(texts, start=1)
    }


def _workbook(file: Path, run: Path) -> Cells:
    content = file.read_bytes()
    if content.startswith(_OLE):
        content = _decrypted(content, _passwords(run).get(file.stem, ""))
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    return {
        f"sheet {name}, row {row}, column {column}": str(cell)
        for name, lines in rows.items()
        for row, line in enumerate(lines, start=1)
        for column, cell in enumerate(line, start=1)
        if cell != ""
    }


def _decrypted(content: bytes, password: str) -> bytes:
    plain = io.BytesIO()
    locked = msoffcrypto.OfficeFile(io.BytesIO(content))
    locked.load_key(password=password)
    locked.decrypt(plain)
    return plain.getvalue()


def _passwords(run: Path) -> Mapping[str, str]:
    file = run / "restricted" / "passwords.csv"
    return dict(read(file).itertuples(index=False, name=None)) if file.is_file() else {}


def _notebook(file: Path, _: Path) -> Cells:
    cells = nbformat.read(file, as_version=4).cells
    outputs = [(f"cell {n}", output) for n, cell in enumerate(cells, start=1) for output in cell.get("outputs", ())]
    texts: Cells = {}
    for place, output in outputs:
        said = [output.text] if output.output_type == "stream" else [output.get("data", {}).get(k) for k in _TEXTS]
        texts[place] = texts.get(place, "") + "\n".join(text for text in said if text)
    return texts


_READERS = {".csv": _csv, ".parquet": _parquet, ".xlsx": _workbook, ".ipynb": _notebook}
