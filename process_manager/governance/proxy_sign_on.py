"""Whom a trusted proxy has signed on, such as IIS with Windows: a user that is there already, never a new one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from process_manager.actor import Actor, Role, Way
from process_manager.database import Database
from process_manager.governance import sign_in, users
from process_manager.store import audit_chain
from process_manager.store import users as stored

SELDOM: Final = timedelta(hours=8)
"""How often the audit chain tells that somebody was signed on: once for a day of work."""


@dataclass(frozen=True, slots=True)
class SignOn:
    """Whom a proxy names, and in which groups they are."""

    name: str
    groups: Sequence[str] = ()
    address: str | None = None
    request_id: str | None = None
    way: Way = "page"


def user_name(name: str) -> str:
    r"""Return the user that is meant: OFFICE\Ada is ada@office, so that nobody of another domain is taken for her."""
    domain, found, account = name.strip().rpartition("\\")
    return users.normal(f"{account}@{domain}" if found else account)


def actor(database: Database, wanted: SignOn, roles: Sequence[tuple[str, Role]], *, now: datetime) -> Actor | None:
    """Return who is meant; None without such a user who may sign in, or where none of their groups has a role.

    Args:
        database: The engine's database.
        wanted: Whom the proxy names.
        roles: The roles of groups; without any, the user has their own.
        now: The present moment.
    """
    name = users.looked_up(user_name(wanted.name))
    with database.read() as connection:
        row = stored.one(connection, name)
    user = None if row is None else users.user_of(row, now)
    role = None if user is None else _role(wanted.groups, roles) if roles else user.role
    if user is None or role is None or user.disabled_at is not None:
        return None
    if role is Role.ADMIN and user.kinds is not None:
        role = Role.OPERATOR  # an admin sees every kind
    found = users.actor(user, way=wanted.way, address=wanted.address, request_id=wanted.request_id)
    found = replace(found, role=role)
    if user.signed_in_at is None or user.signed_in_at <= now - SELDOM:
        database.run(lambda connection: _tell(connection, found, now))
    return found


def _role(groups: Iterable[str], roles: Iterable[tuple[str, Role]]) -> Role | None:
    """Return the highest role that one of the groups has."""
    known = {group.strip().casefold() for group in groups}
    return max((role for group, role in roles if group.casefold() in known), key=list(Role).index, default=None)


def _tell(connection: sa.Connection, found: Actor, now: datetime) -> None:
    if stored.signed_on(connection, found.name, now=now, since=now - SELDOM):
        audit_chain.append(connection, [sign_in.told(found, now)])
