"""SQL Server's transactions at the edge of its driver: an error takes all back and tells nobody; ours say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import fake_odbc
import pytest
import sqlalchemy as sa
from fake_server import Answer, Fault, Server, Statement
from rig import INSTALLATION, NOON, Three, claim, settings
from rows import answer

from process_manager import Done, StepRun
from process_manager.database import Database, connect, error_codes, joined_transactions
from process_manager.database.error_codes import RolledBack
from process_manager.definition.step_host import Host
from process_manager.execution.completion import Answered, Completion
from process_manager.execution.held_step import HeldStep
from process_manager.execution.transactional import TransactionalExecutor
from process_manager.integrations import databases
from process_manager.lifecycle.transition import StepResult
from tests.database.test_fake_odbc import BOOK, lines, write

TOLD = r"^SQL Server rolled this transaction back after the error: .*UNIQUE.*\(2627\)"


@pytest.fixture
def database(odbc: Server) -> Iterator[Database]:
    """The engine's database on a server with a table of books."""
    opened = connect(fake_odbc.URL)
    with opened.begin() as connection:
        BOOK.create(connection)
    odbc.forget()
    yield opened
    opened.close()


@pytest.fixture(params=["the engine's", "foreign"])
def engine(request: pytest.FixtureRequest, database: Database, odbc: Server) -> sa.Engine:
    found = database.engine if request.param == "the engine's" else databases.engine(fake_odbc.URL)
    found.connect().close()
    odbc.forget()
    return found


def raising(number: int, *, state: str = "") -> Callable[[Statement], Answer | None]:
    """A script by which the server says this once, of one value."""
    left = [number]

    def script(said: Statement) -> Answer | None:
        if "spoiled" in said.values and left:
            raise Fault(left.pop(), state=state)
        return None

    return script


def test_what_comes_after_a_caught_error_is_not_committed_without_what_came_before(
    engine: sa.Engine, odbc: Server
) -> None:
    with pytest.raises(RolledBack, match=TOLD), engine.begin() as connection:
        write(connection, "first")
        with pytest.raises(sa.exc.IntegrityError):
            write(connection, "first")
        with pytest.raises(RolledBack):
            write(connection, "after")
    assert (odbc.taken_back, lines(odbc), odbc.committed) == (1, [], [])

    with engine.begin() as connection:
        write(connection, "anew")
    assert lines(odbc) == ["anew"]


def test_a_savepoint_holds_whatever_is_refused_in_it_and_xact_abort_is_on_again(
    engine: sa.Engine, odbc: Server
) -> None:
    with engine.begin() as connection:
        write(connection, "first")
        with pytest.raises(sa.exc.IntegrityError), connection.begin_nested():
            write(connection, "second", "first")
        with connection.begin_nested(), pytest.raises(sa.exc.IntegrityError), connection.begin_nested():
            write(connection, "first")
        with connection.begin_nested() as point:
            write(connection, "third")
            point.rollback()
        write(connection, "after")

    said = [each.text for each in odbc.sent if "XACT_ABORT" in each.text]
    assert lines(odbc) == ["first", "after"]
    assert said[-6:] == ["SET XACT_ABORT OFF", "SET XACT_ABORT ON"] * 3


def test_an_error_that_is_caught_within_a_savepoint_is_no_reason_to_go_on(engine: sa.Engine, odbc: Server) -> None:
    with pytest.raises(RolledBack), engine.begin() as connection:
        write(connection, "first")
        with connection.begin_nested():
            with pytest.raises(sa.exc.IntegrityError):
                write(connection, "first")
            write(connection, "after")

    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        write(connection, "second", "second")
    assert (lines(odbc), odbc.taken_back) == ([], 1)  # the last one, by XACT_ABORT: it is on again


def test_a_deadlock_takes_the_savepoint_too_and_the_whole_is_done_anew(database: Database, odbc: Server) -> None:
    odbc.script = raising(1205)
    runs = []

    def act(connection: sa.Connection) -> None:
        runs.append(connection)
        write(connection, "first")
        with connection.begin_nested():
            write(connection, "spoiled")

    database.run(act)

    assert (len(runs), odbc.taken_back, lines(odbc)) == (2, 1, ["first", "spoiled"])


def test_a_deadlock_in_a_savepoint_is_the_reason_of_the_rollback(database: Database, odbc: Server) -> None:
    odbc.script = raising(1205)

    with pytest.raises(RolledBack, match=r"\(1205\)") as refused, database.engine.begin() as connection:
        write(connection, "first")
        with connection.begin_nested():
            write(connection, "spoiled")

    assert error_codes.is_transient(refused.value)
    assert error_codes.was_rolled_back(refused.value)
    assert not error_codes.is_broken(refused.value)


def unheard(said: Statement) -> None:
    """What the driver asks about a None waits in vain for a change of the schema."""
    raise Fault(1222)


