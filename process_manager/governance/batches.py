"""One act on many processes, done wave by wave: first one, more once that has passed, then all the others.

Whichever server holds the lease of a batch does it. What became of each process is written in the transaction of the
acts, so that a server that dies leaves no process of which it is not known whether it was done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa

from process_manager import serialization
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import IllegalValue, NotFound, ReasonRequired, UsageError
from process_manager.message import Message
from process_manager.store import batches as store
from process_manager.store import users
from process_manager.store.tables import MESSAGE_LENGTH

ACTS: Final = ("restart", "abandon")
"""What may be done to many."""

MOST: Final = 100_000
"""So many processes in one batch."""

RAMP: Final = (1, 4, 16)
"""So many are done in the first waves, each of which has to pass before the next; then come all the others."""

NO_RAMP: Final = -1

REMOVED_AT_ONCE: Final = 5_000
"""So many items are removed in one transaction."""

BatchAct = Literal["restart", "abandon"]


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """An act on many that is asked for.

    Attributes:
        act: What is done to each.
        reason: Why, for the history of each.
        ids: The processes, as they were found.
        asked: By what they were found, as JSON can carry it.
        one_first: Whether one is done first, and the others once it has passed.
    """

    act: str
    reason: str
    ids: Sequence[int] = field(repr=False)
    asked: Mapping[str, Any]
    one_first: bool = False


def checked(request: BatchRequest) -> BatchRequest:
    """Return the request; raise what is wrong with it."""
    if request.act not in ACTS:
        raise UsageError(problem=Message("There is no act %(act)s on many processes.", act=repr(request.act[:40])))
    if not request.reason.strip():
        raise ReasonRequired(what=request.act)
    if request.one_first and request.act != "restart":
        raise UsageError(
            problem=Message("One first is for a restart: nothing shows whether an abandoned process has passed.")
        )
    if not request.ids:
        raise UsageError(problem=Message("No process is chosen. Choose some."))
    if len(request.ids) > MOST:
        hint = f"Choose at most {MOST:,}, such as those of one step, and then the others."
        raise IllegalValue(what="Batch", value=f"more than {MOST:,} processes", problem="is too large", hint=hint)
    return request


def start(connection: sa.Connection, request: BatchRequest, *, actor: Actor, name: str | None, now: datetime) -> int:
    """Write a batch with its processes as they stand, and return its id; nothing is done to any of them yet."""
    row = {
        "act": request.act,
        "reason": serialization.clean(request.reason, MESSAGE_LENGTH - 40),
        "asked": serialization.dumps(request.asked),
        "name": name,
        "actor": actor.name,
        "is_person": int(actor.is_person),
        "way": actor.way,
        "address": actor.address,
        "request_id": actor.request_id,
        "created_at": now,
        "total": 0,
        "ramp": 0 if request.one_first else NO_RAMP,
        "role": _given_role(connection, actor),
        "token_id": actor.token,
    }
    batch_id = store.insert(connection, row)
    total = store.choose(connection, batch_id, request.ids)
    store.change(connection, store.Holding(batch_id, 0), {"total": total})
    return batch_id


def remove_some(database: Database, *, before: datetime) -> bool:
    """Remove some of the oldest batch that ended before a moment; return whether there may be more to remove.

    The audit chain and the history of each process keep what was done.
    """
    with database.read() as connection:
        found = store.ended(connection, before=before)
    if found is not None:
        database.run(lambda connection: store.delete(connection, found, most=REMOVED_AT_ONCE))
    return found is not None


def _given_role(connection: sa.Connection, actor: Actor) -> str | None:
    """Return the role of somebody whom a proxy has signed on in another than their own; None for all others."""
    user = users.one(connection, actor.name) if actor.is_person else None
    return None if user is None or user["role"] == actor.role.value else actor.role.value


def require(connection: sa.Connection, batch_id: int) -> sa.RowMapping:
    """Return a batch; raise NotFound when there is none."""
    row = store.one(connection, batch_id)
    if row is None:
        raise NotFound(problem=Message("There is no batch %(id)s.", id=batch_id))
    return row
