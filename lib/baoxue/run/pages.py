"""An executed notebook as one page: no code, one language, one look, nothing fetched from anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat import NotebookNode

from baoxue.run.declared import TAG
from baoxue.run.execution import INJECTED, Failed
from baoxue.run.grids import tidy
from baoxue.run.languages import headings, in_language, title
from baoxue.words import say

if TYPE_CHECKING:
    from nbconvert import HTMLExporter

HOUSE = Path(__file__).parent / "house"
HTML_LANG = {"zh": "zh-CN", "en": "en"}
_REQUEST = re.compile(
    r"<(?:script|link|img|iframe|source|video|audio|object|embed)\b[^>]*?(?:src|href|data)=[\"']?(?:https?:)?//"
    r"|@import|url\([\"']?(?:https?:)?//",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<h1>.*?</h1>", re.DOTALL)
_SECTION = re.compile(r'<h2 id="([^"]+)">(.+?)</h2>', re.DOTALL)
_CONTENTS = "<!-- contents -->"
NOT_IN_REPORT = "not-in-report"
"""Tag of a cell that a researcher reads and a report leaves out."""


@dataclass(frozen=True)
class Around:
    """What stands around a report: the run's title, the day it is as of, whether the county is a simulated one."""

    run: str
    as_of: str
    simulated: bool
    title: str = ""
    """Of the page, in place of the first heading of the notebook: that of a unit names the unit."""


def page(notebook: NotebookNode, lang: str, around: Around, name: str) -> str:
    """The HTML of an executed notebook in a language: markdown of that language and outputs, no code, no warnings.

    Self-contained: styles and pictures are in it. A picture without alternative text is described by the heading it
    stands under. Raises Failed if the page would fetch anything from elsewhere.
    """
    words = {key: say(f"site.page_{key}", lang) for key in ("home", "simulated", "as_of", "skip", "contents")}
    resources = {
        "metadata": {"name": name},
        "house": {
            "title": around.title or title(notebook, lang, name), "lang": HTML_LANG[lang], "style": style(),
            "words": words, "run": around.run, "as_of": around.as_of, "simulated": around.simulated,
        },
    }  # fmt: skip
    html, _ = _exporter().from_notebook_node(shown(notebook, lang), resources=resources)
    if around.title:
        html = _TITLE.sub(lambda _: f"<h1>{escape(around.title)}</h1>", html, count=1)
    html = _with_contents(html)
    asked = _REQUEST.search(html)
    if asked:
        raise Failed(f"the page would fetch something from elsewhere: {asked[0][:80]}")
    return html


def sections(html: str) -> list[tuple[str, str]]:
    """Each section of a page, as the place a link leads to and its heading."""
    return [(found[1], re.sub(r"<[^>]+>", "", found[2])) for found in _SECTION.finditer(html)]


def style() -> str:
    """The one stylesheet of reports and index."""
    return (HOUSE / "house.css").read_text(encoding="utf-8")


@cache
def _exporter() -> HTMLExporter:
    from nbconvert import HTMLExporter

    return HTMLExporter(template_name="house", extra_template_basedirs=[str(HOUSE.parent)], exclude_anchor_links=True)


def _with_contents(html: str) -> str:
    """The page with a place for each section that a link can lead to, and links to all of them."""
    numbers = count(1)
    html = re.sub(r"<h2>", lambda _: f'<h2 id="section-{next(numbers)}">', html)
    links = "".join(f'<li><a href="#{place}">{words}</a></li>' for place, words in sections(html))
    return html.replace(_CONTENTS, f"<ol>{links}</ol>", 1)


def shown(notebook: NotebookNode, lang: str) -> NotebookNode:
    """The notebook as a reader sees it: prose of one language, tidied outputs, no code, no warnings."""
    cells = []
    section = ""
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if NOT_IN_REPORT in tags or TAG in tags or INJECTED in tags:
            continue
        copy = cell.copy()
        if cell.cell_type == "markdown":
            section = next((words for _, words in reversed(headings(cell.source, lang))), section)
            copy.source = in_language(cell.source, lang)
        elif cell.cell_type == "code":
            outputs = [o for o in cell.outputs if not (o.output_type == "stream" and o.name == "stderr")]
            copy.outputs = [_readable(output, section) for output in outputs]
        if cell.cell_type == "raw" or (copy.get("outputs") == []) or not (copy.get("outputs") or copy.source.strip()):
            continue
        cells.append(copy)
    return NotebookNode({**notebook, "cells": cells})


def _readable(output: NotebookNode, section: str) -> NotebookNode:
    """The output with its tables tidied and its pictures described."""
    data, metadata = {**output.get("data", {})}, {**output.get("metadata", {})}
    if "text/html" in data:
        data["text/html"] = tidy(data["text/html"])
        metadata["text/html"] = {"label": section if "<table" in data["text/html"] else ""}
    for kind in data:
        if kind.startswith("image/"):
            given = metadata.get(kind, {})
            metadata[kind] = {**given, "alt": given.get("alt") or section}
    return nbformat.from_dict({**output, "data": data, "metadata": metadata}) if data else output
