"""The audit chain: rows are added at its end and never changed, each with the hash of the row before in its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from process_manager import serialization
from process_manager.errors import ChainBroken
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import Moment, key_type, moment_text, name_type, text_type
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import (
    HASH_LENGTH,
    MESSAGE_LENGTH,
    NAME_LENGTH,
    REFERENCE_LENGTH,
    REQUEST_LENGTH,
    WAY_LENGTH,
    metadata,
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False, doc="1, 2, 3 … without gaps."),
    sa.Column("at", Moment, nullable=False, doc="When it was done or refused."),
    sa.Column("actor", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="Who did it."),
    sa.Column("actor_kind", sa.Unicode(10), nullable=False, doc="person or program."),
    sa.Column("role", sa.Unicode(20), nullable=False, doc="With which role."),
    sa.Column("way", sa.Unicode(WAY_LENGTH), nullable=False, doc="How they came: code, console, api or page."),
    sa.Column("address", sa.Unicode(REFERENCE_LENGTH), doc="From which address."),
    sa.Column("request_id", sa.Unicode(REQUEST_LENGTH), doc="The id of the request."),
    sa.Column("act", sa.Unicode(40), nullable=False, doc="What was done, such as restart."),
    sa.Column("name", name_type(NAME_LENGTH), doc="The name of the process that it concerns."),
    sa.Column("process_id", key_type, autoincrement=False, doc="That process; it may be gone by now."),
    sa.Column("seq", sa.Integer, doc="The row of its history that tells of this, too."),
    sa.Column("target", sa.Unicode(REFERENCE_LENGTH), doc="What else it concerns: a switch, a command, a user."),
    sa.Column("reason", sa.Unicode(MESSAGE_LENGTH), nullable=False, doc="Why."),
    sa.Column("before", text_type, doc="JSON: how it stood before."),
    sa.Column("after", text_type, doc="JSON: how it stood after."),
    sa.Column("result", sa.Unicode(10), nullable=False, doc="done or refused."),
    sa.Column("message", sa.Unicode(MESSAGE_LENGTH), nullable=False, doc="Why it was refused."),
    sa.Column("hash", sa.Unicode(HASH_LENGTH), nullable=False, doc="SHA-256 of the hash before and of this row."),
    sa.CheckConstraint("result IN ('done', 'refused')", name="result"),
    sqlite_with_rowid=False,
)
"""The chain of what was done to what is there: a row for each act, each with the hash of the row before in its own."""

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False, doc="Always 1."),
    sa.Column("number", sa.BigInteger, nullable=False, doc="The number of the newest row."),
    sa.Column("hash", sa.Unicode(HASH_LENGTH), nullable=False, doc="Its hash."),
    sa.CheckConstraint("id = 1", name="one_row"),
)
"""One row to lock, always last: the end of the chain, to which the next act is added."""

head = audit_head.c

_NAMES: Final = [column.name for column in audit.columns]

_LENGTHS: Final = [
    (column.name, column.type.length)
    for column in audit.columns
    if isinstance(column.type, sa.Unicode) and column.type.length and column.name != "hash"
]

_HINT: Final = "`process-manager audit verify` shows the chain; whoever keeps the database restores its end."

START: Final = "0" * 64
"""The hash before the first row."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """What somebody did, or was refused; its number and hash come from the chain."""

    at: datetime
    actor: str
    actor_kind: str  # person or program
    role: str
    way: str
    act: str
    result: str  # done or refused
    reason: str = ""
    message: str = ""
    name: str | None = None
    process_id: int | None = None
    seq: int | None = None
    target: str | None = None
    before: str | None = None  # JSON
    after: str | None = None  # JSON
    address: str | None = None
    request_id: str | None = None


def append(connection: sa.Connection, rows: Sequence[AuditRow]) -> list[int]:
    """Add rows at the end of the chain and return their numbers; the end stays locked until the caller's commit.

    It must be the last that a transaction writes: whoever locks something after the end may deadlock with another.
    """
    if not rows:
        return []
    found = connection.execute(lock_head()).one_or_none()
    if found is None:
        raise ChainBroken(problem="is missing (the table audit_head is empty)", hint=_HINT)
    number, before = found
    chained = []
    for number_, row in enumerate(map(_storable, rows), start=number + 1):
        before = chained_hash(before, number_, row)
        columns = {**asdict(row), "at": moment_text(row.at), "number": number_, "hash": before}
        chained.append(tuple(columns[name] for name in _NAMES))
    try:
        connection.execute(append_statement(), {"rows": pack(chained)})
    except sa.exc.IntegrityError as error:
        raise ChainBroken(problem=f"says {number}, but there are rows behind it", hint=_HINT) from error
    connection.execute(move_head(), {"newest": number + len(rows), "newest_hash": before})
    return list(range(number + 1, number + 1 + len(rows)))


@lru_cache
def lock_head() -> sa.Select[int, str]:
    """Select the end of the chain, locked."""
    chosen = sa.select(head.number, head.hash).where(head.id == sa.literal_column("1")).with_for_update()
    return hints.on(chosen, audit_head, hints.LOCK)


@lru_cache
def append_statement() -> sa.Insert:
    """Insert every row of the batch at once."""
    return sa.insert(audit).from_select(_NAMES, sa.select(json_rows(*audit.columns)))


@lru_cache
def move_head() -> sa.Update:
    """Update the end of the chain to its newest row."""
    newest: dict[str, sa.ColumnElement[Any]] = {"number": sa.bindparam("newest"), "hash": sa.bindparam("newest_hash")}
    return hints.update(audit_head).where(head.id == sa.literal_column("1")).values(newest)


def chained_hash(before: str, number: int, row: AuditRow) -> str:
    """Return the hash of a row that is about to be written."""
    return hash_of(before, {**asdict(row), "at": moment_text(row.at), "number": number})


def hash_of(before: str, columns: Mapping[str, Any]) -> str:
    """Return the hash of a row: SHA-256 of the hash before, a line feed, and its canonical JSON.

    Args:
        before: The hash of the row before; `START` for the first.
        columns: Its number and all its columns but the hash.
    """
    return hashlib.sha256(f"{before}\n{canonical(columns)}".encode()).hexdigest()


def canonical(columns: Mapping[str, Any]) -> str:
    """Return the JSON of a row that anybody can make again: an object with sorted keys, without blanks, for UTF-8."""
    return json.dumps(columns, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def _storable(row: AuditRow) -> AuditRow:
    """Return the row as every database keeps it: what is read again must have the hash that was written."""
    kept: dict[str, Any] = {
        name: serialization.clean(text, most) for name, most in _LENGTHS if (text := getattr(row, name))
    }
    return replace(row, **kept)
