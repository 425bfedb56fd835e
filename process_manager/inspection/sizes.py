"""How large a file is, as a reader sees it."""

from __future__ import annotations

from typing import Final

from process_manager.message import Message, grouped, numbered

SMALL: Final = 1_000
LARGE: Final = 10_000_000


def sized(size: int) -> Message:
    """Return a number of bytes in words, in whole units, which no language writes differently."""
    if size < SMALL:
        return numbered("%(number)s byte", "%(number)s bytes", size)
    if size < LARGE:
        return Message("%(number)s kB", number=grouped(round(size / 1_000)))
    return Message("%(number)s MB", number=grouped(round(size / 1_000_000)))
