"""Letting workers take a process at once: one that waits for its moment, or one whose step is asked again."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager import clock
from process_manager.database import joined_transactions
from process_manager.definition.registry import Registry
from process_manager.lifecycle import intervention
from process_manager.lifecycle.status import Status, sources
from process_manager.operations.act import Act, record_act
from process_manager.operations.refusals import behind, held, refused, require
from process_manager.store import transition_rows


def run_now(connection: sa.Connection, process_id: int, act: Act, *, registry: Registry) -> None:
    """Make a process due at once; its round, its attempts and what is in doubt of it stay as they are.

    Of an uncertain one, the `verify` of its step is asked again: it goes on by the answer. Switches and quiet windows
    still hold.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        process_id: Which process.
        act: Who asks for it, and why.
        registry: The classes that are known here; they say whether a step has a `verify`.

    Raises:
        UnknownId: There is no such process.
        Refused: It neither waits for a moment nor can be asked; the error says what to do.
        HeldByAnother: A worker runs it, or another process is ahead of it in its lane.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    now = clock.now()
    row = require(connection, process_id)
    _refuse(connection, row, registry)
    said = act.entry("run-now", row["step"], now)
    record_act(connection, row, intervention.hurried(transition_rows.seen(row), now, said))


def _refuse(connection: sa.Connection, row: sa.RowMapping, registry: Registry) -> None:
    if row["status"] == Status.RUNNING:
        raise held(row["id"], row["worker"])
    if row["waiting_for"] == "lane":
        raise behind(connection, row)
    if row["status"] == Status.PENDING:
        raise refused(row, "it is due already", hint="A worker takes it as soon as nothing holds it.")
    if row["status"] not in sources("run-now"):
        raise refused(row, "it waits for no moment")
    if row["status"] == Status.UNCERTAIN and not _has_verify(row, registry):
        hint = f"Find out yourself, then `process-manager resolve-process {row['id']}`."
        raise refused(row, f"step {row['step']!r} has no verify that is known here", hint=hint)


def _has_verify(row: sa.RowMapping, registry: Registry) -> bool:
    cls = registry.get(row["name"], row["version"])
    planned = () if cls is None else cls.plan
    return any(each.name == row["step"] and each.verify is not None for each in planned)
