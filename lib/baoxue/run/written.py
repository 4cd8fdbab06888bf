"""A YAML file, and how each unquoted value in it was written: `0012` is ten to YAML, and `NO` is false."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from baoxue.run.errors import RunError

Where = tuple[str | int, ...]
"""The keys and positions that lead to a value."""


def read_yaml(file: Path) -> tuple[dict, dict[Where, str]]:
    """The content, and how each unquoted value that YAML took for no text was written.

    Raises RunError if the file is missing, no YAML, or no table of keys.
    """
    try:
        tree = yaml.compose(file.read_text(encoding="utf-8"), yaml.SafeLoader)
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError("no_params_file", file=file) from error
    except (yaml.YAMLError, ValueError) as error:
        problem = getattr(error, "problem_mark", None)
        raise RunError("not_yaml", file=file.name, line=problem.line + 1 if problem else "?") from error
    if not isinstance(content, dict):
        raise RunError("not_yaml", file=file.name, line=1)
    return content, dict(_written(tree, ())) if tree else {}


def _written(node: yaml.Node, where: Where) -> Iterable[tuple[Where, str]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _written(value, (*where, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _written(value, (*where, number))
    elif isinstance(node, yaml.ScalarNode) and node.style is None and not node.tag.endswith(":str"):
        yield where, node.value
