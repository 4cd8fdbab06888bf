"""Papers of the case work: the right one for each state, every field said or left to the hand, none without power."""

from __future__ import annotations

import json
import re
from pathlib import Path

import docx
import pandas as pd
import pytest
import yaml

from baoxue import policy
from baoxue.cases.states import OPEN, State
from baoxue.disclosure import check, identifiers
from baoxue.forms import documents, offices
from baoxue.forms.documents import FORM_OF, FORMS, NO_POWER, Document, NoPower
from baoxue.forms.letters import REGISTER, Letters
from baoxue.forms.wordings import filled
from baoxue.store import Store
from cases_drawn import across
from given import given

D = Document
AS_OF = "2024-11-30"
TOWNSHIPS = {"330382001": "城东街道", "330382002": "大荆镇"}
TABLES = {
    "terms": """
        term              | starts_on  | ends_on
        2024学年第一学期 | 2024-09-01 | 2025-01-17
        2024学年第二学期 | 2025-02-10 | 2025-07-04
    """,
    "schools": """
        school_code | school_name | zone     | township_code
        3133990001  | 甲初中      | 乐成学区 | 330382001
    """,
    "enrolments": """
        pupil | snapshot_on | school_code | grade | class | status | sex | cohort | birth_month | left_behind | boarding
        p1    | 2024-09-01  | 3133990001  | 8     | 01    | 在读   | 男  | 2017   | 2011-01-01  | 非留守儿童   | 走读
        p2    | 2024-09-01  | 3133990001  | 8     | 01    | 在读   | 女  | 2017   | 2011-02-01  | 双亲留守儿童 | 住校
        p3    | 2024-09-01  | 3133990001  | 8     | 02    | 在读   | 女  | 2017   | 2011-03-01  | 非留守儿童   | 走读
        p4    | 2024-09-01  | 3133990001  | 8     | 02    | 在读   | 男  | 2017   | 2011-04-01  | 非留守儿童   | 走读
        p5    | 2024-09-01  | 3133990001  | 9     | 01    | 在读   | 男  | 2013   | 2007-04-01  | 非留守儿童   | 走读
        p6    | 2024-09-01  | 3133990001  | 9     | 01    | 在读   | 男  | 2016   | 2010-09-01  | 非留守儿童   | 走读
    """,
    "households": """
        pupil | snapshot_on | township_code | village | household | residence | cohort | head_relation | birth_month
        p1    | 2024-09-01  | 330382001     | 甲村    | h1        | 本籍在本  | 2017   | 子            | 2011-01-01
        p2    | 2024-09-01  | 330382002     | 乙村    | h2        | 本籍在本  | 2017   | 女            | 2011-02-01
        p7    | 2024-09-01  | 330382002     | 乙村    | h2        | 本籍在本  | 2020   | 子            | 2014-02-01
    """,
    "cases": across("""
        case                 | 乐2024-0001 | 乐2024-0002 | 乐2023-0003 | 乐2024-0004 | 乐2024-0005 | 乐2024-0006
        pupil                | p1         | p2         | p3         | p4         | p5         | p6
        clue                 | 考勤       | 考勤       | 入户       | 考勤       | 考勤       | 考勤
        opened_on            | 2024-09-05 | 2024-09-05 | 2024-09-05 | 2024-09-05 | 2024-09-05 | 2024-11-29
        first_absent_on      | 2024-09-02 | 2024-09-02 | 2024-09-02 | 2024-09-02 | 2024-09-02 | 2024-11-25
        conclusion           | 辍学       | 辍学       | 辍学       | 辍学       | 辍学       | -
        concluded_on         | 2024-09-29 | 2024-09-29 | 2024-09-29 | 2024-09-29 | 2024-09-29 | -
        dropout_reason       | 外出务工   | 重大疾病、心理疾病 | 外出务工 | 其他 | 外出务工  | -
        reported_township_on | -          | 2024-10-10 | 2024-10-10 | -          | 2024-10-10 | -
        reported_bureau_on   | -          | 2024-10-10 | 2024-10-10 | -          | 2024-10-10 | -
        criticised_on        | -          | 2024-10-14 | 2024-10-14 | -          | 2024-10-14 | -
        order_number         | -          | -          | 责改〔2024〕7号 | -      | -          | -
        ordered_on           | -          | -          | 2024-10-18 | -          | -          | -
        order_due_on         | -          | -          | 2024-10-25 | -          | -          | -
        closed_on            | -          | -          | -          | 2024-10-20 | -          | -
        closing              | -          | -          | -          | 返校复学   | -          | -
        resettlement         | -          | -          | -          | 插班       | -          | -
    """),
    "visits": """
        case       | pupil | attempt | visited_on | way  | measure | result
        乐2024-0001 | p1    | 1       | 2024-09-30 | 电话 | 感情    | 未见到人
        乐2024-0001 | p1    | 2       | 2024-10-08 | 家访 | 行政    | 学生拒绝
    """,
    "duty_holders": """
        line   | level    | unit           | holder | post   | starts_on
        教育线 | 学校     | 3133990001-8   | s1     | 校长   | 2024-01-01
        行政线 | 乡镇街道 | 乙村           | s2     | 干部   | 2024-01-01
    """,
}  # fmt: skip
IDENTITY = """
    pupil | full_name | id_number          | registry_number     | birth_date | guardian | phone       | address
    p1    | 甲生      | 339901201101019023 | G339901201101019023 | 2011-01-01 | 甲父     | 12000000001 | 甲村1号
    p2    | 乙生      | 339901201102019031 | G339901201102019031 | 2011-02-01 | 乙父     | 12000000002 | 乙村2号
    p3    | 丙*生     | 339901201103019024 | G339901201103019024 | 2011-03-01 | 丙父     | 12000000003 | -
    p4    | 丁生      | 339901201104019025 | -                   | 2011-04-01 | -        | -           | -
    p7    | 乙弟      | 339901201402019025 | -                   | 2014-02-01 | 乙父     | -           | -
    s1    | 校长甲    | -                  | -                   | -          | -        | 12000000008 | -
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return given(tmp_path_factory.mktemp("letters"), identity=IDENTITY, **TABLES)


@pytest.fixture(scope="module")
def letters(store) -> Letters:
    return Letters(store, store.known_by(AS_OF), "乐清市", TOWNSHIPS)


@pytest.fixture(scope="module")
def written(letters, tmp_path_factory) -> tuple[Path, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("papers")
    return folder, letters.write_all(folder)


def text(file: Path) -> str:
    """Everything a paper says, its tables too; a ruled blank as ＿."""
    paragraphs = docx.Document(str(file)).element.body.iter(
        "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p"
    )
    lines = ["".join(t.text or "" for t in p.iter(f"{p.nsmap['w'].join('{}')}t")) for p in paragraphs]
    return re.sub("\u00a0+", "＿", "\n".join(lines))


def said(written, document: Document, case: str) -> str:
    folder, register = written
    row = register[register["document"].eq(document.value) & register["case"].eq(case)].iloc[0]
    return text(folder / "restricted" / "documents" / row["file"])


def test_each_state_needs_its_own_papers(letters):
    rows = letters.needed[letters.needed["document"].ne(D.FILE.value)]
    assert rows.groupby("case")["document"].agg(list).to_dict() == {
        "乐2024-0001": [D.PERSUASION, D.REPORT, D.LABOUR, D.SUPERVISION],
        "乐2024-0002": [D.ORDER, D.SUPERVISION],
        "乐2023-0003": [D.JUSTICE, D.LABOUR, D.SUPERVISION],
        "乐2024-0004": [D.RETURN_PLAN],
        "乐2024-0005": [D.SUPERVISION],  # of age: nothing is addressed to the guardian, nobody under 16 was recruited
    }


def test_every_open_or_watched_case_has_its_file(letters):
    files = letters.needed[letters.needed["document"].eq(D.FILE.value)]
    assert sorted(files["case"]) == sorted(
        f"乐{year}-000{n}" for n, year in enumerate([2024, 2024, 2023, 2024, 2024, 2024], 1)
    )


def test_every_open_state_has_a_paper_to_write_or_a_case_file():
    assert set(OPEN) <= {state for form in FORMS for state in form.states}


@pytest.mark.parametrize("document", Document)
def test_every_paper_rests_on_an_article_and_has_its_wording_and_its_sign(document):
    assert re.search(r"《.+》第.+条|〔2020〕38号", FORM_OF[document.value].power)
    wording = Path(documents.__file__).parent / "wording" / f"{document.key}.md.j2"
    assert wording.is_file() and getattr(offices.rules().signs, document.key)


@pytest.mark.parametrize(
    "document, article",
    [
        ("罚款决定书", "《义务教育法》第五十八条、《浙江省义务教育条例》第五十条"),
        ("开除学籍决定书", "《义务教育法》第二十七条"),
        ("学校责令限期改正通知书", "《浙江省义务教育条例》第五十条"),
        ("责令用人单位停业决定书", "《未成年人保护法》第一百二十五条"),
    ],
)
def test_a_paper_for_which_the_law_gives_no_power_is_refused_with_the_article(letters, document, article):
    assert document in NO_POWER
    with pytest.raises(NoPower, match=re.escape(article)):
        letters.draw(document, "乐2024-0002")


@pytest.mark.parametrize(
    "document, case, why",
    [
        (D.ORDER, "乐2024-0001", "须在“已批评教育”环节出具（《义务教育法》第五十八条"),
        (D.ORDER, "乐2024-0005", "已过义务教育适龄"),
        (D.LABOUR, "乐2024-0002", "没有外出务工的记载"),
        (D.JUSTICE, "乐2024-0002", "现处“已批评教育”环节"),
        ("表扬信", "乐2024-0001", "没有“表扬信”这种文书"),
    ],
)
def test_a_paper_out_of_order_is_refused_in_words(letters, document, case, why):
    with pytest.raises(NoPower, match=re.escape(why)):
        letters.draw(document, case)


def test_a_report_is_not_needed_before_persuasion_has_failed(tmp_path):
    early = {**TABLES, "visits": TABLES["visits"].replace("2024-09-30", "2024-10-01")}
    store = given(tmp_path, identity=IDENTITY, **early)
    letters = Letters(store, store.known_by("2024-10-02"), "乐清市", TOWNSHIPS)
    assert D.REPORT not in set(letters.needed["document"])
    with pytest.raises(NoPower, match="尚不需要"):
        letters.draw(D.REPORT, "乐2024-0001")


def test_the_letter_of_persuasion_says_what_the_case_says_and_has_its_receipt(written):
    told = said(written, D.PERSUASION, "乐2024-0001")
    for words in (
        "甲初中",
        "义劝通〔2024〕1号",
        "甲父：",
        "甲生（八年级1班学生）自2024年9月2日起",
        "7日内",
        "校长甲",
        "12000000008",
    ):
        assert words in told
    assert told.count("2024年11月30日") == 1
    for field in ("送达文书名称及文号", "受送达人", "送达地点", "送达时间", "受送达人签名或盖章", "送达人签名或盖章"):
        assert field in told.split("送达回证", 1)[1]


def test_the_report_goes_to_township_and_bureau_with_every_visit(written):
    told = said(written, D.REPORT, "乐2024-0001")
    assert "乐清市城东街道办事处、乐清市教育局：" in told and "共劝返2次" in told
    assert "未见到人" in told and "学生拒绝" in told and "外出务工" in told
    assert "书面报告回执" in told


def test_an_order_gives_ten_days_where_both_parents_are_away_and_says_where_to_object(written):
    told = said(written, D.ORDER, "乐2024-0002")
    assert "乐清市大荆镇人民政府" in told and "送达之日起10日内改正" in told
    assert "第五十八条、《浙江省义务教育条例》第五十条" in told and "申请行政复议" in told
    assert "罚款" not in told and "送达回证" in told


def test_a_referral_tells_each_step_taken_and_takes_the_number_of_the_order_from_the_case(written):
    told = said(written, D.JUSTICE, "乐2023-0003")
    assert "责改〔2024〕7号，2024年10月18日送达，限期至2024年10月25日" in told
    assert "义移司〔2024〕230003号" in told  # a case of another year
    assert "丙*生" in told  # a name with a mark in it stays a name


def test_only_the_bureau_s_file_names_an_illness(written):
    folder, register = written
    assert "重大疾病" in said(written, D.FILE, "乐2024-0002")
    for row in register[register["tier"].ne("T3")].itertuples():
        assert "疾病" not in text(folder / "restricted" / "documents" / row.file), row.file


def test_the_case_file_has_all_nine_sections_and_the_family(written):
    told = said(written, D.FILE, "乐2024-0002")
    sections = re.findall(r"^([一二三四五六七八九])、", told, re.MULTILINE)
    assert sections == list("一二三四五六七八九")
    assert "乙弟" in told and "339901201102019031" in told and "已批评教育" in told


def test_a_plan_after_the_return_has_the_days_of_watch(written):
    told = said(written, D.RETURN_PLAN, "乐2024-0004")
    assert "安置方式为“插班”" in told
    assert all(day in told for day in ("2024年11月19日", "2024年12月19日", "2025年1月18日"))


def test_one_slip_presses_a_unit_for_all_its_cases_and_names_nobody(written):
    folder, register = written
    slips = register[register["document"].eq(D.SUPERVISION.value)]
    assert slips[["office", "cases", "number"]].values.tolist() == [
        ["乐清市控辍保学工作领导小组办公室", 1, "控辍督〔2024〕1101号"],
        ["乐清市控辍保学工作领导小组办公室", 2, "控辍督〔2024〕1102号"],
        ["乐清市控辍保学工作领导小组办公室", 1, "控辍督〔2024〕1103号"],
    ]  # fmt: skip
    told = [text(folder / "restricted" / "documents" / file) for file in slips["file"]]
    assert not any(name in page for page in told for name in ("甲生", "乙生", "甲父"))
    assert "2024年12月10日前办结" in told[0]


def test_every_field_is_said_or_left_to_the_hand(written):
    folder, register = written
    for file in register["file"]:
        page = text(folder / "restricted" / "documents" / file)
        assert not re.search(r"None|nan|NaT|\{|\}|Undefined|<|>", page), (file, page)
    unknown = said(written, D.RETURN_PLAN, "乐2024-0004")
    assert "监护人姓名\n＿" in unknown  # nobody knows the guardian of 丁生


def test_no_paper_but_the_case_file_holds_the_number_of_a_child(written):
    folder, register = written
    for row in register[register["document"].ne(D.FILE.value)].itertuples():
        page = text(folder / "restricted" / "documents" / row.file)
        assert not [hit for hit in identifiers(page) if hit.kind != "phone"], row.file


def test_papers_lie_with_their_writer_in_their_tier_and_the_register_names_each(written):
    folder, register = written
    assert tuple(register.columns) == REGISTER
    files = {f.relative_to(folder / "restricted" / "documents").as_posix() for f in folder.rglob("*.docx")}
    assert files == set(register["file"])
    places = {row.document: row.file.split("/")[0] for row in register.itertuples()}
    assert (places[D.PERSUASION], places[D.ORDER], places[D.FILE]) == ("3133990001", "330382002", "bureau")
    assert all((f.stat().st_mode & 0o777) == 0o600 for f in folder.rglob("*.docx"))
    assert check(folder).findings == ()


def test_the_same_cases_are_the_same_bytes_and_the_identities_are_opened_once(store, letters, written, tmp_path):
    log = store.path / "identity" / "openings.jsonl"
    before = len(log.read_text(encoding="utf-8").splitlines())
    letters.write_all(tmp_path)
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()[before:]]
    assert [entry["what"] for entry in entries].count("identity") == 1
    assert {(entry["who"], entry["why"]) for entry in entries} == {("forms", "papers of 6 cases")}
    for file in written[0].rglob("*.docx"):
        assert (tmp_path / file.relative_to(written[0])).read_bytes() == file.read_bytes(), file.name


def test_a_day_without_cases_has_an_empty_register(store, tmp_path):
    register = Letters(store, store.known_by("2024-09-01"), "乐清市", TOWNSHIPS).write_all(tmp_path)
    assert register.empty and (tmp_path / "restricted" / "documents.csv").is_file()


def test_a_case_without_a_number_leaves_the_number_to_the_hand():
    assert offices.number("义劝通", "甲案", 2024) == "义劝通〔2024〕＿＿＿＿号"


def test_a_value_is_text_whatever_it_holds():
    values = {"organ": "乙", "number": "1", "unit": "<b>甲</b> **", "cases": [], "late_days": 30, "answer_on": "明日"}
    told = filled("supervision", values | {"group": "办公室", "day": "今日"})
    assert "&lt;b&gt;甲" in told and "**" not in told


def test_the_policy_names_every_paper_and_every_way_of_visit():
    content = yaml.safe_load((policy.ROOT / "params" / "policy" / "letters.yaml").read_text(encoding="utf-8"))
    assert set(content["signs"]) == {document.key for document in Document}
    assert State.ORDERED in FORM_OF[D.JUSTICE.value].states
