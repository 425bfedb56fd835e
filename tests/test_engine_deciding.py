"""What follows from an answer is recorded, even when that cannot be told."""

from datetime import timedelta

import pytest
from rig import Bench, history, start, status

from process_manager import Process, StepRun, Wait, classic, deciding
from process_manager.database import Database
from process_manager.quiet import Quiet
from process_manager.running import run_step

pytestmark = pytest.mark.every_database


class Resting(Process):
    """A step that answered, and asks for a rest."""

    STEPS = {"a": "rest"}

    def rest(self, run: StepRun) -> Wait:
        return Wait("later", after=timedelta(hours=1))


def test_an_answer_of_which_the_windows_cannot_be_asked_fails_and_is_not_run_again(database: Database) -> None:
    process_id = start(database, Resting)
    bench = Bench(database, Resting)
    (job,) = bench.write()

    def broken(name: str, version: int) -> Quiet:
        raise LookupError("no such day")

    ran = run_step(job)
    attempt = deciding.decide(job, ran, retry=classic(), quiet_of=broken)
    bench.desk.accept([attempt])
    bench.write()

    assert status(database, process_id) == "failed"
    assert "what follows cannot be told: LookupError: no such day" in history(database, process_id)[-1].message
