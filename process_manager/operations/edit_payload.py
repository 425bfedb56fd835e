"""Correcting what a process carries, while no step of it runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from process_manager import clock, serialization
from process_manager.database import joined_transactions
from process_manager.definition.registry import Registry
from process_manager.errors import UsageError
from process_manager.lifecycle import intervention, payload_edit
from process_manager.lifecycle.payload_edit import PayloadEdit
from process_manager.lifecycle.status import Status, sources
from process_manager.lifecycle.transition import HistoryEntry
from process_manager.message import Message
from process_manager.operations.act import Act, found_anew, record_act
from process_manager.operations.parameters import fitting_in_part
from process_manager.operations.refusals import changed_since, held, refuse_doubtful, refused, require
from process_manager.plurals import counted
from process_manager.store import task_queries, transition_rows


def edit_payload(  # noqa: PLR0913 - three of them by name: what becomes of which path, and who knows its model
    connection: sa.Connection,
    process_id: int,
    act: Act,
    *,
    registry: Registry,
    changes: Mapping[str, Any],
    unset: Collection[str] = (),
    seen: Collection[int] | None = None,
) -> PayloadEdit:
    """Change what a process carries, in a new round with a fresh budget; it stays where it is, and nothing starts.

    One that asks a person is due, and asks anew.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        process_id: Which process.
        act: Who asks for it, and why.
        registry: The classes that are known here; the `parameters` of its class check what is changed.
        changes: The new values by their paths, such as `contact.phone` or `rows.0.amount`.
        unset: The paths of what is removed.
        seen: The newest rows of its history that the caller knows: any later one refuses the edit. None for whatever
            has happened.

    Returns:
        The payload before and afterwards.

    Raises:
        UnknownId: There is no such process.
        Refused: It has ended, its step may have happened, or its class is not known here; the error says what to do.
        ChangedSince: It has another history row by now.
        HeldByAnother: A worker runs it.
        IllegalValue: A path does not exist, and what is above it is no object.
        NotJson: JSON cannot represent a value.
        EditError: The payload would not fit the class's `parameters`.
        UsageError: Nothing would change, or two of the paths lie one in the other.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    now = clock.now()
    row = require(connection, process_id)
    _refuse_unseen(row, seen)
    _refuse_edit(row)
    before = transition_rows.seen(row)
    edit = _edited(row, registry, payload_edit.edited(serialization.loads(before.claim.payload), changes, unset))
    edited = intervention.edited(before, now, _entry(act, row, edit, now), payload=serialization.dumps(edit.after))
    if row["waiting_for"] == "event" and task_queries.open_of(connection, [process_id]):
        edited = intervention.asked_anew(edited)
    record_act(connection, row, found_anew(edited, row, registry))
    return edit


def _entry(act: Act, row: sa.RowMapping, edit: PayloadEdit, now: datetime) -> HistoryEntry:
    fragment = edit.fragment()
    entry = replace(act, reason=_said(edit, act.reason)).entry("edit-payload", row["step"], now)
    return entry._replace(payload=serialization.dumps(fragment) if fragment else None)


def _refuse_unseen(row: sa.RowMapping, seen: Collection[int] | None) -> None:
    if seen is not None and row["seq"] not in seen:
        problem = f"it has changed since you looked: its history has {counted(row['seq'], 'row')} by now"
        raise changed_since(row, problem)


def _refuse_edit(row: sa.RowMapping) -> None:
    if row["status"] == Status.RUNNING:
        raise held(row["id"], row["worker"])
    refuse_doubtful(row, Message("its verify has to see what the step saw"))
    if row["status"] not in sources("edit-payload"):
        raise refused(row, Message("it has ended, and nothing would read what is changed"))


def _edited(row: sa.RowMapping, registry: Registry, edit: PayloadEdit) -> PayloadEdit:
    """Return the edit as the class of the process has it; raise UsageError when it changes nothing."""
    cls = registry.get(row["name"], row["version"])
    if cls is None:
        problem = Message(
            "version %(version)s of %(name)s is not known here, so nobody can tell what fits",
            version=row["version"],
            name=repr(row["name"]),
        )
        raise refused(row, problem, hint="Edit it where that is deployed.")
    touched = {path.partition(".")[0] for path in edit.paths}
    marked = frozenset[tuple[str, ...]]() if cls.marks is None else cls.marks.paths
    made = replace(edit, after=fitting_in_part(cls, edit.after, touched), marked=marked)
    if not made.changes():
        raise UsageError(
            problem=Message("The payload of process %(id)s is so already. Nothing was changed.", id=row["id"])
        )
    return made


def _said(edit: PayloadEdit, reason: str) -> str:
    """Return the message of the history row: what was changed and removed, without any value, and why."""
    changes = edit.changes()
    told = {
        "changed": [each.path for each in changes if each.after is not None],
        "removed": [each.path for each in changes if each.after is None],
    }
    what = "; ".join(f"{', '.join(paths)} {how}" for how, paths in told.items() if paths)
    return f"{what}: {reason}" if reason.strip() else what
