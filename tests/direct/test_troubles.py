"""What goes wrong around a direct call, and what it leaves: nothing lost, nothing held, nothing that grows."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from backends import laid_out
from rig import Three, child, eventually, execute, odd, open_database, outcomes, status, work

from benchmarks.proxy import POSTGRESQL, Proxy
from benchmarks.servers import Server
from process_manager import Done, Process, Step, StepRun
from process_manager.database import Database, connect
from process_manager.errors import DatabaseUnreachable, FateUnknown, IllegalValue, Unwritable, UsageError
from tests.direct.test_call import direct
from tests.worker.test_claims import let_leases_end

pytestmark = pytest.mark.every_database

KINDS = "SELECT kind FROM evidence ORDER BY number"


@contextmanager
def behind_a_proxy(server_of: Callable[[str], Server]) -> Iterator[tuple[Database, Database, Proxy]]:
    """A new database of PostgreSQL: straight, and through a proxy that loses what it is told to."""
    server = server_of("postgresql_18")
    url = server.create("direct")
    with laid_out(url) as straight, Proxy(server.port, POSTGRESQL) as proxy:
        through = connect(url.replace(str(server.port), str(proxy.port)))
        yield straight, through, proxy
        through.close()
    server.drop("direct")


def test_what_a_step_says_is_stored_while_it_runs(database: Database) -> None:
    seen: list[Any] = []

    def saying(run: StepRun) -> Done:
        run.exchange("SAP", {"sent": 7})
        run.progress(1, 10)
        seen.append(eventually(lambda: [kind for (kind,) in execute(database, KINDS)] == ["progress", "exchange"]))
        run.log("done with it")
        return Done("done")

    process = odd(saying)
    with direct(database, process) as here:
        here.run(process)

    assert seen == [True]
    assert [kind for (kind,) in execute(database, KINDS)] == ["progress", "exchange", "log"]


def test_what_a_transactional_step_says_does_not_hold_it_up(database: Database) -> None:
    class Ledger(Process):
        name = "ledger"
        STEPS = {"write": Step("write", effect="transactional")}

        def write(self, run: StepRun) -> Done:
            run.connection.execute(sa.text("UPDATE processes SET reference = 'written' WHERE id = 1"))
            run.exchange("SAP", {"sent": 7})
            return Done("written")

    with direct(database, Ledger) as here:
        assert here.run(Ledger).status == "succeeded"

    assert execute(database, KINDS) == [("exchange",)]


def test_nothing_grows_with_the_calls(database: Database) -> None:
    with direct(database) as here:
        for _ in range(20):
            here.run(Three)
        threading.Event().wait(0.3)
        here.run(Three)
        claims = here._thread.claims
        assert (len(claims.held), len(claims._ready), bool(claims._pending)) == (0, 0, False)
        assert len(claims._prefetch._recent) < 10


@pytest.mark.sqlite_only
def test_one_whose_record_is_refused_does_not_keep_the_next_from_running(database: Database) -> None:
    execute(
        database,
        "CREATE TRIGGER poison BEFORE UPDATE ON processes WHEN old.reference = 'poison' AND new.seq > old.seq"
        " BEGIN SELECT RAISE(ABORT, 'poisoned'); END",
    )
    with direct(database) as here:
        with pytest.raises(Unwritable, match="poisoned"):
            here.run(Three, reference="poison")
        with pytest.raises(UsageError, match="Open another one"):
            here.run(Three)
        assert here._thread.claims.held == {}
    with direct(database) as here:
        assert here.run(Three).status == "succeeded"


def test_it_is_used_in_its_block_and_in_its_thread(database: Database) -> None:
    raised: list[Exception] = []
    here = direct(database)
    with pytest.raises(UsageError, match="with"):
        here.run(Three)
    with here:

        def elsewhere() -> None:
            try:
                here.run(Three)
            except UsageError as problem:
                raised.append(problem)

        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()
        assert here.run(Three).id == 1
    with pytest.raises(UsageError, match="with"):
        here.run(Three)
    assert len(raised) == 1


def test_a_step_calls_another_direct_and_not_the_one_that_runs_it(database: Database) -> None:
    inner: list[Any] = []

    def outer(_run: StepRun) -> Done:
        with pytest.raises(UsageError, match="Open another one"):
            here.run(Three)
        with direct(database) as another, pytest.raises(IllegalValue):
            another.run(Three, reference="")
        with direct(database) as another:
            inner.append(another.run(Three).status)
        return Done("done")

    process = odd(outer)
    with direct(database, process, Three) as here:
        assert here.run(process).status == "succeeded"

    assert inner == ["succeeded"]
    assert outcomes(database, 1) == [("do", "done"), ("after", "done")]


@pytest.mark.slow
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
    with behind_a_proxy(server_of) as (straight, through, proxy):
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


def test_a_start_whose_commit_gave_no_answer_is_told_of_and_left_to_the_workers(server_of: Any) -> None:
    with behind_a_proxy(server_of) as (straight, through, proxy):
        with direct(through, grace=timedelta(seconds=20)) as here:
            here.run(Three)
            proxy.swallow_commits(1)
            with pytest.raises(FateUnknown):
                here.run(Three)
            assert (status(straight, 2), outcomes(straight, 2)) == ("pending", [])
            assert here.run(Three).status == "succeeded"

        work(straight)
        assert [status(straight, id_) for id_ in (1, 2, 3)] == ["succeeded"] * 3


def test_a_start_that_was_never_sent_is_of_no_unknown_fate(server_of: Any) -> None:
    with behind_a_proxy(server_of) as (_straight, through, proxy), direct(through) as here:
        proxy.refuse()
        here._thread._connection.invalidate()
        through.close()
        for options in ({}, {"order_key": "lane"}):
            with pytest.raises(DatabaseUnreachable):
                here.run(Three, **options)
        proxy.refuse(False)
        assert here.run(Three).id == 1


def test_a_step_that_cannot_be_recorded_is_told_of_and_left_to_the_workers(server_of: Any) -> None:
    with behind_a_proxy(server_of) as (straight, through, proxy):

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
