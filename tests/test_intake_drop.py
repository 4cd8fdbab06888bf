"""A drop taken in: what becomes of every row, who it is about, since when it is known, and that nobody is named."""

import datetime as dt
import json

import pandas as pd
import pytest

from baoxue.contracts import ALWAYS_KNOWN, SOURCES
from baoxue.intake import IntakeError
from baoxue.intake.pseudonyms import read_key
from baoxue.store import Store, StoreError, take_in
from given import handed_in, id_number, j_number, workbook

KEY = b"a key that is only for tests"
DAY = dt.date(2025, 1, 17)

ZHANG, LI, WANG = id_number("2015-10-01", 907), id_number("2015-03-01", 908), id_number("2011-05-01", 911)
SCHOOLS = """
学校标识码 | 学校名称 | 办学类型 | 乡镇街道代码
2133000001 | 第一小学 | 小学 | 330382101
3133000002 | 第二中学 | 初级中学 | 330382101
3133000003 | 第三学校 | 九年一贯制学校 | 330382101000
"""
REGISTRY = f"""
学校标识码 | 姓名 | 身份证件号 | 全国学籍号 | 年级 | 班级号 | 学籍状态 | 联系电话 | 成员1姓名
2133000001 | 张三 | {ZHANG} | G{ZHANG} | 3 | 1 | 在读 | 13868123456 | 张大
2133000001 | 李四 | {LI} | G{LI} | 3 | 2 | | | 李大
"""


def take(drop, store, day=DAY, **options):
    return take_in(drop, store, key=KEY, arrived_on=day, **options)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def taken(tmp_path, store, files, day=DAY, name="drop"):
    return take(handed_in(tmp_path / name, files), store, day)


def known(store, table, as_of=DAY):
    rows = store.known_by(as_of).table(table).to_pandas()
    return rows.sort_values(list(rows.columns)).reset_index(drop=True)


def test_every_source_of_the_contract_is_read(tmp_path, store):
    cells = {
        "id_number": ZHANG, "person_number": ZHANG, "registry_number": f"G{ZHANG}", "disability_number": f"{ZHANG}62",
        "name": "张三", "phone": "13868123456", "school_code": "2133000001", "township_code": "330382101",
        "division_code": "330382000000", "date": "2024-10-08", "month": "202109", "yes_no": "是", "integer": "40",
        "number": "7.5", "grade": "3", "class": "1", "term": "2024学年第一学期", "year": "2024", "change": "休学",
        "text": "甲",
    }  # fmt: skip
    files = {}
    handed_in_first = [source for source in SOURCES if not source.is_answer]
    for source in handed_in_first:
        row = [next(iter(c.coded)).value if c.coded else cells[c.kind] for c in source.columns]
        folder = source.folder + ("/2024-10-08" if source.snapshot else "")
        files[f"{folder}/a.csv"] = "\n".join([" | ".join(c.header for c in source.columns), " | ".join(row)])
    account = taken(tmp_path, store, files)
    assert {f.source: (f.rows_read, f.accepted) for f in account.files} == {s.table: (1, 1) for s in handed_in_first}
    for source in handed_in_first:
        row = known(store, source.table).iloc[0]
        assert not row.drop("candidate", errors="ignore").isna().any(), source.table


def test_rows_read_are_accepted_rejected_or_duplicates_file_by_file(tmp_path, store):
    broken = REGISTRY + "2133000001 | 王五 | 3.30382E+17 | | 3 | 1 | 在读 | |\n" + REGISTRY.strip().splitlines()[1]
    account = taken(tmp_path, store, {"学校/学校名单.csv": SCHOOLS, "学籍/2024-09-01/a.csv": broken})
    registry = account.files[1]
    assert (registry.rows_read, registry.accepted, registry.rejected, registry.duplicates) == (4, 2, 1, 1)
    assert store.rejects().to_dict("records") == [
        {"drop": "000001", "file": "学籍/2024-09-01/a.csv", "sheet": "", "row": 4, "column": "身份证件号",
         "value_class": "scientific", "reason": "digits_lost"}
    ]  # fmt: skip
    assert [entry["files"][1]["rows_read"] for entry in store.account()] == [4]


