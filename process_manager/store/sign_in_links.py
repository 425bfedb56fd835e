"""Links that sign somebody in once, found by the hash of the word in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from process_manager.store.account_tables import sign_in_links

k = sign_in_links.c


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    """Insert a link."""
    connection.execute(sa.insert(sign_in_links).values(row))


def user_name(connection: sa.Connection, hashed: str, *, now: datetime) -> str | None:
    """Return whom a link signs in; None where there is none with this hash that has not ended."""
    which = sa.select(k.user_name).where(k.hash == hashed, k.expires_at > now)
    return connection.execute(which).scalar_one_or_none()


def use(connection: sa.Connection, hashed: str) -> bool:
    """Delete a link, and return whether it was still there: of two who use it at once, one does."""
    return bool(connection.execute(sa.delete(sign_in_links).where(k.hash == hashed)).rowcount)


def sweep(connection: sa.Connection, *, now: datetime) -> None:
    """Delete what has ended."""
    connection.execute(sa.delete(sign_in_links).where(k.expires_at <= now))
