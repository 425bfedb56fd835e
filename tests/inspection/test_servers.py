"""What `doctor` asks, asked of real servers: their setup, clock, schema and sessions, each invariant on broken rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from rig import NOON

from benchmarks import servers
from process_manager import clock
from process_manager.database import (
    Database,
    clock_offset,
    connect,
    open_transactions,
    postgresql_schema,
    schema,
    schema_drift,
    server_settings,
)
from process_manager.gates.gate import Gates
from process_manager.inspection import Finding, Surroundings, database_setup, invariants, what_must_hold
from process_manager.inspection.findings import Result
from process_manager.store import event_tables, indexes, tables

LEASE = timedelta(seconds=90)
PENDING = {"status": "pending", "due_at": NOON}
ENDED = {"status": "skipped", "finished_at": NOON}
IN_LANE = {"status": "waiting", "waiting_for": "lane", "order_key": "k"}
RUNNING = {"status": "running", "worker": "w", "lease_ends_at": NOON + timedelta(days=9999), "step_started_at": NOON}
LANE_OF = {"order_key": "Ø"}


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[servers.Server]:
    missing = {"postgresql": servers.missing_postgresql, "mariadb": servers.missing_mariadb}[request.param]()
    if missing is not None:
        pytest.skip(missing)
    with {"postgresql": servers.postgresql, "mariadb": servers.mariadb}[request.param]() as running:
        yield running


@pytest.fixture(scope="module")
def laid_out(server: servers.Server) -> Iterator[Database]:
    """A database with the engine's tables as they are declared."""
    made = sa.create_engine(server.create("doctored"), isolation_level="READ COMMITTED", hide_parameters=True)
    indexes.metadata.create_all(made)
    yield Database(made, "a server")
    made.dispose()


@pytest.fixture
def served(laid_out: Database) -> Iterator[Database]:
    """The same, empty."""
    yield laid_out
    with laid_out.begin() as connection:
        for table in reversed(tables.metadata.sorted_tables):
            connection.execute(table.delete())


def process(process_id: int, **values: Any) -> sa.Insert:
    row = {
        "id": process_id, "name": "letter", "version": 1, "channel": "default", "step": "write", "parameters": "{}",
        "created_at": NOON, "created_by": "a", "updated_at": NOON, **values,
    }  # fmt: skip
    return sa.insert(tables.processes).values(row)


def step(process_id: int, seq: int) -> sa.Insert:
    row = {
        "process_id": process_id, "seq": seq, "round": 1, "step": "write", "attempt": 1, "outcome": "done",
        "message": "", "started_at": NOON, "finished_at": NOON, "worker": "w",
    }  # fmt: skip
    return sa.insert(tables.process_steps).values(row)


def key(process_id: int, scope: str = "while_open") -> sa.Insert:
    row = {"name": "letter", "key_hash": f"x{process_id}", "process_id": process_id, "scope": scope}
    return sa.insert(tables.dedup_keys).values(row)


def waits(process_id: int) -> list[sa.Insert]:
    event = {"key": "paid:7", "number": 0, "waking": 0}
    wait = {"process_id": process_id, "seq": 1, "key": "paid:7", "number": 0, "step_key": "write", "is_open": 1}
    return [sa.insert(event_tables.events).values(event), sa.insert(event_tables.event_waits).values(wait)]


SOUND = [
    process(1, **ENDED, seq=2), step(1, 1), step(1, 2), key(1, "for_ever"),
    process(2, **PENDING, dedup_hash="x2"), key(2),
    process(3, **RUNNING, order_key="k"), process(4, **IN_LANE),
    process(5, **PENDING, order_key="K"), process(6, status="failed"),
    process(7, status="waiting", waiting_for="event", command_key="tidy"), *waits(7),
]  # fmt: skip

# What is wrong, and what must be found. Rows that a check of the schema refuses cannot be made on a server.
CASES: dict[str, tuple[list[sa.Insert], str, tuple[int, ...]]] = {
    "a lost lease": ([process(9, **{**RUNNING, "lease_ends_at": NOON - timedelta(days=9999)})], "leases", (9,)),
    "a head that waits": ([process(9, **{**IN_LANE, "order_key": "Ø"})], "heads of lanes", (9,)),
    "a due one behind another": ([process(9, **PENDING, order_key="k")], "order in lanes", (9,)),
    "two that run": (
        [process(9, **RUNNING, **LANE_OF), process(10, **RUNNING, **LANE_OF)],
        "one at a time in lanes",
        (9,),
    ),
    "a key of an ended one": ([process(9, **ENDED), key(9)], "dedup keys freed", (9,)),
    "an open one without its key": ([process(9, **PENDING, dedup_hash="y")], "dedup keys held", (9,)),
    "a command open twice": ([process(9, **PENDING, command_key="tidy")], "commands", (7,)),
    "a history with a gap": ([process(9, **ENDED, seq=3), step(9, 1), step(9, 3)], "history without gaps", (9,)),
    "a history that stops": ([process(9, **ENDED, seq=3), step(9, 1)], "history complete", (9,)),
    "a history that goes on": ([process(9, **ENDED), step(9, 1)], "history complete", (9,)),
    "a process that waits unseen": (
        [process(9, status="waiting", waiting_for="lane")],
        "nothing waits unseen",
        (9,),
    ),
}


