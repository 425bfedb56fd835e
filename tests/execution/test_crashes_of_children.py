"""What a worker makes of a child that died, told by children that die at a word: no program is started."""

from collections.abc import Callable

import pytest
from rig import Bench, Nowhere, execute, outcomes, row, start

from process_manager import Done, Process, Step, StepRun, clock
from process_manager.database import Database
from process_manager.execution.completion import Completion, Died, Recorded
from process_manager.execution.held_step import HeldStep
from process_manager.execution.transactional import TransactionalExecutor
from process_manager.lifecycle.transition import StepResult

ENDED = "ended with exit code 3"


class Deadly(Nowhere):
    """Children that die in the step, once they did what a test says, and in its `verify`."""

    def __init__(self, before: Callable[[HeldStep], object] = lambda _held: None) -> None:
        self._before = before

    def takes(self, held: HeldStep) -> bool:
        return True

    def run(self, held: HeldStep) -> Completion:
        self._before(held)
        return Died(held, ENDED, clock.now())

    def ask(self, held: HeldStep, doubt: StepResult) -> Died:
        return Died(held, f"{ENDED} while verify was asked", clock.now())


class Posted(Process):
    STEPS = {"do": Step("do", effect="once", isolation="process", verify="ask")}

    def do(self, run: StepRun) -> Done:
        return Done("posted")

    def ask(self, run: StepRun) -> Done:
        return Done("it is there")


class Booked(Process):
    STEPS = {"do": Step("do", effect="transactional", isolation="process"), "after": "after"}

    def do(self, run: StepRun) -> Done:
        run.connection.exec_driver_sql("SELECT 1")
        return Done("booked")

    def after(self, run: StepRun) -> Done:
        return Done("after")


def test_a_step_and_its_verify_that_end_their_processes_are_two_crashes_and_the_third_convicts(
    database: Database,
) -> None:
    process_id = start(database, Posted)
    bench = Bench(database, Posted, apart=Deadly())
    stood = []

    for _ in range(2):
        (held,) = bench.write()
        bench.run(held)
        bench.write(claim=False)
        found = row(database, process_id)
        stood.append((found["status"], found["crashes"], found["own_crashes"], found["doubtful_since"] is not None))

    assert stood == [("pending", 2, 2, True), ("quarantined", 3, 3, True)]


@pytest.mark.every_database
def test_a_step_that_its_child_recorded_before_it_died_goes_on_at_once(database: Database) -> None:
    came: list[Completion] = []
    process_id = start(database, Booked)
    bench = Bench(database, Booked, apart=Deadly(lambda held: came.append(recorder.perform(held))))
    recorder = TransactionalExecutor(database, decide=bench.claims.decide)
    (held,) = bench.write()

    bench.run(held)
    (following,) = bench.write()

    assert [isinstance(each, Recorded) and each.kept for each in came] == [True]
    assert (following.claim.step, following.claim.fence) == ("after", held.claim.fence)
    assert outcomes(database, process_id) == [("do", "done"), ("after", "started")]
    assert execute(database, "SELECT crashes, own_crashes FROM processes") == [(0, 0)]
