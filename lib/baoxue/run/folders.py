"""Where kernels keep what passes: short folders for sockets, connection file, profile, log and temporary files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = "BAOXUE_KERNEL_FOLDER"
"""Environment variable: the short folder of a kernel's sockets, connection file, IPython profile and log."""

BASE = "BAOXUE_KERNELS"
"""Environment variable: the folder in which a run has its kernels' folders, so that a killed worker leaves none."""

_LONGEST_FOLDER = 60
"""A socket path may have 103 bytes (macOS; Linux 107); generated names, the socket and its number come behind."""


@contextmanager
def kernel_folder() -> Iterator[Path]:
    """A folder for one kernel, gone afterwards: nothing of the user's Jupyter and IPython is read or left changed."""
    with passing_folder(os.environ.get(BASE)) as name:
        os.environ[FOLDER] = name
        os.environ["IPYTHONDIR"] = str(Path(name) / "ipython")
        yield Path(name)


def passing_folder(base: str | None = None) -> tempfile.TemporaryDirectory[str]:
    """A folder with a short name that is gone afterwards, whatever was left in it."""
    return tempfile.TemporaryDirectory(prefix="bx", dir=base or short_folder(), ignore_cleanup_errors=True)


def short_folder() -> str:
    """The system's folder for passing things, or one with a shorter name where sockets in it would not fit."""
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= _LONGEST_FOLDER or os.name == "nt" else "/tmp"


def log_file() -> Path:
    """What the kernel prints past Jupyter: C libraries, a fault, the last words of a dead kernel."""
    return Path(os.environ[FOLDER]) / "kernel.log"