def test_the_same_drop_read_again_changes_nothing_and_is_all_duplicates(tmp_path, store):
    files = {"学校/学校名单.csv": SCHOOLS, "学籍/2024-09-01/a.csv": REGISTRY + "2133000001 | 王五 | 1 | | 3 | 1 | | |"}
    taken(tmp_path, store, files)
    before, tables = store.fingerprint(), {s.table: known(store, s.table) for s in SOURCES}
    account = taken(tmp_path, store, files, day=dt.date(2025, 3, 1))
    assert [(f.rows_read, f.duplicates) for f in account.files] == [(3, 3), (3, 3)]
    assert store.fingerprint() == before and len(store.rejects()) == 1 and len(store.account()) == 2
    for table, rows in tables.items():
        pd.testing.assert_frame_equal(rows, known(store, table))


def test_the_same_rows_in_another_file_are_duplicates_too(tmp_path, store):
    taken(tmp_path, store, {"学校/学校名单.csv": SCHOOLS})
    lines = SCHOOLS.strip().splitlines()
    account = taken(tmp_path, store, {"学校/学校名单.csv": "\n".join([lines[0], *reversed(lines[1:])])}, name="again")
    assert (account.files[0].duplicates, account.files[0].accepted) == (3, 0)
    assert len(known(store, "schools")) == 3


def test_a_copy_of_a_file_in_the_same_drop_is_all_duplicates(tmp_path, store):
    account = taken(tmp_path, store, {"学校/学校名单/a.csv": SCHOOLS, "学校/学校名单/b.csv": SCHOOLS})
    assert [(f.accepted, f.duplicates) for f in account.files] == [(3, 0), (0, 3)]


def test_one_workbook_under_two_days_is_two_snapshots(tmp_path, store):
    taken(tmp_path, store, {"学籍/2024-09-01/a.csv": REGISTRY, "学籍/2024-10-01/a.csv": REGISTRY})
    assert len(known(store, "enrolments")) == 4


def test_a_correction_is_known_from_the_day_it_arrived(tmp_path, store):
    case = f"案件编号 | 学籍号 | 线索来源 | 立案日期 | 首次缺勤日期\nc1 | G{ZHANG} | {{}} | 2024-10-08 | 2024-10-01"
    taken(tmp_path, store, {"劝返/案件.csv": case.format("班主任")}, dt.date(2024, 11, 1))
    account = taken(tmp_path, store, {"劝返/案件.csv": case.format("村居")}, dt.date(2024, 12, 1), name="later")
    assert account.files[0].accepted == 1
    assert known(store, "cases", "2024-11-30")["clue"].tolist() == ["班主任"]
    assert known(store, "cases", "2024-12-01")["clue"].tolist() == ["村居"]


def test_a_row_that_only_fills_dated_columns_is_known_as_long_as_the_one_it_extends(tmp_path, store):
    case = f"案件编号 | 学籍号 | 线索来源 | 立案日期 | 销案日期 | 销案类型\nc1 | G{ZHANG} | 班主任 | 2024-10-08 |"
    taken(tmp_path, store, {"劝返/案件.csv": f"{case} |"}, dt.date(2024, 11, 1))
    taken(tmp_path, store, {"劝返/案件.csv": f"{case} 2024-10-20 | 返校复学"}, dt.date(2024, 12, 1), name="later")
    assert known(store, "cases", "2024-10-19")["closing"].isna().all()
    closed = known(store, "cases", "2024-10-20")
    assert (closed["closing"].tolist(), closed["known_on"].tolist()) == (["返校复学"], [pd.Timestamp("2024-10-08")])


def test_an_extension_of_a_correction_is_known_no_earlier_than_the_correction(tmp_path, store):
    case = f"案件编号 | 学籍号 | 线索来源 | 立案日期 | 销案日期\nc1 | G{ZHANG} | {{}} | 2024-10-08 | {{}}"
    versions = [("2024-11-01", "班主任", ""), ("2024-12-01", "村居", ""), ("2025-01-01", "村居", "2024-10-20")]
    for day, clue, closed in versions:
        taken(tmp_path, store, {"劝返/案件.csv": case.format(clue, closed)}, dt.date.fromisoformat(day), name=day)
    assert known(store, "cases", "2024-11-30")["clue"].tolist() == ["班主任"]
    assert known(store, "cases", "2024-11-30")["closed_on"].isna().all()
    assert known(store, "cases", "2024-12-01")["closed_on"].tolist() == [pd.Timestamp("2024-10-20")]


