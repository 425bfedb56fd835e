"""Passwords, typed at a prompt that shows nothing or read from stdin: never an argument, which others can read."""

from __future__ import annotations

import sys
from typing import Final

import click

from process_manager.cli import confirm
from process_manager.errors import UsageError

LONGEST: Final = 10_000
"""Bytes of a line on stdin: no password has so many."""

stdin_option = click.option("--stdin", "from_stdin", is_flag=True, help="Read it from the first line of stdin.")


def new_password(*, from_stdin: bool) -> str:
    """Return the password that a person types twice, or that a program writes to stdin."""
    if from_stdin:
        return _first_line()
    if not confirm.is_asked():
        raise UsageError(problem="Nobody can be asked for the password here. Write it to stdin, and say --stdin.")
    return str(click.prompt("New password", hide_input=True, confirmation_prompt="The same again", err=True))


def _first_line() -> str:
    stream = getattr(sys.stdin, "buffer", None)  # a service may have none
    line = b"" if stream is None else stream.readline(LONGEST)
    try:
        return str(line.decode("utf-8-sig")).rstrip("\r\n")
    except UnicodeDecodeError:
        raise UsageError(problem="The password on stdin is not UTF-8. Write it as UTF-8.") from None
