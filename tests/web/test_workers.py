"""The workers: what each is doing, what those left that are gone, the channels, and the end of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import limit_acts
import pytest
import sqlalchemy as sa
from command_office import MONDAY, REGISTRY, disable, furnish_fleet, live, office_settings
from freezegun import freeze_time
from invoice_pages import Pages, text
from rig import execute
from web_visitor import Visitor

from process_manager import Cron
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.operations import declared_schedules
from process_manager.store import schedules
from process_manager.web.app import create_app
from process_manager.web.office import Office

SEATED = (
    "INSERT INTO seats (process_id, fence, limit_name, step, taken_at)"
    " SELECT id, fence, '{}', step, step_started_at FROM processes WHERE status = 'running'"
)
"""Whatever runs has a seat of this limit."""


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(MONDAY) as frozen:
        yield frozen


def opened(database: Database, made: dict[str, int], role: Role = Role.OPERATOR, **more: Any) -> Pages:
    visitor = Visitor(create_app(Office.of(office_settings(), database, REGISTRY)))
    visitor.come_in(database, role=role, **more)
    return Pages(database, made, visitor)


@pytest.fixture
def pages(database: Database, clock: Any) -> Pages:
    return opened(database, furnish_fleet(database, clock))


def rows(answer: Any) -> dict[str, str]:
    """What the first cells of each row say, by the first."""
    found = re.findall(r'<tr><th scope="row"[^>]*>(.*?)</tr>', answer.text, re.DOTALL)
    told = [text(type("Said", (), {"text": each})) for each in found]
    return {each.split()[0]: each for each in told}


def test_each_worker_says_what_it_is_doing(pages: Pages) -> None:
    answer = pages.get("/workers")

    found = rows(answer)
    assert "Working on 1 of 8 steps: match (52 min so far) default" in found["SRV-FIN-1"]
    assert "Idle: nothing that it may take is due. default, sap import-books 1" in found["RPA-01"]
    assert "Draining since today 14:32 : 0 processes are still with it." in found["RPA-02"]
    assert "Offline: not seen since today 13:20 ." in found["SRV-FIN-2"]
    assert "Its 1 lease expired today 13:21. No other worker serves letters." in found["SRV-FIN-2"]
    assert "One of three workers are working. No worker serves the letters channel." in text(answer)


def test_what_a_worker_left_that_is_gone_is_listed_with_how_to_start_it_again(pages: Pages) -> None:
    said = text(pages.get("/workers"))

    left = pages.made["issue-invoices"]
    assert f"What SRV-FIN-2:1:a left and how to start it again issue-invoices 1 · {left} step issue, begun" in said
    assert "On SRV-FIN-2, start the service again, or type process-manager worker --channel letters ." in said


def test_a_channel_says_who_serves_it_and_whether_it_falls_behind(pages: Pages) -> None:
    before = rows(pages.get("/workers"))
    live(pages.database, "SRV-FIN-3:9:e", channels=("letters",))
    late = rows(pages.get("/workers"))
    disable(pages.database, "letters", "the printer is away")
    held = rows(pages.get("/workers"))
    execute(pages.database, "DELETE FROM switches")
    soon = "UPDATE processes SET due_at = '2026-11-30 13:30:00.000000' WHERE id = :id"
    execute(pages.database, soon, id=pages.made["letter"])
    busy = rows(pages.get("/workers"))

    assert before["letters"] == "letters none 1 1 h 12 min No worker"
    assert late["letters"] == "letters SRV-FIN-3:9:e 1 1 h 12 min Falling behind"
    assert held["letters"] == "letters SRV-FIN-3:9:e 1 1 h 12 min Held by a switch or a quiet window"
    assert busy["letters"].endswith("1 2 min Keeping up")
    assert before["sap"] == "sap RPA-01:3:c – – Nothing due"  # the other one drains


def test_a_worker_is_drained_with_a_reason(pages: Pages) -> None:
    refused = pages.visitor.post("/workers/RPA-01:3:c/drain", {"reason": " "})
    nobody = pages.visitor.post("/workers/RPA-09/drain", {"reason": "it is patched"})
    done = pages.visitor.post("/workers/RPA-01:3:c/drain", {"reason": "it is patched"})

    assert (refused.status_code, nobody.status_code, done.status_code) == (422, 404, 303)
    assert "There is no worker" in text(nobody)
    shown = pages.get(done.headers["location"])
    assert "It takes nothing more and ends." in text(shown)
    assert "Draining" in rows(shown)["RPA-01"]
    assert execute(pages.database, "SELECT act, target, reason FROM audit") == [
        ("drain", "RPA-01:3:c", "it is patched")
    ]


def test_a_limit_is_shown_with_who_has_the_seats_and_changed_with_a_reason(pages: Pages) -> None:
    execute(pages.database, SEATED.format(limit_acts.shared(pages.database)))
    before = rows(pages.get("/workers"))["sap-seats"]
    refused = pages.visitor.post("/limits/sap-seats", {"number": "5", "reason": " "})
    no_number = pages.visitor.post("/limits/sap-seats", {"number": "many", "reason": "why not"})
    nobody = pages.visitor.post("/limits/sap-seat", {"number": "5", "reason": "why not"})
    done = pages.visitor.post("/limits/sap-seats", {"number": "5", "reason": "two more licences"})

    assert (refused.status_code, no_number.status_code, nobody.status_code, done.status_code) == (422, 400, 404, 303)
    shown = pages.get(done.headers["location"])
    assert "Every worker goes by it from its next look on." in text(shown)
    assert before.startswith("sap-seats 3 seats 2 taken: issue-invoices · 6 , kontoafstemning · 7 – Change…")
    assert "3 in the code; changed by ada today 14:32 5 seats 2 taken" in rows(shown)["sap-seats"]
    back = pages.visitor.post("/limits/sap-seats", {"number": "", "reason": "they are gone"})
    assert rows(pages.get(back.headers["location"]))["sap-seats"] == before
    acts = execute(pages.database, "SELECT act, target, reason FROM audit WHERE result = 'done' ORDER BY number")
    assert acts == [("limit", "sap-seats", "two more licences"), ("limit", "sap-seats", "they are gone")]


def test_who_may_not_drain_is_told_why(database: Database, clock: Any) -> None:
    pages = opened(database, {}, role=Role.VIEWER)
    live(database, "RPA-01:3:c")

    shown = pages.get("/workers")

    assert "Your role, viewer, cannot drain workers." in text(shown)
    assert 'href="/kinds"' in pages.get("/attention").text  # System leads to what they may see
    assert pages.visitor.post("/workers/RPA-01:3:c/drain", {"reason": "why not"}).status_code == 403


def test_who_sees_some_kinds_only_sees_what_concerns_these(database: Database, clock: Any) -> None:
    pages = opened(database, furnish_fleet(database, clock), kinds=frozenset({"rykker"}))

    said = text(pages.get("/workers"))

    assert "rykker 3" in said
    assert "issue-invoices" not in said
    assert "kontoafstemning" not in said
    assert "You see some kinds only, and this is about all of them." in said


def test_the_page_takes_twelve_statements_at_most_and_is_not_sent_again(pages: Pages) -> None:
    asked: list[str] = []

    def count(*told: Any) -> None:
        asked.append(told[2])

    address = re.search(r'hx-get="([^"]+)"', pages.get("/workers").text)
    assert address is not None
    sa.event.listen(pages.database.engine, "before_cursor_execute", count)
    try:
        pages.get("/workers")
    finally:
        sa.event.remove(pages.database.engine, "before_cursor_execute", count)
    told = [each for each in asked if not each.startswith(("PRAGMA", "BEGIN")) and "sessions" not in each]
    assert len(told) <= 8
    live_address = address[1].replace("&amp;", "&")
    assert pages.get(live_address, hx_request="true").status_code == 204
    pages.visitor.post("/workers/RPA-01:3:c/drain", {"reason": "it is patched"})
    assert pages.get(live_address, hx_request="true").status_code == 200


def test_where_no_worker_lives_it_says_how_one_is_started(database: Database, clock: Any) -> None:
    said = text(opened(database, {}).get("/workers"))

    assert "No worker is running." in said
    assert "process-manager worker" in said


def test_an_overdue_schedule_is_told(pages: Pages) -> None:
    facts = declared_schedules.facts(Cron("0 6 * * *"), "UTC")
    made = {"created_at": MONDAY, "created_by": "ada", "changed_at": MONDAY, "next_at": MONDAY - timedelta(hours=1)}
    with pages.database.begin() as connection:
        schedules.insert(connection, {"name": "nightly", "process": "letters", "version": None, **facts, **made})

    said = text(pages.get("/workers"))

    assert "Schedules : overdue, and no worker that lives knows the process of: nightly." in said
