"""How a cell of each kind is read: a text in, a clean value or a problem out. Pure; called once a distinct value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from baoxue.codes import CHANGE_CODES, Change
from baoxue.contracts import Column, Kind
from baoxue.intake.dates import read_date, read_month, read_term, read_year
from baoxue.intake.numbers import (
    IDENTIFIER,
    Problem,
    fold,
    read_disability,
    read_id,
    read_person,
    read_registry,
    value_class,
    visible,
    without_identifiers,
)  # fmt: skip

Value = str | int | float | bool | dt.date | None
Reader = Callable[[str], Value | Problem]

EMPTY_MARKS = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "空", "NULL", "NONE", "N/A", "NA", "#N/A", "NAN"})
"""What people and databases write for nothing; not under a name, where someone may be called so."""

_TEXT_MARKS = frozenset({"", "NULL", "NONE", "N/A", "#N/A", "NAN"})
_YES = frozenset({"是", "1", "Y", "YES", "TRUE", "1-是"})
_NO = frozenset({"否", "0", "N", "NO", "FALSE", "0-否"})
_CHINESE_DIGITS = "零一二三四五六七八九"
_PLAIN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}")
_LONGEST_TEXT = 500
_LONGEST_NAME = 60
_LONGEST_CLASS = 20
_LARGEST_INTEGER = 2**31 - 1


def reader(column: Column, header: str, secret: Callable[[str], str] | None = None) -> Reader:
    """The reader of a column under the header it was found by.

    `secret` turns an identifier met inside a key of plain text (a case number made of an identity number) into a
    pseudonym; in other plain text identifiers are covered.
    """
    if column.kind == "coded":
        return _coded(column)
    if column.kind == "change":
        return _change(header)
    if column.kind == "name":
        return read_name
    if column.kind == "text":
        return _text if column.identity else _plain_text(secret)
    return _marked_empty(_READERS[column.kind])


def _marked_empty(read: Reader) -> Reader:
    return lambda text: None if fold(text).upper() in EMPTY_MARKS else read(text)


def _damaged(text: str) -> Problem | None:
    return Problem("undecodable", "damaged") if "\ufffd" in text else None


def _text(text: str) -> Value | Problem:
    """A text as written, its punctuation too, but for invisible characters and double spaces."""
    plain = " ".join(visible(text).split())
    if plain.upper() in _TEXT_MARKS:
        return None
    return _damaged(plain) or (plain if len(plain) <= _LONGEST_TEXT else Problem("too_long", "mixed"))


def _plain_text(secret: Callable[[str], str] | None) -> Reader:
    def read(text: str) -> Value | Problem:
        value = _text(text)
        if not isinstance(value, str):
            return value
        folded = fold(value)
        if secret is not None:
            return IDENTIFIER.sub(lambda found: secret(found[0]), folded)
        return without_identifiers(folded) if IDENTIFIER.search(folded) else value

    return read


def read_name(text: str) -> Value | Problem:
    """A name as written: rare characters, markup and formula signs are text; dots become ·; `NULL` may be a name."""
    if _PLAIN_NAME.fullmatch(text):
        return text
    bare = re.sub(r"[\x00-\x1f\x7f\u200b-\u200f\ufeff]", "", text).strip().removeprefix("'").strip()
    dotted = re.sub(r"\s*[·•・‧･∙⋅●]\s*", "·", bare)
    name = re.sub(r"(?<=[\u3400-\U0003ffff])\s+(?=[\u3400-\U0003ffff])", "", dotted)
    if not name:
        return None
    return _damaged(name) or (name if len(name) <= _LONGEST_NAME else Problem("too_long", "mixed"))


def read_phone(text: str) -> Value | Problem:
    """A mobile or landline number; of several in a cell the first."""
    if len(text) == 11 and text.isdigit() and text.isascii() and text[0] == "1":
        return text
    first = re.split(r"[,;/、，；]", fold(text))[0]
    bare = re.sub(r"\.0+$", "", re.sub(r"[\s()'’-]", "", first))
    bare = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", bare)
    is_number = re.fullmatch(r"(?a)1\d{10}|0\d{9,11}|[2-8]\d{6,7}", bare)
    return bare if is_number else Problem("phone_form", value_class(text))


def read_yes_no(text: str) -> Value | Problem:
    """是/否, 1/0, Y/N, `1-是`/`0-否`."""
    bare = re.sub(r"\.0+$", "", re.sub(r"[—–]", "-", fold(text))).upper()
    if bare in _YES:
        return True
    return False if bare in _NO else Problem("yes_no_form", value_class(text))


def read_number(text: str) -> Value | Problem:
    """A number, with or without thousands commas and its unit."""
    bare = re.sub(r"(公里|千米|km|元|分|次|人|节)$", "", fold(text).lstrip("'").replace(",", ""), flags=re.IGNORECASE)
    return float(bare) if re.fullmatch(r"-?\d{1,15}(\.\d+)?", bare) else Problem("number_form", value_class(text))


def read_integer(text: str) -> Value | Problem:
    """A whole number that is not negative."""
    number = read_number(text)
    if not isinstance(number, float) or number != int(number) or not 0 <= number <= _LARGEST_INTEGER:
        return Problem("integer_form", value_class(text))
    return int(number)


def read_grade(text: str) -> Value | Problem:
    """Grade 1-9 or the year of entry to the stage (a number over 1000), as `3`, `三年级`, `初一`, `2019级`."""
    bare = re.sub(r"\.0+$", "", fold(text).lstrip("'"))
    year = re.fullmatch(r"((?:19|20)\d{2})级?", bare)
    if year:
        return int(year[1])
    digit = re.fullmatch(r"0?([1-9])(?:年级)?", bare)
    if digit:
        return int(digit[1])
    word = re.fullmatch(r"(初|小|小学|初中)?([一二三四五六七八九])(?:年级)?", bare)
    if not word:
        return Problem("grade_form", value_class(text))
    grade = _CHINESE_DIGITS.index(word[2])
    return grade + 6 if (word[1] or "").startswith("初") and grade <= 3 else grade


def read_class(text: str) -> Value | Problem:
    """A class: two digits where it has a number (`1`, `(1)班`, `三年级(1)班` are 01), else its name without 班."""
    bare = re.sub(r"\s", "", fold(text).lstrip("'"))
    found = re.fullmatch(r"(?:.*年级)?\(?0*(\d{1,3})(?:\.0+)?\)?班?", bare)
    if found:
        return f"{int(found[1]):02d}"
    if re.match(r"\d{4}-\d{2}-\d{2}", bare):
        return Problem("class_became_date", "mixed")
    if len(bare) > _LONGEST_CLASS:
        return Problem("too_long", "mixed")
    return _damaged(bare) or without_identifiers(bare.removesuffix("班"))


def _digits(length: str, reason: str) -> Reader:
    def read(text: str) -> Value | Problem:
        bare = re.sub(r"\.0+$", "", re.sub(r"[\s'’]", "", fold(text)))
        if value_class(bare) == "scientific":
            return Problem("digits_lost", "scientific")
        return bare if re.fullmatch(length, bare) else Problem(reason, value_class(text))

    return read


def _township(text: str) -> Value | Problem:
    code = _digits(r"[0-9]{9}|[0-9]{12}", "township_code_form")(text)
    return code[:9] if isinstance(code, str) else code


def _division(text: str) -> Value | Problem:
    code = _digits(r"[0-9]{6}|[0-9]{9}|[0-9]{12}", "division_code_form")(text)
    return code.ljust(12, "0") if isinstance(code, str) else code


def _coded(column: Column) -> Reader:
    words = column.coded
    assert words is not None, f"{column.name}: a coded column names its list"

    def read(text: str) -> Value | Problem:
        bare = re.sub(r"\.0+$", "", fold(text))
        member = words.read(bare)
        if member is not None:
            return member.value
        return None if bare.upper() in EMPTY_MARKS else Problem("code_unknown", value_class(text))

    return read


def _change(header: str) -> Reader:
    codes = CHANGE_CODES.get(header)

    def read(text: str) -> Value | Problem:
        bare = re.sub(r"[—–－]", "-", re.sub(r"\.0+$", "", fold(text)))
        code, _, word = bare.partition("-")
        if not code.isdigit():
            member = Change.read(bare)
            return member.value if member else Problem("code_unknown", value_class(text))
        by_code = codes.get(code.zfill(2)) if codes else None
        by_word = Change.read(word) if word else None
        if by_code and by_word and by_code is not by_word:
            return Problem("code_contradicts_word", "mixed")
        found = by_word or by_code
        return found.value if found else Problem("code_unknown" if codes else "code_without_list", value_class(text))

    return _marked_empty(read)


_READERS: dict[Kind, Reader] = {
    "id_number": read_id, "registry_number": read_registry, "person_number": read_person,
    "disability_number": read_disability, "phone": read_phone,
    "school_code": _digits(r"[0-9]{10}", "school_code_form"), "township_code": _township, "division_code": _division,
    "date": read_date, "month": read_month, "yes_no": read_yes_no, "integer": read_integer, "number": read_number,
    "grade": read_grade, "class": read_class, "term": read_term, "year": read_year, "pupil_code": _text,
}  # fmt: skip
