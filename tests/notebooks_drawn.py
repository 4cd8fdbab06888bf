"""Small notebooks drawn in a test: a title in both languages, a parameters cell, and the code given."""

from __future__ import annotations

from pathlib import Path

import nbformat

PARAMETERS = 'lang: str = "zh"  # language\nout: str = ""  # folder it writes to'


def notebook(folder: Path, name: str, *cells: str, parameters: str = PARAMETERS) -> str:
    """Write a notebook; returns it as a params file names it."""
    chinese = f'<div lang="zh">\n\n# 标题{name}\n\n中文段落\n\n</div>'
    english = f'<div lang="en">\n\n# Title {name}\n\nEnglish words\n\n</div>'
    drawn = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(f"{chinese}\n{english}", id="title"),
            nbformat.v4.new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]}),
            *(nbformat.v4.new_code_cell(cell, id=f"cell-{number}") for number, cell in enumerate(cells)),
        ]
    )
    nbformat.write(drawn, folder / f"{name}.ipynb")
    return str(folder / name)


def params(folder: Path, *lines: str, more: str = "") -> Path:
    """Write a params file whose notebooks are the lines given (YAML), its products below `folder/outputs`."""
    listed = "\n".join(f"  - {line}" for line in lines)
    head = f"run: probe\ntitle: {{zh: 试, en: Trial}}\noutputs: {folder / 'outputs'}\nedition: now\n{more}\n"
    file = folder / "params.yaml"
    file.write_text(f"{head}notebooks:\n{listed}\n", encoding="utf-8")
    return file
