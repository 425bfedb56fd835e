"""What is told of a process: the first thing that holds it, and the earliest moment it may run."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from rig import NOON

from process_manager.gates import quiet
from process_manager.gates.gate import Gates
from process_manager.gates.switches import Switch
from process_manager.inspection import Overview, Surroundings, explain
from process_manager.store.workers import Registered

PENDING = Overview(
    id=7,
    name="letter",
    version=1,
    reference=None,
    status="pending",
    step="post",
    attempt=0,
    round=1,
    due_at=NOON,
    retry_after=None,
    waiting_for=None,
    channel="mail",
    order_key=None,
    worker=None,
    lease_ends_at=None,
    message=None,
    payload={},
    rerun_of=None,
    created_at=NOON,
    created_by="Ada",
    updated_at=NOON,
    finished_at=None,
)
ALIVE = Registered("host:1:ab", "host", 1, NOON, NOON, 8, (), (("letter", 1, ("write", "post")),))
HERE = [("letter", 1, ("write", "post"))]
AROUND = Surroundings(NOON, Gates(), {}, [ALIVE])
OFF = Gates({"letter": Switch("letter", "SAP is closed", "Bodil", NOON)})
WINDOW = {("letter", 1): quiet.parse("12:00-13:00", "UTC")}


@pytest.mark.parametrize(
    ("process", "around", "told"),
    [
        ({}, {}, "It is due: step 'post' runs as soon as a worker has room."),
        ({}, {"workers": []}, "It is due, but no worker is running: start `process-manager worker`, or `work` it."),
        (
            {"channel": "sap"},
            {"workers": [replace(ALIVE, channels=("mail",))]},
            "It waits for a worker of channel 'sap'.",
        ),
        ({"version": 2}, {}, "It waits for a worker that knows version 2 of 'letter'."),
        ({"step": "gone"}, {}, "It waits for a worker that knows step 'gone' of version 1 of 'letter'."),
        (
            {},
            {"workers": [], "here": HERE},
            "It is due, but no worker is running: start `process-manager worker`, or `work` it.",
        ),
        (
            {"step": "gone"},
            {"workers": [], "here": HERE},
            "It waits for a worker that knows step 'gone' of version 1 of 'letter'.",
        ),
        ({"version": 2}, {"workers": [], "here": HERE}, "It waits for a worker that knows version 2 of 'letter'."),
        ({"version": 2}, {"here": HERE}, "It waits for a worker that knows version 2 of 'letter'."),
        (
            {"version": 2},
            {"here": [("letter", 2, ("post",))]},
            "It waits for a worker that knows version 2 of 'letter'; `work 7` runs it on this host, which does.",
        ),
        ({}, {"gates": OFF}, "It is held: 'letter' is disabled by Bodil (database): SAP is closed."),
        ({}, {"quiet": WINDOW}, "It is held: a quiet window until 2026-11-23 13:00 UTC."),
        (
            {"status": "waiting", "waiting_for": "moment", "due_at": NOON + timedelta(hours=2)},
            {},
            "Step 'post' runs at 2026-11-23 14:00:00 UTC.",
        ),
        (
            {"status": "waiting", "waiting_for": "window", "due_at": NOON + timedelta(hours=2)},
            {},
            "Step 'post' runs at 2026-11-23 14:00:00 UTC, when there is time for its step.",
        ),
        (
            {"status": "waiting", "waiting_for": "process 3, ahead of it in lane 'x'", "due_at": None},
            {},
            "It waits for process 3, ahead of it in lane 'x'.",
        ),
        (
            {"status": "running", "worker": "w", "lease_ends_at": NOON + timedelta(seconds=1), "due_at": None},
            {},
            "Worker w runs step 'post'.",
        ),
        (
            {"status": "running", "worker": "w", "lease_ends_at": NOON, "due_at": None},
            {},
            "Worker w is gone: the next worker takes over step 'post'.",
        ),
        (
            {"status": "failed", "due_at": None},
            {},
            "Its attempts are used up, or more would not help: a person is needed: "
            "`restart-process` or `abandon-process`.",
        ),
        (
            {"status": "uncertain", "due_at": None, "doubtful_since": NOON},
            {},
            "Step 'post', begun at 2026-11-23 12:00:00 UTC, may or may not have happened:"
            " `resolve-process 7 --happened` or `--did-not-happen`.",
        ),
        (
            {"status": "waiting", "waiting_for": "moment", "due_at": NOON + timedelta(hours=2), "doubtful_since": NOON},
            {},
            "Step 'post', begun at 2026-11-23 12:00:00 UTC, may or may not have happened:"
            " that is asked at 2026-11-23 14:00:00 UTC.",
        ),
        ({"status": "succeeded", "finished_at": NOON, "due_at": None}, {}, "It has ended: every step is done."),
        (
            {"status": "rejected", "finished_at": NOON, "due_at": None},
            {},
            "It has ended: a business rule said no: the remaining steps were cancelled."
            " `restart-process` runs it again.",
        ),
    ],
)
def test_the_first_thing_that_holds_a_process_is_told(
    process: dict[str, Any], around: dict[str, Any], told: str
) -> None:
    assert explain(replace(PENDING, **process), replace(AROUND, **around)) == told
