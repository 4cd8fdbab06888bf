"""The one catalogue of shown words, Chinese and English, so that code holds none.

Each file of `words/catalogue/` is a topic: key -> {zh: ..., en: ...}. `say("trends.title", "zh")` gives the words;
`{name}` in them is filled from keyword arguments. A test holds both languages complete.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C reads the catalogue in a tenth of the time, where PyYAML was built with it."""

Lang = Literal["zh", "en"]
LANGS: tuple[str, ...] = get_args(Lang)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every entry, keyed `topic.key` -> language -> words."""
    entries: dict[str, dict[str, str]] = {}
    for file in sorted(files("baoxue.words").joinpath("catalogue").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            topic = file.name.removesuffix(".yaml")
            content = yaml.load(file.read_text(encoding="utf-8"), _LOADER) or {}
            entries |= {f"{topic}.{key}": words for key, words in content.items()}
    return entries


def say(key: str, lang: str = "zh", **values: object) -> str:
    """The words of an entry in a language, filled with values.

    Raises KeyError with the key if the catalogue has no such entry, language or value.
    """
    words = catalogue()
    if key not in words:
        raise KeyError(f"no words for {key!r} in the catalogue")
    return words[key][lang].format(**values) if values else words[key][lang]


def label(word: str, lang: str = "zh") -> str:
    """An official Chinese word (a code, a column value) in the reader's language; unchanged if not in `terms`.

    >>> label("旷课", "en")
    'unexcused absence'
    """
    return word if lang == "zh" else catalogue().get(f"terms.{word}", {}).get(lang, word)
