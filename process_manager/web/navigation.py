"""The pages that are named at the top of every page, for those who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from process_manager.actor import Actor
from process_manager.errors import Forbidden
from process_manager.governance import permissions


class Entry(NamedTuple):
    """A page that is named at the top: its address, its name, and the act that a reader must be allowed."""

    path: str
    name: str
    act: str


ENTRIES: Final[Sequence[Entry]] = (
    Entry("/attention", "Attention", "read"),
    Entry("/processes", "Processes", "read"),
    Entry("/system", "System", "system"),
)
"""The first that somebody may see is where they come to after signing in."""


def of(actor: Actor) -> Sequence[Entry]:
    """Return the pages that somebody may see."""
    return [entry for entry in ENTRIES if _may(actor, entry.act)]


def _may(actor: Actor, act: str) -> bool:
    try:
        permissions.require(actor, act)
    except Forbidden:
        return False
    return True
