"""A worker that cannot read its switches starts no step, and says so: nobody knows what was disabled meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from backends import laid_out
from rig import Bench, Three, eventually, execute, odd, outcomes, start, status, working

from benchmarks.proxy import POSTGRESQL, Proxy
from benchmarks.servers import Server
from process_manager import Done, StepRun
from process_manager.database import Database, connect
from process_manager.errors import ProcessManagerError
from process_manager.worker.gatekeeper import LATE
from tests.direct.test_call import direct
from tests.gates.test_switches import disable

ServerOf = Callable[[str], Server]


@contextmanager
def two_connections(server_of: ServerOf) -> Iterator[tuple[Database, Database]]:
    """A new database of PostgreSQL: as its administrator, and as an account that may have two connections."""
    server = server_of("postgresql_18")
    url = server.create("narrow")
    with laid_out(url) as straight:
        execute(straight, "CREATE ROLE narrow LOGIN CONNECTION LIMIT 2")
        execute(straight, "GRANT pg_read_all_data, pg_write_all_data TO narrow")
        narrow = connect(url.replace("postgres@", "narrow@"))
        try:
            yield straight, narrow
        finally:
            narrow.close()
            execute(straight, "DROP ROLE narrow")
            straight.close()
            server.drop("narrow")


def lines(caplog: Any, event: str) -> list[Any]:
    return [record.msg for record in caplog.records if isinstance(record.msg, dict) and record.msg["event"] == event]


def test_w3_with_two_connections_leases_are_kept_work_goes_on_and_what_is_disabled_is_seen(server_of: ServerOf) -> None:
    with two_connections(server_of) as (straight, narrow), working(narrow, lease=timedelta(seconds=6)):
        threading.Event().wait(8)  # longer than a lease, and than switches may be unknown
        done = start(straight)
        eventually(lambda: status(straight, done) == "succeeded", seconds=3)
        disable(straight, "all-commands")
        threading.Event().wait(5)
        held = start(straight)
        threading.Event().wait(2)

        assert status(straight, held) == "pending"


@pytest.mark.slow
def test_w3_where_no_connection_is_left_for_the_switches_no_step_starts_and_it_is_told_once(
    server_of: ServerOf, caplog: Any
) -> None:
    with two_connections(server_of) as (straight, narrow), working(narrow):
        first = start(straight)
        eventually(lambda: status(straight, first) == "succeeded")
        allow(straight, 1)  # which the loop has, or has again
        eventually(lambda: lines(caplog, "switches.unknown"), seconds=12)
        held = start(straight)
        threading.Event().wait(3)
        assert status(straight, held) == "pending"
        allow(straight, 2)

        eventually(lambda: status(straight, held) == "succeeded", seconds=8)
    assert len(lines(caplog, "switches.unknown")) == len(lines(caplog, "switches.known")) == 1


def allow(straight: Database, connections: int, *, kept: int = 0) -> None:
    """Let the account have so many connections; those of now are ended but for one."""
    execute(straight, f"ALTER ROLE narrow CONNECTION LIMIT {connections}")
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'narrow' AND pid <> :kept"
    execute(straight, ended, kept=kept)


def test_w3_what_is_held_starts_no_step_either_once_the_switches_are_unknown(database: Database) -> None:
    bench = Bench(database)
    start(database)
    bench.gatekeeper.look()
    (job,) = bench.write()
    assert bench.gatekeeper.refuses(job) is None

    unread(database, bench)

    assert bench.gatekeeper.refuses(job) is not None
    closed = bench.gatekeeper.closed(job.claim)
    assert closed is not None
    assert "the switches could not be read" in closed.reason()
    execute(database, "ALTER TABLE hidden RENAME TO switches")
    bench.gatekeeper.look()
    assert bench.gatekeeper.refuses(job) is None


def unread(database: Database, bench: Bench) -> None:
    """Have looks fail until it is too long."""
    execute(database, "ALTER TABLE switches RENAME TO hidden")
    with pytest.raises(ProcessManagerError):
        bench.gatekeeper.look()
    bench.gatekeeper._looked -= LATE  # as if that much time had passed
    with pytest.raises(ProcessManagerError):
        bench.gatekeeper.look()


def test_one_look_that_fails_closes_nothing(database: Database) -> None:
    bench = Bench(database)
    start(database)
    bench.gatekeeper.look()
    (job,) = bench.write()
    execute(database, "ALTER TABLE switches RENAME TO hidden")

    with pytest.raises(ProcessManagerError):
        bench.gatekeeper.look()

    assert bench.gatekeeper.refuses(job) is None


def test_w3_a_look_that_gets_no_answer_closes_the_gates_after_5_seconds_and_one_call(server_of: ServerOf) -> None:
    server = server_of("postgresql_18")
    url = server.create("silent")
    began = list[float]()

    def answer(run: StepRun) -> Done:
        began.append(time.monotonic())
        threading.Event().wait(0.2)
        return Done("answered")

    with laid_out(url) as straight, Proxy(server.port, POSTGRESQL) as proxy:
        through = connect(url.replace(str(server.port), str(proxy.port)), call_timeout=timedelta(seconds=2))
        slow = odd(answer)
        for _ in range(80):
            start(straight, slow)
        with working(through, slow, lease=timedelta(seconds=8), concurrency=1, grace=timedelta(seconds=12)):
            eventually(lambda: began)
            proxy.silence()
            silent = time.monotonic()
            threading.Event().wait(9)
            proxy.silence(False)
        through.close()
        assert max(began) - silent < 5 + 2 + 0.5
    server.drop("silent")


@pytest.mark.slow
def test_a_direct_call_starts_no_step_while_the_switches_are_unknown_and_leaves_it_to_the_workers(
    server_of: ServerOf, caplog: Any
) -> None:
    with two_connections(server_of) as (straight, narrow), direct(narrow) as here:
        assert here.run(Three).status == "succeeded"
        driver: Any = here._thread._connection.connection.dbapi_connection
        allow(straight, 1, kept=driver.info.backend_pid)
        eventually(lambda: lines(caplog, "switches.unknown"), seconds=12)

        rest = here.run(Three)

        assert (rest.status, outcomes(straight, rest.id)) == ("pending", [])
        execute(straight, "ALTER ROLE narrow CONNECTION LIMIT 2")
        eventually(lambda: lines(caplog, "switches.known"), seconds=8)
        assert here.run(Three).status == "succeeded"
