"""What goes wrong around a worker hurts as little as it can: connections, answers too big, clocks, foreign rows."""

import threading
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest
import sqlalchemy as sa
from rig import Bench, execute, restart, row, start, status

from process_manager import Done, Process, Step, StepRun
from process_manager import clock as wall
from process_manager.database import Database
from process_manager.errors import DatabaseUnreachable, Refused
from process_manager.store import claiming
from tests.worker.test_claims import let_leases_end


@pytest.mark.parametrize("database", ["sqlite", "postgresql_18"], indirect=True)
def test_a_claim_that_is_found_again_after_its_lease_is_begun_once(database: Database) -> None:
    start(database)
    lost = Bench(database, name="here")
    lost.write()  # its commit came through, the answer did not: the worker that is told nothing
    let_leases_end(database)
    bench = Bench(database, name="here")
    bench.claims.unconfirmed.may_exist()

    jobs = bench.write()

    assert [(job.run.process_id, job.run.fence) for job in jobs] == [(1, 1)]


def test_a_claim_that_is_found_again_has_a_whole_lease_ahead(database: Database) -> None:
    start(database)
    Bench(database, name="here").write()
    nearly = wall.now() + timedelta(seconds=3)
    execute(database, "UPDATE processes SET lease_ends_at = :at", at=nearly.strftime("%Y-%m-%d %H:%M:%S.%f"))
    bench = Bench(database, name="here")
    bench.claims.unconfirmed.may_exist()

    (job,) = bench.write()

    assert job.run.process_id == 1
    assert str(row(database, 1)["lease_ends_at"]) > str(nearly + timedelta(seconds=30))


def test_a_process_with_a_step_in_doubt_is_not_restarted_from_an_earlier_one(
    database: Database,
) -> None:
    ran: list[str] = []

    class Posting(Process):
        name = "posting"
        STEPS = {"first": "first", "do": Step("do", effect="once", verify="ask")}

        def first(self, run: StepRun) -> Done:
            return Done("first")

        def do(self, run: StepRun) -> Done:
            ran.append("posted")
            return Done("posted", {"bad": object()})

        def ask(self, run: StepRun) -> Done:
            ran.append("asked")
            return Done("it happened")

    from rig import work

    process_id = start(database, Posting)
    work(database, Posting)
    assert status(database, process_id) == "failed"
    assert row(database, process_id)["doubtful_since"] is not None

    with pytest.raises(Refused, match="without --from-step"):
        restart(database, process_id, Posting, from_step="first")
    restart(database, process_id, Posting)
    work(database, Posting)

    assert ran == ["posted", "asked"]


@pytest.mark.parametrize("backend", ["postgresql_18", "mariadb"])
def test_an_act_whose_commit_gave_no_answer_is_not_run_twice(backend: str, server_of) -> None:  # type: ignore[no-untyped-def]
    from backends import laid_out
    from rig import Three

    from benchmarks.proxy import MARIADB, POSTGRESQL, Proxy
    from process_manager import operations
    from process_manager.database import connect
    from process_manager.errors import FateUnknown

    server = server_of(backend)
    url = server.create("fate")
    with laid_out(url) as direct, Proxy(server.port, MARIADB if backend == "mariadb" else POSTGRESQL) as proxy:
        through = connect(url.replace(str(server.port), str(proxy.port)))
        with through.begin():
            pass
        proxy.swallow_commits(1)

        with pytest.raises(FateUnknown):
            through.run(lambda connection: operations.start(connection, Three))

        assert execute(direct, "SELECT count(*) FROM processes") == [(1,)]
        through.close()


@pytest.mark.parametrize("backend", ["postgresql_18", "mariadb"])
def test_a_worker_works_on_when_its_connections_broke(backend: str, server_of) -> None:  # type: ignore[no-untyped-def]
    from backends import laid_out
    from rig import eventually, working

    from benchmarks.proxy import MARIADB, POSTGRESQL, Proxy
    from process_manager.database import connect

    server = server_of(backend)
    url = server.create("broke")
    with laid_out(url) as direct, Proxy(server.port, MARIADB if backend == "mariadb" else POSTGRESQL) as proxy:
        through = connect(url.replace(str(server.port), str(proxy.port)))
        first = start(direct)
        with working(through):
            eventually(lambda: status(direct, first) == "succeeded")
            proxy.cut()
            second = start(direct)

            eventually(lambda: status(direct, second) == "succeeded", seconds=25)
        through.close()


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_answers_that_are_too_much_for_one_statement_are_written_in_several(database: Database) -> None:
    from rig import odd, work

    big = odd(lambda run: Done("big", {"text": "x" * 9_000_000}))
    ids = [start(database, big) for _ in range(3)]

    work(database, big, time_box=timedelta(seconds=20))

    assert [status(database, each) for each in ids] == ["succeeded"] * 3


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_an_answer_that_is_too_much_for_the_database_fails_its_own_process_only(database: Database) -> None:
    from rig import Three, odd, work

    big = odd(lambda run: Done("big", {"text": "x" * 17_000_000}))
    large, small = start(database, big), start(database)

    work(database, big, Three, time_box=timedelta(seconds=20))

    assert (status(database, large), status(database, small)) == ("failed", "succeeded")


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=10)])
def test_a_worker_looks_for_what_is_due_while_its_clock_stands_still(database: Database, ahead: timedelta) -> None:
    from rig import eventually, working

    wall.follow(ahead)
    wall.now()
    wall.follow(timedelta(0))  # the database's clock was corrected: ours stands still for ten minutes
    try:
        first = start(database)
        with working(database):
            eventually(lambda: status(database, first) == "succeeded")
            threading.Event().wait(2.5)  # it has looked again, and found nothing
            second = start(database)
            eventually(lambda: status(database, second) == "succeeded", seconds=8)
    finally:
        wall.follow_host()


