"""Asking a person before something that cannot be undone."""

from __future__ import annotations

import sys
from typing import Final

import click

from process_manager.errors import UsageError

HINT: Final = "Say --yes to do it."


def confirm(question: str, *, hint: str = HINT) -> None:
    """Go on once the person says yes; raise UsageError, which says the hint, where nobody can be asked."""
    if not is_asked():
        raise UsageError(problem=f"{question}. {hint}")
    click.confirm(f"{question}. Go on?", err=True, abort=True)


def is_asked() -> bool:
    """Return whether a person can be asked."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def _is_terminal(stream: object) -> bool:
    """Return whether a person is at the other end; a service has no stream at all."""
    ask = getattr(stream, "isatty", None)
    return ask is not None and bool(ask())
