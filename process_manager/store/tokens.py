"""The tokens of programs: what each may do, until when, and the hash by which it is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from process_manager.store.account_tables import tokens

t = tokens.c

SHOWN: Final = tuple(column for column in tokens.columns if column.name != "hash")


def insert(connection: sa.Connection, row: Mapping[str, object]) -> None:
    """Insert a token."""
    connection.execute(sa.insert(tokens).values(row))


def by_hash(connection: sa.Connection, hashed: str) -> Sequence[sa.RowMapping]:
    """Return the token whose secret has this hash: one, or none."""
    return connection.execute(sa.select(*SHOWN).where(t.hash == hashed)).mappings().all()


def one(connection: sa.Connection, token_id: int) -> sa.RowMapping | None:
    """Return a token; None when there is no such token."""
    return connection.execute(sa.select(*SHOWN).where(t.id == token_id)).mappings().one_or_none()


def every(connection: sa.Connection) -> Sequence[sa.RowMapping]:
    """Return all tokens, the oldest first."""
    return connection.execute(sa.select(*SHOWN).order_by(t.id)).mappings().all()


def revoke(connection: sa.Connection, token_id: int, *, now: datetime) -> bool:
    """Revoke a token, and return whether it was not revoked before."""
    statement = sa.update(tokens).where(t.id == token_id, t.revoked_at.is_(None)).values(revoked_at=now)
    return bool(connection.execute(statement).rowcount)


def used(connection: sa.Connection, token_id: int, *, now: datetime, since: datetime) -> None:
    """Record that a token was used, unless that was recorded after `since`."""
    is_old = sa.or_(t.last_used_at.is_(None), t.last_used_at <= since)
    connection.execute(sa.update(tokens).where(t.id == token_id, is_old).values(last_used_at=now))
