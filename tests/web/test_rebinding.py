"""A name of somebody else's that leads a browser of this machine to a server which is for this machine alone."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from rig import Three, settings
from starlette.testclient import TestClient

from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.web.app import create_app
from process_manager.web.office import Office

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens
OURS = ["127.0.0.1:8000", "localhost:8000", "localhost", "127.0.0.1", "[::1]:8000", "[::1]"]
THEIRS = [
    "evil.example:8000",
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:8000",
    "evil.example:",
    "",
]


def answer(app: FastAPI, host: str, *, peer: str = "127.0.0.1") -> int:
    client = TestClient(app, "http://127.0.0.1:8000", client=(peer, 5), raise_server_exceptions=False)
    return client.get("/sign-in", headers={"Host": host}).status_code


@pytest.mark.parametrize("host", OURS)
def test_it_is_asked_by_the_names_of_this_machine(app: FastAPI, host: str) -> None:
    assert answer(app, host) == 200


@pytest.mark.parametrize("host", THEIRS)
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1"])
def test_no_other_name_leads_to_it(app: FastAPI, host: str, peer: str) -> None:
    assert answer(app, host, peer=peer) == 421


def test_a_server_that_others_reach_has_whatever_name_they_know_it_by(database: Database) -> None:
    public = Office.of(settings(web_host=EVERYWHERE), database, Registry((Three,)))

    assert answer(create_app(public), "office.example") == 200


def test_a_name_that_was_chosen_for_it_is_its_own(database: Database) -> None:
    named = Office.of(settings(web_host="localhost"), database, Registry((Three,)))

    assert answer(create_app(named), "localhost:8000") == 200
