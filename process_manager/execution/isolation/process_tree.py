"""A process started as the root of a tree that can be killed whole.

POSIX: a session of its own, and its process group is killed; on Linux whatever else descends from it, too. What made a
session of its own and whose parent has ended is not found any more. Windows: a job object, which nothing leaves, and
which kills what is in it when the worker ends however it does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from process_manager.execution.isolation import job_objects


class ProcessTree:
    """A process with its pipes; it gets no other descriptor or handle of the worker's, as is subprocess's default."""

    def __init__(self, arguments: Sequence[str], *, folder: Path) -> None:
        self._killing = threading.Lock()  # two may give a step up at once
        self._job = job_objects.job()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            arguments,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=sys.platform != "win32",  # Ctrl-C in the console is the worker's
            creationflags=job_objects.FLAGS,
        )
        self._requests = cast(IO[bytes], self._process.stdin)
        self.answers = cast(IO[bytes], self._process.stdout)
        self.output = cast(IO[bytes], self._process.stderr)
        self._confine()

    def _confine(self) -> None:
        if self._job is None:
            return
        try:
            self._job.take(self._process.pid)
        except BaseException:
            self._process.kill()
            raise

    def close_requests(self) -> None:
        """Close its standard input, which ends it if it still lives."""
        with suppress(OSError):
            self._requests.close()

    def requests(self) -> int:
        """Return the descriptor of its standard input; raise ValueError once that is closed."""
        return self._requests.fileno()

    def has_ended(self) -> bool:
        """Return whether the root has ended; it is not reaped yet, so that no other process can have got its id."""
        if self._process.returncode is not None:
            return True
        if sys.platform != "win32" and hasattr(os, "waitid"):
            try:
                return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
            except ChildProcessError:
                return True
        return self._process.poll() is not None

    def kill(self) -> int:
        """Kill whatever of the tree still lives, and return the exit code of its root."""
        with self._killing:
            if self._process.returncode is None:
                self._kill()
                self._process.wait()
            return self._process.returncode

    def _kill(self) -> None:
        if self._job is None:
            kill_group(self._process.pid)
        else:
            self._job.kill()


def kill_own() -> None:
    """End this process and all that it started: it is the root of a tree."""
    kill_group(os.getpid())
    os._exit(1)  # on Windows the job object takes the others, as it closes with the worker


def kill_group(leader: int) -> None:
    """Kill a process group and, on Linux, what descends from its leader."""
    if sys.platform != "win32":
        others = _below(leader) - {os.getpid()}
        for pid in others:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with suppress(OSError):
            os.killpg(leader, signal.SIGKILL)


def _below(root: int) -> set[int]:
    """Return the descendants of a process, where /proc lists them."""
    by_parent: dict[int, list[int]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError):
            parent = int(file.read_bytes().rpartition(b")")[2].split()[1])
            by_parent.setdefault(parent, []).append(int(file.parent.name))
    found: set[int] = set()
    ahead = [root]
    while ahead:
        new = by_parent.get(ahead.pop(), [])
        found.update(new)
        ahead += new
    return found
