"""What a notebook declares: the names, types, defaults and meanings in its cell tagged `parameters`."""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
from pydantic import TypeAdapter

TAG = "parameters"
TYPES: dict[str, type] = {
    "str": str, "int": int, "float": float, "bool": bool,
    "list[str]": list[str], "list[int]": list[int], "list[float]": list[float],
}  # fmt: skip
"""The types a parameter may have: what a params file and a command line can write."""


class NotebookError(ValueError):
    """A notebook that cannot be run as it stands, in words its author can act on."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook: `name: kind = default  # meaning`."""

    name: str
    kind: str
    default: object
    meaning: str = ""

    def read(self, value: object) -> object:
        """A value of the params file as this parameter takes it; pydantic's ValidationError if the type is wrong."""
        return TypeAdapter(TYPES[self.kind]).validate_python(value, strict=True)

    def read_text(self, text: str) -> object:
        """A value written on the command line; a list is written with commas. ValidationError if it does not fit."""
        if self.kind == "str":
            return text
        if self.kind.startswith("list"):
            return TypeAdapter(TYPES[self.kind]).validate_python(
                [part.strip() for part in text.split(",") if part.strip()]
            )
        return TypeAdapter(TYPES[self.kind]).validate_python(text)


def parameters(notebook: Path) -> dict[str, Parameter]:
    """The parameters of a notebook by name, in order; none if no cell is tagged.

    Raises NotebookError if the file is missing or no notebook, if a parameter has no type or one that is not in
    TYPES, or if a default is not a plain value of its type.
    """
    return _parameters(notebook, notebook.stat().st_mtime_ns if notebook.exists() else 0)


@cache
def _parameters(notebook: Path, _changed: int) -> dict[str, Parameter]:
    cells = [cell for cell in read(notebook).cells if TAG in cell.metadata.get("tags", ())]
    if len(cells) > 1:
        raise NotebookError(f"{notebook.name}: more than one cell is tagged `{TAG}`")
    return _declared(cells[0].source, notebook.name) if cells else {}


def read(notebook: Path) -> nbformat.NotebookNode:
    """The notebook, in the current format. Raises NotebookError if it is missing or no notebook."""
    try:
        return nbformat.read(notebook, as_version=4)
    except FileNotFoundError as error:
        raise NotebookError(f"{notebook.name}: there is no such notebook") from error
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise NotebookError(f"{notebook.name}: is not a Jupyter notebook") from error


def _declared(source: str, name: str) -> dict[str, Parameter]:
    comments = _comments(source)
    found: dict[str, Parameter] = {}
    for statement in ast.parse(source).body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            raise NotebookError(
                f"{name}: every line of the cell tagged `{TAG}` reads `name: type = default  # meaning`"
            )
        kind = ast.unparse(statement.annotation)
        found[statement.target.id] = _parameter(statement, kind, comments.get(statement.lineno, ""), name)
    return found


def _parameter(statement: ast.AnnAssign, kind: str, meaning: str, notebook: str) -> Parameter:
    assert isinstance(statement.target, ast.Name)
    if kind not in TYPES:
        raise NotebookError(f"{notebook}: {statement.target.id} is of type {kind}; a run checks {', '.join(TYPES)}")
    if statement.value is None:
        raise NotebookError(f"{notebook}: {statement.target.id} has no default")
    try:
        default: object = TypeAdapter(TYPES[kind]).validate_python(ast.literal_eval(statement.value), strict=True)
    except ValueError as error:
        raise NotebookError(f"{notebook}: the default of {statement.target.id} is no plain {kind}") from error
    return Parameter(statement.target.id, kind, default, meaning)


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
