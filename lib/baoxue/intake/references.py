"""What the lists derive from the county's key: a password for each school, a reference for each pupil, a seal.

All follow from the key, so that a run made again gives the same and an answer can be checked; none tells the key or
the pseudonym.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Sequence

from baoxue.calendar import SchoolYear

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without characters that look alike on paper (0 o, 1 i l)."""


def password(key: bytes, school_code: str, as_of: dt.date) -> str:
    """The password of a school's lists: three times four characters (59 bits), new each school year.

    >>> len(password(b"0123456789abcdef", "3133000001", dt.date(2024, 11, 30)))
    14
    """
    made = _letters(key, f"list-password|{school_code}|{SchoolYear.of(as_of).first}", 12)
    return "-".join(made[start : start + 4] for start in (0, 4, 8))


def reference(key: bytes, pupil: str, as_of: dt.date) -> str:
    """What stands for a pupil on a list (编号): eight characters, new ones on each, so that lists cannot be joined.

    The pseudonym itself never stands beside a name outside the store.
    """
    return _letters(key, f"list-reference|{pupil}|{as_of.isoformat()}", 8).upper()


def seal(key: bytes, lines: Sequence[str]) -> str:
    """Thirty characters (148 bits) by which it is seen that these lines are those that the county wrote."""
    return _letters(key, "list-seal|" + "\n".join(lines), 30)


def _letters(key: bytes, text: str, length: int) -> str:
    number = int.from_bytes(hmac.digest(key, text.encode(), hashlib.sha256), "big")
    letters = []
    for _ in range(length):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    return "".join(letters)
