"""Acts in a caller's own transaction: joined where its statements see what is committed, and refused elsewhere."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa
from rig import Three, execute, row, settings, start, status, work
from schedule_acts import JOINING

from process_manager import Done, Process, Step, StepRun, classic, clock, operations
from process_manager.actor import Actor
from process_manager.database import Database, ask, connect, single
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.errors import UnfitTransaction
from process_manager.operations import Act, Start
from process_manager.operations.start import start_command
from process_manager.store.claiming import Lease
from process_manager.worker import Plan

pytestmark = pytest.mark.every_database

REGISTRY = Registry([Three])
ACT = Act(Actor("Ada"), "SAP is back")
UNFIT = {
    "sqlite": ["AUTOCOMMIT"],
    "postgresql": ["REPEATABLE READ", "SERIALIZABLE", "AUTOCOMMIT"],
    "mariadb": ["REPEATABLE READ", "SERIALIZABLE", "READ UNCOMMITTED", "AUTOCOMMIT"],
    "mssql": ["SNAPSHOT", "REPEATABLE READ", "SERIALIZABLE", "READ UNCOMMITTED", "AUTOCOMMIT"],
}


class Tidy(Process):
    """Remove what is old."""

    arguments = ()
    STEPS = {"tidy": "tidy"}

    def tidy(self, run: StepRun) -> Done:
        return Done()


def held(connection: sa.Connection) -> Any:
    lease = Lease("w", clock.now(), clock.now() + timedelta(seconds=90))
    return operations.start_held(connection, Start(Three, order_key="a"), lease)


COMMANDS = Registry([Tidy])
ACTS: dict[Callable[..., Any], Callable[[sa.Connection], Any]] = {
    operations.start: lambda it: operations.start(it, Three),
    operations.start_many: lambda it: operations.start_many(it, [Start(Three)]),
    operations.start_each: lambda it: operations.start_each(it, [Start(Three)]),
    operations.start_held: held,
    start_command: lambda it: start_command(it, Start(Tidy, command_key="tidy"), actor=Actor("Ada")),
    operations.restart: lambda it: operations.restart(it, 1, ACT, registry=REGISTRY),
    operations.abandon: lambda it: operations.abandon(it, 1, ACT),
    operations.rerun: lambda it: operations.rerun(it, 1, registry=REGISTRY, actor=Actor("Ada")),
    operations.resolve: lambda it: operations.resolve(it, 1, ACT, happened=True, registry=REGISTRY),
    operations.skip_step: lambda it: operations.skip_step(it, 1, ACT, registry=REGISTRY),
    operations.edit_payload: lambda it: operations.edit_payload(it, 1, ACT, registry=REGISTRY, changes={"n": 1}),
    operations.run_command: lambda it: operations.run_command(it, "tidy", registry=COMMANDS),
    operations.unlock: lambda it: operations.unlock(it, "tidy", ACT, registry=COMMANDS),
    operations.disable: lambda it: operations.disable(it, "three", ACT),
    operations.enable: lambda it: operations.enable(it, "three"),
    operations.cancel: lambda it: operations.cancel(it, 1, ACT),
    operations.run_now: lambda it: operations.run_now(it, 1, ACT, registry=REGISTRY),
    operations.signal: lambda it: operations.signal(it, "paid:1"),
    operations.withdraw: lambda it: operations.withdraw(it, "paid:1"),
    operations.drain: lambda it: operations.drain(it, "w"),
    **JOINING,
}
READING = {"behind", "require", "require_runnable", "look", "open_before", "started_before"}
PARTS = {"record_act", "record_acts", "bind", "with_others", "decide", "claim"}  # their acts require a fit transaction


@contextmanager
def callers(database: Database, **options: Any) -> Iterator[sa.Engine]:
    """An engine of the caller's own on the same database, made as anybody would."""
    made = sa.create_engine(database.engine.url, poolclass=sa.NullPool, **options)
    yield made
    made.dispose()


def fit(database: Database) -> dict[str, str]:
    return {} if database.dialect == "sqlite" else {"isolation_level": "READ COMMITTED"}


