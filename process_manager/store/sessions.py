"""Who is signed in to the pages: found by the hash of a cookie, with the user as they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from process_manager.store import users
from process_manager.store.account_tables import sessions
from process_manager.store.account_tables import users as accounts

s = sessions.c


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    """Insert a session."""
    connection.execute(sa.insert(sessions).values(row))


def with_user(connection: sa.Connection, hashed: str) -> sa.RowMapping | None:
    """Return the session with this hash beside its user, without the hash of the password; None without one."""
    shown = (s.role.label("seen_role"), s.created_at.label("began_at"), s.seen_at, s.expires_at)
    joined = sa.select(*users.SHOWN, *shown).join_from(sessions, accounts, s.user_name == accounts.c.name)
    return connection.execute(joined.where(s.hash == hashed)).mappings().one_or_none()


def seen(connection: sa.Connection, hashed: str, *, now: datetime, since: datetime) -> None:
    """Record that somebody asked for something, unless that was recorded after `since`."""
    connection.execute(sa.update(sessions).where(s.hash == hashed, s.seen_at <= since).values(seen_at=now))


def renew(connection: sa.Connection, hashed: str, *, new_hash: str, role: str, now: datetime) -> bool:
    """Give a session another hash and role, and return whether it was still there."""
    changed = sa.update(sessions).where(s.hash == hashed).values(hash=new_hash, role=role, seen_at=now)
    return bool(connection.execute(changed).rowcount)


def delete(connection: sa.Connection, hashed: str) -> None:
    """Delete a session."""
    connection.execute(sa.delete(sessions).where(s.hash == hashed))


def of_user(connection: sa.Connection, name: str) -> Sequence[sa.RowMapping]:
    """Return the sessions of a user, the newest first."""
    columns = (s.hash, s.created_at, s.seen_at, s.expires_at)
    statement = sa.select(*columns).where(s.user_name == name).order_by(s.created_at.desc(), s.hash)
    return connection.execute(statement).mappings().all()


def delete_of(connection: sa.Connection, name: str) -> int:
    """Delete the sessions of a user, and return how many there were."""
    return connection.execute(sa.delete(sessions).where(s.user_name == name)).rowcount


def sweep(connection: sa.Connection, *, now: datetime, idle_since: datetime) -> None:
    """Delete what has expired, and what was not used since a moment."""
    connection.execute(sa.delete(sessions).where(sa.or_(s.expires_at <= now, s.seen_at <= idle_since)))
