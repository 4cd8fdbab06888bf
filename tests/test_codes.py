"""Code lists: a cell written as word, code or `code-word` means one member, and contradictions mean none."""

import inspect

import pytest

from baoxue import codes, contracts
from baoxue.codes import Coded

LISTS = [c for _, c in inspect.getmembers(codes, inspect.isclass) if issubclass(c, Coded) and c is not Coded]


@pytest.mark.parametrize("coded", LISTS, ids=lambda c: c.__name__)
def test_every_spelling_means_exactly_one_member(coded):
    spellings = [s for member in coded for s in {member.value, *member.spellings}]
    assert len(spellings) == len(set(spellings))


@pytest.mark.parametrize("coded", LISTS, ids=lambda c: c.__name__)
def test_a_member_is_read_back_from_word_code_and_code_word(coded):
    for member in coded:
        assert coded.read(f" {member.value} ") is member
        for spelling in member.spellings:
            assert coded.read(spelling) is member
            assert coded.read(f"{spelling}-{member.value}") is member


def test_a_code_that_contradicts_its_word_means_nothing():
    assert codes.Sex.read("1-女") is None


def test_full_width_digits_are_read():
    assert codes.Status.read("０１") is codes.Status.ENROLLED


def test_the_two_official_lists_of_changes_clash_so_a_bare_code_is_no_change():
    assert codes.CHANGE_CODES["学籍异动类别"]["11"] != codes.CHANGE_CODES["学生变动"]["11"]
    assert codes.Change.read("11") is None


def test_every_source_of_the_contract_is_whole():
    for source in contracts.SOURCES:
        names = [column.name for column in source.columns]
        assert len(names) == len(set(names)), source.table
        for column in source.columns:
            assert (column.kind == "coded") == (column.coded is not None), column
            assert column.known_with is None or column.known_with in names, column
        assert set(source.person) <= set(names) and set(source.one_of) <= set(names)
        assert not source.known or source.known in names or source.known == "snapshot_on"


def test_what_names_or_reaches_a_person_is_marked_as_identity():
    telling = ("姓名", "身份证", "学籍号", "电话", "现住址", "出生日期", "户号", "责任人", "人员", "审核人", "备注")
    for source in contracts.SOURCES:
        for column in source.columns:
            if any(word in column.header for word in telling) and column.kind not in ("yes_no", "coded"):
                assert column.identity or column.header in ("责任对象",), f"{source.table}.{column.name}"


def test_the_departments_are_those_of_the_notice():
    members = (
        "统战部、发改局、教育局、民宗局、公安局、民政局、司法局、财政局、人力社保局、农业农村局、卫生健康局、"
        "团市委、妇联、残联"
    )
    assert [department.value for department in codes.Department] == [*members.split("、"), "市场监管局"]
