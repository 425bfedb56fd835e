"""The pages that are named at the top of every page, for those who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from process_manager.actor import Actor
from process_manager.errors import Forbidden
from process_manager.governance import permissions


class Entry(NamedTuple):
    """A page that is named at the top: its address, its name, the act that it needs, and the pages in it.

    What stands `aside` is reached from the page itself: beside such a page the others are named, on the page not.
    """

    path: str
    name: str
    act: str
    within: tuple[Entry, ...] = ()
    aside: tuple[Entry, ...] = ()

    def has(self, path: str) -> bool:
        """Return whether this address is of the page, or of one in it."""
        return (
            path == self.path
            or path.startswith(f"{self.path}/")
            or any(each.has(path) for each in (*self.within, *self.aside))
        )


ENTRIES: Final[Sequence[Entry]] = (
    Entry(
        "/attention",
        "Attention",
        "read",
        aside=(
            Entry("/attention", "Attention", "read"),
            Entry("/causes", "All causes", "read"),
            Entry("/batches", "Batches", "read"),
        ),
    ),
    Entry("/processes", "Processes", "read"),
    Entry("/tasks", "Tasks", "read"),
    Entry("/jobs", "Jobs", "read"),
    Entry("/commands", "Commands", "read"),
    Entry("/schedules", "Schedules", "read"),
    Entry("/reports", "Reports", "read"),
    Entry(
        "/system",
        "System",
        "system",
        (
            Entry("/kinds", "Kinds and versions", "read"),
            Entry("/workers", "Workers", "read"),
            Entry("/events", "Events", "read"),
            Entry("/system", "Health and settings", "system"),
            Entry("/audit", "Audit", "audit"),
            Entry("/users", "Users and tokens", "user-list"),
        ),
    ),
)
"""The first that somebody may see is where they come to after signing in."""


def of(actor: Actor) -> Sequence[Entry]:
    """Return the pages that somebody may see; one with pages in it leads to the first of them that they may."""
    return [shown for entry in ENTRIES if (shown := _shown(actor, entry)) is not None]


def _shown(actor: Actor, entry: Entry) -> Entry | None:
    if _may(actor, entry.act):
        return entry
    first = next((each for each in entry.within if _may(actor, each.act)), None)
    return None if first is None else entry._replace(path=first.path, act=first.act)


def within(actor: Actor, path: str) -> Sequence[Entry]:
    """Return the pages beside the one with this address that stand in one with it, for who may see them."""
    pages = next((entry.within or _beside(entry, path) for entry in ENTRIES if entry.has(path)), ())
    return [entry for entry in pages if _may(actor, entry.act)]


def _beside(entry: Entry, path: str) -> Sequence[Entry]:
    return () if path == entry.path else entry.aside


def starts(actor: Actor) -> bool:
    """Return whether there is a kind of process that somebody may start."""
    try:
        permissions.require_somewhere(actor, "start")
    except Forbidden:
        return False
    return True


def _may(actor: Actor, act: str) -> bool:
    try:
        permissions.require(actor, act)
    except Forbidden:
        return False
    return True
