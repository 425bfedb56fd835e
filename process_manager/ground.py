"""What all threads of a program share and a step may change: the working folder, the standard streams, the log."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Final, TextIO

from process_manager import logs
from process_manager.running import Job

log = logs.get(__name__)

OURS: Final = "process_manager"


class Ground:
    """The program as it was before any step; what steps leave changed is put back once none of them may need it.

    A step may change the folder for a while and change it back itself. So nothing is put back before all have ended
    that ran when the change was first seen. Streams and log are looked after only where this program set up its log.
    """

    def __init__(self) -> None:
        self._is_ours = logs.in_force() is not None
        self._folder = _folder()
        self._streams = (sys.stdout, sys.stderr)
        self._handlers = logging.root.handlers[:]
        self._levels = (logging.root.level, logging.root.manager.disable)
        self._seen: tuple[object, ...] | None = None  # how it was changed when that was seen first
        self._among: list[int] = []  # the processes whose steps may have done it
        self._awaited: list[Job] = []

    def look(self, held: Iterable[Job]) -> None:
        """Called when steps have ended, some of the held ones; costs two calls of the system while all is well."""
        folder = _folder()
        if folder == self._folder and (not self._is_ours or self._has_its_log()):
            self._seen = None
            return
        found = (folder, sys.stdout, sys.stderr, *logging.root.handlers)
        if found != self._seen:
            began = [job for job in held if job.started is not None and not job.is_apart]
            self._seen, self._among = found, [job.claim.id for job in began]
            self._awaited = began
        self._awaited = [job for job in self._awaited if not job.answered]
        if not self._awaited:
            self._put_back(folder)

    def _has_its_log(self) -> bool:
        root = logging.root
        if (sys.stdout, sys.stderr) != self._streams or any(_is_closed(stream) for stream in self._streams):
            return False
        if (root.level, root.manager.disable) != self._levels:
            return False
        if root.handlers == self._handlers:
            return True
        is_more = all(each in root.handlers for each in self._handlers)
        if is_more:
            self._handlers = root.handlers[:]
        return is_more

    def _put_back(self, folder: str) -> None:
        if self._is_ours:
            self._put_back_log()
        if folder != self._folder:
            with suppress(OSError):
                os.chdir(self._folder)
        log.warning("surroundings.put_back", process_ids=self._among, folder=self._folder, was=folder)
        self._seen = None

    def _put_back_log(self) -> None:
        sys.stdout, sys.stderr = self._streams = (_reopened(self._streams[0], 1), _reopened(self._streams[1], 2))
        root = logging.root
        root.handlers[:] = self._handlers
        root.setLevel(self._levels[0])
        logging.disable(self._levels[1])
        for name in tuple(root.manager.loggerDict):
            if name.split(".", maxsplit=1)[0] == OURS:
                logging.getLogger(name).disabled = False


def _folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - a fifth of the time that Path.cwd takes, and only compared
    except OSError:
        return ""  # it was removed


def _is_closed(stream: TextIO | None) -> bool:
    return stream is not None and stream.closed


def _reopened(stream: TextIO, number: int) -> TextIO:
    """The stream; one that was closed anew, as closing Python's own leaves their descriptors open."""
    if not _is_closed(stream):
        return stream
    return open(number, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
