"""Every page, asked for by somebody who sees some kinds only: not a word of the others."""

from __future__ import annotations

import re
from typing import Any

import pytest
from api_caller import Caller, give_token
from fastapi import FastAPI
from page_routes import of_pages
from rig import settings
from two_kinds import REGISTRY, Place
from web_visitor import Visitor

from process_manager import clock
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.governance import Policies, acting, batches
from process_manager.governance.batches import BatchRequest
from process_manager.governance.fleet_actions import Disable
from process_manager.web.app import create_app
from process_manager.web.office import Office

KINDS = frozenset({"ours", "ours-run"})
BO = Actor("bo", is_person=True, way="page")
GETS = sorted(path for method, path in of_pages() if method == "GET")
OF_ONE = [path for path in GETS if "{process_id}" in path]
OF_ALL = [path for path in GETS if "{" not in path and not path.startswith(("/sign-", "/users"))]

MOMENTARY = re.compile(r"Error number \w+|[0-9a-f]{16,}|\d{4}-\d\d-\d\d|\d\d:\d\d(:\d\d)?|[\d.]+\s(s|min)\b")


@pytest.fixture
def place(durable_files: None, database: Database) -> Place:
    """Processes of two kinds, a batch and a switch of the other."""
    found = Place(database)
    request = BatchRequest("abandon", "of the secret", found.theirs, {"name": "secret"})
    database.run(lambda connection: batches.start(connection, request, actor=BO, name="secret", now=clock.now()))
    acting(database, BO, Disable("secret", reason="a secret reason"), policies=Policies())
    return found


@pytest.fixture
def app(place: Place, database: Database) -> FastAPI:
    return create_app(Office.of(settings(), database, REGISTRY))


@pytest.fixture
def visitor(app: FastAPI, database: Database) -> Visitor:
    """An operator who sees ours, after somebody who sees all has asked for the same."""
    everybody = Visitor(app)
    everybody.come_in(database, "eve", role=Role.ADMIN)
    for path in OF_ALL:
        everybody.get(path)
    found = Visitor(app)
    found.come_in(database, "ada", role=Role.OPERATOR, kinds=KINDS)
    return found


def test_no_page_of_many_says_a_word_of_the_others(visitor: Visitor) -> None:
    told = {path: visitor.get(path) for path in OF_ALL}

    assert {path for path, answer in told.items() if answer.status_code >= 400} == {"/system"}
    assert {path for path, answer in told.items() if "secret" in answer.text.lower()} == set()
    assert "ours" in told["/processes"].text


@pytest.mark.slow
@pytest.mark.parametrize("path", OF_ONE)
def test_there_is_no_process_of_another_kind(visitor: Visitor, place: Place, path: str) -> None:
    theirs, ours = (path.format(process_id=each[0], name="a") for each in (place.theirs, place.ours))
    more = "?after=0-0" if path.endswith("/log") else ""

    answer = visitor.get(f"{theirs}{more}")

    assert (answer.status_code, "secret" in answer.text.lower()) == (404, False)
    assert "secret" not in visitor.get(f"{ours}{more}").text.lower()


@pytest.mark.slow
@pytest.mark.parametrize("way", ["restart", "abandon", "reveal", "rerun", "edit-payload", "files/a/reveal"])
def test_nothing_is_done_to_one(visitor: Visitor, place: Place, way: str) -> None:
    answer = visitor.post(f"/processes/{place.theirs[0]}/{way}", {"reason": "why not", "details": '{"a": 1}'})

    assert (answer.status_code, "secret" in answer.text.lower()) == (404, False)


@pytest.mark.slow
def test_a_batch_of_another_kind_is_none(visitor: Visitor) -> None:
    answers = [visitor.get("/batches/1"), visitor.post("/batches/1/stop")]

    assert [each.status_code for each in answers] == [404, 404]
    assert not any("secret" in each.text.lower() for each in answers)


@pytest.mark.slow
def test_a_page_of_a_kind_that_is_not_seen_is_that_of_one_that_is_not_there(visitor: Visitor) -> None:
    secret, other = (
        {path: same(visitor.get(f"{path}?name={name}&kind={name}&target={name}"), name) for path in OF_ALL}
        for name in ("secret", "zzyzx")
    )

    assert {path: (secret[path], other[path]) for path in OF_ALL if secret[path] != other[path]} == {}


def test_nobody_can_tell_whether_there_is_a_kind_that_they_do_not_see(visitor: Visitor) -> None:
    asked = {
        name: [
            visitor.get(f"/start/{name}"),
            visitor.post(f"/commands/{name}/run", {}),
            visitor.post(f"/commands/{name}/unlock", {"reason": "why not"}),
            visitor.post(f"/commands/{name}/disable", {"reason": "why not"}),
        ]
        for name in ("secret-run", "secret", "zzyzx")
    }

    told = {name: [same(each, name) for each in answers] for name, answers in asked.items()}
    assert [each.status_code for each in asked["zzyzx"]] == [404, 404, 404, 403]
    assert told["secret"] == told["zzyzx"]
    assert [each for each in told["secret-run"] if "secret" in each] == []


def test_a_program_cannot_tell_either_and_is_given_no_hint_that_names_one(app: FastAPI, database: Database) -> None:
    give_token(database, "ours:read,start,act", "ours-run:start,act")
    caller = Caller(app)

    asked = {
        name: [
            caller.post("/processes", {"name": name}),
            caller.get(f"/kinds/{name}"),
            caller.post(f"/commands/{name}/run"),
            caller.post(f"/commands/{name}/unlock", {"reason": "why not"}),
        ]
        for name in ("secret-run", "secret", "secrets", "zzyzx")
    }

    told = {name: [detail(each.json()).replace(name, "…") for each in asked[name]] for name in asked}
    assert told["secret"] == told["zzyzx"]
    assert [each for answers in told.values() for each in answers if "secret" in each or "404" not in each] == []
    assert "Known are: ours, ours-run." in told["zzyzx"][0]


def detail(problem: dict[str, Any]) -> str:
    """What an answer says besides the id of its request."""
    return str({**problem, "request_id": ""})


def same(answer: Any, name: str) -> str:
    """An answer without the name that was asked for, and without what differs from one moment to the next."""
    return f"{answer.status_code} {MOMENTARY.sub('', answer.text)}".replace(name, "…")
