"""Steps that wait for events, in every way in which a step can run."""

from datetime import timedelta
from typing import Any

import pytest
from event_acts import KEY, signal, waits, withdraw
from event_steps import WAITERS, Waits
from once_steps import calls, crashed, once
from rig import abandon, eventually, execute, get, odd, outcomes, restart, row, start, status, work, working

from process_manager import Done, Process, StepRun, Wait, classic, clock, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.operations import Act
from process_manager.store import event_queries, event_waits
from process_manager.worker.event_sweep import EventSweep

pytestmark = [pytest.mark.every_database, pytest.mark.slow]


@pytest.mark.parametrize("process", WAITERS)
def test_a_step_waits_until_its_event_is_signalled_and_knows_what_woke_it(
    database: Database, process: type[Process]
) -> None:
    process_id = start(database, process, {"event": KEY})
    work(database, process)
    found = row(database, process_id)
    assert (found["status"], found["waiting_for"], found["due_at"], found["attempts"]) == ("waiting", "event", None, 0)
    assert waits(database) == [(process_id, 1, 1, None, None)]

    woken = signal(database, payload={"amount": 7}, actor=Actor("Ada")).woken
    work(database, process)

    assert woken == (process_id,)
    assert outcomes(database, process_id) == [("look", "wait"), ("look", "done"), ("end", "done")]
    assert get(database, process_id).payload["woken_by"] == [KEY, 1, {"amount": 7}, "Ada"]
    assert row(database, process_id)["message"] == "no event"  # it is that of the step that waited
    assert waits(database) == [(process_id, 1, 0, 1, 2)]


@pytest.mark.parametrize("process", WAITERS)
def test_a_wait_for_an_event_that_stands_goes_on_at_once(database: Database, process: type[Process]) -> None:
    signal(database)
    process_id = start(database, process, {"event": KEY})

    work(database, process)

    assert outcomes(database, process_id) == [("look", "wait"), ("look", "done"), ("end", "done")]


def test_a_step_that_an_event_has_woken_waits_for_the_next_signal_and_never_runs_in_a_circle(
    database: Database,
) -> None:
    runs = []

    def never_content(run: StepRun) -> Wait:
        runs.append(None if run.event is None else run.event.number)
        return Wait(event=KEY)

    process_id = start(database, odd(never_content))
    signal(database)
    work(database, odd(never_content))
    assert (runs, status(database, process_id)) == ([None, 1], "waiting")
    assert not signal(database).is_new
    work(database, odd(never_content))
    assert runs == [None, 1]

    withdraw(database)
    signal(database)
    work(database, odd(never_content))

    assert runs == [None, 1, 2]


def test_two_standing_events_do_not_send_a_step_to_and_fro(database: Database) -> None:
    runs: list[str] = []

    def either(run: StepRun) -> Wait:
        runs.append("" if run.event is None else run.event.key)
        return Wait(event="b" if len(runs) % 2 else "a")

    for key in "ab":
        signal(database, key)
    process_id = start(database, odd(either))

    work(database, odd(either))

    assert (runs, status(database, process_id)) == (["", "b", "a"], "waiting")


def test_a_step_in_doubt_is_asked_again_once_the_event_comes_that_its_verify_waits_for(database: Database) -> None:
    says = calls(Wait(event=KEY), Done("it happened"))
    process = once(calls(Done("once")), says)
    process_id = crashed(database, process)

    work(database, process)
    assert (row(database, process_id)["waiting_for"], waits(database)) == ("event", [(process_id, 2, 1, None, None)])
    assert signal(database).woken == (process_id,)
    work(database, process)

    assert (len(says.runs), status(database, process_id)) == (2, "succeeded")


def test_a_deadline_that_comes_first_has_the_step_run_without_an_event(database: Database) -> None:
    runs: list[Any] = []

    def looks(run: StepRun) -> Done | Wait:
        runs.append(run.event)
        return Wait(event=KEY, after=timedelta(milliseconds=50)) if len(runs) == 1 else Done("in vain")

    process_id = start(database, odd(looks))
    with working(database, odd(looks)):
        eventually(lambda: status(database, process_id) == "succeeded")

    assert runs == [None, None]
    assert signal(database).woken == ()
    assert waits(database)[0][2:] == (0, None, None)


def test_an_event_that_comes_before_its_deadline_has_the_step_run_at_once(database: Database) -> None:
    def looks(run: StepRun) -> Done | Wait:
        return Wait(event=KEY, after=timedelta(hours=1)) if run.event is None else Done("in time")

    process_id = start(database, odd(looks))
    work(database, odd(looks))
    found = row(database, process_id)
    assert (found["waiting_for"], found["due_at"]) == ("event", found["retry_after"])
    assert found["due_at"] > clock.now()

    signal(database)
    work(database, odd(looks))

    assert status(database, process_id) == "succeeded"


