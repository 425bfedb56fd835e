"""Replacements for standard streams that a step or a module has closed, wrapped or detached."""

from __future__ import annotations

from io import TextIOWrapper


def reopened(number: int) -> TextIOWrapper:
    """Return a stream to this descriptor, which stays open when the stream is closed."""
    return open(number, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
