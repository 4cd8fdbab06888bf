"""The table of the notice: every mechanism is there, and every file, notebook and test it names exists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from baoxue.contracts import SOURCES

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "notice.md").read_text(encoding="utf-8")
MECHANISMS = ("M1", "M2", "M3", "M4a", "M4b", "M5a", "M5b", "M5c", "M6", "M7", "M8", "M9", "M10", "M11")
TESTS = sorted(set(re.findall(r"`(tests/\w+\.py)::(\w+)`", TEXT)))
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| sentence")]


@cache
def functions(file: str) -> set[str]:
    return set(re.findall(r"^def (test_\w+)\(", (ROOT / file).read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_every_mechanism_of_the_notice_has_its_section() -> None:
    assert tuple(re.findall(r"^## (M\d+\w?) ", TEXT, flags=re.MULTILINE)) == MECHANISMS


def test_every_sentence_has_a_place_where_it_works_and_a_test() -> None:
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in ROWS]
    assert len(cells) > 40
    assert not [row for row in cells if len(row) != 3 or not all(row) or "::" not in row[2]]


@pytest.mark.parametrize(("file", "name"), TESTS, ids=[name for _, name in TESTS])
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    assert name in functions(file)


def test_every_file_and_folder_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:notebooks|params|tests|docs)/[\w./]+)`", TEXT))
    assert named and not [name for name in named if not (ROOT / name).exists()]
    folders = set(re.findall(r"`(工作/\w+)`", TEXT))
    assert folders and folders <= {source.folder for source in SOURCES}
