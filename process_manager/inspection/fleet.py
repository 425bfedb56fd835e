"""The fleet: living workers, and the versions of processes that they can run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from process_manager.definition.registry import Registry
from process_manager.inspection.code_availability import CodeAvailability, waits_for
from process_manager.inspection.counting import counts
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.status import OPEN
from process_manager.store import queries, workers
from process_manager.store.workers import Registered


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a process: what is known of it here, who can run it, and how many processes of it there are.

    `becomes` is the version that its processes go on with by an upgrade; `waits` says that some of them would run, if
    there were those whom `waits_for` names.
    """

    name: str
    label: str | None
    version: int
    known: bool
    becomes: int | None
    channel: str | None
    steps: tuple[str, ...]
    counts: Mapping[str, int]
    live: int
    workers: tuple[str, ...]
    waits: bool
    waits_for: tuple[str, ...]


def living(
    connection: sa.Connection, *, now: datetime, within: timedelta, viewer: Viewer = CONSOLE
) -> Sequence[Registered]:
    """List the workers that live, the oldest first. A worker renews its row every third of its lease.

    Who may see some processes only is shown the workers that know one of these, and nothing else that they know.

    Args:
        connection: A connection in any transaction.
        now: The present moment.
        within: How long ago a worker may have been seen and still counts as living.
        viewer: Who asks.

    Returns:
        The workers, each with the versions and channels that it knows.
    """
    return seen_by(viewer, workers.living(connection, since=now - within))


def seen_by(viewer: Viewer, alive: Sequence[Registered]) -> Sequence[Registered]:
    """Return the workers as the viewer sees them."""
    if viewer.kinds is None:
        return alive
    kinds = viewer.kinds
    known = [replace(each, knows=tuple(one for one in each.knows if one[0] in kinds)) for each in alive]
    return [each for each in known if each.knows]


def versions(
    connection: sa.Connection, registry: Registry, alive: Sequence[Registered], *, viewer: Viewer = CONSOLE
) -> list[Version]:
    """List every version that is known here, or of which there are processes.

    Args:
        connection: A connection in any transaction.
        registry: The classes that are known here.
        alive: The living workers, from `living`.
        viewer: Who asks.

    Returns:
        The versions, by name and number, each with its counts and with what its processes wait for.
    """
    known = [pair for pair in registry.pairs() if viewer.kinds is None or pair[0] in viewer.kinds]
    found: dict[tuple[str, int], dict[str, int]] = {pair: {} for pair in known} | counts(connection, viewer=viewer)
    waiting = _waiting(connection, registry, alive, viewer)
    return [_version(pair, found[pair], registry, alive, waiting.get(pair, ())) for pair in sorted(found)]


def _waiting(
    connection: sa.Connection, registry: Registry, alive: Sequence[Registered], viewer: Viewer
) -> dict[tuple[str, int], tuple[str, ...]]:
    """Return whom the processes wait for that nobody can run, by name and version."""
    here = registry.runnable()
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for row in queries.stands(connection, kinds=viewer.kinds):
        stand = CodeAvailability(**row)
        whom = waits_for(stand, alive, here)
        pair = (stand.name, stand.version)
        if whom is not None and whom not in found.get(pair, ()):
            found[pair] = (*found.get(pair, ()), whom)
    return found


def _version(
    pair: tuple[str, int],
    standing: Mapping[str, int],
    registry: Registry,
    alive: Sequence[Registered],
    waiting: tuple[str, ...],
) -> Version:
    cls, last = registry.get(*pair), registry.last(*pair)
    shown = cls or last
    knowing = tuple(worker.name for worker in alive if any(pair == (name, number) for name, number, _ in worker.knows))
    return Version(
        name=pair[0],
        label=(shown.label or None) if shown else None,
        version=pair[1],
        known=cls is not None,
        becomes=last.version if last else None,
        channel=cls.channel if cls else None,
        steps=tuple(step.name for step in cls.plan) if cls else (),
        counts=dict(standing),
        live=sum(standing.get(status, 0) for status in OPEN),
        workers=knowing,
        waits=bool(waiting),
        waits_for=waiting,
    )
