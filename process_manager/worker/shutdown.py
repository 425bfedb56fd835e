"""How a run that ends deals with a database that takes no writes: how long it waits for it, and what it leaves."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import Database
from process_manager.database.short_lock_wait import hurried
from process_manager.errors import ProcessManagerError, Unwritable
from process_manager.execution.held_step import HeldStep
from process_manager.worker.claims import Claims
from process_manager.worker.mailbox import Mailbox
from process_manager.worker.thread_pool import ThreadPool

log = logs.get(__name__)

MOMENT: Final = 1.0
"""Seconds for which the database is waited for when it would hear nothing new."""

NEAR: Final = 5.0
"""Seconds for which it is waited for after a time box, when answers are to be written, or for one that is refused."""


def patience(claims: Claims, *, in_time: bool, most: float) -> float:
    """Seconds for which a trouble may last that keeps a worker from ending; `most` when answers would be lost."""
    if in_time and any(held.started is not None and not held.answered for held in claims.held.values()):
        return math.inf  # what runs may finish, and its answer find the database back
    return most if claims.owes() else MOMENT


def unwritable(claims: Claims) -> list[HeldStep]:
    """Those whose answers cannot be stored, and could not a while ago: a run that ends by itself leaves them."""
    refused = {transition.claim.id for transition, _problem in claims.held_back.refused()}
    return [held for held in claims.kept_out(longer_than=NEAR) if held.claim.id in refused]


def require_written(claims: Claims) -> None:
    """Unwritable when an answer is left that cannot be stored: the run did not end well."""
    for transition, problem in claims.held_back.refused():
        raise Unwritable(process_id=transition.claim.id, problem=problem)


def leave(claims: Claims) -> None:
    """Give nothing back: no answer of a step is lost with it, and leases end by themselves."""
    log.warning("leases.left", count=len(claims.held))
    claims.stats.left = True
    claims.forget()


def give_back(database: Database, claims: Claims, pool: ThreadPool, mailbox: Mailbox[Any]) -> None:
    """Write what can still be written when the loop broke; steps that run keep their lease until it ends."""
    unbegun = pool.take_back(len(claims.held))  # first: while it is there, threads go on with it
    while came := mailbox.drain():
        claims.accept(came)
    claims.give_back(unbegun, interrupted=False)
    with (
        suppress(sa.exc.SQLAlchemyError, ProcessManagerError),
        database.connect() as opened,
        hurried(opened) as connection,
    ):
        claims.write(connection, claim=False)
        claims.give_back(claims.take_ready(), interrupted=False)  # what went on to a next step, which nobody begins
        claims.write(connection, claim=False)


def see_out(
    claims: Claims, pool: ThreadPool, mailbox: Mailbox[Any], *, seconds: float, is_forced: Callable[[], bool]
) -> None:
    """The database is not there any more: let the steps that run end, for so long, and tell which answers are lost."""
    pool.take_back(len(claims.held))
    begun = [held for held in claims.held.values() if held.started is not None]
    for held in begun:
        held.run.stop_requested = True
    ends = time.monotonic() + seconds
    while not is_forced() and not all(held.answered for held in begun) and (left := ends - time.monotonic()) > 0:
        mailbox.wait(left, slice_seconds=MOMENT, until=lambda: True)
    for held in begun:
        claim = held.claim
        log.error(
            "answer.lost", process_id=claim.id, step=claim.step, effect=held.planned.effect, answered=held.answered
        )
    claims.forget()
