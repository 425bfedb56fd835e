"""One process: what was typed stays, what is masked is shown once, the log goes on, and a long history has pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from freezegun import freeze_time
from invoice_pages import Pages, made, text
from invoices import FRIDAY, Faktura, invoice
from rig import work

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.governance.audit import AuditFilter
from process_manager.store import audit_queries
from process_manager.store.tables import evidence, process_steps, processes

NOW = "2026-11-30 13:32:00"


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(FRIDAY) as frozen:
        yield frozen


@pytest.fixture
def pages(database: Database, clock: Any) -> Pages:
    return made(database, clock)


def test_what_was_typed_stays_when_nothing_was_done(pages: Pages) -> None:
    edit = pages.act("failed", "edit-payload", details='{"amount": 4250')
    skip = pages.act("done", "skip-step", reason="SAP has it")
    answer = pages.act("doubtful", "happened", reason="I looked", answer="4500118")

    assert edit.status_code == 422
    assert "{&#34;amount&#34;: 4250</textarea>" in edit.text
    assert '<details name="act" open><summary>' in edit.text
    assert skip.status_code == 409
    assert 'value="4500118"' in answer.text
    assert re.search(r'<textarea id="y"[^>]*>I looked</textarea>', answer.text)
    assert re.search(r'<textarea id="n"[^>]*></textarea>', answer.text)


def test_what_is_masked_is_shown_once_for_a_reason_that_the_chain_keeps(pages: Pages) -> None:
    before = pages.of("done")
    shown = pages.act("done", "reveal", reason="the applicant is on the phone")
    after = pages.of("done")

    assert "010190-1111" not in before.text
    assert "Show personal fields" in text(before)
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert "010190-1111" in text(shown)
    assert 'data-live="process"' not in shown.text, "it would be masked again while somebody reads it"
    assert "010190-1111" not in after.text
    with pages.database.read() as connection:
        newest = audit_queries.page(connection, AuditFilter(act="reveal"), limit=2)
    assert [(each["actor"], each["reason"]) for each in newest] == [("ada", "the applicant is on the phone")]


def test_nothing_is_shown_without_a_reason_or_to_who_may_not(pages: Pages, database: Database, clock: Any) -> None:
    refused = pages.act("done", "reveal", reason=" ")

    assert (refused.status_code, "010190-1111" in refused.text) == (422, False)
    assert "There is no reason." in text(refused)


def test_a_viewer_is_refused_and_told_why(database: Database, clock: Any) -> None:
    pages = made(database, clock, role=Role.VIEWER)

    refused = pages.act("done", "reveal", reason="I am curious")

    assert (refused.status_code, "010190-1111" in refused.text) == (403, False)
    assert "Your role, viewer, cannot reveal what is masked." in text(pages.of("done"))


def test_a_failed_one_says_how_many_others_have_passed_its_step_since(pages: Pages, clock: Any) -> None:
    assert "passed this step" not in text(pages.of("failed"))

    invoice(pages.database, "2026-10600")
    invoice(pages.database, "2026-10601")
    clock.tick(timedelta(minutes=1))
    work(pages.database, Faktura)

    assert "3 others have passed this step." in text(pages.of("failed"))
    assert "passed this step" not in text(pages.of("done"))


def test_the_log_of_a_step_that_runs_goes_on_without_a_line_lost_or_doubled(pages: Pages) -> None:
    running = pages.made["due"]
    _hold(pages.database, running)
    _say(pages.database, running, 1, 2)
    page = pages.of("due").text
    first = _asked(page)

    quiet = pages.get(first, hx_request="true")
    _say(pages.database, running, 3, 4)
    more = pages.get(first, hx_request="true")
    _say(pages.database, running, 5)
    last = pages.get(_asked(more.text), hx_request="true")

    assert [f"line {number}" in page for number in (1, 2, 3)] == [True, True, False]
    assert quiet.status_code == 204
    assert re.findall(r"line \d", more.text) == ["line 3", "line 4"]
    assert re.findall(r"line \d", last.text) == ["line 5"]


def test_a_log_at_rest_asks_for_nothing(pages: Pages) -> None:
    assert 'data-live="log"' not in pages.of("failed").text
    assert pages.of("failed", "/log?after=x").status_code == 422
    assert pages.get("/processes/99999/log?after=0-0").status_code == 404


def test_a_long_history_has_pages(pages: Pages) -> None:
    _grow(pages.database, pages.made["later"], 450)

    page = pages.of("later")
    older = re.search(r'href="(/processes/\d+/history\?below=\d+)"', page.text)
    assert older is not None
    second = pages.get(older[1])
    third = pages.get(_link(second, "Older"))

    seen = [re.findall(r'<tr><td class="n">(\d+)</td>', each.text) for each in (page, second, third)]
    numbers = [int(each) for some in seen for each in some]
    assert numbers == list(range(numbers[0], 0, -1))
    assert "Older" not in text(third)


def test_the_history_of_a_kind_that_is_not_seen_is_not_there(database: Database, clock: Any) -> None:
    pages = made(database, clock, kinds=frozenset({"letter"}))

    assert pages.of("done", "/history").status_code == 404
    assert pages.of("done", "/log?after=0-0").status_code == 404


def _asked(page: str) -> str:
    found = re.search(r'hx-get="(/processes/\d+/log[^"]+)"', page)
    assert found is not None
    return found[1]


def _link(page: Any, words: str) -> str:
    found = re.search(rf'<a href="([^"]+)">{words}', page.text)
    assert found is not None
    return found[1].replace("&amp;", "&")


def _hold(database: Database, process_id: int) -> None:
    held = {"status": "running", "due_at": None, "worker": "w", "lease_ends_at": FRIDAY, "step_started_at": FRIDAY}
    with database.begin() as connection:
        connection.execute(sa.update(processes).where(processes.c.id == process_id).values(held))


def _say(database: Database, process_id: int, *numbers: int) -> None:
    with database.begin() as connection:
        for number in numbers:
            row = {"process_id": process_id, "seq": 1, "number": number, "kind": "log", "made_at": FRIDAY}
            connection.execute(sa.insert(evidence).values({**row, "body": f'{{"message": "line {number}"}}'}))


def _grow(database: Database, process_id: int, rows: int) -> None:
    """Let it have been tried so often."""
    with database.begin() as connection:
        seq = connection.execute(sa.select(processes.c.seq).where(processes.c.id == process_id)).scalar_one()
        row = {"process_id": process_id, "round": 1, "step": "book", "attempt": 1, "outcome": "wait", "worker": "w"}
        row |= {"message": "not yet", "started_at": FRIDAY, "finished_at": FRIDAY}
        connection.execute(sa.insert(process_steps), [{**row, "seq": seq + each + 1} for each in range(rows)])
        changed = sa.update(processes).where(processes.c.id == process_id).values(seq=seq + rows)
        connection.execute(changed)
