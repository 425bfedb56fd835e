"""Every page, asked for in every role and by nobody: shown, or refused as the table of permissions says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from command_office import office_settings
from fastapi import FastAPI
from freezegun import freeze_time
from invoice_pages import text
from invoices import FRIDAY
from web_visitor import Visitor
from whole_office import GETS, REGISTRY, Furnished, furnish_all

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.governance import permissions
from process_manager.web.app import create_app
from process_manager.web.office import Office

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

ACTS = {
    "/audit": "audit",
    "/audit/export": "audit",
    "/jobs/{job_id}/rerun": "rerun",
    "/start/{name}": "start",
    "/start": "start",
    "/system": "system",
    "/users": "user-list",
    "/users/{name}": "user-list",
}
"""What each page is to who looks at it; all others are to `read`."""
DOORS = {"/sign-in", "/sign-in/once", "/sign-out"}
"""Whoever has not come in is let in there."""
WAYS_ON = {"/", *DOORS}
"""They may lead on to another page."""


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(FRIDAY) as frozen:
        yield frozen


@pytest.fixture
def furnished(database: Database, clock: Any) -> Furnished:
    return furnish_all(database, clock)


@pytest.fixture
def app(database: Database) -> FastAPI:
    return create_app(Office.of(office_settings(), database, REGISTRY))


def test_each_role_sees_what_it_may_and_is_told_what_it_lacks(
    database: Database, furnished: Furnished, app: FastAPI
) -> None:
    wrong = {}
    for role in Role:
        visitor = Visitor(app)
        visitor.come_in(database, "ada" if role is Role.ADMIN else f"the-{role}", role)
        for path in GETS:
            answer = visitor.get(furnished.address(path))
            if not is_right(answer, role, path):
                wrong[role, path] = (answer.status_code, text(answer)[:300])

    assert wrong == {}


def is_right(answer: Any, role: Role, path: str) -> bool:
    if role in permissions.ACTS[ACTS.get(path, "read")].roles:
        return answer.status_code == 200 or (path in WAYS_ON and answer.status_code == 303)
    return answer.status_code == 403 and str(permissions.ROLES[role]) in text(answer)


def test_nobody_is_led_to_the_door_from_every_page(furnished: Furnished, app: FastAPI) -> None:
    visitor = Visitor(app)
    told = {path: visitor.get(furnished.address(path), accept="text/html") for path in GETS}

    led = {path for path, answer in told.items() if answer.headers.get("location", "").startswith("/sign-in")}
    shown = {path for path, answer in told.items() if answer.status_code == 200}

    assert led | shown == set(GETS)
    assert shown <= DOORS
