"""The ledger of foreign rows on every database: a row is open at most once, whoever asks for it at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from rig import NOON, Three, execute, start, work

from process_manager.database import Database
from process_manager.store import ledger
from process_manager.store.ledger import LedgerEntry, Taken, Taking

pytestmark = pytest.mark.every_database

ROWS = ["1", "A", "a", "å", "æ😀"]


def record(database: Database, process_id: int, *rows: str) -> list[str]:
    """The rows that the process has open after it recorded these."""
    with database.begin() as connection:
        ledger.record(connection, Taking("till", f"b{process_id}", process_id), rows, NOON)
        return sorted(each.row_id for each in ledger.open_entries(connection, process_id, ledger.OPEN))


def mark(database: Database, process_id: int, state: Taken) -> None:
    with database.begin() as connection:
        ledger.mark(connection, ledger.open_entries(connection, process_id, ledger.OPEN), state, NOON)


def holders(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return ledger.holders(connection, "till", [*ROWS, "x"])


def newest(database: Database) -> dict[str, LedgerEntry]:
    with database.read() as connection:
        return ledger.newest(connection, "till", ROWS)


def test_a_row_that_another_has_open_is_left_to_it(database: Database) -> None:
    assert record(database, 1, *ROWS[:3]) == ROWS[:3]

    assert record(database, 2, *ROWS) == ROWS[3:]

    assert holders(database) == {"1": 1, "A": 1, "a": 1, "å": 2, "æ😀": 2}


def test_a_row_that_was_closed_may_be_taken_again_and_again(database: Database) -> None:
    for process_id in (1, 2, 3):
        assert record(database, process_id, *ROWS) == ROWS
        mark(database, process_id, Taken.CLAIMED)
        mark(database, process_id, Taken.DONE)

    assert holders(database) == {}
    assert {row_id: (each.process_id, each.state) for row_id, each in newest(database).items()} == dict.fromkeys(
        ROWS, (3, Taken.DONE)
    )


def test_what_was_let_go_is_not_the_newest(database: Database) -> None:
    record(database, 1, *ROWS)
    mark(database, 1, Taken.DONE)
    record(database, 2, *ROWS)
    mark(database, 2, Taken.LET_GO)

    assert {each.process_id for each in newest(database).values()} == {1}


def test_what_an_ended_process_left_open_is_taken_over_with_its_batch(database: Database) -> None:
    ended, going = start(database), start(database)
    work(database, Three, only=ended)
    record(database, ended, *ROWS)

    with database.begin() as connection:
        assert ledger.adopt(connection, source="till", process_id=going) == len(ROWS)
        found = ledger.open_entries(connection, going, [Taken.NOTED])
        assert ledger.count_open(connection, going) == len(ROWS)

    assert {each.batch for each in found} == {f"b{ended}"}


def test_of_eight_that_record_the_same_rows_at_once_each_row_is_one_ones(database: Database) -> None:
    rows = [str(number) for number in range(60)]
    ready = threading.Barrier(8)

    def records(number: int) -> None:
        ready.wait(30)
        taking = Taking("till", "b", number)
        database.run(lambda connection: ledger.record(connection, taking, rows, NOON))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(records, range(8)))

    found = execute(database, "SELECT row_id FROM ledger WHERE closed_at IS NULL")
    assert sorted(row_id for (row_id,) in found) == sorted(rows)
