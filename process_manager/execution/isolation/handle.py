"""A worker's handle on one child process: what is sent to it, what it says and prints, and its end."""

from __future__ import annotations

import json
import secrets
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from process_manager.execution.isolation import protocol
from process_manager.execution.isolation.output import Output
from process_manager.execution.isolation.process_tree import ProcessTree
from process_manager.lifecycle.evidence import Evidence

Message = dict[str, Any]

_BOOT: Final = (
    "import json, sys; line = open(0, 'rb', buffering=0, closefd=False).readline() or sys.exit()\n"
    "sys.path[:] = json.loads(line)\n"
    "from process_manager.execution.isolation.child_main import main; main()"
)
"""Finds what the worker finds, however it was started; reads no byte more than the first line."""


class Child:
    """A child process; a thread hears what it says, and posts evidence at once."""

    def __init__(self, start: Mapping[str, object], post: Callable[[Evidence], None], *, folder: Path) -> None:
        mark = f"\0{secrets.token_hex(16)}\0"  # nothing that a step prints by chance
        self.is_ready = False  # set once it said so
        self.silence = "closed its pipe to the worker"  # why it is heard no more while it lives
        self._post = post
        self._said: SimpleQueue[Message] = SimpleQueue()
        self._tree = ProcessTree([sys.executable, *_flags(), "-c", _BOOT], folder=folder)
        self._sending = threading.Lock()
        self.output = Output(self._tree.output, mark.encode("ascii"))
        self._listener = threading.Thread(target=self._hear, name="child-listener", daemon=True)
        self._listener.start()
        self._write(lambda requests: protocol.write_line(requests, json.dumps(_path(folder))))
        self.send({**start, "mark": mark})

    def send(self, message: Mapping[str, object]) -> None:
        """Tell the child; nothing happens when it is dead, which shows by itself."""
        self._write(lambda requests: protocol.write(requests, message))

    def _write(self, write: Callable[[int], None]) -> None:
        with self._sending, suppress(OSError, ValueError):  # the pipe is broken, or closed
            write(self._tree.requests())

    def heard(self, *, seconds: float) -> Message | None:
        """Return the child's next message; None when none came in time."""
        try:
            return self._said.get(timeout=seconds)
        except Empty:
            return None

    def is_alive(self) -> bool:
        """Return whether it can still answer."""
        return self._listener.is_alive() and not self._tree.has_ended()

    def kill(self) -> int:
        """End it and all that it started, and return its exit code."""
        code = self._tree.kill()
        if self._sending.acquire(timeout=1):  # only a copy of it that got away can keep a sender waiting
            self._tree.close_requests()
            self._sending.release()
        return code

    def hear_out(self, *, seconds: float) -> None:
        """Hear the rest of what it said before its end."""
        self._listener.join(seconds)

    def has_ended(self) -> bool:
        """Return whether its process has ended by itself, or was killed."""
        return self._tree.has_ended()

    def _hear(self) -> None:
        with self._tree.answers as answers:
            try:
                for line in answers:
                    if not line.endswith(b"\n"):
                        return  # its end came in the middle of a line
                    self._take(protocol.read(line))
            except ValueError as problem:
                self.silence = f"sent nonsense: {problem}"

    def _take(self, message: Message) -> None:
        if "evidence" in message:
            self._post(protocol.evidence_from(message["evidence"]))
        else:
            self._said.put(message)


def _path(folder: Path) -> list[str]:
    """Return where the worker finds modules; a step may change the working directory, which the child shares."""
    return [part or str(folder) for part in sys.path]


def _flags() -> list[str]:
    return ["-X", "utf8"] if sys.flags.utf8_mode else []
