"""What stops until someone acts keeps the key of its cause, and when that was; what goes on writes neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from backends import overheard
from rig import Odd, claim, odd, restart, row, start, work

from process_manager import Done, Retry
from process_manager.database import Database
from process_manager.lifecycle import cause, interruption
from process_manager.lifecycle.retry import every
from process_manager.store import transition_rows

pytestmark = pytest.mark.every_database

ONCE = every(seconds=1, attempts=1)


def keys(database: Database, *ids: int) -> list[Any]:
    return [row(database, each)["cause"] for each in ids]


def failing(*messages: str) -> type[Odd]:
    """A process whose step says these, one after the other."""
    said: Iterator[str] = iter(messages)
    return odd(lambda _run: Retry(next(said)), retry=ONCE)


def test_what_stops_with_words_that_differ_in_numbers_has_one_cause(database: Database) -> None:
    process = failing("invoice 17 is locked by 'Bo'", "invoice 18 is locked by 'Ada'", "SAP is down")
    ids = [start(database, process) for _ in range(3)]

    work(database, process)

    first, second, third = keys(database, *ids)
    assert first == second == cause.key("odd", 1, "do", "invoice 99 is locked by 'Eve'")
    assert third == cause.key("odd", 1, "do", "SAP is down")
    assert row(database, ids[0])["stopped_at"] == row(database, ids[0])["updated_at"]


def test_what_fails_anew_has_the_cause_of_that(database: Database) -> None:
    process = failing("SAP is down", "the password has expired")
    process_id = start(database, process)
    work(database, process)
    restart(database, process_id, process)
    work(database, process)

    assert keys(database, process_id) == [cause.key("odd", 1, "do", "the password has expired")]


def test_what_goes_well_writes_no_cause(database: Database) -> None:
    process = odd(lambda _run: Done("it is"))
    process_id = start(database, process)
    with overheard(database) as said:
        work(database, process)

    assert keys(database, process_id) == [None]
    assert [each for each in said if "stopped_at" in each and "UPDATE" in each] == []


def test_a_process_that_crashed_three_times_has_a_cause() -> None:
    crashed = interruption.crashed(claim(own_crashes=2), claim().step_started_at, how="was killed by signal 9")

    assert transition_rows.change_of(crashed) == "stopping"
    assert transition_rows.stopping_rows(crashed)[0][-1] == cause.key("letter", 1, "a", crashed.entries[-1].message)
