"""The people who may sign in: added, given a role and the kinds that they see, disabled, never deleted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from process_manager import serialization
from process_manager.actor import Actor, Role, Way
from process_manager.errors import IllegalValue, NotFound, UsageError
from process_manager.lifecycle.asking import checked_group
from process_manager.message import Message
from process_manager.store import sign_in_failures, users

NAME: Final = re.compile(r"[\w.@+-]{1,100}")
FAILURES: Final = 10
STRETCH: Final = timedelta(minutes=15)
"""So many sign-ins that fail in a row within this time lock the name until it is over."""

FAILURES_A_DAY: Final = 100
"""So many that fail within a day, with none that does not, lock the name until it is over, so that guessing ends."""


@dataclass(frozen=True, slots=True)
class NewUser:
    """Somebody who is to be added; the hash is that of `passwords.hashed`."""

    name: str
    role: Role
    kinds: frozenset[str] | None
    password_hash: str
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in, as an admin sees it; `locked_until` is set while too many sign-ins have failed."""

    name: str
    role: Role
    kinds: frozenset[str] | None
    signed_in_at: datetime | None
    password_changed_at: datetime
    locked_until: datetime | None
    created_at: datetime
    created_by: str
    disabled_at: datetime | None
    groups: frozenset[str] = frozenset()


def user_name(text: str) -> str:
    """Return the name as it is kept, in small letters; raise IllegalValue when it cannot be one."""
    name = normal(text)
    if not NAME.fullmatch(name):
        hint = "Use letters, digits and . @ + _ -, at most 100, such as ada or ada@office.example."
        raise IllegalValue(what=Message("User"), value=text[:100], problem=Message("is no name"), hint=hint)
    return name


def normal(text: str) -> str:
    """Return the name as it is compared: Ada and ADA are ada, however their letters are put together."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def looked_up(text: str) -> str:
    """Return the name as it is looked up; what cannot be one is empty, which nobody is, and no database refuses."""
    name = normal(text)
    return name if NAME.fullmatch(name) else ""


def add(connection: sa.Connection, new: NewUser, *, by: str, now: datetime) -> User:
    """Add a user; raise UsageError when there is one of that name."""
    _refuse_narrow_admin(new.role, new.kinds)
    row = {
        "name": new.name,
        "role": new.role.value,
        "kinds": _written(new.kinds),
        "task_groups": _written(frozenset(map(checked_group, new.groups)) or None),
        "password_hash": new.password_hash,
        "password_changed_at": now,
        "created_at": now,
        "created_by": by,
    }
    if not users.insert(connection, row):
        raise UsageError.with_hint(
            Message("There is a user %(name)s already.", name=repr(new.name)),
            "`process-manager user list` shows who is.",
        )
    return get(connection, new.name, now=now)


def get(connection: sa.Connection, name: str, *, now: datetime) -> User:
    """Return a user; raise NotFound when there is none of that name."""
    row = users.one(connection, looked_up(name))
    if row is None:
        raise NotFound.with_hint(
            Message("There is no user %(name)s.", name=repr(name[:100])),
            "`process-manager user list` shows those that exist.",
        )
    return user_of(row, now)


def listed(connection: sa.Connection, *, now: datetime) -> list[User]:
    """Return all users by name."""
    return [user_of(row, now) for row in users.every(connection)]


def exist(connection: sa.Connection) -> bool:
    """Return whether anybody may sign in."""
    return any(row["disabled_at"] is None for row in users.every(connection))


def disable(connection: sa.Connection, name: str, *, now: datetime) -> User:
    """Let a user sign in no more; what they did stays in the history. One that is disabled stays as it is."""
    found = get(connection, name, now=now)
    return found if found.disabled_at else _changed(connection, found, now, disabled_at=now)


def enable(connection: sa.Connection, name: str, *, now: datetime) -> User:
    """Let a user sign in again, also one whose sign-ins failed too often."""
    found = get(connection, name, now=now)
    forget_failures(connection, found.name)
    return _changed(connection, found, now, disabled_at=None, failures=0, failing_since=None)


def set_role(connection: sa.Connection, name: str, role: Role, *, now: datetime) -> User:
    """Give a user another role; raise UsageError when an admin would see some kinds only."""
    found = get(connection, name, now=now)
    _refuse_narrow_admin(role, found.kinds)
    return _changed(connection, found, now, role=role.value)


def set_kinds(connection: sa.Connection, name: str, kinds: Collection[str] | None, *, now: datetime) -> User:
    """Let a user see the processes of these names only, None for all; raise UsageError for an admin."""
    found = get(connection, name, now=now)
    wanted = None if kinds is None else frozenset(kinds)
    _refuse_narrow_admin(found.role, wanted)
    return _changed(connection, found, now, kinds=_written(wanted))


def set_groups(connection: sa.Connection, name: str, groups: Collection[str], *, now: datetime) -> User:
    """Let a user answer the tasks of these groups."""
    found = get(connection, name, now=now)
    wanted = frozenset(map(checked_group, groups))
    return _changed(connection, found, now, task_groups=_written(wanted or None))


def set_password(connection: sa.Connection, name: str, password_hash: str, *, now: datetime) -> User:
    """Give a user another password, by its hash; sign-ins that failed before are forgotten."""
    found = get(connection, name, now=now)
    forget_failures(connection, found.name)
    values = {"password_hash": password_hash, "password_changed_at": now, "failures": 0, "failing_since": None}
    return _changed(connection, found, now, **values)


def forget_failures(connection: sa.Connection, name: str) -> None:
    """Forget the sign-ins to this name that failed within a day."""
    sign_in_failures.forget(connection, [sign_in_failures.key("name", name, seconds=24 * 3600)])


def user_of(row: sa.RowMapping, now: datetime) -> User:
    """Return the user of a row of the table."""
    is_locked = row["failures"] >= FAILURES and row["failing_since"] > now - STRETCH
    same = {name: row[name] for name in User.__slots__ if name in row}
    return User(
        **{
            **same,
            "role": Role(row["role"]),
            "kinds": None if row["kinds"] is None else frozenset(serialization.loads(row["kinds"])),
            "groups": frozenset(serialization.loads(row["task_groups"] or "[]")),
            "locked_until": row["failing_since"] + STRETCH if is_locked else None,
        }
    )


def actor(user: User, *, way: Way, address: str | None = None, request_id: str | None = None) -> Actor:
    """Return a user who has signed in as one who acts."""
    return Actor(
        user.name,
        is_person=True,
        way=way,
        address=address,
        request_id=request_id,
        role=user.role,
        kinds=user.kinds,
        groups=user.groups,
    )


def _refuse_narrow_admin(role: Role, kinds: frozenset[str] | None) -> None:
    if role is Role.ADMIN and kinds is not None:
        raise UsageError(
            problem=Message("An admin sees every kind, as one who gives out rights. Name no kinds, or another role.")
        )


def _changed(connection: sa.Connection, user: User, now: datetime, **values: Any) -> User:
    users.change(connection, user.name, values)
    return get(connection, user.name, now=now)


def _written(kinds: frozenset[str] | None) -> str | None:
    return None if kinds is None else serialization.dumps(sorted(kinds))
