"""How a cell is read: every form that counties write, every damage that Excel does."""

import datetime as dt

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from baoxue import words
from baoxue.contracts import SOURCES, Column
from baoxue.intake import dates, kinds
from baoxue.intake.cells import texts
from baoxue.intake.numbers import (
    Problem,
    check_digit,
    read_disability,
    read_id,
    read_person,
    read_registry,
    value_class,
    without_identifiers,
)
from given import id_number, j_number

GIRL = id_number("2013-05-01", 908)
X = "11010519491231002X"
"""The example of GB 11643."""


def reason(read, text):
    found = read(text)
    assert isinstance(found, Problem), f"{text!r} was read as {found!r}"
    return found.reason


def test_the_check_digit_is_that_of_the_standard():
    assert check_digit(X[:17]) == "X"


@pytest.mark.parametrize(
    "written",
    [X, X.lower(), f" {X}", f"{X}\u200b", f"'{X}", f"‘{X}", "110105 19491231 002X", "110105-19491231-002X",
     "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002ｘ", f"\t{X}\n"],
)  # fmt: skip
def test_an_identity_number_is_repaired_where_nothing_is_lost(written):
    assert read_id(written) == X


def test_a_float_that_kept_all_digits_is_repaired():
    assert read_id(f"{GIRL}.0") == GIRL


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("3.30382E+17", "digits_lost"),
        ("3.30382201101011E+17", "digits_lost"),
        ("1.1010519491231e17", "digits_lost"),
        ("110105194912310000", "digits_lost"),
        ("110105491231002", "id_length"),
        (X[:17], "id_length"),
        (X + "1", "id_length"),
        ("110105194912310021", "id_check_digit"),
        ("1101051949123A002X", "id_characters"),
        ("11010519491231X02X", "id_characters"),
        (id_number("2013-02-30"), "id_birth_date"),
        ("护照E12345678", "id_length"),
    ],
)
def test_an_identity_number_that_is_none_is_refused_with_a_reason(written, why):
    assert reason(read_id, written) == why


