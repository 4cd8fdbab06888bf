"""The catalogue is whole: every entry in both languages, filled alike, and every key that code asks for."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from string import Formatter

import pytest
import yaml

from baoxue.words import LANGS, catalogue, say

ROOT = Path(__file__).resolve().parents[1]
TOPICS = sorted((ROOT / "lib" / "baoxue" / "words" / "catalogue").glob("*.yaml"))


def places(text: str) -> set[str]:
    """The names of the places in a text that values fill."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def asked(source: str) -> set[str]:
    """The keys that a source text asks for with a literal: `say("topic.key")` or `words.say("topic.key")`."""
    keys = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        key = node.args[0]
        if called == "say" and isinstance(key, ast.Constant) and isinstance(key.value, str) and "." in key.value:
            keys.add(key.value)
    return keys


def cells(notebook: Path) -> str:
    """The code of a notebook as one source text."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    return "\n".join("".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code")


@pytest.mark.parametrize("topic", TOPICS, ids=[topic.stem for topic in TOPICS])
def test_every_entry_has_both_languages_and_the_same_places(topic: Path) -> None:
    wrong = {}
    for key, words in yaml.safe_load(topic.read_text(encoding="utf-8")).items():
        if not isinstance(key, str) or not isinstance(words, dict) or set(words) != set(LANGS):
            wrong[key] = "not exactly zh and en"
        elif not all(isinstance(text, str) and text.strip() for text in words.values()):
            wrong[key] = "empty or no text"
        elif len({frozenset(places(text)) for text in words.values()}) > 1:
            wrong[key] = "the languages are filled from different values"
    assert not wrong


def test_every_key_that_code_asks_for_is_in_the_catalogue() -> None:
    sources = {file: file.read_text(encoding="utf-8") for file in (ROOT / "lib").rglob("*.py")}
    sources |= {file: cells(file) for file in (ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_" not in str(file)}
    missing = {file.name: keys for file, source in sources.items() if (keys := asked(source) - set(catalogue()))}
    assert not missing


def test_an_unknown_entry_is_an_error_that_names_it() -> None:
    with pytest.raises(KeyError, match=r"run\.no_such_entry"):
        say("run.no_such_entry")
