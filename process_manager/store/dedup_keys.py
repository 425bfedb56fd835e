"""Dedup keys: a second start with the same key returns the first process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import sqlalchemy as sa

from process_manager.store import sqlserver_hints as hints
from process_manager.store.insert_new import insert_new, unless_exists
from process_manager.store.json_rows import delete_rows, json_rows, pack
from process_manager.store.tables import dedup_keys

d = dedup_keys.c

_TAKEN = (d.name, d.key_hash, d.process_id, d.scope)


def hashed(key: str) -> str:
    """Return the key as it is stored: hashed, because it may be personal or long."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def holders(connection: sa.Connection, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the process that holds each of these (name, key hash) pairs; pairs that nobody holds are left out."""
    if not wanted:
        return {}
    rows = connection.execute(holders_statement(), {"rows": pack(wanted)})
    return {(name, key_hash): process_id for name, key_hash, process_id in rows}


@lru_cache
def holders_statement() -> sa.Select[str, str, int]:
    """Select those keys of the batch that are taken."""
    r = json_rows(d.name, d.key_hash).c
    found = sa.select(d.name, d.key_hash, d.process_id).where(d.name == r.name, d.key_hash == r.key_hash)
    return hints.on(found, dedup_keys, hints.SEEK)


def take(connection: sa.Connection, rows: Sequence[tuple[str, str, int, str]]) -> set[int]:
    """Take keys, given as (name, key hash, process id, scope).

    Returns:
        The ids of the processes that got their key.
    """
    if not rows:
        return set()
    wanted = sorted(rows)  # always in the same order, so that no two starts deadlock
    taken = connection.execute(take_statement(connection.dialect.name), {"rows": pack(wanted)})
    return {row[2] for row in wanted} if connection.dialect.name == "sqlite" else set(taken.scalars())


def owners(connection: sa.Connection, rows: Sequence[tuple[str, str, int, str]]) -> dict[tuple[str, str], int]:
    """Take keys that were free a moment ago and return who holds each of them now.

    That is the process given with the key, unless another start was faster and still holds it.
    """
    found: dict[tuple[str, str], int] = {}
    while wanted := [row for row in rows if row[:2] not in found]:  # again, when the faster one has released it
        taken = take(connection, wanted)
        found |= {row[:2]: row[2] for row in wanted if row[2] in taken}
        found |= holders(connection, [row[:2] for row in wanted if row[2] not in taken])
    return found


@lru_cache
def take_statement(dialect: str) -> sa.Insert | sa.sql.dml.ReturningInsert[int]:
    """Insert those keys of the batch that nobody holds."""
    wanted = json_rows(*_TAKEN)
    every, r = sa.select(*wanted.c), wanted.c
    if dialect == "mssql":
        every = every.where(unless_exists(d.name, dedup_keys, d.name == r.name, d.key_hash == r.key_hash))
    insert = insert_new(dedup_keys, dialect).from_select([column.name for column in _TAKEN], every)
    return insert if dialect == "sqlite" else insert.returning(d.process_id)


def release(connection: sa.Connection, held: Iterable[tuple[str, str | None, int]]) -> None:
    """Release the keys that processes held while they were open, given as (name, key hash, process id)."""
    rows = [each for each in held if each[1] is not None]
    if not rows:
        return
    dialect = connection.dialect.name
    one_by_one = [dict(zip(_HELD, row, strict=True)) for row in rows]
    connection.execute(release_statement(dialect), one_by_one if dialect == "mariadb" else {"rows": pack(rows)})


_HELD: Final = ("held_name", "held_hash", "held_by")


@lru_cache
def release_statement(dialect: str) -> sa.Delete:
    """Delete the keys of ended processes, but not those that are kept for ever."""
    if dialect == "mariadb":  # a join would scan a small table, and wait for every locked key in it
        columns = (d.name, d.key_hash, d.process_id)
        which = sa.delete(dedup_keys).where(*(c == sa.bindparam(name) for c, name in zip(columns, _HELD, strict=True)))
    else:
        which = delete_rows(dedup_keys, (d.name, d.key_hash, d.process_id), dialect)
    return which.where(d.scope == "while_open")


def locked_by_others(connection: sa.Connection, held: Iterable[tuple[str, str | None, int]]) -> set[int]:
    """Return those of the processes whose keys another transaction has locked; wait for none of them."""
    rows = [each for each in held if each[1] is not None]
    if not rows:
        return set()
    free, there = (
        {id_ for (id_,) in connection.execute(statement, {"rows": pack(rows)})}
        for statement in (unlocked_statement(connection.dialect.name), existing_statement())
    )
    return there - free


@lru_cache
def unlocked_statement(dialect: str) -> sa.Select[int]:
    """Select the keys that nobody has locked, and lock them as a delete would."""
    rows = hints.on(_existing(), dedup_keys, hints.SKIP_LOCKED)
    return rows.with_for_update(skip_locked=True, of=dedup_keys if dialect == "postgresql" else None)


@lru_cache
def existing_statement() -> sa.Select[int]:
    """Select all keys that exist, as they were last committed."""
    return hints.on(_existing(), dedup_keys, hints.NO_LOCK)


def _existing() -> sa.Select[int]:
    r = json_rows(d.name, d.key_hash, d.process_id).c
    found = sa.select(d.process_id).where(d.name == r.name, d.key_hash == r.key_hash, d.process_id == r.process_id)
    return found.with_hint(dedup_keys, "FORCE INDEX (PRIMARY)", dialect_name="mariadb")
