"""What all threads of a program share and a step may change: working folder, standard streams, log."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final, TextIO

import structlog

from process_manager import logs
from process_manager.execution.held_step import HeldStep
from process_manager.standard_streams import reopened

log = logs.get(__name__)

OURS: Final = "process_manager"

EVERY: Final = 1.0
"""Seconds between two looks at how the log is set up."""


class SharedState:
    """The program as it was before any step; what steps leave changed is put back once none of them may need it.

    A step may change the folder for a while and change it back itself. So nothing is put back before all have ended
    that ran when the change was first seen.
    """

    def __init__(self, *, is_ours: bool) -> None:
        """`is_ours` when nobody but this program's worker sets streams and log."""
        self._is_ours = is_ours and sys.stdout is not None and sys.stderr is not None
        self._folder = _folder()
        self._streams = (sys.stdout, sys.stderr)
        self._handlers = logging.root.handlers[:]
        self._set_up = _set_up() if self._is_ours else (0, 0, {})  # a direct call takes note of the folder alone
        self._set_up_at = 0.0  # when it is looked at, by the monotonic clock: it costs more to ask for
        self._seen: tuple[object, ...] | None = None  # how it was changed when that was seen first
        self._among: list[int] = []  # the processes whose steps may have done it
        self._awaited: list[HeldStep] = []

    def look(self, held: Iterable[HeldStep]) -> None:
        """Look whether steps that ended have changed anything. It is on the way of every step: no call but its own."""
        try:
            folder = os.getcwd()  # noqa: PTH109 - a fifth of the time that Path.cwd takes, and only compared
        except OSError:
            folder = ""  # it was removed
        if folder == self._folder:
            out, err = self._streams
            if not self._is_ours or (
                (sys.stdout is out and sys.stderr is err and not (out.closed or err.closed))
                and (logging.root.handlers == self._handlers or self._has_its_handlers())
                and (time.monotonic() < self._set_up_at or self._is_set_up())
            ):
                self._seen = None
                return
        self._changed(folder, held)

    def _has_its_handlers(self) -> bool:
        """Return whether only other handlers came along; those may stay."""
        is_more = all(each in logging.root.handlers for each in self._handlers)
        if is_more:
            self._handlers = logging.root.handlers[:]
        return is_more

    def _is_set_up(self) -> bool:
        self._set_up_at = time.monotonic() + EVERY
        return _set_up() == self._set_up

    def _changed(self, folder: str, held: Iterable[HeldStep]) -> None:
        self._set_up_at = 0.0
        found = (folder, sys.stdout, sys.stderr, *logging.root.handlers)
        if found != self._seen:
            self._awaited = [held for held in held if held.started is not None and not held.is_isolated]
            self._seen, self._among = found, [held.claim.id for held in self._awaited]
        self._awaited = [held for held in self._awaited if not held.answered]
        if not self._awaited:
            self._put_back(folder)

    def _put_back(self, folder: str) -> None:
        if self._is_ours:
            self._put_back_log()
        if folder != self._folder:
            with suppress(OSError):
                os.chdir(self._folder)
        log.warning("shared_state.restored", process_ids=self._among, folder=self._folder, was=folder)
        self._seen = None

    def _put_back_log(self) -> None:
        sys.stdout, sys.stderr = self._streams = (_reopened(self._streams[0], 1), _reopened(self._streams[1], 2))
        root = logging.root
        root.handlers[:] = self._handlers
        level, disabled, events = self._set_up
        root.setLevel(level)
        logging.disable(disabled)
        structlog.configure(**events)
        for name in tuple(root.manager.loggerDict):
            if name.split(".", maxsplit=1)[0] == OURS:
                logging.getLogger(name).disabled = False


def _folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - as above
    except OSError:
        return ""


def _set_up() -> tuple[int, int, dict[str, Any]]:
    """Return the level of the log, what is disabled, and how events become its lines."""
    events = structlog.get_config()
    return logging.root.level, logging.root.manager.disable, events | {"processors": [*events["processors"]]}


def _reopened(stream: TextIO, number: int) -> TextIO:
    """Return the stream, opened anew if it was closed: closing Python's own leaves their descriptors open."""
    if not stream.closed:
        return stream
    return reopened(number)
