"""`cancel`: what never began ends at once, and who asks where nothing runs is told what would do."""

from datetime import timedelta

import pytest
from once_steps import calls
from rig import Bench, Three, cancel, odd, start, status, work

from process_manager import Done, clock, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import Refused
from process_manager.operations import Act
from tests.worker.test_stopping import is_asked, story


@pytest.mark.every_database
@pytest.mark.parametrize("at", [None, timedelta(hours=1)])
def test_j6_what_is_due_or_waits_never_starts(database: Database, at: timedelta | None) -> None:
    ran = calls(Done())
    process_id = start(database, odd(ran), at=None if at is None else clock.now() + at)

    cancel(database, process_id)
    work(database, odd(ran))

    assert (ran.runs, status(database, process_id)) == ([], "abandoned")
    assert story(database, process_id) == [("do", "cancel", "the wrong list", "Bo")]


def test_who_asks_twice_or_where_nothing_runs_is_told_what_would_do(database: Database) -> None:
    asked, done = start(database), start(database, Three, at=clock.now())
    bench = Bench(database)
    bench.write()
    cancel(database, asked)
    with database.begin() as connection:
        operations.abandon(connection, done, Act(Actor("Ada"), "no need"))

    with pytest.raises(Refused, match=r"Bo has asked it to stop already\. .*`process-manager abandon-process 1"):
        cancel(database, asked)
    with pytest.raises(Refused, match="was abandoned: nothing of it runs"):
        cancel(database, done)


def test_an_ask_that_is_overtaken_by_the_answer_is_refused_and_leaves_nothing(database: Database) -> None:
    process_id = start(database)
    work(database)

    with pytest.raises(Refused, match="has succeeded"):
        cancel(database, process_id)

    assert not is_asked(database, process_id)
