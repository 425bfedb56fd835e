"""Tokens of programs: 256 random bits that are shown once and found by their hash, with scopes and an end."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from process_manager import serialization
from process_manager.actor import NAME_LENGTH, Actor, Role
from process_manager.database import Database
from process_manager.errors import IllegalValue, NotFound
from process_manager.governance.permissions import EVERY_KIND, SCOPES, covered
from process_manager.lifecycle.asking import checked_group
from process_manager.message import Message
from process_manager.store import tokens

PREFIX: Final = "pm_"
"""By which programs that look for leaked secrets know one."""

LONGEST: Final = 200
"""Characters of what is looked up: a secret has 46."""

OFTEN: Final = timedelta(minutes=1)
"""How exactly the last use is kept: not every request writes."""

Scopes = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that is to be added: nothing of its secret but the hash and how it begins."""

    name: str
    hash: str
    hint: str
    scopes: Scopes
    expires_at: datetime
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Token:
    """A token, as an admin sees it."""

    id: int
    name: str
    hint: str
    scopes: Scopes
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    groups: frozenset[str] = frozenset()


def new_secret() -> str:
    """Return a secret that nobody can guess."""
    return PREFIX + secrets.token_urlsafe(32)


def new_token(name: str, secret: str, scopes: Scopes, expires_at: datetime, groups: Iterable[str] = ()) -> NewToken:
    """Return the token of a secret; raise IllegalValue when its name cannot be one."""
    clean = serialization.clean(name).strip()
    if not 1 <= len(clean) <= NAME_LENGTH // 2:
        hint = "Name the program that gets it, in at most 100 characters."
        raise IllegalValue(what=Message("Token"), value=name[:100], problem=Message("is no name"), hint=hint)
    wanted = frozenset(map(checked_group, groups))
    return NewToken(clean, hashed(secret), secret[len(PREFIX) :][:6], scopes, expires_at, wanted)


def end(now: datetime, lasts: timedelta) -> datetime:
    """Return when a token ends; raise IllegalValue when that is at once or beyond all calendars."""
    try:
        found = now + lasts
    except OverflowError:
        found = now
    if found <= now:
        hint = "Write how long it is worth something, such as 90d."
        raise IllegalValue(what=Message("The end"), value=str(lasts), problem=Message("is no end"), hint=hint)
    return found


def scopes_of(texts: Iterable[str]) -> Scopes:
    """Return the scopes that are written as `fakturering:start,read` or `*:read`; raise IllegalValue."""
    return frozenset(pair for text in texts for pair in _pairs(text))


def _pairs(text: str) -> Iterable[tuple[str, str]]:
    kind, colon, given = text.rpartition(":")
    wanted = [each.strip() for each in given.split(",")]
    if not colon or not kind.strip() or not set(wanted) <= set(SCOPES):
        hint = f"Write the name of a process, or {EVERY_KIND}, a colon, and of {', '.join(SCOPES)} what is meant."
        raise IllegalValue(what=Message("Scope"), value=text[:100], problem=Message("is none"), hint=hint)
    return [(kind.strip(), each) for each in wanted]


def listed_scopes(scopes: Scopes) -> dict[str, list[str]]:
    """Return what is covered, by the name of the process."""
    names = sorted({name for name, _scope in scopes})
    return {name: [each for each in SCOPES if (name, each) in scopes] for name in names}


def hashed(secret: str) -> str:
    """Return the hash by which a secret is found; no salt, as nobody can guess 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def add(connection: sa.Connection, new: NewToken, *, by: str, now: datetime) -> Token:
    """Add a token."""
    tokens.insert(
        connection,
        {
            "name": new.name,
            "hash": new.hash,
            "hint": new.hint,
            "scopes": serialization.dumps(listed_scopes(new.scopes)),
            "task_groups": serialization.dumps(sorted(new.groups)) if new.groups else None,
            "created_at": now,
            "created_by": by,
            "expires_at": new.expires_at,
        },
    )
    (row,) = tokens.by_hash(connection, new.hash)
    return _token(row)


def get(connection: sa.Connection, token_id: int) -> Token:
    """Return a token; raise NotFound when there is none with this id."""
    row = tokens.one(connection, token_id)
    if row is None:
        raise NotFound.with_hint(
            Message("There is no token %(id)s.", id=token_id), "`process-manager token list` shows those that exist."
        )
    return _token(row)


def listed(connection: sa.Connection) -> list[Token]:
    """Return all tokens, the oldest first."""
    return [_token(row) for row in tokens.every(connection)]


def revoke(connection: sa.Connection, token_id: int, *, now: datetime) -> Token:
    """Make a token worth nothing from now on; one that is revoked stays as it is."""
    get(connection, token_id)
    tokens.revoke(connection, token_id, now=now)
    return get(connection, token_id)


def authenticate(
    database: Database, secret: str, *, now: datetime, address: str | None = None, request_id: str | None = None
) -> Actor | None:
    """Return the program whose secret this is; None when it is nobody's, has ended or was revoked.

    Whatever is given is hashed and looked up by the hash, so that no answer takes longer the nearer it was.
    """
    with database.read() as connection:
        rows = tokens.by_hash(connection, hashed(secret[:LONGEST]))
    found = _token(rows[0]) if rows else None
    if found is None or not _is_live(found, now):
        return None
    if found.last_used_at is None or found.last_used_at <= now - OFTEN:
        database.run(lambda connection: tokens.used(connection, found.id, now=now, since=now - OFTEN))
    return actor(found, address=address, request_id=request_id)


def live(connection: sa.Connection, token_id: int, *, now: datetime) -> Token | None:
    """Return a token that is worth something; None when it has ended, was revoked, or there is none."""
    row = tokens.one(connection, token_id)
    found = None if row is None else _token(row)
    return None if found is None or not _is_live(found, now) else found


def actor(token: Token, *, address: str | None, request_id: str | None) -> Actor:
    """Return the program that has a token, with what it covers."""
    return Actor(
        token.name,
        way="api",
        address=address,
        request_id=request_id,
        role=Role.CASEWORKER,  # never more, though its scopes decide
        kinds=covered(token.scopes, *SCOPES),
        scopes=token.scopes,
        token=token.id,
        groups=token.groups,
    )


def _is_live(token: Token, now: datetime) -> bool:
    return token.revoked_at is None and token.expires_at > now


def _token(row: sa.RowMapping) -> Token:
    scopes = frozenset((name, each) for name, given in serialization.loads(row["scopes"]).items() for each in given)
    same = {name: row[name] for name in Token.__slots__ if name in row}
    groups = frozenset(serialization.loads(row["task_groups"] or "[]"))
    return Token(**{**same, "scopes": scopes, "groups": groups})
