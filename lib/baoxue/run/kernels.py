"""The kernels of a run: in a folder of their own, told from the first message whether they are ready, gone at once."""

from __future__ import annotations

import os
import time
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from baoxue.run.folders import FOLDER, log_file
from baoxue.run.provisioning import Provisioner, by_files


class PromptClient(AsyncKernelClient):
    """A client that waits for the kernel's own word that it is idle, not for a silence."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return when the kernel answers and its outputs are heard; RuntimeError if it dies or does not in time."""
        until = time.monotonic() + (timeout or float("inf"))
        while not await self._answers(self.kernel_info()):
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > until:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    async def _answers(self, asked: str) -> bool:
        """Whether within a second the request has its reply and everything published because of it has been heard."""
        try:
            while (await self.get_shell_msg(timeout=1))["parent_header"].get("msg_id") != asked:
                continue
            while not _says_idle(await self.get_iopub_msg(timeout=1), asked):
                continue
        except Empty:
            return False
        return True


def _says_idle(message: dict[str, Any], asked: str) -> bool:
    about = message["parent_header"].get("msg_id") == asked
    return about and message["content"].get("execution_state") == "idle"


class QuietKernelManager(AsyncKernelManager):
    """A kernel by the provisioner of this package, with all it leaves lying in the folder that FOLDER names."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.client_class = f"{__name__}.{PromptClient.__name__}"
        folder = Path(os.environ[FOLDER])
        self.connection_file = str(folder / "k.json")
        if os.name != "nt":
            by_files(self, folder)
        self.provisioner = Provisioner(kernel_spec=self.kernel_spec, parent=self)

    async def _async_launch_kernel(self, kernel_cmd: list[str], **settings: Any) -> None:
        environment = {**settings.pop("env"), "TMPDIR": str(log_file().parent)}
        with log_file().open("ab") as log:
            await super()._async_launch_kernel(kernel_cmd, env=environment, stdout=log, stderr=log, **settings)
