"""The schema's version: made on first use in SQLite, changed only by `db upgrade` and `db downgrade` anywhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from process_manager.database import Database, lock_timeouts, schema_lock
from process_manager.database.schema_lock import AT_LEISURE, Waiting
from process_manager.errors import DatabaseUnreachable, NoDatabaseYet, SchemaMismatch

VERSION: Final = "alembic_version"
FIRST_VERSION: Final = "0001"
FIRST: Final = frozenset({"installation", "lanes", "processes", "dedup_keys", "evidence", "process_steps", VERSION})
"""The tables of that version: what the first of all changes, broken off, may have left some of."""

SchemaChange = Callable[[sa.Connection, str | None], None]
"""What changes the schema from the version that was found."""


def current(connection: sa.Connection) -> str | None:
    """The version that the database carries; None when it has no table, or only what a first or last change left."""
    names = set(sa.inspect(connection).get_table_names())
    if names <= {VERSION}:
        return None
    if VERSION not in names:
        return "unknown"
    found = connection.execute(sa.text(f"SELECT version_num FROM {VERSION}")).scalar_one_or_none()  # noqa: S608 - ours
    if found is None:
        return None if names <= FIRST else "unknown"
    return str(found) if "processes" in names else "unknown"


def expect(database: Database, *, wanted: str) -> None:
    """Raise unless the database is there and has the wanted schema; nothing is made, not even an empty file."""
    require_file(database)
    with database.read() as connection:
        found = current(connection)
    if found != wanted:
        raise mismatch(database, found, wanted)


def require_file(database: Database) -> None:
    """Raise NoDatabaseYet when it is a file of SQLite that nobody has made yet: to connect would make it."""
    if database.dialect != "sqlite":
        return
    file = Path(str(database.engine.url.database))
    if not file.is_file() or not file.stat().st_size:
        cure = "The first process that is started makes it; or go to the folder where it lies, or name it in"
        raise NoDatabaseYet(
            url=database.url,
            problem=f"there is no database {file} yet",
            cure=f"{cure} PROCESS_MANAGER_DATABASE_URL.",
        )


def require(database: Database, *, wanted: str, tell: Callable[[str], None]) -> None:
    """Make sure that the database has the wanted schema: a new SQLite file gets it, any other is left as it is."""
    with database.read() as connection:
        found = current(connection)
    if found is None and database.dialect == "sqlite":
        _make(database, wanted, tell)
    elif found != wanted:
        raise mismatch(database, found, wanted)


def _make(database: Database, wanted: str, tell: Callable[[str], None]) -> None:
    from process_manager.database import migrate

    with database.begin() as connection:  # IMMEDIATE: of two that come first, one makes it and the other sees it
        if current(connection) is None:
            migrate.up(connection, None, wanted)
            tell(f"Made a new database: {Path(str(database.engine.url.database))}")


def mismatch(database: Database, found: str | None, wanted: str) -> Exception:
    """What to say of a schema that this code cannot work with."""
    if found == "unknown":
        return DatabaseUnreachable(
            url=database.url,
            problem="it holds tables of something else",
            cure="Name a file of its own, or a new one, in PROCESS_MANAGER_DATABASE_URL.",
        )
    if found is not None and found > wanted:
        cure = "It was made by a newer version: install that one, or name another database."
    else:
        cure = "Run `process-manager db upgrade`."
    return SchemaMismatch(url=database.url, found=found or "none", wanted=wanted, cure=cure)


def upgrade(database: Database, revision: str, waiting: Waiting = AT_LEISURE) -> str:
    """The version the schema has after its migrations up to `revision` ran; raises SchemaBusy, UsageError."""
    from process_manager.database import migrate

    def walk(connection: sa.Connection, found: str | None) -> None:
        if found is None and _is_half_gone(connection):
            raise DatabaseUnreachable(
                url=database.url,
                problem="a `db downgrade base` was broken off, which has deleted a part of what was there",
                cure="Run it again, or restore a backup.",
            )
        migrate.up(connection, found, revision)

    return _change(database, walk, waiting)


def downgrade(database: Database, revision: str, waiting: Waiting = AT_LEISURE) -> str:
    """The version the schema has after its migrations down to `revision` were taken back; raises as `upgrade`."""
    from process_manager.database import migrate

    return _change(database, lambda connection, found: migrate.down(connection, found, revision), waiting)


def taken_back(database: Database, revision: str) -> list[str]:
    """The versions that a downgrade to `revision` would take back now, the newest first."""
    from process_manager.database import migrate

    with database.read() as connection:
        found = _known(database, connection)
        if found is None and _is_half_gone(connection):
            return [FIRST_VERSION]
        return migrate.taken_back(found, revision)


def _is_half_gone(connection: sa.Connection) -> bool:
    """Whether a database without a version has processes: a last change was broken off after it had begun to delete."""
    from process_manager.database import online_ddl

    if connection.dialect.name not in online_ddl.IN_PARTS:
        return False
    found = sa.inspect(connection).has_table("processes")
    is_left = found and connection.execute(sa.text("SELECT id FROM processes LIMIT 1")).first() is not None
    connection.rollback()  # a walk begins its own transactions
    return is_left


def _change(database: Database, walk: SchemaChange, waiting: Waiting) -> str:
    tries = 1 if database.dialect == "sqlite" else lock_timeouts.TRIES
    try:
        with (
            database.connect() as connection,
            lock_timeouts.own_session(connection, url=database.url),
            schema_lock.turn(connection, url=database.url, waiting=waiting),
        ):
            return lock_timeouts.insist(lambda: _changed(database, connection, walk), tries=tries)
    finally:
        database.close()  # a connection that is in no hurry is of no use to anybody else


def _changed(database: Database, connection: sa.Connection, walk: SchemaChange) -> str:
    """The version after the walk, which goes on from whatever is there now."""
    from process_manager.database import online_ddl

    connection.rollback()  # what a try before this one has begun
    lock_timeouts.settle(connection)
    connection.commit()
    if database.dialect in online_ddl.IN_PARTS:
        with connection.begin():
            found = _known(database, connection)
        walk(connection, found)
        return current(connection) or "none"
    with connection.begin():
        walk(connection, _known(database, connection))
        return current(connection) or "none"


def _known(database: Database, connection: sa.Connection) -> str | None:
    """The version that is there; raises what `mismatch` says where this program has no migration that leads to it."""
    from process_manager.database import migrate

    found, newest = current(connection), migrate.newest()
    if found is not None and found > newest:
        raise mismatch(database, found, newest)
    return found


def statements(dialect: str, *, found: str, wanted: str) -> str:
    """The text that leads from one version to another, which a DBA can read and run; nothing is connected to."""
    from process_manager.database import schema_sql

    return schema_sql.statements(dialect, found=found, wanted=wanted)
