"""The standard streams, whatever the program was started with: `pythonw`, a service, `2>&-`, a full disk."""

from __future__ import annotations

import io
import os
import sys
import threading
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO, cast

import click

if TYPE_CHECKING:
    import logging

SYSLOG: Final = ("/dev/log", "/var/run/syslog")
"""Where the log of the platform listens: on Linux, on macOS."""

LOG_FILE: Final = "process-manager.log"
"""What takes its place in the working folder where none listens; on Windows where pywin32 is not installed."""


def complete() -> None:
    """Put something in the place of each standard stream that is not there, before any file is opened.

    Else the first file would get its number, the database's perhaps, and what is meant for stderr be written into it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            _occupy(number)
    sys.stdin = sys.stdin or _nowhere("r")
    sys.stdout = sys.stdout or _nowhere("w")
    sys.stderr = sys.stderr or Journal()


def _occupy(number: int) -> None:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)


def _nowhere(mode: str) -> TextIO:
    return cast(TextIO, Path(os.devnull).open(mode, encoding="utf-8"))


def say(text: str, *, nl: bool = True) -> None:
    """Tell the person something; a stderr that takes nothing more, as of a closed terminal, stops no work."""
    with suppress(OSError, ValueError):
        click.echo(text, err=True, nl=nl)


def is_stuck(stream: TextIO) -> bool:
    """Return whether what was written to the stream cannot leave it, as on a full disk."""
    try:
        stream.flush()
    except OSError:
        return True
    return False


def settle() -> None:
    """Send what cannot be written nowhere: at its end the interpreter would try again, and change the exit code."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(ValueError):  # closed, or none of the host's
            if is_stuck(stream):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class Journal(io.TextIOBase):
    """Stands for a stderr that is not there: each line goes to the log of the platform, or to a file."""

    def __init__(self, addresses: tuple[str, ...] = SYSLOG) -> None:
        self._addresses = addresses
        self._file = Path(LOG_FILE).absolute()  # now: the working folder may change
        self._lock = threading.RLock()
        self._is_writing = False
        self._rest = ""

    def writable(self) -> bool:
        """Return whether it takes text."""
        return True

    def write(self, text: str) -> int:
        """Take text; a line goes out once it has ended. What its own handler complains of is not taken."""
        with self._lock:
            if not self._is_writing:
                *lines, self._rest = (self._rest + text).split("\n")
                self._is_writing = True
                try:
                    for line in filter(str.strip, lines):
                        self._handler.handle(_record(line))
                finally:
                    self._is_writing = False
        return len(text)

    def close(self) -> None:
        """Let go of the log."""
        if "_handler" in self.__dict__:
            self._handler.close()
        super().close()

    @cached_property
    def _handler(self) -> logging.Handler:
        return _event_log() or _syslog(self._addresses) or _file(self._file)


def _record(line: str) -> logging.LogRecord:
    import logging

    level = logging.ERROR if line.startswith("Error:") else logging.INFO
    return logging.LogRecord("process-manager", level, "", 0, line, None, None)


def _event_log() -> logging.Handler | None:
    """Return the Event Log of Windows, where pywin32 is installed."""
    from importlib.util import find_spec

    if os.name != "nt" or find_spec("win32evtlogutil") is None:
        return None
    from logging.handlers import NTEventLogHandler

    return NTEventLogHandler("process-manager")


def _syslog(addresses: tuple[str, ...]) -> logging.Handler | None:
    from logging.handlers import SysLogHandler

    for address in filter(os.path.exists, addresses):
        with suppress(OSError):
            handler = SysLogHandler(address=address)
            handler.ident, handler.append_nul = f"process-manager[{os.getpid()}]: ", False
            return handler
    return None


def _file(path: Path) -> logging.Handler:
    """Return a log file with the sizes of that in logging.yaml, which may be the same: its writers must agree."""
    import logging

    from concurrent_log_handler import ConcurrentRotatingFileHandler

    try:
        handler = ConcurrentRotatingFileHandler(path, maxBytes=10_000_000, backupCount=10, encoding="utf-8")
    except OSError:  # nothing is left that could be told
        return logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s process-manager[%(process)d]: %(message)s"))
    return handler
