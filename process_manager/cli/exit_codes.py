"""The end of a call: an exit code and, in trouble, one line that says what to do."""

from __future__ import annotations

import errno
import io
import os
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from typing import Final, NoReturn

import click

from process_manager.cli import output_streams, warnings_shown
from process_manager.cli.root import root
from process_manager.cli.session import Session
from process_manager.errors import ProcessManagerError, UsageError
from process_manager.redaction import redact_text

INTERRUPTED: Final = 130
"""What shells give a program that Ctrl-C ended."""

LINE: Final = 600
"""Characters of an error that nobody foresaw: it may carry a whole statement."""

UNWRITABLE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""Of an error that names no file: stdout takes nothing more, for its disk is full or its terminal gone."""

PATIENCE: Final = 0.5
"""Seconds that idle threads are given to end by themselves."""


def run(arguments: Sequence[str]) -> int:
    """Run one call and return its exit code; whatever it had to say is on stdout and stderr by then."""
    _speak_utf8()
    session = Session()
    try:
        words = [_spelled(each) for each in arguments]
        with warnings_shown.heard(session), root.make_context("process-manager", words, obj=session) as context:
            root.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except (KeyboardInterrupt, click.Abort):
        output_streams.say("Stopped.")
        return INTERRUPTED
    except Exception as problem:  # noqa: BLE001 - the top of the command line: a person never meets a traceback unasked
        return _end_quietly() if _is_broken_pipe(problem) else _tell(problem, debug=session.debug)
    return 0


def _speak_utf8() -> None:
    """Windows gives a redirected program its old code page, in which half of the office's names cannot be written."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _spelled(argument: str) -> str:
    """Return the argument, read as UTF-8 where the host's locale could not read it."""
    if argument.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in argument):
        return argument
    try:
        return os.fsencode(argument).decode("utf-8")
    except UnicodeError:
        raise UsageError(problem=f"The argument {argument!a} is not UTF-8. Type it in a UTF-8 terminal.") from None


def _is_broken_pipe(problem: Exception) -> bool:
    """Return whether the reader of our output went away, as `head` does."""
    broken = (errno.EPIPE, errno.EINVAL) if os.name == "nt" else (errno.EPIPE,)
    return isinstance(problem, OSError) and problem.errno in broken


def _end_quietly() -> int:
    """Drop what is still in the buffer, or the interpreter would complain of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _tell(problem: Exception, *, debug: bool) -> int:
    text, code = _said(problem)
    if debug:
        output_streams.say(redact_text("".join(traceback.format_exception(problem))), nl=False)
    output_streams.say(text if isinstance(problem, click.exceptions.NoArgsIsHelpError) else _line(text))
    return code


def _said(problem: Exception) -> tuple[str, int]:
    """Return what to say of it, and the exit code."""
    match problem:
        case ProcessManagerError():
            return str(problem), problem.exit_code
        case click.exceptions.NoArgsIsHelpError():
            return problem.format_message(), problem.exit_code
        case click.UsageError() if problem.ctx is not None:
            return f"{problem.format_message()} See `{problem.ctx.command_path} --help`.", problem.exit_code
        case click.ClickException():
            return problem.format_message(), problem.exit_code
        case OSError(errno=number, filename=None) if number in UNWRITABLE:
            return f"The output cannot be written ({problem.strerror}). What was done stands: look, then ask again.", 1
    text = redact_text(f"{type(problem).__name__}: {problem}".rstrip(": "))
    short = text if len(text) <= LINE else f"{text[:LINE]} …"
    return f"{short} (nobody foresaw this; run it with --debug for the traceback)", 1


def _line(text: str) -> str:
    return f"Error: {' '.join(text.split())}"


def leave(code: int) -> NoReturn:
    """End the program, at once where a thread still runs: a hung step would keep it alive for ever."""
    ends = time.monotonic() + PATIENCE
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(max(0.0, ends - time.monotonic()))
    output_streams.settle()
    if threading.active_count() > 1:
        os._exit(code)
    sys.exit(code)
