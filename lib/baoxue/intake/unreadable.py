"""A file that cannot be read, and why."""

from __future__ import annotations


class Unreadable(Exception):
    """Why a file cannot be read: `reason` is an entry of the catalogue (`intake.file_...`), `values` fill it."""

    def __init__(self, reason: str, **values: object) -> None:
        self.reason, self.values = reason, {name: str(value) for name, value in values.items()}
        super().__init__(reason)
