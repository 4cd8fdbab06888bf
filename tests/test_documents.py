"""The documents name only what is there: files, tests, commands; and say the same in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from baoxue.__main__ import app

ROOT = Path(__file__).resolve().parents[1]
COUNTY = ("docs/your-county.md", "docs/your-county.zh-CN.md")
_CODE = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(
    r"(?:\.ci|lib|tests|params|docs|benchmarks|notebooks)/[\w./-]+|[A-Z][\w.-]*\.md|[\w-]+\.(?:toml|lock)"
)
_OWN = {"params/county.yaml"}
"""What the reader makes; it is not there yet."""


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str) -> list[str]:
    """The lines of a document's blocks of code."""
    return [
        line for block in re.findall(r"```\n(.*?)```", text(name), re.DOTALL) for line in block.strip().splitlines()
    ]


@pytest.mark.parametrize("name", ["docs/rap.md", *COUNTY])
def test_every_file_and_test_it_names_is_there(name: str) -> None:
    named = [code for code in _CODE.findall(text(name)) if _FILE.fullmatch(code.partition("::")[0])]
    assert len(named) >= 5
    for code in named:
        file, _, tests = code.partition("::")
        assert file in _OWN or (ROOT / file).exists(), code
        for test in filter(None, tests.split("::")):
            assert re.search(rf"(?:def|class) {test}\b", text(file)), code


@pytest.mark.parametrize("name", ["docs/rap.md", "README.md", "README.zh-CN.md", *COUNTY])
def test_every_command_it_names_is_one(name: str) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    targets = set(re.findall(r"^([\w-]+):", text("Makefile"), re.MULTILINE))
    given = text(name)
    assert {found for found in re.findall(r"\bbaoxue ([a-z]+)\b(?=[ `])", given) if found not in commands} == set()
    assert set(re.findall(r"`?\bmake ([a-z]+)\b", "\n".join([*_CODE.findall(given), *blocks(name)]))) <= targets


def test_the_steps_for_a_county_are_the_same_commands_in_both_languages_and_on_both_systems() -> None:
    english, chinese = (blocks(name) for name in COUNTY)
    assert [line.replace("签发人姓名", "NAME") for line in chinese] == english
    windows = [line for line in english if "\\" in line]
    linux = [line for line in english if "\\" not in line]
    assert len(windows) == len(linux) >= 7
    for one, other in zip(windows, linux, strict=True):
        same = one.replace("\\", "/").replace(".venv/Scripts/python", ".venv/bin/python").replace("py ", "python3 ")
        assert same == other


def test_each_option_a_county_is_told_to_give_is_one() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for line in blocks(COUNTY[0]):
        command = re.search(r"-m baoxue (\w+)", line)
        options = {name for one in commands[command[1]].params for name in one.opts} if command else set()
        assert set(re.findall(r" (--[\w-]+)", line)) <= options, line


def test_the_audit_goes_through_all_three_levels_and_is_open_about_what_is_missing() -> None:
    levels = re.findall(r"^## (\w+)", text("docs/rap.md"), re.MULTILINE)
    assert levels[:3] == ["Baseline", "Silver", "Gold"]
    said = re.findall(r"^\| .+ \| (yes|partly|no) \|", text("docs/rap.md"), re.MULTILINE)
    assert len(said) == 18 and {"partly", "no"} <= set(said)
