"""Batches act as whoever started them may act now, and are removed long after they ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from bills import ADA, NONE, Bill, add_ada, asked, failed, results, row, runner
from rig import execute, status, work

from process_manager import clock
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.governance import acting, batches, tokens
from process_manager.governance.batch_actions import StartBatch
from process_manager.governance.batch_runner import Turn
from process_manager.governance.batches import BatchRequest
from process_manager.governance.tokens import Token
from process_manager.store import batches as store

pytestmark = pytest.mark.every_database


@pytest.fixture
def office(database: Database) -> Database:
    """A database with ada, and bills that fail."""
    add_ada(database)
    return database


def token(database: Database, name: str, scope: tuple[str, str]) -> Token:
    """A token of a program."""
    new = tokens.new_token(name, tokens.new_secret(), frozenset({scope}), clock.now() + timedelta(days=1))
    return database.run(lambda connection: tokens.add(connection, new, by="root", now=clock.now()))


def test_a_token_goes_on_as_long_as_it_is_worth_something(office: Database) -> None:
    ids = failed(office, 2)
    made = token(office, "payroll", ("bill", "act"))
    program = tokens.actor(made, address=None, request_id=None)
    request = BatchRequest("restart", "the network is up", ids, {}, one_first=True)
    batch_id = acting(office, program, StartBatch(request, "bill"), policies=NONE).value  # type: ignore[union-attr]
    server = runner(office)
    (held,) = server.take()
    server.turn(held)
    work(office, Bill)
    token(office, "payroll", ("bill", "act"))  # another of its name is no reason to go on
    office.run(lambda connection: tokens.revoke(connection, made.id, now=clock.now()))

    assert server.turn(held) is Turn.ENDED
    assert row(office, batch_id)["ending"] == "revoked"
    assert [each[1] for each in results(office, batch_id)] == ["done", None]


def test_a_token_acts_with_its_own_scopes_whatever_others_of_its_name_cover(office: Database) -> None:
    (process_id,) = failed(office, 1)
    made = token(office, "payroll", ("letter", "act"))
    token(office, "payroll", ("bill", "act"))
    request = BatchRequest("restart", "the network is up", [process_id], {})
    program = tokens.actor(made, address=None, request_id=None)
    batch_id = office.run(
        lambda connection: batches.start(connection, request, actor=program, name="bill", now=clock.now())
    )
    server = runner(office)
    (held,) = server.take()

    assert server.turn(held) is Turn.ENDED
    assert (row(office, batch_id)["ending"], status(office, process_id)) == ("forbidden", "failed")


@pytest.mark.parametrize(
    ("own", "given", "ending"), [("viewer", Role.CASEWORKER, None), ("operator", Role.VIEWER, "forbidden")]
)
def test_whom_a_proxy_signs_on_in_another_role_acts_in_that(
    office: Database, own: str, given: Role, ending: str | None
) -> None:
    (process_id,) = failed(office, 1)
    execute(office, "UPDATE users SET role = :own WHERE name = 'ada'", own=own)
    request = BatchRequest("restart", "the network is up", [process_id], {})
    signed_on = replace(ADA, role=given)
    batch_id = office.run(
        lambda connection: batches.start(connection, request, actor=signed_on, name="bill", now=clock.now())
    )
    server = runner(office)
    (held,) = server.take()

    server.turn(held)

    assert (row(office, batch_id)["ending"], row(office, batch_id)["done"]) == (ending, 0 if ending else 1)


def test_what_ended_long_ago_is_removed_bit_by_bit_and_what_is_open_stays(
    office: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "REMOVED_AT_ONCE", 2)
    ids = failed(office, 3)
    old, opened = asked(office, ids), asked(office, ids)
    office.run(lambda connection: store.end(connection, old, ending="asked", by="ada", now=clock.now()))
    soon = clock.now() + timedelta(seconds=1)

    assert not batches.remove_some(office, before=clock.now() - timedelta(days=90))
    turns = [batches.remove_some(office, before=soon) for _ in range(3)]

    assert turns == [True, True, False]
    assert execute(office, "SELECT DISTINCT batch_id FROM batch_items") == [(opened,)]
    assert execute(office, "SELECT id FROM batches") == [(opened,)]