def test_every_act_that_writes_is_known_here() -> None:
    found = set()
    for module in pkgutil.iter_modules(operations.__path__, f"{operations.__name__}."):
        for name, function in inspect.getmembers(import_module(module.name), inspect.isfunction):
            if not name.startswith("_") and function.__module__ == module.name and name not in READING | PARTS:
                found |= {function} if next(iter(inspect.signature(function).parameters), "") == "connection" else set()

    assert found == ACTS.keys()


def test_every_act_refuses_a_transaction_in_which_it_would_see_or_hold_too_little(database: Database) -> None:
    start(database)
    before = row(database, 1)

    for level in UNFIT[database.dialect]:
        with callers(database, isolation_level=level) as engine, engine.connect() as connection:
            for named, act in ACTS.items():
                with pytest.raises(UnfitTransaction, match=r"commits each|in a transaction with the level") as refused:
                    act(connection)
                assert level == "AUTOCOMMIT" or level in str(refused.value), named
                assert not connection.in_transaction(), named

    assert execute(database, "SELECT count(*) FROM processes") == [(1,)]
    assert row(database, 1) == before


def test_every_act_refuses_a_connection_for_reading_on_which_it_would_be_undone(database: Database) -> None:
    for named, act in ACTS.items():
        with database.read() as connection:
            with pytest.raises(UnfitTransaction, match="is for reading"):
                act(connection)
            assert not connection.in_transaction(), named


def test_a_refusal_says_how_to_make_the_engine(database: Database) -> None:
    level = UNFIT[database.dialect][0]
    with (
        callers(database, isolation_level=level) as engine,
        pytest.raises(UnfitTransaction) as refused,
        engine.begin() as connection,
    ):
        operations.start(connection, Three)

    assert str(refused.value) == {
        "AUTOCOMMIT": "This connection commits each statement by itself, but an act and its locks need a "
        "transaction. Create the engine without isolation_level, and begin a transaction: engine.begin().",
    }.get(
        level,
        f"This connection is in a transaction with the level {level}, but each statement of an act must see exactly "
        "what is committed by then: otherwise a process may wait for one that has ended. Create the engine with "
        'sa.create_engine(url, isolation_level="READ COMMITTED"), or set it before the transaction begins: '
        'connection.execution_options(isolation_level="READ COMMITTED").',
    )


def test_a_level_that_a_connection_is_given_later_is_what_counts(database: Database) -> None:
    level = UNFIT[database.dialect][0]

    with callers(database, **fit(database)) as engine:
        theirs = engine.connect().execution_options(isolation_level=level)
        with theirs as connection, connection.begin(), pytest.raises(UnfitTransaction):
            operations.start(connection, Three)
        if database.dialect != "sqlite":  # there ours begin their transactions in words of their own
            ours = database.engine.connect().execution_options(isolation_level=level)
            with ours as connection, connection.begin(), pytest.raises(UnfitTransaction):
                operations.start(connection, Three)
        with engine.begin() as connection:
            started = operations.start(connection, Three)

    assert work(database, Three).statuses == {"succeeded": 1}
    assert status(database, started.id) == "succeeded"


def test_a_transaction_that_was_given_a_level_of_its_own_is_asked_itself(database: Database) -> None:
    if database.dialect != "postgresql":
        pytest.skip("only PostgreSQL tells the level of one transaction alone")

    with callers(database) as engine, engine.begin() as connection:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

        with pytest.raises(UnfitTransaction, match="REPEATABLE READ"):
            operations.start(connection, Three)

    with callers(database) as engine, engine.begin() as connection:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED")  # there the same as committed
        assert operations.start(connection, Three).is_new


