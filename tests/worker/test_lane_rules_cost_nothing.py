"""Whoever has neither positions nor spacing pays nothing for them: no statement more, no column, nothing imported."""

import subprocess
import sys

import pytest
from backends import overheard
from rig import Three, start, status, work

from process_manager import Done, Process, StepRun
from process_manager.database import Database
from process_manager.store import claiming, due, starting, transition_changes
from process_manager.store.due import Shape
from tests.store.test_sql import DIALECTS
from tests.worker.test_events_cost_nothing import statements_of

WORDS = ("order_position", "handled", "spacing", "supersedes", "free_at")

SCRIPT = """
import sys
from datetime import timedelta
from process_manager import Done, Process, Registry, classic, operations
from process_manager.database import connect
from process_manager.settings import model_of
from process_manager.worker import Plan, Worker

class Three(Process):
    STEPS = {"a": "step", "b": "step", "c": "step"}

    def step(self, run):
        return Done("done")

database = connect(sys.argv[1])
with database.begin() as connection:
    operations.start(connection, Three, order_key="k")
settings = model_of()(concurrency=2, grace=timedelta(0), quiet="none", zone="UTC", clock="host")
Worker(database, Plan(Registry([Three]), settings, classic(), until_empty=True)).run()
print(*sorted(each for each in sys.modules if "lane_rules" in each or "lane_skips" in each))
"""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_claim_no_record_and_no_start_names_a_column_of_them(dialect: str) -> None:
    changes = [transition_changes.CHANGES[name]() for name in transition_changes.CHANGES]
    found = [*changes, claiming.claim_change(Shape(2), dialect), claiming.claim_one_change()]
    statements = [each for change in found for each in statements_of(change)]
    statements += [due.next_due_statement(Shape(2), dialect), starting.insert_statement(dialect)]

    for statement in statements:
        text = str(statement.compile(dialect=DIALECTS[dialect]))
        assert not [word for word in WORDS if word in text]


@pytest.mark.slow
@pytest.mark.every_database
def test_lanes_without_them_are_worked_off_with_the_statements_that_they_had(database: Database) -> None:
    class Paused(Process):
        spacing = "1ms"
        STEPS = {"send": "send"}

        def send(self, run: StepRun) -> Done:
            return Done()

    for _ in range(5):
        start(database, Three, order_key="k")
    with overheard(database) as said:
        start(database, Three, order_key="k")
        work(database, Three)
    plain = [text for text in said if any(word in text for word in WORDS[1:])]

    with overheard(database) as said:
        start(database, Paused, order_key="l")
        work(database, Paused)

    assert plain == []
    assert [text for text in said if any(word in text for word in WORDS[1:])] != []


@pytest.mark.slow
def test_a_worker_of_lanes_without_them_imports_nothing_of_them(database: Database) -> None:
    process_id = start(database, Three)

    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, database.whole_url()], capture_output=True, text=True, check=True, timeout=120
    )

    assert status(database, process_id) == "succeeded"
    assert ran.stdout.split() == []
