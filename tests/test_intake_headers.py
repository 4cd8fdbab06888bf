"""Finding a header row: by name, under titles, over merged cells, in both versions of the registry template."""

import pytest

from baoxue.contracts import SOURCE_OF, SOURCES
from baoxue.intake import headers

ROSTER = SOURCE_OF["rosters"]
HEAD = ["学校标识码", "年级", "班级号", "姓名", "身份证件号", "备注"]


def found(rows, source=ROSTER):
    return headers.find(source, rows)


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.table)
def test_every_source_is_recognised_by_its_own_headers_in_any_order(source):
    layout = headers.find(source, [[column.header for column in reversed(source.columns)]])
    assert layout.is_header and not layout.missing and not layout.unknown
    assert set(layout.places) == {column.name for column in source.columns}


def test_ten_title_rows_may_stand_above_and_not_eleven():
    title = ["2024年秋季在校学生花名册", "", "", "", "", ""]
    assert found([title] * 10 + [HEAD]).row == 10
    assert not found([title] * 11 + [HEAD]).is_header


def test_headers_are_matched_after_trimming_folding_and_taking_off_marks():
    written = [" 学校标识码*", "年 级", "班级号\n", "★姓名", "身份证件号（必填）", "备注："]
    assert set(found([written]).places) == set(found([HEAD]).places)


def test_a_unit_in_brackets_does_not_hide_a_header():
    layout = headers.find(SOURCE_OF["aid"], [["学籍号", "学年学期", "资助项目", "金额(元)"]])
    assert layout.places["amount_yuan"][0].position == 3 and not layout.missing


def test_a_missing_required_column_is_named_with_the_headers_seen():
    layout = found([[h for h in HEAD if h != "年级"]])
    assert layout.is_header and layout.missing == ("年级",)
    assert layout.seen == ("学校标识码", "班级号", "姓名", "身份证件号", "备注")


def test_unknown_columns_are_listed_and_known_ones_of_the_template_are_not():
    template = ["学校标识码", "姓名", "身份证件号", "年级", "班级号", "血型", "座右铭", "成员2职务"]
    assert headers.find(SOURCE_OF["enrolments"], [template]).unknown == ("座右铭",)


def test_a_header_split_over_two_rows_by_merged_cells_is_put_together():
    upper = ["学校标识码", "姓名", "身份证件号", "年级", "班级号", "成员1", "", "成员2", ""]
    lower = ["", "", "", "", "", "姓名", "联系电话", "姓名", "联系电话"]
    layout = headers.find(SOURCE_OF["enrolments"], [upper, lower])
    at = {name: places[0].position for name, places in layout.places.items()}
    assert layout.row == 1 and not layout.missing
    assert (at["full_name"], at["guardian_1"], at["guardian_1_phone"], at["guardian_2"]) == (1, 5, 6, 7)


def test_group_titles_above_the_header_row_change_nothing():
    groups = ["学校信息", "", "", "学生信息", "", ""]
    layout = found([groups, HEAD])
    assert layout.row == 1 and [p[0].position for p in layout.places.values()] == [0, 1, 2, 3, 4, 5]


def test_a_row_of_data_or_a_title_is_no_header():
    assert not found([["2133000001", "3", "01", "张三", "", ""]]).is_header
    assert not found([["姓名填写说明", "", ""], ["请填写学生姓名", "", ""]]).is_header


def test_a_sheet_of_code_lists_is_no_sheet_of_the_source():
    assert not headers.find(SOURCE_OF["enrolments"], [["性别", "民族", "学籍状态", "残疾类型", "年级"]]).is_header


def test_both_versions_of_the_registry_template_are_accepted():
    common = ["学校标识码", "姓名", "身份证件号"]
    version_a, version_b = [*common, "班号", "入学年月", "残疾类型"], [*common, "年级", "班级号", "残疾人类型"]
    for version in (version_a, version_b):
        layout = headers.find(SOURCE_OF["enrolments"], [version])
        assert not layout.missing and {"class", "disability"} <= set(layout.places)
    assert headers.find(SOURCE_OF["enrolments"], [[*common, "班号"]]).missing == ("年级/入学年月",)
    no_number = ["学校标识码", "姓名", "年级", "班级号"]
    assert headers.find(SOURCE_OF["enrolments"], [no_number]).missing == ("身份证件号/全国学籍号",)


def test_a_person_may_stand_in_two_columns_and_both_are_read():
    layout = headers.find(SOURCE_OF["aid"], [["身份证件号", "学籍号", "学年学期", "资助项目", "金额"]])
    assert [place.header for place in layout.places["person_number"]] == ["学籍号", "身份证件号"]


def test_of_a_header_that_stands_twice_the_first_is_meant():
    layout = found([[*HEAD, "姓名"]])
    assert layout.places["full_name"][0].position == 3


def test_a_header_that_holds_a_number_of_a_person_is_shown_covered():
    assert "11010519491231002X" not in str(found([[*HEAD, "11010519491231002X"]]))
