"""How often a caseworker may restart a process: as often as its class says."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.actor import Actor, Role
from process_manager.definition.registry import Registry
from process_manager.errors import Forbidden
from process_manager.message import Message, numbered
from process_manager.store import board, queries


def require_one_left(connection: sa.Connection, process_id: int, *, registry: Registry, actor: Actor) -> None:
    """Raise Forbidden where a caseworker has no restart of this process left; nobody counts those of an operator."""
    if actor.role != Role.CASEWORKER:
        return
    row = queries.states(connection, [process_id]).get(process_id)
    cls = None if row is None else registry.get(row["name"], row["version"])
    most = None if cls is None else cls.presentation.restarts
    if most is None or board.restarts(connection, [process_id]).get(process_id, 0) < most:
        return
    why = numbered(
        "its class allows caseworkers %(number)s restart, and it has been restarted as often",
        "its class allows caseworkers %(number)s restarts, and it has been restarted as often",
        most,
    )
    what = Message("restart process %(id)s", id=process_id)
    raise Forbidden(actor=actor.name, what=what, why=why, hint="Ask an operator.")
