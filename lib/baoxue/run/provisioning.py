"""The provisioner `baoxue`: a kernel forked from the warm parent where that can be done, else a plain one.

It serves every client of Jupyter unchanged: papermill, nbval, JupyterLab. The sockets of its kernels are files in a
short folder, so that no kernel can take another's port.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import LocalProvisioner

from baoxue.remembered import MEMORY
from baoxue.run.folders import short_folder
from baoxue.run.parents import HANDED_DOWN, ColdError, Forked, can_fork, parent_for
from baoxue.run.warmth import Launch

_KERNEL = ["-m", "ipykernel_launcher"]
_POLL_S = 0.01


class Provisioner(LocalProvisioner):
    """Starts kernels for jupyter_client; one that is forked is handled as a process of its own from then on."""

    parent: Any
    process: Any = None
    _folder: Path | None = None

    async def pre_launch(self, **settings: Any) -> dict[str, Any]:
        """The settings of the launch, with the kernel's sockets in the file system unless they have a place already."""
        manager, environment = self.parent, settings.get("env") or dict(os.environ)
        environment.pop(HANDED_DOWN, None)
        parents = parent_for(environment).folder if can_fork() else None
        if parents:
            # notebooks of one parent ask the county the same question once
            environment.setdefault(MEMORY, str(parents / "memory"))
        if self._folder is None and manager.transport == "tcp" and os.name != "nt":
            self._folder = Path(tempfile.mkdtemp(prefix="bx", dir=parents or short_folder()))
            by_files(manager, self._folder)
        return await super().pre_launch(**{**settings, "env": environment})

    async def launch_kernel(self, cmd: list[str], **settings: Any) -> KernelConnectionInfo:
        """Start the kernel: forked if it is one of this Python and a warm parent will, else as a new process."""
        if can_fork() and cmd[:3] == [sys.executable, *_KERNEL] and not settings.get("independent"):
            try:
                # a parent that is still warming up would hold up the loop of a server
                forked = await asyncio.to_thread(_fork, cmd[3:], settings)
            except ColdError as error:
                self.log.warning("a plain kernel, because the warm parent forks none: %s", error)
            else:
                self.process, self.pid, self.pgid = forked, forked.pid, forked.pid
                self.cwd = settings.get("cwd") or Path.cwd()
                return self.connection_info
        return await super().launch_kernel(cmd, **settings)

    async def wait(self) -> int | None:
        """The exit code, as soon as there is one."""
        while self.process and self.process.poll() is None:
            await asyncio.sleep(_POLL_S)
        return await super().wait()

    async def cleanup(self, restart: bool = False) -> None:
        """Nothing of the kernel is left, unless it is to start again."""
        await super().cleanup(restart)
        if self._folder and not restart:
            shutil.rmtree(self._folder, ignore_errors=True)


def by_files(manager: KernelManager, folder: Path) -> None:
    """Let a kernel's sockets be files in a folder, whose name must be short."""
    manager.transport = "ipc"
    manager.ip = str(folder / "k")


def _fork(arguments: list[str], settings: dict[str, Any]) -> Forked:
    launch = Launch(arguments, str(settings.get("cwd") or Path.cwd()), settings["env"])
    with Path(os.devnull).open("rb") as nothing:
        given = [settings.get(name) for name in ("stdin", "stdout", "stderr")]
        streams = [_number(stream, usual) for stream, usual in zip(given, (nothing.fileno(), 1, 2), strict=True)]
        return parent_for(launch.environment).fork(launch, streams)


def _number(stream: Any, usual: int) -> int:
    """The open file of a stream; ColdError if it is to be a pipe, which only a new process can be given."""
    if stream is None:
        return usual
    number = stream if isinstance(stream, int) else stream.fileno()
    if number < 0:
        raise ColdError("its streams are pipes")
    return number
