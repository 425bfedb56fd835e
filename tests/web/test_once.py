"""A form that starts something starts it once, however often it is sent; drawn anew, it starts another."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from job_pages import REGISTRY, furnish_jobs
from rig import Three, execute, settings, start, work
from web_visitor import Visitor, as_program

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.web.app import create_app
from process_manager.web.office import Office

pytestmark = pytest.mark.slow

A_FORM: Final = re.compile(r'<form[^>]*method="post" action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
A_KEY: Final = re.compile(r'<input type="hidden" name="once" value="([^"]+)"')

WANTED: Final = {"name": "nightly", "process": "three", "cron": "30 2 * * *", "overlap": "skip"}


@pytest.fixture
def visitor(database: Database) -> Visitor:
    visitor = Visitor(create_app(Office.of(settings(), database, REGISTRY)))
    visitor.come_in(database, role=Role.OPERATOR)
    return visitor


def ended(database: Database, visitor: Visitor) -> tuple[str, str]:
    process_id = start(database, Three)
    work(database, Three)
    return f"/processes/{process_id}", f"/processes/{process_id}/rerun"


def job(database: Database, visitor: Visitor) -> tuple[str, str]:
    made = furnish_jobs(database)
    return "/jobs", f"/jobs/{made['done']}/rerun"


def job_with_changes(database: Database, visitor: Visitor) -> tuple[str, str]:
    _, path = job(database, visitor)
    return path, path


def schedule(database: Database, visitor: Visitor) -> tuple[str, str]:
    assert visitor.post("/schedules", WANTED).status_code == 303
    return "/schedules", "/schedules/nightly/run"


def new(database: Database, visitor: Visitor) -> tuple[str, str]:
    return "/start/three", "/start/three"


FORMS: Final[dict[str, Callable[[Database, Visitor], tuple[str, str]]]] = {
    "a closed process": ended,
    "a job": job,
    "a job with changes": job_with_changes,
    "a schedule": schedule,
    "a new process": new,
}


def sent(visitor: Visitor, page: str, path: str, once: str) -> Any:
    if page != path:
        return visitor.post(path, {"once": once})
    part = f'--x\r\nContent-Disposition: form-data; name="once"\r\n\r\n{once}\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Origin": visitor.address}
    return visitor.ask("POST", path, content=part.encode(), headers=headers)


def drawn(visitor: Visitor, page: str, path: str) -> str:
    """The key that a form has this time."""
    found = [A_KEY.findall(form) for action, form in A_FORM.findall(visitor.get(page).text) if action == path]
    assert found and all(len(keys) == 1 for keys in found)
    return str(found[0][0])


@pytest.mark.parametrize("what", sorted(FORMS))
def test_what_is_sent_twice_is_started_once(database: Database, visitor: Visitor, what: str) -> None:
    page, path = FORMS[what](database, visitor)
    before = number(database)
    chained = execute(database, "SELECT count(*) FROM audit")
    once = drawn(visitor, page, path)

    answers = [sent(visitor, page, path, once) for _ in range(2)]

    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert number(database) == before + 1
    assert execute(database, "SELECT count(*) FROM audit")[0][0] <= chained[0][0] + 1
    assert drawn(visitor, page, path) != once


def test_whoever_has_the_key_of_another_starts_their_own(database: Database, visitor: Visitor) -> None:
    page, path = ended(database, visitor)
    other = Visitor(create_app(Office.of(settings(), database, REGISTRY)))
    other.come_in(database, "bo", role=Role.OPERATOR)

    made = [sent(each, page, path, "the same").headers["location"] for each in (visitor, other)]

    assert made[0] != made[1]
    assert number(database) == 3


@pytest.mark.parametrize("what", ["a closed process", "a job"])
def test_a_program_sends_a_key_as_when_it_starts_something(database: Database, visitor: Visitor, what: str) -> None:
    _, path = FORMS[what](database, visitor)
    before = number(database)
    headers = {"Idempotency-Key": "7", "Authorization": as_program(database, ("*", "act"), ("*", "read"))}

    first, second = (visitor.ask("POST", f"/api/v1{path}", json={}, headers=headers) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 200)
    assert number(database) == before + 1
    assert second.headers["location"] == first.headers["location"]


def number(database: Database) -> int:
    return int(execute(database, "SELECT count(*) FROM processes")[0][0])
