"""Links that sign somebody in: once, for some minutes, by a word of 256 random bits whose hash is all that is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.governance import sign_in, users
from process_manager.store import audit_chain, sign_in_links
from process_manager.store import users as stored

LASTS: Final = timedelta(minutes=15)


def create(database: Database, name: str, *, now: datetime) -> str:
    """Return the word of a new link that signs this user in."""
    word = secrets.token_urlsafe(32)
    row = {"hash": _hashed(word), "user_name": name, "expires_at": now + LASTS}

    def created(connection: sa.Connection) -> None:
        sign_in_links.sweep(connection, now=now)
        sign_in_links.insert(connection, row)

    database.run(created)
    return word


def come_in(
    database: Database, word: str, *, now: datetime, address: str | None = None, request_id: str | None = None
) -> Actor | None:
    """Return who has signed in by a link, and end the link; None for one that was used, has ended or never was."""

    def used(connection: sa.Connection) -> Actor | None:
        name = sign_in_links.user_name(connection, _hashed(word), now=now)
        row = None if name is None else stored.one(connection, name)
        if row is None or row["disabled_at"] is not None or not sign_in_links.use(connection, _hashed(word)):
            return None
        actor = users.actor(users.user_of(row, now), way="page", address=address, request_id=request_id)
        audit_chain.append(connection, [sign_in.told(actor, now)])
        return actor

    return database.run(used)


def _hashed(word: str) -> str:
    return hashlib.sha256(word[:200].encode("utf-8", "replace")).hexdigest()
