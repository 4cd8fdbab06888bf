"""Reading a county's drop folder: find the files, read, check, refuse with a reason, pseudonymise.

In reading order: `places` finds the files, `sheets` opens one, `headers` finds its header row, `numbers` and `kinds`
read a cell, `clean` and `people` a sheet, `reading` a file, `worker` and `pool` do so beside one another. `resolve`
brings persons, grades and dates together, `settle` tells new rows from duplicates and corrections, `identities` what
goes to the restricted tables. `quoting` and `excerpts` read refused rows once more, `refusals` says whose they are and
which a later drop answers, `returned` by which marks a row that came back is known. `door` checks what goes in,
`journal` puts it there at one stroke, `account` says what became of every row; `taking` leads a drop through all of it.
"""

from __future__ import annotations

from baoxue import words


class IntakeError(Exception):
    """Why a drop cannot be taken in, in words a clerk can act on: `str()` in English, `say(lang)` in either language.

    `key` is an entry of the catalogue's topic `intake`, `values` fill it.
    """

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values
        super().__init__(self.say("en"))

    def say(self, lang: str = "zh") -> str:
        """The message in a language."""
        return words.say(f"intake.{self.key}", lang, **self.values)