def test_two_versions_of_a_row_in_one_drop_are_a_row_and_its_correction(tmp_path, store):
    head = "学校标识码 | 年级 | 班级号 | 日期 | 应到人数 | 实到人数 | 是否点名"
    lines = head + "\n2133000001 | 3 | 1 | 2024-10-08 | 40 | {} | 是"
    files = {"考勤/点名/9月.csv": lines.format(39), "考勤/点名/10月.csv": lines.format(38)}
    account = taken(tmp_path, store, files)
    assert account.total("accepted") == 2
    assert known(store, "rolls", "2024-12-31")["present"].tolist() == [39]
    assert known(store, "rolls", DAY)["present"].tolist() == [38]
    again = taken(tmp_path, store, {k: v + "\n" for k, v in files.items()}, name="again")
    assert again.total("accepted") == 0, "a list exported again with both versions adds nothing"


def test_a_value_that_was_changed_and_changed_back_is_changed_back(tmp_path, store):
    lines = "日期 | 类型\n2024-10-08 | {}"
    for day, kind in (("2024-11-01", "停课"), ("2024-12-01", "上课"), ("2025-01-01", "停课")):
        text = lines.format(kind) + f"\n{day} | 上课"
        taken(tmp_path, store, {"校历/调整.csv": text}, dt.date.fromisoformat(day), name=day)
    for day, kind in (("2024-12-31", "上课"), ("2025-01-01", "停课")):
        assert known(store, "calendar_days", day).set_index("date")["day_kind"]["2024-10-08"] == kind


def test_when_each_source_is_known(tmp_path, store):
    person = f"G{ZHANG}"
    taken(tmp_path, store, {
        "校历/学期.csv": "学年学期 | 开始日期 | 结束日期\n2023学年第一学期 | 2023-09-01 | 2024-01-18",
        "考勤/缺勤.csv": "学籍号|日期|缺勤类别|时段|登记日期\n"
                      f"{person}|2024-10-08|病假|全天|2024-10-12\n{person}|2024-10-09|病假|全天|",
        "成绩/a.csv": f"学籍号|学年学期|科目|成绩|满分|考试日期\n{person}|2023学年第一学期|语文|80|100|2024-01-10\n"
                      f"{person}|2023学年第一学期|数学|80|100|\n{person}|2022学年第一学期|数学|80|100|",
        "招生/a.csv": "招生年度|学段|身份证件号|姓名|报到状态|报到日期|去向|去向核实日期\n"
                    f"2024|幼升小|{ZHANG}|张三|已报到|2024-08-30|县内就读|2024-09-10",
        "资助/a.csv": f"学籍号|学年学期|资助项目|金额|发放日期\n{person}|2023学年第一学期|营养餐|500|2023-11-05",
        "户籍/2024-08-15/a.csv": "身份证件号|姓名|出生日期|乡镇街道代码|户籍标记\n"
                               f"{ZHANG}|张三|2015-10-01|330382101|本籍在本",
    })  # fmt: skip
    days = {t: [f"{d:%Y-%m-%d}" for d in sorted(known(store, t)["known_on"])] for t in
            ("terms", "absences", "marks", "admissions", "aid", "households")}  # fmt: skip
    assert days == {
        "terms": [ALWAYS_KNOWN],
        "absences": ["2024-10-10", "2024-10-12"],
        "marks": ["2024-01-18", "2024-01-24", "2025-01-17"],
        "admissions": ["2024-07-01"],
        "aid": ["2023-11-05"],
        "households": ["2024-08-15"],
    }
    row = known(store, "admissions", "2024-09-01").iloc[0]
    assert row["arrival"] == "已报到" and pd.isna(row["whereabouts"])


