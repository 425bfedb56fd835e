"""Somebody who asks the pages and the API, within this program."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from process_manager import clock
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.governance import tokens, users
from process_manager.governance.users import NewUser
from process_manager.web import cookies, sessions

HOME = "http://127.0.0.1:8000"
FROM_US = {"Origin": HOME}
GOOD = "en hest på marken"
WHO = "/api/v1/who"
NO_HASH = "no password has it"


class Visitor:
    """A browser as far as its headers and cookies go, which follows no redirect by itself."""

    def __init__(self, app: FastAPI, address: str = HOME) -> None:
        self.browser = TestClient(app, base_url=address, follow_redirects=False, raise_server_exceptions=False)
        self.address = address

    def get(self, path: str, **headers: str) -> Response:
        """Ask for a page."""
        return self.browser.get(path, headers=spelled(headers))

    def post(self, path: str, form: Mapping[str, Any] | None = None, **headers: str) -> Response:
        """Send a form from a page of ours."""
        return self.browser.post(path, data=form or {}, headers={"Origin": self.address, **spelled(headers)})

    def ask(self, method: str, path: str, **options: Any) -> Response:
        """Ask in whatever way."""
        return self.browser.request(method, path, **options)

    def come_in(self, database: Database, name: str = "ada", role: Role = Role.OPERATOR, **more: Any) -> str:
        """Be somebody who has signed in, without the work of a password, and return the cookie."""
        add_user(database, name, role, **more)
        actor = Actor(name, is_person=True, way="page", role=role)
        cookie = sessions.create(database, actor, before=None, now=clock.now())
        self.browser.cookies.set(cookies.SESSION, cookie, domain="127.0.0.1")
        return cookie


def add_user(
    database: Database,
    name: str = "ada",
    role: Role = Role.OPERATOR,
    *,
    kinds: frozenset[str] | None = None,
    password_hash: str = NO_HASH,
    groups: frozenset[str] = frozenset(),
) -> None:
    """Add somebody who may sign in."""
    new = NewUser(name, role, kinds, password_hash, groups)
    database.run(lambda connection: users.add(connection, new, by="root", now=clock.now()))


def as_program(database: Database, *scopes: tuple[str, str]) -> str:
    """Return the header by which a program comes in that may read every kind, or what these scopes say."""
    secret = tokens.new_secret()
    given = frozenset(scopes or [("*", "read")])
    new = tokens.new_token("program", secret, given, clock.now() + timedelta(days=1))
    database.run(lambda connection: tokens.add(connection, new, by="root", now=clock.now()))
    return f"Bearer {secret}"


def basic(name: str = "ada", password: str = GOOD) -> str:
    """Return the header by which a user comes in with each request."""
    return f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"


def spelled(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers that were given as names of Python."""
    return {name.replace("_", "-"): value for name, value in headers.items()}
