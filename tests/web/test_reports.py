"""The page Reports: a sentence, five figures, pictures and tables, and the same as files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from freezegun import freeze_time
from invoice_pages import text
from rig import settings
from web_visitor import Visitor

from process_manager import serialization
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.web.app import create_app
from process_manager.web.office import Office
from tests.inspection.test_reports import TIRED, Three, lived, ran


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time("2026-11-30 13:32:00") as frozen:
        yield frozen


@pytest.fixture
def ada(clock: Any, database: Database) -> Visitor:
    """Ada, and a month: three that ended, one of them with help, one that still needs it; one in October."""
    for minute in (1, 2):
        ran(
            database,
            lived(database, "2026-11-27T09:00:00", f"2026-11-27T09:0{minute}:00"),
            "done",
            "2026-11-27T09:00:00",
            8,
        )
    helped = lived(database, "2026-11-27T08:00:00", "2026-11-30T10:00:00", stopped="2026-11-27T08:10:00")
    ran(database, helped, "retry", "2026-11-27T08:09:00", 60, said=TIRED)
    ran(database, helped, "restart", "2026-11-30T09:50:00", 0, said="new password", by="ada")
    still = lived(database, "2026-11-27T09:00:00", None, status="failed", stopped="2026-11-27T10:00:00")
    ran(database, still, "retry", "2026-11-27T09:59:00", 60, said=TIRED)
    lived(database, "2026-10-01T09:00:00", "2026-10-02T09:00:00", name="letter")
    visitor = Visitor(create_app(Office.of(settings(zone="Europe/Copenhagen"), database, Registry((Three,)))))
    visitor.come_in(database, role=Role.VIEWER)
    return visitor


def test_a_month_is_a_sentence_figures_and_tables(ada: Visitor) -> None:
    answer = ada.get("/reports")

    assert answer.status_code == 200
    said = text(answer)
    assert "November so far: 3 processes finished, 66 of 100 without a person." in said
    assert f"The commonest error: “{TIRED}”" in said
    assert "Finished 3 October 1" in said
    assert "Without a person 66.7 % October 100.0 %" in said
    assert "median of 1 process" in said
    assert f"2 {TIRED} three, a · Fri 09:10 – Fri 11:00 1 still needs a person" in said
    assert "three a 3 2 1 0 0 1 1.50 8" in said
    assert "Fri 27 Nov 2 0 0 0 0 1" in said
    assert 'role="img" aria-label="Processes finished each day. Fri 27 Nov: 2. Mon 30 Nov: 1."' in answer.text


def test_the_days_and_the_kind_stand_in_the_address(ada: Visitor) -> None:
    assert "October: 1 process finished, without a person. Nothing went wrong." in text(
        ada.get("/reports?month=2026-10")
    )
    said = text(ada.get("/reports?from=2026-11-23&to=2026-11-29"))
    assert "23 November – 29 November: 2 processes finished, all without a person." in said
    assert "November so far: no process finished." in text(ada.get("/reports?kind=letter"))
    assert "How long three takes" in text(ada.get("/reports?kind=three"))
    assert 'href="/reports?kind=three&amp;month=2026-10"' in ada.get("/reports?kind=three").text


def test_days_that_are_none_are_refused(ada: Visitor) -> None:
    for wrong in (
        "month=november",
        "month=2026-13",
        "from=yesterday",
        "from=2026-11-02&to=2026-11-01",
        "from=2020-01-01",
    ):
        assert ada.get(f"/reports?{wrong}").status_code == 422, wrong
    assert ada.get("/reports/export?table=users").status_code == 404


def test_a_table_is_sent_as_excel_reads_it(ada: Visitor) -> None:
    answer = ada.get("/reports/export?form=csv&table=steps&month=2026-11")

    assert answer.headers["content-disposition"] == 'attachment; filename="report-2026-11-01-2026-11-30-steps.csv"'
    heading, row = answer.text.removeprefix("\ufeff").splitlines()
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert heading == "name;step;runs;done;retried;rejected;doubtful;lost;stopped;attempts;median;p95"
    assert row.startswith("three;a;3;2;1;0;0;0;1;1,5;")
    days = ada.get("/reports/export?form=csv&table=days").text.splitlines()
    assert days[27] == "2026-11-27;2;0;0;0;0;1"


def test_all_of_it_is_sent_as_json(ada: Visitor) -> None:
    found = serialization.loads(ada.get("/reports/export?form=json").text)

    assert found["period"] == {"first": "2026-11-01", "last": "2026-11-30", "zone": "Europe/Copenhagen"}
    assert found["total"] == {"finished": 3, "needed": 1}
    assert (len(found["days"]), len(found["steps"]), found["causes"][0]["number"]) == (30, 1, 2)


def test_nothing_is_there_yet(clock: Any, database: Database, visitor: Visitor) -> None:
    visitor.come_in(database)

    said = text(visitor.get("/reports"))

    assert "November so far: no process finished. Choose other days below." in said
    assert "No step ran." in said


def test_the_page_is_danish_for_who_reads_it_so(ada: Visitor) -> None:
    said = text(ada.get("/reports", accept_language="da"))

    assert "November indtil nu: 3 processer blev færdige, 66 af 100 uden et menneske." in said
    assert "66,7 %" in said
