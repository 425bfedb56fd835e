"""The ledger of taken rows."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from office import Office

from process_manager.database import Database
from process_manager.store import ledger
from process_manager.store.ledger import OPEN, Taken, Taking

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINE = Taking("table", "11111111-1111-5111-8111-111111111111", 1)
THEIRS = Taking("table", "22222222-2222-5222-8222-222222222222", 2)


@pytest.fixture
def database(office: Office) -> Database:
    return office.database()


def record(database: Database, taking: Taking, *row_ids: str) -> None:
    with database.begin() as connection:
        ledger.record(connection, taking, row_ids, NOW)


def rows_of(database: Database, taking: Taking) -> list[str]:
    with database.read() as connection:
        return [entry.row_id for entry in ledger.open_entries(connection, taking.process_id, OPEN)]


def mark(database: Database, taking: Taking, state: Taken) -> None:
    with database.begin() as connection:
        ledger.mark(connection, ledger.open_entries(connection, taking.process_id, OPEN), state, NOW)


def test_a_row_that_another_has_open_is_not_noted(database: Database) -> None:
    record(database, THEIRS, "2")

    record(database, MINE, "1", "2", "3")

    assert rows_of(database, MINE) == ["1", "3"]
    assert rows_of(database, THEIRS) == ["2"]


def test_noting_a_row_again_changes_nothing(database: Database) -> None:
    record(database, MINE, "1", "æ")

    record(database, MINE, "1", "æ")

    assert rows_of(database, MINE) == ["1", "æ"]


def test_a_row_of_another_table_is_another_row(database: Database) -> None:
    record(database, MINE, "1")

    record(database, Taking("other table", THEIRS.batch, THEIRS.process_id), "1")

    assert rows_of(database, THEIRS) == ["1"]


@pytest.mark.parametrize("state", [state for state in Taken if state not in OPEN])
def test_a_closed_row_may_be_taken_again(database: Database, state: Taken) -> None:
    record(database, MINE, "1")
    mark(database, MINE, state)

    record(database, THEIRS, "1")

    assert (rows_of(database, MINE), rows_of(database, THEIRS)) == ([], ["1"])


def test_the_database_itself_refuses_a_second_open_entry(database: Database) -> None:
    record(database, MINE, "1")
    copy = sa.insert(ledger.ledger).values(
        source="table", row_id="1", batch=THEIRS.batch, process_id=2, state="noted", noted_at=NOW
    )

    with pytest.raises(sa.exc.IntegrityError), database.begin() as connection:
        connection.execute(copy)


def test_an_entry_is_closed_by_a_closing_state_alone_and_never_opened_again(database: Database) -> None:
    record(database, MINE, "1")
    with database.begin() as connection:
        entries = ledger.open_entries(connection, 1, OPEN)
        ledger.mark(connection, entries, Taken.CLAIMED, NOW)
        open_yet = ledger.count_open(connection, 1)
        ledger.mark(connection, entries, Taken.DONE, NOW)
        ledger.mark(connection, entries, Taken.CLAIMED, NOW)
        last = ledger.newest(connection, "table", ["1"])["1"]

    assert open_yet == 1
    assert (last.state, last.claimed_at, last.closed_at) == (Taken.DONE, NOW, NOW)


def test_entries_come_500_at_a_time_in_the_order_they_were_noted(database: Database) -> None:
    ids = [str(number) for number in range(1, 1202)]
    record(database, MINE, *ids)
    pages: list[list[str]] = []

    after = 0
    with database.read() as connection:
        while entries := ledger.open_entries(connection, 1, OPEN, after=after):
            pages.append([entry.row_id for entry in entries])
            after = entries[-1].id

    assert [len(page) for page in pages] == [500, 500, 201]
    assert [row for page in pages for row in page] == ids


def test_the_number_of_statements_does_not_grow_with_the_rows(database: Database) -> None:
    def count(rows: int, taking: Taking) -> Counter[str]:
        verbs: Counter[str] = Counter()
        with database.begin() as connection:
            sa.event.listen(connection, "before_cursor_execute", lambda *args: verbs.update([args[2].split()[0]]))
            ids = [f"{taking.batch}/{number}" for number in range(rows)]
            ledger.record(connection, taking, ids, NOW)
            entries = ledger.open_entries(connection, taking.process_id, OPEN)
            ledger.mark(connection, entries, Taken.DONE, NOW)
            ledger.newest(connection, "table", ids)
            ledger.holders(connection, "table", ids)
        return verbs

    assert count(1, MINE) == count(500, THEIRS) == {"INSERT": 1, "SELECT": 3, "UPDATE": 1}


@pytest.mark.parametrize("name", ["holders", "newest"])
def test_rows_are_looked_up_one_by_one_among_however_many_entries(database: Database, name: str) -> None:
    with plans_of(database) as plans, database.begin() as connection:
        getattr(ledger, name)(connection, "table", ["1", "2"])

    reads = [line for line in plans if "ledger" in line or "other" in line]
    assert any("(source=? AND row_id=?)" in line for line in reads)
    assert [line for line in reads if "(source=?)" in line or "SCAN ledger" in line or "SCAN other" in line] == []


@contextmanager
def plans_of(database: Database) -> Iterator[list[str]]:
    """How SQLite goes about each statement of the block."""
    plans: list[str] = []

    def explain(_connection: object, cursor: sqlite3.Cursor, statement: str, values: Any, *_more: object) -> None:
        other = cursor.connection.cursor()
        plans.extend(row[3] for row in other.execute(f"EXPLAIN QUERY PLAN {statement}", values))

    sa.event.listen(database.engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", explain)
