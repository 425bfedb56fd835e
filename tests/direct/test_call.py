"""A direct call: started and run in the caller's own thread, by the rules of a worker, and left to workers at rest."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rig import Three, execute, get, odd, outcomes, row, settings, start, status, work
from rig import claim_request as of
from rows import claim

from process_manager import BusinessError, Done, Process, Retry, Skip, Step, StepRun, Wait, classic, clock
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.errors import IllegalValue, UsageError
from process_manager.operations.request import Start, new_process
from process_manager.store import starting
from process_manager.store.claiming import Lease
from process_manager.worker import Plan

pytestmark = pytest.mark.every_database

KINDS = "SELECT kind FROM evidence ORDER BY number"


def direct(database: Database, *classes: type[Process], **options: Any) -> Direct:
    return Direct(database, Plan(Registry(classes or (Three,)), settings(**options), classic()))


def test_every_step_runs_in_the_callers_thread_and_is_recorded_as_a_workers_is(database: Database) -> None:
    threads: list[threading.Thread] = []

    class Here(Three):
        name = "here"

        def step(self, run: StepRun) -> Done:
            threads.append(threading.current_thread())
            run.exchange("SAP", {"step": run.step})
            return super().step(run)

    with direct(database, Here) as here:
        rest = here.run(Here, {"number": 1}, reference="R-1", actor=Actor("Ada"))

    assert rest == (rest.id, True, "succeeded")
    assert threads == [threading.current_thread()] * 3
    assert outcomes(database, rest.id) == [("a", "done"), ("b", "done"), ("c", "done")]
    assert execute(database, "SELECT seq, kind FROM evidence ORDER BY seq") == [
        (1, "exchange"),
        (2, "exchange"),
        (3, "exchange"),
    ]
    shown = get(database, rest.id)
    assert (shown.reference, shown.created_by, shown.payload) == ("R-1", "Ada", {"number": 1, "a": 1, "b": 1, "c": 1})


def test_it_is_held_from_its_first_moment_so_that_no_worker_takes_it(database: Database) -> None:
    seen: list[Any] = []

    def look(run: StepRun) -> Done:
        seen.append((row(database, run.process_id)["status"], claim(database, request=of(("odd", 1)))))
        return Done("seen")

    process = odd(look)
    with direct(database, process) as here:
        rest = here.run(process)

    assert seen == [("running", [])]
    assert rest.status == "succeeded"


def test_what_it_holds_after_a_start_is_what_a_worker_would_have_claimed(database: Database) -> None:
    held: list[Any] = []

    def note(run: StepRun) -> Done:
        held.append((run.attempt, run.seq, run.fence, run.round, dict(run.payload), run.recovered, run.reference))
        return Done("noted")

    process = odd(note)
    start(database, process, {"a": 1}, reference="R")
    work(database, process)
    with direct(database, process) as here:
        here.run(process, {"a": 1}, reference="R")
        here.run(process, {"a": 1}, reference="R", order_key="a lane")

    assert held[0] == held[1] == held[2]
    columns = {name for name in row(database, 1) if name not in ("id", "order_key") and not name.endswith("_at")}
    rows = [{name: row(database, id_)[name] for name in columns} for id_ in (1, 2, 3)]
    assert rows[0] == rows[1] == rows[2]


@pytest.mark.parametrize(
    ("answer", "rests"),
    [
        (lambda _run: Retry("SAP is away"), "waiting"),
        (lambda _run: Wait("not yet", after=timedelta(hours=1)), "waiting"),
        (lambda _run: Skip("nothing to do"), "skipped"),
        (lambda _run: Done("done", {"bad": object()}), "failed"),
    ],
)
def test_what_comes_to_rest_is_answered_and_the_next_call_goes_on(
    database: Database, answer: Callable[[StepRun], Any], rests: str
) -> None:
    process = odd(answer)
    with direct(database, process, Three) as here:
        first, second = here.run(process), here.run(Three)

    assert (first.status, second.status) == (rests, "succeeded")
    assert status(database, first.id) == rests


def test_a_business_error_ends_it(database: Database) -> None:
    def refuse(_run: StepRun) -> Done:
        raise BusinessError("no such customer", code="E1")

    process = odd(refuse)
    with direct(database, process) as here:
        assert here.run(process).status == "rejected"


def test_a_worker_goes_on_with_what_it_left_at_rest(database: Database) -> None:
    answers = iter([Retry("SAP is away", after=timedelta(0)), Done("through")])
    process = odd(lambda _run: next(answers))
    with direct(database, process) as here:
        rest = here.run(process)
    assert rest.status == "waiting"

    execute(database, "UPDATE processes SET due_at = created_at")
    work(database, process)

    assert outcomes(database, rest.id) == [("do", "retry"), ("do", "done"), ("after", "done")]


def test_a_second_start_with_its_dedup_key_runs_nothing_and_tells_of_the_first(database: Database) -> None:
    with direct(database) as here:
        first = start(database, dedup_key="k")
        again = here.run(Three, dedup_key="k")
        new = here.run(Three, dedup_key="another")

    assert again == (first, False, "pending")
    assert (new.is_new, new.status) == (True, "succeeded")
    assert outcomes(database, first) == []


def test_a_second_start_is_told_where_the_first_stands_now(database: Database) -> None:
    process = odd(lambda _run: Wait("not yet", after=timedelta(hours=1)))
    with direct(database, process) as here:
        first = here.run(process, dedup_key="k")
        execute(database, "UPDATE processes SET status = 'failed', waiting_for = NULL, due_at = NULL")
        again = here.run(process, dedup_key="k")

    assert (first.status, again) == ("waiting", (first.id, False, "failed"))


def test_in_a_lane_it_runs_at_the_head_and_is_left_behind_another(database: Database) -> None:
    with direct(database) as here:
        at_the_head = here.run(Three, order_key="lane")
        ahead = start(database, order_key="lane")
        behind = here.run(Three, order_key="lane")

    assert (at_the_head.status, behind.status) == ("succeeded", "waiting")
    work(database)
    assert status(database, ahead) == status(database, behind.id) == "succeeded"


def test_its_end_lets_the_next_of_its_lane_go(database: Database) -> None:
    behind: list[int] = []

    def followed(_run: StepRun) -> Done:
        behind.append(start(database, order_key="lane"))
        return Done("followed")

    process = odd(followed)
    with direct(database, process) as here:
        here.run(process, order_key="lane")

    assert [each.id for each in claim(database)] == behind


def test_what_is_asked_for_later_waits_for_its_moment(database: Database) -> None:
    with direct(database) as here:
        later = here.run(Three, at=clock.now() + timedelta(hours=1))

    assert later.status == "waiting"
    assert outcomes(database, later.id) == []


def test_at_a_closed_gate_it_is_left_to_the_workers(database: Database, tmp_path: Path) -> None:
    (tmp_path / "three.disabled").write_text("maintenance", "utf-8")
    with direct(database, locks_folder=tmp_path) as here:
        rest = here.run(Three)
    assert (rest.status, outcomes(database, rest.id)) == ("pending", [])

    work(database)
    assert status(database, rest.id) == "succeeded"


def test_effects_are_those_of_a_worker(database: Database) -> None:
    marks: list[Any] = []

    class Careful(Process):
        name = "careful"
        STEPS = {"once": Step("send", effect="once"), "ledger": Step("write", effect="transactional")}

        def send(self, run: StepRun) -> Done:
            marks.append(row(database, run.process_id)["doubtful_since"])
            return Done("sent")

        def write(self, run: StepRun) -> Done:
            run.connection.execute(sa.text("UPDATE processes SET reference = 'written' WHERE id = 1"))
            return Done("written")

    with direct(database, Careful) as here:
        rest = here.run(Careful)

    assert rest.status == "succeeded"
    assert marks != [None]
    assert outcomes(database, rest.id) == [("once", "done"), ("ledger", "done")]
    assert row(database, 1)["reference"] == "written"


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("refused", "options"), [(IllegalValue, {"reference": ""}), (UsageError, {"process": odd(lambda _run: Done())})]
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    database: Database, refused: type[Exception], options: Any
) -> None:
    with direct(database) as here:
        with pytest.raises(refused):
            here.run(**{"process": Three, **options})
        assert here.run(Three).id == 1


def test_a_moment_that_has_passed_is_known_as_to_a_worker(database: Database) -> None:
    past = clock.now() - timedelta(hours=1)
    new = new_process(Start(Three, {}, at=past))
    lease = Lease("w", clock.now(), clock.now() + timedelta(seconds=90))
    ours = starting.claimed(replace(new, lease=lease), 1)
    start(database, at=past)

    (theirs,) = claim(database)

    assert ours == theirs._replace(step_started_at=lease.now)
