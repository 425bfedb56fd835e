"""Events by the API: signalled, withdrawn, listed and shown."""

from __future__ import annotations

from typing import Any

import pytest
from api_caller import Caller, basic
from event_acts import KEY
from event_steps import Waits
from rig import settings, start, status, work
from web_visitor import add_user

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import passwords
from process_manager.web.app import create_app
from process_manager.web.office import Office

pytestmark = pytest.mark.slow
PASSWORD = "a long pass phrase"  # noqa: S105 - of a user that only a test has


@pytest.fixture
def caseworker(database: Database) -> Caller:
    app = create_app(Office.of(settings(), database, Registry([Waits])))
    add_user(database, "ada", Role.CASEWORKER, password_hash=passwords.hashed(PASSWORD, of="ada"))
    return Caller(app, basic("ada", PASSWORD))


def facts(answer: Any) -> tuple[Any, ...]:
    found = answer.json()
    return answer.status_code, found["has_changed"], found["number"], found["woken"], found["is_dry_run"]


def test_an_event_is_signalled_shown_and_withdrawn(caseworker: Caller, database: Database) -> None:
    process_id = start(database, Waits, {"event": KEY})
    work(database, Waits)
    path = f"/events/{KEY}"

    tried = caseworker.post(path, {"dry_run": True})
    first = caseworker.post(path, {"payload": {"amount": 7}, "reason": "paid by hand"})
    again = caseworker.post(f"{path}/", {})

    assert [facts(each) for each in (tried, first, again)] == [
        (200, True, 1, 1, True), (200, True, 1, 1, False), (200, False, 1, 0, False),
    ]  # fmt: skip
    assert first.json()["audit_number"] is not None
    assert again.json()["audit_number"] is None
    assert status(database, process_id) == "pending"
    found = caseworker.get(path).json()
    assert (found["event"]["stands"], found["event"]["payload"], found["event"]["by"]) == (True, None, "ada")
    assert found["event"]["payload_size"] == len('{"amount":7}')
    assert facts(caseworker.post(f"{path}/withdraw/", {"reason": "sent twice"})) == (200, True, None, 0, False)
    assert caseworker.get(path).json()["event"]["stands"] is False


def test_what_waits_for_an_event_is_named_and_said_of_the_process(caseworker: Caller, database: Database) -> None:
    process_id = start(database, Waits, {"event": KEY})
    work(database, Waits)

    listed = caseworker.get("/events").json()
    shown = caseworker.get(f"/processes/{process_id}").json()

    assert [(each["key"], each["stands"], each["waiting"]) for each in listed["items"]] == [(KEY, False, 1)]
    assert caseworker.get(f"/events/{KEY}/").json()["process_ids"] == [process_id]
    assert (shown["event"], shown["waiting_for"]) == (KEY, "event")
    assert f"for {KEY}" in shown["sentence"]


def test_a_list_of_events_goes_on_where_it_ended(caseworker: Caller) -> None:
    for key in "abc":
        caseworker.post(f"/events/{key}", {})

    first = caseworker.get("/events", limit=2).json()
    rest = caseworker.get("/events", limit=2, after=first["next_after"]).json()

    assert [each["key"] for each in first["items"] + rest["items"]] == ["a", "b", "c"]
    assert rest["next_after"] is None


def test_what_no_event_can_be_called_or_carry_is_refused(caseworker: Caller) -> None:
    assert caseworker.post("/events/%20", {}).status_code == 422
    assert caseworker.post(f"/events/{KEY}", {"payload": [1]}).status_code == 422
    assert caseworker.get("/events/never").status_code == 404