def test_on_a_callers_own_engine_lanes_and_keys_are_as_on_ours(database: Database) -> None:
    with callers(database, **fit(database)) as engine:
        with engine.begin() as connection:
            made = operations.start_many(
                connection,
                [Start(Three, {"n": n}, order_key="a", dedup_key=f"{n % 2}") for n in range(3)],
                actor=Actor("Ada"),
            )
        with engine.begin() as connection:
            operations.start(connection, Three, order_key="a")

    assert [each.is_new for each in made] == [True, True, False]
    assert made[2].id == made[0].id
    assert execute(database, "SELECT status, waiting_for FROM processes ORDER BY id") == [
        ("pending", None),
        ("waiting", "lane"),
        ("waiting", "lane"),
    ]
    assert work(database, Three).statuses == {"succeeded": 3}


def test_who_starts_behind_a_head_that_ended_meanwhile_waits_for_nobody(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("it has one writer")
    head = start(database, order_key="a")

    with callers(database, **fit(database)) as engine, engine.begin() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM processes")).scalar() == 1  # a snapshot would be now
        work(database, Three)
        assert status(database, head) == "succeeded"
        started = operations.start(connection, Three, order_key="a")

    assert row(database, started.id)["waiting_for"] is None
    assert work(database, Three).statuses == {"succeeded": 1}


def test_a_transaction_is_asked_once_and_one_of_ours_never(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if database.dialect == "sqlite":
        pytest.skip("nothing is asked of it")

    def counted(engine: sa.Engine) -> list[int]:
        asked = []
        dialect = engine.dialect
        really = dialect.get_isolation_level
        monkeypatch.setattr(dialect, "get_isolation_level", lambda driver: (asked.append(1), really(driver))[1])
        return asked

    with callers(database, **fit(database)) as engine:
        with engine.connect():
            pass  # SQLAlchemy itself asks at the first
        theirs, ours = counted(engine), counted(database.engine)
        for place in (engine, database.engine):
            with place.begin() as connection:
                made = [operations.start(connection, Three, order_key="a").id for _ in range(3)]
                operations.abandon(connection, made[0], ACT)

    assert (len(theirs), len(ours)) == (1, 0)


class Looking(Process):
    """Two steps that look at the transaction they are in, and one that does so by itself."""

    STEPS = {"look": Step("look", effect="transactional")}

    def look(self, run: StepRun) -> Done:
        return Done(run.connection.get_isolation_level())


@pytest.mark.parametrize("way", ["server", "url", "environment"])
def test_our_own_transactions_are_read_committed_whatever_others_say(
    database: Database, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    with told_otherwise(database, monkeypatch, way) as url:
        opened = connect(url)
        try:
            with Direct(opened, Plan(Registry([Looking]), settings(), classic())) as here:
                rest = here.run(Looking)
            with opened.begin() as connection:
                assert connection.get_isolation_level() == "READ COMMITTED"
                operations.start(connection, Three)
            with opened.connect() as connection, single(connection):
                ((level,),) = ask(connection, LEVEL[opened.dialect], {})
        finally:
            opened.close()

    assert rest.status == "succeeded"
    assert execute(database, "SELECT message FROM process_steps WHERE step = 'look'") == [("READ COMMITTED",)]
    assert level.replace("-", " ").upper() == "READ COMMITTED"


LEVEL = {
    "postgresql": sa.text("SELECT current_setting('transaction_isolation')"),
    "mariadb": sa.text("SELECT @@tx_isolation"),
}


@contextmanager
def told_otherwise(database: Database, monkeypatch: pytest.MonkeyPatch, way: str) -> Iterator[str]:
    """The URL of a database whose sessions are SERIALIZABLE unless they ask for something else."""
    url = database.whole_url()
    if database.dialect not in ("postgresql", "mariadb") or (way != "server" and database.dialect == "mariadb"):
        pytest.skip("there is no such way there")
    name = database.engine.url.database
    if database.dialect == "mariadb":
        execute(database, "SET GLOBAL TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        yield url
        execute(database, "SET GLOBAL TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    elif way == "server":
        execute(database, f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
        yield url
        execute(database, f"ALTER DATABASE {name} RESET default_transaction_isolation")
    elif way == "environment":
        monkeypatch.setenv("PGOPTIONS", "-c default_transaction_isolation=serializable")
        yield url
    else:
        yield f"{url}?options=-c%20default_transaction_isolation%3Dserializable"
