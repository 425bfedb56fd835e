"""Changing how many seats or starts the fleet shares, while all runs."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

import sqlalchemy as sa

from process_manager import clock
from process_manager.database import joined_transactions
from process_manager.errors import IllegalValue, NotFound
from process_manager.message import Message
from process_manager.operations.act import Act

MOST: Final = 10_000


def change_limit(connection: sa.Connection, name: str, number: int | None, act: Act) -> bool:
    """Set how many seats a limit has, or how many steps of a rate start in its period, over all workers.

    Every worker goes by it from its next look on. Steps that run go on: while more run than there are seats now, none
    starts.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        name: The limit or rate, as `process-manager limit list` shows it.
        number: How many; 0 lets nothing start, None is what the code declares.
        act: Who does it, and why.

    Returns:
        Whether it was another number before.

    Raises:
        NotFound: There is no such limit; the error names the one that was probably meant.
        IllegalValue: The number is not 0 to 10,000.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    from process_manager.store import limit_queries  # here: no worker needs it

    joined_transactions.require(connection)
    if number is not None and not 0 <= number <= MOST:
        hint = "Give a whole number; 0 lets nothing start."
        raise IllegalValue(
            what=Message("The number"), value=number, problem=Message("is not 0 to %(most)s", most=MOST), hint=hint
        )
    found = limit_queries.one(connection, name)
    if found is None:
        raise _unknown(connection, name)
    if found.chosen == number:
        return False
    return limit_queries.choose(connection, name, number, by=act.actor.name, now=clock.now())


def _unknown(connection: sa.Connection, name: str) -> NotFound:
    from process_manager.store import limit_queries

    near = get_close_matches(name, [each.name for each in limit_queries.all_of(connection)], n=1)
    hint = f"Did you mean {near[0]!r}?" if near else "`process-manager limit list` lists them."
    problem = Message(
        "There is no limit %(name)s: it is known once a worker that declares it looks for work.", name=repr(name[:100])
    )
    return NotFound.with_hint(problem, hint)
