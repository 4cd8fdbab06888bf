"""The two languages of a notebook's prose: which `<div lang="…">` blocks a markdown cell has, and what each says."""

from __future__ import annotations

import re
from pathlib import Path

from nbformat import NotebookNode

_OPENS = re.compile(r'^\s*<div\s+lang="(zh|en)"\s*>\s*$')
_DIV = re.compile(r"<(/?)div\b", re.IGNORECASE)
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$", re.MULTILINE)


def in_language(source: str, lang: str) -> str:
    """The markdown of one language; what stands outside any language block is in both and stays.

    >>> in_language('<div lang="zh">\\n\\n# 月报\\n\\n</div>\\n<div lang="en">\\n\\n# Month\\n\\n</div>', "en")
    '# Month'
    """
    kept: list[str] = []
    block, depth = "", 0
    for line in source.splitlines():
        opened = _OPENS.match(line)
        if not block and opened:
            block, depth = opened[1], 1
            continue
        if block:
            depth += sum(-1 if closing else 1 for closing in _DIV.findall(line))
            if depth <= 0:
                block = ""
                kept.append("")
                continue
        if block in ("", lang):
            kept.append(line)
    return "\n".join(kept).strip()


def languages(source: str) -> list[str]:
    """The languages of a markdown cell's blocks, in order."""
    return [found[1] for line in source.splitlines() if (found := _OPENS.match(line))]


def headings(source: str, lang: str) -> list[tuple[int, str]]:
    """Level and words of each heading of a markdown cell in a language, without marks of emphasis."""
    found = _HEADING.findall(in_language(source, lang))
    return [(len(marks), re.sub(r"[*_`]", "", words)) for marks, words in found]


def title(notebook: NotebookNode, lang: str, otherwise: str | Path) -> str:
    """The first heading of a notebook in a language, else the name given."""
    cells = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    words = (words for source in cells for _, words in headings(source, lang))
    return next(words, Path(otherwise).stem)
