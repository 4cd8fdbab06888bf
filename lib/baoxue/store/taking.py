"""A county's drop folder taken into a store, all of it or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb

from baoxue.intake import IntakeError, places
from baoxue.intake.account import Account
from baoxue.intake.journal import Writer
from baoxue.intake.places import Found
from baoxue.intake.pseudonyms import Pseudonyms
from baoxue.intake.taking import Progress, Taking
from baoxue.store.folder import Store


def take_in(
    drop: str | Path,
    store: Store,
    *,
    key: bytes,
    arrived_on: dt.date,
    progress: Progress | None = None,
    wait: float = 0.0,
    on_wait: Callable[[], None] | None = None,
    workers: int = 2,
) -> Account:
    """Read a county's drop folder into a store, all of it or nothing, and account for every row.

    A file that cannot be read has its reason in the account (`account.failed`), and the others are taken in. What stops
    the whole drop raises IntakeError: no file of any source, another key than the store was made with, a store that
    cannot be written, a full disk, another intake that holds the store for longer than `wait` seconds.
    """
    drop = Path(drop)
    if store.path.resolve().is_relative_to(drop.resolve()):
        raise IntakeError("store_in_drop", store=store.path, drop=drop)
    writer = Writer(store.path, wait=wait, on_wait=on_wait)
    return _taken(lambda: places.files(drop), store, writer, key, arrived_on, progress, workers)


def take_answers_in(
    files: Sequence[str | Path], store: Store, *, key: bytes, arrived_on: dt.date, progress: Progress | None = None
) -> Account:
    """Read lists that schools hand back (files, or folders of them) into a store, as `take_in` reads them in 反馈/.

    A list that was changed, belongs to another school or is stale has its reason in the account, and the others are
    taken in; lists taken in before are all duplicates. Raises IntakeError as `take_in` does, and for a file or folder
    that is not there or holds no workbook.
    """
    if not store.account():
        raise IntakeError("feedback_no_store", store=store.path)
    found = places.answers([Path(file) for file in files])
    return _taken(lambda: found, store, Writer(store.path), key, arrived_on, progress, workers=2)


def _taken(
    find: Callable[[], list[Found]],
    store: Store,
    holding: Writer,
    key: bytes,
    arrived_on: dt.date,
    progress: Progress | None,
    workers: int,
) -> Account:
    with holding as writer:
        previous = store.account()
        check = _key_check(key, previous)
        known = [Account.from_dict(entry) for entry in previous]
        taking = Taking(find(), writer, store.everything(), known, key, arrived_on)
        try:
            account = taking.run(progress, workers)
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            raise IntakeError("disk_full", store=store.path) from error
        writer.commit([*previous, account.as_dict() | {"key_check": check}])
    return account


def _key_check(key: bytes, previous: Sequence[Mapping]) -> str:
    """A digest by which another key is noticed before it makes every child somebody else."""
    check = Pseudonyms(key).of("k", "the key of this store")
    if any(entry.get("key_check", check) != check for entry in previous):
        raise IntakeError("key_other")
    return check
