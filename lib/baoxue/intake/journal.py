"""Writing at one stroke: everything of a drop is laid aside, and one rename makes it part of the store.

`.incoming` holds what is being written, `.committed` what has been decided and waits to be moved into place. Whoever
opens the store next finishes a commit that was interrupted; what was never committed is swept away by the next writer.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from baoxue.intake import IntakeError

INCOMING, COMMITTED, LOCK, ACCOUNT = ".incoming", ".committed", ".lock", "intake.json"
IDENTITY = "identity"
_PAUSE = 0.1
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_NO_RIGHT = {errno.EROFS, errno.EACCES, errno.EPERM}


class Writer:
    """The right to write to a store, held by one process at a time; a context manager.

    Files are laid aside with `place`, and become part of the store with `commit`; leaving without it changes nothing.
    Raises IntakeError if the store cannot be written, or if another intake holds it for longer than `wait` seconds
    (`on_wait` is called once when waiting begins).
    """

    def __init__(self, store: Path, *, wait: float = 0.0, on_wait: Callable[[], None] | None = None) -> None:
        self.store, self._wait, self._on_wait = store, wait, on_wait
        self._lock: IO[str] | None = None

    def __enter__(self) -> Writer:
        try:
            self.store.mkdir(parents=True, exist_ok=True)
            self._lock = (self.store / LOCK).open("a+", encoding="ascii")
            self._acquire(self._lock)
            roll_forward(self.store)
            shutil.rmtree(self.store / INCOMING, ignore_errors=True)
            _private(self.store / INCOMING)
        except BaseException as error:
            self._release()
            if isinstance(error, OSError):
                raise plainly(error, self.store) from error
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.store / INCOMING, ignore_errors=True)
        self._release()
        if isinstance(error, OSError) and error.errno in _NO_ROOM | _NO_RIGHT:
            raise plainly(error, self.store) from error

    @property
    def workshop(self) -> Path:
        """A folder for what is needed on the way; it vanishes in the end."""
        return _private(self.store / INCOMING / "workshop")

    def place(self, name: str) -> Path:
        """Where to write the file that will be `name` in the store, laid aside until the commit."""
        file = self.store / INCOMING / "ready" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        return file

    def laid_aside(self, folder: str) -> list[Path]:
        """The files of a folder of the store that are laid aside so far."""
        return sorted((self.store / INCOMING / "ready" / folder).glob("*.parquet"))

    def commit(self, account: list[dict[str, object]]) -> None:
        """Make what was laid aside part of the store, together with the new account of all drops."""
        text = json.dumps(account, ensure_ascii=False, indent=1)
        self.place(ACCOUNT).write_text(text + "\n", encoding="utf-8")
        ready = self.store / INCOMING / "ready"
        for file in _files(ready):
            _restrict(file, ready)
            _flush(file)
        ready.rename(self.store / COMMITTED)
        roll_forward(self.store)

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _acquire(self, lock: IO[str]) -> None:
        until, announced = time.monotonic() + self._wait, False
        while not _try_lock(lock):
            if time.monotonic() >= until:
                raise IntakeError("locked", store=self.store)
            if not announced and self._on_wait is not None:
                self._on_wait()
            announced = True
            time.sleep(_PAUSE)


def roll_forward(store: Path) -> None:
    """Move what has been committed into place, the account last; nothing to do if nothing was interrupted.

    Several processes may do it at once. A store that cannot be written is left as it is: readers look in both places.
    """
    committed = store / COMMITTED
    for file in sorted(_files(committed), key=lambda f: f.name == ACCOUNT):
        to = store / file.relative_to(committed)
        try:
            _home(to, store)
            file.replace(to)
        except FileNotFoundError:
            continue
        except OSError as error:
            if error.errno in _NO_RIGHT:
                return
            raise
    _remove_empty(committed)


def _remove_empty(folder: Path) -> None:
    """Remove a folder of empty folders; one that somebody has filled meanwhile with the next commit stays."""
    for inner, _, _ in os.walk(folder, topdown=False):
        with suppress(OSError):
            Path(inner).rmdir()


def _home(file: Path, store: Path) -> None:
    if file.relative_to(store).parts[0] == IDENTITY:
        _private(store / IDENTITY)
    file.parent.mkdir(parents=True, exist_ok=True)


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _restrict(file: Path, ready: Path) -> None:
    if file.relative_to(ready).parts[0] == IDENTITY:
        file.chmod(0o600)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []


def _flush(file: Path) -> None:
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())


def _try_lock(lock: IO[str]) -> bool:
    """Take the lock, which the system gives back when this process ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            lock.seek(0)
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def plainly(error: OSError, store: Path) -> IntakeError:
    """What the system's refusal to write means for a clerk."""
    if error.errno in _NO_ROOM:
        return IntakeError("disk_full", store=store)
    return IntakeError("not_writable", store=store, why=error.strerror or type(error).__name__)
