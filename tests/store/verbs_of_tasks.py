"""What the store is asked about tasks, for tests that send every statement to each database's grammar."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from rig import NOON, claim
from sqlalchemy.sql import ClauseElement

from process_manager.lifecycle.events import Coordination
from process_manager.lifecycle.new_task import NewTask
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import ProcessState, Transition
from process_manager.store import task_queries, task_sweep, tasks
from process_manager.store.task_queries import TaskFilter

KINDS = frozenset({"three", "letter"})
ASKED = NewTask(
    "a/0", "Approve it?", "", "economy", "office:Approval", "{}", "[]", "3 workdays", "1 workday", "chief", "starter",
    "UTC", "DK", NOON, NOON,
)  # fmt: skip
ASKS = Transition(
    claim(id=1),
    ProcessState(Status.WAITING, "a", 0, waiting_for="event"),
    (),
    NOON,
    coordination=Coordination(task=ASKED),
)
FILTERS = (
    TaskFilter(),
    TaskFilter(None, ("economy", "chief"), with_ungrouped=True, claimed_by=("ada",), unclaimed=True),
    TaskFilter("answered", name="three", process_id=1, overdue_at=NOON),
    TaskFilter("withdrawn"),
)


def paged(connection: sa.Connection) -> None:
    """Ask for pages of tasks, with every filter."""
    for which in FILTERS:
        task_queries.page(connection, which, after=(NOON, 1), limit=5, kinds=KINDS)
        task_queries.count(connection, which, most=5)


def stood(connection: sa.Connection) -> None:
    """Ask who may act on a task of a child."""
    task = {"group_name": None, "claimed_by": None, "not_by": "starter", "dedup_hash": "child_1_x"}
    task_queries.stand(connection, {**task, "created_by": "process 1", "created_way": None})


def swept(connection: sa.Connection) -> None:
    """Move on what is due, and close what nobody waits for."""
    tasks.begin(connection, [ASKS])
    task_sweep.move_on(connection, now=NOON)


OF_TASKS: dict[str, Callable[[sa.Connection], object]] = {
    "tasks.begin": lambda c: tasks.begin(c, [ASKS]),
    "tasks.close": lambda c: tasks.close(c, [1, 2]),
    "tasks.locked": lambda c: tasks.locked(c, 1),
    "tasks.change": lambda c: tasks.change(c, 1, {"claimed_by": "ada", "claimed_at": None}),
    "task_sweep.move_on": swept,
    "task_sweep.gone": task_sweep.gone,
    "task_sweep.close_gone": lambda c: [tasks.begin(c, [ASKS]), task_sweep.close_gone(c, [1])],
    "task_queries.page": paged,
    "task_queries.count": paged,
    "task_queries.one": lambda c: [task_queries.one(c, 1, kinds=each) for each in (None, KINDS)],
    "task_queries.stand": stood,
    "task_queries.process_of": lambda c: task_queries.process_of(c, 1),
    "task_queries.open_of": lambda c: task_queries.open_of(c, [1, 2]),
    "task_queries.asked": lambda c: task_queries.asked(c, [1, 2]),
    "task_queries.newest": lambda c: task_queries.newest(c, 1, "a/0", 1),
}


def golden() -> dict[str, ClauseElement]:
    """The statements of tasks, as a DBA reads them."""
    return {
        "tasks_begin": tasks.begin_statement(),
        "tasks_close": tasks.close_statement(),
        "tasks_lock": tasks.lock_statement(),
        "tasks_due": task_sweep.due_statement(),
        "tasks_gone": task_sweep.gone_statement(),
        "tasks_newest": task_queries.newest_statement(),
    }
