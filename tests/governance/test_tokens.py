"""Tokens of programs: shown once, found by their hash, and worth nothing once they have ended."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import pytest
from backends import overheard
from rig import NOON, execute

from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.errors import IllegalValue, NotFound
from process_manager.governance import tokens
from process_manager.governance.tokens import Token
from process_manager.redaction import redact_text

pytestmark = pytest.mark.every_database

END = NOON + timedelta(days=90)
SECRET = tokens.new_secret()
SCOPES = tokens.scopes_of(["letter:start,read", "bill:read"])


def add(database: Database, secret: str = SECRET, scopes: frozenset[tuple[str, str]] = SCOPES) -> Token:
    new = tokens.new_token("payroll", secret, scopes, END)
    return database.run(lambda connection: tokens.add(connection, new, by="ada", now=NOON))


def who(database: Database, secret: str = SECRET, now: datetime = NOON) -> Actor | None:
    return tokens.authenticate(database, secret, now=now)


def last_used(database: Database, token_id: int) -> datetime | None:
    with database.read() as connection:
        return tokens.get(connection, token_id).last_used_at


def test_nothing_is_kept_of_a_secret_but_its_hash_and_how_it_begins(database: Database) -> None:
    added = add(database)

    with database.read() as connection:
        assert tokens.listed(connection) == [added]
    assert added == Token(
        id=added.id,
        name="payroll",
        hint=SECRET[3:9],
        scopes=SCOPES,
        created_at=NOON,
        created_by="ada",
        expires_at=END,
        last_used_at=None,
        revoked_at=None,
    )
    assert execute(database, "SELECT hash FROM tokens") == [(hashlib.sha256(SECRET.encode()).hexdigest(),)]


def test_a_token_is_the_program_with_its_scopes_and_kinds(database: Database) -> None:
    made = add(database)

    found = tokens.authenticate(database, SECRET, now=NOON, address="10.0.0.7", request_id="r1")

    assert found == Actor(
        "payroll",
        way="api",
        address="10.0.0.7",
        request_id="r1",
        role=Role.CASEWORKER,
        kinds=frozenset({"letter", "bill"}),
        scopes=SCOPES,
        token=made.id,
    )


def test_a_token_for_every_kind_sees_every_kind(database: Database) -> None:
    add(database, scopes=tokens.scopes_of(["*:start", "letter:read"]))

    found = who(database)

    assert found is not None
    assert found.kinds is None


OTHERS = {
    "empty": "",
    "prefix": "pm_",
    "shorter": SECRET[:-1],
    "longer": SECRET + "x",
    "upper": SECRET.swapcase(),
    "endless": "x" * 100_000,
    "surrogate": "\ud800",
    "quote": "'",
}


@pytest.mark.parametrize("secret", OTHERS.values(), ids=OTHERS)
def test_another_secret_is_nobody_and_nothing_is_written(database: Database, secret: str) -> None:
    add(database)

    with overheard(database) as said:
        found = who(database, secret)

    assert found is None
    assert len([text for text in said if "tokens" in text]) == 1
    assert execute(database, "SELECT last_used_at FROM tokens") == [(None,)]


def test_a_token_ends_with_its_time(database: Database) -> None:
    add(database)

    assert who(database, now=END - timedelta(microseconds=1)) is not None
    assert who(database, now=END) is None


def test_a_revoked_token_is_nobody_and_keeps_the_moment(database: Database) -> None:
    token = add(database)

    for minutes in (1, 2):
        now = NOON + timedelta(minutes=minutes)
        revoked = database.run(lambda connection, now=now: tokens.revoke(connection, token.id, now=now))

    assert revoked.revoked_at == NOON + timedelta(minutes=1)
    assert who(database) is None


def test_another_token_goes_on_when_one_is_revoked(database: Database) -> None:
    token, other = add(database), tokens.new_secret()
    add(database, other)

    database.run(lambda connection: tokens.revoke(connection, token.id, now=NOON))

    assert (who(database), who(database, other) is None) == (None, False)


def test_a_use_is_written_once_a_minute(database: Database) -> None:
    token = add(database)

    seen = {}
    for seconds in (0, 59, 60, 119, 121):
        who(database, now=NOON + timedelta(seconds=seconds))
        used = last_used(database, token.id)
        assert used is not None
        seen[seconds] = (used - NOON).total_seconds()

    assert seen == {0: 0, 59: 0, 60: 60, 119: 60, 121: 121}


def test_a_token_that_is_not_there_is_told(database: Database) -> None:
    with pytest.raises(NotFound, match="There is no token 7"):
        database.run(lambda connection: tokens.revoke(connection, 7, now=NOON))


@pytest.mark.sqlite_only
def test_a_secret_has_256_random_bits_and_a_prefix_and_is_masked_in_logs() -> None:
    found = {tokens.new_secret() for _ in range(100)}

    assert len(found) == 100
    assert {(each[:3], len(each)) for each in found} == {("pm_", 46)}
    assert [each for each in found if redact_text(f"sent {each} to the log") != "sent *** to the log"] == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize("text", ["letter", ":read", "letter:", "letter:write", "letter:read,", "letter:user-admin"])
def test_what_is_no_scope_is_refused(text: str) -> None:
    with pytest.raises(IllegalValue, match="is none"):
        tokens.scopes_of([text])


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_token_without_a_name_is_refused(name: str) -> None:
    with pytest.raises(IllegalValue, match="is no name"):
        tokens.new_token(name, SECRET, SCOPES, END)
