"""A report as a document: the page's words, tables and figures in the official layout, nothing about the making."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import docx
import nbformat
import pytest
from nbformat import NotebookNode
from PIL import Image

from baoxue import policy
from baoxue.disclosure import Tier
from baoxue.disclosure.doors import LEDGER, releases
from baoxue.run.documents import write_document
from baoxue.run.errors import RunError
from baoxue.run.pages import Around
from baoxue.run.params import load
from notebooks_drawn import notebook, params


def both(zh: str, en: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(f'<div lang="zh">\n\n{zh}\n\n</div>\n<div lang="en">\n\n{en}\n\n</div>')


def shown(*outputs: NotebookNode, tags: tuple[str, ...] = ()) -> NotebookNode:
    return nbformat.v4.new_code_cell("run()", outputs=list(outputs), metadata={"tags": list(tags)})


def result(**data: str) -> NotebookNode:
    kinds = {"html": "text/html", "markdown": "text/markdown", "png": "image/png", "plain": "text/plain"}
    metadata = {"image/png": {"alt": "逐月<人数>"}} if "png" in data else {}
    named = {kinds[kind]: content for kind, content in data.items()}
    return nbformat.v4.new_output("display_data", data=named, metadata=metadata)


def png() -> str:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 20)).save(drawn, "PNG")
    return base64.b64encode(drawn.getvalue()).decode()


@pytest.fixture(scope="module")
def report() -> NotebookNode:
    head, row = "<tr><th>学段</th><th>人数</th></tr>", "<tr><td>小学</td><td>3</td></tr>"
    table = f"<table class='dataframe'><thead>{head}</thead><tbody>{row}</tbody></table>"
    return nbformat.v4.new_notebook(
        cells=[
            both("# 月报\n\n本月情况。\n\n*读入*：数据仓库。", "# Month\n\nThe month.\n\n*Reads*: the store."),
            shown(result(plain="store"), tags=("parameters",)),
            both("## 一、基本情况：多少人？", "## 1. How do things stand?"),
            shown(result(html=table), result(png=png()), result(markdown="1. **甲**件")),
            both("### 走势如何？", "### Trend?"),
            shown(nbformat.v4.new_output("stream", name="stderr", text="warning")),
            both("## 核对\n\n下列关系。", "## Checks\n\nRelations."),
            shown(nbformat.v4.new_output("stream", text="成立")),
        ]
    )


def written(report: NotebookNode, folder: Path, lang: str = "zh", simulated: bool = False) -> docx.document.Document:
    file = folder / "reports" / "report.docx"
    write_document(report, lang, Around("run", "2024-11-30", simulated), file)
    return docx.Document(str(file))


def lines(document: docx.document.Document) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text.strip()]


def test_a_chinese_report_says_what_the_page_says_and_is_signed(report, tmp_path):
    document = written(report, tmp_path)
    assert lines(document) == [
        "月报", "本月情况。", "一、基本情况", "1. 甲件", "（一）走势如何？", "乐清市教育局", "2024年11月30日",
    ]  # fmt: skip
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == [["学段", "人数"], ["小学", "3"]]
    assert document.inline_shapes[0]._inline.docPr.get("descr") == "逐月<人数>"


def test_an_english_report_is_in_english_and_not_signed(report, tmp_path):
    assert lines(written(report, tmp_path, "en")) == [
        "Month",
        "The month.",
        "1. How do things stand?",
        "1. 甲件",
        "Trend?",
    ]


@pytest.mark.parametrize("simulated", [True, False])
def test_a_simulated_county_s_report_says_so_on_every_page(report, tmp_path, simulated):
    section = written(report, tmp_path, simulated=simulated).sections[0]
    for header in (section.header, section.even_page_header):
        assert ("模拟县" in header.paragraphs[0].text) is simulated


def test_a_report_leaves_through_the_door_with_the_tier_of_its_name(report, tmp_path, monkeypatch):
    ledger = tmp_path / "ledger.jsonl"
    monkeypatch.setenv(LEDGER, str(ledger))
    write_document(report, "zh", Around("run", "2024-11-30", False), tmp_path / "reports" / "report_T1.docx")
    [entry] = releases(ledger)
    assert (entry.tier, entry.title, entry.path.stat().st_mode & 0o777) == (Tier.TOWNSHIP, "月报（可编辑文档）", 0o600)


def test_a_document_needs_a_day_to_be_dated(tmp_path):
    line = f"{{notebook: {notebook(tmp_path, 'a', '1')}, reader: bureau, document: true}}"
    with pytest.raises(RunError, match="as_of"):
        load(params(tmp_path, line))


@pytest.mark.parametrize("name", ["month", "demo"])
def test_the_monthly_brief_comes_as_a_document_too(name):
    lines_of = load(policy.ROOT / "params" / f"{name}.yaml").notebooks
    assert [line.name for line in lines_of if line.document] == ["70_report"]
