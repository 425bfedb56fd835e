"""The list, the board and one process in a real browser: found by a permit, kept as a view, followed while it runs."""

from __future__ import annotations

import sqlalchemy as sa
from chromium import Seen
from invoices import FRIDAY
from rig import status

from process_manager import clock
from process_manager.database import Database
from process_manager.store.tables import evidence, processes
from tests.web.test_flows import address, heading, made, pytestmark, seen

__all__ = ["address", "made", "pytestmark", "seen"]


def test_several_with_a_permit_are_listed_and_the_list_is_kept_as_a_view(seen: Seen, made: dict[str, int]) -> None:
    seen.go("/processes")
    seen.page.get_by_role("searchbox").fill("Ø-417/26")
    seen.page.get_by_role("button", name="Find").click()
    assert seen.page.get_by_role("link", name="2026-10482").is_visible()

    seen.go("/processes?status=failed&step=book")
    seen.page.locator("summary", has_text="Views").click()
    seen.page.get_by_label("Save this view as").fill("Errors in book")
    seen.page.get_by_role("button", name="Save this view").click()
    seen.go("/processes")
    seen.page.get_by_role("link", name="Errors in book").click()

    assert seen.page.url.endswith("/processes?step=book&status=failed")
    assert seen.page.locator("tbody tr").count() == 2


def test_a_case_is_restarted_from_the_board(seen: Seen, database: Database, made: dict[str, int]) -> None:
    seen.go("/processes?name=faktura&status=failed")
    seen.page.get_by_role("link", name="Board view").click()
    assert heading(seen).startswith("Four cases of Invoice need a person.")

    seen.page.get_by_role("row", name="2026-10479").get_by_role("link", name="Restart").click()
    seen.page.get_by_label("Reason").first.fill("SAP is open")
    seen.page.get_by_role("button", name="Restart step 2").click()

    seen.page.get_by_role("status").wait_for()
    assert status(database, made["failed too"]) == "pending"


def test_the_log_of_a_running_step_goes_on_by_itself(seen: Seen, database: Database, made: dict[str, int]) -> None:
    now = clock.now()
    held = {"status": "running", "due_at": None, "worker": "w", "lease_ends_at": now, "step_started_at": now}
    with database.begin() as connection:
        connection.execute(sa.update(processes).where(processes.c.id == made["due"]).values(held))
    _say(database, made["due"], 1)
    seen.go(f"/processes/{made['due']}")
    assert seen.page.locator(".log li:not([hidden])").count() == 1

    _say(database, made["due"], 2)
    _say(database, made["due"], 3)

    seen.page.get_by_text("line 3").wait_for()
    lines = seen.page.locator(".log li:not([hidden])").all_inner_texts()
    assert [each.split()[-1] for each in lines] == ["1", "2", "3"]


def _say(database: Database, process_id: int, number: int) -> None:
    row = {"process_id": process_id, "seq": 1, "number": number, "kind": "log", "made_at": FRIDAY}
    with database.begin() as connection:
        connection.execute(sa.insert(evidence).values({**row, "body": f'{{"message": "line {number}"}}'}))
