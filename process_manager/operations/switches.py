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
from process_manager.operations.act import Act
from process_manager.store import switches


def disable(connection: sa.Connection, key: str, act: Act, *, until: datetime | None = None) -> None:
    """Throw the switch of a key for the whole fleet, until a moment if one is given. IllegalValue for no such key."""
    joined_transactions.require(connection)
    now = clock.now()
    if until is not None and until <= now:
        raise IllegalValue(what="until", value=until, problem="is not ahead", cure="Give a moment in the future.")
    switch = Switch(checked_key(key), serialization.clean(act.reason), act.by, now, until)
    switches.forget_ended(connection, now=now)
    switches.throw(connection, switch)


def enable(connection: sa.Connection, key: str) -> list[str]:
    """Where the fleet's switch of the key was, which is taken back: in the database, or nowhere."""
    joined_transactions.require(connection)
    return ["database"] if switches.take_back(connection, checked_key(key)) else []


def enable_here(folder: Path, key: str) -> list[str]:
    """Where this host's switch of the key was, which is taken back: its file, or nowhere. UsageError if it stays."""
    return [str(folder / f"{key}{switch_files.SUFFIX}")] if switch_files.take_back(folder, checked_key(key)) else []


def refuse_nothing(key: str, places: Sequence[str]) -> None:
    """NotFound when the key was disabled nowhere."""
    if not places:
        shown = "everything" if key == EVERYTHING else repr(key)
        raise NotFound(problem=f"{shown} is not disabled. `process-manager status` shows what is.")


def look(connection: sa.Connection, folder: Path) -> Gates:
    """How the switches of this host and of the fleet stand now."""
    return Gates(merged([*switch_files.thrown(folder), *switches.thrown(connection)], clock.now()))
