"""The bot that reads a workbook: real workbooks, read by the engine as they were uploaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from rig import get, history, settings

from process_manager import classic, serialization
from process_manager.bots import excel_reader
from process_manager.bots.excel_reader import ExcelReader
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.worker import Plan

PERMITS: Sequence[Sequence[Any]] = (
    ("Permit", "Applicant", "Amount", "From", "Paid"),
    ("Å-518/26", "Ida Holm", 7480.5, date(2026, 12, 1), True),
    ("Å-519/26", None, 120, datetime(2026, 12, 2, 8, 30), False),  # noqa: DTZ001 - a sheet knows no zone
    (None, None, None, None, None),
    ("Å-520/26", "Bo", None, None, None),
)


@pytest.fixture
def read(database: Database, tmp_path: Path) -> Callable[..., tuple[Any, list[tuple[Any, ...]]]]:
    """Read a workbook with this sheet, and return the process and what its steps answered."""

    def done(rows: Sequence[Sequence[Any]] = PERMITS, *, sheet: str = "Permits", **asked: Any) -> Any:
        path = tmp_path / "permits.xlsx"
        book = Workbook()
        book.active.title = sheet
        for row in rows:
            book.active.append(row)
        book.create_sheet("Other").append(["x"])
        book.save(path)
        return run(database, path, **asked)

    return done


def run(database: Database, path: Path, **asked: Any) -> tuple[Any, list[tuple[Any, ...]]]:
    with Direct(database, Plan(Registry([ExcelReader]), settings(), classic())) as direct:
        rest = direct.run(ExcelReader, asked, files={"workbook": path})
    told = [(each.step, each.outcome, each.code, each.message) for each in history(database, rest.id)]
    return get(database, rest.id), told


def test_each_row_is_read_by_the_names_of_its_columns(read: Any) -> None:
    process, told = read(key="Permit")

    assert told == [
        ("look", "done", None, "5 columns: Permit, Applicant, Amount, From, Paid"),
        ("read", "done", None, "3 rows"),
    ]
    assert (process.payload["count"], process.payload["rows"]) == (
        3,
        [
            {"row": 2, "Permit": "Å-518/26", "Applicant": "Ida Holm", "Amount": 7480.5, "From": "2026-12-01",
             "Paid": True},
            {"row": 3, "Permit": "Å-519/26", "Applicant": None, "Amount": 120, "From": "2026-12-02T08:30:00",
             "Paid": False},
            {"row": 5, "Permit": "Å-520/26", "Applicant": "Bo", "Amount": None, "From": None, "Paid": None},
        ],
    )  # fmt: skip
    assert serialization.loads(serialization.dumps(process.payload)) == process.payload


def test_another_sheet_and_another_row_may_be_named(read: Any) -> None:
    process, _told = read([("a report",), (), ("Case",), (7,)], header_row=3)
    other, _ = read(sheet="First")

    assert process.payload["rows"] == [{"row": 4, "Case": 7}]
    assert other.payload["columns"][0] == "Permit"
    assert read(sheet="Permits", **{"header_row": 1})[0].status == "succeeded"


@pytest.mark.parametrize(
    ("rows", "asked", "code", "said"),
    [
        (PERMITS, {"key": "Case"}, "no-key-column", "There is no column 'Case' among Permit, Applicant,"),
        (PERMITS, {"key": "Applicant"}, "unclear-key", "Row 3 has no Applicant."),
        ([*PERMITS, PERMITS[1]], {"key": "Permit"}, "unclear-key", "Row 6 has the Permit 'Å-518/26', as row 2 has."),
        ([("a", None, "c")], {}, "unclear-header", "Column 2 has no name in row 1."),
        ([("a", "b", "a")], {}, "unclear-header", "Column 3 is called 'a', as another is."),
        ([(None,)], {}, "no-header", "Row 1 has no header."),
        (PERMITS, {"header_row": 40}, "no-header", "Row 40 has no header."),
    ],
)
def test_what_is_wrong_with_a_sheet_rejects_it_and_says_where(
    read: Any, rows: Any, asked: dict[str, Any], code: str, said: str
) -> None:
    process, told = read(rows, **asked)

    assert process.status == "rejected"
    assert told[-1][2] == code
    assert said in told[-1][3]


def test_a_sheet_that_is_not_there_is_told_with_those_that_are(database: Database, read: Any, tmp_path: Path) -> None:
    read()

    process, told = run(database, tmp_path / "permits.xlsx", sheet="Bills")

    assert (process.status, told[-1][3]) == ("rejected", "There is no sheet 'Bills' among Permits, Other.")


def test_what_is_no_workbook_is_rejected(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "permits.xlsx"
    path.write_bytes(b"PK\x03\x04 and nothing behind it")

    process, told = run(database, path)

    assert (process.status, told[0][2]) == ("rejected", "no-workbook")
    assert "permits.xlsx is no workbook that can be read" in told[0][3]


def test_a_sheet_that_is_too_long_is_rejected(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel_reader, "MOST_ROWS", 100)

    process, told = read([("Case",), *((number,) for number in range(101))])

    assert (process.status, told[-1][2]) == ("rejected", "too-many-rows")