def test_a_date_that_is_missing_is_counted_and_the_day_of_arrival_used(tmp_path, store):
    row = f"学籍号|变动类别|变动日期|受理日期|审核日期|审核状态\nG{ZHANG}|休学|2024-10-01|2024-10-02||通过"
    account = taken(tmp_path, store, {"学籍变动/a.csv": row}, dt.date(2024, 12, 1))
    assert account.files[0].warnings == {"审核日期:date_missing": 1}
    assert known(store, "changes", "2024-11-30")["review"].isna().all()
    assert known(store, "changes", "2024-12-01")["review"].tolist() == ["通过"]


def test_a_broken_cell_that_is_not_required_is_emptied_and_counted_and_its_row_kept(tmp_path, store):
    account = taken(tmp_path, store, {"学籍/2024-09-01/a.csv": REGISTRY.replace("13868123456", "1.38681E+10")})
    assert (account.files[0].accepted, account.files[0].warnings) == (2, {"联系电话:phone_form": 1})
    warning = store.warnings().iloc[0]
    assert (warning["row"], warning["column"], warning["reason"]) == (2, "联系电话", "phone_form")
    assert known(store, "enrolments")["has_phone"].tolist() == [False, False]


def test_a_pupil_without_a_valid_number_is_refused_and_one_with_either_is_not(tmp_path, store):
    lines = REGISTRY.strip().splitlines()
    one, j = lines[0], j_number("2014-01-01")
    rows = [f"2133000001|甲||{j}|3|1|在读||", f"2133000001|乙|{ZHANG[:17]}A||3|1|在读||", "2133000001|丙||| 3|1|在读||",
            f"2133000001|丁|{LI[:15]}000|{'G' + LI}|3|1|在读||"]  # fmt: skip
    account = taken(tmp_path, store, {"学籍/2024-09-01/a.csv": "\n".join([one, *rows])})
    assert account.files[0].rejects == {"身份证件号:id_characters": 1, "身份证件号:required_empty": 1}
    assert account.files[0].warnings == {"身份证件号:digits_lost": 1}
    assert known(store, "enrolments")["has_id"].tolist().count(True) == 1


def ends_in_000(*, boy=False):
    """A valid identity number that looks as if Excel had cut it."""
    days = (dt.date(2015, 1, 1) + dt.timedelta(days=n) for n in range(365))
    return next(n for d in days if (n := id_number(d.isoformat(), 900)).endswith("000"))


def test_a_number_that_ends_in_000_is_refused_only_beside_numbers_that_were_cut(tmp_path, store):
    head, valid, cut = "招生年度|学段|身份证件号|姓名|报到状态", ends_in_000(), ZHANG[:15] + "000"
    alone = f"{head}\n2024|幼升小|{valid}|甲|未报到"
    assert taken(tmp_path, store, {"招生/a.csv": alone}).files[0].accepted == 1
    other = Store(tmp_path / "other")
    account = taken(tmp_path, other, {"招生/b.csv": f"{alone}\n2024|幼升小|{cut}|乙|未报到"}, name="cut")
    assert account.files[0].rejects == {"身份证件号:digits_lost": 2}
    registry = REGISTRY.strip().splitlines()[0] + f"\n2133000001|甲|{valid}|G{valid}|3|1|在读||"
    known_one = taken(tmp_path, Store(tmp_path / "third"), {
        "招生/b.csv": f"{alone}\n2024|幼升小|{cut}|乙|未报到", "学籍/2024-09-01/a.csv": registry,
    }, name="known")  # fmt: skip
    assert next(f for f in known_one.files if f.source == "admissions").rejects == {"身份证件号:digits_lost": 1}


