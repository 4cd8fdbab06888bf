"""Imports point one way: a module imports only what stands above it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "lib" / "baoxue"
ORDER = (
    "policy", "remembered", "words", "codes", "calendar", "contracts", "intake", "store", "demo", "registers", "cases",
    "support", "panel", "rates", "features", "labels", "risk", "disclosure", "returns", "lists", "charts", "briefs",
    "forms",
    "run", "__main__",
)  # fmt: skip
BESIDE = {"charts_risk": "charts"}
"""A module that stands beside another: it may import what the other may, and the other."""
DEMO_SEES = ORDER[: ORDER.index("contracts") + 1]
MODULES = sorted(PACKAGE.rglob("*.py"))


def part(module: Path) -> str:
    """The part of the package a file belongs to: its first folder, or its own name."""
    inner = module.relative_to(PACKAGE)
    return inner.parts[0].removesuffix(".py") if len(inner.parts) > 1 else inner.stem


def imported(source: str) -> set[str]:
    """The parts of the package that a source text imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[1] for name in node.names if name.name.startswith("baoxue.")}
        elif isinstance(node, ast.ImportFrom) and node.module == "baoxue":
            found |= {name.name for name in node.names if name.name != "__version__"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("baoxue."):
            found.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.level:
            raise AssertionError("imports are written in full: from baoxue.… import …")
    return found


def allowed(name: str) -> set[str]:
    """The parts that a part may import."""
    if name == "__init__":
        return set()
    if name == "demo":
        return {*DEMO_SEES, "demo"}
    place = BESIDE.get(name, name)
    beside = (
        {place}
        if name in BESIDE
        else {other for other, beside in BESIDE.items() if ORDER.index(beside) < ORDER.index(name)}
    )
    return {*ORDER[: ORDER.index(place)], name, *beside}


@pytest.mark.parametrize("module", MODULES, ids=[str(m.relative_to(PACKAGE)) for m in MODULES])
def test_a_module_imports_only_what_stands_above_it(module: Path) -> None:
    name = part(module)
    assert name in {*ORDER, *BESIDE, "__init__"}, f"{name} has no place in the order"
    below = imported(module.read_text(encoding="utf-8")) - allowed(name)
    assert not below, f"{module.relative_to(PACKAGE)} imports {sorted(below)}, which stand below it"


def test_an_import_inside_a_function_counts() -> None:
    assert imported("def f():\n    from baoxue.lists import write\n") == {"lists"}
    assert imported("from baoxue import rates, words\nimport baoxue.store\n") == {"rates", "words", "store"}
