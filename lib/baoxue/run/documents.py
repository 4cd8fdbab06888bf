"""A report as a document: the page of an executed notebook in the official layout, to be edited and stamped."""

from __future__ import annotations

import datetime as dt
import html
import re
from functools import partial
from pathlib import Path

from nbformat import NotebookNode

from baoxue import disclosure
from baoxue.disclosure.tiers import tier_of
from baoxue.forms import offices
from baoxue.forms.fragments import Fragments, own_numbers
from baoxue.forms.paper import Paper
from baoxue.run.languages import headings, title
from baoxue.run.pages import Around, shown
from baoxue.run.places import places
from baoxue.words import say

_QUESTION = re.compile(r"^(#+ [^：\n]+)：[^\n]*？$", re.MULTILINE)
"""A heading that names its matter and then asks: an official paper names the matter."""


def write_document(notebook: NotebookNode, lang: str, around: Around, file: Path) -> None:
    """Write the report of an executed notebook in a language as .docx, with the tier that the file's name declares.

    What a page shows, in the official layout: headings numbered, tables ruled, figures with their sentences. Left out
    is what is about the making: what is read and written, and the checks. A Chinese report is signed by the bureau.
    """
    day = dt.date.fromisoformat(around.as_of)
    words = title(notebook, lang, file)
    paper = Paper(day, lang, header=say("site.page_simulated", lang) if around.simulated else "")
    cells = _said(shown(notebook, lang), lang)
    told = [heading for cell in cells if cell.cell_type == "markdown" for heading in headings(cell.source, lang)]
    fragments = Fragments(paper, own_numbers(told))
    for cell in cells:
        _set(cell, fragments)
    if lang == "zh":
        paper.sign(places().county.name + offices.rules().offices.bureau)
    name = say("forms.title_report", lang, title=words)
    disclosure.release(file, partial(paper.write, title=words), tier=tier_of(file), title=name)


def _said(notebook: NotebookNode, lang: str) -> list[NotebookNode]:
    """The cells of a page before its checks, without the line that says what is read and written."""
    checks = say("forms.left_out_checks", lang).split("、")
    reads = tuple(f"*{word}" for word in say("forms.left_out_reads", lang).split("、"))
    cells: list[NotebookNode] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if any(words in checks for _, words in headings(cell.source, lang)):
                break
            blocks = [block for block in cell.source.split("\n\n") if not block.lstrip().startswith(reads)]
            cell.source = _QUESTION.sub(r"\1", "\n\n".join(blocks))
        cells.append(cell)
    return cells


def _set(cell: NotebookNode, fragments: Fragments) -> None:
    if cell.cell_type == "markdown":
        fragments.markdown(cell.source)
        return
    for output in cell.outputs:
        data = output.get("data", {})
        if "text/html" in data:
            fragments.html(data["text/html"])
        elif "text/markdown" in data:
            fragments.markdown(data["text/markdown"])
        elif "image/png" in data:
            alt = html.escape(output.metadata["image/png"]["alt"])
            fragments.html(f'<p><img alt="{alt}" src="data:image/png;base64,{data["image/png"]}"></p>')
        else:
            fragments.html(f"<pre>{html.escape(output.get('text') or data.get('text/plain', ''))}</pre>")