def test_one_child_has_one_pseudonym_under_every_number_and_in_every_source(tmp_path, store):
    j = j_number("2011-05-01")
    taken(tmp_path, store, {
        "学籍/2024-09-01/a.csv": f"学校标识码|姓名|身份证件号|学籍号|年级|班级号\n3133000002|王五|{WANG}|{j}|8|1",
        "考勤/缺勤.csv": f"学籍号|日期|缺勤类别|时段\n{j}|2024-10-08|旷课|全天\n{WANG}|2024-10-09|旷课|全天\n"
                      f"G{WANG}|2024-10-10|旷课|全天",
        "部门名单/残疾儿童/a.csv": f"姓名|残疾人证号|发证日期\n王五|{WANG.lower()}62|2023-01-01",
    })  # fmt: skip
    pupils = {t: set(known(store, t)["pupil"]) for t in ("enrolments", "absences", "disabled")}
    assert len(set.union(*pupils.values())) == 1
    row = store.identity(reader="test", why="test").iloc[0]
    assert (row["full_name"], row["id_number"], row["registry_number"]) == ("王五", WANG, j)
    assert row["birth_date"] == pd.Timestamp("2011-05-01")


def test_a_number_linked_to_a_child_later_is_that_child_from_then_on(tmp_path, store):
    j = j_number("2011-05-01")
    absence = "学籍号|日期|缺勤类别|时段\n{}|{}|旷课|全天"
    taken(tmp_path, store, {"考勤/缺勤.csv": absence.format(j, "2024-10-08")}, dt.date(2024, 11, 1))
    registry = f"学校标识码|姓名|身份证件号|学籍号|年级|班级号\n3133000002|王五|{WANG}|{j}|8|1"
    taken(tmp_path, store, {"学籍/2024-11-15/a.csv": registry}, dt.date(2024, 12, 1), name="linked")
    taken(tmp_path, store, {"考勤/缺勤.csv": absence.format(j, "2024-12-09")}, dt.date(2025, 1, 1), name="after")
    pupil = known(store, "enrolments")["pupil"][0]
    assert known(store, "absences", "2024-11-30")["pupil"].tolist() != [pupil]
    assert known(store, "absences", DAY)["pupil"].tolist() == [pupil, pupil]


def test_two_children_on_one_registry_number_are_two_and_one_child_under_two_numbers_is_one(tmp_path, store):
    j, head = j_number("2015-01-01"), "学校标识码|姓名|身份证件号|学籍号|年级|班级号"
    shared = [f"2133000001|张三|{ZHANG}|{j}|3|1", f"2133000001|李四|{LI}|{j}|3|1"]
    second = f"3133000003|张三|{ZHANG}|G{ZHANG}|3|2"
    taken(tmp_path, store, {"学籍/2024-09-01/a.csv": "\n".join([head, *shared, second])})
    rows = known(store, "enrolments")
    assert len(rows) == 3 and rows["pupil"].nunique() == 2 and rows["registration"].nunique() == 2


def test_a_child_on_a_roster_without_a_number_is_a_candidate_with_a_name_for_a_human(tmp_path, store):
    roster = f"学校标识码|年级|班级号|姓名|身份证件号\n2133000001|3|1|张三|{ZHANG}\n"
    roster += "2133000001|3|1|某某|\n2133000001|3|1|另一|"
    taken(tmp_path, store, {"在校/2024-10-08/a.csv": roster})
    rows = known(store, "rosters")
    assert rows["pupil"].isna().sum() == 2 and rows["candidate"].nunique() == 2
    candidate = rows.loc[rows["pupil"].isna(), "candidate"].tolist()
    assert set(store.identity(reader="t", why="t", pupils=candidate)["full_name"]) == {"某某", "另一"}


@pytest.mark.parametrize(
    ("school", "grade", "entry", "born", "expected"),
    [
        ("2133000001", "3", "", "2015-10-01", 3),
        ("2133000001", "2022", "", "2015-10-01", 3),
        ("2133000001", "", "202209", "2015-10-01", 3),
        ("3133000002", "2023", "", "2011-05-01", 8),
        ("3133000003", "2023", "", "2011-05-01", 8),
        ("3133000003", "2023", "", "2016-05-01", 2),
        ("3133000003", "2020", "", "2013-05-01", 5),
        ("3133000003", "2021", "", "2009-05-01", 9),
        ("3199999999", "2023", "", "2011-05-01", 8),
        ("2199999999", "2023", "", "2016-05-01", 2),
        ("2133000001", "", "201809", "2012-05-01", 6),
        ("3133000003", "", "202409", "2018-05-01", 1),
    ],
)
def test_the_grade_is_as_written_or_follows_from_entry_stage_and_age(
    tmp_path, store, school, grade, entry, born, expected
):
    row = f"学校标识码|姓名|身份证件号|年级|入学年月|班级号\n{school}|甲|{id_number(born)}|{grade}|{entry}|1"
    taken(tmp_path, store, {"学校/学校名单.csv": SCHOOLS, "学籍/2024-09-01/a.csv": row})
    assert known(store, "enrolments")["grade"].tolist() == [expected]


