"""Signing in with a name and a password: as much work for a name that is not there, and an end to guessing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from process_manager.actor import Actor, Way
from process_manager.database import Database
from process_manager.governance import passwords, users
from process_manager.governance.users import FAILURES, STRETCH
from process_manager.store import audit_chain
from process_manager.store import users as stored
from process_manager.store.audit_chain import AuditRow

REFUSED: Final = (
    "The name or the password is wrong, or the name is locked: after ten failures within 15 minutes it waits until "
    "these are over."
)
"""What a person is told of every sign-in that failed, whatever the reason: it tells nobody which names exist."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What somebody typed to sign in, or a program sent for them, and where they come from."""

    name: str
    password: str = field(repr=False)
    address: str | None = None
    request_id: str | None = None
    way: Way = "page"


def sign_in(database: Database, wanted: SignIn, *, now: datetime) -> Actor | None:
    """Return who has signed in, or None; that, and the failure that locks a name, are on the audit chain.

    No transaction is open while the password is hashed, which takes a tenth of a second.

    Raises:
        SignInsHeld: Too many have failed from this address, or for this name, whether it exists or not.
    """
    from process_manager.governance import sign_in_limits  # a tenth of a second, which no start has to wait for

    name = users.looked_up(wanted.name)
    with database.read() as connection:
        sign_in_limits.require_open(connection, name, wanted.address, now=now)
        row = stored.one(connection, name)
    fitting = passwords.fits(wanted.password, None if row is None else row["password_hash"])
    user = None if row is None else users.user_of(row, now)
    if row is None or user is None or not fitting or user.disabled_at or user.locked_until:
        database.run(lambda connection: failed(connection, wanted, now))
        return None
    actor = users.actor(user, way=wanted.way, address=wanted.address, request_id=wanted.request_id)
    known = row["password_hash"]
    new = passwords.renewed(wanted.password, known)

    def come_in(connection: sa.Connection) -> bool:
        since = now - STRETCH
        if not stored.signed_in(connection, name, seen_hash=known, new_hash=new, now=now, since=since, most=FAILURES):
            return False
        users.forget_failures(connection, name)
        audit_chain.append(connection, [told(actor, now)])
        return True

    return actor if database.run(come_in) else None


def failed(connection: sa.Connection, wanted: SignIn, now: datetime) -> None:
    """Count a failure, and chain the one that locks the name."""
    from process_manager.governance import sign_in_limits

    name = users.looked_up(wanted.name)
    sign_in_limits.count(connection, name, wanted.address, now=now)
    if not stored.count_failure(connection, name, now=now, since=now - STRETCH, most=FAILURES):
        return
    row = stored.one(connection, name)
    if row is not None and row["failures"] == FAILURES:
        user = users.user_of(row, now)
        actor = users.actor(user, way=wanted.way, address=wanted.address, request_id=wanted.request_id)
        why = f"{FAILURES} sign-ins in a row failed: the name is locked until {user.locked_until:%Y-%m-%d %H:%M:%S} UTC"
        audit_chain.append(connection, [told(actor, now, refused=why)])


def told(actor: Actor, now: datetime, *, refused: str = "") -> AuditRow:
    """Return the row of the audit chain that tells of a sign-in."""
    return AuditRow(
        at=now,
        actor=actor.name,
        actor_kind="person",
        role=actor.role,
        way=actor.way,
        act="sign-in",
        result="refused" if refused else "done",
        message=refused,
        target=actor.name,
        address=actor.address,
        request_id=actor.request_id,
    )
