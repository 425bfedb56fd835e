"""The workers that are alive, and what each of them can run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from process_manager.store.tables import workers

w = workers.c


Known = tuple[str, int, tuple[str, ...]]
"""A name, a version, and the steps from which it can be run."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A worker as the others see it."""

    name: str
    host: str
    pid: int
    started_at: datetime
    seen_at: datetime
    concurrency: int
    channels: tuple[str, ...]  # empty: every channel

    knows: tuple[Known, ...]
    drain_asked_at: datetime | None = None  # when somebody asked it to take no more and end

    @property
    def is_of_celery(self) -> bool:
        """Whether it is a part of a worker of Celery, whose names have a sign that no name of a host has."""
        return "@" in self.name


def register(connection: sa.Connection, worker: Registered) -> None:
    """Insert a worker."""
    connection.execute(
        sa.insert(workers).values(
            name=worker.name,
            host=worker.host,
            pid=worker.pid,
            started_at=worker.started_at,
            seen_at=worker.seen_at,
            concurrency=worker.concurrency,
            channels=json.dumps(worker.channels),
            knows=json.dumps(worker.knows),
        )
    )


def seen(connection: sa.Connection, name: str, *, now: datetime) -> bool:
    """Record that the worker is alive, unless somebody asked it to end.

    Returns:
        Whether it was recorded: else its row is gone, or it is to end.
    """
    its = sa.update(workers).where(w.name == name, w.drain_asked_at.is_(None))
    return bool(connection.execute(its.values(seen_at=now)).rowcount)


def seen_draining(connection: sa.Connection, name: str, *, now: datetime) -> bool:
    """Record that the worker is alive that somebody asked to end.

    Returns:
        Whether it is registered, and was asked to.
    """
    its = sa.update(workers).where(w.name == name, w.drain_asked_at.is_not(None))
    return bool(connection.execute(its.values(seen_at=now)).rowcount)


def ask_to_drain(connection: sa.Connection, name: str, *, now: datetime) -> bool:
    """Ask the worker to take no more and end.

    Returns:
        Whether it is registered, and was not asked before.
    """
    its = sa.update(workers).where(w.name == name, w.drain_asked_at.is_(None))
    return bool(connection.execute(its.values(drain_asked_at=now)).rowcount)


def of_name(connection: sa.Connection, name: str) -> Registered | None:
    """Return the worker of this name; None where it has ended."""
    row = connection.execute(sa.select(workers).where(w.name == name)).mappings().one_or_none()
    return None if row is None else _registered(row)


def names(connection: sa.Connection) -> Sequence[str]:
    """Return the names of all workers that have not ended well."""
    return connection.execute(sa.select(w.name).order_by(w.name)).scalars().all()


def leave(connection: sa.Connection, name: str) -> None:
    """Delete a worker that has ended."""
    connection.execute(sa.delete(workers).where(w.name == name))


def forget_gone(connection: sa.Connection, *, before: datetime) -> None:
    """Delete workers that died before then."""
    connection.execute(sa.delete(workers).where(w.seen_at < before))


def living(connection: sa.Connection, *, since: datetime) -> Sequence[Registered]:
    """Return the workers seen since then, the oldest first."""
    rows = connection.execute(sa.select(workers).where(w.seen_at >= since).order_by(w.started_at, w.name))
    return [_registered(row) for row in rows.mappings()]


def _registered(row: sa.RowMapping) -> Registered:
    return Registered(
        name=row["name"],
        host=row["host"],
        pid=row["pid"],
        started_at=row["started_at"],
        seen_at=row["seen_at"],
        concurrency=row["concurrency"],
        channels=tuple(json.loads(row["channels"])),
        knows=tuple((name, version, tuple(steps)) for name, version, steps in json.loads(row["knows"])),
        drain_asked_at=row["drain_asked_at"],
    )
