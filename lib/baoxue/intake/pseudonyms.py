"""Pseudonyms: keyed, stable, and without digits, so that none can be mistaken for an identity number or a telephone."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from baoxue.intake import IntakeError

KEY_VARIABLE = "BAOXUE_KEY"
_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjkmnpqrtvw")
_LENGTH = 20
_SHORTEST_KEY = 16
_NEW_KEY = 32
_REMEMBERED = 400_000


def read_key(file: str | Path | None = None) -> bytes:
    """The key that pseudonyms are made with: the content of a file, else of the variable BAOXUE_KEY.

    There is no default: the same key must be used for ever, or every child becomes somebody else. Raises IntakeError
    if there is none, it cannot be read, or it is shorter than 16 bytes.
    """
    if file is not None:
        try:
            key = Path(file).read_bytes().strip()
        except OSError as error:
            raise IntakeError("key_unreadable", file=file, why=error.strerror) from error
    else:
        key = os.environ.get(KEY_VARIABLE, "").strip().encode()
        if not key:
            raise IntakeError("key_missing", variable=KEY_VARIABLE)
    if len(key) < _SHORTEST_KEY:
        raise IntakeError("key_short", shortest=_SHORTEST_KEY)
    return key


def write_key(file: str | Path) -> None:
    """Write a new key, made by chance, to a file (mode 0600) that is not there yet.

    Raises IntakeError if the file is there, for it may hold a key in use, or cannot be written.
    """
    place = Path(file)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as key:
            key.write(secrets.token_hex(_NEW_KEY))
    except FileExistsError as error:
        raise IntakeError("key_there", file=place) from error
    except OSError as error:
        raise IntakeError("key_unwritten", file=place, why=error.strerror) from error


class Pseudonyms:
    """Makes pseudonyms with one key. The first letter says of what: p pupil, s duty-holder, r registry number,
    h household, c candidate, x an identifier inside a text."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.of = lru_cache(maxsize=_REMEMBERED)(self._of)
        """The pseudonym of an identifier, `of(letter, identifier)`: the letter and twenty consonants (80 bits)."""

    def digest(self, text: str) -> int:
        """A keyed 63-bit digest, by which two rows of identities can be compared and nothing else."""
        made = hmac.digest(self.key, f"digest|{text}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        return int.from_bytes(made[:8], "big") >> 1

    def _of(self, letter: str, identifier: str) -> str:
        made = hmac.digest(self.key, f"{letter}|{identifier}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        return letter + made.hex()[:_LENGTH].translate(_LETTERS)
