"""Running a closed process again, as a new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from process_manager import serialization
from process_manager.actor import CODE, Actor
from process_manager.database import joined_transactions
from process_manager.definition.registry import Registry
from process_manager.message import Message
from process_manager.operations import given_files
from process_manager.operations.refusals import refused, require
from process_manager.operations.request import Start
from process_manager.operations.start import start_command, start_many

if TYPE_CHECKING:
    from process_manager.files import StoredFile


def rerun(  # noqa: PLR0913 - all but two by name
    connection: sa.Connection,
    process_id: int,
    *,
    registry: Registry,
    actor: Actor = CODE,
    files: Sequence[StoredFile] = (),
    dedup_key: str | None = None,
) -> int:
    """Start a new process, linked to a closed one, with the same parameters and files on the newest version.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        process_id: The closed process.
        registry: The classes that are known here.
        actor: Who asks for it, for the history.
        files: What takes the place of its files of the same names; the others are shared.
        dedup_key: A second rerun with this key returns the process of the first, as with `start`.

    Returns:
        The id of the new process.

    Raises:
        UnknownId: There is no such process.
        UnknownProcess: No class of its name is known here.
        PayloadError: Its parameters do not fit the newest version.
        Refused: It has not ended.
        HeldByAnother: Another process of its command is open.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    row = require(connection, process_id)
    if row["finished_at"] is None:
        raise refused(row, Message("it has not ended"))
    process = registry.newest(row["name"])
    wanted = Start(
        process,
        serialization.loads(row["parameters"]),
        reference=row["reference"],
        dedup_key=dedup_key,
        order_key=row["order_key"],
        channel=row["channel"],
        command_key=row["command_key"],
        files=given_files.with_others(connection, process_id, process, files),
    )
    if wanted.command_key is not None:
        return start_command(connection, wanted, actor=actor, rerun_of=process_id)
    return start_many(connection, [wanted], actor=actor, rerun_of=process_id)[0].id
