"""The list as a file: what matches, masked as on the page, safe in a spreadsheet and with an end."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from freezegun import freeze_time
from invoice_pages import Pages, made
from invoices import FRIDAY, Faktura
from rig import start

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.web.pages import processes_export


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(FRIDAY) as frozen:
        yield frozen


@pytest.fixture
def pages(database: Database, clock: Any) -> Pages:
    return made(database, clock)


def rows(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))


def test_a_file_holds_what_the_list_shows(pages: Pages) -> None:
    found = rows(pages.get("/processes/export?status=person&step=book"))

    assert found[0][-2:] == ["amount", "kontakt"]
    assert [each[1] for each in found[1:]] == ["2026-10482", "2026-10479", "2026-10511"]
    assert found[1][2:5] == ["faktura", "3", "failed"]
    assert found[1][-2:] == ["4250.00", "***"]
    assert found[1][5].startswith("Failed: “SAP refused the logon")
    assert found[1][11] == "2026-11-27 12:58:00"


def test_a_search_is_exported_too(pages: Pages) -> None:
    assert [each[1] for each in rows(pages.get("/processes/export?q=4500118204"))[1:]] == ["2026-10397", "2026-10402"]


def test_no_text_is_a_formula_and_a_number_has_a_comma(pages: Pages) -> None:
    start(pages.database, Faktura, {"permit": "=1+1", "amount": 12.5}, reference="=cmd|' /C calc'!A0")

    found = rows(pages.get("/processes/export?q==1%2B1"))

    assert (found[1][1], found[1][-2]) == ("'=cmd|' /C calc'!A0", "12,5")


def test_lines_of_json_are_the_same(pages: Pages) -> None:
    found = [json.loads(line) for line in pages.get("/processes/export?status=uncertain&form=jsonl").text.splitlines()]

    assert [(each["reference"], each["kontakt"]) for each in found] == [("2026-10511", "***")]


def test_what_is_too_long_says_so_at_its_end(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes_export, "MOST_EXPORTED", 3)
    monkeypatch.setattr(processes_export, "A_PORTION", 2)

    found = rows(pages.get("/processes/export"))

    assert len(found) == 5
    assert found[-1] == ["Only the first 3 are in this file. Set a filter."]


def test_every_portion_follows_the_one_before(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rows(pages.get("/processes/export"))
    monkeypatch.setattr(processes_export, "A_PORTION", 2)

    assert rows(pages.get("/processes/export")) == whole
    assert len(whole) == len(pages.made) + 1


def test_nobody_exports_a_kind_that_they_do_not_see(database: Database, clock: Any) -> None:
    pages = made(database, clock, role=Role.VIEWER, kinds=frozenset({"letter"}))

    assert len(rows(pages.get("/processes/export"))) == 1