@pytest.mark.slow
def test_one_process_that_cannot_be_recovered_keeps_no_other_from_being(database: Database) -> None:
    from rig import eventually, working

    start(database)
    other = start(database)
    Bench(database, name="gone").write()
    let_leases_end(database)
    execute(
        database,
        "INSERT INTO process_steps"
        " (process_id, seq, round, step, attempt, outcome, message, started_at, finished_at, worker)"
        " VALUES (1, 1, 1, 'a', 1, 'done', 'x', '2020-01-01 00:00:00.000000', '2020-01-01 00:00:00.000000', 'w')",
    )

    with working(database):
        eventually(lambda: status(database, other) == "succeeded")


class AnHourLater(datetime):
    """What a host reads whose clock was set."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(hours=1)


def test_the_hosts_clock_may_jump_while_the_databases_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    true = wall.host()
    wall.follow(timedelta(0))
    try:
        monkeypatch.setattr(wall, "datetime", AnHourLater)
        assert wall.host() - true > timedelta(minutes=59)

        assert abs(wall.now() - true) < timedelta(seconds=5)
    finally:
        wall.follow_host()


def test_a_crash_of_which_the_loss_was_written_by_another_is_not_taken_for_recorded(database: Database) -> None:
    from rig import NOON
    from rows import LEASE, claim

    from process_manager.lifecycle import interruption
    from process_manager.store import recording
    from process_manager.worker import ambiguous_commits

    start(database)
    (held,) = claim(database)
    with database.begin() as connection:
        recording.record(connection, [interruption.expired(held, NOON + LEASE)])
        kept = ambiguous_commits.record(connection, [interruption.crashed(held, NOON, how="ended")]).kept

    assert kept == []


def test_a_look_that_is_refused_for_good_is_told_and_not_repeated_without_a_rest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rig import worker

    start(database)
    asked: list[datetime] = []

    class DeniedError(Exception):
        sqlstate = "42501"

    def refused(*_arguments: object, **_options: object) -> None:
        asked.append(wall.now())
        raise sa.exc.ProgrammingError("SELECT", {}, DeniedError("permission denied"))

    monkeypatch.setattr(claiming, "claim_due", refused)
    with pytest.raises(DatabaseUnreachable, match="its account lacks the permission"):
        worker(database, time_box=timedelta(seconds=1)).run()

    assert 0 < len(asked) < 20


class Broken(BaseException):
    """What ends the loop of a worker."""


@pytest.mark.parametrize("database", ["sqlite", "postgresql_18"], indirect=True)
def test_what_had_answered_when_the_loop_broke_is_recorded_and_given_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rig import eventually, odd, outcomes, worker

    breaks, runs, posted = threading.Event(), list[int](), list[object]()
    plain = database.engine.dialect.do_execute

    def answer(run: StepRun) -> Done:
        runs.append(run.process_id)
        assert run.process_id == 1 or breaks.wait(10)
        return Done("answered")

    odd_one = odd(answer)
    ids = [start(database, odd_one) for _ in range(4)]
    made = worker(database, odd_one)
    put = made._mailbox.put

    def post(message: Any) -> None:
        put(message)
        posted.append(message)

    def execute_once(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        if "INSERT INTO process_steps" in statement and not breaks.is_set():
            breaks.set()  # the first is being recorded; the others answer, of which the loop does not hear any more
            eventually(lambda: len(posted) == len(ids))
            raise Broken
        plain(cursor, statement, parameters, context)

    monkeypatch.setattr(made._mailbox, "put", post)
    monkeypatch.setattr(database.engine.dialect, "do_execute", execute_once)
    with pytest.raises(Broken):
        made.run()

    assert sorted(runs) == ids
    assert [outcomes(database, each) for each in ids] == [[("do", "done")]] * len(ids)
    assert [row(database, each)["status"] for each in ids] == ["pending"] * len(ids)
