"""Official papers: the page of GB/T 9704-2012, named faces, page numbers outside, tables that go on, equal bytes."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from hypothesis import given as for_every
from hypothesis import settings
from hypothesis import strategies as st
from PIL import Image

from baoxue.forms.fragments import Fragments, own_numbers
from baoxue.forms.paper import BLANK, Paper, blank, text_width, written_day
from baoxue.forms.tables import Cell, add_table

DAY = dt.date(2024, 11, 30)


def opened(paper: Paper, folder: Path) -> Document:
    paper.write(folder / "paper.docx", "一份公文")
    return docx.Document(str(folder / "paper.docx"))


def drawn(folder: Path, markdown: str, lang: str = "zh") -> Document:
    paper = Paper(DAY, lang)
    Fragments(paper).markdown(markdown)
    return opened(paper, folder)


def styled(document: Document) -> list[tuple[str, str]]:
    """Style and text of every paragraph with text, outside tables."""
    return [(p._p.style, p.text) for p in document.paragraphs if p.text.strip()]


def test_the_page_is_a4_with_the_margins_and_the_lines_of_the_standard(tmp_path):
    section = opened(Paper(DAY), tmp_path).sections[0]
    mm = [round(length.mm) for length in (section.page_width, section.page_height)]
    margins = (section.top_margin, section.left_margin, section.bottom_margin, section.right_margin)
    assert mm == [210, 297] and [round(margin.mm) for margin in margins] == [37, 28, 35, 26]
    grid = section._sectPr.find(qn("w:docGrid"))
    lines = (297 - 37 - 35) / 25.4 * 72 / (int(grid.get(qn("w:linePitch"))) / 20)
    assert int(lines) == 22


def test_body_title_and_levels_are_in_the_faces_and_sizes_of_the_standard(tmp_path):
    styles = opened(Paper(DAY), tmp_path).styles.element
    found = {}
    for name in ("Title", "Heading1", "Heading2", "Cell", "Footer"):
        properties = styles.get_by_id(name).find(qn("w:rPr"))
        face, size = properties.find(qn("w:rFonts")), properties.find(qn("w:sz"))
        found[name] = (
            face.get(qn("w:eastAsia")) if face is not None else None,
            size.val.pt if size is not None else None,
        )
    assert found == {
        "Title": ("方正小标宋简体", 22.0), "Heading1": ("黑体", None), "Heading2": ("楷体_GB2312", None),
        "Cell": (None, 10.5), "Footer": ("宋体", 14.0),
    }  # fmt: skip
    usual = styles.find(qn("w:docDefaults")).find(f".//{qn('w:rFonts')}")
    assert usual.get(qn("w:eastAsia")) == "仿宋_GB2312"
    indent = styles.get_by_id("Normal").pPr.find(qn("w:ind"))
    assert indent.get(qn("w:firstLineChars")) == "200"


def test_every_face_names_the_one_that_stands_in_its_place(tmp_path):
    Paper(DAY).write(tmp_path / "paper.docx", "")
    with zipfile.ZipFile(tmp_path / "paper.docx") as package:
        faces = package.read("word/fontTable.xml").decode()
    for face in ("方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"):
        assert f'w:name="{face}"><w:altName' in faces


def test_page_numbers_stand_outside_right_on_odd_left_on_even_pages(tmp_path):
    document = opened(Paper(DAY), tmp_path)
    assert document.settings.odd_and_even_pages_header_footer
    for footer, side in ((document.sections[0].footer, "right"), (document.sections[0].even_page_footer, "left")):
        paragraph = footer.paragraphs[0]._p
        assert paragraph.pPr.find(qn("w:jc")).get(qn("w:val")) == side
        assert "".join(text.text for text in paragraph.iter(qn("w:t"))) == "— 1 —"
        assert paragraph.find(qn("w:fldSimple")).get(qn("w:instr")).strip() == "PAGE"


def test_levels_are_numbered_as_official_papers_number_them(tmp_path):
    told = styled(drawn(tmp_path, "# 月报\n\n## 甲\n\n### 子\n\n### 丑\n\n#### 细\n\n## 乙\n\n### 寅\n\n文"))
    assert told == [
        ("Title", "月报"), ("Heading1", "一、甲"), ("Heading2", "（一）子"), ("Heading2", "（二）丑"),
        ("Heading3", "1. 细"), ("Heading1", "二、乙"), ("Heading2", "（一）寅"), (None, "文"),
    ]  # fmt: skip


def test_a_level_that_numbers_itself_is_left_alone_and_english_is_not_numbered(tmp_path):
    paper = Paper(DAY)
    Fragments(paper, own_numbers([(2, "要点"), (2, "一、情况")])).markdown("## 要点\n\n## 一、情况\n\n### 近况")
    assert [text for _, text in styled(opened(paper, tmp_path))] == ["要点", "一、情况", "（一）近况"]
    assert [text for _, text in styled(drawn(tmp_path, "# A\n\n## B", "en"))] == ["A", "B"]


def test_words_that_stand_out_lists_and_line_breaks_are_kept(tmp_path):
    document = drawn(tmp_path, "1. **乙**件\n2. 丙<br>丁\n\n- 戊")
    assert [text for _, text in styled(document)] == ["1. 乙件", "2. 丙", "丁", "戊"]
    bold = [run.text for paragraph in document.paragraphs for run in paragraph.runs if run.bold]
    assert bold == ["乙"]


def test_a_blank_is_ruled_for_a_hand(tmp_path):
    document = drawn(tmp_path, f"编号{blank(4)}号")
    runs = [run for paragraph in document.paragraphs for run in paragraph.runs]
    assert [(run.text, bool(run.underline)) for run in runs] == [("编号", False), ("\u00a0" * 16, True), ("号", False)]
    assert BLANK not in "".join(paragraph.text for paragraph in document.paragraphs)


def test_a_table_has_its_head_on_every_page_and_keeps_every_cell(tmp_path):
    rows = "".join(f"<tr><th>甲{n}</th><td>{n}</td></tr>" for n in range(60))
    table = drawn(
        tmp_path, f"<table><thead><tr><th>村</th><th>人数</th></tr></thead><tbody>{rows}</tbody></table>"
    ).tables[0]
    assert [cell.text for cell in table.rows[0].cells] == ["村", "人数"] and len(table.rows) == 61
    heads = [row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in table.rows]
    assert heads == [True] + [False] * 60
    assert [cell.text for cell in table.rows[60].cells] == ["甲59", "59"]


def test_no_number_of_a_wide_table_is_broken(tmp_path):
    reason = "在校核实比学校上报少的各项原因逐项写在这里，写得很长很长，占去整行的一半还多"
    heads = ["学校", *(f"第{n}项上报人数" for n in range(1, 8)), "差异原因"]
    row = ["模拟第一中心小学", *["119670"] * 7, reason]
    paper = Paper(DAY, "zh")
    add_table(paper, [[Cell(head, is_head=True) for head in heads], [Cell(text) for text in row]])
    widths = [int(column.get(qn("w:w"))) for column in opened(paper, tmp_path).element.iter(qn("w:gridCol"))]
    digits_and_margins = 6 * 0.5 * 9 * 20 + 2 * 108
    assert min(widths[1:8]) >= digits_and_margins and abs(sum(widths) - 8844) < 9


def test_cells_that_cover_rows_and_columns_do_so_in_the_paper(tmp_path):
    told = "<tr><td rowspan=2>村</td><td colspan=2>人数</td></tr><tr><td>男</td><td>女</td></tr>"
    table = drawn(tmp_path, f"<table>{told}</table>").tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["村", "人数", "人数"], ["村", "男", "女"]]
    assert table.cell(0, 0)._tc is not table.cell(0, 1)._tc and table.cell(0, 1)._tc is table.cell(0, 2)._tc


@for_every(
    st.lists(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=4), min_size=1, max_size=5)
)
@settings(max_examples=25, deadline=None)
def test_whatever_a_table_covers_every_row_is_as_wide_as_the_table(spans):
    grid = [[Cell("字", columns, rows) for columns, rows in row] for row in spans]
    paper = Paper(DAY)
    add_table(paper, grid)
    table = paper._document.tables[0]._tbl
    count = len(table.findall(f"{qn('w:tblGrid')}/{qn('w:gridCol')}"))
    for row in table.findall(qn("w:tr")):
        spans_told = [cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}") for cell in row.findall(qn("w:tc"))]
        assert sum(1 if span is None else int(span.get(qn("w:val"))) for span in spans_told) == count


def test_a_picture_is_no_wider_than_the_text_and_has_its_sentence(tmp_path):
    png = io.BytesIO()
    Image.new("RGB", (3000, 300)).save(png, "PNG")
    paper = Paper(DAY)
    paper.picture(png.getvalue(), "逐月人数")
    shape = opened(paper, tmp_path).inline_shapes[0]
    assert round(shape.width.mm) == 156 and shape.width / shape.height == pytest.approx(10, rel=0.01)
    assert shape._inline.docPr.get("descr") == "逐月人数"


@pytest.mark.parametrize("organ, organ_right, day_right", [("乐清市教育局", 5.125, 4.0), ("甲" * 19, 0.0, 5.375)])
def test_the_organ_stands_over_the_middle_of_the_day(tmp_path, organ, organ_right, day_right):
    paper = Paper(DAY)
    paper.sign(organ)
    signed = [p for p in opened(paper, tmp_path).paragraphs if p._p.style == "Signature"]
    assert [p.text for p in signed] == [organ, "2024年11月30日"]
    assert [p.paragraph_format.right_indent.pt / 16 for p in signed] == pytest.approx(
        [organ_right, day_right], abs=0.01
    )


def test_the_same_paper_is_the_same_bytes_and_says_nothing_of_who_made_it_when(tmp_path):
    for name in ("first.docx", "second.docx"):
        paper = Paper(DAY)
        paper.add("文")
        paper.write(tmp_path / name, "题")
    assert (tmp_path / "first.docx").read_bytes() == (tmp_path / "second.docx").read_bytes()
    properties = docx.Document(str(tmp_path / "first.docx")).core_properties
    assert (properties.author, properties.title, properties.created.date()) == ("", "题", DAY)


def test_a_style_that_there_is_not_is_an_error():
    with pytest.raises(KeyError, match="Heading9"):
        Paper(DAY).add("文", "Heading9")


def test_widths_and_days():
    assert text_width("2024年") == 3.25 and written_day(dt.date(2024, 9, 1)) == "2024年9月1日"
