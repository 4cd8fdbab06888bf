"""The warm parent: a process that has imported the heavy packages once and forks a kernel for each request.

A request is one message with four open files: the client's line to its kernel, and the kernel's streams. On the line
the parent says `{"pid": …}`, and `{"exit": code}` when the kernel ends; a client that closes the line, or dies, ends
its kernel. When nobody is left to make requests and no kernel runs, the parent removes its folder and ends. A parent
that is killed takes all of its kernels with it.

It forks with one thread only: a thread of a library would not be there in the child, but its locks would.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import shutil
import signal
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

from baoxue.run.warmth import Launch, become, warm

_STREAMS = 3
_LONGEST = 1 << 20


@dataclass
class Parent:
    """The loop: takes requests, forks, says how kernels ended."""

    requests: socket.socket
    wakes: socket.socket
    ended: socket.socket
    ear: selectors.BaseSelector
    is_asked: bool = True
    lines: dict[int, socket.socket] = field(default_factory=dict)
    """The line to the client of each kernel, by the kernel's process."""

    def serve(self) -> Launch | None:
        """In the parent None, once nobody can make a request and no kernel runs; in a fork, what it becomes."""
        while self.is_asked or self.lines:
            for key, _ in self.ear.select():
                if key.fileobj is self.wakes:
                    self._reap()
                elif key.fileobj is not self.requests:
                    self._left(key.data)
                elif launch := self._asked():
                    return launch
        return None

    def _asked(self) -> Launch | None:
        message, files, _, _ = socket.recv_fds(self.requests, _LONGEST, 1 + _STREAMS)
        if message:
            return self._fork(Launch(**json.loads(message)), files)
        self.ear.unregister(self.requests)
        self.is_asked = False
        return None

    def _fork(self, launch: Launch, files: list[int]) -> Launch | None:
        line = socket.socket(fileno=files[0])
        threads = len(list(Path("/proc/self/task").iterdir()))
        child = os.fork() if threads == 1 else -1
        if child == 0:
            self._close(line)
            _take(files[1:])
            return launch
        for file in files[1:]:
            os.close(file)
        if child < 0:
            _tell(line, {"refused": f"{threads} threads"})
            line.close()
            return None
        self.lines[child] = line
        self.ear.register(line, selectors.EVENT_READ, child)
        _tell(line, {"pid": child})
        return None

    def _close(self, line: socket.socket) -> None:
        """In a fork: nothing of the parent's stays open."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.ear.close()
        for place in (self.requests, self.wakes, self.ended, line, *self.lines.values()):
            place.close()

    def _left(self, child: int) -> None:
        """The client of a kernel closed the line: nobody can speak with the kernel any more."""
        if child in self.lines:
            self.ear.unregister(self.lines[child])
            _kill(child)

    def _reap(self) -> None:
        self.wakes.recv(4096)
        while self.lines:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return
            # what a kernel started goes with it; as long as it is not waited for, the group's number is its own
            _kill(ended.si_pid)
            _, status = os.waitpid(ended.si_pid, 0)
            line = self.lines.pop(ended.si_pid)
            _tell(line, {"exit": os.waitstatus_to_exitcode(status)})
            if line.fileno() in self.ear.get_map():
                self.ear.unregister(line)
            line.close()


def _tell(client: socket.socket, message: dict[str, object]) -> None:
    """A message to a client, which may have gone."""
    try:
        client.sendall(json.dumps(message).encode() + b"\n")
    except OSError:
        return


def _kill(child: int) -> None:
    """A kernel and what it started, gone. Between the fork and its own session it is alone."""
    for end in (os.killpg, os.kill):
        try:
            end(child, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _take(files: list[int]) -> None:
    """The files of a request as this process's standard streams."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)


def main(requests: int, folder: str) -> None:
    """Warm up and serve; a request that comes earlier waits. The folder of the kernels' sockets goes at the end."""
    atexit.register(_leave)
    # as ipykernel_launcher does: a kernel imports from its own folder, not from where it was started
    if Path(sys.path[0]) == Path.cwd():
        del sys.path[0]
    warm()
    parent = os.getpid()
    launch = _parent(socket.socket(fileno=requests)).serve()
    if launch is not None:
        become(launch, parent)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _leave() -> None:
    """Registered first, so called last: to take apart all that was imported would only cost time and memory."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _parent(requests: socket.socket) -> Parent:
    wakes, ended = socket.socketpair()
    ended.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(ended.fileno())
    ear = selectors.DefaultSelector()
    ear.register(requests, selectors.EVENT_READ)
    ear.register(wakes, selectors.EVENT_READ)
    return Parent(requests, wakes, ended, ear)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
