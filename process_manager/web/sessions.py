"""Who is signed in to the pages: a cookie of 256 random bits, whose hash is all that the database has."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.governance import users
from process_manager.governance.users import User
from process_manager.store import sessions

IDLE: Final = timedelta(minutes=30)
"""Who asks for nothing so long must sign in again."""

LONGEST: Final = timedelta(hours=8)
"""Everybody must sign in again after so long."""

OFTEN: Final = timedelta(minutes=1)
"""How exactly it is kept when somebody was last seen: not every request writes."""


class SignedIn(NamedTuple):
    """Somebody who is signed in; a cookie that is not None takes the place of the one that they sent."""

    user: User
    cookie: str | None = None


class KnownSession(NamedTuple):
    """A session as a person sees it: when it began, was last used, will end, and whether it is their own."""

    began_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_this: bool


def create(database: Database, actor: Actor, *, before: str | None, now: datetime) -> str:
    """Create a session for somebody who has just signed in.

    Args:
        database: The engine's database.
        actor: Who has signed in.
        before: The cookie that they had; its session ends.
        now: The present moment.

    Returns:
        The new cookie.
    """
    cookie = _new()
    row = {
        "hash": _hashed(cookie),
        "user_name": actor.name,
        "role": actor.role.value,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + LONGEST,
    }

    def created(connection: sa.Connection) -> None:
        sessions.sweep(connection, now=now, idle_since=now - IDLE)
        if before is not None:
            sessions.delete(connection, _hashed(before))
        sessions.insert(connection, row)

    database.run(created)
    return cookie


def resume(database: Database, cookie: str, *, now: datetime, is_poll: bool = False) -> SignedIn | None:
    """Return who sent a cookie; None when its session has ended, or its user may sign in no more.

    Args:
        database: The engine's database.
        cookie: The cookie.
        now: The present moment.
        is_poll: A page asked by itself: that keeps nobody signed in.
    """
    hashed = _hashed(cookie)
    with database.read() as connection:
        row = sessions.with_user(connection, hashed)
    if row is None or row["expires_at"] <= now or row["seen_at"] <= now - IDLE:
        return None
    user = users.user_of(row, now)
    if user.disabled_at is not None or user.password_changed_at > row["began_at"]:
        return None
    if user.role.value != row["seen_role"]:
        return _renewed(database, hashed, user, now)
    if row["seen_at"] <= now - OFTEN and not is_poll:
        database.run(lambda connection: sessions.seen(connection, hashed, now=now, since=now - OFTEN))
    return SignedIn(user)


def end(database: Database, cookie: str) -> None:
    """End the session of a cookie."""
    database.run(lambda connection: sessions.delete(connection, _hashed(cookie)))


def listed(connection: sa.Connection, name: str, *, cookie: str | None, now: datetime) -> list[KnownSession]:
    """Return where somebody is signed in, the newest first.

    Args:
        connection: A connection in any transaction.
        name: Who.
        cookie: The cookie of whoever asks.
        now: The present moment.
    """
    mine = None if cookie is None else _hashed(cookie)
    rows = [each for each in sessions.of_user(connection, name) if each["expires_at"] > now]
    return [
        KnownSession(row["created_at"], row["seen_at"], row["expires_at"], is_this=row["hash"] == mine)
        for row in rows
        if row["seen_at"] > now - IDLE
    ]


def _renewed(database: Database, hashed: str, user: User, now: datetime) -> SignedIn | None:
    """Return the user with another cookie: whoever knew the old one does not get the new role."""
    cookie, role = _new(), user.role.value
    new_hash = _hashed(cookie)
    still = database.run(lambda connection: sessions.renew(connection, hashed, new_hash=new_hash, role=role, now=now))
    return SignedIn(user, cookie) if still else None


def _new() -> str:
    return secrets.token_urlsafe(32)


def _hashed(cookie: str) -> str:
    return hashlib.sha256(cookie[:200].encode("utf-8", "replace")).hexdigest()
