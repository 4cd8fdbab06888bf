"""The draft of a run: a hidden folder beside the final one, which gets its name only when it is whole."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from baoxue.run.earlier import JOURNAL, Finished, finished, journal

_FOLDERS = ("reports", "notebooks", "tables", "restricted")


def broken_off(folder: Path) -> Path | None:
    """The latest draft of a run that is no more; None if there is none."""
    drafts = [left for left in _drafts(folder) if not left.name.endswith("-earlier")]
    return max(drafts, key=lambda left: left.stat().st_mtime, default=None)


def begin(folder: Path, taken_up: Path | None, kept: Sequence[Finished]) -> Path:
    """The draft for a run of this process, with what is kept of the delivered run and of the draft that is taken up.

    What other runs left that are no more is cleared up.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.parent / f".{folder.name}.draft-{os.getpid()}"
    if taken_up:
        _reduce(taken_up, {file["file"] for one in kept if one.folder == taken_up for file in one.files})
        taken_up.rename(draft)
    _clear_up(folder, draft if taken_up else None)
    for name in _FOLDERS:
        (draft / name).mkdir(mode=0o700 if name == "restricted" else 0o755, parents=True, exist_ok=True)
    for one in kept:
        if one.folder == folder:
            one.copy(draft)
    journal(draft, kept)
    return draft


def leave(draft: Path, kept: Sequence[Finished]) -> None:
    """A run is broken off: the draft stays to be taken up if something has finished in it, else it goes."""
    if set(finished(draft)) <= {one.unit["name"] for one in kept}:
        shutil.rmtree(draft, ignore_errors=True)


def name(draft: Path, folder: Path) -> None:
    """Give the draft its final name, in place of an earlier run's folder."""
    (draft / JOURNAL).unlink(missing_ok=True)
    earlier = draft.with_name(f"{draft.name}-earlier")
    if folder.exists():
        folder.rename(earlier)
    draft.rename(folder)
    if earlier.exists():
        shutil.rmtree(earlier)


def _drafts(folder: Path) -> list[Path]:
    """What is left of runs that are no more; this process has only one at a time."""
    found = [
        (left, re.search(r"-(\d+)(-earlier)?$", left.name)) for left in folder.parent.glob(f".{folder.name}.draft-*")
    ]
    return [left for left, process in found if process and not _is_of_another(int(process[1]))]


def _clear_up(folder: Path, but: Path | None) -> None:
    """An earlier run's folder comes back if it was moved aside, drafts go."""
    for left in _drafts(folder):
        if left.name.endswith("-earlier") and not folder.exists():
            left.rename(folder)
        elif left != but:
            shutil.rmtree(left)


def _reduce(draft: Path, kept: set[str]) -> None:
    for file in [file for file in draft.rglob("*") if file.is_file()]:
        if file.relative_to(draft).as_posix() not in kept:
            file.unlink()


def _is_of_another(process: int) -> bool:
    """Whether another process of that number runs; Windows cannot tell."""
    if process == os.getpid() or os.name == "nt":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
