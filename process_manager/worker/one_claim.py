"""Claiming one process that somebody asked for, at once."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from process_manager import clock
from process_manager.definition.registry import Registry
from process_manager.execution.held_step import HeldStep
from process_manager.lifecycle.claim import Claim
from process_manager.store import claiming
from process_manager.worker import recovery, upgrades
from process_manager.worker.gatekeeper import Gatekeeper
from process_manager.worker.polling import Poller


def claim(
    connection: sa.Connection, process_id: int, poller: Poller, registry: Registry, *, is_own: Callable[[Claim], bool]
) -> list[Claim]:
    """Claim this one process, if it rests, and move it to the newest version; its moment need not have come.

    Raises:
        Refused: Its step needs a seat or a start of the fleet, and there is none left.
    """
    now = clock.now()
    while recovery.recover(connection, now, is_own=is_own):  # it may be one whose worker is gone
        pass
    taken = claiming.claim_one(connection, process_id, poller.lease(), leaves_pool=poller.pools is not None)
    found = [] if taken is None else upgrades.upgrade(connection, [taken], registry, now)
    if poller.pools is not None:
        poller.pools.require(connection, found, now)
    return found


def require_startable(claim: Claim, held: HeldStep | None, gatekeeper: Gatekeeper) -> None:
    """Raise Refused when its code is not here, SwitchedOff when a gate is closed; nothing is committed yet."""
    if held is None:
        raise recovery.not_here(claim)
    gatekeeper.require_open(held)