def test_a_grade_that_the_school_does_not_have_is_refused_unless_the_pupil_has_left(tmp_path, store):
    head = "学校标识码|姓名|身份证件号|年级|班级号|学籍状态"
    rows = [f"2133000001|甲|{ZHANG}|2010|1|在读", f"2133000001|乙|{LI}|2010|1|毕业"]
    account = taken(tmp_path, store, {"学校/学校名单.csv": SCHOOLS, "学籍/2024-09-01/a.csv": "\n".join([head, *rows])})
    assert account.files[1].rejects == {"年级:grade_not_in_school": 1}
    assert known(store, "enrolments")["grade"].isna().tolist() == [True]
    assert store.rejects()["row"].tolist() == [2]


def test_a_year_of_entry_in_a_nine_year_school_without_an_age_is_ambiguous(tmp_path, store):
    roll = "学校标识码|年级|班级号|日期|应到人数|实到人数|是否点名\n3133000003|{}|1|2024-10-08|40|40|是"
    files = {"学校/学校名单.csv": SCHOOLS, "考勤/点名/a.csv": roll.format(2023), "考勤/点名/b.csv": roll.format(2020)}
    account = taken(tmp_path, store, files)
    assert [f.rejects for f in account.files if f.source == "rolls"] == [{"年级:grade_ambiguous": 1}, {}]
    assert known(store, "rolls")["grade"].tolist() == [5]


@pytest.mark.parametrize(("born", "cohort"), [("2015-09-01", 2021), ("2015-09-02", 2022), ("2016-01-01", 2022)])
def test_the_cohort_is_the_first_september_that_finds_the_child_six(tmp_path, store, born, cohort):
    row = f"学校标识码|姓名|身份证件号|年级|班级号\n2133000001|甲|{id_number(born)}|1|1"
    taken(tmp_path, store, {"学籍/2024-09-01/a.csv": row})
    found = known(store, "enrolments").iloc[0]
    assert found["cohort"] == cohort and f"{found['birth_month']:%Y-%m-%d}" == born[:7] + "-01"


def test_nobody_is_named_outside_the_restricted_folder(tmp_path, store):
    secrets = ["张三", "李四", "张大", ZHANG, LI, "13868123456", "户号77", "督学某"]
    j = j_number("2015-01-01")
    registry = REGISTRY + f"2133000001|张三|{ZHANG}1||3|1|在读||\n2133000001|李四|{LI}|{j}|3|1|在读||"
    taken(tmp_path, store, {
        "学校/学校名单.csv": "学校标识码|学校名称|办学类型|乡镇街道代码|责任督学|联系电话\n"
                         "2133000001|第一小学|小学|330382101|督学某|13868123456",
        "学籍/2024-09-01/a.csv": registry,
        "户籍/2024-08-15/a.csv": "身份证件号|姓名|出生日期|乡镇街道代码|户籍标记|户号\n"
                               f"{ZHANG}|张三|2015-10-01|330382101|本籍在本|户号77",
        f"劝返/劝返记录/{ZHANG}.csv": "案件编号|学籍号|劝返次数|劝返日期|劝返人员|劝返结果|备注\n"
                                  f"{ZHANG}号案|G{ZHANG}|1|2024-10-08|督学某|已返校|见张三",
        "学校/责任人.csv": "责任线|层级|责任对象|责任人|联系电话|起始日期\n"
                        "教育线|学校|2133000001|张大|13868123456|2024-01-01",
    })  # fmt: skip
    open_files = [f for f in (tmp_path / "store").rglob("*") if f.is_file() and "identity" not in f.parts]
    tables = [pd.read_parquet(f).astype(str).to_csv() for f in open_files if f.suffix == ".parquet"]
    said = "".join([*tables, *(f.read_text(encoding="utf-8") for f in open_files if f.suffix != ".parquet")])
    assert len(open_files) > 5 and not [s for s in secrets if s in said]
    restricted = [f for f in (tmp_path / "store/identity").rglob("*") if f.is_file()]
    assert {oct(f.stat().st_mode & 0o777) for f in restricted} == {"0o600"}
    assert oct((tmp_path / "store/identity").stat().st_mode & 0o777) == "0o700"
    details = store.details("visits", reader="cases", why="letter").iloc[0]
    assert (details["visitor_name"], details["note"]) == ("督学某", "见张三")
    holder = known(store, "duty_holders")["holder"][0]
    assert holder.startswith("s")
    assert store.identity(reader="t", why="t", pupils=[holder])["full_name"].tolist() == ["张大"]


