"""Warm parents, seen from those who want kernels: one started when the first kernel is asked for, one handed down."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from baoxue import policy
from baoxue.run.folders import BASE, short_folder
from baoxue.run.warmth import Launch

SWITCH = "BAOXUE_WARM"
"""Environment variable: 0 turns the warm parent off."""

HANDED_DOWN = "BAOXUE_WARM_PARENT"
"""Environment variable: the open file on which the warm parent of a run takes the requests of its workers."""

_AT_START = ("PYTHON", "LD_", "LANG", "LC_", "MPL")
"""Beginnings of the names of variables that Python and its libraries read only when they start or are imported."""

_LONGEST_ANSWER = 4096


class ColdError(RuntimeError):
    """No kernel can be forked here; it says why."""


class Forked:
    """A forked kernel, with what `subprocess.Popen` offers of a process."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, line: socket.socket) -> None:
        self.pid, self._line = pid, line
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self._heard(0) if self.returncode is None else self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended; subprocess.TimeoutExpired if that takes longer."""
        code = self._heard(timeout) if self.returncode is None else self.returncode
        if code is None:
            raise subprocess.TimeoutExpired(["kernel"], timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal; nothing happens if it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _heard(self, timeout: float | None) -> int | None:
        self._line.settimeout(timeout)
        try:
            told = self._line.recv(_LONGEST_ANSWER)
        except (TimeoutError, BlockingIOError):
            return None
        # a parent that was killed says nothing more, and has taken its kernels with it
        self.returncode = json.loads(told)["exit"] if told else -signal.SIGKILL
        self._line.close()
        return self.returncode


class WarmParent:
    """A process that forks kernels, and the folder in which their sockets lie until it ends."""

    def __init__(self, requests: socket.socket, folder: Path, process: subprocess.Popen | None = None) -> None:
        self.requests, self.folder, self._process = requests, folder, process

    @classmethod
    def started(cls, environment: Mapping[str, str], folder: Path) -> WarmParent:
        """A new one, which ends after this process and those it is handed down to, and then removes the folder."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "baoxue.run.forking", str(theirs.fileno()), str(folder)],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=dict(environment),
                start_new_session=True,
            )
        return cls(ours, folder, process)

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked; one that was handed down is only known to be there by asking."""
        return self._process is None or self._process.poll() is None

    def fork(self, launch: Launch, streams: Sequence[int]) -> Forked:
        """A kernel, with its three streams; ColdError if the parent is gone or will not fork."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                socket.send_fds(self.requests, [json.dumps(vars(launch)).encode()], [theirs.fileno(), *streams])
            told = json.loads(ours.recv(_LONGEST_ANSWER) or '{"refused": "it has ended"}')
        except OSError as error:
            raise ColdError(str(error)) from error
        if "pid" not in told:
            raise ColdError(str(told["refused"]))
        return Forked(int(told["pid"]), ours)

    def leave(self) -> None:
        """Ask nothing more: it ends when its last kernel has."""
        self.requests.close()

    def close(self) -> None:
        """Ask nothing more, and wait until it has ended."""
        self.leave()
        if self._process:
            self._process.wait()


def can_fork() -> bool:
    """Whether kernels are forked here: on Linux, unless the switch is off."""
    return sys.platform == "linux" and os.environ.get(SWITCH) != "0"


def parent_for(environment: Mapping[str, str]) -> WarmParent:
    """The warm parent for a kernel with this environment: the one handed down, or this process's own.

    Another takes its place when the package was edited since, or when the environment differs in what Python and its
    libraries read only at their start.
    """
    if HANDED_DOWN in os.environ:
        return _handed_down(int(os.environ[HANDED_DOWN]), os.environ[BASE])
    needs = (_edited(), {name: value for name, value in environment.items() if name.startswith(_AT_START)})
    if _own and _own[0][0] == needs and _own[0][1].is_alive:
        return _own[0][1]
    for _, parent in _own:
        parent.leave()
    folder = Path(tempfile.mkdtemp(prefix="bx", dir=short_folder()))
    _own[:] = [(needs, WarmParent.started(environment, folder))]
    return _own[0][1]


_own: list[tuple[object, WarmParent]] = []


@cache
def _handed_down(requests: int, folder: str) -> WarmParent:
    return WarmParent(socket.socket(fileno=requests), Path(folder))


def _edited() -> tuple[int, int]:
    """How many files the package and the county's settings have, and when the latest was written."""
    places = (Path(__file__).parents[1].rglob("*.*"), (policy.ROOT / "params" / "policy").glob("*.yaml"))
    times = [file.stat().st_mtime_ns for found in places for file in found if file.suffix in (".py", ".yaml")]
    return len(times), max(times)
