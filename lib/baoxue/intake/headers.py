"""Where a sheet's header row is, and which column stands under which header: by name, never by position."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from baoxue.contracts import Column, Source
from baoxue.intake import candidates, returned
from baoxue.intake.numbers import fold, without_identifiers

TITLE_ROWS = 10
"""So many rows of titles may stand above the header row."""

NEEDED_TOGETHER: dict[str, tuple[tuple[str, ...], ...]] = {"enrolments": (("class",), ("grade", "entry_month"))}
"""Columns of which one must be there, beside the contract's `one_of`: the two versions of the registry template."""

_FAMILY = ("关系说明", "现住址", "户口所在地行政区划", "身份证件类型", "身份证件号", "民族", "工作单位", "职务")
PASSED_OVER = frozenset(
    {
        "序号", "学籍接续标识", "身份证件类型", "证件类型", "出生地行政区划代码", "籍贯", "国籍/地区", "港澳台侨外",
        "政治面貌", "通信地址", "家庭地址", "邮政编码", "是否烈士或优抚子女", "是否由政府购买学位", "曾用名",
        "身份证件有效期", "血型", "特长", "学籍辅号", "班内学号", "电子信箱", "主页地址", "学校名称", *_FAMILY,
        *returned.HEADERS, *candidates.SHOWN,
    }
    | {f"成员{n}{what}" for n in (1, 2) for what in _FAMILY}
)  # fmt: skip
"""Columns of the registry template that nothing here needs: read past, and not called unknown."""


@dataclass(frozen=True)
class Place:
    """One column of a sheet: its position and the header it was found by (an entry of the contract)."""

    position: int
    header: str


@dataclass(frozen=True)
class Layout:
    """A sheet's header row: its index and cells, the places of each contract column, what is unknown and missing."""

    row: int
    cells: tuple[str, ...] = field(repr=False)
    places: dict[str, tuple[Place, ...]]
    seen: tuple[str, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    needed: int

    @property
    def is_header(self) -> bool:
        """Whether the row is the source's header at all: half of what the source needs is there.

        A sheet of instructions or of code lists names some columns too, and must not stop the file.
        """
        return 2 * len(self.missing) <= self.needed


def needed(source: Source) -> tuple[tuple[str, ...], ...]:
    """What a file must have: groups of column names, one of each group."""
    single = tuple((column.name,) for column in source.columns if column.required)
    return (*single, *((source.one_of,) if source.one_of else ()), *NEEDED_TOGETHER.get(source.table, ()))


def find(source: Source, top: Sequence[Sequence[str]]) -> Layout:
    """The most likely header row among the first rows of a sheet (texts); one without places if none agrees.

    A header may be split over two rows by merged cells: the upper row then fills what the lower leaves open, and a
    group's title stands before the names below it (成员1 over 姓名 is 成员1姓名).
    """
    best = _layout(source, 0, [])
    for index, row in enumerate(top[: TITLE_ROWS + 1]):
        above = top[index - 1] if index else ()
        for cells in (row, _joined(source, above, row)):
            layout = _layout(source, index, cells)
            if len(layout.places) > len(best.places):
                best = layout
    return best


@lru_cache(maxsize=4096)
def normal(header: str) -> str:
    """A header without spaces, marks of obligation and full-width letters.

    >>> normal(" 身份证件号（必填）*")
    '身份证件号'
    """
    return re.sub(r"\((必填|选填|必填项)\)", "", re.sub(r"[\s*★:]", "", fold(header))).strip("'\"")


def _layout(source: Source, index: int, cells: Sequence[str]) -> Layout:
    names = [normal(cell) for cell in cells]
    at: dict[str, int] = {}
    for position, name in enumerate(names):
        at.setdefault(name, position)
    for position, name in enumerate(names):
        at.setdefault(re.sub(r"\([^()]*\)$", "", name), position)
    places = {column.name: found for column in source.columns if (found := _places(column, at))}
    taken = {place.position for found in places.values() for place in found}
    known = {normal(header) for column in source.columns for header in column.headers} | PASSED_OVER
    unknown = tuple(
        without_identifiers(name)
        for position, name in enumerate(names)
        if name and position not in taken and name not in known
    )
    missing = tuple(_named(source, group) for group in needed(source) if not any(name in places for name in group))
    seen = tuple(without_identifiers(name) for name in names if name)
    return Layout(index, tuple(cells), places, seen, unknown, missing, len(needed(source)))


def _places(column: Column, at: dict[str, int]) -> tuple[Place, ...]:
    found = tuple(Place(at[name], header) for header in column.headers if (name := normal(header)) in at)
    return found if column.kind == "person_number" else found[:1]


def _named(source: Source, group: tuple[str, ...]) -> str:
    return "/".join(source.column(name).header for name in group)


def _joined(source: Source, above: Sequence[str], row: Sequence[str]) -> list[str]:
    headers = {normal(header) for column in source.columns for header in column.headers}
    joined, group = [], ""
    for position in range(max(len(above), len(row))):
        upper = normal(above[position]) if position < len(above) else ""
        lower = normal(row[position]) if position < len(row) else ""
        group = upper or group
        joined.append(group + lower if lower and group + lower in headers else lower or upper)
    return joined
