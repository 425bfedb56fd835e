"""A direct call: started and run in the caller's own thread, by the rules of a worker, and left to workers at rest."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rig import Three, child, execute, get, odd, open_database, outcomes, row, settings, start, status, work
from rig import wanted as of
from rows import claim
from test_engine_desk import let_leases_end

from process_manager import BusinessError, Done, Process, Retry, Skip, Step, StepRun, Wait, classic, clock
from process_manager.database import Database, connect
from process_manager.direct import Direct
from process_manager.errors import DatabaseUnreachable, FateUnknown, IllegalValue, UsageError
from process_manager.registry import Registry
from process_manager.worker import Plan

pytestmark = pytest.mark.every_database


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
        rest = here.run(Here, {"number": 1}, reference="R-1", by="Ada")

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
        seen.append((row(database, run.process_id)["status"], claim(database, wanted=of(("odd", 1)))))
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


def test_ctrl_c_in_a_step_is_recorded_and_passes_on(database: Database) -> None:
    def interrupted(_run: StepRun) -> Done:
        raise KeyboardInterrupt

    process = odd(interrupted)
    with pytest.raises(KeyboardInterrupt), direct(database, process) as here:
        here.run(process)

    assert outcomes(database, 1) == [("do", "retry")]
    assert status(database, 1) == "waiting"


def test_ctrl_c_between_two_steps_gives_the_process_back(database: Database) -> None:
    with pytest.raises(KeyboardInterrupt), direct(database) as here:
        take_ready = here._desk.take_ready

        def interrupted() -> Any:
            if here._desk.tally.outcomes.total() == 2:
                raise KeyboardInterrupt
            return take_ready()

        here._desk.take_ready = interrupted  # type: ignore[method-assign]
        here.run(Three)

    assert outcomes(database, 1) == [("a", "done"), ("b", "done"), ("c", "released")]
    assert status(database, 1) == "pending"


@pytest.mark.sqlite_only
def test_a_program_that_dies_in_a_step_leaves_it_to_the_next_worker(database: Database, tmp_path: Path) -> None:
    with child("direct.py", tmp_path) as dying:
        assert dying.wait(timeout=30) == 9
    made = open_database(tmp_path)
    assert (status(made, 1), outcomes(made, 1)) == ("running", [("a", "done"), ("b", "started")])

    let_leases_end(made)
    work(made)

    assert outcomes(made, 1) == [("a", "done"), ("b", "lost"), ("b", "done"), ("c", "done")]
    made.close()


@pytest.mark.parametrize("lost", [1, 2])
def test_a_record_whose_commit_gave_no_answer_is_found_and_not_repeated(lost: int, server_of: Any) -> None:
    from backends import laid_out

    from benchmarks.proxy import POSTGRESQL, Proxy

    server = server_of("postgresql_18")
    url = server.create("direct")
    with laid_out(url) as straight, Proxy(server.port, POSTGRESQL) as proxy:
        through = connect(url.replace(str(server.port), str(proxy.port)))
        ran: list[str] = []

        class Watched(Three):
            name = "watched"

            def step(self, run: StepRun) -> Done:
                ran.append(run.step)
                if len(ran) == lost:
                    proxy.swallow_commits(1)
                return super().step(run)

        with direct(through, Watched, grace=timedelta(seconds=20)) as here:
            rest = here.run(Watched)

        assert rest.status == "succeeded"
        assert ran == ["a", "b", "c"]
        assert outcomes(straight, rest.id) == [("a", "done"), ("b", "done"), ("c", "done")]
        through.close()
    server.drop("direct")


def test_a_start_whose_commit_gave_no_answer_is_told_of_and_run_by_the_next_call(server_of: Any) -> None:
    from backends import laid_out

    from benchmarks.proxy import POSTGRESQL, Proxy

    server = server_of("postgresql_18")
    url = server.create("direct")
    with laid_out(url) as straight, Proxy(server.port, POSTGRESQL) as proxy:
        through = connect(url.replace(str(server.port), str(proxy.port)))
        with direct(through, grace=timedelta(seconds=20)) as here:
            here.run(Three)
            proxy.swallow_commits(1)
            with pytest.raises(FateUnknown):
                here.run(Three)
            assert status(straight, 2) == "running"
            here.run(Three)

        assert [status(straight, id_) for id_ in (1, 2, 3)] == ["succeeded"] * 3
        through.close()
    server.drop("direct")


def test_a_step_that_cannot_be_recorded_is_told_of_and_left_to_the_workers(server_of: Any) -> None:
    from backends import laid_out

    from benchmarks.proxy import POSTGRESQL, Proxy

    server = server_of("postgresql_18")
    url = server.create("direct")
    with laid_out(url) as straight, Proxy(server.port, POSTGRESQL) as proxy:
        through = connect(url.replace(str(server.port), str(proxy.port)))

        def cut_off(_run: StepRun) -> Done:
            proxy.refuse()
            proxy.cut()
            return Done("done")

        process = odd(cut_off)
        with pytest.raises(DatabaseUnreachable), direct(through, process) as here:
            here.run(process)

        assert outcomes(straight, 1) == [("do", "started")]
        let_leases_end(straight)
        work(straight, odd(lambda _run: Done("again")))
        assert outcomes(straight, 1) == [("do", "lost"), ("do", "done"), ("after", "done")]
        through.close()
    server.drop("direct")
