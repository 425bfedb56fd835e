"""The schema's version: created on first use in SQLite, changed only by `db upgrade` and `db downgrade` elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from process_manager.database import Database, lock_timeouts, schema_lock
from process_manager.database.schema_lock import DEFAULT_WAITING, Waiting
from process_manager.errors import DatabaseUnreachable, NoDatabaseYet, SchemaMismatch

VERSION: Final = "alembic_version"
FIRST_VERSION: Final = "0001"
FIRST: Final = frozenset({"installation", "lanes", "processes", "dedup_keys", "evidence", "process_steps", VERSION})
"""The tables of the first version: an interrupted first migration may have left some of them."""

SchemaChange = Callable[[sa.Connection, str | None], None]
"""A function that changes the schema, given the version that was found."""


def current(connection: sa.Connection) -> str | None:
    """Return the version of the database; None when it has no tables, or only those of an interrupted change."""
    names = set(sa.inspect(connection).get_table_names())
    if names <= {VERSION}:
        return None
    if VERSION not in names:
        return "unknown"
    found = written(connection)
    if found is None:
        return None if names <= FIRST else "unknown"
    return str(found) if "processes" in names else "unknown"


def written(connection: sa.Connection) -> str | None:
    """Return the version that stands in the database, without a look at its tables; raise DBAPIError where none can."""
    return connection.execute(sa.text(f"SELECT version_num FROM {VERSION}")).scalar_one_or_none()  # noqa: S608 - ours


def expect(database: Database, *, wanted: str) -> None:
    """Raise unless the database exists and has the wanted schema; nothing is created, not even an empty file."""
    require_file(database)
    with database.read() as connection:
        found = current(connection)
    if found != wanted:
        raise mismatch(database, found, wanted)


def require_file(database: Database) -> None:
    """Raise NoDatabaseYet when the SQLite file does not exist yet: connecting would create it."""
    if database.dialect != "sqlite":
        return
    file = Path(str(database.engine.url.database))
    if not file.is_file() or not file.stat().st_size:
        hint = "The first process that is started creates it; or change to the folder where it is, or name it in"
        raise NoDatabaseYet(
            url=database.url,
            problem=f"there is no database {file} yet",
            hint=f"{hint} PROCESS_MANAGER_DATABASE_URL.",
        )


def require(database: Database, *, wanted: str, tell: Callable[[str], None]) -> None:
    """Make sure that the database has the wanted schema: it is created in a new SQLite file, and else checked."""
    with database.read() as connection:
        found = current(connection)
    if found is None and database.dialect == "sqlite":
        _make(database, wanted, tell)
    elif found != wanted:
        raise mismatch(database, found, wanted)


def _make(database: Database, wanted: str, tell: Callable[[str], None]) -> None:
    from process_manager.database import migrate

    with (
        database.begin() as connection
    ):  # IMMEDIATE: of two programs that come first, one creates it and the other sees it
        if current(connection) is None:
            migrate.up(connection, None, wanted)
            tell(f"Made a new database: {Path(str(database.engine.url.database))}")


def mismatch(database: Database, found: str | None, wanted: str) -> Exception:
    """Return the error for a schema that this code cannot work with."""
    if found == "unknown":
        return DatabaseUnreachable(
            url=database.url,
            problem="it holds tables of another program",
            hint="Name another file, or a new one, in PROCESS_MANAGER_DATABASE_URL.",
        )
    if found is not None and found > wanted:
        hint = "A newer version created it: install that version, or name another database."
    else:
        hint = "Run `process-manager db upgrade`."
    return SchemaMismatch(url=database.url, found=found or "none", wanted=wanted, hint=hint)


def upgrade(database: Database, revision: str, waiting: Waiting = DEFAULT_WAITING) -> str:
    """Run the migrations up to `revision`.

    Returns:
        The version that the schema has now.

    Raises:
        SchemaBusy: Another change of the schema did not end in time.
        UsageError: There is no such revision.
    """
    from process_manager.database import migrate

    def migration(connection: sa.Connection, found: str | None) -> None:
        if found is None and _is_half_deleted(connection):
            raise DatabaseUnreachable(
                url=database.url,
                problem="a `db downgrade base` was interrupted after it had deleted a part of the tables",
                hint="Run it again, or restore a backup.",
            )
        migrate.up(connection, found, revision)

    return _change(database, migration, waiting)


def downgrade(database: Database, revision: str, waiting: Waiting = DEFAULT_WAITING) -> str:
    """Revert the migrations down to `revision`.

    Returns:
        The version that the schema has now.

    Raises:
        SchemaBusy: Another change of the schema did not end in time.
        UsageError: There is no such revision.
    """
    from process_manager.database import migrate

    return _change(database, lambda connection, found: migrate.down(connection, found, revision), waiting)


def reverted(database: Database, revision: str) -> list[str]:
    """Return the versions that a downgrade to `revision` would revert now, the newest first."""
    from process_manager.database import migrate

    with database.read() as connection:
        found = _known(database, connection)
        if found is None and _is_half_deleted(connection):
            return [FIRST_VERSION]
        return migrate.reverted(found, revision)


def _is_half_deleted(connection: sa.Connection) -> bool:
    """Return whether a database without a version has processes: a downgrade was interrupted while it deleted them."""
    from process_manager.database import online_ddl

    if connection.dialect.name not in online_ddl.IN_PARTS:
        return False
    found = sa.inspect(connection).has_table("processes")
    is_left = found and connection.execute(sa.text("SELECT id FROM processes LIMIT 1")).first() is not None
    connection.rollback()  # a migration begins its own transactions
    return is_left


def _change(database: Database, migration: SchemaChange, waiting: Waiting) -> str:
    tries = 1 if database.dialect == "sqlite" else lock_timeouts.TRIES
    try:
        with (
            database.connect() as connection,
            lock_timeouts.direct_session(connection, url=database.url),
            schema_lock.hold(connection, url=database.url, waiting=waiting),
        ):
            return lock_timeouts.retry_while_locked(lambda: _migrate(database, connection, migration), tries=tries)
    finally:
        database.close()  # nobody else may use a connection without timeouts


def _migrate(database: Database, connection: sa.Connection, migration: SchemaChange) -> str:
    """Run the change from the version that is there now, and return the new version."""
    from process_manager.database import online_ddl

    connection.rollback()  # what an earlier try has begun
    lock_timeouts.set_session_timeouts(connection)
    connection.commit()
    if database.dialect in online_ddl.IN_PARTS:
        with connection.begin():
            found = _known(database, connection)
        migration(connection, found)
        return current(connection) or "none"
    with connection.begin():
        migration(connection, _known(database, connection))
        return current(connection) or "none"


def _known(database: Database, connection: sa.Connection) -> str | None:
    """Return the version that is there; raise `mismatch` when this program has no migration that leads to it."""
    from process_manager.database import migrate

    found, newest = current(connection), migrate.newest()
    if found is not None and found > newest:
        raise mismatch(database, found, newest)
    return found


def statements(dialect: str, *, found: str, wanted: str) -> str:
    """Return the SQL that leads from one version to another, for a DBA to read and run; nothing is connected to."""
    from process_manager.database import schema_sql

    return schema_sql.statements(dialect, found=found, wanted=wanted)
