"""Behind a real PgBouncer, by session and by transaction: nothing is lost, doubled or falsely failed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from backends import laid_out, need
from deployment import TEXTS, command, furnish, workers
from rig import Three, eventually, execute, odd, outcomes, settings, start, status, work, working

from benchmarks.hosting import Server
from benchmarks.pooler import Pooler, missing_pgbouncer, pgbouncer
from process_manager import Done, classic, operations
from process_manager.database import Database, connect, schema
from process_manager.database.short_lock_wait import limit_lock_waits
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.errors import DatabaseUnreachable
from process_manager.operations import Start
from process_manager.worker import Plan
from tests.database.test_sessions import OURS, spoken

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="no PgBouncer is packed for Windows")]

MODES = ["session", "transaction"]

OFFICE = """
from process_manager import Done, Process, Step, every

class Letter(Process):
    STEPS = {
        "write": "write",
        "post": Step("post", effect="transactional", retry=every(seconds=1, attempts=9)),
        "file": "file",
    }

    def write(self, run):
        run.log(run.payload["text"])
        return Done("written", {"step": 1})

    def post(self, run):
        import sqlalchemy as sa
        run.connection.execute(sa.text("INSERT INTO posted (id) VALUES (:id)"), {"id": run.process_id})
        return Done("posted")

    def file(self, run):
        return Done("filed")
"""


class Letter(Three):
    """The same as the office's, to start it by."""

    STEPS = {"write": "step", "post": "step", "file": "step"}


@pytest.fixture
def server(server_of: Callable[[str], Server]) -> Server:
    need(missing_pgbouncer())
    return server_of("postgresql_18")


@pytest.fixture
def office(server: Server) -> Iterator[Database]:
    """The engine's tables, reached without a pooler."""
    with laid_out(server.create("pooled")) as made:
        yield made
    server.drop("pooled")


@pytest.fixture(params=MODES)
def pooler(request: pytest.FixtureRequest, server: Server, office: Database) -> Iterator[Pooler]:
    with pgbouncer(server, "pooled", mode=request.param, size=12) as made:
        yield made


@contextmanager
def through(pooler: Pooler) -> Iterator[Database]:
    with closing(connect(pooler.url)) as made:
        yield made


