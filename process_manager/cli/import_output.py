"""What an author's module prints while it is imported: it goes to stderr, for stdout is data."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Final, TextIO

from process_manager.standard_streams import reopened

OUT: Final = 1
ERR: Final = 2


@contextmanager
def print_to_stderr() -> Iterator[None]:
    """Send what is printed to stderr, also by native code and by programs that are started meanwhile."""
    if sys.stdout is not None:
        sys.stdout.flush()
    with redirect_stdout(_stand_in()), _joined(OUT, ERR):
        yield


def _stand_in() -> TextIO:
    """Return a stream to stderr that a module may keep, close, wrap or detach, as scripts do to print UTF-8."""
    try:
        is_real = sys.stderr.fileno() == ERR
    except (AttributeError, OSError, ValueError):  # there is none, or it is none of the host's
        is_real = False
    if is_real:
        return reopened(ERR)
    return sys.stderr or io.StringIO()


@contextmanager
def be_silent() -> Iterator[None]:
    """Send nothing to stderr."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        with redirect_stderr(io.StringIO()), _joined(ERR, nowhere):
            yield
    finally:
        os.close(nowhere)


@contextmanager
def _joined(descriptor: int, target: int) -> Iterator[None]:
    """Let the descriptor write to where another does; leave it where one of them is closed, as in a service."""
    try:
        before = os.dup(descriptor)
    except OSError:
        yield
        return
    try:
        try:
            os.dup2(target, descriptor)
        except OSError:
            os.dup2(before, descriptor)
        yield
    finally:
        os.dup2(before, descriptor)
        os.close(before)