def test_the_identity_of_a_child_is_what_was_known_of_it_last(tmp_path, store):
    later = REGISTRY.replace("13868123456", "13900000000")
    days = {"2024-09-01": REGISTRY, "2025-01-01": later, "2024-10-01": REGISTRY}
    taken(tmp_path, store, {f"学籍/{day}/a.csv": text for day, text in days.items()})
    rows = store.identity(reader="t", why="t").set_index("full_name")
    assert rows.loc["张三", "phone"] == "13900000000" and rows.loc["张三", "guardian"] == "张大"
    assert len(pd.read_parquet(tmp_path / "store/identity/000001.parquet")) == 3, "only what changed is kept"


def test_pseudonyms_depend_on_the_key_and_have_no_digits(tmp_path):
    drop = handed_in(tmp_path / "drop", {"学籍/2024-09-01/a.csv": REGISTRY})
    pupils = []
    for key in (KEY, b"another key only for tests"):
        store = Store(tmp_path / key.hex())
        take_in(drop, store, key=key, arrived_on=DAY)
        pupils.append(set(known(store, "enrolments")["pupil"]))
    assert not pupils[0] & pupils[1]
    assert all(p.startswith("p") and p.isalpha() and len(p) == 21 for p in set.union(*pupils))


def test_a_store_is_never_continued_with_another_key(tmp_path, store):
    taken(tmp_path, store, {"学校/学校名单.csv": SCHOOLS})
    before = store.fingerprint()
    with pytest.raises(IntakeError, match="first key"):
        take_in(tmp_path / "drop", store, key=b"another key only for tests", arrived_on=DAY)
    assert store.fingerprint() == before and len(store.account()) == 1


def test_a_key_comes_from_a_file_or_the_environment_and_never_from_a_default(tmp_path, monkeypatch):
    monkeypatch.delenv("BAOXUE_KEY", raising=False)
    with pytest.raises(IntakeError, match="--key"):
        read_key()
    monkeypatch.setenv("BAOXUE_KEY", "short")
    with pytest.raises(IntakeError, match="16"):
        read_key()
    monkeypatch.setenv("BAOXUE_KEY", "a key from the environment")
    assert read_key() == b"a key from the environment"
    (tmp_path / "key").write_bytes(b"a key from a file in a safe\n")
    assert read_key(tmp_path / "key") == b"a key from a file in a safe"
    with pytest.raises(IntakeError, match="cannot be read") as refused:
        read_key(tmp_path / "none")
    assert refused.value.say("zh") != str(refused.value)


def test_a_drop_without_any_source_says_which_folders_there_are(tmp_path, store):
    with pytest.raises(IntakeError, match="学籍"):
        take(handed_in(tmp_path / "drop", {"其他/a.csv": SCHOOLS}), store)
    with pytest.raises(IntakeError, match="no such folder"):
        take(tmp_path / "nowhere", store)
    with pytest.raises(StoreError):
        store.known_by(DAY)


