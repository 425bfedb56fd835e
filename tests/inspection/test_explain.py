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
NO_WORKER = "It is due, but no worker is running: `worker` starts one, `work 7` runs this process now."
AROUND = Surroundings(NOON, Gates(), {}, [ALIVE])
OFF = Gates({"letter": Switch("letter", "SAP is closed", "Bodil", NOON)})
WINDOW = {("letter", 1): quiet.parse("12:00-13:00", "UTC")}


@pytest.mark.parametrize(
    ("process", "around", "told"),
    [
        ({}, {}, "It is due: step 'post' runs as soon as a worker has room."),
        ({}, {"workers": []}, NO_WORKER),
        (
            {"channel": "sap"},
            {"workers": [replace(ALIVE, channels=("mail",))]},
            "It waits for a worker of channel 'sap'.",
        ),
        ({"version": 2}, {}, "It waits for a worker that knows version 2 of 'letter'."),
        ({"step": "gone"}, {}, "It waits for a worker that knows step 'gone' of version 1 of 'letter'."),
        ({}, {"workers": [], "here": HERE}, NO_WORKER),
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
            "It waits for a worker that knows version 2 of 'letter'. This host does: `work 7` runs it here.",
        ),
        ({}, {"gates": OFF}, "It is held because 'letter' is disabled by Bodil (database): SAP is closed."),
        ({}, {"quiet": WINDOW}, "It is held because a quiet window lasts until 2026-11-23 13:00 UTC."),
        (
            {"status": "waiting", "waiting_for": "moment", "due_at": NOON + timedelta(hours=2)},
            {},
            "Step 'post' runs at 2026-11-23 14:00:00 UTC.",
        ),
        (
            {"status": "waiting", "waiting_for": "window", "due_at": NOON + timedelta(hours=2)},
            {},
            "Step 'post' runs at 2026-11-23 14:00:00 UTC, when there is time for it before the next quiet window.",
        ),
        (
            {"status": "waiting", "waiting_for": "process 3, ahead of it in lane 'x'", "due_at": None},
            {},
            "It waits for process 3, ahead of it in lane 'x'.",
        ),
        (
            {"status": "running", "worker": "w", "lease_ends_at": NOON + timedelta(seconds=1), "due_at": None},
            {},
            "Worker w is running step 'post'.",
        ),
        (
            {"status": "running", "worker": "w", "lease_ends_at": NOON, "due_at": None},
            {},
            "Worker w is gone: the next worker takes over step 'post'.",
        ),
        (
            {"status": "failed", "due_at": None},
            {},
            "It needs a person: its attempts are used up, or more would not help. "
            "`restart-process 7` runs it again, `abandon-process 7` gives it up.",
        ),
        (
            {"status": "uncertain", "due_at": None, "doubtful_since": NOON},
            {},
            "It needs a person: step 'post', begun at 2026-11-23 12:00:00 UTC, may or may not have happened."
            " Find out which, then say so with `resolve-process 7 --happened` or `--did-not-happen`.",
        ),
        (
            {"status": "waiting", "waiting_for": "moment", "due_at": NOON + timedelta(hours=2), "doubtful_since": NOON},
            {},
            "It is not known whether step 'post', begun at 2026-11-23 12:00:00 UTC, has happened:"
            " its verify is asked at 2026-11-23 14:00:00 UTC.",
        ),
        ({"status": "succeeded", "finished_at": NOON, "due_at": None}, {}, "It has ended: every step is done."),
        (
            {"status": "rejected", "finished_at": NOON, "due_at": None},
            {},
            "It has ended: a business rule rejected it, and its remaining steps were cancelled."
            " `restart-process 7` runs it again.",
        ),
        (
            {"status": "abandoned", "finished_at": NOON, "due_at": None},
            {},
            "It has ended: a person gave it up. `history 7` shows the reason.",
        ),
        (
            {"status": "skipped", "finished_at": NOON, "due_at": None},
            {},
            "It has ended: a step skipped the rest, a person its last step, or its lane what is outdated.",
        ),
        (
            {"status": "quarantined", "due_at": None},
            {},
            "It needs a person: it took its worker down three times. "
            "`restart-process 7` runs it again, `abandon-process 7` gives it up.",
        ),
    ],
)
def test_the_first_thing_that_holds_a_process_is_told(
    process: dict[str, Any], around: dict[str, Any], told: str
) -> None:
    assert explain(replace(PENDING, **process), replace(AROUND, **around)) == told


LATER = {"status": "waiting", "waiting_for": "moment", "due_at": NOON + timedelta(hours=2)}
UNTIL = Gates({"letter": replace(OFF.switches["letter"], until=NOON + timedelta(days=1))})


@pytest.mark.parametrize(
    ("process", "around", "told"),
    [
        (LATER, {}, "Step 'post' runs at 2026-11-23 15:00:00 (Europe/Copenhagen)."),
        (
            {**LATER, "doubtful_since": NOON},
            {},
            "It is not known whether step 'post', begun at 2026-11-23 13:00:00, has happened:"
            " its verify is asked at 2026-11-23 15:00:00 (Europe/Copenhagen).",
        ),
        (
            {"status": "uncertain", "due_at": None, "doubtful_since": NOON},
            {},
            "It needs a person: step 'post', begun at 2026-11-23 13:00:00 (Europe/Copenhagen), may or may not have"
            " happened. Find out which, then say so with `resolve-process 7 --happened` or `--did-not-happen`.",
        ),
        (
            {},
            {"quiet": WINDOW},
            "It is held because a quiet window lasts until 2026-11-23 14:00 (Europe/Copenhagen).",
        ),
        (
            {},
            {"gates": UNTIL},
            "It is held because 'letter' is disabled by Bodil (database) until 2026-11-24 13:00 (Europe/Copenhagen):"
            " SAP is closed.",
        ),
    ],
)
def test_every_moment_is_told_by_the_readers_clock_whose_zone_is_named_once(
    process: dict[str, Any], around: dict[str, Any], told: str
) -> None:
    reader = replace(AROUND, zone="Europe/Copenhagen", **around)

    assert explain(replace(PENDING, **process), reader) == told