def lay(database: Database, rows: list[sa.Insert]) -> None:
    with database.begin() as connection:
        for row in rows:
            connection.execute(row)


def audited(database: Database) -> list[Finding]:
    values = invariants.values(NOON, lease=LEASE)
    return list(invariants.audit(database, values, names=invariants.names(quick=False)))


@pytest.mark.slow
def test_sound_rows_break_no_law(served: Database) -> None:
    lay(served, SOUND)

    assert [(each.what, each.result) for each in audited(served)] == [
        (invariant.what, "ok") for invariant in what_must_hold.INVARIANTS.values()
    ]


@pytest.mark.parametrize("name", CASES)
def test_what_may_never_be_is_found(served: Database, name: str) -> None:
    rows, what, ids = CASES[name]
    lay(served, [*SOUND, *rows])

    broken = {each.what: (each.count, each.ids) for each in audited(served) if each.result is Result.PROBLEM}

    assert broken[what] == (1, ids)
    assert set(broken) <= {what, "order in lanes"}


def test_the_server_says_how_it_is_set_up(served: Database) -> None:
    with served.read() as connection:
        found = {each.what: each for each in database_setup.condition(served.dialect, server_settings.ask(connection))}

    assert found["encoding"].result is Result.OK
    assert found["isolation"].result is Result.OK, found
    assert found["isolation"].message.startswith("read committed")
    assert found["durability"].result is Result.PROBLEM  # these servers are made for tests, and say so


def test_the_clock_of_a_server_on_this_host_is_right(served: Database) -> None:
    with served.read() as connection:
        found = clock_offset.measure(connection)

    assert abs(found.ahead) < timedelta(seconds=1)


def test_the_declared_tables_have_no_drift(served: Database) -> None:
    with served.read() as connection:
        assert schema_drift.compare(connection, tables.metadata) == schema_drift.SchemaDrift((), ())


def test_the_schema_of_the_tables_is_told_and_what_the_search_path_hides(served: Database) -> None:
    if served.dialect != "postgresql":
        pytest.skip("only PostgreSQL has a search path")
    names = list(tables.metadata.tables)

    def told(path: str, *laid: str) -> list[tuple[str, Result]]:
        with served.engine.connect() as connection:  # undone at the end
            for each in ("CREATE SCHEMA other", f"SET LOCAL search_path = {path}", *laid):
                connection.exec_driver_sql(each)
            found = database_setup.whereabouts(postgresql_schema.ask(connection, names))
            return [(each.message, each.result) for each in found if each.what == "search path"]

    another = ("CREATE TABLE other.alembic_version (id int)", "CREATE TABLE other.process_steps (id int)")
    assert told("public") == [("schema public (search_path = public)", Result.OK)]
    assert told("other") == []  # there are no tables, as the version says
    ((astray, astray_result),) = told("other, public")
    assert ("`db upgrade` would make new tables in other" in astray, astray_result) == (True, Result.WARNING)
    ((hidden, hidden_result),) = told("public", *another)
    assert ("those of schema other are not seen" in hidden, hidden_result) == (True, Result.WARNING)
    ((torn, torn_result),) = told("other, public", *another)
    assert ("in more than one schema other, public" in torn, torn_result) == (True, Result.PROBLEM)


def test_open_transactions_are_counted(served: Database) -> None:
    with served.engine.connect() as other:
        other.execute(process(1, **ENDED))
        with served.read() as connection:
            found = open_transactions.ask(connection)
        other.rollback()

    assert (found.number, found.hidden) == (1, 0)
    assert timedelta() <= found.oldest < timedelta(minutes=1)


def test_what_is_due_is_found(served: Database) -> None:
    lay(served, SOUND)
    with served.read() as connection:
        found = invariants.due(connection, Surroundings(max(clock.now(), NOON + LEASE), Gates(), {}, ()), lease=LEASE)

    assert (found.count, found.ids) == (2, (2,))


def test_an_answer_that_does_not_come_in_time_is_told_and_the_others_are_asked(served: Database) -> None:
    if served.dialect != "postgresql":
        pytest.skip("only PostgreSQL is asked to give up so soon")
    with served.engine.connect() as other:
        other.exec_driver_sql("LOCK TABLE process_steps")
        sa.event.listen(served.engine, "begin", hurry)
        try:
            found = {each.what: each.result.value for each in audited(served)}
        finally:
            sa.event.remove(served.engine, "begin", hurry)
            other.rollback()

    assert [what for what, result in found.items() if result == "warning"] == [
        "history without gaps", "history complete", "nothing orphaned",
    ]  # fmt: skip
    assert list(found.values()).count("ok") == len(found) - 3


def hurry(connection: sa.Connection) -> None:
    connection.exec_driver_sql("SET LOCAL lock_timeout = 100")


@pytest.mark.slow
def test_every_check_is_as_it_is_declared_once_the_migrations_made_it(
    laid_out: Database, server: servers.Server
) -> None:
    migrated = connect(server.create("migrated"))
    schema.upgrade(migrated, "head")

    def checks(database: Database) -> dict[tuple[str, str], str]:
        look = sa.inspect(database.engine)
        return {
            (table, str(each["name"])): " ".join(each["sqltext"].split())
            for table in tables.metadata.tables
            for each in look.get_check_constraints(table)
        }

    made, declared = checks(migrated), checks(laid_out)
    migrated.close()
    server.drop("migrated")
    assert made == declared
    assert len(made) == 18