@pytest.mark.parametrize("after", [("after",), ()])
def test_what_was_lost_while_the_driver_asked_about_a_none_is_noticed_before_it_is_committed(
    database: Database, odbc: Server, after: tuple[str, ...]
) -> None:
    engine = databases.engine(fake_odbc.URL)
    odbc.misunderstands = unheard

    with pytest.raises(RolledBack, match="asked for the type of a None"), engine.begin() as connection:
        write(connection, "first")
        write(connection, None)
        write(connection, *after)
    assert (odbc.taken_back, lines(odbc)) == (1, [])

    odbc.misunderstands = lambda _said: None
    with engine.connect() as connection:
        with connection.begin():
            write(connection, None, "first")
        with connection.begin():
            write(connection, "second", None)
    assert lines(odbc) == [None, "first", "second", None]


def test_a_step_s_none_is_looked_after_and_the_engine_s_own_statements_cost_nothing(
    database: Database, odbc: Server
) -> None:
    odbc.misunderstands = unheard

    def step(run: StepRun) -> Done:
        write(run.connection, "first")
        write(run.connection, None)
        return Done("booked")

    came = performed(database, step)
    odbc.misunderstands = lambda _said: None
    odbc.forget()
    with database.begin() as connection:
        write(connection, "by us", None)

    assert isinstance(came, Answered)
    assert "asked for the type of a None" in str(came.result.outcome)
    assert lines(odbc) == ["by us", None]
    assert not [each for each in odbc.sent if "CURRENT_TRANSACTION_ID" in each.text]


def test_a_session_that_ends_within_a_savepoint_is_told_by_what_ended_it(engine: sa.Engine, odbc: Server) -> None:
    odbc.script = raising(596)

    with pytest.raises(sa.exc.DBAPIError, match=r"\(596\)"), engine.begin() as connection:
        write(connection, "first")
        with connection.begin_nested():
            write(connection, "spoiled")
    with engine.begin() as connection:
        write(connection, "anew")

    assert lines(odbc) == ["anew"]


def test_a_session_that_is_lost_needs_no_word_of_ours(database: Database, odbc: Server) -> None:
    odbc.script = raising(10054, state="08S01")

    with pytest.raises(sa.exc.PendingRollbackError) as refused, database.engine.begin() as connection:
        with pytest.raises(sa.exc.DBAPIError):
            write(connection, "spoiled")
        write(connection, "after")

    assert not isinstance(refused.value, RolledBack)
    assert lines(odbc) == []


@pytest.mark.parametrize(
    ("aborts", "number", "kept"),
    [("OFF", 547, ["first", "after"]), ("ON", 547, []), ("OFF", 1205, []), ("ON", 102, [])],
)
def test_a_caller_s_transaction_goes_on_only_where_its_session_kept_it(
    odbc: Server, aborts: str, number: int, kept: list[str]
) -> None:
    odbc.script = raising(number)
    engine = sa.create_engine(fake_odbc.URL, isolation_level="READ COMMITTED")
    with engine.begin() as connection:
        BOOK.create(connection)

    def act() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SET XACT_ABORT {aborts}")
            joined_transactions.require(connection)  # as each act begins
            write(connection, "first")
            with pytest.raises(sa.exc.DBAPIError):
                write(connection, "spoiled")
            write(connection, "after")

    if kept:
        act()
    else:
        with pytest.raises(RolledBack):
            act()
    engine.dispose()
    assert lines(odbc) == kept


def test_a_caller_s_transaction_of_which_no_act_is_a_part_is_left_alone(odbc: Server) -> None:
    engine = sa.create_engine(fake_odbc.URL, isolation_level="READ COMMITTED")
    with engine.begin() as connection:
        joined_transactions.require(connection)
        BOOK.create(connection)
    odbc.script = raising(1205)

    with engine.begin() as connection:
        with pytest.raises(sa.exc.DBAPIError):
            write(connection, "spoiled")
        write(connection, "after")

    engine.dispose()
    assert lines(odbc) == ["after"]


def test_a_step_that_passes_over_an_error_is_not_recorded_in_the_place_of_what_it_wrote(
    database: Database, odbc: Server
) -> None:
    def recorded(said: Statement) -> Answer | None:
        ours = next((words for words in ("UPDATE processes", "INTO process_steps") if words in said.text), None)
        return Answer(("id",), [(7,)], 1) if ours else None

    def step(run: StepRun) -> Done:
        write(run.connection, "first")
        with pytest.raises(sa.exc.IntegrityError):
            write(run.connection, "first")
        return Done("booked")

    odbc.script = recorded
    came = performed(database, step)

    assert isinstance(came, Answered)
    assert not came.result.returned
    assert "SQL Server rolled this transaction back after the error" in str(came.result.outcome)
    assert (odbc.committed, lines(odbc)) == ([], [])


def performed(database: Database, step: Callable[[StepRun], Done]) -> Completion:
    """What comes of a `transactional` step of process 7."""
    held = claim()
    job = HeldStep(held, Three, Three.plan[0], StepRun(Host(database, settings(), INSTALLATION, print), held))

    def run(job: HeldStep) -> StepResult:
        return StepResult(step(job.run), NOON, NOON)

    return TransactionalExecutor(database, decide=lambda job, ran: answer(job.claim, step_done(ran)), run=run).perform(
        job
    )


def step_done(ran: StepResult) -> Done:
    assert isinstance(ran.outcome, Done)
    return ran.outcome
