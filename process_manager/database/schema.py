"""The schema's version: made on first use in SQLite, changed only by `db upgrade` anywhere else."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from process_manager.database import Database, unhurried
from process_manager.errors import DatabaseUnreachable, SchemaMismatch

if TYPE_CHECKING:
    from alembic.config import Config


def current(connection: sa.Connection) -> str | None:
    """The version that the database carries; None when it has no table, or only what a downgrade to nothing leaves."""
    names = sa.inspect(connection).get_table_names()
    if set(names) <= {"alembic_version"}:
        return None
    if "alembic_version" not in names or "processes" not in names:
        return "unknown"
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or "unknown"


def require(database: Database, *, wanted: str, tell: Callable[[str], None]) -> None:
    """Make sure that the database has the wanted schema: a new SQLite file gets it, any other is left as it is."""
    with database.read() as connection:
        found = current(connection)
    if found is None and database.dialect == "sqlite":
        _make(database, wanted, tell)
    elif found != wanted:
        raise mismatch(database, found, wanted)


def _make(database: Database, wanted: str, tell: Callable[[str], None]) -> None:
    with database.begin() as connection:  # IMMEDIATE: of two that come first, one makes it and the other sees it
        if current(connection) is None:
            _run(connection, lambda command, config: command.upgrade(config, wanted))
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


def upgrade(database: Database, revision: str) -> str:
    """The version the schema has after its migrations up to `revision` ran."""
    return _change(database, lambda command, config: command.upgrade(config, revision))


def downgrade(database: Database, revision: str) -> str:
    """The version the schema has after its migrations down to `revision` were taken back."""
    return _change(database, lambda command, config: command.downgrade(config, revision))


def _change(database: Database, act: Callable[..., None]) -> str:
    tries = 1 if database.dialect == "sqlite" else unhurried.TRIES
    try:
        return unhurried.insist(lambda: _changed(database, act), tries=tries)
    finally:
        database.close()  # a connection that is in no hurry is of no use to anybody else


def _changed(database: Database, act: Callable[..., None]) -> str:
    alone = database.dialect == "postgresql"  # each migration commits by itself, and may work while others write
    with database.connect() if alone else database.begin() as connection:
        unhurried.settle(connection)
        if current(connection) == "unknown":
            raise mismatch(database, "unknown", "")
        if alone:
            connection.commit()
        _run(connection, act, alone=alone)
        return current(connection) or "none"


def statements(dialect: str, revision: str) -> str:
    """The text of the migrations as SQL that a DBA can read and run; nothing is connected to."""
    from alembic import command

    config = _config()
    out = io.StringIO()
    config.output_buffer = out
    config.attributes["dialect"] = dialect
    command.upgrade(config, revision, sql=True)
    return out.getvalue()


def _run(connection: sa.Connection, act: Callable[..., None], *, alone: bool = False) -> None:
    from alembic import command

    config = _config()
    config.attributes["alone"] = alone
    config.attributes["connection"] = connection
    act(command, config)


def _config() -> Config:
    from alembic.config import Config

    config = Config(stdout=sys.stderr)
    config.set_main_option("script_location", str(_migrations()))
    config.set_main_option("path_separator", "os")
    return config


def _migrations() -> Path:
    package = Path(__file__).parents[1]
    travelled = package / "migrations"  # in the wheel; in a checkout they lie at the top
    return travelled if travelled.is_dir() else package.parent / "migrations"
