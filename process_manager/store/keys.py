"""Dedup keys: a second start with one returns the first process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import sqlalchemy as sa

from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import dedup_keys

d = dedup_keys.c


def hashed(key: str) -> str:
    """The key as it is stored: it may be personal, and it may be long."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def holders(connection: sa.Connection, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Who holds each of these (name, key hash), where somebody does."""
    if not wanted:
        return {}
    rows = connection.execute(holders_statement(), {"rows": pack(wanted)})
    return {(name, key_hash): process_id for name, key_hash, process_id in rows}


@lru_cache
def holders_statement() -> sa.Select[str, str, int]:
    """The keys of the batch that are taken."""
    r = json_rows("name", "key_hash").c
    return sa.select(d.name, d.key_hash, d.process_id).where(d.name == r.name, d.key_hash == r.key_hash)


def take(connection: sa.Connection, rows: Sequence[tuple[str, str, int, str]]) -> None:
    """Hold keys: (name, key hash, process id, scope)."""
    if rows:
        connection.execute(take_statement(), {"rows": pack(rows)})


@lru_cache
def take_statement() -> sa.Insert:
    """Every key of the batch at once."""
    columns = ("name", "key_hash", "process_id", "scope")
    return sa.insert(dedup_keys).from_select(list(columns), sa.select(json_rows(*columns)))


def let_go(connection: sa.Connection, held: Iterable[tuple[str, str | None, int]]) -> None:
    """Free the keys that processes held while they were open: (name, key hash, process id)."""
    rows = [each for each in held if each[1] is not None]
    if rows:
        connection.execute(let_go_statement(), {"rows": pack(rows)})


@lru_cache
def let_go_statement() -> sa.Delete:
    """The keys of ended processes, but not those kept for ever."""
    r = json_rows("name", "key_hash", "process_id").c
    return sa.delete(dedup_keys).where(
        sa.tuple_(d.name, d.key_hash, d.process_id).in_(sa.select(r.name, r.key_hash, r.process_id)),
        d.scope == "while_open",
    )
