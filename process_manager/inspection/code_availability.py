"""Which worker knows a process's code: any living one or, where none lives, this host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.message import Message
from process_manager.store import queries
from process_manager.store.workers import Known, Registered


class CodeAvailability(NamedTuple):
    """Where processes stand, as far as it matters for who can run them."""

    name: str
    version: int
    step: str | None
    channel: str


def waits_for(stand: CodeAvailability, living: Sequence[Registered], here: Sequence[Known] | None) -> str | None:
    """Return whom it waits for, in words; None when somebody can run it, or nobody was asked.

    While no worker lives, what is known here decides: it is what the next one would know. `here` is None where that
    could not be looked up.
    """
    takers = [worker for worker in living if not worker.channels or stand.channel in worker.channels]
    if living and not takers:
        return Message("a worker of channel %(channel)s", channel=repr(stand.channel))
    if living:
        return unknown(stand, [known for worker in takers for known in worker.knows])
    return None if here is None else unknown(stand, here)


def unknown_here(
    connection: sa.Connection,
    here: Sequence[Known],
    channels: Sequence[str],
    *,
    now: datetime,
    viewer: Viewer = CONSOLE,
) -> list[str]:
    """List what processes that are due wait for because this host does not know their code.

    Args:
        connection: A connection in any transaction.
        here: What this host can run, from `Registry.runnable`.
        channels: The channels to ask about; none for all.
        now: The present moment.
        viewer: Who asks.

    Returns:
        Each missing version or step in words, once.
    """
    found = [CodeAvailability(**row) for row in queries.stands(connection, due_by=now, kinds=viewer.kinds)]
    whom = [unknown(each, here) for each in found if not channels or each.channel in channels]
    return list(dict.fromkeys(each for each in whom if each is not None))


def unknown(stand: CodeAvailability, known: Iterable[Known]) -> str | None:
    """Return the worker that the process needs, where none of these knows its version or its step."""
    steps = [steps for name, version, steps in known if (name, version) == (stand.name, stand.version)]
    if any(stand.step in each for each in steps):
        return None
    if steps:
        return Message(
            "a worker that knows step %(step)s of version %(version)s of %(name)s",
            step=repr(stand.step),
            version=stand.version,
            name=repr(stand.name),
        )
    return Message("a worker that knows version %(version)s of %(name)s", version=stand.version, name=repr(stand.name))
