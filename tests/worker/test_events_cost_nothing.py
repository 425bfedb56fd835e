"""Whoever uses no events or children pays nothing: no statement more, no column more, nothing that is imported."""

import re
import subprocess
import sys

import pytest
from backends import overheard
from rig import Three, start, status, work

from process_manager.database import Database
from process_manager.store import claiming, due, recording, transition_changes, transition_rows
from process_manager.store.due import Shape
from process_manager.store.guarded_update import Change
from tests.store.test_sql import DIALECTS

SCRIPT = """
import re
import sys
from datetime import timedelta
from process_manager import Done, Process, Registry, classic
from process_manager.database import connect
from process_manager.settings import model_of
from process_manager.worker import Plan, Worker

class Three(Process):
    STEPS = {"a": "step", "b": "step", "c": "step"}

    def step(self, run):
        return Done("done")

database = connect(sys.argv[1])
settings = model_of()(concurrency=2, grace=timedelta(0), quiet="none", zone="UTC", clock="host")
Worker(database, Plan(Registry([Three]), settings, classic(), until_empty=True)).run()
ours = [each for each in sys.modules if each.startswith("process_manager.")]
print(*sorted(each for each in ours if re.search("event|children|joins|join_|task_|asking|step_answers", each)))
"""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_claim_and_no_record_names_a_table_or_a_column_of_events_or_children(dialect: str) -> None:
    changes = [transition_changes.CHANGES[name]() for name in transition_changes.CHANGES]
    found = [*changes, claiming.claim_change(Shape(2), dialect), claiming.claim_one_change()]
    statements = [each for change in found for each in statements_of(change)]
    statements.append(due.next_due_statement(Shape(2), dialect))
    if dialect == "postgresql":
        statements += [recording.alone("going"), recording.with_history("going", "moving")]

    for statement in statements:
        text = str(statement.compile(dialect=DIALECTS[dialect]))
        assert not re.search("event|children|joins", text.replace("'event'", ""))


def statements_of(change: Change) -> list[object]:
    return [change.update, change.picks, change.change, change.rows]


def test_a_record_carries_no_value_more() -> None:
    assert len(transition_rows.ADVANCE) == 7
    assert len(transition_rows.ROW) == 20
    assert len(claiming.CLAIM_COLUMNS) == 22


@pytest.mark.slow
@pytest.mark.every_database
def test_a_worker_asks_once_whether_there_are_any_and_no_record_asks(database: Database) -> None:
    for _ in range(20):
        start(database, Three)

    with overheard(database) as said:
        work(database, Three)

    assert len([text for text in said if "event" in text.replace("'event'", "")]) <= 1
    assert len([text for text in said if re.search("children|joins", text)]) <= 1


@pytest.mark.slow
def test_a_worker_of_which_no_step_uses_events_imports_nothing_of_them(database: Database) -> None:
    process_id = start(database, Three)

    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, database.whole_url()], capture_output=True, text=True, check=True, timeout=120
    )

    assert status(database, process_id) == "succeeded"
    assert ran.stdout.split() == [
        "process_manager.execution.step_answers",
        "process_manager.execution.step_children",
        "process_manager.execution.step_events",
        "process_manager.worker.event_sweep",
        "process_manager.worker.join_sweep",
        "process_manager.worker.task_sweep",
    ]
