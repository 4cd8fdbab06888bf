"""Identity and registry numbers: what a cell holds after Excel was at it, repaired where nothing is lost.

Sources: GB 11643-1999 (18 digits, check digit); registry numbers of the national system (G, J or L and 18 characters).
"""

from __future__ import annotations

import datetime as dt
import operator
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"

_REMEMBERED = 300_000
"""Numbers whose reading is remembered: a county's, which come again in every snapshot."""

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0b-\x1f\x7f]")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
IDENTIFIER = re.compile(r"(?<![0-9A-Za-z])(?:[GJLgjl]?\d{17}[\dXx]|(?:\+?86)?1\d{10})(?![0-9A-Za-z])")
"""An identity, registry or mobile telephone number inside a text."""


class Problem(NamedTuple):
    """Why a cell cannot be read: a reason and the class of its value, both in the catalogue; never the value."""

    reason: str
    value_class: str


def fold(text: str) -> str:
    """Full-width to half-width, invisible characters out, outer spaces off."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()


def visible(text: str) -> str:
    """A text without invisible characters."""
    return text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)


def value_class(text: str) -> str:
    """The class of a value, fit to be shown: empty, damaged, scientific, digits, decimal, latin, chinese or mixed."""
    folded = fold(text)
    if not folded:
        return "empty"
    if "\ufffd" in folded:
        return "damaged"
    if _SCIENTIFIC.fullmatch(folded):
        return "scientific"
    if folded.isdigit():
        return "digits"
    if re.fullmatch(r"-?\d+\.\d+", folded):
        return "decimal"
    if folded.isascii() and folded.isalpha():
        return "latin"
    return "chinese" if re.fullmatch(r"[\u3400-\u9fff\U00020000-\U0003ffff]+", folded) else "mixed"


def check_digit(first_17: str) -> str:
    """The check character of the first 17 digits of an identity number.

    >>> check_digit("11010519491231002")
    'X'
    """
    total = sum(map(operator.mul, map(int, first_17), WEIGHTS))
    return CHECK_DIGITS[total % 11]


def tidy(text: str) -> str:
    """A number as it was meant: half-width, without spaces, apostrophes, hyphens and `.0`, letters in upper case."""
    if text.isascii() and text.isalnum():
        return text.upper()
    bare = re.sub(r"[\s'’‘`´\"-]", "", fold(text)).upper()
    return re.sub(r"\.0+$", "", bare)


@lru_cache(maxsize=_REMEMBERED)
def read_id(text: str) -> str | Problem:
    """An identity number, or why it is none. Digits that Excel cut off are never guessed."""
    number = tidy(text)
    if _SCIENTIFIC.fullmatch(number):
        return Problem("digits_lost", "scientific")
    if len(number) != 18:
        return Problem("id_length", value_class(text))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return Problem("id_characters", value_class(text))
    if number[17] != check_digit(number[:17]):
        return Problem("digits_lost" if number.endswith("000") else "id_check_digit", value_class(text))
    return number if _day(number[6:14]) else Problem("id_birth_date", value_class(text))


@lru_cache(maxsize=_REMEMBERED)
def read_registry(text: str) -> str | Problem:
    """A registry number (G + identity number, J + 18 with check digit, L + 18 digits), or why it is none."""
    number = tidy(text)
    if _SCIENTIFIC.fullmatch(number):
        return Problem("digits_lost", "scientific")
    if not re.fullmatch(r"[GJ][0-9]{17}[0-9X]|L[0-9]{18}", number):
        return Problem("registry_form", value_class(text))
    if number[0] != "L" and number[18] != check_digit(number[1:18]):
        return Problem("registry_check_digit", value_class(text))
    return number if _day(number[7:15]) else Problem("registry_birth_date", value_class(text))


def read_person(text: str) -> str | Problem:
    """An identity or a registry number under one header, told apart by the leading letter."""
    return read_registry(text) if tidy(text)[:1] in {"G", "J", "L"} else read_id(text)


def read_disability(text: str) -> str | Problem:
    """A disability certificate number: identity number, category 1-7, grade 1-4, B and a digit if it was reissued."""
    number = tidy(text)
    if _SCIENTIFIC.fullmatch(number):
        return Problem("digits_lost", "scientific")
    if not re.fullmatch(r"[0-9]{17}[0-9X][1-7][1-4](B[0-9])?", number):
        return Problem("disability_form", value_class(text))
    identity = read_id(number[:18])
    return identity if isinstance(identity, Problem) else number


def without_identifiers(text: str, instead: str = "***") -> str:
    """A text in which identity, registry and telephone numbers are covered.

    >>> without_identifiers("见11010519491231002X的档案")
    '见***的档案'
    """
    return IDENTIFIER.sub(instead, text)


def _day(eight: str) -> dt.date | None:
    try:
        day = dt.date(int(eight[:4]), int(eight[4:6]), int(eight[6:]))
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2100 else None