def test_a_pooler_is_found_by_itself_and_nothing_is_kept_in_its_sessions(pooler: Pooler, office: Database) -> None:
    with office.connect() as one, through(pooler) as pooled, pooled.connect() as two:
        assert (office.can_listen(one), pooled.can_listen(two)) == (True, False)
        assert spoken(two) == OURS
        assert two.exec_driver_sql("SHOW statement_timeout").scalar_one() == "10s"
        assert two.exec_driver_sql("SHOW transaction_isolation").scalar_one() == "read committed"
        for _ in range(20):
            two.execute(sa.text("SELECT CAST(:one AS INTEGER)"), {"one": 1})
        assert two.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one() == 0
        two.rollback()
        limit_lock_waits(two)
        assert two.exec_driver_sql("SHOW lock_timeout").scalar_one() == "250ms"
    engine = sa.create_engine(pooler.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as stranger:  # to whom the pooler may lend the very session
        assert stranger.exec_driver_sql("SHOW statement_timeout").scalar_one() == "0"
        assert stranger.exec_driver_sql("SHOW lock_timeout").scalar_one() == "0"


def test_a_worker_behind_a_pooler_hears_of_nothing_and_looks_by_itself(pooler: Pooler, office: Database) -> None:
    with through(pooler) as database, working(database, Three):
        process_id = start(database)

        assert eventually(lambda: status(office, process_id) == "succeeded")

    assert outcomes(office, process_id) == [("a", "done"), ("b", "done"), ("c", "done")]


def test_a_direct_call_goes_through_a_pooler(pooler: Pooler, office: Database) -> None:
    with through(pooler) as database, Direct(database, Plan(Registry([Three]), settings(), classic())) as direct:
        rest = direct.run(Three)

    assert (rest.status, outcomes(office, rest.id)) == ("succeeded", [("a", "done"), ("b", "done"), ("c", "done")])


def test_the_schema_is_not_changed_through_a_pooler(pooler: Pooler) -> None:
    with through(pooler) as database, pytest.raises(DatabaseUnreachable, match="address of the server itself"):
        schema.upgrade(database, "head")


def test_what_a_pooler_refuses_to_be_told_is_named(pooler: Pooler) -> None:
    with (
        closing(connect(f"{pooler.url}?options=-c%20geqo%3Doff")) as database,
        pytest.raises(DatabaseUnreachable, match="PGOPTIONS"),
        database.read(),
    ):
        pass


def test_a_pooler_that_lends_a_connection_for_one_statement_is_refused_by_name(
    server: Server, office: Database
) -> None:
    with (
        pgbouncer(server, "pooled", mode="statement") as pooler,
        through(pooler) as database,
        pytest.raises(DatabaseUnreachable, match="pool_mode"),
        database.read() as connection,
    ):
        connection.execute(sa.text("SELECT 1"))


@pytest.mark.parametrize("name", ["DateStyle", "TimeZone", "IntervalStyle"])
def test_what_another_left_in_a_pooled_session_changes_nothing(pooler: Pooler, office: Database, name: str) -> None:
    left = {"DateStyle": "German", "TimeZone": "Asia/Kathmandu", "IntervalStyle": "sql_standard"}[name]
    engine = sa.create_engine(pooler.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with ExitStack() as opened:
        for _ in range(3):
            opened.enter_context(engine.connect()).exec_driver_sql(f"SET {name} = '{left}'")

    with through(pooler) as database:
        process = odd(lambda run: Done(TEXTS[0]))
        process_id = start(database, process)
        work(database, process)

    assert outcomes(office, process_id) == [("do", "done"), ("after", "done")]


def test_nothing_is_lost_doubled_or_falsely_failed_behind_a_pooler_that_is_restarted_under_load(
    pooler: Pooler, office: Database, tmp_path: Path
) -> None:
    furnish(tmp_path, OFFICE)
    execute(office, "CREATE TABLE posted (id BIGINT NOT NULL)")
    count = 300

    def number(of: str) -> int:
        return int(execute(office, f"SELECT count(*) FROM {of}")[0][0])  # noqa: S608 - our own words

    with workers(tmp_path, pooler.url, 3, PROCESS_MANAGER_LEASE="10s", PROCESS_MANAGER_CONCURRENCY="3") as running:
        eventually(lambda: number("workers") == 3, seconds=60)
        with office.begin() as connection:
            starts = [Start(Letter, {"text": TEXTS[each % len(TEXTS)]}) for each in range(count)]
            ids = [each.id for each in operations.start_many(connection, starts)]
        for wanted in (50, 150):
            eventually(lambda wanted=wanted: number("posted") >= wanted, seconds=60)  # type: ignore[misc]
            pooler.restart()
        eventually(lambda: number("processes WHERE finished_at IS NOT NULL") == count, seconds=60)

    assert [each.returncode for each in running] == [0, 0, 0]
    assert execute(office, "SELECT status, count(*) FROM processes GROUP BY status") == [("succeeded", count)]
    assert sorted(each for (each,) in execute(office, "SELECT id FROM posted")) == sorted(ids)
    assert number("process_steps WHERE outcome = 'done'") == 3 * count
    # Of a step on run.connection the author's own statement may meet the restart, which is an error of the step.
    assert number("process_steps WHERE outcome <> 'done' AND NOT (step = 'post' AND outcome IN ('retry', 'lost'))") == 0


def test_the_command_line_works_through_a_pooler(pooler: Pooler, office: Database, tmp_path: Path) -> None:
    furnish(tmp_path, OFFICE)
    execute(office, "CREATE TABLE posted (id BIGINT NOT NULL)")

    asked = (["start", "letter", "--payload", '{"text": "Łódź"}'], ["work"], ["status"], ["list"], ["doctor"])
    calls: list[Any] = [command(tmp_path, pooler.url, *words) for words in asked]

    assert [each.returncode for each in calls[:-1]] == [0, 0, 0, 0], [each.stdout + each.stderr for each in calls]
    assert "succeeded" in calls[-2].stdout
    assert "wakes no worker" in " ".join(calls[-1].stdout.split())
