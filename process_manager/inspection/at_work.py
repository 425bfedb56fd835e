"""The workers at a glance: who works and how busy they are, who is to end, and who fell silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from process_manager.store.workers import Registered


@dataclass(frozen=True, slots=True)
class AtWork:
    """The workers at a glance.

    Attributes:
        names: Those that take work.
        busy: How many steps they run.
        room: How many they could run at once.
        ending: Those that take no more, for somebody asked them to end.
        silent: Those that have not been seen for longer than their leases last, the newest first.
    """

    names: tuple[str, ...]
    busy: int
    room: int
    ending: tuple[Registered, ...]
    silent: tuple[Registered, ...]


def at_work(living: Sequence[Registered], silent: Sequence[Registered], running_on: Iterable[str | None]) -> AtWork:
    """Return the workers at a glance.

    Args:
        living: Those that live.
        silent: Those that have not been seen for long.
        running_on: The worker of each step that runs.
    """
    taking = [each for each in living if each.drain_asked_at is None]
    steps = Counter(running_on)
    return AtWork(
        names=tuple(each.name for each in taking),
        busy=sum(steps[each.name] for each in taking),
        room=sum(each.concurrency for each in taking),
        ending=tuple(each for each in living if each.drain_asked_at is not None),
        silent=tuple(sorted(silent, key=lambda each: each.seen_at, reverse=True)),
    )
