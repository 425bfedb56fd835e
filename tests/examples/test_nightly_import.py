"""The nightly import: one at a time, and all of a file or nothing."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from example_office import Office

from examples.nightly_import import NightlyImport, imported
from process_manager import Registry, operations
from process_manager.actor import Actor
from process_manager.errors import HeldByAnother

DELIVERY = Path("deliveries/books.csv")


def run(office: Office) -> int:
    """Return the id of the process that runs the import of the books."""
    known = Registry([NightlyImport])
    return office.database.run(
        lambda it: operations.run_command(it, "nightly-import", argument="books", registry=known, actor=Actor("cron"))
    )


def deliver(*lines: str) -> None:
    """Write the delivery of the day."""
    DELIVERY.parent.mkdir(exist_ok=True)
    DELIVERY.write_text("\n".join(["number,amount", *lines]), encoding="utf-8")


def rows(office: Office) -> list[tuple[Any, ...]]:
    """Return what was imported."""
    with office.database.read() as connection:
        if not sa.inspect(connection).has_table("imported"):
            return []
        return [tuple(row) for row in connection.execute(sa.select(imported).order_by(imported.c.number))]


def test_a_second_import_finds_the_first_and_starts_nothing(office: Office) -> None:
    deliver("1,12.50", "2,99.00")
    first = run(office)

    with pytest.raises(HeldByAnother, match=f"Process {first} is held by the command 'nightly-import-books'"):
        run(office)
    office.work(NightlyImport)

    assert office.history(first) == [
        ("import", "done", "2 rows imported"),
        ("clear", "done", "the delivery is cleared away"),
    ]
    assert rows(office) == [("books", 1, "12.50"), ("books", 2, "99.00")]


def test_a_broken_line_imports_nothing_of_its_file_until_it_is_corrected(office: Office) -> None:
    deliver("1,12.50", "2,ninety-nine")
    process_id = run(office)
    office.work(NightlyImport)
    assert rows(office) == []

    deliver("1,12.50", "2,99.00")
    office.work(NightlyImport, minutes=10)

    assert office.history(process_id) == [
        ("import", "retry", "InvalidOperation: [<class 'decimal.ConversionSyntax'>]"),
        ("import", "done", "2 rows imported"),
        ("clear", "done", "the delivery is cleared away"),
    ]
    assert len(rows(office)) == 2


def test_a_number_that_was_imported_before_takes_the_whole_file_back(office: Office) -> None:
    deliver("2,99.00")
    run(office)
    office.work(NightlyImport)
    deliver("1,12.50", "2,99.00")
    second = run(office)
    office.work(NightlyImport)

    assert [(step, outcome) for step, outcome, _message in office.history(second)] == [("import", "retry")]
    assert rows(office) == [("books", 2, "99.00")]


def test_a_night_without_a_delivery_is_skipped(office: Office) -> None:
    process_id = run(office)
    office.work(NightlyImport)

    assert office.history(process_id) == [("import", "skip", "nothing was delivered")]
