"""OpenOrchestrator's columns are VARCHAR on SQL Server: a letter that they cannot keep is refused, never changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from fake_odbc import URL
from fake_server import Answer, Server, Statement
from office import Office

from process_manager.errors import IllegalValue
from process_manager.integrations import openorchestrator
from process_manager.integrations.databases import OutsideDatabase
from process_manager.integrations.openorchestrator import Element
from processes.fakturering.sap_queue import QueueSapElements
from tests.processes.fakturering.test_statements import complaints

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def keeping(page: int | None) -> Callable[[Statement], Answer]:
    """A server whose queue is kept in this code page."""

    def answer(said: Statement) -> Answer:
        asks = said.text == openorchestrator.CODE_PAGE
        return Answer(("",), [(page,)] if page is not None else []) if asks else Answer(("",), [], 1)

    return answer


def push(element: Element) -> None:
    with OutsideDatabase("PROCESS_MANAGER_OPENORCHESTRATOR_URL", URL).begin() as connection:
        openorchestrator.push(connection, "Q", [element], created_by="us", now=NOW)


def pushed(odbc: Server) -> list[Statement]:
    return [said for said in odbc.committed if said.text.startswith("INSERT")]


def test_what_sql_server_is_asked_of_its_code_page_is_valid_tsql() -> None:
    assert complaints(openorchestrator.CODE_PAGE) == []


def test_letters_of_the_code_page_are_pushed(odbc: Server) -> None:
    odbc.script = keeping(1252)

    push(Element(UUID(int=1), "Æblø-1", "å – “26”"))

    assert len(pushed(odbc)) == 1


@pytest.mark.parametrize("letter", ["ł", "😀", "Ω"])
def test_a_letter_that_would_become_another_is_refused_and_named(odbc: Server, letter: str) -> None:
    odbc.script = keeping(1252)

    with pytest.raises(IllegalValue, match=rf"the data of element 1.* has '{letter}', which its column \(cp1252\)"):
        push(Element(UUID(int=1), "1", f"Micha{letter}"))

    assert pushed(odbc) == []


def test_where_letters_are_kept_as_bytes_it_is_these_that_are_counted(odbc: Server) -> None:
    odbc.script = keeping(65001)

    push(Element(UUID(int=1), "1", "😀" * 500))
    with pytest.raises(IllegalValue, match=r"takes 2002 bytes in its column .* more than its 2000"):
        push(Element(UUID(int=2), "2", "æ" * 1001))

    assert len(pushed(odbc)) == 1


def test_a_column_that_keeps_every_letter_takes_every_letter(odbc: Server) -> None:
    odbc.script = keeping(None)

    push(Element(UUID(int=1), "1", "😀"))

    assert len(pushed(odbc)) == 1


def test_a_row_with_such_a_letter_stops_no_other(office: Office, odbc: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    odbc.script = keeping(1252)
    office.add([(1, "26-1 😀", "Afsendt"), (2, "26-2", "Afsendt")])
    office.step("claim")
    urls = office.urls() | {"openorchestrator_url": URL}
    monkeypatch.setattr(Office, "urls", lambda _office: urls)

    for portion in QueueSapElements().portions(office.run("queue")):
        with portion as elements:
            references = [element.reference for element in elements]

    assert references == ["2"]
    assert office.count_statuses() == {"Claimed": 1, "TilFakturering": 1}
    assert any("cannot store" in said.body for said in office.said)
