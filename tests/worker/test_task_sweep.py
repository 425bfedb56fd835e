"""What becomes of tasks by the clock, and that nobody else pays for them."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asking_steps import Asks
from backends import overheard
from freezegun import freeze_time
from rig import SEES_ALL, Three, abandon, execute, restart, start, status, work
from task_acts import ADA, EVE, answer, asked, listed, on, task

from process_manager import clock, inspection
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.errors import Forbidden
from process_manager.governance.task_actions import ClaimTask
from process_manager.inspection import TaskFilter, invariants
from process_manager.inspection.findings import Result
from process_manager.worker.task_sweep import TaskSweep

pytestmark = [pytest.mark.every_database, pytest.mark.slow]

NAMES = invariants.names(quick=False)
FRIDAY = datetime.fromisoformat("2026-11-27T13:00:00+00:00")
CHIEF = Actor("chief", is_person=True, role=Role.CASEWORKER, groups=frozenset({"chief"}))


class AsksInTime(Asks):
    """Asks until Wednesday, and reminds each working day."""

    name = "asks-in-time"
    terms = {"group": "economy", "due": "3 workdays", "remind": "1 workday", "overdue_to": "chief"}


def test_over_a_weekend_a_task_is_reminded_of_and_given_away_when_it_is_overdue(database: Database) -> None:
    with freeze_time(FRIDAY) as clock_:
        task_id = asked(database, AsksInTime)
        on(database, task_id, ClaimTask, ADA)
        found: list[Any] = []
        for hours in (24, 48, 72, 24, 24):  # Saturday, Monday, Thursday, Friday, Saturday
            clock_.tick(timedelta(hours=hours))
            TaskSweep(database).look()
            now = task(database, task_id).task
            found.append((now.reminders, now.group, now.claimed_by, now.is_overdue))
        assert found == [
            (0, "economy", "ada", False), (1, "economy", "ada", False), (2, "chief", None, True),
            (3, "chief", None, True), (3, "chief", None, True),
        ]  # fmt: skip
        assert [each.id for each in listed(database, TaskFilter(overdue_at=clock_()))] == [task_id]
        with pytest.raises(Forbidden):
            answer(database, task_id, actor=ADA)
        answer(database, task_id, actor=CHIEF)

    assert execute(database, "SELECT next_at, is_open FROM tasks") == [(None, 0)]


def test_a_sweep_that_runs_twice_gives_a_task_away_once_and_one_that_is_locked_is_left(database: Database) -> None:
    with freeze_time(FRIDAY) as clock_:
        task_id = asked(database, AsksInTime)
        clock_.tick(timedelta(days=6))
        with overheard(database) as said:
            TaskSweep(database).look()
            TaskSweep(database).look()

    assert task(database, task_id).task.reminders == 1
    assert len([text for text in said if text.startswith("UPDATE tasks")]) == 1


@pytest.mark.parametrize("leaves", [restart, abandon])
def test_what_nobody_waits_for_is_closed_and_nobody_is_reminded_of_it(database: Database, leaves: Any) -> None:
    with freeze_time(FRIDAY) as clock_:
        asked(database, AsksInTime)
        leaves(database, 1, *([AsksInTime] if leaves is restart else []))
        TaskSweep(database).look()
        clock_.tick(timedelta(days=9))
        TaskSweep(database).look()

    assert execute(database, "SELECT is_open, reminders, next_at FROM tasks") == [(0, 0, None)]


def test_tasks_are_listed_by_when_they_are_due_page_by_page_in_few_statements(database: Database) -> None:
    with freeze_time(FRIDAY):
        last = [asked(database) for _ in range(2)]
        first = [asked(database, AsksInTime) for _ in range(2)]
    with database.read() as connection, overheard(database) as said:
        one = inspection.tasks(connection, limit=3, viewer=SEES_ALL)
        two = inspection.tasks(connection, limit=3, after=one.after, viewer=SEES_ALL)
        mine = inspection.count_tasks(connection, inspection.tasks_of(ADA))
        none = inspection.count_tasks(connection, inspection.tasks_of(EVE))

    assert [each.id for each in (*one.tasks, *two.tasks)] == [*first, *last]
    assert (two.after, mine, none) == (None, 4, 0)
    assert len([text for text in said if text.startswith("SELECT")]) == 4


def test_doctor_finds_nothing_wrong_with_what_asks_a_person(database: Database) -> None:
    asked(database)

    found = invariants.audit(database, invariants.values(clock.now(), lease=timedelta(seconds=90)), names=NAMES)

    assert [each.what for each in found if each.result is not Result.OK] == []


def test_whoever_asks_nobody_pays_nothing(database: Database) -> None:
    for _ in range(20):
        start(database, Three)

    with overheard(database) as said:
        work(database, Three)

    assert len([text for text in said if "tasks" in text]) <= 1


KILLED = """
import os, sys
import sqlalchemy as sa
from process_manager.database import connect
from task_acts import answer

database = connect(sys.argv[1])

def ends(_connection):
    os._exit(9)

sa.event.listen(database.engine, "commit", ends)
answer(database, int(sys.argv[2]))
"""


def test_whoever_is_killed_before_the_commit_of_an_answer_has_answered_nothing(database: Database) -> None:
    task_id = asked(database)
    process_id = task(database, task_id).task.process_id
    path = os.pathsep.join([str(Path(__file__).parents[1] / "support"), str(Path(__file__).parents[2])])

    command = [sys.executable, "-c", KILLED, database.whole_url(), str(task_id)]
    ran = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, timeout=60, check=False)

    assert ran.returncode == 9
    assert (task(database, task_id).task.status, status(database, process_id)) == ("open", "waiting")
    assert execute(database, "SELECT COUNT(*) FROM audit") == [(0,)]
    answer(database, task_id)
    work(database, Asks)
    assert status(database, process_id) == "succeeded"
