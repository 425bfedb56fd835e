from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from chromium import launched
from fastapi import FastAPI, Request
from rig import Three, settings
from web_visitor import GOOD, WHO, Visitor, add_user

from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import passwords
from process_manager.web.app import create_app
from process_manager.web.office import Office

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A browser, which is started once for all of these tests; each page of it has cookies of its own."""
    with launched() as found:
        yield found


@pytest.fixture
def office(database: Database) -> Office:
    """What the pages work with: an empty database."""
    return Office.of(settings(), database, Registry((Three,)))


@pytest.fixture
def app(office: Office) -> FastAPI:
    """The pages and the API."""
    return create_app(office)


@pytest.fixture
def visitor(app: FastAPI) -> Visitor:
    """Somebody who has not signed in."""
    return Visitor(app)


@pytest.fixture(scope="session")
def known() -> str:
    """The hash of GOOD, which takes a tenth of a second to make."""
    return passwords.hashed(GOOD, of="ada")


@pytest.fixture
def ada(database: Database, known: str) -> Database:
    """A database with a user."""
    add_user(database, "ada", Role.CASEWORKER, kinds=frozenset({"letter"}), password_hash=known)
    return database


@pytest.fixture
def met(app: FastAPI) -> list[Actor]:
    """Those who asked who they are, which all may do here."""
    found: list[Actor] = []

    def who(request: Request) -> None:
        found.append(request.state.actor)

    app.add_api_route(WHO, who, methods=["GET", "POST"])
    return found
