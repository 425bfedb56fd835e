"""The people who may sign in: a role, the kinds of processes that they see, and the hash of a password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from process_manager.store import sqlserver_hints as hints
from process_manager.store.account_tables import users
from process_manager.store.column_types import Moment
from process_manager.store.insert_new import insert_once

u = users.c

SHOWN: Final = tuple(column for column in users.columns if column.name != "password_hash")


def insert(connection: sa.Connection, row: Mapping[str, object]) -> bool:
    """Insert a user unless one of that name exists, and return whether it was inserted."""
    return insert_once(connection, users, row)


def one(connection: sa.Connection, name: str, *, locked: bool = False) -> sa.RowMapping | None:
    """Return a user with the hash of the password, with `locked` locked until the commit; None without such a user."""
    which = sa.select(users).where(u.name == name)
    if locked:
        which = hints.on(which.with_for_update(), users, hints.LOCK)
    return connection.execute(which).mappings().one_or_none()


def every(connection: sa.Connection) -> Sequence[sa.RowMapping]:
    """Return all users by name, without the hashes of their passwords."""
    return connection.execute(sa.select(*SHOWN).order_by(u.name)).mappings().all()


def change(connection: sa.Connection, name: str, values: Mapping[str, Any]) -> None:
    """Change some columns of a user."""
    given = {key: sa.null() if value is None else value for key, value in values.items()}
    connection.execute(sa.update(users).where(u.name == name).values(given))


def count_failure(connection: sa.Connection, name: str, *, now: datetime, since: datetime, most: int) -> bool:
    """Count a sign-in that failed; the first after `since` begins a new stretch, in which `most` are counted.

    Returns:
        Whether it was counted.
    """
    goes_on = u.failing_since > since
    counted = (
        sa.update(users)
        .where(u.name == name, sa.or_(u.failures < most, u.failing_since <= since))
        .ordered_values(  # MariaDB sets one after the other, and reads what it has set
            (u.failures, sa.case((goes_on, u.failures + 1), else_=1)),
            (u.failing_since, sa.case((goes_on, u.failing_since), else_=sa.literal(now, Moment))),
        )
    )
    return bool(connection.execute(counted).rowcount)


def signed_on(connection: sa.Connection, name: str, *, now: datetime, since: datetime) -> bool:
    """Record that somebody was signed on elsewhere, unless they have come after `since`; return whether."""
    is_old = sa.or_(u.signed_in_at.is_(None), u.signed_in_at <= since)
    changed = sa.update(users).where(u.name == name, u.disabled_at.is_(None), is_old).values(signed_in_at=now)
    return bool(connection.execute(changed).rowcount)


def signed_in(  # noqa: PLR0913 - what was seen, what is kept, and what locks a name, by name
    connection: sa.Connection, name: str, *, seen_hash: str, new_hash: str, now: datetime, since: datetime, most: int
) -> bool:
    """Record a sign-in, unless the user was disabled, locked or given another password meanwhile; return whether.

    Many guesses may be tried at once: the right one is worth nothing after `most` that failed since `since`.
    """
    is_open = sa.or_(u.failures < most, u.failing_since <= since)
    still = (u.name == name, u.password_hash == seen_hash, u.disabled_at.is_(None), is_open)
    values = {u.failures: 0, u.failing_since: sa.null(), u.signed_in_at: now, u.password_hash: new_hash}
    return bool(connection.execute(sa.update(users).where(*still).values(values)).rowcount)
