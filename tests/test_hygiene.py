"""Every notebook is committed as one should read: run top to bottom, short, bilingual, checked, without machinery."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from baoxue.run.declared import TAG, parameters
from baoxue.run.languages import headings, languages

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(file for file in (ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_" not in str(file))
CHECKED = "nbval-check-output"
MACHINERY = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Try, ast.For, ast.While, ast.Lambda, ast.With)
LONGEST_CELL, LARGEST_BYTES, FEWEST, MOST, PROSE_SHARE = 12, 200_000, 15, 25, 0.4

every_notebook = pytest.mark.parametrize("file", NOTEBOOKS, ids=[str(f.relative_to(ROOT)) for f in NOTEBOOKS])


def code(file: Path) -> list[NotebookNode]:
    return [cell for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]


def prose(file: Path) -> list[NotebookNode]:
    return [cell for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "markdown"]


def lines(cell: NotebookNode) -> int:
    return sum(bool(line.strip()) for line in cell.source.splitlines())


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@every_notebook
def test_it_was_executed_top_to_bottom_with_nothing_wrong(file: Path) -> None:
    assert [cell.execution_count for cell in code(file)] == list(range(1, len(code(file)) + 1))
    outputs = [output for cell in code(file) for output in cell.outputs]
    assert not [output.evalue for output in outputs if output.output_type == "error"]
    assert not [output.text for output in outputs if output.output_type == "stream" and output.name == "stderr"]


@every_notebook
def test_a_cell_whose_text_must_hold_has_text(file: Path) -> None:
    checked = [cell for cell in code(file) if CHECKED in tags(cell)]
    assert checked, "no cell is tagged nbval-check-output, so nbval compares nothing"
    bare = [
        cell.source
        for cell in checked
        if not any("text/plain" in o.get("data", {}) or "text" in o for o in cell.outputs)
    ]
    assert not bare


@every_notebook
def test_its_parameters_are_typed_explained_and_work_anywhere(file: Path) -> None:
    declared = parameters(file)
    assert {"lang", "out"} <= set(declared)
    assert not [name for name, parameter in declared.items() if not parameter.meaning]
    assert not [name for name, parameter in declared.items() if str(parameter.default).startswith(("/", "~"))]
    assert declared["lang"].default == "zh" and declared["out"].default == ""


@every_notebook
def test_its_cells_are_short_and_its_prose_is_enough(file: Path) -> None:
    working = [cell for cell in code(file) if TAG not in tags(cell)]
    assert not [cell.source for cell in code(file) if lines(cell) > LONGEST_CELL]
    assert sorted(map(lines, working))[len(working) // 2] <= 4
    assert FEWEST <= len(code(file)) + len(prose(file)) <= MOST
    assert len(prose(file)) / (len(code(file)) + len(prose(file))) >= PROSE_SHARE
    assert file.stat().st_size < LARGEST_BYTES


@every_notebook
def test_it_holds_no_machinery(file: Path) -> None:
    source = ast.parse("\n".join(cell.source for cell in code(file) if not cell.source.startswith("%")))
    assert not [ast.unparse(node)[:60] for node in ast.walk(source) if isinstance(node, MACHINERY)]
    called = {ast.unparse(node.func) for node in ast.walk(source) if isinstance(node, ast.Call)}
    assert not called & {"sys.exit", "exit", "quit", "warnings.filterwarnings", "warnings.simplefilter"}


@every_notebook
def test_all_its_prose_is_in_both_languages_and_ends_with_checks(file: Path) -> None:
    assert not [cell.source[:60] for cell in prose(file) if sorted(languages(cell.source)) != ["en", "zh"]]
    for lang in ("zh", "en"):
        told = [words for cell in prose(file) for level, words in headings(cell.source, lang) if level <= 2]
        assert told and told[-1] in {"检查", "核对", "Checks"}, f"the last section in {lang} is {told[-1:]}"
    assert [len(headings(cell.source, "zh")) for cell in prose(file)] == [
        len(headings(cell.source, "en")) for cell in prose(file)
    ]


@every_notebook
def test_it_carries_no_traces_of_a_machine_or_a_run(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    assert not [cell.metadata for cell in notebook.cells if set(cell.metadata) - {"tags"}]
    text = file.read_text(encoding="utf-8")
    assert str(ROOT) not in text and str(Path.home()) not in text
