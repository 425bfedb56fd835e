"""A person's word on a step in doubt: it happened, or it did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from process_manager import clock, serialization
from process_manager.database import joined_transactions
from process_manager.definition.registry import Registry
from process_manager.errors import IllegalValue, UsageError
from process_manager.lifecycle import intervention, next_state
from process_manager.lifecycle.status import CLOSED, sources
from process_manager.message import Message
from process_manager.operations.act import Act, found_anew, record_act
from process_manager.operations.following_step import following_step
from process_manager.operations.refusals import refused, require
from process_manager.store import transition_rows


def resolve(  # noqa: PLR0913 - four of them by name: what happened, what it answered, and who knows the next step
    connection: sa.Connection,
    process_id: int,
    act: Act,
    *,
    happened: bool,
    registry: Registry,
    payload: Mapping[str, Any] | None = None,
) -> None:
    """Let an uncertain process go on: after the step with what it answered, or with the step, in a new round.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        process_id: Which process.
        act: Who found out, and how.
        happened: Whether the step in doubt happened.
        registry: The classes that are known here; they say which step comes next.
        payload: What the step would have answered, if it happened.

    Raises:
        UnknownId: There is no such process.
        Refused: No step of it is in doubt, or its class is not known here; the error says what to do.
        IllegalValue: The payload is no object.
        NotJson: JSON cannot represent the payload.
        UsageError: There is a payload, though the step did not happen.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    now = clock.now()
    row = _doubtful(connection, process_id)
    answered = _answered(payload)
    if answered is not None and not happened:
        raise UsageError(problem=Message("A step that did not happen answered nothing. Leave the payload out."))
    step = following_step(row, registry, hint="Resolve it where that is deployed.") if happened else row["step"]
    seen = transition_rows.seen(row)
    said = replace(act, reason=f"{'It happened' if happened else 'It did not happen'}: {act.reason}")
    entry = said.entry("resolve", row["step"], now)._replace(payload=answered)
    merged = next_state.merge(seen.claim.payload, answered)
    resolved = intervention.resolved(seen, now, entry, step=step, payload=merged)
    record_act(connection, row, found_anew(resolved, row, registry))


def _doubtful(connection: sa.Connection, process_id: int) -> sa.RowMapping:
    row = require(connection, process_id)
    if row["status"] not in sources("resolve"):
        if row["status"] in CLOSED:
            raise refused(row, Message("it has ended, and nothing of it is in doubt"))
        raise refused(row, Message("no step of it is in doubt"))
    return row


def _answered(payload: object) -> str | None:
    """Return what the step would have answered, as JSON; None when that is nothing."""
    if payload is None:
        return None
    if not isinstance(payload, Mapping):
        kind = type(payload).__name__
        raise IllegalValue(what="payload", value=kind, problem="is no object", hint="Give a JSON object, as Done does.")
    return serialization.dumps(payload) if payload else None
