"""Names of people in a text, told from the words of the suite itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from baoxue import codes, contracts
from baoxue.words import catalogue

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]+")
_SHORT = 2
_BEFORE = re.compile(r"(?:姓名|名叫|叫做|学生|同学|儿童|孩子|家长|监护人|户主|父亲|母亲|班主任|老师|[男女]生)$")
_AFTER = re.compile(r"(?:同学|学生|小朋友|老师|家长|的?[父母]亲|[之的][父母子女]|等[一二三四五六七八九十两]+[人名])")


@dataclass(frozen=True)
class NameHit:
    """A name in a text: where it begins and ends; shown only by its first character."""

    start: int
    end: int
    masked: str


class Names:
    """A set of names to look for. Words the suite itself uses (catalogue, codes, headers, `own_words`) are no names.

    A name of three characters or more is found anywhere in a run of Chinese characters. A name of two is found only
    where it stands alone (a cell, between marks) or beside a word that goes with a name (学生, 家长, ...), as
    two characters in running text are mostly no name.
    """

    def __init__(self, names: Iterable[str], own_words: Iterable[str] = ()) -> None:
        runs = {run for text in (*_suite_words(), *own_words) for run in _HAN.findall(text)}
        grams = {run[i : i + n] for run in runs for n in (3, 4, 5) for i in range(len(run) - n + 1)}
        given = {name.strip() for name in names}
        self._names = {n for n in given if _HAN.fullmatch(n) and len(n) >= _SHORT and n not in runs and n not in grams}
        self._lengths = sorted({len(name) for name in self._names}, reverse=True)

    def __len__(self) -> int:
        return len(self._names)

    def find(self, text: str) -> list[NameHit]:
        """Every name in the text, in order."""
        return [hit for run in _HAN.finditer(text) for hit in self._in_run(run[0], run.start())]

    def _in_run(self, run: str, offset: int) -> Iterator[NameHit]:
        at = 0
        while at < len(run) - 1:
            fitting = (n for n in self._lengths if at + n <= len(run) and run[at : at + n] in self._names)
            length = next((n for n in fitting if _stands(run, at, n)), 0)
            if length:
                yield NameHit(offset + at, offset + at + length, run[at] + "*" * (length - 1))
            at += length or 1


def _stands(run: str, at: int, length: int) -> bool:
    """Whether a name of this length may be taken for a name at this place of a run of Chinese characters."""
    if length > _SHORT or len(run) == length:
        return True
    return bool(_BEFORE.search(run[:at])) or bool(_AFTER.match(run, at + length))


def _suite_words() -> Iterator[str]:
    yield from (entry["zh"] for entry in catalogue().values() if "zh" in entry)
    lists = (value for value in vars(codes).values() if isinstance(value, type) and issubclass(value, codes.Coded))
    yield from (str(word) for members in lists for member in members for word in (member.value, *member.spellings))
    columns = (column for source in contracts.SOURCES for column in source.columns)
    yield from (header for column in columns for header in column.headers)
