"""What a direct call makes of its plan: all of it counts, but what is for a worker alone, which is refused."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from rig import Three, execute, outcomes, settings, work

from process_manager import Done, Process, StepRun, classic
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.errors import UsageError
from process_manager.worker import Plan

pytestmark = pytest.mark.every_database


def direct(database: Database, process: type[Process] = Three, **planned: Any) -> Direct:
    return Direct(database, Plan(Registry([process]), settings(), classic(), **planned))


def test_of_another_channel_than_those_of_its_plan_nothing_is_started(database: Database) -> None:
    with direct(database, channels=("robots", "post")) as here:
        with pytest.raises(UsageError, match=r"of channel 'default', and this plan runs only robots, post\. Start it"):
            here.run(Three)
        with pytest.raises(UsageError, match="of channel 'default'"):
            here.run(Three, channel="default")
        rest = here.run(Three, channel="post")

    assert rest.status == "succeeded"
    assert execute(database, "SELECT count(*) FROM processes") == [(1,)]


def test_no_step_starts_after_its_time_box_and_workers_go_on(database: Database) -> None:
    class Long(Three):
        name = "long"

        def step(self, run: StepRun) -> Done:
            while not is_over.wait(0.05):
                if time.monotonic() - opened >= 1:
                    is_over.set()
            return super().step(run)

    is_over = threading.Event()
    with direct(database, Long, time_box=timedelta(seconds=1)) as here:
        opened = time.monotonic()  # later than the box
        cut_short, never_begun = here.run(Long), here.run(Long)

    assert (cut_short.status, outcomes(database, cut_short.id)) == ("pending", [("a", "done")])
    assert (never_begun.status, outcomes(database, never_begun.id)) == ("pending", [])
    assert work(database, Long).statuses == {"succeeded": 2}


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("planned", "said"),
    [
        ({"until_empty": True}, "takes nothing that is due, so `until_empty` says nothing to it. Leave it out"),
        ({"only": 7}, "not process 7, which is there. `process-manager work 7` runs that one"),
    ],
)
def test_what_is_planned_for_a_worker_alone_is_refused(database: Database, planned: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        direct(database, **planned)
