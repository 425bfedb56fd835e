"""The databases that the engine's tables may lie on, each with a real server behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from benchmarks import servers
from benchmarks.hosting import Server
from process_manager.database import Database, connect, schema
from process_manager.store import indexes as _indexes  # noqa: F401 - with them, all of the metadata is declared
from process_manager.store import tables
from process_manager.store.audit_chain import START, audit_head

with suppress(ImportError):  # before time is frozen: its C parts look at the real `date`
    import psycopg as _psycopg  # noqa: F401

SQL_SERVER = "PROCESS_MANAGER_TEST_MSSQL"
SERVERS = ["postgresql_18", "postgresql_16", "mariadb"]
BACKENDS = ["sqlite", *SERVERS, *(["mssql"] if os.environ.get(SQL_SERVER) else [])]
QUICK = ("sqlite", "postgresql_18", "mssql")
"""Where the quick tests run, one of each kind that pip can install; the other servers are asked with all the rest."""


def on_every(quick: Sequence[str] = QUICK, leaves: str = "") -> list[Any]:
    """Return each database that a test runs on, but for what it leaves out; those that are not quick are slow."""
    found = [each for each in BACKENDS if each != leaves]
    return [each if each in quick else pytest.param(each, marks=pytest.mark.slow) for each in found]


TEMPLATE = "laid_out"

UNCHECKED = (
    "SELECT set_config('session_replication_role', 'replica', true) FROM pg_roles"
    " WHERE rolname = current_user AND rolsuper"
)
"""Each row of 40,000 would be looked for in every table that could name it, in the dead rows of those just emptied."""
RESTARTED = "; ".join(
    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 1, false)" for name in ("processes", "ledger")
)


@contextmanager
def serving(backend: str) -> Iterator[Server]:
    """A server of this kind; skipped with what to install when there can be none."""
    kind, _, version = backend.partition("_")
    need(servers.missing_mariadb() if kind == "mariadb" else servers.missing_postgresql(int(version)))
    with servers.mariadb() if kind == "mariadb" else servers.postgresql(version=int(version)) as server:
        yield server


def need(missing: str | None) -> None:
    """Skip the test, with what to install, when something is missing; where everything is to be run, fail it."""
    if missing is not None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)


@contextmanager
def laid_out(url: str) -> Iterator[Database]:
    """The engine's tables in an empty database."""
    if url.startswith("postgresql"):
        _copy_template(url)
    made = connect(url)
    schema.upgrade(made, "head")
    yield made
    made.close()


def _copy_template(url: str) -> None:
    """Put a copy of a database with the tables in the place of this one: that is sooner made than the tables are."""
    there = sa.make_url(url)
    name = there.database
    server = sa.create_engine(there.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with server.connect() as connection:
        known = connection.execute(sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": TEMPLATE})
        if known.scalar() is None:
            connection.exec_driver_sql(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
            first = connect(there.set(database=TEMPLATE).render_as_string(hide_password=False))
            schema.upgrade(first, "head")
            first.close()
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')


@contextmanager
def overheard(database: Database) -> Iterator[list[str]]:
    """The statements that are sent."""
    said: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", listen)


def clean(database: Database) -> None:
    """Empty every table, and let ids and the audit chain begin anew."""
    names = [table.name for table in tables.metadata.sorted_tables if table.name not in ("installation", "audit_head")]
    with database.engine.begin() as connection:
        connection.execute(sa.update(audit_head).values(number=0, hash=START))
        if database.dialect == "postgresql":  # in one round trip; TRUNCATE would make each table's files anew
            emptied = "; ".join(f"DELETE FROM {name}" for name in reversed(names))  # noqa: S608 - our own tables
            connection.exec_driver_sql(f"{UNCHECKED}; {emptied}; {RESTARTED}")
            return
        for name in reversed(names):
            connection.execute(sa.text(f"DELETE FROM {name}"))  # noqa: S608 - our own tables
            _restart_ids(connection, name)


def _restart_ids(connection: Connection, name: str) -> None:
    if name not in ("processes", "ledger"):
        return
    if connection.dialect.name == "sqlite":
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
    elif connection.dialect.name == "mariadb":
        connection.execute(sa.text(f"ALTER TABLE {name} AUTO_INCREMENT = 1"))
    else:
        used = "IF EXISTS (SELECT 1 FROM sys.identity_columns WHERE object_id = OBJECT_ID(:name) AND last_value > 0)"
        connection.execute(sa.text(f"{used} DBCC CHECKIDENT (:name, RESEED, 0)"), {"name": name})
