"""ID numbers, registry numbers and phones in a text, wherever they hide.

ID number: GB 11643, 18 characters with a check digit. Registry number (学籍号): G or J and 18 such characters, or L and
18 characters without a check digit (DOMAIN 1.5, 1.6). Phone: 11 digits that begin with 1.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from baoxue.intake.numbers import check_digit

Kind = Literal["id_number", "registry_number", "phone"]

_HALF_WIDTH = str.maketrans(
    "０１２３４５６７８９ＸｘＧＪＬｇｊｌ－　",
    "0123456789XxGJLgjl- ",
)
_DIGITS = re.compile(r"\d{17,}[\dXx]?")
_GROUPED = re.compile(r"(?<![\d.])\d{6}[ \xa0-]\d{8}[ \xa0-]?\d{3}[\dXx](?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:(?:\+|00)86[ -]?)?(1\d\d[ -]?\d{4}[ -]?\d{4})(?!\d)")
_DIGEST = re.compile(r"(?<![0-9a-z])(?=[0-9a-f]*[a-f])[0-9a-f]{32,}(?![0-9a-z])")
_FRACTION = re.compile(r"\d\.$")
_PROVINCES = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54}
_PROVINCES |= {61, 62, 63, 64, 65, 71, 81, 82, 83}
_LENGTH = 18


@dataclass(frozen=True)
class Hit:
    """An identifier in a text: what kind, where it begins and ends. Its value is shown only masked."""

    kind: Kind
    start: int
    end: int
    masked: str


def identifiers(text: str) -> list[Hit]:
    """Every identifier in the text, in order, none twice.

    Full-width digits count, and numbers inside longer strings of digits and letters; the decimals of a number and
    hexadecimal digests do not. A number with a broken check digit counts if it stands alone: a slip of the pen names
    a child as well.
    """
    plain = text.translate(_HALF_WIDTH)
    digests = [match.span() for match in _DIGEST.finditer(plain)]
    hits = [hit for hit in (*_numbers(plain), *_phones(plain)) if not any(a <= hit.start < b for a, b in digests)]
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def mask(text: str) -> str:
    """The text with the end of every identifier masked, for messages and logs."""
    for hit in reversed(identifiers(text)):
        text = text[: hit.start] + hit.masked + text[hit.end :]
    return text


def _numbers(text: str) -> Iterator[Hit]:
    for run in _DIGITS.finditer(text):
        if _FRACTION.search(text[max(0, run.start() - 2) : run.start()]):
            continue
        digits, at = run[0], 0
        while at + _LENGTH <= len(digits):
            start = run.start() + at
            letter = text[start - 1 : start].upper()
            if _is_number(digits[at : at + _LENGTH], letter, alone=len(digits) == _LENGTH):
                yield _hit(text, start, start + _LENGTH, letter)
                at += _LENGTH
            else:
                at += 1
    for match in _GROUPED.finditer(text):
        if _is_number(re.sub(r"\D(?=.)", "", match[0]), "", alone=True):
            yield _hit(text, match.start(), match.end(), text[match.start() - 1 : match.start()].upper())


def _is_number(number: str, letter: str, *, alone: bool) -> bool:
    if not number[:17].isdigit() or int(number[:2]) not in _PROVINCES or not _is_date(number[6:14]):
        return False
    return alone or letter == "L" or number[17].upper() == check_digit(number[:17])


def _is_date(digits: str) -> bool:
    try:
        return 1900 <= dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2100
    except ValueError:
        return False


def _hit(text: str, start: int, end: int, letter: str) -> Hit:
    if letter and letter in "GJL":
        return Hit("registry_number", start - 1, end, f"{letter}{text[start : start + 4]}…")
    return Hit("id_number", start, end, f"{text[start : start + 4]}…")


def _phones(text: str) -> Iterator[Hit]:
    for match in _PHONE.finditer(text):
        start, end = match.span(1)
        if not _FRACTION.search(text[max(0, start - 2) : start]):
            yield Hit("phone", start, end, f"{text[start : start + 3]}…")
