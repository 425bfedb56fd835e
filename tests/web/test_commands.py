"""The commands: cards in the order of their urgency, the week of quiet windows, what is off, and the acts on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from command_office import MISSING, MONDAY, REGISTRY, disable, furnish_commands, hold, live, office_settings
from freezegun import freeze_time
from invoice_pages import Pages, text
from rig import execute, status
from web_visitor import Visitor

from process_manager import operations
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.web.app import create_app
from process_manager.web.office import Office

ALL = "all-commands"


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(MONDAY) as frozen:
        yield frozen


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    found = tmp_path / "locks"
    found.mkdir()
    return found


def opened(database: Database, locks: Path, made: dict[str, int], role: Role = Role.OPERATOR, **more: Any) -> Pages:
    visitor = Visitor(create_app(Office.of(office_settings(locks_folder=locks), database, REGISTRY)))
    visitor.come_in(database, role=role, **more)
    return Pages(database, made, visitor)


@pytest.fixture
def pages(database: Database, clock: Any, locks: Path) -> Pages:
    return opened(database, locks, furnish_commands(database, clock))


@pytest.fixture
def idle(database: Database, clock: Any, locks: Path) -> Pages:
    """Nothing has run."""
    return opened(database, locks, {})


def cards(answer: Any) -> dict[str, str]:
    """What each card says, by its key, in their order."""
    found = re.findall(r'<article class="card" aria-label="([^"]+)">(.*?)</article>', answer.text, re.DOTALL)
    return {key: text(type("Said", (), {"text": body})) for key, body in found}


def test_each_command_says_how_it_stands_the_most_urgent_first(pages: Pages) -> None:
    answer = pages.get("/commands")

    found = cards(answer)
    assert list(found) == [
        "import-books-service1",
        "issue-invoices",
        "kontoafstemning",
        "import-posteringer-anlaeg",
        "import-books-service2",
        "import-posteringer-drift",
        "oprydning",
    ]
    failed = found["import-books-service1"]
    assert f"Error Fetches booked orders from SAP. Failed at step fetch after 2 attempts: “{MISSING}”." in failed
    assert "Last success today 11:32 , 88 orders Errors in the last 72 h 2" in failed
    assert "Its worker, SRV-FIN-2:1:a, is gone, and no other serves the letters channel." in found["issue-invoices"]
    working = found["kontoafstemning"]
    assert "Running on SRV-FIN-1:7:b for 52 min: step match. So far 312 of 486. It usually takes 4 min." in working
    assert "Switched off until tomorrow 14:32: the budget is being revised" in found["import-posteringer-anlaeg"]
    assert "Idle Fetches booked orders from SAP. Succeeded today 11:32." in found["import-books-service2"]
    assert "It has not run yet." in found["oprydning"]
    said = text(answer)
    assert "One command has failed. One command is locked. One command is switched off. One command is working." in said


def test_the_week_shows_whose_quiet_windows_hold_how_many(pages: Pages) -> None:
    first = pages.database.run(lambda connection: operations.run_command(connection, "oprydning", registry=REGISTRY))
    execute(pages.database, "UPDATE processes SET due_at = '2026-11-30 22:55:00.000000' WHERE id = :id", id=first)

    answer = pages.get("/commands")

    said = text(answer)
    assert "today 23:50 to tomorrow 00:00 Everything 23:50-24:00 1 oprydning" in said
    assert answer.text.count('<rect class="quiet" x=') == 17  # of the engine 7, of the others 9 with this morning's
    assert f'href="/processes/{first}"' in answer.text
    assert "The next quiet window starts today 18:00: nothing will wait." in said


def test_the_page_takes_twelve_statements_at_most(pages: Pages) -> None:
    asked: list[str] = []

    def count(*told: Any) -> None:
        asked.append(told[2])

    pages.get("/commands")  # the session is seen
    sa.event.listen(pages.database.engine, "before_cursor_execute", count)
    try:
        pages.get("/commands")
    finally:
        sa.event.remove(pages.database.engine, "before_cursor_execute", count)
    told = [each for each in asked if not each.startswith(("PRAGMA", "BEGIN")) and "sessions" not in each]
    assert len(told) <= 12


def test_a_command_is_run_once_at_a_time(idle: Pages) -> None:
    done = idle.visitor.post("/commands/oprydning/run")
    again = idle.visitor.post("/commands/oprydning/run")

    assert (done.status_code, done.headers["location"]) == (303, "/commands?done=run&of=1")
    shown = idle.get(done.headers["location"])
    assert "Started: a worker takes it next. Process 1" in text(shown)
    assert again.status_code == 409
    assert "Process 1" in text(again)
    assert "Due now, but no worker serves the default channel." in cards(again)["oprydning"]


def test_a_command_whose_worker_is_gone_is_unlocked_with_a_reason(pages: Pages) -> None:
    process_id = pages.made["issue-invoices"]

    refused = pages.visitor.post("/commands/issue-invoices/unlock", {"reason": " "})
    alive = pages.visitor.post("/commands/kontoafstemning/unlock", {"reason": "it hangs"})
    done = pages.visitor.post("/commands/issue-invoices/unlock", {"reason": "the host was rebooted"})

    assert (refused.status_code, alive.status_code, done.status_code) == (422, 409, 303)
    assert "There is no reason." in text(refused)
    assert "which is alive" in text(alive)
    assert status(pages.database, process_id) == "pending"


def test_a_command_is_switched_off_until_a_moment_on_the_readers_clock_and_on_again(idle: Pages) -> None:
    form = {"reason": "SAP is closed", "until": "2026-12-01T08:00"}

    off = idle.visitor.post("/commands/oprydning/disable", form)
    shown = idle.get("/commands")
    refused = idle.visitor.post("/commands/oprydning/run")
    on = idle.visitor.post("/commands/oprydning/enable")

    assert (off.status_code, refused.status_code, on.status_code) == (303, 409, 303)
    assert (
        "Disabled Deletes records that have passed their retention period. Switched off until tomorrow 08:00"
        in (cards(shown)["oprydning"])
    )
    assert "oprydning everywhere ada SAP is closed today 14:32 tomorrow 08:00 0 Switch on" in text(shown)
    assert "Nothing is switched off." in text(idle.get("/commands"))


@pytest.mark.parametrize("until", ["2026-11-29T08:00", "tomorrow", "2026-13-01T08:00"])
def test_an_end_that_is_none_is_refused(idle: Pages, until: str) -> None:
    form = {"reason": "SAP is closed", "until": until}

    assert idle.visitor.post("/commands/oprydning/disable", form).status_code == 422


def test_a_switch_file_of_this_host_is_shown_beside_the_others_and_removed(idle: Pages, locks: Path) -> None:
    (locks / "oprydning.disabled").write_text("the journal is upgraded", "utf-8")
    disable(idle.database, "oprydning", "so is the ledger")

    said = text(idle.get("/commands"))
    done = idle.visitor.post("/commands/oprydning/enable-here")

    assert "oprydning everywhere oekonomi2 so is the ledger" in said
    assert "oprydning this server’s host, by the file oprydning.disabled" in said
    assert done.status_code == 303
    assert list(locks.iterdir()) == []
    assert "so is the ledger" in text(idle.get("/commands"))


def test_it_says_for_which_steps_to_wait_and_when_all_has_stopped(pages: Pages, clock: Any) -> None:
    pages.visitor.post(f"/commands/{ALL}/disable", {"reason": "a restart"})
    told = text(pages.get("/commands"))
    clock.tick(timedelta(seconds=30))
    waits = text(pages.get("/commands"))
    execute(pages.database, "UPDATE processes SET lease_ends_at = step_started_at WHERE status = 'running'")
    safe = text(pages.get("/commands"))

    assert "Everything is switched off, and the workers are being told." in told
    assert "Everything is switched off. Wait for 1 step that still runs." in waits
    assert "kontoafstemning 1 : step match, which has been running on SRV-FIN-1:7:b for 52 min" in waits
    assert "issue-invoices 1 : step" not in waits  # its worker is gone: a restart cuts nothing off
    assert "All stopped: safe to restart. No step runs on any host" in safe


def test_a_file_of_this_host_stops_this_host_only(idle: Pages, locks: Path) -> None:
    (locks / f"{ALL}.disabled").touch()

    assert "All stopped" not in text(idle.get("/commands"))


def test_a_restart_is_safe_at_once_where_no_worker_lives(idle: Pages) -> None:
    idle.visitor.post(f"/commands/{ALL}/disable", {"reason": "a restart"})

    assert "All stopped: safe to restart." in text(idle.get("/commands"))


def test_who_may_not_act_is_told_why(database: Database, clock: Any, locks: Path) -> None:
    pages = opened(database, locks, furnish_commands(database, clock), role=Role.CASEWORKER)

    shown = pages.get("/commands")

    assert "Your role, caseworker, cannot disable anything." in text(shown)
    assert "Your role, caseworker, cannot unlock commands." in text(shown)
    assert not re.search(r'<button class="grave" type="submit">', shown.text)
    for way in ("run", "unlock", "disable", "enable", "enable-here"):
        assert pages.visitor.post(f"/commands/issue-invoices/{way}", {"reason": "I want to"}).status_code == 403


def test_who_sees_some_kinds_only_is_shown_these_and_no_word_on_all(
    database: Database, clock: Any, locks: Path
) -> None:
    made = furnish_commands(database, clock)
    disable(database, ALL, "a restart")
    pages = opened(database, locks, made, kinds=frozenset({"issue-invoices"}))

    shown = pages.get("/commands")

    assert list(cards(shown)) == ["issue-invoices"]
    said = text(shown)
    assert "kontoafstemning" not in said
    assert "All stopped" not in said
    assert "Wait" not in said.replace("Waiting", "")
    assert "Everything everywhere oekonomi2 a restart" in said


def test_what_is_shown_is_not_sent_again_until_something_happens(pages: Pages, clock: Any) -> None:
    address = re.search(r'hx-get="([^"]+)"', pages.get("/commands").text)
    assert address is not None
    live_address = address[1].replace("&amp;", "&")

    same = pages.get(live_address, hx_request="true")
    clock.tick(timedelta(seconds=5))
    still = pages.get(live_address, hx_request="true")
    pages.visitor.post("/commands/oprydning/run")
    other = pages.get(live_address, hx_request="true")

    assert (same.status_code, still.status_code, other.status_code) == (204, 204, 200)
    assert "<html" not in other.text


def test_an_uncertain_one_is_resolved_on_its_own_page(pages: Pages) -> None:
    process_id = pages.made["kontoafstemning"]
    execute(
        pages.database,
        "UPDATE processes SET status = 'uncertain', worker = NULL, lease_ends_at = NULL, step_started_at = NULL,"
        " doubtful_since = created_at WHERE id = :id",
        id=process_id,
    )

    shown = pages.get("/commands")

    assert "Step match may or may not have happened." in cards(shown)["kontoafstemning"]
    assert f'<a class="btn" href="/processes/{process_id}">Resolve…</a>' in shown.text


def test_a_worker_that_serves_its_channel_takes_it_next(pages: Pages) -> None:
    live(pages.database, "SRV-FIN-3:1:c", channels=("letters",))
    hold(pages.database, pages.made["issue-invoices"], "SRV-FIN-2:1:a", since=timedelta(hours=1), left=-timedelta(1))

    assert (
        "Its worker, SRV-FIN-2:1:a, is gone. Another takes it next." in cards(pages.get("/commands"))["issue-invoices"]
    )
