"""Kernels that cannot steal each other's ports, and what they print past Jupyter kept for when they die."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager

FOLDER = "BAOXUE_KERNEL_FOLDER"
"""Environment variable: the short folder of a kernel's sockets, connection file, IPython profile and log."""

BASE = "BAOXUE_KERNELS"
"""Environment variable: the folder in which a run has its kernels' folders, so that a killed worker leaves none."""

_LONGEST_FOLDER = 60
"""A socket path may have 103 bytes (macOS; Linux 107); a generated name, the socket and its number come behind."""


class QuietKernelManager(AsyncKernelManager):
    """A kernel on sockets of the file system, in the folder that FOLDER names; on Windows on local ports."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        folder = Path(os.environ[FOLDER])
        self.connection_file = str(folder / "k.json")
        if os.name != "nt":
            self.transport = "ipc"
            self.ip = str(folder / "k")

    async def _async_launch_kernel(self, kernel_cmd: list[str], **settings: Any) -> None:
        with log_file().open("ab") as log:
            await super()._async_launch_kernel(kernel_cmd, stdout=log, stderr=log, **settings)


@contextmanager
def kernel_folder() -> Iterator[Path]:
    """A folder for one kernel, gone afterwards: nothing of the user's Jupyter and IPython is read or left changed."""
    base = os.environ.get(BASE) or short_folder()
    with tempfile.TemporaryDirectory(prefix="bx", dir=base, ignore_cleanup_errors=True) as name:
        os.environ[FOLDER] = name
        os.environ["IPYTHONDIR"] = str(Path(name) / "ipython")
        yield Path(name)


def short_folder() -> str:
    """The system's folder for passing things, or one with a shorter name where sockets in it would not fit."""
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= _LONGEST_FOLDER or os.name == "nt" else "/tmp"


def log_file() -> Path:
    """What the kernel prints past Jupyter: C libraries, a fault, the last words of a dead kernel."""
    return Path(os.environ[FOLDER]) / "kernel.log"
