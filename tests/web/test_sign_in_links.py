"""Links that sign somebody in: once, soon, and on this machine only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI
from rig import execute
from starlette.testclient import TestClient
from web_visitor import HOME, add_user

from process_manager import clock
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.governance import sign_in_links, users


def visit(app: FastAPI, word: str, *, address: str = "127.0.0.1", then: str = "/system", **headers: str) -> int:
    """Open a link, then a page, and return what the page answered."""
    client = TestClient(app, HOME, client=(address, 5), follow_redirects=False)
    answer = client.get("/sign-in/once", params={"word": word}, headers=headers)
    assert (answer.status_code, answer.headers["location"]) in ((303, "/"), (303, "/sign-in?spent=1"))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text == ""
    return client.get(then).status_code


@pytest.fixture
def word(database: Database) -> str:
    """The word of a link that signs ada in."""
    add_user(database, "ada", Role.OPERATOR)
    return sign_in_links.create(database, "ada", now=clock.now())


def test_it_signs_somebody_in_once(app: FastAPI, database: Database, word: str) -> None:
    assert visit(app, word) == 200
    assert visit(app, word) == 303
    assert execute(database, "SELECT actor, act, result, address FROM audit") == [
        ("ada", "sign-in", "done", "127.0.0.1")
    ]
    assert execute(database, "SELECT count(*) FROM sign_in_links") == [(0,)]


@pytest.mark.parametrize("address", ["10.0.0.7", "192.0.2.1", "testclient", "::2"])
def test_it_is_worth_nothing_elsewhere_and_is_not_used_up_by_that(app: FastAPI, word: str, address: str) -> None:
    assert visit(app, word, address=address, x_forwarded_for="127.0.0.1") == 303
    assert visit(app, word, address="::1") == 200


def test_it_ends_after_fifteen_minutes_and_the_next_that_is_made_deletes_it(
    app: FastAPI, database: Database, word: str
) -> None:
    clock.follow(timedelta(minutes=15))

    assert visit(app, word) == 303
    sign_in_links.create(database, "ada", now=clock.now())
    assert execute(database, "SELECT count(*) FROM sign_in_links") == [(1,)]


def test_the_database_does_not_know_the_word(database: Database, word: str) -> None:
    ((kept,),) = execute(database, "SELECT hash FROM sign_in_links")

    assert (len(kept), len(word), word in kept) == (64, 43, False)


def test_nobody_comes_in_by_another_word_or_when_they_are_disabled(app: FastAPI, database: Database, word: str) -> None:
    for wrong in ("", word[:-1], f"{word}x", word.swapcase(), "x" * 50_000):
        assert visit(app, wrong) == 303
    database.run(lambda it: users.disable(it, "ada", now=clock.now()))

    assert visit(app, word) == 303


def test_the_session_that_was_there_before_ends(app: FastAPI, database: Database, word: str) -> None:
    client = TestClient(app, HOME, client=("127.0.0.1", 5), follow_redirects=False)
    client.get("/sign-in/once", params={"word": word})
    first = client.cookies["process-manager-session"]
    again = sign_in_links.create(database, "ada", now=clock.now())

    client.get("/sign-in/once", params={"word": again})

    assert client.cookies["process-manager-session"] != first
    assert execute(database, "SELECT count(*) FROM sessions") == [(1,)]
