"""Disabling a process, a command, a channel or everything, and enabling it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from process_manager import clock, serialization
from process_manager.database import joined_transactions
from process_manager.errors import IllegalValue, NotFound
from process_manager.gates import switch_files
from process_manager.gates.gate import Gates
from process_manager.gates.switches import EVERYTHING, Switch, checked_key, merged
from process_manager.message import Message
from process_manager.operations.act import Act
from process_manager.store import switches


def disable(connection: sa.Connection, key: str, act: Act, *, until: datetime | None = None) -> None:
    """Let no step start, on any host, of what has this key; what runs may finish.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        key: The name of a process, the key of a command, a channel, or `all-commands` for everything.
        act: Who disables it, and why; it is shown to whoever wonders.
        until: The moment at which it ends by itself, with its time zone; None: when somebody enables it.

    Raises:
        IllegalValue: The key cannot be one, or the moment has passed or has no time zone.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    now = clock.now()
    if until is not None and until.utcoffset() is None:
        hint = "Give an aware datetime."
        raise IllegalValue(
            what=Message("Until"), value=until, problem=Message("is no moment with a time zone"), hint=hint
        )
    if until is not None and until <= now:
        raise IllegalValue(
            what=Message("Until"),
            value=until,
            problem=Message("is not ahead"),
            hint="Give a moment in the future.",
        )
    switch = Switch(checked_key(key), serialization.clean(act.reason), act.actor.name, now, until)
    switches.forget_ended(connection, now=now)
    switches.throw(connection, switch)


def enable(connection: sa.Connection, key: str) -> list[str]:
    """Take back the fleet's switch of a key.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        key: What was disabled.

    Returns:
        Where the switch was: `["database"]`, or nowhere.

    Raises:
        IllegalValue: The key cannot be one.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    return ["database"] if switches.take_back(connection, checked_key(key)) else []


def enable_here(folder: Path, key: str) -> list[str]:
    """Take back this host's switch of a key: remove its file.

    Args:
        folder: The folder of this host's switch files.
        key: What was disabled.

    Returns:
        Where the switch was: the path of its file, or nowhere.

    Raises:
        IllegalValue: The key cannot be one.
        UsageError: The file cannot be removed.
    """
    return [str(folder / f"{key}{switch_files.SUFFIX}")] if switch_files.take_back(folder, checked_key(key)) else []


def refuse_nothing(key: str, places: Sequence[str]) -> None:
    """Raise NotFound when the key was disabled nowhere."""
    if not places:
        shown = Message("everything") if key == EVERYTHING else repr(key)
        problem = Message("%(what)s is not disabled.", what=shown)
        raise NotFound.with_hint(problem, "`process-manager status` shows what is.")


def look(connection: sa.Connection, folder: Path | None) -> Gates:
    """Return how the switches of the fleet, and of this host where its folder is given, stand now."""
    here = [] if folder is None else switch_files.thrown(folder)
    return Gates(merged([*here, *switches.thrown(connection)], clock.now()))
