"""A database that takes no writes for a while: nothing is lost or guessed, and work goes on soon after it is back."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from read_only_databases import KINDS, locked_file, office, tell
from rig import Three, eventually, execute, odd, open_database, outcomes, start, status, working

from benchmarks.servers import Server
from process_manager import Done, Process, Step, StepRun, every, operations
from process_manager import clock as wall
from process_manager.database import Database, error_codes
from process_manager.errors import DatabaseUnreachable
from process_manager.inspection import write_check
from tests.direct.test_call import direct

ServerOf = Callable[[str], Server]
SOON = 5.0
"""Seconds within which work goes on."""


@pytest.mark.parametrize("kind", KINDS)
def test_work_goes_on_within_5_seconds_after_6_in_which_nothing_could_be_written(
    kind: str, server_of: ServerOf
) -> None:
    may_end, began, runs = threading.Event(), threading.Event(), list[int]()

    def answer(run: StepRun) -> Done:
        runs.append(run.process_id)
        began.set()
        assert may_end.wait(30)
        return Done("answered")

    with office(kind, server_of) as there:
        held, other = (start(there.database, odd(answer)), start(there.database, Three, order_key="x"))
        with working(there.database, odd(answer), Three, lease=timedelta(seconds=18), grace=timedelta(seconds=20)):
            eventually(lambda: status(there.database, other) == "succeeded" and began.is_set())
            there.freeze()
            may_end.set()
            threading.Event().wait(6)
            there.thaw()
            back = time.monotonic()
            later = start_again(there.database)

            eventually(lambda: {status(there.database, each) for each in (held, later)} == {"succeeded"}, seconds=SOON)
            assert time.monotonic() - back < SOON

        assert runs == [held]
        assert outcomes(there.database, held) == [("do", "done"), ("after", "done")]


def start_again(database: Database) -> int:
    """The id of a process that an ordinary program starts; it does not know that the server was read-only."""
    return database.run(lambda connection: operations.start(connection, Three)).id


@pytest.mark.parametrize("kind", KINDS)
def test_sessions_that_were_opened_while_nothing_could_be_written_are_not_used_again(
    kind: str, server_of: ServerOf
) -> None:
    with office(kind, server_of) as there:
        there.freeze()
        with ExitStack() as opened:
            for _ in range(4):
                opened.enter_context(there.database.connect()).execute(sa.text("SELECT 1"))
        with pytest.raises(DatabaseUnreachable, match="accepts no writes now"), there.database.begin() as connection:
            operations.start(connection, Three)
        there.thaw()

        for _ in range(4):  # none of them is refused, though each of those sessions was there to be had
            start(there.database)

        assert execute(there.database, "SELECT count(*) FROM processes") == [(4,)]


@pytest.mark.parametrize("kind", ["postgresql_system", "mariadb"])  # where no session is ended in doubt
def test_a_direct_call_that_is_refused_is_known_to_have_started_nothing(kind: str, server_of: ServerOf) -> None:
    with office(kind, server_of) as there, direct(there.database) as here:
        here.run(Three)
        there.freeze()
        for options in ({}, {"order_key": "lane"}):
            with pytest.raises(DatabaseUnreachable, match="accepts no writes now"):
                here.run(Three, **options)
        there.thaw()

        assert here.run(Three).status == "succeeded"
        assert execute(there.database, "SELECT count(*) FROM processes") == [(2,)]


@pytest.mark.slow
def test_a_commit_that_was_refused_because_nothing_is_written_any_more_is_no_riddle(server_of: ServerOf) -> None:
    with office("mariadb", server_of) as there:

        def begun(connection: sa.Connection) -> None:
            operations.start(connection, Three)
            there.freeze()

        with pytest.raises(DatabaseUnreachable, match="accepts no writes now"):
            there.database.run(begun)
        there.thaw()

        assert execute(there.database, "SELECT count(*) FROM processes") == [(0,)]


def test_a_transactional_step_that_cannot_be_recorded_is_undone_and_uses_no_attempt(server_of: ServerOf) -> None:
    frozen = list[int]()
    with office("postgresql_role", server_of) as there:

        class Ledger(Process):
            name = "ledger"
            STEPS = {"write": Step("write", effect="transactional")}

            def write(self, run: StepRun) -> Done:
                run.connection.execute(sa.text("UPDATE processes SET reference = 'written' WHERE id = 1"))
                if not frozen:
                    frozen.append(run.process_id)
                    there.freeze()  # and ends this very session
                return Done("written")

        process_id = start(there.database, Ledger)
        with working(there.database, Ledger, grace=timedelta(seconds=20)):
            eventually(lambda: frozen)
            threading.Event().wait(1)
            there.thaw()
            eventually(lambda: status(there.database, process_id) == "succeeded", seconds=SOON)

        assert outcomes(there.database, process_id)[-1] == ("write", "done")
        assert not {outcome for _step, outcome in outcomes(there.database, process_id)} & {"retry", "failed"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_transactional_step_that_the_database_leaves_alone_uses_no_attempt(kind: str, server_of: ServerOf) -> None:
    ran = list[int]()
    with office(kind, server_of) as there:

        class Ledger(Process):
            name = "ledger"
            STEPS = {"write": Step("write", effect="transactional", retry=every(minutes=1, attempts=1))}

            def write(self, run: StepRun) -> Done:
                ran.append(run.attempt)
                if len(ran) == 1:
                    there.freeze()
                run.connection.execute(sa.text("UPDATE processes SET reference = 'written' WHERE id = 1"))
                return Done("written")

        process_id = start(there.database, Ledger)
        with working(there.database, Ledger, grace=timedelta(seconds=20)):
            eventually(lambda: ran)
            threading.Event().wait(1)
            there.thaw()
            eventually(lambda: status(there.database, process_id) == "succeeded", seconds=SOON)

        assert ran == [1, 1]
        assert outcomes(there.database, process_id) == [("write", "done")]


def test_a_step_that_ends_its_own_connection_each_time_uses_its_attempts_in_the_end(server_of: ServerOf) -> None:
    ran = list[int]()

    class Rude(Process):
        name = "rude"
        STEPS = {"write": Step("write", effect="transactional", retry=every(minutes=1, attempts=1))}

        def write(self, run: StepRun) -> Done:
            ran.append(run.attempt)
            run.connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
            return Done("never")

    with office("postgresql_role", server_of) as there:
        process_id = start(there.database, Rude)
        with working(there.database, Rude, grace=timedelta(seconds=20)):
            eventually(lambda: status(there.database, process_id) == "failed")

    assert ran == [1] * 4


def test_a_worker_works_on_that_was_begun_on_a_file_that_could_not_be_written(
    database: Database, tmp_path: Path
) -> None:
    process_id = start(database)
    kept = database.engine.connect()  # with it the log of the file stays, as beside any other program
    kept.execute(sa.text("SELECT 1"))
    kept.rollback()
    through = open_database(tmp_path)
    with ExitStack() as opened:
        with locked_file(tmp_path / "engine.db"):
            refused = list[Any]()
            sa.event.listen(through.engine, "handle_error", refused.append)
            opened.enter_context(working(through))
            eventually(lambda: len(refused) > 2)
        eventually(lambda: status(database, process_id) == "succeeded", seconds=SOON)
        later = start(database)
        eventually(lambda: status(database, later) == "succeeded", seconds=1)  # the watch is on the new session
    through.close()
    kept.close()
    assert {error_codes.message(each.sqlalchemy_exception) for each in refused} == {
        "attempt to write a readonly database"
    }


@pytest.mark.parametrize(
    ("state", "is_unusable", "is_broken", "was_rolled_back"),
    [("25006", True, False, True), ("08006", True, True, False), ("57P01", True, False, False),
     ("53100", False, False, True), ("40001", False, False, True), ("23505", False, False, False)],
)  # fmt: skip
def test_what_an_error_says_of_its_session_and_of_what_was_asked(
    state: str, is_unusable: bool, is_broken: bool, was_rolled_back: bool
) -> None:
    import psycopg

    raised = psycopg.errors.lookup(state) if state not in ("08006",) else psycopg.OperationalError
    orig = raised("no")
    orig.sqlstate = state
    error = sa.exc.DBAPIError("SELECT 1", {}, orig)

    told = (error_codes.is_unusable(error), error_codes.is_broken(error), error_codes.was_rolled_back(error))

    assert told == (is_unusable, is_broken, was_rolled_back)


@pytest.mark.parametrize("kind", KINDS)
def test_doctor_finds_that_no_row_can_be_written_and_leaves_none_where_it_can(kind: str, server_of: ServerOf) -> None:
    with office(kind, server_of) as there:
        well = write_check.row(there.database, wall.now())
        there.freeze()
        ill = [write_check.row(there.database, wall.now()) for _ in range(2)][-1]
        there.thaw()

        assert (well.result, ill.result) == ("ok", "problem")
        assert "accepts no writes now" in ill.message
        assert execute(there.database, "SELECT count(*) FROM workers") == [(0,)]


def test_doctor_tells_an_account_without_the_right_to_write_what_to_grant(server_of: ServerOf) -> None:
    with office("postgresql_system", server_of) as there:
        tell(server_of("postgresql_18"), ("REVOKE pg_write_all_data FROM office",))

        found = write_check.row(there.database, wall.now())

        assert found.result == "problem"
        assert "permission denied for table workers" in found.message
        assert "GRANT it SELECT, INSERT, UPDATE and DELETE" in found.message
