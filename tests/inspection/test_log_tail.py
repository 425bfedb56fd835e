"""The log lines of a process, followed: none is lost and none comes twice, while the threads of its step write."""

from __future__ import annotations

from typing import Any

import pytest
from rig import NOON, execute, odd, start, work

from process_manager import Done, StepRun, inspection
from process_manager.database import Database
from process_manager.errors import UnknownId
from process_manager.inspection import LogTail, Viewer
from process_manager.lifecycle.evidence import Evidence
from process_manager.store import evidence

pytestmark = pytest.mark.every_database

NOBODY = Viewer(kinds=frozenset())


def tail(database: Database, after: tuple[int, int] = (0, 0), most: int = 100, viewer: Any = None) -> LogTail:
    with database.read() as connection:
        return inspection.logs(connection, 1, after=after, most=most, viewer=viewer or Viewer(reveals=True))


def told(found: LogTail) -> list[tuple[int, int]]:
    return [(each.seq, each.number) for each in found.lines]


def say(database: Database, *pieces: tuple[int, int, str]) -> None:
    """Store what steps said: the seq of the run, the number, and its kind."""
    said = [Evidence(1, seq, number, kind, NOON, '{"message": "x"}') for seq, number, kind in pieces]  # type: ignore[arg-type]
    database.run(lambda connection: evidence.keep(connection, said))


def running(database: Database) -> None:
    """A process whose first step runs."""
    start(database)
    execute(
        database,
        "UPDATE processes SET status = 'running', due_at = NULL, worker = 'w', fence = 1, lease_ends_at = created_at,"
        " step_started_at = created_at",
    )


def test_lines_are_told_in_the_order_in_which_they_were_said(database: Database) -> None:
    def answer(run: StepRun) -> Done:
        run.log("first", n=1)
        run.exchange("SAP", "?", "!")
        run.progress(1, 2)
        run.log("second", n=2)
        return Done("done")

    start(database, odd(answer))
    work(database, odd(answer))

    found = tail(database)

    assert [(each.seq, each.number, dict(each.line)) for each in found.lines] == [
        (1, 1, {"message": "first", "n": 1}),
        (1, 3, {"message": "second", "n": 2}),
    ]
    assert found.after == (1, 3)


def test_a_line_of_the_step_that_runs_waits_for_those_before_it(database: Database) -> None:
    running(database)
    say(database, (1, 1, "log"), (1, 3, "log"), (1, 4, "exchange"))

    first = tail(database)
    say(database, (1, 2, "log"))
    second = tail(database, first.after)
    third = tail(database, second.after)

    assert (told(first), first.after) == ([(1, 1)], (1, 1))
    assert (told(second), second.after) == ([(1, 2), (1, 3)], (1, 4))
    assert (told(third), third.after) == ([], (1, 4))


def test_a_line_that_never_came_holds_up_none_once_its_step_has_ended(database: Database) -> None:
    start(database)
    say(database, (1, 2, "log"), (2, 1, "log"))

    assert told(tail(database)) == [(1, 2), (2, 1)]


def test_a_page_of_exchanges_moves_on(database: Database) -> None:
    start(database)
    say(database, (1, 1, "exchange"), (1, 2, "exchange"), (1, 3, "log"))

    first = tail(database, most=2)
    second = tail(database, first.after, most=2)

    assert (told(first), first.after) == ([], (1, 2))
    assert told(second) == [(1, 3)]


def test_there_is_nothing_for_who_may_not_see_it(database: Database) -> None:
    start(database)

    with pytest.raises(UnknownId):
        tail(database, viewer=NOBODY)
