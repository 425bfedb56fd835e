"""What `doctor` says of a database's setup: decided from what the database said of itself."""

from datetime import timedelta

import pytest
from rig import execute, start

from process_manager.database import Database, clock_offset, open_transactions, schema_drift, server_settings
from process_manager.database.clock_offset import ClockOffset
from process_manager.database.open_transactions import Open
from process_manager.database.schema_drift import SchemaDrift
from process_manager.database.server_settings import ServerSettings
from process_manager.inspection import database_setup
from process_manager.store import indexes, tables

MS = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
COMMITTED = "read committed"
POSTGRESQL = ServerSettings(
    "PostgreSQL 18.1", "UTF8", COMMITTED, COMMITTED, "", {"fsync": "on", "synchronous_commit": "on"}, {}
)
MARIADB = ServerSettings(
    "MariaDB 11.8", "utf8mb4", COMMITTED, "repeatable read", "", {"innodb_flush_log_at_trx_commit": "1"},
    {"sql_mode": "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"},
)  # fmt: skip
MSSQL = ServerSettings(
    "SQL Server 16.0 (Developer Edition)", "Danish_Norwegian_CI_AS", COMMITTED, COMMITTED,
    "READ_COMMITTED_SNAPSHOT on, ALLOW_SNAPSHOT_ISOLATION OFF", {"delayed_durability": "DISABLED"},
    {"compatibility_level": "160"},
)  # fmt: skip
SQLITE = ServerSettings(
    "SQLite 3.50", "UTF-8", "serializable", "serializable", "", {"journal_mode": "wal", "synchronous": "full"},
    {"foreign_keys": "on"},
)  # fmt: skip
SOUND = {"postgresql": POSTGRESQL, "mariadb": MARIADB, "mssql": MSSQL, "sqlite": SQLITE}

# The database, what it says instead, what is looked at, how it stands, and a part of what is said.
WRONG: list[tuple[str, dict[str, object], str, str, str]] = [
    ("postgresql", {"encoding": "SQL_ASCII"}, "encoding", "problem", "move to a database that is UTF8"),
    ("mariadb", {"encoding": "latin1"}, "encoding", "problem", "move to a database that is utf8mb4"),
    ("mssql", {"isolation": "snapshot"}, "isolation", "problem", "READ_COMMITTED_SNAPSHOT on"),
    (
        "mssql",
        {"row_versions": "READ_COMMITTED_SNAPSHOT off, ALLOW_SNAPSHOT_ISOLATION ON"},
        "isolation",
        "warning",
        "ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON",
    ),
    ("postgresql", {"isolation": "serializable"}, "isolation", "warning", "made for READ COMMITTED"),
    ("postgresql", {"durability": {"fsync": "off"}}, "durability", "problem", "set fsync = on"),
    ("postgresql", {"durability": {"synchronous_commit": "off"}}, "durability", "problem", "synchronous_commit = on"),
    ("mariadb", {"durability": {"innodb_flush_log_at_trx_commit": "2"}}, "durability", "problem", "set it to 1"),
    ("mssql", {"durability": {"delayed_durability": "FORCED"}}, "durability", "problem", "DELAYED_DURABILITY"),
    ("sqlite", {"durability": {"journal_mode": "delete"}}, "durability", "problem", "not wal"),
    ("sqlite", {"durability": {"synchronous": "normal"}}, "durability", "problem", "synchronous is normal"),
    ("sqlite", {"rules": {"foreign_keys": "off"}}, "foreign keys", "problem", "knows foreign keys"),
    ("mariadb", {"rules": {"sql_mode": ""}}, "sql mode", "problem", "nothing. Values that do not fit are cut"),
    ("mssql", {"rules": {"compatibility_level": "120"}}, "compatibility level", "problem", "OPENJSON is missing"),
]


@pytest.mark.parametrize("dialect", SOUND)
def test_a_sound_database_is_well_in_everything(dialect: str) -> None:
    found = list(database_setup.condition(dialect, SOUND[dialect]))

    assert {each.result.value for each in found} == {"ok"}
    assert [each.what for each in found][:4] == ["version", "encoding", "isolation", "durability"]


@pytest.mark.parametrize("case", WRONG, ids=[f"{row[0]}-{row[2]}-{number}" for number, row in enumerate(WRONG)])
def test_what_is_set_up_wrong_is_named_with_a_hint(case: tuple[str, dict[str, object], str, str, str]) -> None:
    dialect, said, what, result, part = case

    found = list(database_setup.condition(dialect, SOUND[dialect]._replace(**said)))  # type: ignore[arg-type]

    assert [(each.what, each.result.value) for each in found if each.result.value != "ok"] == [(what, result)]
    assert part in next(each.message for each in found if each.what == what)