def test_what_woke_a_step_is_the_same_in_every_retry_whatever_became_of_the_event(database: Database) -> None:
    seen: list[Any] = []

    def stumbles(run: StepRun) -> Any:
        if run.event is None:
            return Wait(event=KEY)
        seen.append((run.event.number, run.event.payload))
        if len(seen) == 1:
            withdraw(database)
            signal(database, payload={"amount": 8})
            raise ValueError("SAP is down")
        return Wait("SAP is closed", after=timedelta(0)) if len(seen) == 2 else Done("done")

    process_id = start(database, odd(stumbles, retry=classic()))
    work(database, odd(stumbles))
    signal(database, payload={"amount": 7})
    work(database, odd(stumbles))
    for _ in range(2):
        execute(database, "UPDATE processes SET due_at = created_at WHERE due_at IS NOT NULL")
        work(database, odd(stumbles))

    assert seen == [(1, {"amount": 7})] * 3
    assert status(database, process_id) == "succeeded"


@pytest.mark.parametrize("act", ["restart", "abandon", "cancel", "run_now", "skip_step"])
def test_who_is_not_left_waiting_by_an_act_is_not_woken_by_a_signal(database: Database, act: str) -> None:
    process_id = start(database, Waits, {"event": KEY})
    work(database, Waits)
    who, registry = Act(Actor("Ada"), "no need to wait"), Registry([Waits])
    acts = {
        "restart": lambda c: operations.restart(c, process_id, who, registry=registry),
        "abandon": lambda c: operations.abandon(c, process_id, who),
        "cancel": lambda c: operations.cancel(c, process_id, who),
        "run_now": lambda c: operations.run_now(c, process_id, who, registry=registry),
        "skip_step": lambda c: operations.skip_step(c, process_id, who, registry=registry),
    }
    with database.begin() as connection:
        acts[act](connection)

    assert waits(database) == [(process_id, 1, 0, None, None)]
    assert signal(database).woken == ()


def test_an_edited_process_waits_on(database: Database) -> None:
    process_id = start(database, Waits, {"event": KEY})
    work(database, Waits)
    with database.begin() as connection:
        who = Act(Actor("Ada"), "another number")
        operations.edit_payload(connection, process_id, who, registry=Registry([Waits]), changes={"n": 2})

    assert signal(database).woken == (process_id,)
    work(database, Waits)
    assert status(database, process_id) == "succeeded"
    assert waits(database) == [(process_id, 1, 0, 1, 3)]


def test_a_step_that_is_run_anew_from_before_goes_on_with_an_event_that_stands(database: Database) -> None:
    fails = {"now": True}

    def ends(run: StepRun) -> Done:
        if fails["now"]:
            raise ValueError("not yet")
        return Done()

    process = type("Anew", (Waits,), {"name": "anew", "end": lambda _self, run: ends(run), "retry": classic()})
    process_id = start(database, process, {"event": KEY})
    signal(database)
    work(database, process)
    fails["now"] = False
    restart(database, process_id, process, from_step="look")
    work(database, process)

    assert status(database, process_id) == "succeeded"
    assert [outcome for step, outcome in outcomes(database, process_id) if step == "look"] == [
        "wait",
        "done",
        "restart",
        "wait",
        "done",
    ]


def test_a_sweep_wakes_whom_a_signal_left(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_waits, "AT_ONCE", 2)
    event_waits.candidates_statement.cache_clear()
    ids = [start(database, Waits, {"event": KEY}) for _ in range(5)]
    work(database, Waits)
    assert len(signal(database).woken) == 2

    EventSweep(database, None).look()
    event_waits.candidates_statement.cache_clear()

    assert [status(database, process_id) for process_id in ids] == ["pending"] * 5
    with database.read() as connection:
        assert event_waits.left(connection) == []


def test_a_sweep_notes_who_went_on_without_an_event(database: Database) -> None:
    process_id = start(database, Waits, {"event": KEY})
    work(database, Waits)
    execute(database, "UPDATE processes SET waiting_for = 'moment', due_at = updated_at")

    EventSweep(database, None).look()

    assert waits(database) == [(process_id, 1, 0, None, None)]
    with database.read() as connection:
        assert event_queries.waited_for(connection, [process_id]) == {}


def test_a_process_that_is_given_up_while_its_step_runs_waits_for_nothing(database: Database) -> None:
    def looks(run: StepRun) -> Wait:
        abandon(database, run.process_id)
        return Wait(event=KEY)

    process_id = start(database, odd(looks))
    work(database, odd(looks))

    assert (status(database, process_id), waits(database)) == ("abandoned", [])