@settings(deadline=None)
@for_all(st.dates(dt.date(2005, 1, 1), dt.date(2019, 1, 1)), st.integers(0, 999), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_never_passes(birth, sequence, place, more):
    number = id_number(birth.isoformat(), sequence)
    digit = number[place]
    wrong = str((int(digit) + more) % 10) if digit.isdigit() else str(more % 10)
    if wrong != digit:
        assert isinstance(read_id(number[:place] + wrong + number[place + 1 :]), Problem)


def test_a_number_that_excel_kept_as_a_number_shows_that_digits_are_lost():
    cell = texts([float(GIRL[:17] + "1")]).to_pylist()[0]
    assert reason(read_id, cell) == "digits_lost"
    assert texts([13868123456.0, 0.5, True, dt.datetime(2011, 1, 1), dt.date(2011, 1, 1), "", None]).to_pylist() == [
        "13868123456", "0.5", "TRUE", "2011-01-01", "2011-01-01", "", "",
    ]  # fmt: skip


def test_registry_numbers_are_told_apart_from_identity_numbers_by_their_letter():
    assert read_registry(f"g{GIRL}") == f"G{GIRL}"
    assert read_registry(j_number("2013-05-01").lower()) == j_number("2013-05-01")
    assert read_registry("L339902201305011234") == "L339902201305011234"
    assert read_person(f"G{GIRL}") == f"G{GIRL}"
    assert read_person(GIRL) == GIRL
    assert reason(read_registry, GIRL) == "registry_form"
    assert reason(read_registry, f"G{GIRL[:17]}{(int(GIRL[17].replace('X', '0')) + 1) % 10}") == "registry_check_digit"
    assert reason(read_registry, "L339902201313011234") == "registry_birth_date"
    assert reason(read_person, "3.30382E+17") == "digits_lost"


def test_a_disability_certificate_holds_the_identity_number():
    assert read_disability(f"{GIRL}62") == f"{GIRL}62"
    assert read_disability(f"{GIRL}62B1") == f"{GIRL}62B1"
    assert reason(read_disability, GIRL) == "disability_form"
    assert reason(read_disability, f"{GIRL}92") == "disability_form"
    assert reason(read_disability, f"110105194912310021{62}") == "id_check_digit"


@pytest.mark.parametrize(
    "written",
    ["20110101", "2011-01-01", "2011/1/1", "2011.1.1", "2011.01.01", "2011年1月1日", "2011年1月1号", "40544", "40544.0",
     "40544.5", "20110101.0", "２０１１－０１－０１", "2011-01-01 00:00:00", "2011-01-01T08:30:00", " 2011-1-1 ",
     "'20110101"],
)  # fmt: skip
def test_a_date_is_read_in_every_form_people_use(written):
    assert dates.read_date(written) == dt.date(2011, 1, 1)


@pytest.mark.parametrize(
    ("written", "why"),
    [("20110230", "date_impossible"), ("2011-13-01", "date_impossible"), ("201101", "date_form"), ("昨天", "date_form"),
     ("11-1-1", "date_form"), ("0011-01-01", "date_impossible"), ("2.0110101E+7", "date_form"), ("99999", "date_form")],
)  # fmt: skip
def test_what_is_no_date_is_refused(written, why):
    assert reason(dates.read_date, written) == why


def test_a_month_is_its_first_day():
    for written in ("201409", "2014-09", "2014年9月", "2014.09", "2014-09-15", "201409.0"):
        assert dates.read_month(written) == dt.date(2014, 9, 1)
    assert reason(dates.read_month, "201413") == "date_impossible"
    assert reason(dates.read_month, "九月") == "month_form"


def test_yes_and_no_come_as_words_digits_letters_and_both():
    assert [kinds.read_yes_no(t) for t in ("是", "1", "Y", "1-是", "１", "TRUE", "1.0")] == [True] * 7
    assert [kinds.read_yes_no(t) for t in ("否", "0", "n", "0-否", "FALSE")] == [False] * 5
    assert reason(kinds.read_yes_no, "也许") == "yes_no_form"


def test_a_grade_is_one_to_nine_or_a_year_of_entry():
    assert [kinds.read_grade(t) for t in ("3", "03", "3.0", "三年级", "七年级", "初一", "九")] == [3, 3, 3, 3, 7, 7, 9]
    assert [kinds.read_grade(t) for t in ("2019", "2019级", "2019.0")] == [2019] * 3
    assert reason(kinds.read_grade, "10") == "grade_form"
    assert reason(kinds.read_grade, "高一") == "grade_form"


def test_a_class_has_two_digits_where_it_has_a_number():
    assert {kinds.read_class(t) for t in ("1", "01", "1班", "(1)班", "（1）班", "三年级(1)班", "1.0", " 01 ")} == {"01"}
    assert kinds.read_class("12") == "12"
    assert kinds.read_class("向日葵班") == "向日葵"
    assert reason(kinds.read_class, "2024-03-01") == "class_became_date"


def test_a_phone_is_a_mobile_or_a_landline():
    for written in ("13868123456", "+86 138-6812-3456", "13868123456.0", "13868123456/13900000000", "'13868123456"):
        assert kinds.read_phone(written) == "13868123456"
    assert kinds.read_phone("0577-62512345") == "057762512345"
    assert reason(kinds.read_phone, "1.38681E+10") == "phone_form"


def test_names_are_text_whatever_they_look_like():
    for name in ("王𬭎", "NULL", "=1+1", "@SUM(A1)", "<script>alert(1)</script>", "阿依古丽·买买提"):
        assert kinds.read_name(name) == name
    assert kinds.read_name("阿依古丽•买买提") == kinds.read_name(" 阿依古丽 ・买买提 ") == "阿依古丽·买买提"
    assert kinds.read_name("张 三") == "张三"
    assert reason(kinds.read_name, "张\ufffd") == "undecodable"
    assert reason(kinds.read_name, "三" * 61) == "too_long"


def test_the_two_lists_of_changes_are_read_only_under_the_header_that_names_them():
    column = next(c for s in SOURCES if s.table == "changes" for c in s.columns if c.name == "change")
    one, other = kinds.reader(column, "学籍异动类别"), kinds.reader(column, "学生变动")
    plain = kinds.reader(column, "变动类别")
    assert (one("11"), other("11"), plain("休学")) == ("休学", "招生", "休学")
    assert (one("11.0"), one("1"), plain("11-休学")) == ("休学", "出国(境)", "休学")
    assert reason(plain, "11") == "code_without_list"
    assert reason(one, "11-毕业") == "code_contradicts_word"
    assert reason(one, "88") == "code_unknown"


def test_an_empty_mark_is_empty_and_not_a_broken_value():
    for kind in ("date", "phone", "number", "grade", "id_number", "yes_no"):
        read = kinds.reader(Column("x", "某列", kind), "某列")
        assert [read(mark) for mark in ("-", "/", "无", "NULL", "#N/A", " — ")] == [None] * 6


def test_an_identifier_in_a_plain_text_is_covered_and_in_a_key_becomes_a_pseudonym():
    note = kinds.reader(Column("proof", "证明材料"), "证明材料")
    assert note(f"户口簿{X}，电话13868123456") == "户口簿***,电话***"
    assert note("其他（随父母外出），待核") == "其他（随父母外出），待核"
    assert note(f"见{X.replace('1', '１')}") == "见***"
    key = kinds.reader(Column("case", "案件编号"), "案件编号", secret=lambda number: "x")
    assert key(f"2024-{GIRL}") == "2024-x"
    assert without_identifiers("乐政办发〔2020〕38号，2024学年") == "乐政办发〔2020〕38号，2024学年"
    assert without_identifiers("330382101001") == "330382101001"


def test_no_value_class_says_the_value():
    written = [X, "3.3E+17", "abc", "张三", "张三1", "", "\ufffd", "1.5"]
    assert [value_class(t) for t in written] == [
        "mixed", "scientific", "latin", "chinese", "mixed", "empty", "damaged", "decimal",
    ]  # fmt: skip


@settings(deadline=None)
@for_all(st.text(max_size=30))
def test_no_text_whatever_breaks_a_reader(text):
    for source in SOURCES:
        for column in source.columns:
            found = kinds.reader(column, column.header)(text)
            if isinstance(found, Problem):
                assert words.say(f"intake.reason_{found.reason}", "zh")
                assert words.say(f"intake.class_{found.value_class}", "en")