def test_row_versions_and_the_level_by_default_are_shown() -> None:
    messages = {each.what: each.message for each in database_setup.condition("mssql", MSSQL)}
    of_mariadb = {each.what: each.message for each in database_setup.condition("mariadb", MARIADB)}

    assert messages["isolation"] == "read committed, READ_COMMITTED_SNAPSHOT on, ALLOW_SNAPSHOT_ISOLATION OFF"
    assert of_mariadb["isolation"] == "read committed (repeatable read for sessions that ask for none)"


@pytest.mark.parametrize(
    ("ahead", "trip", "result"),
    [(SECOND, 2 * MS, "ok"), (1.1 * SECOND, 2 * MS, "warning"), (-1.1 * SECOND, 2 * MS, "warning"),
     (1.4 * SECOND, SECOND, "ok")],
)  # fmt: skip
def test_clocks_more_than_a_second_apart_are_worth_a_warning(ahead: timedelta, trip: timedelta, result: str) -> None:
    found = database_setup.clocks(ClockOffset(ahead, trip))

    assert (found.what, found.result.value) == ("clock", result)
    assert ("behind this host's" in found.message) is (ahead < timedelta())


def test_the_clock_of_sqlite_is_that_of_this_host(database: Database) -> None:
    with database.read() as connection:
        found = clock_offset.measure(connection)

    assert abs(found.ahead) < SECOND
    assert timedelta() <= found.round_trip < SECOND


def test_a_transaction_open_for_longer_than_a_lease_is_worth_a_warning() -> None:
    short = database_setup.transactions(Open(2, 3 * SECOND, 0), longest=90 * SECOND)
    long = database_setup.transactions(Open(2, 600 * SECOND, 4), longest=90 * SECOND)

    assert (short.result.value, short.message) == ("ok", "2 open beside this one, the oldest for 3s")
    assert long.result.value == "warning"
    assert (
        "; 1 session is hidden from" in database_setup.transactions(Open(2, 3 * SECOND, 1), longest=90 * SECOND).message
    )
    assert long.message.startswith("2 open beside this one, the oldest for 10m; 4 sessions are hidden")


@pytest.mark.parametrize(("dialect", "right"), [("mssql", "VIEW SERVER STATE"), ("mariadb", "PROCESS")])
def test_what_this_account_may_not_ask_is_told_with_the_right_to_grant(dialect: str, right: str) -> None:
    assert database_setup.secret(dialect).message.endswith(f"grant it {right}")


def test_a_write_lock_that_is_kept_is_seen_and_the_patience_given_back(database: Database) -> None:
    assert not open_transactions.is_writing(database)

    with database.begin():
        assert open_transactions.is_writing(database)

    assert database_setup.writing(True).result == "warning"
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 20_000


def test_the_database_as_it_was_made_has_no_drift(database: Database) -> None:
    assert indexes.metadata is tables.metadata
    with database.read() as connection:
        assert schema_drift.compare(connection, tables.metadata) == SchemaDrift((), ())


def test_drift_in_tables_columns_and_indexes_is_named(database: Database) -> None:
    for statement in (
        "DROP INDEX ix_processes_due",
        "DROP INDEX ix_processes_lease",
        "CREATE INDEX ix_processes_lease ON processes (worker)",
        "ALTER TABLE workers DROP COLUMN knows",
        "ALTER TABLE switches ADD COLUMN colour TEXT",
        "DROP TABLE evidence",
        "CREATE TABLE notes (id INTEGER)",
    ):
        execute(database, statement)

    with database.read() as connection:
        found = schema_drift.compare(connection, tables.metadata)

    assert found.missing == (
        "column workers.knows",
        "index ix_processes_due on processes (name, version, due_at, id)",
        "index ix_processes_lease on processes (lease_ends_at)",
        "table evidence",
    )
    assert found.unknown == (
        "column switches.colour",
        "index ix_processes_lease on processes (worker)",
        "table notes",
    )
    assert [each.result.value for each in database_setup.drift(found)] == ["problem", "warning"]


def test_a_file_that_is_not_whole_is_a_problem() -> None:
    assert database_setup.file([]).result == "ok"
    assert database_setup.file(["row 7 missing from index"]).result == "problem"


def test_a_row_that_may_not_be_is_found_by_the_quick_check(database: Database) -> None:
    start(database)
    with database.read() as connection:
        assert server_settings.quick_check(connection, most=5) == []

    with database.connect() as connection:
        connection.connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.connection.execute("UPDATE processes SET due_at = NULL")
        connection.connection.execute("PRAGMA ignore_check_constraints = OFF")

    with database.read() as connection:
        assert server_settings.quick_check(connection, most=5) == ["CHECK constraint failed in processes"]


@pytest.mark.parametrize(
    ("found", "said"),
    [("0003", "run `db upgrade`"), (None, "none, but this program works with 0004: run `db upgrade`"),
     ("0009", "install that version of the program")],
)  # fmt: skip
def test_another_schema_is_a_problem_with_a_hint(found: str | None, said: str) -> None:
    told = database_setup.version(found, "0004")

    assert told.result == "problem"
    assert said in told.message