def test_files_that_belong_nowhere_are_named_and_those_of_the_demo_never_touched(tmp_path, store):
    places = (
        "学校/学校名单.csv",
        "临时/a.csv",
        "truth/学校/学校名单.csv",
        "反馈/a.csv",
        "学校/学校名单/~$a.csv",
        "README.txt",
    )
    handed_in(tmp_path / "drop", dict.fromkeys(places, SCHOOLS) | {"学籍/a.csv": REGISTRY})
    (tmp_path / "drop/学校/学校名单").mkdir(exist_ok=True)
    (tmp_path / "drop/学校/学校名单/说明.docx").write_bytes(b"x")
    account = take(tmp_path / "drop", store)
    assert {f.file: f.reason for f in account.files} == {
        "学校/学校名单.csv": "", "临时/a.csv": "nowhere", "反馈/a.csv": "answers_not_a_list",
        "学籍/a.csv": "no_snapshot_day",
        "学校/学校名单/说明.docx": "ending",
    }  # fmt: skip
    assert account.failed, "a registry file outside a dated folder is a file that could not be read"


def test_a_store_inside_the_drop_is_refused(tmp_path):
    drop = handed_in(tmp_path / "drop", {"学校/学校名单.csv": SCHOOLS})
    with pytest.raises(IntakeError, match="inside"):
        take(drop, Store(drop / "store"))


def test_the_account_says_in_both_languages_what_became_of_every_file(tmp_path, store):
    nameless = REGISTRY + "2133000001|王五|||3|1|||"
    files = {"学校/学校名单.csv": SCHOOLS.replace("办学类型", "类型"), "学籍/2024-09-01/a.csv": nameless}
    account = taken(tmp_path, store, files)
    zh, en = account.text("zh"), account.text("en")
    assert "缺少必填列：办学类型" in zh and "身份证件号 必填项为空 × 1" in zh
    assert "lacks a required column: 办学类型" in en and "required and empty × 1" in en
    assert account.failed and account.total("rows_read") == 3
    stored = json.loads((tmp_path / "store/intake.json").read_text(encoding="utf-8"))
    assert stored[0]["files"][0]["reason"] == "missing_column"
    assert {"file", "source", "rows_read", "accepted", "rejected", "duplicates"} <= set(stored[0]["files"][1])


def test_one_worker_and_two_make_the_same_store(tmp_path):
    head = ["学校标识码", "年级", "班级号", "姓名", "身份证件号"]
    for n in range(1, 7):
        rows = [["2133000001", "3", "1", f"甲{i}", id_number("2015-10-01", 10 * n + i)] for i in range(5 * (7 - n))]
        workbook(tmp_path / f"drop/在校/2024-10-0{n}/a.xlsx", {"a": [head, *rows, ["2133000001", "x", "1", "乙", ""]]})
    stores = []
    for workers in (1, 2):
        stores.append(Store(tmp_path / f"store{workers}"))
        take(tmp_path / "drop", stores[-1], workers=workers)
    one, two = stores
    assert one.fingerprint() == two.fingerprint()
    pd.testing.assert_frame_equal(one.rejects(), two.rejects())
    assert one.account() == two.account()


def test_progress_is_told_after_each_file(tmp_path, store):
    told = []
    drop = handed_in(tmp_path / "drop", {"学校/学校名单.csv": SCHOOLS, "学籍/2024-09-01/a.csv": REGISTRY})
    take(drop, store, progress=lambda *said: told.append(said))
    assert told == [("学校/学校名单.csv", 3, 1, 2), ("学籍/2024-09-01/a.csv", 2, 2, 2)]


def test_numbers_that_excel_kept_as_numbers_are_refused_and_texts_are_not(tmp_path, store):
    head = ["学校标识码", "姓名", "身份证件号", "年级", "班级号", "出生日期"]
    as_text = [2133000001, "甲", ZHANG, 3, 1, dt.date(2015, 10, 1)]
    as_number = [2133000001, "乙", float(LI.replace("X", "1")), 3, 1, 42064]
    workbook(tmp_path / "drop/学籍/2024-09-01/a.xlsx", {"a": [head, as_text, as_number]})
    account = take(tmp_path / "drop", store)
    assert (account.files[0].accepted, account.files[0].rejects) == (1, {"身份证件号:digits_lost": 1})
    row = known(store, "enrolments").iloc[0]
    assert (row["school_code"], row["grade"], row["class"]) == ("2133000001", 3, "01")
